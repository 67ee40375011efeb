"""The contract of every MI estimator, as one base class."""

from __future__ import annotations

__all__ = ["MutualInfoEstimator"]

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skmist._errors import InvalidSampleError, OutOfRangeWarning
from skmist._parameters import check_level
from skmist._sample.reading import require_2d
from skmist._sample.sample import Sample, SampleEncoder, make_sample, read_pair, read_rows


def _has_interval(estimator) -> bool:
    return hasattr(estimator, "_interval")


class MutualInfoEstimator(BaseEstimator):
    """Base class of the estimators of mutual information (MI); all answers are in nats.

    A subclass stores `discrete_features` and `discrete_target` among its constructor parameters
    and implements the hooks below. It never sees a constant column: these carry 0 nats, so the
    base drops them, and answers 0 by itself where a whole side is constant.

    ``_estimate(sample) -> float``
        MI of any sample. Must not use the fitted state.
    ``_pointwise(x, y) -> (m,)``
        Pointwise MI of m encoded rows against the fitted sample.
    ``_row_information(x) -> (m,)``
        What each of m encoded rows says about y, each row by itself. The base shifts it so that
        its mean over the fitted rows is `mi_`.
    ``_fit_sample(sample)``, optional
        Sets `mi_` and what the other hooks need. By default ``mi_ = _estimate(sample)``. The base
        keeps the sample in `_sample`.
    ``_fit_constant()``, optional
        What to set where a whole side is constant. By default ``mi_ = 0``.
    ``_estimate_all(samples) -> (k,)``, optional
        MI of k samples at once, where that is faster than one by one.
    ``_estimate_noted(sample) -> (mi, notes)``, optional
        The same as `_estimate`, with what speaks against the number, a tuple of str, instead of
        warnings. By default there is nothing to say, and `_estimate_all` is asked.
    ``_note_category``, optional
        Category of the warnings that such notes become; by default `OutOfRangeWarning`.
    ``_interval(level) -> (low, high)``, optional
        Interval of the fitted sample; without this hook there is no method `interval`.

    Attributes
    ----------
    mi_ : float
        MI of the fitted sample, nats. Unclipped: an estimate of a small MI may be negative.
    n_features_in_ : int
        Number p of columns of X.
    feature_names_in_ : ndarray of shape (p,)
        Column names of X, where X was a DataFrame whose names are strings.
    n_outputs_ : int
        Number q of columns of y.
    n_samples_fit_ : int
        Number n of fitted rows.
    discrete_features_, discrete_target_ : ndarray of bool, shape (p,) and (q,)
        Which columns are treated as discrete.
    """

    _note_category: type[Warning] = OutOfRangeWarning

    def fit(self, X, y):
        """Estimate the MI of a paired sample.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n, p)
            Numbers, booleans, text or categories; at least 5 rows.
        y : array-like or DataFrame of shape (n,) or (n, q)
            The same. Rows pair by position.

        Returns
        -------
        self : object
            The estimator, with `mi_` set (nats).

        Raises
        ------
        InvalidSampleError
            If the data cannot be used; the message names column, value, limit and remedy.
        """
        columns = read_pair(X, y)
        validate_data(self, X=X, y=y, skip_check_array=True)
        self._encoder = SampleEncoder(self.discrete_features, self.discrete_target)
        sample = self._encoder.fit(*columns)
        self.n_outputs_, self.n_samples_fit_ = sample.q, sample.n_samples
        self.discrete_features_ = sample.x_discrete
        self.discrete_target_ = sample.y_discrete
        self._x_kept, self._y_kept = ~sample.x_constant, ~sample.y_constant
        self._sample = sample.informative()
        # The offset costs a pass over all rows that a caller of `mi_` alone should not pay.
        self._lazy: dict[str, float] = {}
        if self._is_constant():
            self._fit_constant()
        else:
            self._fit_sample(self._sample)
        return self

    def predict(self, X) -> np.ndarray:
        """Information that each row of X carries about y.

        This is ``KL(p(y|x) || p(y))``, the specific surprise [1]_. Its mean over the fitted rows
        is `mi_`; a row's answer does not depend on the other rows.

        Parameters
        ----------
        X : array-like or DataFrame of shape (m, p)

        Returns
        -------
        ndarray of shape (m,)
            Nats.

        Raises
        ------
        InvalidSampleError
            If the data cannot be used, or hold a category that fit has not seen.

        References
        ----------
        .. [1] M. R. DeWeese and M. Meister (1999), "How to measure the information gained from
           one symbol", Network: Computation in Neural Systems 10, 325-340.
        """
        x = self._encode_x(X)
        if self._is_constant():
            return np.zeros(len(x))
        return self._row_information(x) + self._offset()

    def score_samples(self, X, y=None) -> np.ndarray:
        """Pointwise MI ``log p(x, y) / (p(x) p(y))`` of each row, under the fitted sample.

        Parameters
        ----------
        X : array-like or DataFrame of shape (m, p)
        y : array-like or DataFrame of shape (m,) or (m, q), default=None
            Where None, y is averaged over given x, which is what `predict` returns.

        Returns
        -------
        ndarray of shape (m,)
            Nats.

        Raises
        ------
        InvalidSampleError
            If the data cannot be used, or hold a category that fit has not seen.
        """
        if y is None:
            return self.predict(X)
        x, columns = self._encode_x(X), read_rows(y, "y")
        if len(x) != len(columns[0].values):
            raise InvalidSampleError(
                f"X has {len(x)} rows and y has {len(columns[0].values)}, and the numbers must be "
                f"equal. Pass one row of y per row of X."
            )
        y_encoded = self._encoder.encode_y(columns)[:, self._y_kept]
        return np.zeros(len(x)) if self._is_constant() else self._pointwise(x, y_encoded)

    def score(self, X, y) -> float:
        """MI of a new sample with the columns of the fitted one.

        Not a measure of how good the fit is: only a held-out bound is a valid objective for
        ``GridSearchCV``, and this is none.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n, p)
        y : array-like or DataFrame of shape (n,) or (n, q)

        Returns
        -------
        float
            Nats.

        Raises
        ------
        InvalidSampleError
            If the data cannot be used.
        """
        self._check_columns(X)
        sample = self._encoder.new_sample(*read_pair(X, y))
        return float(self._estimate_checked([sample])[0])

    def estimate_many(self, samples) -> np.ndarray:
        """MI of many paired samples; needs no fit.

        Parameters
        ----------
        samples : iterable of (X, y)
            X of shape (n,) or (n, p), y of shape (n,) or (n, q); sizes may differ between samples.

        Returns
        -------
        ndarray of shape (n_samples,)
            Nats, in the order of `samples`.

        Raises
        ------
        InvalidSampleError
            If a sample cannot be used; the message says which.
        """
        return self._estimate_checked(self._read_samples(samples))

    @available_if(_has_interval)
    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Interval for the MI of the fitted sample.

        Parameters
        ----------
        level : float, default=0.9
            Probability that an interval is meant to hold the true value, between 0 and 1.

        Returns
        -------
        low, high : float
            Nats.

        Raises
        ------
        ValueError
            If `level` is not strictly between 0 and 1.
        """
        check_is_fitted(self, "mi_")
        level = check_level(level)
        if self._is_constant():
            return 0.0, 0.0
        low, high = self._interval(level)
        return float(low), float(high)

    # Hooks with a default ---------------------------------------------------------------

    def _fit_sample(self, sample: Sample) -> None:
        self.mi_ = float(self._estimate(sample))

    def _fit_constant(self) -> None:
        self.mi_ = 0.0

    def _estimate_all(self, samples: list[Sample]) -> np.ndarray:
        return np.array([self._estimate(sample) for sample in samples])

    def _estimate_noted_all(self, samples: list[Sample]) -> list[tuple[float, tuple[str, ...]]]:
        if hasattr(self, "_estimate_noted"):
            return [self._estimate_noted(sample) for sample in samples]
        return [(float(mi), ()) for mi in self._estimate_all(samples)]

    # The rest is private to the base ------------------------------------------------------

    def _is_constant(self) -> bool:
        return self._sample.p == 0 or self._sample.q == 0

    def _offset(self) -> float:
        if "offset" not in self._lazy:
            information = self._row_information(self._sample.x)
            self._lazy["offset"] = self.mi_ - float(np.mean(information))
        return self._lazy["offset"]

    def _encode_x(self, X) -> np.ndarray:
        self._check_columns(X)
        return self._encoder.encode_x(read_rows(X, "X"))[:, self._x_kept]

    def _check_columns(self, X) -> None:
        check_is_fitted(self, "mi_")
        require_2d(X, "X")
        validate_data(self, X=X, skip_check_array=True, reset=False)

    def _read_samples(self, samples) -> list[Sample]:
        checked = []
        for number, pair in enumerate(samples):
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise InvalidSampleError(
                    f"Sample {number} is of type {type(pair).__name__}, but must be a tuple of "
                    f"two: its X and its y. Pass samples as [(X0, y0), (X1, y1), ...]."
                )
            checked.append(self._numbered_sample(number, *pair))
        return checked

    def _numbered_sample(self, number: int, X, y) -> Sample:
        try:
            return make_sample(
                X,
                y,
                discrete_features=self.discrete_features,
                discrete_target=self.discrete_target,
            )
        except InvalidSampleError as error:
            raise type(error)(f"Sample {number}: {error}") from error

    def _estimate_checked(self, samples: list[Sample]) -> np.ndarray:
        asked = self._informative(samples)
        answers = np.zeros(len(samples))
        if asked:
            answers[list(asked)] = self._estimate_all(list(asked.values()))
        return answers

    def _estimate_many_noted(self, samples) -> list[tuple[float, tuple[str, ...]]]:
        """As `estimate_many`, each MI with its notes, of which nothing is said aloud."""
        checked = self._read_samples(samples)
        asked = self._informative(checked)
        answers: list[tuple[float, tuple[str, ...]]] = [(0.0, ())] * len(checked)
        if asked:
            found = self._estimate_noted_all(list(asked.values()))
            for i, answer in zip(asked, found, strict=True):
                answers[i] = answer
        return answers

    @staticmethod
    def _informative(samples: list[Sample]) -> dict[int, Sample]:
        """By number those samples that can carry information, without constant columns."""
        informative = enumerate(sample.informative() for sample in samples)
        return {i: sample for i, sample in informative if sample.p and sample.q}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags
