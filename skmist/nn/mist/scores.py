"""Normal (van der Waerden) scores of batched samples, the net's view of a margin."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = [
    "encode_rows",
    "level_frequency",
    "normal_scores",
    "scores_like",
    "scores_of_counts",
    "with_codes",
]


def _counts(sorted_columns: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
    """Values below, and values at or below, each entry; both ``(..., n)``."""
    below = torch.searchsorted(sorted_columns, columns, right=False)
    through = torch.searchsorted(sorted_columns, columns, right=True)
    return below, through


def _ndtri(probability: Tensor) -> Tensor:
    return torch.special.ndtri(probability.double()).to(torch.float32)


def normal_scores(x: Tensor) -> Tensor:
    """Van der Waerden scores of each column.

    Parameters
    ----------
    x : Tensor of shape (batch, n, d)
        Samples. Ties share their mid-rank.

    Returns
    -------
    scores : Tensor of shape (batch, n, d), float32
        ``ndtri(midrank / (n + 1))``; the batched twin of
        :class:`skmist._sample.scores.NormalScores`.
    """
    columns = x.transpose(-1, -2).contiguous()
    below, through = _counts(columns.sort(dim=-1).values, columns)
    return scores_of_counts((below + through).transpose(-1, -2).contiguous())


def scores_of_counts(counts: Tensor) -> Tensor:
    """The same of (batch, n, d) the values below each, and those not above, added up."""
    midrank = 0.5 * (counts + 1)
    return _ndtri(midrank / (counts.shape[-2] + 1))


def scores_like(reference: Tensor, x: Tensor) -> Tensor:
    """Scores of new values among the values of a reference sample.

    Parameters
    ----------
    reference : Tensor of shape (batch, n, d)
    x : Tensor of shape (batch, m, d)

    Returns
    -------
    scores : Tensor of shape (batch, m, d), float32
        A value of the reference gets the score that it has there; any other
        gets the score half-way between its neighbors' ranks.
    """
    n = reference.shape[-2]
    columns = x.transpose(-1, -2).contiguous()
    ordered = reference.transpose(-1, -2).contiguous().sort(dim=-1).values
    below, through = _counts(ordered, columns)
    midrank = (0.5 * (below + through + 1)).clamp(1.0, float(n))
    return _ndtri(midrank / (n + 1)).transpose(-1, -2).contiguous()


def level_frequency(reference: Tensor, x: Tensor | None = None) -> Tensor:
    """Share of the reference rows that hold the same value, column by column.

    Parameters
    ----------
    reference : Tensor of shape (batch, n, d)
    x : Tensor of shape (batch, m, d), optional
        The values to look up; the reference itself by default.

    Returns
    -------
    frequency : Tensor of shape (batch, m, d), float32
        In ``[1 / n, 1]``; a value that the reference lacks counts as one row.
    """
    n = reference.shape[-2]
    columns = (reference if x is None else x).transpose(-1, -2).contiguous()
    ordered = reference.transpose(-1, -2).contiguous().sort(dim=-1).values
    below, through = _counts(ordered, columns)
    frequency = (through - below).clamp_min(1).to(torch.float32) / n
    return frequency.transpose(-1, -2).contiguous()


def encode_rows(reference: Tensor, rows: Tensor | None, discrete: tuple[bool, ...]) -> Tensor:
    """What the net reads: normal scores in continuous columns, codes in discrete ones.

    Parameters
    ----------
    reference : Tensor of shape (batch, n, d)
        The sample that gives the ranks.
    rows : Tensor of shape (batch, m, d) or None
        Rows to encode; the reference itself where None.
    discrete : tuple of bool, length d

    Returns
    -------
    encoded : Tensor of shape (batch, m, d), float32
    """
    scores = normal_scores(reference) if rows is None else scores_like(reference, rows)
    return with_codes(scores, reference if rows is None else rows, discrete)


def with_codes(scores: Tensor, values: Tensor, discrete: tuple[bool, ...]) -> Tensor:
    """Scores (batch, n, d) in continuous columns, the values themselves in discrete ones."""
    if not any(discrete):
        return scores
    mask = torch.tensor(discrete, device=values.device)
    return torch.where(mask, values.to(scores.dtype), scores)
