"""A classifier that keeps little information about its input: the information bottleneck."""

from __future__ import annotations

__all__ = ["InformationBottleneckClassifier"]

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from skmist._device import own_settings, resolve_device
from skmist._parameters import check_choice, check_integer, check_number, check_widths
from skmist._progress import progress_bar
from skmist._sample.numeric import validated_rows
from skmist._sample.sample import MIN_SAMPLES
from skmist._site import SiteLink
from skmist._state import VersionedState
from skmist.estimators.mine.estimator import MINEEstimator

_MIN_TRAINED = 2
_MIN_ROWS = MIN_SAMPLES + _MIN_TRAINED
_CHUNK = 4096
_CHOICES = {
    "encoder": ("gaussian", "additive", "propagated"),
    "regularizer": ("mine", "vib", "mist", None),
    "bound": (
        "infonce",
        "donsker_varadhan",
        "nwj",
        "jensen_shannon",
        "interpolated",
        "smile",
    ),
}
_LEAST = {"n_components": 1, "batch_size": 4, "max_iter": 1, "n_iter_no_change": 1, "n_draws": 1}
# lower end, upper end, which of them belongs to the range, and an example
_RANGES = {
    "beta": (0, math.inf, "[", 0.01),
    "noise_scale": (0, math.inf, "[", 1.0),
    "dropout": (0, 1, "[", 0.1),
    "label_smoothing": (0, 1, "[", 0.1),
    "learning_rate_init": (0, math.inf, "", 0.001),
    "validation_fraction": (0, 1, "", 0.1),
}


class InformationBottleneckClassifier(
    SiteLink,
    ClassNamePrefixFeaturesOutMixin,
    ClassifierMixin,
    TransformerMixin,
    VersionedState,
    BaseEstimator,
):
    """Neural classifier whose code Z carries little information about the input X.

    The loss is ``cross_entropy(y, decoder(Z)) + beta * I(X; Z)`` [1]_. Z is noisy, so that its
    information about X is finite; the decoder is linear. ``I(X; Z)`` has no closed form. With
    ``regularizer="mine"`` [2]_ a critic raises a lower bound of it while the encoder lowers it;
    with ``"vib"`` [3]_ the encoder lowers an upper bound, the mean Kullback-Leibler divergence of
    the law of Z given X from the standard normal; with ``"mist"`` it follows the gradient of
    `skmist.nn.MISTInformation`, which trains nothing. The means of Z (or Z itself, where it has no
    density) pass through batch normalization: information does not know scales, and a code whose
    columns drift apart in theirs is learned slowly.

    Like other neural nets it expects columns of about unit scale.

    Parameters
    ----------
    encoder : {"gaussian", "additive", "propagated"}, default="gaussian"
        Where the noise enters: a Gaussian around a mean with a spread, both learned; Gaussian
        noise of fixed scale added to the last layer; or noise as further inputs of the net,
        which shapes it as it likes (not for ``"vib"``: Z has no density at hand).
    regularizer : {"mine", "vib", "mist"} or None, default="mine"
        How ``I(X; Z)`` is estimated in training; None leaves the loss without it. ``"mist"``
        needs batches of 10 rows at least; its net tells `information_curve_` once in a pass, and
        is slow with ``encoder="propagated"``, where it is asked at every fourth step.
    beta : float, default=0.1
        Weight of ``I(X; Z)``, at least 0.
    hidden_layer_sizes : sequence of int, default=(128, 128)
        Widths of the encoder's hidden layers (ReLU); may be empty.
    n_components : int, default=16
        Columns of Z.
    noise_scale : float, default=1.0
        Spread of the noise, at first where it is learned. 0 with ``encoder="additive"`` and
        ``regularizer=None`` is a plain net, whose information is infinite.
    dropout : float, default=0.0
        Share of hidden units that are left out in training, below 1.
    label_smoothing : float, default=0.0
        Share of every label that is spread evenly over all classes in training, below 1.
    bound : str, default="infonce"
        Bound of the critic in training: ``"infonce"``, ``"donsker_varadhan"``, ``"nwj"``,
        ``"jensen_shannon"``, ``"interpolated"`` or ``"smile"``, see `skmist.nn.bounds`.
    critic_hidden_layer_sizes : sequence of int, default=(64, 64)
        Widths of the critic's hidden layers, on either side.
    learning_rate_init : float, default=0.001
        Step length of Adam.
    batch_size : int, default=128
        Rows in a step, about; at least 4.
    max_iter : int, default=100
        Passes over the rows, at most.
    early_stopping : bool, default=False
        Stop when the accuracy on held-out rows has not improved for `n_iter_no_change` passes,
        and keep the best net.
    validation_fraction : float, default=0.1
        Share of rows that are held out of training, for `mutual_information_` and for early
        stopping.
    n_iter_no_change : int, default=10
        See `early_stopping`.
    n_draws : int, default=16
        Draws of the noise that the class probabilities are averaged over. They are drawn once, in
        `fit`, and shared by all rows: an answer does not depend on what else is asked.
    random_state : int, RandomState instance or None, default=None
        Source of the first weights, the noise and the order of rows.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one. The fitted net answers on the
        CPU.
    verbose : bool, default=False
        Whether to show a progress bar.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    mutual_information_ : float
        Estimate of ``I(X; Z)``, nats, on held-out rows; computed when first asked for. It is at
        most the logarithm of their number: see `mutual_information`, and pass more rows to it.
    loss_curve_ : list of float
        Mean loss of every pass, nats.
    information_curve_ : list of float
        What the regularizer took for ``I(X; Z)`` in every pass, nats; zeros without one.
    validation_scores_ : list of float
        Accuracy on the held-out rows after every pass.
    n_iter_ : int
        Passes over the rows.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns of X, where it had any.
    device_ : str
        Where the net was trained.

    See Also
    --------
    skmist.nn.MutualInfoLoss : The term of the loss with ``regularizer="mine"``.
    skmist.nn.MISTInformation : That of ``"mist"``.

    References
    ----------
    .. [1] N. Tishby, F. C. Pereira and W. Bialek (1999), "The information bottleneck method",
       37th Allerton Conference, 368-377, arXiv:physics/0004057.
    .. [2] M. I. Belghazi et al. (2018), "Mutual Information Neural Estimation", ICML,
       arXiv:1801.04062.
    .. [3] A. A. Alemi, I. Fischer, J. V. Dillon and K. Murphy (2017), "Deep variational
       information bottleneck", ICLR, arXiv:1612.00410.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skmist import InformationBottleneckClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> bottleneck = InformationBottleneckClassifier(max_iter=50, random_state=0, device="cpu")
    >>> bottleneck.fit(scale(X), y).score(scale(X), y) > 0.9
    True
    >>> bottleneck.transform(scale(X)).shape
    (150, 16)
    """

    def __init__(
        self,
        *,
        encoder: str = "gaussian",
        regularizer: str = "mine",
        beta: float = 0.1,
        hidden_layer_sizes: Sequence[int] = (128, 128),
        n_components: int = 16,
        noise_scale: float = 1.0,
        dropout: float = 0.0,
        label_smoothing: float = 0.0,
        bound: str = "infonce",
        critic_hidden_layer_sizes: Sequence[int] = (64, 64),
        learning_rate_init: float = 0.001,
        batch_size: int = 128,
        max_iter: int = 100,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        n_draws: int = 16,
        random_state: int | np.random.RandomState | None = None,
        device: str = "auto",
        verbose: bool = False,
    ) -> None:
        self.encoder = encoder
        self.regularizer = regularizer
        self.beta = beta
        self.hidden_layer_sizes = hidden_layer_sizes
        self.n_components = n_components
        self.noise_scale = noise_scale
        self.dropout = dropout
        self.label_smoothing = label_smoothing
        self.bound = bound
        self.critic_hidden_layer_sizes = critic_hidden_layer_sizes
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.n_draws = n_draws
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: ArrayLike) -> InformationBottleneckClassifier:
        """Train the net.

        Parameters
        ----------
        X : array-like of shape (n, p)
            Finite numbers; at least 7 rows.
        y : array-like of shape (n,)
            Labels.

        Returns
        -------
        self : InformationBottleneckClassifier

        Raises
        ------
        ValueError
            If a parameter or the data cannot be used.
        """
        import torch

        self._check_parameters()
        rows, y = validated_rows(self, X, y=y, dtype=np.float64, ensure_min_samples=_MIN_ROWS)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        random_state = check_random_state(self.random_state)
        self._seed = int(random_state.randint(np.iinfo(np.int32).max))
        held_out = _held_out_rows(codes, self.validation_fraction, random_state)
        self.device_ = resolve_device(self.device)
        with own_settings(), torch.random.fork_rng():
            torch.manual_seed(self._seed)  # first weights and dropout use torch's own generator
            self._train(rows, codes, held_out)
        self._rows = (rows[~held_out], rows[held_out])
        self._lazy: dict[str, Any] = {}
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Most probable label of every row.

        Parameters
        ----------
        X : array-like of shape (m, p)

        Returns
        -------
        labels : ndarray of shape (m,)
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Probabilities of the classes, averaged over draws of the noise.

        Parameters
        ----------
        X : array-like of shape (m, p)

        Returns
        -------
        probabilities : ndarray of shape (m, n_classes)
            Columns in the order of `classes_`.
        """
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray:
        """Logarithms of `predict_proba`.

        Parameters
        ----------
        X : array-like of shape (m, p)

        Returns
        -------
        log_probabilities : ndarray of shape (m, n_classes)
        """
        X = self._read(X)
        return self._answer(lambda net, rows: net.log_probabilities(rows, self._noise), X)

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Mean of the code Z of every row.

        Parameters
        ----------
        X : array-like of shape (m, p)

        Returns
        -------
        mean : ndarray of shape (m, n_components)
        """
        X = self._read(X)
        return self._answer(lambda net, rows: net.embedding(rows, self._noise), X)

    def mutual_information(self, X: ArrayLike) -> float:
        """Lower bound of ``I(X; Z)`` on rows that were not trained on, nats.

        The encoders ``"gaussian"`` and ``"additive"`` know the density of Z given X, which is
        the best critic there is: the value is that of the InfoNCE bound with this critic, the
        mean over draws of Z, and at most the logarithm of the number of rows [4]_ (of 4,096 of
        them: more are taken in blocks). With ``"propagated"`` a `MINEEstimator` learns from the
        fitted rows (once, at the first call); the value is its bound on the rows given.

        Parameters
        ----------
        X : array-like of shape (m, p)
            At least 5 rows.

        Returns
        -------
        mi : float
            Infinite where Z has no noise.

        Raises
        ------
        ValueError
            If there are too few rows.

        Warns
        -----
        BoundWarning
            Where a `MINEEstimator` has reason to.

        References
        ----------
        .. [4] B. Poole, S. Ozair, A. van den Oord, A. Alemi and G. Tucker (2019), "On variational
           bounds of mutual information", ICML, arXiv:1905.06922 (section 2.5).
        """
        X = self._read(X)
        if len(X) < MIN_SAMPLES:
            raise ValueError(
                f"X has {len(X)} row(s), but the bound needs at least {MIN_SAMPLES}. Pass more."
            )
        return self._information(X)

    @property
    def mutual_information_(self) -> float:
        """Estimate of ``I(X; Z)``, nats, on the rows that were held out in `fit`."""
        check_is_fitted(self)
        if "held_out" not in self._lazy:
            self._lazy["held_out"] = self._information(self._rows[1])
        return self._lazy["held_out"]

    @property
    def _n_features_out(self) -> int:
        return self.n_components

    # Checks -------------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        for name, options in _CHOICES.items():
            check_choice(name, getattr(self, name), options, quoted=True)
        for name, least in _LEAST.items():
            check_integer(name, getattr(self, name), least, noun="a whole number")
        for name, (low, high, closed, example) in _RANGES.items():
            remedy = f"for example {example}"
            check_number(name, getattr(self, name), (low, high), remedy, closed=closed)
        check_widths("hidden_layer_sizes", self.hidden_layer_sizes)
        check_widths("critic_hidden_layer_sizes", self.critic_hidden_layer_sizes, 1)
        self._check_noise()

    def _check_noise(self) -> None:
        if self.regularizer == "vib" and self.encoder == "propagated":
            raise ValueError(
                "regularizer is 'vib', but the encoder 'propagated' gives Z no density, which "
                "that bound needs. Pass regularizer='mine', or another encoder."
            )
        plain = self.encoder == "additive" and self.regularizer is None
        if self.noise_scale == 0 and not plain:
            raise ValueError(
                f"noise_scale is {self.noise_scale!r} with encoder={self.encoder!r} and "
                f"regularizer={self.regularizer!r}, but without noise I(X; Z) is infinite. Pass a "
                "number above 0, or encoder='additive' and regularizer=None for a plain net."
            )

    # Training -----------------------------------------------------------------------------

    def _train(self, X: np.ndarray, codes: np.ndarray, held_out: np.ndarray) -> None:
        import torch

        from skmist.bottleneck.net import BottleneckNet
        from skmist.bottleneck.training import BottleneckTrainer

        sizes = (X.shape[1], *self.hidden_layer_sizes, self.n_components)
        net = BottleneckNet(
            self.encoder, sizes, len(self.classes_), self.dropout, self.noise_scale
        ).to(self.device_)
        generator = torch.Generator(self.device_).manual_seed(self._seed)
        self._noise = torch.randn(self.n_draws, 1, net.encoder.n_noise, dtype=torch.float64)
        x = torch.tensor(X, dtype=torch.float32, device=self.device_)
        y = torch.as_tensor(codes, device=self.device_)
        kept = torch.as_tensor(~held_out, device=self.device_)
        passes = progress_bar(
            self.verbose, "epoch", iterable=range(self.max_iter), title="bottleneck"
        )
        history = BottleneckTrainer(net, self._recipe(), generator).run(
            (x[kept], y[kept]), (x[~kept], y[~kept]), self._noise.to(x), passes
        )
        self.loss_curve_ = history.losses
        self.information_curve_ = history.information
        self.validation_scores_ = history.scores
        self.n_iter_ = len(history.losses)
        self.net_ = net.cpu().double().eval()

    def _recipe(self) -> Any:
        from skmist.bottleneck.training import Recipe

        return Recipe(
            regularizer=self.regularizer,
            beta=self.beta,
            bound=self.bound,
            critic_hidden_layer_sizes=tuple(self.critic_hidden_layer_sizes),
            label_smoothing=self.label_smoothing,
            learning_rate_init=self.learning_rate_init,
            batch_size=self.batch_size,
            patience=self.n_iter_no_change if self.early_stopping else None,
            pretrained=self._pretrained(),
        )

    def _pretrained(self) -> Any:
        """The net that is asked for ``I(X; Z)``, or None where none is."""
        from skmist.weights import DEFAULT_WEIGHTS, load_weights

        mist = self.regularizer == "mist"
        return load_weights(DEFAULT_WEIGHTS, self.device_) if mist else None

    # Answers ------------------------------------------------------------------------------

    def _read(self, X: ArrayLike) -> np.ndarray:
        check_is_fitted(self)
        return validated_rows(self, X, dtype=np.float64, reset=False)

    @own_settings()
    def _answer(self, function: Callable, X: np.ndarray) -> np.ndarray:
        """A function of the net and of rows, as an array."""
        import torch

        chunks = torch.tensor(X).split(_CHUNK)
        with torch.inference_mode():
            return torch.cat([function(self.net_, chunk) for chunk in chunks]).numpy()

    @own_settings()
    def _information(self, X: np.ndarray) -> float:
        import torch

        from skmist.bottleneck.training import density_bound

        if self.noise_scale == 0:
            return math.inf
        if self.net_.encoder.has_law:
            generator = torch.Generator().manual_seed(self._seed)
            return density_bound(self.net_, torch.tensor(X), generator)
        if "mine" not in self._lazy:
            continuous: dict[str, Any] = {"discrete_features": False, "discrete_target": False}
            mine = MINEEstimator(random_state=self._seed, device=self.device, **continuous)
            self._lazy["mine"] = mine.fit(self._rows[0], self._code(self._rows[0], 0))
        return self._lazy["mine"].score(X, self._code(X, 1))

    @own_settings()
    def _code(self, X: np.ndarray, draw: int) -> np.ndarray:
        """One draw of Z for every row, (m, n_components)."""
        import torch

        generator = torch.Generator().manual_seed(self._seed + draw)
        with torch.inference_mode():
            x, encoder = torch.tensor(X), self.net_.encoder
            return encoder.send(encoder.channel(x), self.net_.noise_like(x, generator)).numpy()


def _held_out_rows(
    codes: np.ndarray, fraction: float, random_state: np.random.RandomState
) -> np.ndarray:
    """Mask of the rows held out of training, spread evenly over the classes."""
    n = len(codes)
    count = min(max(round(fraction * n), MIN_SAMPLES), n - _MIN_TRAINED)
    order = random_state.permutation(n)
    order = order[np.argsort(codes[order], kind="stable")]
    mask = np.zeros(n, dtype=bool)
    mask[order[((np.arange(count) + 0.5) * n / count).astype(np.intp)]] = True
    return mask
