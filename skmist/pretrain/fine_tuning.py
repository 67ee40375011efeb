"""Fine-tuning: from shipped weights to a user's own kind of data, and no further."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from skmist._device import resolve_device
from skmist.datasets import Family, FamilyPrior, MetaDistribution, PriorMixture
from skmist.nn import NetConfig
from skmist.pretrain.batches import Prior
from skmist.pretrain.config import RunConfig, TrainingConfig
from skmist.pretrain.export import export_weights
from skmist.pretrain.measure import measure
from skmist.pretrain.trainer import Trainer
from skmist.pretrain.world import World
from skmist.weights import load_card, load_weights

__all__ = ["fine_tune"]

_PLAN = "plan.json"
_RATES = {"learning_rate": 1e-4, "final_learning_rate": 1e-6}
_TOKENS, _CELLS, _PAIRS = 2048, 30_000, 5_000_000
_LEAST_GENERAL = 0.5
_MOST_DRAWS = 60
# Shares of the time: each of four measurements, and finding out how long a step takes.
_MEASURING, _TIMING, _CHOOSING = 0.04, 0.08, 0.1
# How far to go from the old weights to the new ones, and what that may cost in general.
_WAYS, _MOST_WORSE = (1.0, 0.6, 0.3), 1.05
_TRAINING = 1.0 - 2.0 * _MEASURING - _CHOOSING
_TIMED_STEPS, _SPARE = 6, 0.9
_FEWEST_STEPS = 10


def fine_tune(
    weights: str | os.PathLike[str],
    prior: Prior | Family | type[Family] | Sequence[Family | type[Family]],
    *,
    folder: str | os.PathLike[str],
    max_minutes: float = 20.0,
    steps: int | None = None,
    general_share: float = 0.6,
    device: str = "auto",
    workers: int = 0,
    seed: int = 0,
) -> Path:
    """Train a net on with data of a kind of one's own, mixed with what it was trained on.

    A checkpoint is kept in the folder; called again with the same weights and families, an
    interrupted run goes on. The same data sets are asked about before and after.

    Parameters
    ----------
    weights : str or path-like
        Where to start: a shipped name or the path of a card.
    prior : FamilyPrior, MetaDistribution, PriorMixture, Family, or a sequence of families
        The data to adapt to. Families, objects or classes, are drawn as by `FamilyPrior`.
    folder : path-like
        Where weights and card are written, ``adapted.safetensors`` and ``adapted.json``, beside
        checkpoint, log and plan.
    max_minutes : float, default=20.0
        Most time that this call takes, measuring included.
    steps : int or None, default=None
        Steps of the training; as many as fit the time by default.
    general_share : float, default=0.6
        Share of the general prior, that of the weights' card, from 0.5 on: with less of it a net
        forgets what it knew.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.
    workers : int, default=0
        Processes that draw data; on a machine with two cores one of them helps.
    seed : int, default=0
        Of all data sets.

    Returns
    -------
    pathlib.Path
        Of the card, which ``MISTRegressor(weights=...)`` and ``mutual_info(..., weights=...)``
        take. ``card["results"]["fine_tuning"]`` has error, efficient error, coverage and width on
        fresh draws of the general prior and of the own one, before and after, and which part of
        the ``way`` to the new weights was gone: not all of it where the general prior would lose
        more than 5 %. ``card["adapted"]`` says from what and to what.

    Raises
    ------
    ValueError
        If `general_share` is below 0.5 or not below 1, `max_minutes` is not positive, or the
        folder holds a run from other weights or to other data.
    WeightsError
        If the weights are missing or altered.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian
    >>> from skmist.pretrain import fine_tune
    >>> card = fine_tune("mist-3", CorrelatedGaussian(0.5), folder="runs/own")  # doctest: +SKIP
    """
    _check(max_minutes, general_share)
    start = time.monotonic()
    seconds = 60.0 * max_minutes
    folder = Path(folder)
    card = load_card(weights)
    general = MetaDistribution(**card["config"]["prior"])
    own = _as_prior(prior)
    mixture = PriorMixture([general, own], [general_share, 1.0 - general_share])
    config = _config(card, weights, seed)
    with World(resolve_device(device)) as world:
        asked = {"from": card["sha256"], "to": own.describe(), "seed": seed}
        plan = _read_plan(folder, asked)
        if plan is None:
            net = load_weights(str(weights), str(world.device))
            before = _measured(net, config, (general, own), world, None, _MEASURING * seconds)
            fits = steps or _steps_in(config, mixture, world, workers, folder, start, seconds)
            plan = {**asked, "steps": fits, "before": before}
            _write_plan(folder, plan)
        config = _with_steps(config, plan["steps"])
        trainer = Trainer(config, folder, world, workers, mixture, quiet=True)
        trainer.resume()
        left = seconds * _TRAINING - (time.monotonic() - start)
        if trainer.step < plan["steps"]:
            trainer.run(max(left, 0.0))
        net = trainer.learners[config.name].average.eval()
        plan["way"] = _settle(net, str(weights), config, general, world, _CHOOSING * seconds)
        after = _measured(net, config, (general, own), world, plan["before"])
        return _export(trainer, folder, card, str(weights), general, plan, after)


def _check(max_minutes: float, general_share: float) -> None:
    if not max_minutes > 0.0:
        raise ValueError(f"max_minutes is {max_minutes!r}; pass a positive number of minutes")
    if not _LEAST_GENERAL <= general_share < 1.0:
        raise ValueError(
            f"general_share is {general_share!r}; it must be at least {_LEAST_GENERAL} and below "
            "1: with less of the general prior a net forgets what it knew"
        )


def _as_prior(prior: Any) -> Prior:
    if isinstance(prior, MetaDistribution | FamilyPrior | PriorMixture):
        return prior
    if isinstance(prior, Sequence):
        return FamilyPrior(list(prior))
    return FamilyPrior([prior])


def _config(card: dict[str, Any], weights: Any, seed: int) -> RunConfig:
    """The recipe of the weights, with gentle rates and small batches."""
    known = {field.name for field in dataclasses.fields(TrainingConfig)}
    held = {k: v for k, v in card["config"]["training"].items() if k in known}
    training = TrainingConfig(**{**held, "decay_steps": None, "seed": seed, **_RATES})
    training = dataclasses.replace(
        training,
        token_budget=min(training.token_budget, _TOKENS),
        cell_budget=min(training.cell_budget, _CELLS),
        pair_budget=min(training.pair_budget, _PAIRS),
    )
    return RunConfig(
        name="adapted",
        net=NetConfig(**card["net"]),
        training=training,
        prior=card["config"]["prior"],
        categories=tuple(card["trained"]["categories"]),
        initial=str(weights),
    )


def _with_steps(config: RunConfig, steps: int) -> RunConfig:
    training = dataclasses.replace(
        config.training,
        steps=steps,
        warmup_steps=max(1, steps // 20),
        # the average of the last tenth
        average=min(0.998, max(0.5, 1.0 - 10.0 / steps)),
    )
    return dataclasses.replace(config, training=training)


def _steps_in(
    config: RunConfig,
    prior: PriorMixture,
    world: World,
    workers: int,
    folder: Path,
    start: float,
    seconds: float,
) -> int:
    """How many steps fit what is left of the time, by a few that are thrown away."""
    trial = Trainer(_with_steps(config, _TIMED_STEPS), folder / "trial", world, workers, prior)
    # of a run that is not kept: no checkpoint, no log
    trial.save = lambda: None  # type: ignore[method-assign]
    trial.run(_TIMING * seconds)
    left = seconds * _TRAINING - (time.monotonic() - start)
    return max(_FEWEST_STEPS, int(_SPARE * left / (trial.seconds / trial.step)))


def _settle(
    net: Any, weights: str, config: RunConfig, general: Prior, world: World, max_seconds: float
) -> float:
    """Go back a part of the way to the old weights, as far as the general prior asks for [1]_.

    Data sets of their own decide it; the net is changed in place.

    References
    ----------
    .. [1] M. Wortsman et al. (2022), "Robust fine-tuning of zero-shot models", CVPR.
    """
    old = load_weights(weights, str(world.device))
    new = {name: value.clone() for name, value in net.state_dict().items()}
    each, errors = max_seconds / (len(_WAYS) + 1), {}
    start = measure(old, config, general, _MOST_DRAWS, world.device, seed=1, max_seconds=each)
    for way in _WAYS:
        _move(net, old.state_dict(), new, way)
        now = measure(net, config, general, start.draws, world.device, seed=1)
        errors[way] = now.relative
        if now.relative <= _MOST_WORSE * start.relative:
            return way
    way = min(errors, key=errors.__getitem__)
    _move(net, old.state_dict(), new, way)
    return way


def _move(net: Any, old: Any, new: Any, way: float) -> None:
    """Set the weights to those between old and new ones."""
    net.load_state_dict({name: value + way * (new[name] - value) for name, value in old.items()})


def _measured(
    net: Any,
    config: RunConfig,
    priors: tuple[Prior, Prior],
    world: World,
    before: dict[str, Any] | None,
    max_seconds: float = float("inf"),
) -> dict[str, Any]:
    """Figures on the general prior and the own one; of as many draws as before."""
    found = {}
    for name, prior in zip(("general", "own"), priors, strict=True):
        draws = _MOST_DRAWS if before is None else before[name]["draws"]
        found[name] = measure(
            net, config, prior, draws, world.device, max_seconds=max_seconds
        )._asdict()
    return found


def _read_plan(folder: Path, asked: dict[str, Any]) -> dict[str, Any] | None:
    path = folder / _PLAN
    if not path.exists():
        return None
    plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    other = [k for k, v in asked.items() if json.loads(json.dumps(v)) != plan[k]]
    if other:
        raise ValueError(
            f"{folder} holds a fine-tuning with another {', '.join(map(repr, other))}; pass "
            "another folder, or remove it to start anew"
        )
    return plan


def _write_plan(folder: Path, plan: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _PLAN).write_text(json.dumps(plan, indent=1), encoding="utf-8")


def _export(
    trainer: Trainer,
    folder: Path,
    card: dict[str, Any],
    weights: str,
    general: MetaDistribution,
    plan: dict[str, Any],
    after: dict[str, Any],
) -> Path:
    """Write weights and card: of the run, of what it started from, of what came out."""
    trained, own = card["trained"], trainer.prior.n_range
    n = [min(own[0], trained["n"][0]), max(own[1], trained["n"][1])]
    more = {
        "trained": {**trained, "n": n},
        "config": trainer.config.to_dict() | {"prior": general.describe()},
        "adapted": {"from": weights, "sha256": card["sha256"], "to": trainer.prior.describe()},
        "results": {"fine_tuning": {"before": plan["before"], "after": after, "way": plan["way"]}},
    }
    return export_weights(trainer, folder, more=more)
