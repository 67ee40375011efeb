"""Deep InfoMax: a representation that keeps mutual information with every part of its input."""

from __future__ import annotations

__all__ = ["DeepInfoMax"]

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skmist._device import own_settings, resolve_device
from skmist._progress import progress_bar
from skmist._site import SiteLink
from skmist._state import VersionedState
from skmist.infomax.rows import RowReader

if TYPE_CHECKING:
    from sklearn.utils import Tags
    from torch import nn

_BLOCK_COLUMNS = 4
_MOST_BLOCKS = 16
_TABLE_HIDDEN = (256,)


class DeepInfoMax(
    SiteLink, ClassNamePrefixFeaturesOutMixin, TransformerMixin, VersionedState, BaseEstimator
):
    """Features of images or tables, learned without labels by Deep InfoMax (DIM) [1]_.

    An encoder makes a map of local features of every row, and from all of them a code Y. It is
    trained so that Y has much mutual information with each location of the map (``beta``, local
    DIM) or with the whole map (``alpha``, global DIM). What many locations share is worth most to
    the local objective, and noise of one location little.

    Images may be ``(n, h, w)``, ``(n, h, w, c)``, ``(n, c, h, w)``, or flat rows with
    `image_shape`. Anything else with two axes is a table, whose locations are blocks of
    neighboring columns. Channels, or columns, are standardized.

    Parameters
    ----------
    n_components : int, default=64
        Units of the code Y.
    objective : str, default="jensen_shannon"
        Bound on the mutual information: ``"jensen_shannon"``; ``"infonce"``, with all locations
        of the other rows of the batch as negatives; ``"donsker_varadhan"``. See
        `skmist.nn.bounds`.
    alpha, beta, gamma : float, default=0.0, 1.0, 0.1
        Weights of the global information, of the local information, and of the match of Y with
        `prior`. The defaults are those of [1]_ for local DIM; for global DIM it takes (1, 0, 1).
        With gamma above 0, batch normalization gives the units of Y mean and spread of the
        prior, and Y lies in its support; with 0 Y is linear.
    prior : {"uniform", "gaussian"}, default="uniform"
        Independent units, uniform from 0 to 1 or standard normal; a discriminator teaches the
        encoder to match it.
    gradient_penalty : float, default=1.0
        Weight of the squared gradient of that discriminator.
    coordinates : {"absolute", "relative", "both"} or None, default=None
        Predict the place of each local feature from it and Y, or the displacement between two
        local features. For images only.
    coordinate_weight : float, default=1.0
        Weight of `coordinates`.
    occlusion : float, default=0.0
        Share of each row that is hidden from Y in training, below 1: a rectangle of an image, a
        run of columns of a table. The map sees all.
    critic : {"dot", "concat"}, default="dot"
        Encode-and-dot, or concatenate-and-convolve, which is many times slower.
    critic_hidden_layer_sizes : sequence of int, default=(128,)
        Widths of the critic's hidden layers.
    encoder : str or torch.nn.Module, default="auto"
        For images ``"small8"``, ``"small28"``, or those of [1]_ for images of 32 and 64 pixels,
        ``"dcgan32"`` and ``"alexnet64"``; ``"auto"`` chooses by size. A module gets
        standardized images ``(n, c, h, w)``, or a table ``(n, p)``, and returns a map
        ``(n, channels, height, width)``, or a pair of that and further features ``(n, ...)``. It
        is copied.
    hidden_layer_sizes : "auto" or sequence of int, default="auto"
        Layers between map and Y; ``"auto"`` takes those of the encoder.
    image_shape : tuple of int or None, default=None
        Shape of an image, where X is flat: ``(h, w)``, ``(h, w, c)`` or ``(c, h, w)``.
    channels : {"auto", "first", "last"}, default="auto"
        Which axis of an image has the channels; ``"auto"`` takes the outer one of size 1 to 4.
    n_blocks : "auto" or int, default="auto"
        Blocks of a table; ``"auto"`` makes blocks of about 4 columns, at most 16.
    layer : {"Y", "fc", "conv"}, default="Y"
        What `transform` returns: the code, the last hidden layer, or the last map, flattened (of
        a table the features of its blocks).
    learning_rate_init : float, default=0.001
        Of Adam at the start; it falls to 0 along a cosine over `max_iter` epochs.
    batch_size : int, default=64
        Rows in a step, about.
    max_iter : int, default=50
        Most epochs. 0 leaves the encoder as it is drawn at random, a baseline.
    early_stopping : bool, default=False
        Whether to stop when the information on the validation rows no longer grows, and to keep
        the best nets.
    validation_fraction : float, default=0.0
        Share of rows that are set aside for validation, below 1.
    n_iter_no_change : int, default=10
        Epochs without improvement after which training stops early.
    precision : {"float32", "bfloat16"}, default="float32"
        Of the products of matrices in training.
    random_state : int, RandomState instance or None, default=None
        Source of first weights, the order of rows and all draws.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.
    verbose : bool, default=False
        Whether to show a progress bar.

    Attributes
    ----------
    net_ : skmist.nn.infomax.InfoMax
        The encoder with its critics.
    history_ : dict of ndarray of shape (n_iter_,)
        By epoch ``"loss"``, ``"global"`` and ``"local"`` (information in training, nats, see
        `score`), ``"prior"`` and ``"coordinates"`` (losses, nats), and ``"validation"`` (as
        `score`, on validation rows); what is not asked for is absent.
    n_iter_ : int
        Epochs.
    layer_sizes_ : dict
        Columns of ``"conv"``, ``"fc"`` and ``"Y"``.
    n_features_in_ : int
        Numbers in a row.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns of X, where it had any.
    device_ : str
        Where the nets were trained.

    Notes
    -----
    A location drawn at random is the partner of Y, and its place is not told to the critic: the
    local objective bounds the mean over locations of their mutual information with Y from below.

    With an int as `random_state`, the same data give the same nets on the same machine. A row's
    features do not depend on the rows beside it, up to the rounding of float32.

    References
    ----------
    .. [1] R. D. Hjelm, A. Fedorov, S. Lavoie-Marchildon, K. Grewal, P. Bachman, A. Trischler and
       Y. Bengio (2019), "Learning deep representations by mutual information estimation and
       maximization", ICLR, arXiv:1808.06670.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmist import DeepInfoMax
    >>> images = load_digits().images[:200]
    >>> dim = DeepInfoMax(16, max_iter=1, random_state=0, device="cpu")
    >>> dim.fit_transform(images).shape
    (200, 16)
    """

    _parameter_constraints = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "objective": [StrOptions({"jensen_shannon", "infonce", "donsker_varadhan"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "beta": [Interval(Real, 0, None, closed="left")],
        "gamma": [Interval(Real, 0, None, closed="left")],
        "prior": [StrOptions({"uniform", "gaussian"})],
        "gradient_penalty": [Interval(Real, 0, None, closed="left")],
        "coordinates": [StrOptions({"absolute", "relative", "both"}), None],
        "coordinate_weight": [Interval(Real, 0, None, closed="left")],
        "occlusion": [Interval(Real, 0, 1, closed="left")],
        "critic": [StrOptions({"dot", "concat"})],
        "critic_hidden_layer_sizes": ["array-like"],
        "encoder": "no_validation",
        "hidden_layer_sizes": [StrOptions({"auto"}), "array-like"],
        "image_shape": ["array-like", None],
        "channels": [StrOptions({"auto", "first", "last"})],
        "n_blocks": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "layer": [StrOptions({"Y", "fc", "conv"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 2, None, closed="left")],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "precision": [StrOptions({"float32", "bfloat16"})],
        "random_state": ["random_state"],
        "device": [str],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_components: int = 64,
        *,
        objective: str = "jensen_shannon",
        alpha: float = 0.0,
        beta: float = 1.0,
        gamma: float = 0.1,
        prior: str = "uniform",
        gradient_penalty: float = 1.0,
        coordinates: str | None = None,
        coordinate_weight: float = 1.0,
        occlusion: float = 0.0,
        critic: str = "dot",
        critic_hidden_layer_sizes: Sequence[int] = (128,),
        encoder: nn.Module | str = "auto",
        hidden_layer_sizes: Sequence[int] | str = "auto",
        image_shape: Sequence[int] | None = None,
        channels: str = "auto",
        n_blocks: int | str = "auto",
        layer: str = "Y",
        learning_rate_init: float = 0.001,
        batch_size: int = 64,
        max_iter: int = 50,
        early_stopping: bool = False,
        validation_fraction: float = 0.0,
        n_iter_no_change: int = 10,
        precision: str = "float32",
        random_state: int | np.random.RandomState | None = None,
        device: str = "auto",
        verbose: bool = False,
    ) -> None:
        self.n_components = n_components
        self.objective = objective
        self.alpha = alpha
        self.beta = beta
        self.gamma = gamma
        self.prior = prior
        self.gradient_penalty = gradient_penalty
        self.coordinates = coordinates
        self.coordinate_weight = coordinate_weight
        self.occlusion = occlusion
        self.critic = critic
        self.critic_hidden_layer_sizes = critic_hidden_layer_sizes
        self.encoder = encoder
        self.hidden_layer_sizes = hidden_layer_sizes
        self.image_shape = image_shape
        self.channels = channels
        self.n_blocks = n_blocks
        self.layer = layer
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.precision = precision
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: object = None) -> DeepInfoMax:
        """Train the encoder from the start.

        Parameters
        ----------
        X : array-like of shape (n, h, w), (n, h, w, c), (n, c, h, w) or (n, p)
            Finite numbers; at least 2 rows.
        y : None
            Not used.

        Returns
        -------
        self : DeepInfoMax

        Raises
        ------
        ValueError
            If a parameter or the data cannot be used.
        """
        rows, random_state = self._start(X)
        held_out = self._held_out(len(rows), random_state)
        validation = rows[held_out] if held_out.any() else None
        shown = progress_bar(self.verbose, "epoch", self.max_iter, title="DeepInfoMax")
        with self._own_seed(random_state), shown as bar:
            self._trainer = self._new_trainer(rows, random_state)
            self._trainer.run(rows[~held_out], validation, bar.update)
        return self._finish()

    def partial_fit(self, X: ArrayLike, y: object = None) -> DeepInfoMax:
        """Pass once over rows, at a constant learning rate, going on from where the nets are.

        The first call also starts the nets, and decides how rows are standardized. No rows are
        set aside for validation.

        Parameters
        ----------
        X : array-like of shape (n, h, w), (n, h, w, c), (n, c, h, w) or (n, p)
            Finite numbers; at least 2 rows.
        y : None
            Not used.

        Returns
        -------
        self : DeepInfoMax

        Raises
        ------
        ValueError
            If a parameter or the data cannot be used.
        """
        if hasattr(self, "_trainer"):
            rows, random_state = self._read_more(X), None
        else:
            rows, random_state = self._start(X)
        with self._own_seed(random_state):
            if random_state is not None:
                self._trainer = self._new_trainer(rows, random_state)
            self._trainer.to(resolve_device(self.device)).epoch(rows, lambda step: 1.0)
        return self._finish()

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Features of every row, those of `layer`.

        Parameters
        ----------
        X : array-like of shape (m, h, w), (m, h, w, c), (m, c, h, w) or (m, p)
            As in `fit`; images may be flat.

        Returns
        -------
        features : ndarray of shape (m, d), float32

        Raises
        ------
        ValueError
            If `layer` or the data cannot be used.
        """
        check_is_fitted(self)
        layer = self._checked_layer()
        with own_settings():
            return self._trainer.output(self._reader(self, X), layer)

    def score(self, X: ArrayLike, y: object = None) -> float:
        """Weighted information, alpha times the global and beta times the local, of new rows.

        Of the global and the local term each: the bound (``"infonce"``, ``"donsker_varadhan"``),
        or twice the bound on the Jensen-Shannon divergence between pairs and the product of the
        margins. 0 is what knows nothing. Rows are compared within blocks of about `batch_size`,
        in their order.

        Parameters
        ----------
        X : array-like of shape (m, h, w), (m, h, w, c), (m, c, h, w) or (m, p)
            At least 2 rows.
        y : None
            Not used.

        Returns
        -------
        information : float
            Nats.

        Raises
        ------
        ValueError
            If the data cannot be used.
        """
        check_is_fitted(self)
        rows = self._reader(self, X)
        if len(rows) < 2:
            raise ValueError(
                f"X has {len(rows)} row, but pairs need others to be told from. Pass at least 2."
            )
        with own_settings():
            return self._trainer.information(rows)

    @property
    def _n_features_out(self) -> int:
        return self.layer_sizes_[self._checked_layer()]

    def _checked_layer(self) -> str:
        """`layer`, which may have been set anew since fit."""
        if self.layer not in tuple(self.layer_sizes_):
            known = ", ".join(map(repr, self.layer_sizes_))
            raise ValueError(f"layer is {self.layer!r}, but must be one of {known}.")
        return self.layer

    # Start and end of a training --------------------------------------------------------------

    def _start(self, X: ArrayLike) -> tuple[np.ndarray, np.random.RandomState]:
        self._validate_params()
        self._check_together()
        self._reader = RowReader(self, X)
        if self.coordinates is not None and self._reader.layout is None:
            raise ValueError(
                f"coordinates is {self.coordinates!r}, but X is a table, whose blocks have no "
                "places. Pass coordinates=None, images, or image_shape."
            )
        self.device_ = resolve_device(self.device)
        return self._reader(self, X), check_random_state(self.random_state)

    def _check_together(self) -> None:
        if self.alpha == 0 and self.beta == 0:
            raise ValueError("alpha and beta are 0, so nothing is maximized. Pass beta=1.0.")
        if self.early_stopping and self.validation_fraction == 0:
            raise ValueError(
                "early_stopping is True, but validation_fraction is 0: no rows would say when. "
                "Pass validation_fraction=0.1."
            )

    def _read_more(self, X: ArrayLike) -> np.ndarray:
        self._validate_params()
        rows = self._reader(self, X)
        if len(rows) < 2:
            raise ValueError(f"X has {len(rows)} row, but training needs at least 2.")
        return rows

    def _finish(self) -> DeepInfoMax:
        history = self._trainer.history
        self.history_ = {name: np.array(curve) for name, curve in history.items()}
        self.n_iter_ = len(history.get("loss", []))
        self.net_ = self._trainer.net
        self.layer_sizes_ = dict(self.net_.encoder.sizes)
        return self

    def _held_out(self, n: int, random_state: np.random.RandomState) -> np.ndarray:
        """Mask (n,) of the rows that validate: none, or at least 2 and all but 2 at most."""
        mask = np.zeros(n, dtype=bool)
        if self.validation_fraction:
            count = max(2, round(self.validation_fraction * n))
            if count > n - 2:
                raise ValueError(
                    f"validation_fraction is {self.validation_fraction!r}, which leaves fewer "
                    f"than 2 of {n} rows to train on. Pass a smaller one, or 0."
                )
            mask[random_state.permutation(n)[:count]] = True
        return mask

    # Nets -------------------------------------------------------------------------------------

    def _new_trainer(self, rows: np.ndarray, random_state: np.random.RandomState) -> Any:
        import torch

        from skmist.infomax.training import Recipe, Trainer
        from skmist.nn.infomax import InfoMax
        from skmist.nn.infomax_encoders import InfoMaxEncoder
        from skmist.nn.infomax_prior import PRIORS

        trunk, hidden = self._trunk(rows)
        if not isinstance(self.hidden_layer_sizes, str):
            hidden = tuple(self.hidden_layer_sizes)
        # a mean and a spread that are right from the start leave the shape to the discriminator
        spread = PRIORS[self.prior] if self.gamma else None
        example = torch.as_tensor(rows[:2])
        encoder = InfoMaxEncoder(trunk, example, hidden, self.n_components, spread)
        recipe = Recipe(
            learning_rate_init=self.learning_rate_init,
            batch_size=self.batch_size,
            max_iter=self.max_iter,
            precision=self.precision,
            patience=self.n_iter_no_change if self.early_stopping else None,
        )
        net = InfoMax(encoder, self._config()).to(self.device_)
        return Trainer(net, recipe, random_state.randint(np.iinfo(np.int32).max))

    def _trunk(self, rows: np.ndarray) -> tuple:
        """Trunk of the encoder, and the widths that "auto" takes above it."""
        from torch.nn import Module

        from skmist.nn.infomax_encoders import BlockTrunk, conv_trunk

        if isinstance(self.encoder, Module):
            return copy.deepcopy(self.encoder).cpu(), _TABLE_HIDDEN
        layout = self._reader.layout
        if layout is not None:
            return conv_trunk(self.encoder, layout.n_channels, layout.side)
        if self.encoder != "auto":
            raise ValueError(
                f"encoder is {self.encoder!r}, but X is a table. Pass 'auto', a torch module, "
                "images, or image_shape."
            )
        return BlockTrunk(rows.shape[1], self._count_blocks(rows.shape[1])), _TABLE_HIDDEN

    def _count_blocks(self, n_columns: int) -> int:
        if isinstance(self.n_blocks, str):
            wanted = max(2, round(n_columns / _BLOCK_COLUMNS))
            return min(n_columns, wanted, _MOST_BLOCKS)
        if self.n_blocks > n_columns:
            raise ValueError(
                f"n_blocks is {self.n_blocks}, but X has {n_columns} column(s). Pass at most that."
            )
        return int(self.n_blocks)

    def _config(self) -> Any:
        from skmist.nn.infomax import InfoMaxConfig

        return InfoMaxConfig(
            bound=self.objective,
            critic=self.critic,
            alpha=self.alpha,
            beta=self.beta,
            gamma=self.gamma,
            delta=0.0 if self.coordinates is None else self.coordinate_weight,
            prior=self.prior,
            penalty=self.gradient_penalty,
            coordinates=self.coordinates or "absolute",
            occlusion=self.occlusion,
            hidden_layer_sizes=tuple(self.critic_hidden_layer_sizes),
        )

    @contextmanager
    def _own_seed(self, random_state: np.random.RandomState | None) -> Iterator[None]:
        """Leave torch's own generator, which first weights and dropout use, as it was."""
        import torch

        with own_settings(), torch.random.fork_rng():
            if random_state is not None:
                torch.manual_seed(random_state.randint(np.iinfo(np.int32).max))
            yield

    def __getstate__(self) -> dict:
        # what was trained on a GPU must open where there is none
        state = super().__getstate__()
        if state.get("_trainer") is not None and state["_trainer"].device.type != "cpu":
            state = {**state, "_trainer": copy.deepcopy(state["_trainer"]).to("cpu")}
            state["net_"] = state["_trainer"].net
        return state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
