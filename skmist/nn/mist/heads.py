"""The heads of a net: which answers for a sample, and how far those of learned views may go.

By data processing a view loses information and adds none, and the learned views are shown by
models that have not seen the rows. So whatever says less than they do, has lost something; and
what they hide is a matter of their errors, which more rows mend.
"""

from __future__ import annotations

import torch
from torch import Tensor

from skmist.nn.mist.compression import compress, expand
from skmist.nn.mist.evidence import LEARNED_VIEWS, N_MORE_VIEWS, in_nats
from skmist.nn.mist.learned import LearnedPairs
from skmist.nn.mist.tables import Table, readable

__all__ = [
    "COMPRESSED",
    "COUNTED",
    "PAIRED",
    "PLAIN",
    "head_for",
    "held_back",
    "less_lossy",
    "no_more_than_counts",
    "no_surer_than_counts",
]

PLAIN = 0
"""Of other samples of which nothing is learned: the head of all nets."""

COMPRESSED = 1
"""Of one compressed side, and of two that are shown by different models."""

PAIRED = 2
"""Of two sides that are shown by the same models."""

COUNTED = 3
"""Of tables of categories."""

_MOST_ADDED = {COMPRESSED: 1.5, PAIRED: 5.0, COUNTED: 0.5}
# That of some 1,000 rows.
_FULL_WEIGHT_UNIT = 0.05
_MODERATE, _STRONG = 2.5, 4.0
_MOST_LOSS = 9.0
# Share of what is taken off the counts of a table that may be wrong; no more than such a share of
# the information, to which so many nats are added.
_DOUBT, _MOST_DOUBT, _LEAST_TOLD = 0.5, 0.5, 0.2
# Numbers of neighbors, the first of which is 1: too noisy to be a bound.
_N_KS = 4


def head_for(learned: LearnedPairs | None, table: Table | None) -> int:
    """Which head answers, by what is learned of a sample and whether it is a table."""
    if table is not None:
        return COUNTED
    if learned is None:
        return PLAIN
    return PAIRED if learned.paired else COMPRESSED


def less_lossy(logits: Tensor, candidates: Tensor, unit: Tensor, n_own: int) -> Tensor:
    """Logits (B, C) of estimates in nats, lower where one says less than the learned views do.

    An estimate that lies g units below loses (g - 1)^2 / 2, as its likelihood would. Of each
    learned view the least of what it says with 3 to 10 neighbors counts.

    Parameters
    ----------
    logits, candidates : Tensor of shape (B, C)
    unit : Tensor of shape (B, 1)
        Of the error, on the compressed scale.
    n_own : int
        Number of the net's own estimates, which come last.
    """
    below = _least_learned(candidates, n_own) - candidates.clamp_min(0.0)
    lost = (below / in_nats(unit, candidates) - 1.0).clamp(0.0, _MOST_LOSS)
    return logits - 0.5 * lost**2


def _least_learned(candidates: Tensor, n_own: int) -> Tensor:
    """What the learned views say (B, 1), nats, of each the least with 3 to 10 neighbors."""
    size = _N_KS * N_MORE_VIEWS
    more = candidates[:, candidates.shape[1] - size - n_own :][:, :size].clamp_min(0.0)
    more = more.unflatten(1, (_N_KS, N_MORE_VIEWS))
    return more[:, 1:, : len(LEARNED_VIEWS)].amin(1).amax(1, keepdim=True)


def no_more_than_counts(logits: Tensor, candidates: Tensor, unit: Tensor, table: Table) -> Tensor:
    """Logits (B, C) of estimates in nats, lower where one says more than the counts of a table.

    Those are right where there are rows enough, and too high if anything. An estimate that lies
    g units above them loses (g - 1)^2 / 2, and less the more rows are alone.

    Parameters
    ----------
    logits, candidates : Tensor of shape (B, C)
    unit : Tensor of shape (B, 1)
        Of the error, on the compressed scale.
    table : Table
    """
    above = (candidates - candidates[:, :1]) / in_nats(unit, candidates)
    lost = 0.5 * (above - 1.0).clamp(0.0, _MOST_LOSS) ** 2
    return logits - lost * (2.0 * readable(table)[:, None] - 1.0).clamp_min(0.0)


def no_surer_than_counts(
    quantiles: Tensor, normal: Tensor, candidates: Tensor, unit: Tensor, n_own: int, table: Table
) -> Tensor:
    """Compressed quantiles (B, L), no nearer to the median than those of a normal error.

    A part of what was taken off the counts is its size, and half of what they say beyond the
    median. No quantile is lowered below what the learned views say, less two units.

    Parameters
    ----------
    quantiles : Tensor of shape (B, L)
    normal : Tensor of shape (L,)
        Quantiles of the normal law; the median is in the middle.
    candidates : Tensor of shape (B, C)
    unit : Tensor of shape (B, 1)
    n_own : int
    table : Table
    """
    median = expand(quantiles[:, [len(normal) // 2]])
    most = _MOST_DOUBT * (median + _LEAST_TOLD)
    error = torch.minimum(_DOUBT * table.excess.abs()[:, None], most)
    missed = (candidates[:, :1] - median).clamp_min(0.0) * readable(table)[:, None]
    apart = median + normal * torch.hypot(error, 0.5 * missed)
    least = _least_learned(candidates, n_own) - 2.0 * in_nats(unit, candidates)
    low = compress(torch.maximum(apart, torch.minimum(least, median)).clamp_min(0.0))
    high = compress(apart.clamp_min(0.0))
    wide = torch.where(normal < 0, torch.minimum(quantiles, low), torch.maximum(quantiles, high))
    return torch.where(normal == 0, quantiles, wide)


def held_back(
    weights: Tensor, candidates: Tensor, added: Tensor, unit: Tensor, n_own: int, head: int
) -> tuple[Tensor, Tensor]:
    """Weights (B, C) and what is added (B, 1), where views say nearly all there is.

    What a net adds for what views hide is much too much where its training hid more. So the
    answer stays within a few units of the mixture, and the net's own pointwise means, whose
    errors more rows do not mend, have weights that fall as the unit squared. Of strong
    relations no local estimate says all, and there the net is free.

    Parameters
    ----------
    weights, candidates : Tensor of shape (B, C)
    added, unit : Tensor of shape (B, 1)
        In units, and the unit on the compressed scale.
    n_own : int
        Number of the net's own estimates, which come last.
    head : int
        `COMPRESSED`, of which the answer stays within 1.5 units, `PAIRED`, within five, or
        `COUNTED`, within half a unit at any strength, as counts do say all.
    """
    classical, own = weights.tensor_split([weights.shape[-1] - n_own], dim=-1)
    told = (weights * candidates).sum(-1, keepdim=True)
    free = ((told - _MODERATE) / (_STRONG - _MODERATE)).clamp(0.0, 1.0)
    if head == COUNTED:
        free = torch.zeros_like(free)
    kept = torch.maximum((unit / _FULL_WEIGHT_UNIT).clamp(max=1.0).square(), free)
    share = own.sum(-1, keepdim=True)
    more = (1.0 - share * kept) / (1.0 - share).clamp_min(1e-6)
    most = _MOST_ADDED[head]
    added = torch.lerp(most * torch.tanh(added / most), added, free)
    return torch.cat([classical * more, own * kept], dim=-1), added
