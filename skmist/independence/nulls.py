"""Null distributions that pairs share, since ranks say all that they depend on.

Where an estimator reads ranks, the order of the rows is all that chance decides between two
columns that are independent: one continuous and without ties, the other the same or discrete.
So its null distribution follows from the number of rows and the frequencies of the labels, and
one will do for all such pairs: from a table that comes with the weights, from the user's cache,
or drawn once for many. It is never stopped early: a p-value of the first few of the same draws
each time would be exact on average, and off in the same direction each time.
"""

from __future__ import annotations

__all__ = [
    "Margins",
    "keep_null",
    "known_null",
    "null_seed",
    "pair_test",
    "ties_broken",
]

import hashlib
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skmist._sample.entropy import row_counts
from skmist._sample.sample import Sample
from skmist._sample.side import Side
from skmist.estimators.ask import null_source
from skmist.estimators.contract import NullSource, SampleEstimator
from skmist.independence.cache import keep_array, kept_array
from skmist.independence.permutation import (
    PairStatistic,
    PermutationTestResult,
    Plan,
    judged,
    sample_test,
)

_LEAST_DIFFERENT = 0.5


class Margins(NamedTuple):
    """What the null distribution of a statistic of ranks depends on."""

    n: int
    # Rows of each label of a discrete side, ascending; after a 0, in the order of the labels.
    counts: tuple[int, ...] = ()

    @classmethod
    def of(cls, sample: Sample, reads_order: bool = False) -> Margins | None:
        """Of a pair of columns; None where there is more that its null depends on."""
        x, y = sorted((sample.x, sample.y), key=lambda side: side.is_discrete)
        if x.width != 1 or y.width != 1 or x.is_discrete or not _is_untied(x):
            return None
        if not y.is_discrete:
            return cls(len(x)) if _is_untied(y) else None
        ordered = reads_order and y.ordered[0]
        rows = row_counts(y).tolist()
        counts = (0, *rows) if ordered else tuple(sorted(rows))
        return cls(len(x), counts) if counts[-1] < len(x) else None

    def sample(self) -> Sample:
        """A pair of columns with these margins."""
        ranks = Side(np.arange(self.n, dtype=float)[:, None], np.array([False]), ("rank",))
        if not self.counts:
            return Sample(ranks, ranks)
        labels = np.repeat(np.arange(len(self.counts), dtype=float), self.counts)
        side = Side(labels[:, None], np.array([True]), ("label",), np.array([self.ordered]))
        return Sample(ranks, side.recoded())

    @property
    def ordered(self) -> bool:
        """Whether the labels have an order."""
        return self.counts[:1] == (0,)


def ties_broken(sample: Sample, rng: np.random.Generator) -> Sample:
    """The sample with ties broken at random, in continuous columns of which few rows are tied.

    The very sample where there is nothing to break.

    Whether few are is a matter of the column alone: at least half as many values as rows. So
    independence stays what it was, and a test of what this returns is as exact as one of the
    sample itself; but all pairs of columns share its null distribution.

    Parameters
    ----------
    sample : Sample
    rng : numpy.random.Generator
    """
    x, y = _untied(sample.x, rng), _untied(sample.y, rng)
    return sample if x is sample.x and y is sample.y else replace(sample, x=x, y=y)


def _untied(side: Side, rng: np.random.Generator) -> Side:
    n, different = len(side), side.once_in_any_order(_n_different)
    if side.kinds != (False,) or different == n or different < _LEAST_DIFFERENT * n:
        return side
    ranks = np.empty((n, 1))
    ranks[np.lexsort((rng.random(n), side.values[:, 0])), 0] = np.arange(n)
    return side.with_values(ranks)


def _is_untied(side: Side) -> bool:
    return side.once_in_any_order(_n_different) == len(side)


def _n_different(side: Side) -> int:
    return len(np.unique(side.values))


def null_seed(source: NullSource, margins: Margins) -> int:
    """The seed of the draws for a key."""
    digest = hashlib.sha256(_key(source, margins).encode()).digest()
    return int.from_bytes(digest[:4], "little") % (2**31 - 1)


def known_null(
    source: NullSource, margins: Margins, count: int, *, cached: bool
) -> np.ndarray | None:
    """The `count` statistics of a null distribution that need not be drawn, nats, or None.

    Parameters
    ----------
    source : NullSource
    margins : Margins
    count : int
    cached : bool
        Whether to look in the user's cache, too. What is found there is the same as drawing with
        `null_seed` gives; whoever would draw otherwise must not look, lest the answer depend on
        what was asked before.
    """
    if not margins.counts and source.table is not None:
        quantiles = source.table.at(margins.n, count)
        if quantiles is not None:
            return quantiles
    kept = kept_array(_key(source, margins)) if cached else None
    return None if kept is None or len(kept) < count else kept[:count]


def keep_null(source: NullSource, margins: Margins, statistics: np.ndarray) -> None:
    """Keep what was drawn with `null_seed`, from the first number on."""
    keep_array(_key(source, margins), statistics)


def pair_test(
    estimator: SampleEstimator, sample: Sample, plan: Plan, method: str = ""
) -> PermutationTestResult:
    """Test a pair by the null distribution of its margins if it is known, else by permuting.

    Parameters
    ----------
    estimator : SampleEstimator
        Left unfitted.
    sample : Sample
    plan : Plan
        Where its seed is given, the user's cache is left alone: it must not change an answer
        that can be asked for again.
    method : str
        Name for the result.
    """
    source, n = null_source(estimator), sample.n_samples
    margins = Margins.of(sample, estimator.reads_order)
    null = None
    if source is not None and margins is not None:
        null = known_null(source, margins, plan.n_permutations, cached=plan.random_state is None)
    if null is None:
        return sample_test(estimator, sample, plan, method)
    own = float(PairStatistic(estimator, sample)(np.arange(n)[None])[0])
    return judged(own, null, replace(plan, early_stopping=False), method, n)


def _key(source: NullSource, margins: Margins) -> str:
    return f"null 1 {source.key} {margins.n} {' '.join(map(str, margins.counts))}"
