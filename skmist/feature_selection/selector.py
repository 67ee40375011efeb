"""The step of a pipeline that keeps the columns which together say most about the target."""

from __future__ import annotations

__all__ = ["MutualInfoFeatureSelector"]

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from skmist._errors import TableWarning
from skmist._parameters import check_integer, check_level
from skmist._progress import progress_bar
from skmist._sample.notes import category_of
from skmist._sample.reading import without_mixed_names
from skmist._sample.row_numbers import ROW_NUMBERS, counts_rows
from skmist._sample.sample import Sample, SampleEncoder, read_pair
from skmist._sample.shown import shortened
from skmist._site import SiteLink
from skmist._state import VersionedState
from skmist.estimators.methods import make_estimator
from skmist.feature_selection.checks import (
    JOINT,
    check_alpha,
    check_joint,
    feature_limit,
    looks_at_pairs,
    looks_together,
    row_limit,
    stopping_name,
)
from skmist.feature_selection.criteria import CRITERIA
from skmist.feature_selection.frames import keeps_polars, plain
from skmist.feature_selection.information import ColumnInformation
from skmist.feature_selection.joint import JointSearch
from skmist.feature_selection.outcome import Outcome, path_of, redundant_of
from skmist.feature_selection.rows import (
    dense_rows,
    is_sparse,
    shares_of_halves,
    some_rows,
    untied,
)
from skmist.feature_selection.search import Search
from skmist.feature_selection.stopping import IntervalRule, ShadowRule, with_shadows
from skmist.independence.orders import Orders, free_orders, group_orders

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from skmist.estimators.base import MutualInfoEstimator


class MutualInfoFeatureSelector(SiteLink, SelectorMixin, VersionedState, BaseEstimator):
    """Choose the columns that together say most about the target, and no more than are needed.

    With ``criterion="joint"``, the default, each step adds the column with which the chosen ones
    say most together: the greatest ``I(X_S, X_k; Y)`` of all candidates k, which the net reads off
    all columns at once. Twos and threes of columns whose product goes along with the target are
    looked at together, as the exclusive or of two signs is seen in neither. What a column adds is
    judged beside copies of it from other rows, which add nothing, and in the mean over several
    columns of noise, beside each of which an estimate errs otherwise. Effects that only add up
    and are smaller than that error are told by a regression on the scores, squares and classes
    of the columns. The search ends when the chosen columns hold `share` of what all columns say
    together, and chooses nothing where a permuted target says as much (one table of noise in 20
    or so passes that test). Ties of continuous columns are broken at random.

    The other criteria look at the target and two columns at most. With X_k a candidate and X_j
    the t columns chosen so far, the candidate added next has the greatest

    - ``"mim"``: ``I(X_k; Y)``, each column by itself;
    - ``"mrmr"``: ``I(X_k; Y)`` less the mean of ``I(X_k; X_j)`` [1]_;
    - ``"jmi"``: mean of ``I(X_k; Y | X_j)`` [2]_, [3]_;
    - ``"jmim"``: least of ``I(X_k, X_j; Y)`` [4]_;
    - ``"cmim"``: least of ``I(X_k; Y | X_j)`` [5]_.

    All are estimated from the columns as they are: nothing is binned. A conditional MI is the
    difference ``I(X_k, X_j; Y) - I(X_j; Y)``. With `pairs`, each step of "jmi", "jmim" and "cmim"
    also looks at all pairs of candidates and takes both columns of one where each, on average,
    adds more than any single column does.

    Parameters
    ----------
    n_features : "auto", int or float, default="auto"
        How many columns to choose: a number, a share of the columns above 0 and at most 1, or
        as many as are needed (see `share` and `stopping`), which may be none.
    max_features : int or None, default=None
        Of ``n_features="auto"``: most columns to choose, whatever would be needed.
    criterion : {"joint", "jmi", "mim", "mrmr", "jmim", "cmim"}, default="joint"
        As above.
    share : float, default=0.98
        Of "joint" with ``n_features="auto"``: stop when the chosen columns hold this share of
        what all columns say together; above 0 and at most 1, which takes any column that adds
        something.
    estimator : str or estimator, default="mist"
        What estimates MI, as in :func:`skmist.mutual_info`: ``"mist"``, ``"ksg"``,
        ``"gaussian_copula"``, ``"mine"``, or an estimator of this package, which is cloned.
    pairs : "auto" or bool, default="auto"
        Whether "jmi", "jmim" and "cmim" look at pairs of candidates, and "joint" at groups whose
        product goes along with the target. For the former it takes an estimate for each of the
        p (p - 1) / 2 pairs of columns. ``"auto"`` does where there are at most 500 of them
        (p = 32), save with ``stopping="permutation"``; "joint" always does.
    stopping : {"auto", "interval", "permutation"}, default="auto"
        When criteria other than "joint" stop with ``n_features="auto"``. ``"interval"``: when the
        interval of the gain, widened to hold for all candidates at once, reaches 0.
        ``"permutation"``: when the candidate does not gain more than permuted copies of columns,
        at a false discovery rate of `alpha`. It takes ``1 / alpha`` copies of each column (more
        where columns are of several kinds), and so much more time. ``"auto"``: intervals where
        `estimator` has them, else permutations.
    level : float, default=0.9
        Probability that an interval is meant to hold the true value, between 0 and 1.
    alpha : float, default=0.05
        False discovery rate among the candidates of a step.
    max_rows : "auto", int or None, default="auto"
        Most rows to look at, chosen at random (`random_state`); None for all. ``"auto"`` is 2000
        for "joint", and all for the other criteria.
    stability : int, default=0
        On how many halves of the rows to repeat the search for as many columns, for
        `stability_`; 20 are a good number, and 0 is none. It takes about a third of the time of
        the search itself for each.
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of X and y are discrete; see :func:`skmist.mutual_info`.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. Only "mist" and "mine" have any.
    n_jobs : int or None, default=None
        Processes, as joblib counts them. The answer does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Source of the permuted copies and of chosen rows. With "joint", None stands for 0: the
        same data give the same answer.
    verbose : bool, default=False
        Whether to show a progress bar, on a terminal and when the work takes more than a second.

    Attributes
    ----------
    support_ : ndarray of bool, shape (p,)
        Which columns were chosen.
    ranking_ : ndarray of int, shape (p,)
        1 for the column chosen first, and so on; those not chosen follow by score.
    path_ : DataFrame
        With "joint", a row per step: ``columns`` chosen, ``gain`` beyond that of copies with its
        interval (``gain_low``, ``gain_high``), ``information`` of all columns chosen so far with
        its interval (``low``, ``high``), ``explained`` share, ``n_columns`` chosen; nats. Each is
        an estimate of its own: where one falls, that is its error, as more columns never say less.
    explained_information_ : float
        With "joint", the share of what all columns say together that the chosen ones hold.
    explained_interval_ : ndarray of shape (2,)
        Its interval.
    redundant_ : DataFrame
        With "joint", a row per column (``column``) that says much alone and was left out because
        a chosen one (``says_the_same_as``) says nearly the same: ``correlation`` is the
        informational ``sqrt(1 - exp(-2 I))`` of the two, at least 0.9.
    stability_ : ndarray of shape (p,)
        With `stability`, the share of halves of the rows from which each column is chosen, if as
        many are chosen as from all rows. Halves come in pairs without a common row, and leave
        groups whole.
    scores_ : ndarray of shape (p,)
        What the criterion ranked each column by at the step that chose it, or else at the last
        step; nats. Not clipped at 0. Of columns chosen together, an equal part of what they add
        together; NaN of columns that "joint" did not look at (it looks at 60).
    gains_ : ndarray of shape (p,)
        Information beyond the columns chosen before. As `scores_`, except for "jmim", where it
        is ``I(X_k; Y | X_j)`` for the X_j that attains the least.
    intervals_ : ndarray of shape (p, 2)
        Interval of `gains_`, nats; NaN where the estimator has none, and with "joint" of columns
        that were not chosen.
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
    TableWarning
        If a column of a frame only counts the rows.
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
    With t columns chosen of p, "joint" takes about 3 p + 20 (t + 1) estimates, and up to twenty
    times as many for the first step where it is not clear whether there is anything at all; of
    more than 60 columns it looks at those that say most alone or are in likely groups. The
    interval of its gains is made of the spread of the copies' gains and of the sampling error of
    the gain of a Gaussian column, and is approximate. "mim" takes p estimates, "mrmr", "jmi",
    "jmim" and "cmim" about p (t + 1); none is made twice. The p-values are exact where the
    estimate depends on the ranks of a column only, as with "mist" and "gaussian_copula", and
    columns of a kind are without ties or have equal counts; else copies of different columns are
    taken for alike.

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
        max_features: int | None = None,
        criterion: str = "joint",
        share: float = 0.98,
        estimator: str | MutualInfoEstimator = "mist",
        pairs: str | bool = "auto",
        stopping: str = "auto",
        level: float = 0.9,
        alpha: float = 0.05,
        max_rows: int | str | None = "auto",
        stability: int = 0,
        discrete_features: ArrayLike = "auto",
        discrete_target: ArrayLike = "auto",
        device: str = "auto",
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.n_features = n_features
        self.max_features = max_features
        self.criterion = criterion
        self.share = share
        self.estimator = estimator
        self.pairs = pairs
        self.stopping = stopping
        self.level = level
        self.alpha = alpha
        self.max_rows = max_rows
        self.stability = stability
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
        X : array-like, DataFrame or sparse matrix of shape (n, p)
            Numbers, booleans, text or categories; at least 5 rows. Of a sparse matrix those rows
            are made dense that are looked at (`max_rows`). A column of a frame that counts the
            rows (1, 2, 3, ...) is left out.
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
        joint = check_joint(self.criterion, self.stopping, self.share)
        most_rows, given = row_limit(self.max_rows, joint), (X, y)
        check_integer("stability", self.stability, 0, "0, or for example 20", form="=")
        if is_sparse(X) and y is not None:
            X, y, groups = dense_rows(X, y, groups, most_rows, self._rng())
        columns = read_pair(X, y)
        validate_data(self, X=without_mixed_names(given[0]), y=given[1], skip_check_array=True)
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
        limit = feature_limit(self.n_features, self.max_features, sample.p)
        check_alpha(self.alpha)
        if hasattr(given[0], "columns"):
            sample = self._without_row_numbers(sample, [c.values for c in columns[0]])
        sample = some_rows(sample, most_rows, self._rng())
        if joint:
            sample = untied(sample, self._rng().randint(2**31 - 1))
            self._search_jointly(sample, asked, limit)
        else:
            self._search(sample, asked, limit)
        if self.stability:
            self._repeat(sample, asked)
        return self

    def _without_row_numbers(self, sample: Sample, columns: list[np.ndarray]) -> Sample:
        """The sample with a constant for each column of a frame that counts its rows."""
        are_numbers = [values.dtype.kind in "iuf" for values in columns]
        counted = [k for k, values in enumerate(columns) if are_numbers[k] and counts_rows(values)]
        if not counted:
            return sample
        names = ", ".join(shortened(sample.x.names[k]) for k in counted)
        warnings.warn(
            f"{names} {ROW_NUMBERS}; left out. Pass X as an array to choose among it, too.",
            TableWarning,
            stacklevel=3,
        )
        values = sample.x.values.copy()
        values[:, counted] = 0.0
        return replace(sample, x=sample.x.with_values(values))

    def _rng(self) -> np.random.RandomState:
        fixed = self.random_state is None and self.criterion == JOINT
        return check_random_state(0 if fixed else self.random_state)

    def _information(self, sample: Sample, asked: MutualInfoEstimator, bar: Any) -> Any:
        level = check_level(self.level)
        return ColumnInformation(sample, asked, level, self.n_jobs, bar.update)

    def _search_jointly(self, sample: Sample, asked: MutualInfoEstimator, limit: int) -> None:
        seed, together = self._rng().randint(2**31 - 1), looks_together(self.pairs)
        with progress_bar(self.verbose, "estimate") as bar:
            information = self._information(sample, asked, bar)
            search = JointSearch(information, _orders(sample), seed, self.level, together)
            search.run(limit, self.share if isinstance(self.n_features, str) else None)
            self.ranking_, self.gains_, self.intervals_ = Outcome.of(search)
            self.redundant_ = redundant_of(search)
        self.path_, self.scores_ = path_of(search), self.gains_.copy()
        explained = search.explained()[-1] if search.steps else np.full(3, np.nan)
        self.explained_information_ = float(explained[0])
        self.explained_interval_ = explained[1:]
        chosen = search.chosen
        if not isinstance(self.n_features, str):
            # where the search ended before, by what the others would have added
            chosen = np.flatnonzero(self.ranking_ <= limit).tolist()
        self._keep(information, chosen, np.full(sample.p, np.nan))
        information.warn(stacklevel=3)

    def _search(self, sample: Sample, asked: MutualInfoEstimator, limit: int) -> None:
        p, stopping = sample.p, stopping_name(self.stopping, self.n_features, asked)
        pairs = looks_at_pairs(self.pairs, self.criterion, p, stopping)
        sample, accepts = self._rule(sample, stopping, asked.reads_order)
        with progress_bar(self.verbose, "estimate") as bar:
            information = self._information(sample, asked, bar)
            search = Search(information, CRITERIA[self.criterion], p, pairs)
            search.run(limit, accepts)
        self.ranking_ = np.empty(p, dtype=int)
        self.ranking_[search.order()] = np.arange(1, p + 1)
        self.scores_, self.gains_ = search.scores, search.gains[:, 0]
        self.intervals_ = search.gains[:, 1:]
        self._keep(information, search.chosen, getattr(accepts, "pvalues", np.full(p, np.nan)))
        information.warn(stacklevel=3)

    def _repeat(self, sample: Sample, asked: MutualInfoEstimator) -> None:
        """Search in halves of the rows for as many columns as were chosen from all."""
        seed, number = self._rng().randint(2**31 - 1), self.n_features_
        with progress_bar(self.verbose, "estimate") as bar:

            def choose(half: Sample) -> list[int]:
                """Columns that the criterion chooses from some rows."""
                if not number:
                    return []
                information = self._information(half, asked, bar)
                if self.criterion != JOINT:
                    pairs = looks_at_pairs(self.pairs, self.criterion, half.p, "never")
                    search = Search(information, CRITERIA[self.criterion], half.p, pairs)
                    search.run(number, lambda *_: True)
                    return search.chosen
                orders, together = _orders(half), looks_together(self.pairs)
                joint = JointSearch(information, orders, seed, self.level, together, quick=True)
                joint.run(number, None)
                return joint.chosen

            self.stability_ = shares_of_halves(sample, self.stability, seed, choose)

    def _keep(
        self, information: ColumnInformation, chosen: list[int], pvalues: np.ndarray
    ) -> None:
        p = self.n_features_in_
        self.support_ = np.isin(np.arange(p), chosen)
        self.relevance_ = information.relevance(range(p))[:, 0]
        self.redundancy_ = self.relevance_ - self.gains_
        self.pvalues_ = pvalues
        self.n_features_ = len(chosen)
        self.n_estimates_ = information.n_estimates

    def _rule(self, sample: Sample, stopping: str, reads_order: bool) -> Any:
        """What accepts a choice, and the sample it is made from: with copies, if it needs them."""
        if stopping == "interval":
            return sample, IntervalRule(check_level(self.level))
        if stopping == "never":
            return sample, lambda search, choice, copies: True
        alpha, seed = check_alpha(self.alpha), self._rng().randint(2**31 - 1)
        extended, kinds = with_shadows(sample, alpha, _orders(sample), seed, reads_order)
        return extended, ShadowRule(kinds, alpha, sample.p)

    # Conventions of scikit-learn ------------------------------------------------------------

    def transform(self, X: ArrayLike) -> Any:
        """Keep the chosen columns.

        Parameters
        ----------
        X : array-like, DataFrame or sparse matrix of shape (m, p)
            With the columns of the fitted one; their values are not looked at.

        Returns
        -------
        ndarray, DataFrame or sparse matrix of shape (m, n_features_)
            An ndarray, or what `set_output` asked for; of a sparse matrix a sparse one.
        """
        X = without_mixed_names(X)
        if not (keeps_polars(self, X) and self.get_support().any()):
            # scikit-learn adds up all numbers to see whether they are finite
            with np.errstate(over="ignore", invalid="ignore"):
                return super().transform(plain(self, X))
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
        tags.input_tags.sparse = True
        return tags


def _orders(sample: Sample) -> Orders:
    """Orders of the rows, within their groups where these are known."""
    if sample.blocks is None:
        return free_orders(sample.n_samples)
    return group_orders(sample.blocks.labels)
