"""How much the components of a code depend on each other."""

from __future__ import annotations

__all__ = ["neural_dependency"]

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri
from sklearn.utils import check_random_state

from skmist._device import own_settings, resolve_device
from skmist._errors import BoundWarning
from skmist.representation.dependence_plan import MIN_ROWS, DependencePlan
from skmist.representation.rows import read_rows_flat


def neural_dependency(
    code: ArrayLike,
    *,
    objective: str = "donsker_varadhan",
    hidden_layer_sizes: Sequence[int] = (64, 64),
    learning_rate_init: float = 0.01,
    batch_size: int = 32,
    max_iter: int = 60,
    n_iter_no_change: int = 8,
    n_folds: int = 3,
    random_state: int | np.random.RandomState | None = None,
    device: str = "auto",
) -> float:
    """Neural dependency measure: a lower bound on the total correlation of a code, nats.

    The total correlation ``KL(p(y) || p(y_1) ... p(y_d))`` is 0 where the components are
    independent. As in [1]_ a net tells codes from draws of independent components; what is
    returned is its bound on rows that it has not seen, the mean over folds.

    Parameters
    ----------
    code : array-like of shape (n, d)
        At least 20 rows. Only ranks within components count, ties are broken at random;
        constant components do not matter.
    objective : str, default="donsker_varadhan"
        Bound that is trained and reported: ``"donsker_varadhan"``, ``"nwj"``,
        ``"jensen_shannon"`` (trained so, reported by NWJ) or ``"infonce"``. See `skmist.nn`.
    hidden_layer_sizes : sequence of int, default=(64, 64)
        Widths of the net's hidden layers.
    learning_rate_init : float, default=0.01
        Of Adam at the start; it falls to 0 along a cosine over `max_iter` epochs.
    batch_size : int, default=32
        Codes in a step; each stands against `batch_size` - 1 draws.
    max_iter : int, default=60
        Most epochs; 0 leaves the Gaussian term alone.
    n_iter_no_change : int, default=8
        Epochs without improvement on validation rows after which training stops.
    n_folds : int, default=3
        Each part of the rows is held out in turn.
    random_state : int, RandomState instance or None, default=None
        Source of ties, folds, draws and first weights.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.

    Returns
    -------
    dependency : float
        Nats. Not clipped: near independence it may be negative.

    Raises
    ------
    ValueError
        If a parameter or the data cannot be used.

    Warns
    -----
    BoundWarning
        If the net's part comes close to the largest value that it can take, about 7.9 nats: the
        dependency may be larger.

    Notes
    -----
    A bound from draws of the product alone cannot exceed the logarithm of their number, and the
    total correlation of a code easily does. So it is taken in two steps. With the ranks of each
    component mapped to a normal law, the product of the margins is standard normal, and for any
    density g

    .. math:: TC = E_p[\\log (g / \\phi)] + KL(p || g).

    g is the Gaussian with the correlations of the training rows, shrunk as validation rows say.
    The first term, a mean over held-out rows, has no limit and is a lower bound by itself; the net
    bounds the second, telling rows from draws of g.

    References
    ----------
    .. [1] R. D. Hjelm et al. (2019), "Learning deep representations by mutual information
       estimation and maximization", ICLR, arXiv:1808.06670; after P. Brakel and Y. Bengio (2017),
       "Learning independent features with adversarial nets for non-linear ICA",
       arXiv:1710.05050.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist.representation import neural_dependency
    >>> code = np.random.default_rng(0).normal(size=(1000, 2))
    >>> code[:, 1] = 0.8 * code[:, 0] + 0.6 * code[:, 1]  # truth: -log(0.6) = 0.511
    >>> value = neural_dependency(code, max_iter=2, random_state=0, device="cpu")
    >>> abs(value - 0.511) < 0.08
    True
    """
    plan = DependencePlan(
        objective=objective,
        hidden_layer_sizes=hidden_layer_sizes,
        learning_rate_init=learning_rate_init,
        batch_size=batch_size,
        max_iter=max_iter,
        n_iter_no_change=n_iter_no_change,
        n_folds=n_folds,
    ).check()
    code = read_rows_flat(code, "code")
    if len(code) < MIN_ROWS:
        raise ValueError(
            f"code has {len(code)} rows, but a net needs at least {MIN_ROWS} to train, to stop "
            "and to be judged on. Pass more rows."
        )
    code = code[:, np.ptp(code, axis=0) > 0.0]
    if code.shape[1] < 2:
        return 0.0
    from skmist.representation.dependence_training import cross_fit

    rng = check_random_state(random_state)
    scores = _random_normal_scores(code, rng)
    seed = rng.randint(np.iinfo(np.int32).max)
    with own_settings():
        folds = cross_fit(scores, plan, seed, resolve_device(device))
    if any(fold.is_near_ceiling for fold in folds):
        highest = max(fold.learned for fold in folds)
        warnings.warn(
            f"The net's part of the bound, {highest:.2f} nats, is close to the largest value that "
            "it can take: the dependency may be larger. Compare codes with fewer components.",
            BoundWarning,
            stacklevel=2,
        )
    return float(np.mean([fold.value for fold in folds]))


def _random_normal_scores(code: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Standard normal scores of ranks, ties and the place within a rank drawn at random.

    Both are noise of each component's own, so dependence can only fall; and margins are
    standard normal however few distinct values there are.
    """
    n = len(code)
    ties = rng.random_sample(code.shape)
    order = np.lexsort((ties, code), axis=0)
    ranks = np.empty(code.shape)
    np.put_along_axis(ranks, order, np.arange(n, dtype=float)[:, None], axis=0)
    return ndtri((ranks + rng.uniform(0.001, 0.999, code.shape)) / n)
