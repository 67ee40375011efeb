"""Conditional mutual information: what X and y share that Z does not explain."""

from __future__ import annotations

__all__ = ["PreparedConditional", "conditional_mutual_info", "prepare_conditional"]

import warnings
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skmist._parameters import caller_level, check_level, renamed
from skmist._result import MIEstimate
from skmist._sample.notes import category_of
from skmist._sample.present import present_rows
from skmist._sample.triple import ConditionalSample, make_conditional_sample
from skmist.conditional.chain import ChainConditional
from skmist.conditional.residuals import Residuals, shared_error
from skmist.estimators.ask import conditional
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.methods import make_estimator, method_name

_WORTH_A_NOTE = 0.1


@renamed(method="estimator")
def conditional_mutual_info(
    X: ArrayLike,
    y: ArrayLike,
    Z: ArrayLike,
    *,
    estimator: str | MutualInfoEstimator = "mist",
    level: float = 0.9,
    missing: str = "error",
    discrete_features: ArrayLike = "auto",
    discrete_target: ArrayLike = "auto",
    discrete_conditions: ArrayLike = "auto",
    residualize: bool = True,
    device: str = "auto",
) -> MIEstimate:
    """Estimate the mutual information between X and y given Z, in nats.

    .. math:: I(X; Y | Z) = I(X; Y, Z) - I(X; Z)

    It is 0 where y depends on X only through Z. All columns of a side count together.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n,) or (n, p)
        Numbers, booleans, text or categories; n is at least 5.
    y : array-like or DataFrame of shape (n,) or (n, q)
        Paired with X row by row.
    Z : array-like or DataFrame of shape (n,) or (n, r)
        The conditions, paired with X row by row.
    estimator : {"mist", "ksg", "gaussian_copula", "mine"} or estimator, default="mist"
        ``"ksg"`` counts nearest neighbors [1]_ [2]_; ``"gaussian_copula"`` takes the partial
        canonical correlations of normal scores; every other estimator answers by the chain rule,
        ``I(X; Y, Z) - I(X; Z)`` averaged with ``I(Y; X, Z) - I(Y; Z)``.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1. Used by
        estimators that have an interval ("mist").
    missing : {"error", "drop"}, default="error"
        What to do about rows that miss a value: refuse them, or leave them out of all sides. The
        answer is unbiased only where values are missing completely at random.
    discrete_features, discrete_target, discrete_conditions : "auto", "ordered", bool or array-like
        Which columns of X, y and Z are discrete, "auto" by default; see
        :func:`skmist.mutual_info`. With an estimator instance, "auto" keeps the setting that
        it has for X and y.
    residualize : bool, default=True
        Replace continuous columns of X and y without ties by what regressions on Z leave of them,
        which changes nothing about the conditional information and makes it easier to estimate.
        "gaussian_copula" partials Z out in its own way.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. Only "mist" and "mine" have any.

    Returns
    -------
    estimate : MIEstimate
        ``mi``, ``low`` and ``high`` in nats, with the level, the method, n and warnings. A method
        with an interval gives no values below 0; the others are not clipped, and ``low`` and
        ``high`` are None.

    Raises
    ------
    InvalidSampleError
        If the data cannot be used; the message names column, value, limit and remedy.
    WeightsError
        If the weights of ``estimator="mist"`` are missing or altered.
    ValueError
        If `estimator`, `level` or `missing` is not one of those above.

    Warns
    -----
    OutOfRangeWarning
        If the sample, with Z beside X or y, lies outside what the net was trained on. The
        result's ``warnings`` hold the same text.
    BoundWarning
        If a bound of ``estimator="mine"`` cannot be relied on. The same.

    See Also
    --------
    mutual_info : Without conditions.

    Notes
    -----
    *Interval.* ``I(X; Y, Z)`` and ``I(X; Z)`` are each taken to be distributed as the intervals
    of the estimator say, and independently. In truth their errors come from one sample and vary
    together, so the interval of the difference is wider than it need be. The two directions of
    the chain rule are averaged end by end, as if they were perfectly dependent, which is again
    the wider choice.

    *Residuals.* For any functions f and s, X may be replaced by ``(X - f(Z)) / s(Z)``, and so may
    Y: given Z it says the same. Regressions compete, straight lines, lines through the rows
    nearby and smooth curves, each judged by rows that it was not fitted to; a bent one must be
    worth its freedom. Without them, the chain rule is the difference of two large numbers where X
    follows Z closely, and nearest neighbors read far too low.

    *Errors of the regressions* are functions of Z. Where X and Y bend alike along Z, both
    residuals hold the same error, which reads as information. How large it is follows from what
    half the rows predict, and what it may be worth is subtracted from the estimate and from the
    low end of the interval; a warning says so from 0.1 nats on. Where X and Y are functions of Z
    as far as the rows show, the answer is 0 by convention. No method can tell a wiggle finer than
    the distance of rows from something that X and Y share [3]_.

    *Nearest neighbors* still read too low where there are many columns or the dependence is
    strong; the page doc/conditional.md has figures.

    References
    ----------
    .. [1] S. Frenzel and B. Pompe (2007), "Partial mutual information for coupling analysis of
       multivariate time series", Physical Review Letters 99, 204101.
    .. [2] O. C. Mesner and C. R. Shalizi (2021), "Conditional mutual information estimation for
       mixed, discrete and continuous data", IEEE Transactions on Information Theory 67, 464-484.
    .. [3] R. D. Shah and J. Peters (2020), "The hardness of conditional independence testing and
       the generalised covariance measure", Annals of Statistics 48, 1514-1538.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import conditional_mutual_info, mutual_info
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=1000)
    >>> x = z + rng.normal(size=1000)
    >>> y = z + rng.normal(size=1000)
    >>> round(mutual_info(x, y, estimator="gaussian_copula").mi, 1)  # truth: 0.144
    0.1
    >>> abs(conditional_mutual_info(x, y, z, estimator="gaussian_copula").mi) < 0.02  # truth: 0
    True
    """
    level = check_level(level)
    prepared = prepare_conditional(
        X,
        y,
        Z,
        estimator=estimator,
        missing=missing,
        discrete_features=discrete_features,
        discrete_target=discrete_target,
        discrete_conditions=discrete_conditions,
        residualize=residualize,
        device=device,
    )
    estimate = prepared.answer(level)
    for note in estimate.warnings:
        warnings.warn(note, category_of(note, prepared.note_category), stacklevel=caller_level())
    return replace(estimate, method=method_name(estimator))


@renamed(method="estimator")
def prepare_conditional(
    X: ArrayLike,
    y: ArrayLike,
    Z: ArrayLike,
    *,
    estimator: str | MutualInfoEstimator = "mist",
    missing: str = "error",
    discrete_features: ArrayLike = "auto",
    discrete_target: ArrayLike = "auto",
    discrete_conditions: ArrayLike = "auto",
    residualize: bool = True,
    device: str = "auto",
) -> PreparedConditional:
    """Prepare the conditional MI of a sample for many permutations of the rows of X.

    Parameters
    ----------
    X, y, Z, estimator, missing, discrete_features, discrete_target, discrete_conditions
        As in :func:`conditional_mutual_info`.
    residualize, device
        As in :func:`conditional_mutual_info`.

    Returns
    -------
    prepared : PreparedConditional

    Raises
    ------
    InvalidSampleError
        If the data cannot be used.
    ValueError
        If `estimator` names none.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist.conditional import prepare_conditional
    >>> rng = np.random.default_rng(0)
    >>> x, y, z = rng.normal(size=(3, 200))
    >>> prepared = prepare_conditional(x, y, z, estimator="gaussian_copula")
    >>> orders = np.array([rng.permutation(200) for _ in range(10)])
    >>> prepared.estimate_permuted(orders).shape
    (10,)
    """
    asked = make_estimator(estimator, device=device)
    X, y, Z = present_rows(missing, X, y, Z)
    sample = make_conditional_sample(
        X,
        y,
        Z,
        discrete_features=_given(discrete_features, asked.discrete_features),
        discrete_target=_given(discrete_target, asked.discrete_target),
        discrete_conditions=discrete_conditions,
        duplicates=asked.duplicates,
    )
    return PreparedConditional(sample, asked, residualize)


class PreparedConditional:
    """A sample of x, y and z whose conditional MI can be asked for many orders of x.

    Made by :func:`prepare_conditional`.

    Parameters
    ----------
    sample : ConditionalSample
    estimator : MutualInfoEstimator
        Unfitted. Which columns are discrete is the sample's to say.
    residualize : bool, default=True
        As in :func:`conditional_mutual_info`.

    Attributes
    ----------
    sample : ConditionalSample
        The encoded sample without constant columns.
    n_samples : int
        Number n of rows.
    note_category : type
        Category of the warnings that notes become.
    """

    def __init__(
        self, sample: ConditionalSample, estimator: MutualInfoEstimator, residualize: bool = True
    ) -> None:
        self.sample, self.n_samples = sample, sample.n_samples
        self.note_category = estimator.note_category
        self._estimator = estimator
        self._residuals = partial(Residuals, sample.z) if residualize else None
        self._regressed = False
        self._core, (self._most, self._error) = self._made(sample)

    def _made(self, sample: ConditionalSample) -> tuple[Any, tuple[float, float]]:
        """What estimates a sample, and how much may be, and is, error of the regressions."""
        if not (sample.x.width and sample.y.width):
            return None, (0.0, 0.0)
        left = _LeftSample(sample, self._residuals)
        core = conditional(self._estimator, sample, left)
        if core is None:
            core = ChainConditional(left(), self._estimator)
        self._regressed = left.is_other
        return core, left.error

    def estimate(self) -> float:
        """Conditional MI of the sample, nats; negative values are not clipped.

        Returns
        -------
        float
        """
        return 0.0 if self._core is None else _less(self._core.estimate(), self._error)

    def estimate_permuted(self, orders: Any) -> np.ndarray:
        """Conditional MI of the sample with the rows of x in other orders, not clipped.

        Parameters
        ----------
        orders : array-like of int, shape (n_orders, n)
            Row i of x is replaced by row ``orders[b, i]``, while y and z stay. Rows may repeat.

        Returns
        -------
        ndarray of shape (n_orders,)
            Nats. That of ``range(n)`` is `estimate()`.

        Raises
        ------
        ValueError
            If `orders` has another shape.
        """
        orders = self._checked(orders)
        if self._core is None or not self._regressed:
            return self._core_permuted(orders)
        x = self.sample.x
        made = (self._made(self.sample.with_x(x.values[order])) for order in orders)
        return np.array([_less(core.estimate(), error) for core, (_, error) in made])

    def test_statistics(self, orders: Any) -> np.ndarray:
        """What a permutation test compares: how far each order lies from errors of regressions.

        What z leaves of x is put in other orders, and not regressed anew. Orders other than the
        sample's own get what the errors of the regressions surely added to the sample's.

        Parameters
        ----------
        orders : array-like of int, shape (n_orders, n)
            As in `estimate_permuted`.

        Returns
        -------
        ndarray of shape (n_orders,)
            Nats.
        """
        orders = self._checked(orders)
        own = (orders == np.arange(self.n_samples)).all(axis=1)
        return self._core_permuted(orders) + np.where(own, 0.0, self._error)

    def places(self) -> np.ndarray:
        """Where rows lie on the directions of z that x and y follow, for local permutations.

        Returns
        -------
        ndarray of shape (n, c)
            Without columns where z has one column, or no direction was looked for.
        """
        if self._residuals is None:
            return np.empty((self.n_samples, 0))
        return self._residuals().places(self.sample.x, self.sample.y)

    def _checked(self, orders: Any) -> np.ndarray:
        orders = np.asarray(orders, dtype=np.intp)
        if orders.ndim != 2 or orders.shape[1] != self.n_samples:
            raise ValueError(
                f"orders has shape {orders.shape}, but must have one column for each of the "
                f"{self.n_samples} rows of the sample. Pass one permutation per row."
            )
        return orders

    def _core_permuted(self, orders: np.ndarray) -> np.ndarray:
        if self._core is None:
            return np.zeros(len(orders))
        return self._core.estimate_permuted(orders)

    def with_interval(
        self, level: float
    ) -> tuple[float, float | None, float | None, tuple[str, ...]]:
        """Conditional MI with an interval, where the estimator has one.

        Parameters
        ----------
        level : float
            Probability that an interval is meant to hold the true value, between 0 and 1.

        Returns
        -------
        mi, low, high : float, or None for `low` and `high`
            Nats; clipped at 0 where there is an interval.
        notes : tuple of str
            What the estimator remarks about the sample.
        """
        found = self.answer(level)
        return found.mi, found.low, found.high, found.warnings

    def answer(self, level: float) -> MIEstimate:
        """Conditional MI with what the estimator remarks, and its interval if it has one.

        Parameters
        ----------
        level : float
            Probability that an interval is meant to hold the true value, between 0 and 1.

        Returns
        -------
        MIEstimate
            Nats; clipped at 0 where there is an interval.
        """
        if isinstance(self._core, ChainConditional):
            return self._doubted(self._core.answer(level))
        stated = level if self._core is None and self._estimator.has_interval else None
        end = None if stated is None else 0.0
        name = type(self._estimator).__name__
        found = MIEstimate(self.estimate(), end, end, stated, name, self.n_samples)
        return replace(found, warnings=(*self.sample.notes, *self._notes()))

    def _doubted(self, found: MIEstimate) -> MIEstimate:
        """The answer without what errors of the regressions may have added to it."""
        low = None if found.low is None else _less(found.low, self._most)
        # of a number that is error through and through there is nothing else to say
        notes = found.warnings if np.isfinite(self._error) else ()
        notes = (*self.sample.notes, *notes, *self._notes())
        return replace(found, mi=_less(found.mi, self._error), low=low, warnings=notes)

    def _notes(self) -> tuple[str, ...]:
        if self._error < _WORTH_A_NOTE:
            return ()
        if not np.isfinite(self._error):
            return (
                "X and y are functions of Z as far as these rows show, and what is left of them "
                "may be error of the regressions on Z: the answer is 0 by convention.",
            )
        return (
            f"what is left of X and y given Z may be error of the regressions on Z, worth "
            f"{self._error:.2f} nats, which were subtracted. More rows, or fewer columns of Z, "
            "tell more.",
        )


class _LeftSample:
    """The sample with what z leaves of x and y in their place, once it is asked for."""

    def __init__(self, sample: ConditionalSample, residuals: Any) -> None:
        self._sample, self._residuals = sample, residuals
        self.error, self.is_other = (0.0, 0.0), False

    def __call__(self) -> ConditionalSample:
        if self._residuals is None:
            return self._sample
        residuals, self.is_other = self._residuals(), True
        x, y = residuals(self._sample.x, self._sample.y)
        self.error = shared_error(x, y)
        return self._sample.with_x(x.side.values).with_y(y.side.values)


def _less(mi: float, error: float) -> float:
    """MI less what may be error; what is below 0 anyway stays."""
    return max(mi - error, min(mi, 0.0))


def _given(choice: Any, own: Any) -> Any:
    """The choice of the caller, or that of the estimator where the caller leaves it open."""
    return own if isinstance(choice, str) and choice == "auto" else choice
