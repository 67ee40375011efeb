"""Simulation-based calibration: where true values lie among the quantiles stated for them."""

from __future__ import annotations

__all__ = ["SBCRanks", "sbc_ranks"]

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skmist.intervals.calibration import require_columns

if TYPE_CHECKING:
    import pandas as pd

_MIN_EXPECTED = 5.0


@dataclass(frozen=True, eq=False)
class SBCRanks:
    """Ranks of true values among the quantiles that an estimator states, and their test.

    Parameters
    ----------
    ranks : ndarray of int, shape (n_samples,)
        How many of the stated quantiles lie below the truth.
    edges : ndarray of shape (n_bins + 1,)
        Probabilities at which the quantiles lie, with 0 and 1 at the ends; neighboring bins are
        joined until each is to hold at least 5 samples.
    counts, expected : ndarray of shape (n_bins,)
        Samples whose truth fell between two quantiles, and how many should on average.
    statistic, p_value : float
        Chi-squared test of the counts. A small p-value means that the intervals do not hold what
        they promise, above or below.
    """

    ranks: np.ndarray
    edges: np.ndarray
    counts: np.ndarray
    expected: np.ndarray
    statistic: float
    p_value: float


def sbc_ranks(results: pd.DataFrame, *, tolerance: float = 1e-3) -> SBCRanks:
    """Find where truths lie among the quantiles stated for them.

    This is simulation-based calibration [1]_. The two ends of an interval at level L are the
    quantiles at ``(1 - L) / 2`` and ``(1 + L) / 2``. Where these are the quantiles of the truth
    given the sample, each gap between two neighbors holds the truth as often as its probability
    says. Skewed counts speak of bias, counts high at both ends of intervals too narrow, high in
    the middle of intervals too wide.

    Parameters
    ----------
    results : DataFrame
        From :func:`interval_results`.
    tolerance : float, default=1e-3
        Samples whose true MI is below are left out: on the boundary, no interval can have its
        share below the truth.

    Returns
    -------
    ranks : SBCRanks

    Raises
    ------
    TypeError
        If `results` lacks a column.
    ValueError
        If fewer than 10 samples are left, or they were not all asked for the same levels.

    References
    ----------
    .. [1] S. Talts, M. Betancourt, D. Simpson, A. Vehtari and A. Gelman (2018), "Validating
       Bayesian inference algorithms with simulation-based calibration", arXiv:1804.06788.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from scipy.special import ndtri
    >>> from skmist import sbc_ranks
    >>> center = np.repeat(np.random.default_rng(0).normal(5.0, 1.0, size=200), 2)
    >>> level = np.tile([0.5, 0.9], 200)
    >>> reach = ndtri(0.5 + level / 2)
    >>> results = pd.DataFrame(
    ...     {"sample": np.arange(400) // 2, "level": level, "mi_true": 5.0, "mi": center,
    ...      "low": center - reach, "high": center + reach}
    ... )
    >>> sbc_ranks(results).expected.round(1)
    array([ 10.,  40., 100.,  40.,  10.])
    >>> sbc_ranks(results).p_value > 0.05
    True
    """
    from scipy.stats import chisquare

    require_columns(results, ["sample", "mi_true", "level", "low", "high"])
    used = results[(results["mi_true"] > tolerance) & results["low"].notna()]
    truths = used.groupby("sample")["mi_true"].first()
    ends = used.pivot(index="sample", columns="level", values=["low", "high"])
    if len(ends) < 2 * _MIN_EXPECTED:
        raise ValueError(
            f"{len(ends)} samples have an interval and a true MI above {tolerance:g} nats, but "
            f"the test needs at least {2 * _MIN_EXPECTED:g}. Add samples."
        )
    if ends.isna().any(axis=None):
        raise ValueError("samples were asked for different levels; ask all for the same ones.")
    ranks = (ends.to_numpy() < truths.to_numpy()[:, None]).sum(axis=1)
    levels = np.sort(used["level"].unique())
    edges = np.concatenate([[0.0], 0.5 - levels[::-1] / 2, 0.5 + levels / 2, [1.0]])
    edges, starts = _joined(edges, len(ranks))
    counts = np.add.reduceat(np.bincount(ranks, minlength=2 * len(levels) + 1), starts)
    expected = len(ranks) * np.diff(edges)
    test = chisquare(counts, expected)
    return SBCRanks(ranks, edges, counts, expected, float(test.statistic), float(test.pvalue))


def _joined(edges: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges of bins joined until each expects enough of n samples, and their first old bins."""
    starts = [0]
    for i in range(1, len(edges) - 1):
        left, right = n * (edges[i] - edges[starts[-1]]), n * (1.0 - edges[i])
        # as 40 * 0.125 may come out a digit below 5
        if min(left, right) > _MIN_EXPECTED - 1e-9:
            starts.append(i)
    return np.append(edges[starts], 1.0), np.array(starts)
