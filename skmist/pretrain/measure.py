"""How far a net is off on fresh draws of a prior, and how often its intervals hold."""

from __future__ import annotations

import math
import random
import time
from typing import NamedTuple

import torch

from skmist.nn import QUANTILE_LEVELS, MISTNet, expand
from skmist.pretrain.batches import Prior, draw_batch
from skmist.pretrain.config import RunConfig

__all__ = ["Measured", "measure"]

_LOW, _MEDIAN, _HIGH = (QUANTILE_LEVELS.index(level) for level in (0.05, 0.5, 0.95))
# Quantiles of a positive quantity never reach 0.
_SLACK = 0.001
_SOFTENED = 0.1
_MOST_FAMILIES = 8


class Measured(NamedTuple):
    """Figures over data sets, nats.

    Parameters
    ----------
    draws, data_sets : int
        How many families were drawn, and data sets of them.
    error, relative : float
        Mean absolute error of the median; of the same in units of 0.1 nats + MI.
    efficient : float
        What an unbiased estimate that knows the law is off by: the mean of
        ``sqrt(2 / pi) std(pointwise MI) / sqrt(n)``.
    coverage, width : float
        Share of the 90 % intervals that hold the truth, and their mean width.
    families : dict of str to dict of str to float
        Error and coverage of each kind of data set, where there are at most eight.
    """

    draws: int
    data_sets: int
    error: float
    relative: float
    efficient: float
    coverage: float
    width: float
    families: dict[str, dict[str, float]]


@torch.no_grad()
def measure(
    net: MISTNet,
    config: RunConfig,
    prior: Prior,
    draws: int,
    device: torch.device,
    *,
    seed: int = 0,
    max_seconds: float = math.inf,
) -> Measured:
    """Ask a net about fresh draws, which the seed determines.

    Parameters
    ----------
    net : MISTNet
    config : RunConfig
        Budgets of a batch, and how many rows attend.
    prior : MetaDistribution, FamilyPrior or PriorMixture
    draws : int
        Families to draw, each with as many data sets as the budgets allow.
    device : torch.device
    seed : int, default=0
    max_seconds : float, default=inf
        After so long no further family is drawn, though one is at least.
    """
    start, rows, labels = time.monotonic(), [], []
    for number in range(draws):
        rng = random.Random(f"skmist measure {seed} {number}")
        generator = torch.Generator(device).manual_seed(rng.getrandbits(62))
        batch = draw_batch(config, prior, generator, rng)
        nats = expand(net(batch.statistics, None)[0].float())
        efficient = batch.pointwise.std(1) * math.sqrt(2.0 / math.pi / batch.n)
        low, median, high = (nats[:, k] for k in (_LOW, _MEDIAN, _HIGH))
        error = (median - batch.mi).abs()
        inside = (low - _SLACK <= batch.mi) & (batch.mi <= high + _SLACK)
        # each family counts once, however many data sets of it fit
        each = (error, error / (_SOFTENED + batch.mi), efficient, inside.float(), high - low)
        rows.append([len(batch.mi), *(float(value.mean()) for value in each)])
        labels.append(batch.family)
        if time.monotonic() - start > max_seconds:
            break
    means = torch.tensor(rows, dtype=torch.float64)
    averages = [round(value, 5) for value in means[:, 1:].mean(0).tolist()]
    error, relative, efficient, coverage, width = averages
    count, found = int(means[:, 0].sum()), _families(labels, rows)
    return Measured(len(rows), count, error, relative, efficient, coverage, width, found)


def _families(labels: list[str], rows: list[list[float]]) -> dict[str, dict[str, float]]:
    names = sorted(set(labels))
    if len(names) > _MOST_FAMILIES:
        return {}
    found = {}
    for name in names:
        own = [row for row, label in zip(rows, labels, strict=True) if label == name]
        error, coverage = (sum(row[k] for row in own) / len(own) for k in (1, 4))
        found[name] = {"error": round(error, 5), "coverage": round(coverage, 5)}
    return found
