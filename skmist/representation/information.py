"""Mutual information between an input and its code."""

from __future__ import annotations

__all__ = ["input_information"]

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.decomposition import PCA
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length

from skmist._parameters import is_integer, refusal, renamed
from skmist.estimators.ask import most_columns
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.methods import make_estimator
from skmist.representation.rows import read_rows_flat


@renamed(method="estimator")
def input_information(
    X: ArrayLike,
    code: ArrayLike,
    *,
    estimator: str | MutualInfoEstimator = "mine",
    max_columns: int | str | None = "auto",
    random_state: int | np.random.RandomState | None = None,
    device: str = "auto",
) -> float:
    """Mutual information between inputs and their codes.

    [1]_ measures it by MINE. Either side with more than `max_columns` columns is replaced by its
    leading principal components: a function of it, which carries at most as much information, so
    a lower bound stays one.

    Parameters
    ----------
    X : array-like of shape (n, ...)
        Axes beyond the first are flattened.
    code : array-like of shape (n, ...)
    estimator : {"mine", "mist", "ksg", "gaussian_copula"} or estimator, default="mine"
        As in :func:`skmist.mutual_info`. Named methods take all columns for continuous, gray
        levels too; ``"mine"`` is `MINEEstimator` with InfoNCE (see Notes).
    max_columns : "auto", int or None, default="auto"
        Most columns of a side; ``"auto"`` takes what the net was trained on for MIST, and no
        limit (None) for others.
    random_state : int, RandomState instance or None, default=None
        Source of first weights and folds of ``"mine"``; an estimator keeps its own.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. An estimator keeps its own.

    Returns
    -------
    information : float
        Nats.

    Raises
    ------
    ValueError
        If a parameter or the data cannot be used.

    Warns
    -----
    BoundWarning
        If the bound of MINE cannot be relied on.
    OutOfRangeWarning
        If the sample lies outside what the net of MIST was trained on.

    Notes
    -----
    Where a code of continuous numbers is a function of a continuous input, their mutual
    information is infinite, and what is returned says how much of it a critic can find in n rows:
    at most about ``log(n)`` nats. It compares codes, and no more.

    The bound of Donsker and Varadhan that [1]_ takes has no limit of its own: where codes tell
    every row from every other, its critic finds no pair to hold it down, and it returns whatever
    training came to, thousands of nats for a copy of the input. InfoNCE cannot exceed the
    logarithm of the rows of a fold. For the other, pass ``MINEEstimator()``.

    References
    ----------
    .. [1] R. D. Hjelm et al. (2019), "Learning deep representations by mutual information
       estimation and maximization", ICLR, arXiv:1808.06670.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist.representation import input_information
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1000, 3))
    >>> code = X[:, :1] + rng.normal(size=(1000, 1))
    >>> abs(input_information(X, code, estimator="gaussian_copula") - 0.347) < 0.05
    True
    """
    sides = read_rows_flat(X, "X"), read_rows_flat(code, "code")
    check_consistent_length(*sides)
    asked = _asked(estimator, random_state, device)
    most = _most_columns(max_columns, asked)
    x, y = (_reduced(side, most, random_state) for side in sides)
    return float(asked.fit(x, y).mi_)


def _asked(
    estimator: str | MutualInfoEstimator,
    random_state: int | np.random.RandomState | None,
    device: str,
) -> MutualInfoEstimator:
    if not isinstance(estimator, str):
        return make_estimator(estimator)
    asked = make_estimator(
        estimator, discrete_features=False, discrete_target=False, device=device
    )
    if estimator == "mine":
        asked.set_params(objective="infonce", random_state=random_state)
    return asked


def _most_columns(max_columns: Any, estimator: MutualInfoEstimator) -> int | None:
    if isinstance(max_columns, str) and max_columns == "auto":
        return most_columns(estimator)
    if max_columns is not None and not is_integer(max_columns, 1):
        limit = "'auto', None, or an integer of at least 1"
        raise refusal("max_columns", max_columns, limit, "'auto', the default")
    return max_columns


def _reduced(
    side: np.ndarray, most: int | None, random_state: int | np.random.RandomState | None
) -> np.ndarray:
    if most is None or side.shape[1] <= most:
        return side
    count = min(most, len(side) - 1)
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
    return PCA(count, random_state=seed).fit_transform(side)
