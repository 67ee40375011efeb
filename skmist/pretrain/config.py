"""Configuration of a pretraining run, read from one TOML file."""

from __future__ import annotations

import dataclasses
import math
import random
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skmist.nn import NetConfig

__all__ = ["LargeSamplesConfig", "RunConfig", "TrainingConfig", "load_config"]


@dataclass(frozen=True)
class TrainingConfig:
    """How a net is trained.

    Parameters
    ----------
    steps : int
        Optimizer steps.
    micro_batches : int
        Batches of one shape and one family each, per step.
    learning_rate, final_learning_rate, warmup_steps : float, float, int
        A linear warm-up to the first, and a decay along a cosine to the second.
    decay_steps : int, optional
        How many steps the decay takes, the last ones: before, the rate stands still, and a run
        can be made longer. By default, all steps after the warm-up.
    weight_decay, gradient_clip : float
        Of AdamW; and the limit on the gradient's norm.
    average : float
        Decay of the weight average that is exported.
    pair_budget, token_budget, cell_budget : int
        Limits on a micro-batch: pairs of rows, rows, and cells.
    max_batch : int
        Limit on the number of data sets in a micro-batch.
    n_masked : int
        Rows per data set whose y (or X) is hidden.
    pointwise_weight, masked_weight : float
        Of the row losses beside the quantile loss.
    precision : {"bfloat16", "float32"}
        Of the attention blocks. The shorter one is taken where it is the faster: on GPUs, and on
        CPUs with instructions for it.
    seed : int
        Everything random derives from it and from the step number.
    """

    steps: int
    micro_batches: int = 2
    learning_rate: float = 1e-3
    final_learning_rate: float = 1e-5
    warmup_steps: int = 200
    decay_steps: int | None = None
    weight_decay: float = 0.01
    gradient_clip: float = 1.0
    average: float = 0.998
    pair_budget: int = 4_000_000
    token_budget: int = 4096
    cell_budget: int = 60_000
    max_batch: int = 128
    n_masked: int = 8
    pointwise_weight: float = 0.5
    masked_weight: float = 0.25
    precision: str = "bfloat16"
    seed: int = 0


@dataclass(frozen=True)
class LargeSamplesConfig:
    """Data sets of many rows, which each step learns from beside its fresh batches.

    Parameters
    ----------
    uses : int
        How many a step sees: a new one and ``uses - 1`` of earlier steps. Each is thus seen
        about `uses` times; 0 for none at all.
    n_usual, n_far : tuple of int
        Ranges of the number of rows, log-uniform.
    far_share : float
        Probability of the second range.
    weight : float
        Of their mean loss, beside that of the fresh batches.
    rows_kept : int
        Rows of each of which the net's part is drawn every time that it is seen.
    lag, window : int
        Least and greatest number of steps between two sights of a data set.
    """

    uses: int = 0
    n_usual: tuple[int, int] = (2000, 10_000)
    n_far: tuple[int, int] = (10_000, 40_000)
    far_share: float = 0.08
    weight: float = 1.0
    rows_kept: int = 384
    lag: int = 100
    window: int = 1500

    def draw_n(self, rng: random.Random) -> int:
        """Draw a number of rows."""
        low, high = self.n_far if rng.random() < self.far_share else self.n_usual
        return round(math.exp(rng.uniform(math.log(low), math.log(high))))


@dataclass(frozen=True)
class RunConfig:
    """A whole run.

    Parameters
    ----------
    name : str
        Name of the weights.
    net : NetConfig
    training : TrainingConfig
    prior : dict
        Settings of :class:`skmist.datasets.MetaDistribution`. A recipe that is to last has them
        all, the weights of the families first, since a default may change.
    categories : tuple of int
        Fewest and most categories of a column that the families of the prior draw, for the card.
    large : LargeSamplesConfig
        Data sets of many rows beside the prior's; none by default.
    companions : dict of str to NetConfig
        Smaller nets trained on the very same batches, for ablation.
    initial : str
        Shipped weights, or the path of a card, that the net starts from; random when empty.
    """

    name: str
    net: NetConfig
    training: TrainingConfig
    prior: dict[str, Any] = field(default_factory=dict)
    categories: tuple[int, int] = (2, 30)
    large: LargeSamplesConfig = LargeSamplesConfig()
    companions: dict[str, NetConfig] = field(default_factory=dict)
    initial: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The configuration as nested plain dictionaries."""
        return dataclasses.asdict(self)


def load_config(path: str | Path) -> RunConfig:
    """Read a run's TOML file.

    Raises
    ------
    ValueError
        If a table holds a key that is not a setting.
    """
    with open(path, "rb") as file:
        raw = tomllib.load(file)
    try:
        return RunConfig(
            name=raw["name"],
            net=NetConfig(**raw.get("net", {})),
            training=TrainingConfig(**raw["training"]),
            prior=raw.get("prior", {}),
            categories=tuple(raw.get("categories", RunConfig.categories)),
            large=LargeSamplesConfig(**raw.get("large", {})),
            companions={k: NetConfig(**v) for k, v in raw.get("companions", {}).items()},
            initial=raw.get("initial", ""),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: {error}; the settings are those of RunConfig") from error
