"""Transformations of columns that leave mutual information as it is."""

from __future__ import annotations

__all__ = ["NormalScores"]

import numpy as np
from scipy.special import ndtri


class NormalScores:
    """Replace each column by the normal (van der Waerden) scores of its ranks.

    A value of rank r among n rows becomes ``ndtri(r / (n + 1))``; equal values share their mean
    rank. Any strictly increasing map of a column leaves the scores of the fitted rows unchanged.

    Attributes
    ----------
    values_ : list of ndarray
        Per column its distinct values, ascending.
    scores_ : list of ndarray
        Per column the score of each of them.

    References
    ----------
    B. L. van der Waerden (1952), "Order tests for the two-sample problem and their power",
    Indagationes Mathematicae 14, 453-458.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist._sample.scores import NormalScores
    >>> scores = NormalScores().fit(np.array([[1.0], [100.0], [10.0]]))
    >>> scores.transform(np.array([[1.0], [10.0], [55.0], [1e9]])).round(2).ravel()
    array([-0.67,  0.  ,  0.34,  0.67])
    """

    def fit(self, X) -> NormalScores:
        """Learn the ranks.

        Parameters
        ----------
        X : ndarray of shape (n, d)
            Finite numbers, n >= 1.

        Returns
        -------
        self : NormalScores
        """
        pairs = [_value_scores(column) for column in X.T]
        self.values_ = [values for values, _ in pairs]
        self.scores_ = [scores for _, scores in pairs]
        return self

    def fit_transform(self, X) -> np.ndarray:
        """Learn the ranks and score the rows that they come from, to the same bits."""
        self.fit(X)
        pairs = zip(X.T, self.values_, self.scores_, strict=True)
        columns = [scores[np.searchsorted(values, column)] for column, values, scores in pairs]
        return np.column_stack([np.empty((len(X), 0)), *columns])

    def transform(self, X) -> np.ndarray:
        """Score rows.

        A fitted value gets its fitted score. Other values are interpolated linearly between the
        fitted values around them; beyond the extremes, the score of the extreme holds.

        Parameters
        ----------
        X : ndarray of shape (m, d)

        Returns
        -------
        ndarray of shape (m, d)
        """
        answer = np.empty(np.shape(X))
        for j, (values, scores) in enumerate(zip(self.values_, self.scores_, strict=True)):
            answer[:, j] = _interpolated(X[:, j], values, scores)
        return answer


def _value_scores(column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, counts = np.unique(column, return_counts=True)
    mean_rank = np.cumsum(counts) - 0.5 * (counts - 1)
    return values, ndtri(mean_rank / (len(column) + 1))


@np.errstate(under="ignore")  # what is too small to be told from 0 is 0
def _interpolated(column, values, scores) -> np.ndarray:
    upper = np.minimum(np.searchsorted(values, column), len(values) - 1)
    lower = np.maximum(upper - 1, 0)
    # of halves, as the difference of two finite values may be infinite
    gap = 0.5 * values[upper] - 0.5 * values[lower]
    part = np.clip(0.5 * column - 0.5 * values[lower], 0.0, gap)
    weight = np.divide(part, gap, out=np.ones_like(part), where=gap > 0)
    between = (1.0 - weight) * scores[lower] + weight * scores[upper]
    return np.where(column == values[upper], scores[upper], between)
