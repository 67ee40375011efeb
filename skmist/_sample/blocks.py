"""Rows that depend on one another: blocks of a series, groups, and samples of one row of each."""

from __future__ import annotations

__all__ = ["Blocks", "checked_groups", "row_blocks", "thinned_rows"]

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._parameters import check_integer

_FEWEST = 5
_MOST_SAMPLES = 8


class Blocks(NamedTuple):
    """Which rows depend on one another."""

    labels: np.ndarray  # (n,)
    are_groups: bool  # of rows that may change places; else successive rows that stay together

    def rows(self, chosen: np.ndarray) -> Blocks:
        """Those of some rows, by position or by mask."""
        return Blocks(self.labels[chosen], self.are_groups)


def row_blocks(n: int, groups: ArrayLike | None, block_size: int | None) -> Blocks | None:
    """The blocks of n rows, or None where rows are independent.

    Raises
    ------
    InvalidSampleError
        If there is not one label per row, or there are fewer than 5 blocks.
    ValueError
        If both are given.
    """
    if groups is not None and block_size is not None:
        raise ValueError("groups and block_size are both given; pass one of them.")
    if groups is not None:
        return Blocks(checked_groups(groups, n), True)
    if block_size is None:
        return None
    size = check_integer("block_size", block_size, 1, form="=")
    blocks = -(-n // size)
    if blocks < _FEWEST:
        raise InvalidSampleError(
            f"block_size={size} leaves {blocks} blocks of {n} rows, and at least {_FEWEST} are "
            f"required. Pass at most {n // _FEWEST}, or collect more rows."
        )
    return Blocks(np.arange(n) // size, False)


def checked_groups(groups: ArrayLike | None, n: int) -> np.ndarray:
    """Return the labels of the groups of n rows, shape (n,).

    Raises
    ------
    InvalidSampleError
        If there is not one label per row.
    """
    labels = np.asarray(groups)
    if labels.shape != (n,):
        raise InvalidSampleError(
            f"groups has shape {labels.shape}, but X has {n} rows. Pass one label per row."
        )
    # None, and NaN, the one value that is not itself
    missing = np.flatnonzero((labels != labels) | np.equal(labels, np.asarray(None)))
    if len(missing):
        raise InvalidSampleError(
            f"groups has no label in row {missing[0]} ({labels[missing[0]]}). Label that row, or "
            "leave it out."
        )
    return labels.astype(str) if labels.dtype == object else labels


def thinned_rows(blocks: Blocks) -> list[np.ndarray]:
    """Choose rows of which no two depend on one another: one of each block, up to 8 times.

    The rows of a choice have the same place in their blocks, so that they lie a block apart,
    and come in the order of the blocks.

    Parameters
    ----------
    blocks : Blocks

    Returns
    -------
    list of ndarray of int, shape (n_blocks,)
        Positions.

    Raises
    ------
    InvalidSampleError
        If there are fewer than 5 blocks.
    """
    codes, size = np.unique(blocks.labels, return_inverse=True, return_counts=True)[1:]
    if len(size) < _FEWEST:
        raise InvalidSampleError(
            f"the rows are of {len(size)} groups or blocks, of which an interval takes one row "
            f"each, and at least {_FEWEST} are required. Pass smaller ones, or collect more."
        )
    by_block, start = np.argsort(codes, kind="stable"), np.cumsum(size) - size
    places = np.unique(np.linspace(0, size.max() - 1, _MOST_SAMPLES).astype(np.intp))
    return [by_block[start + place % size] for place in places]
