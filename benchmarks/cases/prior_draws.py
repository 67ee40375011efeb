"""Fresh draws of the distribution that weights were trained on, and independent pairs."""

from __future__ import annotations

__all__ = ["KEYS", "SEED", "draw_case", "draw_independent", "training_prior"]

import random

import torch
from harness.peers import Case

from skmist import WeightsError
from skmist.datasets import Independent, MetaDistribution
from skmist.weights import load_card

SEED = 20_261_120_000
INDEPENDENT_ROWS = 500
INDEPENDENT_SHAPES = ((1, 1), (2, 2), (5, 5), (10, 1), (20, 20))
KEYS = ["draw", "family", "n", "p", "q", "mi_true"]


def _streams(label: str, number: int) -> tuple[random.Random, torch.Generator]:
    """Return random streams of a draw; training seeds come from another label."""
    seed = random.Random(f"skmist benchmark {label} {SEED} {number}").getrandbits(62)
    return random.Random(seed), torch.Generator().manual_seed(seed)


def _case(x: torch.Tensor, y: torch.Tensor, x_discrete, y_discrete) -> Case:
    return Case(x.double().numpy(), y.double().numpy(), x_discrete, y_discrete)


def draw_case(prior: MetaDistribution, number: int) -> tuple[dict, Case]:
    """Draw the data set of a number: what names it in a table, and the sample."""
    rng, generator = _streams("coverage", number)
    n, p, q = prior.sample_shape(rng)
    # The prior makes a pair independent by taking y from its neighbor, so it needs two.
    batch = prior.draw(2, n, p, q, generator, rng=rng)
    values = (number, batch.family, n, p, q, float(batch.mi[0]))
    case = _case(batch.x[0], batch.y[0], batch.x_discrete, batch.y_discrete)
    return dict(zip(KEYS, values, strict=True)), case


def draw_independent(number: int) -> tuple[dict, Case]:
    """Draw an independent pair with 500 rows; the shapes take turns."""
    rng, generator = _streams("independence", number)
    p, q = INDEPENDENT_SHAPES[number % len(INDEPENDENT_SHAPES)]
    family = Independent.from_prior(1, p, q, generator, rng)
    x, y = family.draw(INDEPENDENT_ROWS, generator)
    values = (number, family.name, INDEPENDENT_ROWS, p, q, 0.0)
    case = _case(x[0], y[0], family.x_discrete, family.y_discrete)
    return dict(zip(KEYS, values, strict=True)), case


def training_prior(weights: str) -> MetaDistribution:
    """Return the distribution that weights were trained on, as their card has it.

    Where data sets of many rows came from a stream of their own, n goes up to their usual most.
    """
    try:
        config = load_card(weights)["config"]
    except WeightsError:
        # Then mist's rows are failures, and the peers are measured all the same.
        config = {"prior": {}}
    settings, large = dict(config["prior"]), config.get("large", {})
    if large.get("uses"):
        settings["n_range"] = [settings["n_range"][0], large["n_usual"][1]]
    return MetaDistribution(
        **{key: tuple(v) if isinstance(v, list) else v for key, v in settings.items()}
    )
