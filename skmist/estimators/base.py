"""The contract of every MI estimator, as one base class."""

from __future__ import annotations

__all__ = ["MutualInfoEstimator"]

import warnings
from collections.abc import Iterable, Sequence
from types import MethodType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from skmist._errors import InvalidSampleError
from skmist._parameters import check_level
from skmist._result import MIEstimate
from skmist._sample.notes import category_of
from skmist._sample.reading import require_2d, without_mixed_names
from skmist._sample.sample import (
    Sample,
    SampleEncoder,
    informative_samples,
    make_sample,
    read_pair,
    read_rows,
)
from skmist._site import SiteLink
from skmist._state import VersionedState
from skmist.estimators.contract import SampleEstimator
from skmist.estimators.remarks import with_remarks

if TYPE_CHECKING:
    from sklearn.utils import Tags


class _WhereThereIsOne:
    """A method that estimators without an interval do not have; their error names the remedy."""

    def __init__(self, method: Any) -> None:
        self._method = method

    def __get__(self, estimator: MutualInfoEstimator | None, owner: Any = None) -> Any:
        if estimator is None:
            return self._method
        if not estimator.has_interval:
            name = type(estimator).__name__
            raise AttributeError(
                f"{name} has no interval of its own. Pass it to BootstrapCI, which resamples one: "
                f"BootstrapCI({name}()).fit(X, y).interval(), or mutual_info(X, y, "
                f"estimator=BootstrapCI({name}()))."
            )
        return MethodType(self._method, estimator)


def _where_there_is_one(method: Any) -> Any:
    return _WhereThereIsOne(method)


class MutualInfoEstimator(SampleEstimator, SiteLink, VersionedState, BaseEstimator):
    """Base class of the estimators of mutual information (MI); all answers are in nats.

    A subclass stores `discrete_features` and `discrete_target` among its constructor parameters
    and implements the hooks below. It never sees a constant column: these carry 0 nats, so the
    base drops them, and answers 0 by itself where a whole side is constant. Hooks say nothing
    aloud: what speaks against a number is a note, and the method that a user calls warns of it.
    The rest of the package asks through :mod:`skmist.estimators.ask`.

    ``_estimate(sample) -> float``
        MI of any sample. Must not use the fitted state.
    ``_pointwise(x, y) -> (m,)``
        Pointwise MI of m encoded rows against the fitted sample.
    ``_row_information(x) -> (m,)``
        What each of m encoded rows says about y, each row by itself. The base shifts it so that
        its mean over the fitted rows is `mi_`.
    ``_fit_sample(sample)``, optional
        Sets `mi_` and what the other hooks need, and `warnings_`, a tuple of str, where there is
        something to say. By default ``mi_ = _estimate(sample)``. The base keeps the sample in
        `_sample`.
    ``_fit_constant()``, optional
        What to set where a whole side is constant. By default ``mi_ = 0``.
    ``_estimate_all(samples) -> (k,)``, optional
        MI of k samples at once, where that is faster than one by one.
    ``_interval(level) -> (low, high)``, optional
        Interval of the fitted sample; without this hook there is no method `interval`.
    ``_intervals(levels) -> (k, 2)``, optional
        Intervals of the fitted sample at k levels at once.
    ``_answers(samples, level) -> list of MIEstimate``, optional
        MI of k samples with their notes, and with intervals unless `level` is None. By default
        from `_estimate_all`, or from a fit to each where there are intervals.
    ``_statistic(samples) -> (k,)``, optional
        What a test of independence compares; by default the MI.
    ``_tested_answers(samples, level) -> list of MIEstimate, (k,)``, optional
        What `_answers` and `_statistic` say, where both take one run.
    ``_null_source() -> NullSource or None``, optional
        Of an estimator that `reads_ranks`: where null distributions of its statistic are known
        from, if they are worth keeping between calls. By default None. The statistic must not
        depend on the names of categories without an order.
    ``_conditional(sample, left)``, optional
        What estimates the MI of x and y given z in a way of the estimator's own; see there. By
        default None: the chain rule is used.
    ``_most_columns() -> int or None``, optional
        Columns of a side beyond which the estimator should not be asked.
    ``_net_card() -> dict or None``
        Card of the pretrained net that the estimator runs.

    Class attributes say what may be done with an estimator.

    ``reads_ranks``
        The answer depends on the ranks of continuous columns alone.
    ``reads_order``
        The answer depends on the order of the values of ordered discrete columns. To all others
        these are categories like any.
    ``takes_repeated_rows``
        A row drawn twice is not taken for dependence.
    ``shares_columns``
        Of samples that are asked together, a side that several share is worked on once, and the
        rest is cheap: so tables ask for as many pairs at once as memory allows, by
        `_estimate_pairs`. It has neither intervals nor notes of its own.
    ``batches_alike``
        Samples of one shape and kind that are asked together run as one batch, which is faster:
        so tables ask for pairs of one kind together.
    ``sklearn_plug_in``
        Stands for scikit-learn's estimator, so that `mutual_info_classif` keeps that one's plug-in
        estimate between two discrete columns.
    ``is_slow``
        An estimate takes more than a few milliseconds, so that tables limit how many they ask for.
    ``note_category``
        Category of the warnings that notes become.

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
    warnings_ : tuple of str
        What speaks against the estimate or explains it, in words; `fit` warns of the former.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
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
        self._remember_names(X)
        encoder = SampleEncoder(self.discrete_features, self.discrete_target)
        sample = self._judged(encoder.fit(*columns))
        self._fit_to(sample, encoder)
        found = self._answer(self.mi_, sample, getattr(self, "warnings_", ()))
        answer, aloud = with_remarks(found, sample, sees_curves=self.sees_curves)
        self.warnings_ = answer.warnings
        self._warn(aloud)
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
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

    def score_samples(self, X: ArrayLike, y: ArrayLike | None = None) -> np.ndarray:
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

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
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
        sample = self._judged(self._encoder.new_sample(*read_pair(X, y)))
        return float(self._told_values([sample])[0])

    def estimate_many(self, samples: Sequence[tuple[ArrayLike, ArrayLike]]) -> np.ndarray:
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
        return self._told_values(self._read_samples(samples))

    @_where_there_is_one
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

    def _intervals(self, levels: Sequence[float]) -> np.ndarray:
        return np.array([self._interval(level) for level in levels])

    def _answers(self, samples: list[Sample], level: float | None) -> list[MIEstimate]:
        if level is not None and self.has_interval:
            return [fitted._fitted_answer(level) for fitted in self._fits_to(samples)]
        return super()._answers(samples, level)

    # What subclasses and the doors of skmist.estimators.ask share -----------------------------

    def _fit_to(self, sample: Sample, encoder: SampleEncoder | None = None) -> Self:
        """Fit to a sample that has been read; nothing is said aloud.

        Parameters
        ----------
        sample : Sample
        encoder : SampleEncoder or None, default=None
            What encoded it; None where new rows come encoded as those of the sample.

        Returns
        -------
        self
        """
        self._hold(sample, encoder)
        if self._is_constant():
            self._fit_constant()
        else:
            self._fit_sample(self._sample)
        return self._with_notes(sample)

    def _fits_to(self, samples: Sequence[Sample]) -> list[Self]:
        """Clones that are fitted to samples, one each."""
        return [clone(self)._fit_to(sample) for sample in samples]

    def _hold(self, sample: Sample, encoder: SampleEncoder | None = None) -> None:
        """Keep what a fit keeps of a sample, before anything is estimated."""
        self._encoder = SampleEncoder.of(sample) if encoder is None else encoder
        self.n_features_in_, self.n_outputs_ = sample.p, sample.q
        self.n_samples_fit_ = sample.n_samples
        self.discrete_features_ = sample.x.discrete
        self.discrete_target_ = sample.y.discrete
        self._x_kept, self._y_kept = ~sample.x.constant, ~sample.y.constant
        self._sample = sample.informative()
        # The offset costs a pass over all rows that a caller of `mi_` alone should not pay.
        self._lazy: dict[str, Any] = {}
        self.__dict__.pop("warnings_", None)

    def _with_notes(self, sample: Sample) -> Self:
        """The fitted estimator, with what is to be said of its sample."""
        if sample.notes:
            said = (*sample.notes, *getattr(self, "warnings_", ()))
            self.warnings_ = tuple(dict.fromkeys(said))
        return self

    def _judged(self, sample: Sample) -> Sample:
        """A sample that was read, with its copies counted once and notes about its rows."""
        return sample.judged(self.duplicates)

    def _fitted_answer(self, level: float) -> MIEstimate:
        """The answer about the fitted sample, with its interval."""
        low, high = self.interval(level)
        notes = getattr(self, "warnings_", ())
        return self._answer(float(self.mi_), self._sample, notes, low, high, level)

    def _ends_at(self, levels: Sequence[float]) -> np.ndarray:
        """Intervals of the fitted sample at k levels, shape (k, 2)."""
        return np.zeros((len(levels), 2)) if self._is_constant() else self._intervals(levels)

    def _fitted_pointwise(self) -> np.ndarray:
        """Pointwise MI of the fitted rows, shape (n,)."""
        if self._is_constant():
            return np.zeros(self.n_samples_fit_)
        return self._pointwise(self._sample.x.values, self._sample.y.values)

    def _warn(self, notes: Iterable[str], stacklevel: int = 3) -> None:
        """Say each note once, to whoever called the public method that calls this."""
        for note in dict.fromkeys(notes):
            category = category_of(note, self.note_category)
            warnings.warn(note, category, stacklevel=stacklevel)

    # The rest is private to the base ------------------------------------------------------

    def _is_constant(self) -> bool:
        return self._sample.p == 0 or self._sample.q == 0

    def _offset(self) -> float:
        if "offset" not in self._lazy:
            information = self._row_information(self._sample.x.values)
            self._lazy["offset"] = self.mi_ - float(np.mean(information))
        return self._lazy["offset"]

    def _remember_names(self, X: ArrayLike) -> None:
        if type(X) is np.ndarray:
            # has no names, and scikit-learn takes its time to see that
            self.__dict__.pop("feature_names_in_", None)
        else:
            validate_data(self, X=without_mixed_names(X), skip_check_array=True)

    def _encode_x(self, X: ArrayLike) -> np.ndarray:
        self._check_columns(X)
        return self._encoder.encode_x(read_rows(X, "X"))[:, self._x_kept]

    def _check_columns(self, X: ArrayLike) -> None:
        check_is_fitted(self, "mi_")
        require_2d(X, "X")
        validate_data(self, X=without_mixed_names(X), skip_check_array=True, reset=False)

    def _read_samples(self, samples: Sequence[tuple[ArrayLike, ArrayLike]]) -> list[Sample]:
        checked = []
        for number, pair in enumerate(samples):
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise InvalidSampleError(
                    f"Sample {number} is of type {type(pair).__name__}, but must be a tuple of "
                    f"two: its X and its y. Pass samples as [(X0, y0), (X1, y1), ...]."
                )
            checked.append(self._numbered_sample(number, *pair))
        return checked

    def _numbered_sample(self, number: int, X: ArrayLike, y: ArrayLike) -> Sample:
        try:
            return make_sample(
                X,
                y,
                discrete_features=self.discrete_features,
                discrete_target=self.discrete_target,
                duplicates=self.duplicates,
                tells=self.block_size is None,
            )
        except InvalidSampleError as error:
            raise type(error)(f"Sample {number}: {error}") from error

    def _told_values(self, samples: list[Sample]) -> np.ndarray:
        """MI of samples, nats, shape (k,); what speaks against them is said aloud."""
        values = np.zeros(len(samples))
        asked = informative_samples(samples)
        notes = [note for sample in samples for note in sample.notes]
        if asked:
            answers = self._answers(list(asked.values()), None)
            values[list(asked)] = [answer.mi for answer in answers]
            pairs = zip(answers, (samples[k] for k in asked), strict=True)
            for pair in pairs:
                notes += with_remarks(*pair, sees_curves=self.sees_curves)[1]
        self._warn(notes, 4)
        return values

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags
