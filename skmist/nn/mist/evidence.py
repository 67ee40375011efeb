"""What an extended net reads beside the classical statistics, appended to them.

How far the estimates lie apart in units of the error that their sample allows, what the learned
views and the best of all views say, and the order of ordered columns.
"""

from __future__ import annotations

import torch
from torch import Tensor

from skmist.nn.mist.compression import OFFSET, compress
from skmist.nn.mist.learned import N_LEARNED, LearnedPairs

__all__ = [
    "LEARNED",
    "LEARNED_VIEWS",
    "N_MORE_VIEWS",
    "N_PROGRESS",
    "in_nats",
    "learning_progress",
    "set_evidence",
    "unit_of",
]

LEARNED = "learned"
"""Name of the view that a model of each side by the other gives."""

LEARNED_VIEWS = ("learned1", LEARNED)
"""Its leading pair alone, and all of it: where one function matters, the others are noise."""

N_MORE_VIEWS = len(LEARNED_VIEWS) + 2
"""The learned views, after them the best of all views, and then the sum of canonical pairs."""

N_PROGRESS = 2 * N_LEARNED
"""What tells how much the learned views would still learn from more rows."""

_LEAST_UNIT, _MOST_UNIT = 2e-3, 1.0
_MOST_RHO = 0.9999
_FLOOR = 1e-3
# Of the candidates, the local estimate with k = 3 in the first of eight views.
_REFERENCE = 8


def unit_of(spread: Tensor, reference: Tensor, n: int) -> Tensor:
    """Error of the mean of n pointwise estimates, on the compressed scale.

    It makes errors at few rows and at many comparable, so it must be seen in the sample: a unit
    from the truth would tell the net about it, and quantiles would not be those of what it sees.

    Parameters
    ----------
    spread : Tensor of shape (batch,)
        Standard deviation of a pointwise estimate, nats.
    reference : Tensor of shape (batch,)
        An estimate of the MI, nats.
    n : int

    Returns
    -------
    unit : Tensor of shape (batch, 1)
    """
    nats = (spread**2 / n + _FLOOR**2).sqrt()
    unit = nats / (OFFSET + reference.clamp_min(0))
    return unit.clamp(_LEAST_UNIT, _MOST_UNIT)[:, None]


def in_nats(unit: Tensor, candidates: Tensor) -> Tensor:
    """The unit (B, 1) at the local estimate of all columns, one of the candidates (B, C); nats."""
    return unit * (OFFSET + candidates[:, _REFERENCE].clamp_min(0))[:, None]


def set_evidence(
    candidates: Tensor, learned: Tensor, spreads: Tensor, n: int
) -> tuple[Tensor, Tensor]:
    """How far the estimates of a sample lie apart.

    Parameters
    ----------
    candidates : Tensor of shape (batch, C)
        Classical estimates, nats; distances are measured from the local one of all columns.
    learned : Tensor of shape (batch, K)
        Local estimates in the learned views, in the best one, and of the sum of pairs.
    spreads : Tensor of shape (batch, n_views)
        Standard deviations of a pointwise estimate in each view; the sum, the last, is no view.
    n : int

    Returns
    -------
    evidence : Tensor of shape (batch, 1 + n_views + K + C + K)
        The unit; the spreads; what the learned views say; distances in units.
    unit : Tensor of shape (batch, 1)
    """
    reference = candidates[:, _REFERENCE]
    unit = unit_of(spreads[:, :-1].amax(1), reference, n)
    apart = torch.cat([candidates, learned], -1) - reference[:, None]
    distances = torch.asinh(apart / in_nats(unit, candidates))
    return torch.cat([unit.log(), spreads, compress(learned), distances], dim=-1), unit


def learning_progress(learned: LearnedPairs | None, like: Tensor) -> Tensor:
    """What the learned pairs say in rows that their models have not seen, and in those they have.

    A model that has learned all there is says the same in both; one that would gain from more
    rows says more where it was fitted.

    Parameters
    ----------
    learned : LearnedPairs or None
    like : Tensor of shape (batch, ...)
        Of the wanted batch, type and device.

    Returns
    -------
    progress : Tensor of shape (batch, 6)
        Nats of each pair, compressed; zeros where nothing is learned.
    """
    if learned is None:
        return like.new_zeros(len(like), N_PROGRESS)
    rho = torch.cat([learned.rho, learned.fitted], dim=-1).to(like).clamp(0.0, _MOST_RHO)
    return compress(-0.5 * torch.log1p(-(rho**2)))
