"""Which rows a selection looks at, and how: some of many, of a sparse matrix, halves; untied."""

from __future__ import annotations

__all__ = ["dense_rows", "is_sparse", "shares_of_halves", "some_rows", "untied"]

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing, check_consistent_length

from skmist._errors import InvalidSampleError
from skmist._sample.sample import MIN_SAMPLES, Sample
from skmist._sample.side import Side

_MOST = float(np.finfo(float).max)


def is_sparse(X: Any) -> bool:
    """Whether X is a sparse matrix of scipy with rows and columns."""
    scipy = sys.modules.get("scipy.sparse")
    return scipy is not None and scipy.issparse(X) and X.ndim == 2


def dense_rows(
    X: Any, y: Any, groups: Any, limit: int | None, rng: np.random.RandomState
) -> tuple[Any, Any, Any]:
    """The rows of a sparse X to look at as an array, with their targets and groups.

    Only these rows are made dense. Names that would bring those of a frame along are not there.

    Parameters
    ----------
    X : sparse matrix of shape (n, p)
    y : array-like of shape (n,) or (n, q)
    groups : array-like of shape (n,) or None
    limit : int or None
        Most rows.
    rng : RandomState

    Returns
    -------
    X, y, groups : of shape (m, p), (m,) or (m, q), and (m,)
    """
    check_consistent_length(X, y, groups)
    n = X.shape[0]
    if limit is None or n <= limit:
        return X.toarray(), y, groups
    rows = _some(n, limit, rng)
    groups = None if groups is None else _safe_indexing(groups, rows)
    return X.tocsr()[rows].toarray(), _safe_indexing(y, rows), groups


def some_rows(sample: Sample, limit: int | None, rng: np.random.RandomState) -> Sample:
    """At most so many rows of a sample, at random, with their blocks."""
    if limit is None or sample.n_samples <= limit:
        return sample
    return _with_blocks(sample, _some(sample.n_samples, limit, rng))


def _some(n: int, limit: int, rng: np.random.RandomState) -> np.ndarray:
    return np.sort(rng.permutation(n)[:limit])


def _with_blocks(sample: Sample, rows: np.ndarray) -> Sample:
    blocks = None if sample.blocks is None else sample.blocks.rows(rows)
    return replace(sample.rows(rows), blocks=blocks)


def untied(sample: Sample, seed: int) -> Sample:
    """The sample with ties of continuous columns broken at random, on both sides.

    Each value moves up by less than half of the way to the next, so that it could be told from
    the new one: no information is lost or won. But where things are measured several times, as
    mixes of concrete are at several ages, ties on both sides at once look like a law to a net,
    and those columns that tell the things apart like the best ones.
    """
    rng = np.random.default_rng(seed)
    return replace(sample, x=_untied_side(sample.x, rng), y=_untied_side(sample.y, rng))


def _untied_side(side: Side, rng: np.random.Generator) -> Side:
    values = side.values.copy()
    for j in np.flatnonzero(~side.discrete):
        distinct, places = np.unique(values[:, j], return_inverse=True)
        if 1 < len(distinct) < len(values):
            # halves first: gaps may be wider than float64, and the last value at its end
            gaps = np.diff(0.5 * distinct)
            gaps = np.append(gaps, min(gaps[-1], _MOST - max(distinct[-1], 0.0)))[places.ravel()]
            values[:, j] += gaps * rng.random(len(values))
    return side.with_values(values)


# Halves ---------------------------------------------------------------------------------------


def shares_of_halves(
    sample: Sample, count: int, seed: int, choose: Callable[[Sample], Sequence[int]]
) -> np.ndarray:
    """How often columns are chosen from one half of the rows, shape (p,).

    Halves come in pairs without a common row [1]_. They are drawn without replacement, since a
    row that repeats would look like information. Rows of a group stay together.

    Parameters
    ----------
    sample : Sample
    count : int
        Of halves.
    seed : int
    choose : callable
        Says which columns are chosen from a sample.

    Raises
    ------
    InvalidSampleError
        If a half would have fewer than 5 rows.

    References
    ----------
    .. [1] R. D. Shah and R. J. Samworth (2013), "Variable selection with error control: another
       look at stability selection", Journal of the Royal Statistical Society B 75, 55-80.
    """
    times = np.zeros(sample.p)
    for _, rows in zip(range(count), _halves(sample, np.random.default_rng(seed)), strict=False):
        if len(rows) < MIN_SAMPLES:
            raise InvalidSampleError(
                f"stability={count} asks for halves of {sample.n_samples} rows, and one of them "
                f"has {len(rows)} of at least {MIN_SAMPLES}. Pass stability=0, or more rows."
            )
        times[list(choose(_with_blocks(sample, rows)))] += 1.0
    return times / count


def _halves(sample: Sample, rng: np.random.Generator) -> Iterator[np.ndarray]:
    labels = np.arange(sample.n_samples) if sample.blocks is None else sample.blocks.labels
    codes = np.unique(labels, return_inverse=True)[1].ravel()
    n_labels = int(codes.max()) + 1
    while True:
        first = np.isin(codes, rng.permutation(n_labels)[: n_labels // 2])
        yield np.flatnonzero(first)
        yield np.flatnonzero(~first)
