"""The nets of the ablation: what each reads, on what data and by which loss it learns."""

from __future__ import annotations

__all__ = [
    "VARIANTS",
    "Reading",
    "Variant",
    "on_log_scale",
    "untouched",
    "without_views",
]

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from skmist.nn.mist.evidence import LEARNED_VIEWS, N_MORE_VIEWS, N_PROGRESS
from skmist.nn.mist.net import input_sizes
from skmist.nn.mist.statistics import MaskedRows, Rows, SetStatistics, Statistics
from skmist.nn.mist.views import N_PAIRS, VIEW_NAMES
from skmist.pretrain.config import RunConfig
from skmist.weights import load_card

_BEFORE = Path(__file__).parents[1] / "checkpoints" / "mist-2.json"
Seen = tuple[Statistics, MaskedRows | None]


# How the recipe of mist-2 weighed the row losses beside a quantile loss of the same scale.
_ROWS_ON_LOG_SCALE = {"pointwise_weight": 0.3, "masked_weight": 0.1}
_NO_ROWS = {"pointwise_weight": 0.0, "masked_weight": 0.0}

_PLAIN = input_sizes(False)
_SET_KS, _ROW_KS, _SMOOTHED_VIEWS = 4, 2, 3
# The local estimate with k = 3 in all columns, among the candidates of samples and those of rows.
_REFERENCE = len(VIEW_NAMES)
_ALL, _BEST_AND_SUM = range(N_MORE_VIEWS), range(len(LEARNED_VIEWS), N_MORE_VIEWS)


def untouched(statistics: Statistics, masked: MaskedRows | None = None) -> Seen:
    """Return the statistics as they are."""
    return statistics, masked


def on_log_scale(statistics: Statistics, masked: MaskedRows | None = None) -> Seen:
    """Let loss and quantiles count in ``log(1 + I / 0.1)``: a unit of 1 is none."""
    sample = statistics.sample
    return statistics._replace(sample=sample._replace(unit=torch.ones_like(sample.unit))), masked


def without_views(
    views: Sequence[int], statistics: Statistics, masked: MaskedRows | None = None
) -> Seen:
    """Blot out some of the views that an extended net has beside the classical ones.

    Of what is computed from all views together, the unit of error alone stays.

    Parameters
    ----------
    views : sequence of int
        Numbers among the two learned views, the best view and the sum of pairs.
    statistics : Statistics
    masked : MaskedRows or None
    """
    hidden = Statistics(_sample(statistics.sample, views), _rows(statistics.rows, views))
    return hidden, None if masked is None else _masked(masked, views)


def _of(start: int, groups: int, views: Sequence[int]) -> list[int]:
    """Columns of the views in groups that follow one another, each with a column of every view."""
    return [start + N_MORE_VIEWS * k + view for k in range(groups) for view in views]


def _blank(values: Tensor, columns: Sequence[int]) -> Tensor:
    blank = values.clone()
    blank[..., list(columns)] = 0
    return blank


def _copied(candidates: Tensor, columns: Sequence[int]) -> Tensor:
    """Candidates of which some say what another does: a zero would be a candidate, too."""
    copied = candidates.clone()
    copied[..., list(columns)] = candidates[..., [_REFERENCE]]
    return copied


def _sample(sample: SetStatistics, views: Sequence[int]) -> SetStatistics:
    spreads = _PLAIN.set_shared + 1 + len(VIEW_NAMES)
    said = spreads + N_MORE_VIEWS
    distances = said + _SET_KS * N_MORE_VIEWS + _PLAIN.set_candidates
    end = distances + _SET_KS * N_MORE_VIEWS
    # Whether anything is learned, and how far.
    whether = list(range(end, end + 1 + N_PROGRESS)) if _learned(views) else []
    columns = _of(spreads, 1, views) + _of(said, _SET_KS, views) + _of(distances, _SET_KS, views)
    return sample._replace(
        shared=_blank(sample.shared, columns + whether),
        candidates=_copied(sample.candidates, _of(_PLAIN.set_candidates, _SET_KS, views)),
        row_means=_copied(sample.row_means, _of(_PLAIN.row_candidates, _ROW_KS, views)),
    )


def _learned(views: Sequence[int]) -> bool:
    return set(views) >= set(range(len(LEARNED_VIEWS)))


def _rows(rows: Rows, views: Sequence[int]) -> Rows:
    roles = _of(_PLAIN.row_role, _ROW_KS, views)
    return rows._replace(
        shared=_blank(rows.shared, _of(_PLAIN.row_shared, 2 * _ROW_KS, views)),
        roles=(_blank(rows.roles[0], roles), _blank(rows.roles[1], roles)),
        candidates=_copied(rows.candidates, _of(_PLAIN.row_candidates, _ROW_KS, views)),
    )


def _masked(masked: MaskedRows, views: Sequence[int]) -> MaskedRows:
    """Of masked rows also what is averaged over neighbors in the learned view."""
    smoothed = _SMOOTHED_VIEWS * _ROW_KS * N_MORE_VIEWS
    last = smoothed + _PLAIN.row_candidates
    columns = _of(0, _SMOOTHED_VIEWS * _ROW_KS, views) + _of(last, _ROW_KS, views)
    end = last + _ROW_KS * N_MORE_VIEWS
    pairs = []
    if _learned(views):
        columns += range(smoothed, last)
        pairs = list(range(end, end + 2 * N_PAIRS))
    return masked._replace(
        features=_blank(masked.features, [_PLAIN.masked + c for c in columns + pairs]),
        candidates=_copied(masked.candidates, [_PLAIN.masked_candidates + c for c in columns]),
    )


class Reading(NamedTuple):
    """What data a net is given and in which form: nets of one reading share their batches."""

    mist_2_prior: bool
    extended: bool

    def config(self, config: RunConfig) -> RunConfig:
        """Return the run that draws them."""
        prior = config.prior
        if self.mist_2_prior:
            former = load_card(_BEFORE)["config"]["prior"]
            prior = {**prior, **{part: former[part] for part in ("narrow", "wide")}}
        return replace(config, net=replace(config.net, extended=self.extended), prior=prior)


@dataclass(frozen=True)
class Variant:
    """One net of the ablation.

    Parameters
    ----------
    about : str
        What is different, for the table.
    net, training : dict
        Settings of the net and of its training that are not those of the recipe.
    sees : callable
        What of the statistics of samples and of masked rows net and loss are shown.
    mist_2_prior : bool
        Whether the families of the prior have the weights that the recipe of mist-2 gave them.
    """

    about: str
    net: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    sees: Callable[..., Seen] = untouched
    mist_2_prior: bool = False

    @property
    def reading(self) -> Reading:
        """What its batches depend on."""
        return Reading(self.mist_2_prior, self.net.get("extended", True))


VARIANTS = {
    "full": Variant("net, prior and loss of mist-3"),
    "no learned views": Variant(
        "without the learned views, the best view and the sum of pairs",
        sees=partial(without_views, _ALL),
    ),
    "no best view or sum": Variant(
        "without the best view and the sum of pairs", sees=partial(without_views, _BEST_AND_SUM)
    ),
    "plain loss": Variant(
        "loss and quantiles on the scale log(1 + I / 0.1), not in units of the error that the "
        "rows allow",
        training=_ROWS_ON_LOG_SCALE,
        sees=on_log_scale,
    ),
    "mist-2's design": Variant(
        "net and loss of mist-2: no views beside the classical ones, its head, ordered columns "
        "as categories",
        net={"extended": False},
        training=_ROWS_ON_LOG_SCALE,
    ),
    "mist-2's prior": Variant("families weighed as for mist-2", mist_2_prior=True),
    "statistics only": Variant("no rows: depth 0", net={"depth": 0}),
    "no row losses": Variant("no pointwise head", training=_NO_ROWS),
}
"""By name. But for those of another prior, all see the same data sets in the same order."""
