"""Hiding a part of every row from the code."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["occlude"]


def occlude(rows: Tensor, share: float, generator: torch.Generator | None = None) -> Tensor:
    """Set a random part of every row to 0, its mean once rows are standardized.

    Of images a rectangle of the image's proportions, of tables a run of columns that may go on
    at the first.

    Parameters
    ----------
    rows : Tensor of shape (n, c, h, w) or (n, p)
    share : float
        Of the area or of the columns, from 0 to 1.
    generator : torch.Generator or None, default=None
        Of the CPU; decides the places.

    Returns
    -------
    Tensor
        Of the shape of `rows`, which are left as they are.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn.infomax_occlusion import occlude
    >>> occlude(torch.ones(1, 1, 4, 4), 0.25).sum()
    tensor(12.)
    """
    if rows.ndim == 2:
        return rows * ~_hidden(len(rows), rows.shape[1], share, generator, True).to(rows.device)
    down, right = (
        _hidden(len(rows), size, math.sqrt(share), generator, False).to(rows.device)
        for size in rows.shape[2:]
    )
    return rows * ~(down[:, :, None] & right[:, None])[:, None]


def _hidden(
    n: int, size: int, share: float, generator: torch.Generator | None, around: bool
) -> Tensor:
    """Mask (n, size) of one run of places each."""
    length = round(share * size)
    starts = size if around else size - length + 1
    start = torch.randint(starts, (n, 1), generator=generator)
    return (torch.arange(size) - start) % size < length
