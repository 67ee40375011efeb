"""Confidence intervals for any estimator of MI, by resampling that is valid for it."""

from __future__ import annotations

__all__ = ["BootstrapCI"]

from numbers import Integral, Real

import numpy as np
from joblib import Parallel, delayed
from scipy.special import ndtri
from sklearn import get_config
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)

from skmist._base import MutualInfoEstimator, check_level
from skmist._errors import InvalidSampleError
from skmist._resampling import (
    basic_interval,
    bca_interval,
    draw_rows,
    percentile_interval,
    smoothed_rows,
    studentized_interval,
    subsampling_interval,
    subsampling_scale,
)
from skmist._sample import MIN_SAMPLES, Sample
from skmist.gaussian_copula import GaussianCopulaEstimator

_WITH_REPLACEMENT = ("m_out_of_n", "percentile", "basic", "bca", "studentized")
_METHODS = ("subsampling", *_WITH_REPLACEMENT, "smoothed", "delta")
_CHUNK = 16


class BootstrapCI(MutualInfoEstimator):
    """Confidence interval for the MI that any estimator of this package gives.

    The estimate is that of `estimator` on all rows; the interval comes from estimates on
    resampled rows. Which resampling is valid depends on the estimator: drawing rows with
    replacement repeats rows, and what looks at distances, fits a critic or was trained on
    samples without repetitions takes a repeated row for dependence (KSG reads 0.77 nats on
    independent data, n = 500). Such a combination is refused.

    - ``"subsampling"``: estimates on `max_samples` of the rows, drawn without replacement; their
      deviations about their mean, rescaled, stand for those of the estimate [1]_. Valid for all.
    - ``"delta"``: a normal interval from the standard error of the mean of the pointwise MI.
      Valid for all, needs no resamples, and is too narrow where the fit follows the sample.
    - ``"smoothed"``: rows with replacement, with a kernel's noise on continuous columns, which
      repeats none [2]_; deviations about the mean as above. Blurs sharp dependence.
    - ``"percentile"``, ``"basic"``, ``"bca"``, ``"studentized"``: the classical bootstrap [3]_;
      ``"m_out_of_n"`` draws `max_samples` rows with replacement. Only for estimators that repeated
      rows do not mislead, or where all columns are discrete. The former are
      :class:`GaussianCopulaEstimator`, and classes whose attribute ``takes_repeated_rows`` is
      true.

    Parameters
    ----------
    estimator : MutualInfoEstimator
        The estimator; it is cloned. Which columns are discrete is its to say.
    method : str, default="subsampling"
        One of those above.
    n_resamples : int, default=200
        Number of resamples, at least 20; "delta" takes none.
    max_samples : float or int, default=0.5
        Rows of a resample of "subsampling" and "m_out_of_n": a share of all, or a number.
    confidence_level : float, default=0.9
        Level of `low_` and `high_`; `interval` takes any.
    n_jobs : int, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    progress : bool, default=False
        Show a progress bar on a terminal when the work takes more than a second.
    random_state : int, RandomState instance or None, default=None
        Which rows are drawn. An int gives the same interval every time.

    Attributes
    ----------
    mi_ : float
        Estimate on all rows, nats.
    low_, high_ : float
        Interval at `confidence_level`, nats, 0 at least.
    standard_error_ : float
        Of the estimate, nats: the rescaled standard deviation of the resamples.
    resamples_ : ndarray of shape (n_resamples,)
        Estimates on the resamples, nats; empty for "delta".
    estimator_ : MutualInfoEstimator
        The clone that was fitted on all rows.

    See Also
    --------
    MISTRegressor : Has an interval of its own, from one pass of a net.

    Notes
    -----
    An interval covers what the estimator converges to at this sample size: resampling cannot see
    a bias. KSG above a few columns is badly biased, and so are the intervals about it.

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
    >>> ci = BootstrapCI(KSGEstimator(), n_resamples=50, random_state=0).fit(x, y)
    >>> low, high = ci.interval(0.9)
    >>> bool(low < 0.347 < high)  # truth: log(2) / 2 = 0.347
    True
    >>> BootstrapCI(KSGEstimator(), method="percentile").fit(x, y)
    Traceback (most recent call last):
    ValueError: method='percentile' draws rows with replacement, and KSGEstimator takes ...
    """

    def __init__(
        self,
        estimator,
        *,
        method="subsampling",
        n_resamples=200,
        max_samples=0.5,
        confidence_level=0.9,
        n_jobs=None,
        progress=False,
        random_state=None,
    ):
        self.estimator = estimator
        self.method = method
        self.n_resamples = n_resamples
        self.max_samples = max_samples
        self.confidence_level = confidence_level
        self.n_jobs = n_jobs
        self.progress = progress
        self.random_state = random_state

    @property
    def discrete_features(self):
        """Which columns of X are discrete: what the estimator says."""
        return self.estimator.discrete_features

    @property
    def discrete_target(self):
        """Which columns of y are discrete: what the estimator says."""
        return self.estimator.discrete_target

    def fit(self, X, y, **params):
        """Estimate the MI of a paired sample, and resample.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n, p)
        y : array-like or DataFrame of shape (n,) or (n, q)
        **params : dict
            Metadata for the estimator's `fit`, where routing is enabled.

        Returns
        -------
        self : BootstrapCI

        Raises
        ------
        InvalidSampleError
            If the data cannot be used, or are too few to resample.
        ValueError
            If a parameter is out of range, or `method` is not valid for the estimator.
        """
        self._check_parameters()
        self._routed = self._route(params)
        super().fit(X, y)
        self.low_, self.high_ = self.interval(self.confidence_level)
        return self

    def estimate_intervals(self, samples, level=0.9):
        """MI of many paired samples with intervals; needs no fit.

        Parameters
        ----------
        samples : iterable of (X, y)
            As in `estimate_many`.
        level : float, default=0.9
            Probability that an interval is meant to hold the true MI.

        Returns
        -------
        list of (mi, low, high, warnings)
            Nats, and an empty tuple.

        Raises
        ------
        InvalidSampleError
            If a sample cannot be used; the message says which.
        ValueError
            As in `fit`.
        """
        level = check_level(level)
        self._check_parameters()
        answers = []
        for sample in self._read_samples(samples):
            fitted = clone(self).set_params(**_kinds(sample, "estimator__"))
            fitted.fit(sample.x, sample.y)
            answers.append((fitted.mi_, *fitted.interval(level), ()))
        return answers

    def get_metadata_routing(self):
        """Return what of `fit`'s metadata goes to the estimator.

        Returns
        -------
        MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        router = MetadataRouter(owner=type(self).__name__)
        return router.add(estimator=self.estimator, method_mapping=mapping)

    # Hooks of the base --------------------------------------------------------------------

    def _fit_sample(self, sample: Sample) -> None:
        self._check_valid(sample)
        inner = clone(self.estimator).set_params(**_kinds(sample))
        self.estimator_ = inner.fit(sample.x, sample.y, **self._routed)
        self.mi_ = float(inner.mi_)
        self._seed = np.random.SeedSequence(
            check_random_state(self.random_state).randint(2**31 - 1)
        )
        self.resamples_ = np.empty(0)
        if self.method != "delta":
            self.resamples_ = self._on_resamples(self._estimates)
        self.standard_error_ = self._standard_error()

    def _fit_constant(self) -> None:
        self.mi_ = self.standard_error_ = 0.0
        self.resamples_ = np.zeros(0 if self.method == "delta" else self.n_resamples)

    def _estimate(self, sample: Sample) -> float:
        return float(self._estimate_all([sample])[0])

    def _estimate_all(self, samples: list[Sample]) -> np.ndarray:
        return np.array(
            [
                clone(self.estimator)
                .set_params(**_kinds(sample))
                .estimate_many([(sample.x, sample.y)])[0]
                for sample in samples
            ]
        )

    def _pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self.estimator_.score_samples(x, y)

    def _row_information(self, x: np.ndarray) -> np.ndarray:
        return self.estimator_.predict(x)

    def _interval(self, level: float) -> tuple[float, float]:
        low, high = self._unclipped_interval(level)
        return max(low, 0.0), max(high, 0.0)

    # Private ------------------------------------------------------------------------------

    def _unclipped_interval(self, level: float) -> tuple[float, float]:
        mi, resamples = self.mi_, self.resamples_
        if self.method == "delta":
            reach = float(ndtri(0.5 + level / 2.0)) * self.standard_error_
            return mi - reach, mi + reach
        if self.method == "percentile":
            return percentile_interval(resamples, level)
        if self.method == "basic":
            return basic_interval(mi, resamples, level)
        if self.method == "bca":
            return bca_interval(mi, resamples, self._left_out(), level)
        if self.method == "studentized":
            return studentized_interval(mi, *self._own_errors(), level)
        return subsampling_interval(mi, resamples, self._scale(), level)

    def _standard_error(self) -> float:
        if self.method == "delta":
            return _pointwise_error(self.estimator_, self._sample.x, self._sample.y)
        return float(self._scale() * self.resamples_.std(ddof=1))

    def _scale(self) -> float:
        n = self._sample.n_samples
        if self.method == "subsampling":
            return subsampling_scale(n, self._n_drawn(n))
        if self.method == "m_out_of_n":
            return float(np.sqrt(self._n_drawn(n) / n))
        return 1.0

    def _resample(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Resample of a number: the same whenever it is asked for."""
        sample = self._sample
        seed = np.random.SeedSequence(self._seed.entropy, spawn_key=(int(number),))
        if self.method == "smoothed":
            return smoothed_rows(sample, seed)
        n = sample.n_samples
        fewer = self.method in ("subsampling", "m_out_of_n")
        size, replace = self._n_drawn(n) if fewer else n, self.method != "subsampling"
        rows = draw_rows(n, size, replace=replace, seed=seed)
        return sample.x[rows], sample.y[rows]

    def _on_resamples(self, function) -> np.ndarray:
        """Apply a function of chunks of resamples' numbers, in parallel where asked."""
        from tqdm import tqdm

        numbers = np.arange(self.n_resamples)
        chunks = [numbers[i : i + _CHUNK] for i in range(0, len(numbers), _CHUNK)]
        tasks = Parallel(n_jobs=self.n_jobs, return_as="generator")(
            delayed(function)(chunk) for chunk in chunks
        )
        # None switches the bar off where stderr is not a terminal
        hidden = None if self.progress else True
        bar = tqdm(tasks, total=len(chunks), unit="chunk", delay=1, leave=False, disable=hidden)
        return np.concatenate(list(bar))

    def _estimates(self, numbers: np.ndarray) -> np.ndarray:
        estimator = clone(self.estimator).set_params(**_kinds(self._sample))
        return estimator.estimate_many([self._resample(number) for number in numbers])

    def _errors(self, numbers: np.ndarray) -> np.ndarray:
        estimator = clone(self.estimator).set_params(**_kinds(self._sample))
        errors = []
        for number in numbers:
            x, y = self._resample(number)
            errors.append(_pointwise_error(estimator.fit(x, y), x, y))
        return np.array(errors)

    def _own_errors(self) -> tuple[float, np.ndarray, np.ndarray]:
        """Standard error of the estimate, the resamples, and their standard errors."""
        if "errors" not in self._lazy:
            error = _pointwise_error(self.estimator_, self._sample.x, self._sample.y)
            self._lazy["errors"] = (error, self.resamples_, self._on_resamples(self._errors))
        return self._lazy["errors"]

    def _left_out(self) -> np.ndarray:
        """Jackknife: estimates without each row."""
        if "left_out" not in self._lazy:
            x, y = self._sample.x, self._sample.y
            estimator = clone(self.estimator).set_params(**_kinds(self._sample))
            pairs = ((np.delete(x, i, 0), np.delete(y, i, 0)) for i in range(len(x)))
            self._lazy["left_out"] = estimator.estimate_many(pairs)
        return self._lazy["left_out"]

    def _n_drawn(self, n: int) -> int:
        share = self.max_samples
        return int(share) if isinstance(share, Integral) else int(share * n)

    def _route(self, params: dict) -> dict:
        if get_config()["enable_metadata_routing"]:
            return process_routing(self, "fit", **params).estimator.fit
        if params:
            raise ValueError(
                f"fit got the metadata {sorted(params)}, but metadata routing is off. Switch it "
                "on with sklearn.set_config(enable_metadata_routing=True)."
            )
        return {}

    def _check_parameters(self) -> None:
        if not isinstance(self.estimator, MutualInfoEstimator):
            raise TypeError(
                f"estimator is of type {type(self.estimator).__name__}; pass an estimator of "
                "skmist, such as KSGEstimator()."
            )
        if self.method not in _METHODS:
            raise ValueError(f"method={self.method!r} is not one of {', '.join(_METHODS)}.")
        if not isinstance(self.n_resamples, Integral) or self.n_resamples < 20:
            raise ValueError(
                f"n_resamples={self.n_resamples!r} must be an integer of at least 20; pass 200."
            )
        check_level(self.confidence_level)
        share = self.max_samples
        is_share = isinstance(share, Real) and not isinstance(share, Integral) and 0 < share < 1
        if isinstance(share, bool) or not (is_share or isinstance(share, Integral)):
            raise ValueError(
                f"max_samples={share!r} must be a share above 0 and below 1, or an integer number "
                "of rows; pass 0.5."
            )

    def _check_valid(self, sample: Sample) -> None:
        n, all_discrete = sample.n_samples, sample.x_discrete.all() and sample.y_discrete.all()
        repeats = self.method in _WITH_REPLACEMENT
        if repeats and not (all_discrete or _takes_repeated_rows(self.estimator)):
            raise ValueError(
                f"method={self.method!r} draws rows with replacement, and "
                f"{type(self.estimator).__name__} takes the repeated rows for dependence: its "
                "interval would lie far too high. Pass method='subsampling', or 'smoothed'."
            )
        if self.method == "smoothed" and all_discrete:
            raise ValueError(
                "method='smoothed' adds noise to continuous columns, and all columns are "
                "discrete. Pass method='percentile', or 'subsampling'."
            )
        if self.method not in ("subsampling", "m_out_of_n"):
            return
        size = self._n_drawn(n)
        if not MIN_SAMPLES <= size < n:
            raise InvalidSampleError(
                f"max_samples={self.max_samples!r} draws {size} of {n} rows, but must draw at "
                f"least {MIN_SAMPLES} and fewer than all. Collect more rows, or change "
                "max_samples."
            )


def _takes_repeated_rows(estimator: MutualInfoEstimator) -> bool:
    is_copula = isinstance(estimator, GaussianCopulaEstimator)
    return getattr(estimator, "takes_repeated_rows", is_copula)


def _kinds(sample: Sample, prefix: str = "") -> dict:
    return {
        f"{prefix}discrete_features": sample.x_discrete.tolist(),
        f"{prefix}discrete_target": sample.y_discrete.tolist(),
    }


def _pointwise_error(estimator: MutualInfoEstimator, x: np.ndarray, y: np.ndarray) -> float:
    """Standard error of the mean of the pointwise MI of the fitted rows, nats."""
    local = estimator.score_samples(x, y)
    return float(local.std(ddof=1) / np.sqrt(len(local)))
