"""The step of a pipeline that keeps the columns which together say most about the target."""

from __future__ import annotations

__all__ = ["MutualInfoFeatureSelector"]

import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import check_random_state
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import check_is_fitted, validate_data

from skmist._parameters import check_level
from skmist._progress import progress_bar
from skmist._sample.notes import category_of
from skmist._sample.sample import Sample, SampleEncoder, read_pair
from skmist.estimators.methods import make_estimator
from skmist.feature_selection.checks import (
    check_alpha,
    feature_limit,
    looks_at_pairs,
    stopping_name,
)
from skmist.feature_selection.criteria import CRITERIA
from skmist.feature_selection.information import ColumnInformation
from skmist.feature_selection.search import Search
from skmist.feature_selection.stopping import IntervalRule, ShadowRule, with_shadows
from skmist.independence.orders import free_orders, group_orders

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from skmist.estimators.base import MutualInfoEstimator


class MutualInfoFeatureSelector(SelectorMixin, BaseEstimator):
    """Choose columns one by one by what each says about the target beyond those chosen before.

    With X_k a candidate, X_j the t columns chosen so far and Y the target, the candidate added
    next has the greatest

    - ``"mim"``: ``I(X_k; Y)``, each column by itself;
    - ``"mrmr"``: ``I(X_k; Y)`` less the mean of ``I(X_k; X_j)`` [1]_;
    - ``"jmi"``: mean of ``I(X_k; Y | X_j)`` [2]_, [3]_;
    - ``"jmim"``: least of ``I(X_k, X_j; Y)`` [4]_;
    - ``"cmim"``: least of ``I(X_k; Y | X_j)`` [5]_.

    All are estimated from the columns as they are: nothing is binned. A conditional MI is the
    difference ``I(X_k, X_j; Y) - I(X_j; Y)``. "jmi" is steady; with ``n_features="auto"``, "cmim"
    is the one to stop at redundant columns: a copy of a chosen column says something beyond every
    other chosen column, which counts in the mean of "jmi" and not in the least of "cmim".

    Two columns may say nothing alone and much together: the exclusive or of two signs. A greedy
    search cannot see the first of them. With `pairs`, each step also looks at all pairs of
    candidates and takes both columns of one where each, on average, adds more than any single
    column does.

    Parameters
    ----------
    n_features : "auto", int or float, default="auto"
        How many columns to choose: a number, a share of the columns above 0 and at most 1, or
        as many as add something (see `stopping`), which may be none.
    criterion : {"jmi", "mim", "mrmr", "jmim", "cmim"}, default="jmi"
        As above.
    estimator : str or estimator, default="mist"
        What estimates MI, as `method` in :func:`skmist.mutual_info`: ``"mist"``, ``"ksg"``,
        ``"gaussian_copula"``, ``"mine"``, or an estimator of this package, which is cloned.
    pairs : "auto" or bool, default="auto"
        Whether to look at pairs of candidates, for "jmi", "jmim" and "cmim". It takes an
        estimate for each of the p (p - 1) / 2 pairs of columns. ``"auto"`` does where there are
        at most 500 of them (p = 32), save with ``stopping="permutation"``.
    stopping : {"auto", "interval", "permutation"}, default="auto"
        When ``n_features="auto"`` stops. ``"interval"``: when the interval of the gain, widened
        to hold for all candidates at once, reaches 0. ``"permutation"``: when the candidate does
        not gain more than permuted copies of columns, at a false discovery rate of `alpha`. It
        takes ``1 / alpha`` copies of each column (more where columns are of several kinds), and
        so much more time. ``"auto"``: intervals where `estimator` has them, else permutations.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1.
    alpha : float, default=0.05
        False discovery rate among the candidates of a step.
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of X and y are discrete; see :func:`skmist.mutual_info`.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. Only "mist" and "mine" have any.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Source of the permuted copies; without them nothing is random.
    verbose : bool, default=False
        Whether to show a progress bar, on a terminal and when the work takes more than a second.

    Attributes
    ----------
    support_ : ndarray of bool, shape (p,)
        Which columns were chosen.
    ranking_ : ndarray of int, shape (p,)
        1 for the column chosen first, and so on; those not chosen follow by score.
    scores_ : ndarray of shape (p,)
        What the criterion ranked each column by at the step that chose it, or else at the last
        step; nats. Not clipped at 0. Of columns chosen as a pair, half of what the pair adds.
    gains_ : ndarray of shape (p,)
        Information beyond the columns chosen before. As `scores_`, except for "jmim", where it
        is ``I(X_k; Y | X_j)`` for the X_j that attains the least.
    intervals_ : ndarray of shape (p, 2)
        Interval of `gains_`, nats; NaN where the estimator has none.
    relevance_ : ndarray of shape (p,)
        ``I(X_k; Y)``, nats.
    redundancy_ : ndarray of shape (p,)
        ``relevance_ - gains_``: what of the relevance the chosen columns said before, nats.
        Below 0 where a column says more beside them than alone.
    pvalues_ : ndarray of shape (p,)
        With permutations, the p-value of `gains_`, not corrected; else NaN.
    n_features_ : int
        Number of columns chosen.
    n_estimates_ : int
        How many estimates of MI it took.
    n_features_in_ : int
        Number p of columns of X.
    feature_names_in_ : ndarray of shape (p,)
        Their names, where X was a DataFrame whose names are strings.

    Warns
    -----
    OutOfRangeWarning
        Once, if samples lie outside what the net was trained on.
    BoundWarning
        Once, if bounds of a `MINEEstimator` cannot be relied on.

    See Also
    --------
    mutual_info_feature_selection : The same in a call.
    mutual_info_classif : Scores of single columns, for ``SelectKBest``.
    mutual_info_regression : The same for numeric targets.

    Notes
    -----
    With t columns chosen of p, "mim" takes p estimates, "mrmr", "jmi", "jmim" and "cmim" about
    p (t + 1); none is made twice. The p-values are exact where the estimate depends on the ranks
    of a column only, as with "mist" and "gaussian_copula", and columns of a kind are without
    ties or have equal counts; else copies of different columns are taken for alike.

    References
    ----------
    .. [1] H. Peng, F. Long and C. Ding (2005), "Feature selection based on mutual information:
       criteria of max-dependency, max-relevance, and min-redundancy", IEEE Transactions on
       Pattern Analysis and Machine Intelligence 27, 1226-1238.
    .. [2] H. H. Yang and J. Moody (1999), "Data visualization and feature selection: new
       algorithms for nongaussian data", NeurIPS 12, which begins with the best pair.
    .. [3] G. Brown, A. Pocock, M.-J. Zhao and M. Luján (2012), "Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection", Journal
       of Machine Learning Research 13, 27-66.
    .. [4] M. Bennasar, Y. Hicks and R. Setchi (2015), "Feature selection using joint mutual
       information maximisation", Expert Systems with Applications 42, 8520-8532.
    .. [5] F. Fleuret (2004), "Fast binary feature selection with conditional mutual
       information", Journal of Machine Learning Research 5, 1531-1555.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import MutualInfoFeatureSelector
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 5))
    >>> y = X[:, 1] * X[:, 3] > 0  # neither column says anything alone
    >>> selector = MutualInfoFeatureSelector(device="cpu").fit(X, y)
    >>> selector.get_support(indices=True)
    array([1, 3])
    >>> selector.transform(X).shape
    (200, 2)
    >>> bool(selector.relevance_[1] < 0.1 < selector.gains_[1])
    True
    """

    def __init__(
        self,
        n_features: int | float | str = "auto",
        *,
        criterion: str = "jmi",
        estimator: str | MutualInfoEstimator = "mist",
        pairs: str | bool = "auto",
        stopping: str = "auto",
        level: float = 0.9,
        alpha: float = 0.05,
        discrete_features: ArrayLike = "auto",
        discrete_target: ArrayLike = "auto",
        device: str = "auto",
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.n_features = n_features
        self.criterion = criterion
        self.estimator = estimator
        self.pairs = pairs
        self.stopping = stopping
        self.level = level
        self.alpha = alpha
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target
        self.device = device
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Choose the columns.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n, p)
            Numbers, booleans, text or categories; at least 5 rows.
        y : array-like or DataFrame of shape (n,) or (n, q)
            The target: numbers or classes, one column or several, which are taken together.
        groups : array-like of shape (n,) or None, default=None
            Labels of groups within which rows may change places in permutations.

        Returns
        -------
        self : MutualInfoFeatureSelector

        Raises
        ------
        InvalidSampleError
            If the data cannot be used, or `n_features` exceeds the columns.
        ValueError
            If a parameter is not one of those above.
        """
        columns = read_pair(X, y)
        validate_data(self, X=X, y=y, skip_check_array=True)
        asked = make_estimator(
            self.estimator,
            discrete_features=self.discrete_features,
            discrete_target=self.discrete_target,
            device=self.device,
        )
        encoder = SampleEncoder(asked.discrete_features, asked.discrete_target)
        sample = encoder.fit(*columns).judged(asked.duplicates, groups)
        for note in sample.notes:
            warnings.warn(note, category_of(note, asked.note_category), stacklevel=2)
        limit = feature_limit(self.n_features, sample.p)
        stopping = stopping_name(self.stopping, self.n_features, asked)
        pairs = looks_at_pairs(self.pairs, self.criterion, sample.p, stopping)
        sample, accepts = self._rule(sample, stopping, asked.reads_order)
        self._search(sample, asked, accepts, limit, pairs)
        return self

    def _search(
        self,
        sample: Sample,
        asked: MutualInfoEstimator,
        accepts: Callable[..., bool],
        limit: int,
        pairs: bool,
    ) -> None:
        with progress_bar(self.verbose, "estimate") as bar:
            information = ColumnInformation(
                sample, asked, check_level(self.level), self.n_jobs, bar.update
            )
            criterion = CRITERIA[self.criterion]
            search = Search(information, criterion, self.n_features_in_, pairs)
            search.run(limit, accepts)
        information.warn(stacklevel=3)
        self._keep(search, accepts)

    def _keep(self, search: Search, accepts: Callable[..., bool]) -> None:
        p = search.n_columns
        self.support_ = np.isin(np.arange(p), search.chosen)
        self.ranking_ = np.empty(p, dtype=int)
        self.ranking_[search.order()] = np.arange(1, p + 1)
        self.scores_, self.gains_ = search.scores, search.gains[:, 0]
        self.intervals_ = search.gains[:, 1:]
        self.relevance_ = search.information.relevance(range(p))[:, 0]
        self.redundancy_ = self.relevance_ - self.gains_
        self.pvalues_ = getattr(accepts, "pvalues", np.full(p, np.nan))
        self.n_features_ = len(search.chosen)
        self.n_estimates_ = search.information.n_estimates

    def _rule(self, sample: Sample, stopping: str, reads_order: bool) -> Any:
        """What accepts a choice, and the sample it is made from: with copies, if it needs them."""
        if stopping == "interval":
            return sample, IntervalRule(check_level(self.level))
        if stopping == "never":
            return sample, lambda search, choice, copies: True
        alpha, orders = check_alpha(self.alpha), free_orders(sample.n_samples)
        if sample.blocks is not None:
            orders = group_orders(sample.blocks.labels)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        extended, kinds = with_shadows(sample, alpha, orders, seed, reads_order)
        return extended, ShadowRule(kinds, alpha, sample.p)

    # Conventions of scikit-learn ------------------------------------------------------------

    def transform(self, X: ArrayLike) -> Any:
        """Keep the chosen columns.

        Parameters
        ----------
        X : array-like or DataFrame of shape (m, p)
            With the columns of the fitted one; their values are not looked at.

        Returns
        -------
        ndarray or DataFrame of shape (m, n_features_)
            An ndarray, or what `set_output` asked for.
        """
        if not (_keeps_polars(self, X) and self.get_support().any()):
            return super().transform(X)
        # through an array, columns of numbers beside text would become columns of objects
        validate_data(self, X=X, skip_check_array=True, reset=False)
        return self._transform(X)

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self, "support_")
        return self.support_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags


def _keeps_polars(selector: MutualInfoFeatureSelector, X: ArrayLike) -> bool:
    polars = sys.modules.get("polars")
    is_polars = polars is not None and isinstance(X, polars.DataFrame)
    return is_polars and _get_output_config("transform", estimator=selector)["dense"] == "polars"
