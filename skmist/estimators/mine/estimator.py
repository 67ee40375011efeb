"""MINE: mutual information as a held-out variational bound with a trained critic."""

from __future__ import annotations

__all__ = ["MINEEstimator"]

import warnings
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from skmist._device import own_settings, resolve_device
from skmist._errors import BoundWarning
from skmist._progress import progress_bar
from skmist._result import MIEstimate
from skmist._sample.entropy import information_limit
from skmist._sample.sample import Sample, read_pair
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.mine.plan import MIN_TRAINING_ROWS, Plan
from skmist.estimators.mine.view import CriticView

_N_REFERENCE = 2048
_NEAR_CEILING = 1.0
_AT_CEILING = 0.01
_UNSTABLE = 0.1
_STILL_RISING = 0.05


class MINEEstimator(MutualInfoEstimator):
    """Mutual information by a neural critic and a variational bound, on held-out rows.

    A critic net T(x, y) is trained to tell pairs that were drawn together from pairs that were
    not, by a lower bound on the MI, as in MINE [1]_. What is reported is the bound on rows
    that the critic has not seen: the rows are split into folds, each is held out in turn from
    the training of a critic, and `mi_` is the mean over folds. Each training sets rows aside
    that say when to stop. So `mi_` errs on the low side, does not grow with overfitting, and
    never exceeds the logarithm of the rows that are held out together, for no more can be shown
    from them.

    - Margins become normal scores of their ranks first, so no increasing map of a column matters;
      discrete columns become indicators of their categories.
    - The critic holds the Gaussian log-ratio as a shortcut, and starts there: at the canonical
      correlations of its training rows, freed of their noise or weakened, as suits the validation
      rows. A critic that knows nothing scores 0 everywhere, and is kept where
      training does not beat it on the validation rows.
    - Every batch scores all its pairs; so do the held-out rows.
    - Order of rows, of the columns of a side and of the sides does not matter, nor the names of
      categories, up to rounding.

    Parameters
    ----------
    objective : str, default="donsker_varadhan"
        The bound that is trained and reported: ``"donsker_varadhan"`` (MINE), ``"nwj"`` (MINE-f),
        ``"jensen_shannon"`` (trained so, reported by NWJ), ``"infonce"`` (low variance, at most
        the log of the rows of a fold), ``"smile"`` (no bound, may read too high) or
        ``"interpolated"``. See `skmist.nn.bounds`.
    critic : {"separable", "joint"}, default="separable"
        Inner product of an embedding of x and one of y, or one net of both; the latter is freer
        and many times slower.
    hidden_layer_sizes : sequence of int, default=(64, 64)
        Widths of the hidden layers.
    gaussian_start : bool, default=True
        Whether training starts at the Gaussian log-ratio rather than at 0, as it does in any case
        where all columns are discrete.
    learning_rate_init : float, default=0.005
        Of Adam at the start; it falls to 0 along a cosine over `max_iter` epochs.
    batch_size : int, default=256
        Pairs per batch, of which all combinations are scored.
    max_iter : int, default=60
        Most epochs of a critic.
    early_stopping : bool, default=True
        Whether to set validation rows aside, to stop when they no longer improve, and to keep the
        critic that was best on them.
    validation_fraction : float, default=0.1
        Share of the rows outside the held-out fold that validate; at least 64 of them, or a
        quarter where that is less.
    n_iter_no_change : int, default=10
        Epochs without improvement after which training stops.
    tol : float, default=0.0001
        Least improvement, nats.
    n_folds : "auto" or int, default="auto"
        Folds of the cross-fitting; ``"auto"`` takes 2 from 2,000 rows and 8 rows for each pair of
        a column of X and one of y on, else 5. With more folds critics see more rows, and time
        grows.
    random_state : int, RandomState instance or None, default=0
        Source of folds, batches and first weights. With an int the same sample always gets the
        same answer.
    verbose : bool, default=False
        Whether to show a progress bar.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of X and y are discrete; see :func:`skmist.mutual_info`.
    duplicates : {"once", "count"}, default="once"
        Whether rows that were copied count once, with a `RepeatedRowsWarning`, or each.

    Attributes
    ----------
    mi_ : float
        The bound on held-out rows, nats. At most about the log of the rows of a fold, and of
        4,096 rows; not clipped below: near independence it may be negative.
    fold_values_ : ndarray of shape (n_folds,)
        The bound on each fold, nats; the same.
    training_mi_ : float
        The bound on the critics' own training rows, nats, without a ceiling; far above `mi_`
        where they overfit.
    loss_curve_ : list of ndarray
        Of each fold the mean training loss by epoch.
    validation_curve_ : list of ndarray
        Of each fold the bound on its validation rows by epoch, nats; empty without
        `early_stopping`.
    n_iter_ : int
        Epochs of the fold that took longest.
    warnings_ : tuple of str
        What the reader should know about this estimate.
    device_ : str
        Where critics were trained.

    Warns
    -----
    BoundWarning
        If the bound is at the largest value that a fold can show or within 1 nat of it, if its
        partition term has a relative standard error above 0.1, if it still rose when
        `max_iter` ended training, if there are too few rows to train on, or if training failed:
        a 0 that is no evidence of independence.

    See Also
    --------
    MISTRegressor : A pretrained net, with an interval and without training.
    skmist.mutual_info : Function interface.

    Notes
    -----
    No high-confidence lower bound from n rows can exceed about ``log(n)`` nats [2]_. So no
    objective reports more than the log of the rows that were scored together: those of a fold,
    in blocks of at most 4,096.

    `score_samples` averages the log-ratios of all critics, each normalized so that
    ``p(y) exp(score)`` sums to 1 over (at most 2,048) fitted y. A fitted row has been seen by all
    critics but one. `predict` weights the fitted y by that ratio. `score` is the bound of
    the fitted critics on new rows, hence a valid objective for model selection; asked for the
    fitted rows, which no critic may judge that has seen them, it returns `mi_`.

    References
    ----------
    .. [1] M. I. Belghazi, A. Baratin, S. Rajeswar, S. Ozair, Y. Bengio, A. Courville and
       R. D. Hjelm (2018), "Mutual Information Neural Estimation", ICML, arXiv:1801.04062.
    .. [2] D. McAllester and K. Stratos (2020), "Formal limitations on the measurement of mutual
       information", AISTATS, arXiv:1811.04251.

    Examples
    --------
    >>> import numpy as np
    >>> from skmist import MINEEstimator
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(1000, 1))
    >>> y = x[:, 0] + rng.normal(size=1000)
    >>> mine = MINEEstimator(max_iter=5, device="cpu").fit(x, y)  # truth: log(2) / 2 = 0.347
    >>> bool(abs(mine.mi_ - 0.347) < 0.05)
    True
    """

    note_category = BoundWarning

    def __init__(
        self,
        objective: str = "donsker_varadhan",
        *,
        critic: str = "separable",
        hidden_layer_sizes: Sequence[int] = (64, 64),
        gaussian_start: bool = True,
        learning_rate_init: float = 0.005,
        batch_size: int = 256,
        max_iter: int = 60,
        early_stopping: bool = True,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        n_folds: int | str = "auto",
        random_state: int | np.random.RandomState | None = 0,
        verbose: bool = False,
        device: str = "auto",
        discrete_features: ArrayLike = "auto",
        discrete_target: ArrayLike = "auto",
        duplicates: str = "once",
    ) -> None:
        self.objective = objective
        self.critic = critic
        self.hidden_layer_sizes = hidden_layer_sizes
        self.gaussian_start = gaussian_start
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.n_folds = n_folds
        self.random_state = random_state
        self.verbose = verbose
        self.device = device
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target
        self.duplicates = duplicates

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """The bound of the fitted critics on a new sample, the mean over critics.

        Unlike other estimators' `score` a measure of fit: higher is better, and a valid objective
        for ``GridSearchCV``. At most about ``log(n)``, and a `BoundWarning` says where it gets
        there. For the fitted sample itself it is `mi_`.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n, p)
            At least 5 rows.
        y : array-like or DataFrame of shape (n,) or (n, q)

        Returns
        -------
        float
            Nats.

        Raises
        ------
        InvalidSampleError
            If the data cannot be used, or hold a category that fit has not seen.
        """
        x = self._encode_x(X)
        y = self._encoder.encode_y(read_pair(X, y)[1])[:, self._y_kept]
        if self._is_constant():
            return 0.0
        if _same_rows(np.hstack([x, y]), self._sample.both().values):
            return self.mi_
        with own_settings():
            values, ceiling = self._ensemble.bounds(self._view.x(x), self._view.y(y))
        if values.max() > ceiling - _AT_CEILING:
            warnings.warn(_at_ceiling(ceiling), BoundWarning, stacklevel=2)
        return float(values.mean())

    # Hooks of the base --------------------------------------------------------------------

    def _fit_sample(self, sample: Sample) -> None:
        self.device_ = resolve_device(self.device)
        view, folds = self._cross_fit(sample)
        self.fold_values_ = _values(folds, sample)
        self.mi_ = float(self.fold_values_.mean())
        self.training_mi_ = float(np.mean([fold.training_value for fold in folds]))
        self.loss_curve_ = [np.array(fold.loss_curve) for fold in folds]
        self.validation_curve_ = [np.array(fold.validation_curve) for fold in folds]
        self.n_iter_ = max(len(curve) for curve in self.loss_curve_)
        self.warnings_ = self._notes(folds)
        self._keep(view, folds, sample)

    def _fit_constant(self) -> None:
        super()._fit_constant()
        self.device_ = resolve_device(self.device)
        self.fold_values_, self.training_mi_ = np.zeros(0), 0.0
        self.loss_curve_, self.validation_curve_, self.n_iter_ = [], [], 0
        self.warnings_ = ()

    def _estimate(self, sample: Sample) -> float:
        return float(_values(self._cross_fit(sample)[1], sample).mean())

    def _answers(self, samples: list[Sample], level: float | None) -> list[MIEstimate]:
        found = [(sample, self._cross_fit(sample)[1]) for sample in samples]
        values = [float(_values(folds, sample).mean()) for sample, folds in found]
        return [
            self._answer(value, sample, self._notes(folds))
            for value, (sample, folds) in zip(values, found, strict=True)
        ]

    @own_settings()
    def _pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self._ensemble.pointwise(self._view.x(x), self._view.y(y))

    @own_settings()
    def _row_information(self, x: np.ndarray) -> np.ndarray:
        return self._ensemble.information(self._view.x(x))

    # Private --------------------------------------------------------------------------------

    def _plan(self) -> Plan:
        names = (field.name for field in fields(Plan))
        return Plan(**{name: getattr(self, name) for name in names}).check()

    @own_settings()
    def _cross_fit(self, sample: Sample) -> tuple[CriticView, list]:
        import torch

        from skmist.estimators.mine.training import cross_fit

        plan, view = self._plan(), CriticView(sample)
        if sample.x.is_discrete and sample.y.is_discrete:
            # the law of labels is not Gaussian, and such a start hard to leave
            plan = replace(plan, gaussian_start=False)
        device = resolve_device(self.device)
        first, second = (side.values[view.order] for side in (sample.x, sample.y))
        sides = view.arranged(view.x(first), view.y(second))
        x, y = (torch.as_tensor(side, dtype=torch.float32, device=device) for side in sides)
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        epochs = plan.folds(len(x), x.shape[1], y.shape[1]) * plan.max_iter
        with progress_bar(self.verbose, "epoch", epochs, title="MINE") as bar:
            return view, cross_fit(x, y, plan, seed, bar.update)

    @own_settings()
    def _keep(self, view: CriticView, folds: list, sample: Sample) -> None:
        """Keep what answers questions about rows."""
        from skmist.estimators.mine.ensemble import CriticEnsemble

        self._view = view
        reference = view.y(sample.y.values[view.order[:_N_REFERENCE]])
        critics = [fold.critic for fold in folds]
        self._ensemble = CriticEnsemble(critics, self.objective, reference, view.swapped)

    def _notes(self, folds: list) -> tuple[str, ...]:
        """What the reader should know about the bound on these folds."""
        notes = [note for note in map(self._note, folds) if note]
        return tuple(dict.fromkeys(notes))

    def _note(self, fold: Any) -> str:
        if fold.n_seen < MIN_TRAINING_ROWS:
            return (
                f"{fold.n_seen} rows to train a critic on, fewer than {MIN_TRAINING_ROWS}: it "
                "was not trained, and the bound is 0. Collect more rows."
            )
        if fold.failed:
            return (
                "No critic beat knowing nothing on the validation rows of a fold, so its bound is "
                "0; but the Gaussian start was far worse there, as it is where rows are few for "
                "the columns: this is no evidence of independence. Collect more rows, or pass "
                "fewer columns."
            )
        if fold.value > fold.ceiling - _AT_CEILING:
            return _at_ceiling(fold.ceiling)
        if fold.value > fold.ceiling - _NEAR_CEILING:
            return (
                f"The bound of {fold.value:.2f} nats is close to the {fold.ceiling:.2f} that a "
                "fold of this size allows: the MI may be larger. Collect more rows."
            )
        if fold.spread > _UNSTABLE:
            return (
                f"The partition term has a relative standard error of {fold.spread:.2f}, above "
                f"{_UNSTABLE}: the bound is unstable. Collect more rows, or use "
                "objective='infonce'."
            )
        if fold.is_rising(_STILL_RISING):
            return (
                f"The validation bound still rose when training ended after max_iter="
                f"{self.max_iter} epochs. Raise max_iter."
            )
        return ""


def _values(folds: list, sample: Sample) -> np.ndarray:
    """The bound on each fold, at most what a side can carry; nats."""
    return np.minimum([fold.value for fold in folds], information_limit(sample))


def _at_ceiling(ceiling: float) -> str:
    return (
        f"The bound is at the ceiling of {ceiling:.2f} nats, the logarithm of the rows that it "
        "was taken on, as no more can be shown from them: the MI is at least about that, and may "
        "be far above. More rows raise the ceiling."
    )


def _same_rows(rows: np.ndarray, others: np.ndarray) -> bool:
    """Whether two samples (n, d) hold the same rows in any order."""
    if rows.shape != others.shape:
        return False
    return np.array_equal(rows[np.lexsort(rows.T)], others[np.lexsort(others.T)])
