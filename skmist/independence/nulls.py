"""Null distributions that pairs share, since ranks say all that they depend on.

Where an estimator reads ranks, the order of the rows is all that chance decides between two
columns that are independent: one continuous and without ties, the other the same or discrete.
So its null distribution follows from the number of rows and the frequencies of the labels, and
one will do for all such pairs: from a table that comes with the weights, from the user's cache,
or drawn, with seeds that follow from the key, so that what was kept changes no answer.
"""

from __future__ import annotations

__all__ = [
    "Margins",
    "Null",
    "keep_null",
    "kept_null",
    "null_seed",
    "shared_test",
    "ties_broken",
]

import hashlib
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skmist._sample.sample import Sample
from skmist._sample.side import Side
from skmist.estimators.ask import null_source
from skmist.estimators.base import MutualInfoEstimator, NullSource
from skmist.independence.cache import keep_array, kept_array
from skmist.independence.orders import free_orders
from skmist.independence.permutation import (
    PairStatistic,
    PermutationTestResult,
    Plan,
    draw_null,
    judged,
    permutation_test,
)

_LEAST_DIFFERENT = 0.5


class Margins(NamedTuple):
    """What the null distribution of a statistic of ranks depends on."""

    n: int
    counts: tuple[int, ...] = ()  # rows of each label of a discrete side, ascending

    @classmethod
    def of(cls, sample: Sample) -> Margins | None:
        """Of a pair of columns; None where there is more that its null depends on."""
        x, y = sorted((sample.x, sample.y), key=lambda side: side.is_discrete)
        if x.width != 1 or y.width != 1 or x.is_discrete or not _is_untied(x):
            return None
        if not y.is_discrete:
            return cls(len(x)) if _is_untied(y) else None
        counts = np.bincount(y.values[:, 0].astype(np.intp))
        return cls(len(x), tuple(sorted(counts.tolist()))) if len(counts) > 1 else None

    def sample(self) -> Sample:
        """A pair of columns with these margins."""
        ranks = Side(np.arange(self.n, dtype=float)[:, None], np.array([False]), ("rank",))
        if not self.counts:
            return Sample(ranks, ranks)
        labels = np.repeat(np.arange(len(self.counts), dtype=float), self.counts)
        return Sample(ranks, Side(labels[:, None], np.array([True]), ("label",)))


def ties_broken(sample: Sample, rng: np.random.Generator) -> Sample:
    """The sample with ties broken at random, in continuous columns of which few rows are tied.

    Whether few are is a matter of the column alone: at least half as many values as rows. So
    independence stays what it was, and a test of what this returns is as exact as one of the
    sample itself; but all pairs of columns share its null distribution.

    Parameters
    ----------
    sample : Sample
    rng : numpy.random.Generator
    """
    return Sample(_untied(sample.x, rng), _untied(sample.y, rng))


def _untied(side: Side, rng: np.random.Generator) -> Side:
    n, different = len(side), len(np.unique(side.values))
    if side.kinds != (False,) or different == n or different < _LEAST_DIFFERENT * n:
        return side
    ranks = np.empty((n, 1))
    ranks[np.lexsort((rng.random(n), side.values[:, 0])), 0] = np.arange(n)
    return side.with_values(ranks)


class Null(NamedTuple):
    """A null distribution; only of one drawn by chance a part, as an early stop leaves it, is."""

    statistics: np.ndarray  # (n_permutations,) nats
    drawn: bool


def _is_untied(side: Side) -> bool:
    return len(np.unique(side.values)) == len(side)


def null_seed(source: NullSource, margins: Margins) -> int:
    """The seed of the draws for a key."""
    digest = hashlib.sha256(_key(source, margins).encode()).digest()
    return int.from_bytes(digest[:4], "little") % (2**31 - 1)


def kept_null(source: NullSource, margins: Margins, count: int) -> Null | None:
    """A null distribution of `count` statistics that need not be drawn, or None."""
    if not margins.counts and source.table is not None:
        quantiles = source.table.at(margins.n, count)
        if quantiles is not None:
            return Null(quantiles, drawn=False)
    kept = kept_array(_key(source, margins))
    return None if kept is None or len(kept) < count else Null(kept[:count], drawn=True)


def keep_null(source: NullSource, margins: Margins, statistics: np.ndarray) -> None:
    """Keep what was drawn with `null_seed`, from the first number on."""
    keep_array(_key(source, margins), statistics)


def shared_test(
    estimator: MutualInfoEstimator,
    sample: Sample,
    plan: Plan,
    method: str = "",
    null: Null | None = None,
) -> PermutationTestResult:
    """Test a pair, by a null distribution that it shares with others if there is one.

    Parameters
    ----------
    estimator : MutualInfoEstimator
        Left unfitted.
    sample : Sample
    plan : Plan
        Its seed decides nothing where null distributions of the estimator are kept.
    method : str
        Name for the result.
    null : Null or None, default=None
        Where it is known to the caller.
    """
    source, margins, n = null_source(estimator), Margins.of(sample), sample.n_samples
    statistic, orders = PairStatistic(estimator, sample), free_orders(n)
    if null is None and (source is None or margins is None):
        return permutation_test(statistic, orders, n, plan, method)
    own = float(statistic(np.arange(n)[None])[0])
    if null is None:
        null = kept_null(source, margins, plan.n_permutations)
    if null is not None:
        plan = replace(plan, early_stopping=plan.early_stopping and null.drawn)
        return judged(own, null.statistics, plan, method, n)
    plan = replace(plan, random_state=null_seed(source, margins))
    drawn = draw_null(PairStatistic(estimator, margins.sample()), orders, own, plan)
    if len(drawn) == plan.n_permutations:
        keep_null(source, margins, drawn)
    return judged(own, drawn, plan, method, n)


def _key(source: NullSource, margins: Margins) -> str:
    return f"null 1 {source.key} {margins.n} {' '.join(map(str, margins.counts))}"
