"""Confidence intervals for any estimator of MI, by resampling that is valid for it."""

from __future__ import annotations

__all__ = ["BootstrapCI"]

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri
from sklearn import get_config
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from skmist._parallel import run_in_order
from skmist._parameters import check_level
from skmist._progress import progress_bar
from skmist._result import MIEstimate
from skmist._sample.blocks import row_blocks, thinned_rows
from skmist._sample.entropy import entropy_limit
from skmist._sample.sample import Sample, SampleEncoder
from skmist.estimators.ask import estimate_samples, estimate_values, fit_to, pointwise
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.ksg.estimator import KSGEstimator
from skmist.estimators.remarks import with_remarks
from skmist.intervals.bootstrap_checks import (
    check_blocks,
    check_method,
    check_parameters,
    resample_size,
)
from skmist.intervals.resampling import (
    LeaveOneOut,
    Resampling,
    basic_interval,
    bca_interval,
    error_with_bias,
    normal_interval,
    percentile_interval,
    studentized_interval,
    variance_ratio,
)

_CHUNK = 16
_KINDS = ("discrete_features", "discrete_target")
_PASSED_ON = (*_KINDS, "duplicates")


class BootstrapCI(MutualInfoEstimator):
    """Confidence interval for the MI that any estimator of this package gives.

    The estimate is that of `estimator` on all rows; the interval comes from its estimates on
    resampled rows. Which resampling is valid depends on the estimator. Drawing rows with
    replacement repeats rows, and what looks at distances, fits a critic or was trained on
    samples without repetitions takes a repeated row for dependence: KSG reads 0.77 nats on
    independent data (n = 500). Such a combination is refused.

    - ``"subsampling"``: estimates on `max_samples` of the rows, drawn without replacement. Their
      spread about their own mean, rescaled, is the standard error [1]_; how far that mean lies
      off the estimate, rescaled, is its bias. The interval is normal, with the root mean square
      of the two (the bias without its noise) for the error. Valid for all estimators.
    - ``"delta"``: a normal interval from the standard error of the mean of the pointwise MI.
      Needs no resamples; too narrow, since the fitted values follow the sample.
    - ``"smoothed"``: rows with replacement, with a kernel's noise on continuous columns, so that
      none repeats [2]_. A normal interval from their spread; it blurs sharp dependence.
    - ``"percentile"``, ``"basic"``, ``"bca"``, ``"studentized"``: the classical bootstrap [3]_;
      ``"m_out_of_n"`` draws `max_samples` rows with replacement. Only for estimators that
      repeated rows do not mislead, or where all columns are discrete. The former are
      :class:`GaussianCopulaEstimator`, and classes whose attribute ``takes_repeated_rows`` is
      true.

    Parameters
    ----------
    estimator : MutualInfoEstimator or None, default=None
        The estimator; it is cloned. None stands for ``KSGEstimator(n_neighbors=1)``, which has
        the least bias beside its spread, and so the most reliable interval. Which columns are
        discrete is a parameter of the estimator's.
    method : str, default="subsampling"
        One of those above.
    n_resamples : int, default=200
        Number of resamples, at least 20; "delta" takes none.
    max_samples : "auto", float or int, default="auto"
        Rows of a resample of "subsampling" and "m_out_of_n": a share of all, or a number. "auto"
        is ``n^0.8``, half of the rows at most: 39 of 100, 251 of 1,000, 1,584 of 10,000.
    confidence_level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1: that of
        `low_` and `high_`, and of `interval` where it is given none.
    block_size : int or None, default=None
        How many successive rows depend on one another, for a series whose rows depend on the ones
        before. A resample then has at most one row of each block, and `mi_` is the mean over
        choices of one row of each. Only for methods that resample rows.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    random_state : int, RandomState instance or None, default=0
        Source of the rows that are drawn. With an int the same sample always gets the same
        interval.
    verbose : bool, default=False
        Whether to show a progress bar.

    Attributes
    ----------
    mi_ : float
        Estimate on all rows, nats.
    low_, high_ : float
        Interval at `confidence_level`, nats; clipped at 0, and at what the entropy of a discrete
        side may well be. It holds `mi_`, or where that is impossible, as a negative estimate of
        KSG's, what is nearest to it, which is then the ``mi`` of :func:`mutual_info`.
    standard_error_ : float
        Of the estimate, nats.
    bias_ : float
        What the resamples say of the bias of `mi_`, nats; 0 for "delta". Not subtracted.
    resamples_ : ndarray of shape (n_resamples,)
        Estimates on the resamples, nats; empty for "delta".
    estimator_ : MutualInfoEstimator
        The clone that was fitted, to the encoded rows.
    warnings_ : tuple of str
        What the estimator says against its number.

    See Also
    --------
    MISTRegressor : Has an interval of its own, from one pass of a net.

    Notes
    -----
    No resampling sees a bias that hardly changes with n. KSG has one in more than a few columns,
    and with heavy tails; its intervals lie too low there. Fewer neighbors mean less bias, and
    intervals that are wider and hold more often.

    Used as ``mutual_info(X, y, estimator=BootstrapCI(...))`` the estimate has ``low`` and
    ``high``.

    References
    ----------
    .. [1] D. N. Politis and J. P. Romano (1994), "Large sample confidence regions based on
       subsamples under minimal assumptions", Annals of Statistics 22, 2031-2050.
    .. [2] B. W. Silverman and G. A. Young (1987), "The bootstrap: to smooth or not to smooth?",
       Biometrika 74, 469-479.
    .. [3] B. Efron and R. J. Tibshirani (1993), "An introduction to the bootstrap", Chapman &
       Hall.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import BootstrapCI, KSGEstimator
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(300, 1))
    >>> y = x[:, 0] + rng.normal(size=300)
    >>> ci = BootstrapCI(KSGEstimator(), n_resamples=50).fit(x, y)
    >>> low, high = ci.interval(0.9)
    >>> bool(low < 0.347 < high)  # truth: log(2) / 2 = 0.347
    True
    >>> BootstrapCI(KSGEstimator(), method="percentile").fit(x, y)
    Traceback (most recent call last):
    ValueError: method='percentile' draws rows with replacement, and KSGEstimator takes ...
    """

    def __init__(
        self,
        estimator: MutualInfoEstimator | None = None,
        *,
        method: str = "subsampling",
        n_resamples: int = 200,
        max_samples: float | str = "auto",
        confidence_level: float = 0.9,
        block_size: int | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = 0,
        verbose: bool = False,
    ) -> None:
        self.estimator = estimator
        self.method = method
        self.n_resamples = n_resamples
        self.max_samples = max_samples
        self.confidence_level = confidence_level
        self.block_size = block_size
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @property
    def discrete_features(self) -> Any:
        """Which columns of X are discrete: a parameter of the estimator's."""
        return self._wrapped().discrete_features

    @property
    def discrete_target(self) -> Any:
        """Which columns of y are discrete: a parameter of the estimator's."""
        return self._wrapped().discrete_target

    @property
    def duplicates(self) -> Any:  # type: ignore[override]
        """Whether rows that were copied count once: a parameter of the estimator's."""
        return self._wrapped().duplicates

    def set_params(self, **params: Any) -> Self:
        """Set parameters, those of the estimator as ``estimator__NAME``.

        ``discrete_features``, ``discrete_target`` and ``duplicates`` are passed on to the
        estimator, so that functions that set them for any estimator can take this one.

        Parameters
        ----------
        **params : dict

        Returns
        -------
        self : BootstrapCI
        """
        kinds = {f"estimator__{name}": params.pop(name) for name in _PASSED_ON if name in params}
        if kinds and params.get("estimator", self.estimator) is None:
            params["estimator"] = self._wrapped()
        return super().set_params(**params, **kinds)

    def fit(
        self, X: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, **params: Any
    ) -> Self:
        """Estimate the MI of a paired sample, and resample.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n, p)
            As in the estimator's fit.
        y : array-like or DataFrame of shape (n,) or (n, q)
            The same.
        groups : array-like of shape (n,) or None, default=None
            Labels of groups of rows that depend on one another, instead of `block_size`.
        **params : dict
            Metadata for the estimator's `fit`, where routing is enabled.

        Returns
        -------
        self : BootstrapCI

        Raises
        ------
        InvalidSampleError
            If the data cannot be used, or are too few to resample.
        TypeError
            If `estimator` is not one of this package.
        ValueError
            If a parameter is out of range, or `method` is not valid for the estimator.
        """
        self._check_parameters()
        self._routed, self._groups = self._route(params), groups
        return super().fit(X, y)

    def estimate_many(self, samples: Sequence[tuple[ArrayLike, ArrayLike]]) -> np.ndarray:
        """MI of many paired samples by the estimator, without intervals; needs no fit.

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
        TypeError, ValueError
            As in `fit`.
        """
        self._check_parameters()
        return clone(self._wrapped()).estimate_many(samples)

    def interval(self, level: float | None = None) -> tuple[float, float]:
        """Interval for the MI of the fitted sample.

        Parameters
        ----------
        level : float or None, default=None
            Probability that an interval is meant to hold the true value, between 0 and 1. None
            stands for `confidence_level`.

        Returns
        -------
        low, high : float
            Nats; clipped as `low_` and `high_`.

        Raises
        ------
        ValueError
            If `level` is not strictly between 0 and 1.
        """
        return super().interval(self.confidence_level if level is None else level)

    def estimate_intervals(
        self, samples: Sequence[tuple[ArrayLike, ArrayLike]], level: float = 0.9
    ) -> list:
        """MI of many paired samples with intervals; needs no fit.

        Parameters
        ----------
        samples : iterable of (X, y)
            As in `estimate_many`.
        level : float, default=0.9
            Probability that an interval is meant to hold the true value, between 0 and 1.

        Returns
        -------
        list of (mi, low, high, warnings)
            Nats, and the estimator's warnings about the sample, a tuple of str.

        Raises
        ------
        InvalidSampleError
            If a sample cannot be used; the message says which.
        TypeError, ValueError
            As in `fit`.
        """
        level = check_level(level)
        read = self._read_samples(samples)
        found = estimate_samples(self, read, level=level)
        answers = [with_remarks(*pair)[0] for pair in zip(found, read, strict=True)]
        return [(found.mi, found.low, found.high, found.warnings) for found in answers]

    def get_metadata_routing(self) -> Any:
        """Return what of `fit`'s metadata goes to the estimator.

        Returns
        -------
        MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        router = MetadataRouter(owner=type(self).__name__)
        return router.add(estimator=self._wrapped(), method_mapping=mapping)

    # Hooks of the base --------------------------------------------------------------------

    def _judged(self, sample: Sample) -> Sample:
        return sample.judged(self.duplicates, self.__dict__.pop("_groups", None), self.block_size)

    def _fit_to(self, sample: Sample, encoder: SampleEncoder | None = None) -> BootstrapCI:
        self._check_parameters()
        super()._fit_to(sample, encoder)
        self.low_, self.high_ = self.interval()
        return self

    def _answers(self, samples: list[Sample], level: float | None) -> list[MIEstimate]:
        self._check_parameters()
        return super()._answers(samples, level)

    def _fit_sample(self, sample: Sample) -> None:
        check_method(self.method, self._wrapped(), sample)
        blocks = sample.blocks or row_blocks(sample.n_samples, None, self.block_size)
        parts = [] if blocks is None else thinned_rows(blocks)
        check_blocks(self.method, blocks)
        n = len(parts[0]) if parts else sample.n_samples
        size = resample_size(self.method, self.max_samples, n)
        estimator = clone(self._wrapped())
        self.estimator_ = self._fitted(sample)
        self.warnings_ = getattr(self.estimator_, "warnings_", ())
        self.mi_ = float(self.estimator_.mi_)
        if parts:
            # of all rows together, a row's neighbors are those beside it, which say nothing
            self.mi_ = float(estimate_values(estimator, [sample.rows(r) for r in parts]).mean())
        if self.method == "delta":
            error = _pointwise_error(self.estimator_)
            self._set_spread(np.empty(0), error, 0.0)
            return
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        replace = self.method != "subsampling"
        labels = None if blocks is None else blocks.labels
        plan = Resampling(size, replace, self.method == "smoothed", seed, labels)
        resamples = self._gather(_estimates, estimator, sample, plan, self.n_resamples)
        self._ratio = ratio = variance_ratio(n, size, replace)
        error = float(np.sqrt(ratio) * resamples.std(ddof=1))
        self._set_spread(resamples, error, float(ratio * (resamples.mean() - self.mi_)))
        if self.method == "bca":
            self._left_out = self._gather(_estimates, estimator, sample, LeaveOneOut(), n)
        if self.method == "studentized":
            self._own_error = _pointwise_error(self.estimator_)
            self._errors = self._gather(_errors, estimator, sample, plan, self.n_resamples)

    def _fit_constant(self) -> None:
        super()._fit_constant()
        self.warnings_ = ()
        self._set_spread(np.zeros(0 if self.method == "delta" else self.n_resamples), 0.0, 0.0)

    def _estimate(self, sample: Sample) -> float:
        return float(estimate_values(self._wrapped(), [sample])[0])

    def _pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self.estimator_.score_samples(x, y)

    def _row_information(self, x: np.ndarray) -> np.ndarray:
        return self.estimator_.predict(x)

    def _interval(self, level: float) -> tuple[float, float]:
        limit = float(entropy_limit(self._sample, ndtri(0.5 + level / 2.0)))
        low, high = self._unclipped_interval(level)
        # the quantiles of resamples need not lie about the estimate
        low, high = np.clip((min(low, self.mi_), max(high, self.mi_)), 0.0, limit)
        return float(low), float(high)

    # Private ------------------------------------------------------------------------------

    def _unclipped_interval(self, level: float) -> tuple[float, float]:
        mi, resamples = self.mi_, self.resamples_
        if self.method == "percentile":
            return percentile_interval(resamples, level)
        if self.method == "basic":
            return basic_interval(mi, resamples, level)
        if self.method == "bca":
            return bca_interval(mi, resamples, self._left_out, level)
        if self.method == "studentized":
            return studentized_interval(mi, self._own_error, resamples, self._errors, level)
        error = self.standard_error_
        if self.method == "subsampling":
            error = error_with_bias(error, self.bias_, self._ratio)
        return normal_interval(mi, error, level)

    def _set_spread(self, resamples: np.ndarray, error: float, bias: float) -> None:
        self.resamples_, self.standard_error_, self.bias_ = resamples, error, bias

    def _gather(
        self,
        function: Callable[..., Any],
        estimator: MutualInfoEstimator,
        sample: Sample,
        plan: Any,
        count: int,
    ) -> np.ndarray:
        """Apply a function to the resamples of a plan, in chunks and in parallel where asked."""
        chunks = [range(i, min(i + _CHUNK, count)) for i in range(0, count, _CHUNK)]
        tasks = ((estimator, sample, plan, chunk) for chunk in chunks)
        parts = []
        with progress_bar(self.verbose, "resample", count, title="BootstrapCI") as bar:
            for part in run_in_order(function, tasks, self.n_jobs):
                parts.append(part)
                bar.update(len(part))
        return np.concatenate(parts)

    def _fitted(self, sample: Sample) -> MutualInfoEstimator:
        """A clone of the estimator, fitted with the metadata that `fit` was given for it."""
        if not getattr(self, "_routed", None):
            return fit_to(self._wrapped(), sample)
        estimator, (x, y) = clone(self._wrapped()), (sample.x, sample.y)
        kinds = (x.column_kinds, y.column_kinds)
        estimator.set_params(**dict(zip(_KINDS, kinds, strict=True)))
        return estimator.fit(x.values, y.values, **self._routed)

    @property
    def note_category(self) -> type[Warning]:  # type: ignore[override]
        """Category of the warnings that the estimator's notes become."""
        return self._wrapped().note_category

    @property
    def reads_order(self) -> bool:  # type: ignore[override]
        """Whether the estimator's answer depends on the order of ordered discrete columns."""
        return self._wrapped().reads_order

    def _wrapped(self) -> MutualInfoEstimator:
        return KSGEstimator(n_neighbors=1) if self.estimator is None else self.estimator

    def _check_parameters(self) -> None:
        check_parameters(
            self._wrapped(),
            self.method,
            self.n_resamples,
            self.max_samples,
            self.confidence_level,
        )

    def _route(self, params: dict) -> dict:
        if get_config()["enable_metadata_routing"]:
            return process_routing(self, "fit", **params).estimator.fit
        if params:
            raise ValueError(
                f"fit got the metadata {sorted(params)}, but metadata routing is off. Switch it "
                "on with sklearn.set_config(enable_metadata_routing=True)."
            )
        return {}


def _estimates(
    estimator: MutualInfoEstimator, sample: Sample, plan: Any, numbers: np.ndarray
) -> np.ndarray:
    """MI of the resamples of these numbers, nats."""
    return estimate_values(estimator, [plan.draw(sample, number) for number in numbers])


def _errors(
    estimator: MutualInfoEstimator, sample: Sample, plan: Any, numbers: np.ndarray
) -> np.ndarray:
    """Standard errors of the estimates on the resamples of these numbers, nats."""
    resamples = (plan.draw(sample, number) for number in numbers)
    return np.array([_pointwise_error(fit_to(estimator, drawn)) for drawn in resamples])


def _pointwise_error(fitted: MutualInfoEstimator) -> float:
    """Standard error of the mean of the pointwise MI of the fitted rows, nats."""
    local = pointwise(fitted)
    return float(local.std(ddof=1) / np.sqrt(len(local)))
