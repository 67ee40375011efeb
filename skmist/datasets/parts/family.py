"""The interface of every family of data with known mutual information, and the registry."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.lookup import find

__all__ = ["Family", "as_batch", "as_correlations", "get_family", "list_families"]

_REGISTRY: dict[str, type[Family]] = {}


class Family(ABC):
    """A joint distribution of (X, Y) whose mutual information is known.

    One definition serves two callers. Pretraining draws a batch of B distributions with
    different parameters as torch tensors with a leading batch axis (`draw`, `log_ratio`,
    `draw_with_pointwise`). Everybody else uses numpy arrays and B = 1 (`sample`,
    `mutual_information`, `pointwise_mi`, `describe`).

    Attributes
    ----------
    name : str
        Name in the registry, see `get_family`.
    x_dim, y_dim : int
        Number of columns p of X and q of Y.
    x_discrete, y_discrete : tuple of bool
        Which columns hold integer codes (as floats) instead of continuous values.
    x_ordered, y_ordered : tuple of bool
        Which of the discrete columns have an order, that of their codes.
    mi : Tensor of shape (B,), float64
        True mutual information, nats.
    mi_standard_error : Tensor of shape (B,), float64
        Standard error of `mi`, nats; 0 where it is closed form or quadrature.

    Raises
    ------
    ValueError
        By a subclass whose name belongs to another family.

    Notes
    -----
    A family of one's own defines `draw` and `log_ratio` and declares its columns and its MI by
    `_declare`. Its `name` registers it; one with `supports` and `from_prior` can be drawn by
    `MetaDistribution` and learned from. `check_family` tests all of that.

    Examples
    --------
    >>> import math, torch
    >>> class Copied(Family):
    ...     def __init__(self, k):
    ...         self._declare(1, 1, torch.tensor([math.log(k)]), None, (True,), (True,))
    ...         self.k = k
    ...     def draw(self, n, generator, dtype=torch.float32):
    ...         x = torch.randint(self.k, (1, n, 1), generator=generator).to(dtype)
    ...         return x, x
    ...     def log_ratio(self, x, y):
    ...         return torch.where(x == y, math.log(self.k), -math.inf)[..., 0].to(x.dtype)
    >>> X, y = Copied(4).sample(3, random_state=0)
    >>> round(Copied(4).mutual_information, 4), Copied(4).pointwise_mi(X, y).shape
    (1.3863, (3,))
    """

    name: ClassVar[str] = ""
    truth: ClassVar[str] = "closed form"
    source: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__ or not cls.name:
            return
        held = _REGISTRY.get(cls.name, cls)
        if (held.__module__, held.__qualname__) != (cls.__module__, cls.__qualname__):
            # recipes of shipped weights name their families
            raise ValueError(f"the name {cls.name!r} belongs to {held.__qualname__} already")
        _REGISTRY[cls.name] = cls

    def _declare(
        self,
        x_dim: int,
        y_dim: int,
        mi: Tensor,
        standard_error: Tensor | None = None,
        x_discrete: Any = (),
        y_discrete: Any = (),
        x_ordered: Any = (),
        y_ordered: Any = (),
    ) -> None:
        self.x_dim, self.y_dim = x_dim, y_dim
        self.x_discrete = tuple(x_discrete) or (False,) * x_dim
        self.y_discrete = tuple(y_discrete) or (False,) * y_dim
        self.x_ordered = tuple(x_ordered) or (False,) * x_dim
        self.y_ordered = tuple(y_ordered) or (False,) * y_dim
        self.mi = mi.double()
        if standard_error is None:
            standard_error = torch.zeros_like(self.mi)
        self.mi_standard_error = standard_error.double()

    @property
    def batch_size(self) -> int:
        """Number B of distributions that this object holds."""
        return self.mi.shape[0]

    @property
    def device(self) -> torch.device:
        """Device of the parameters; `draw` needs a generator on the same one."""
        return self.mi.device

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether `from_prior` can make distributions with p and q columns.

        Parameters
        ----------
        p, q : int
            Columns of X and of Y.

        Returns
        -------
        bool
        """
        return False

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Family:
        """Draw a batch of distributions with random parameters.

        Parameters
        ----------
        batch : int
            Number B of distributions.
        p, q : int
            Columns of X and Y; `supports(p, q)` must hold.
        generator : torch.Generator
            Source of the parameters; its device is where they live.
        rng : random.Random, optional
            Source of the choices that the whole batch shares. Seeded from `generator` when
            left out, which waits for the device once.

        Returns
        -------
        Family

        Raises
        ------
        NotImplementedError
            If the family has no prior: it is built from its parts.
        """
        raise NotImplementedError(f"{cls.__name__} has no prior; build it from its parts")

    def redrawn(self, batch: int, generator: torch.Generator, rng: random.Random) -> Family:
        """Distributions of the same kind and shape with new parameters, to learn from.

        Parameters
        ----------
        batch : int
            Number of distributions that are wanted.
        generator : torch.Generator
            Source of the parameters; its device is where they live.
        rng : random.Random
            Source of the choices that the whole batch shares.

        Returns
        -------
        Family
            By `from_prior` where the class supports this shape; else this very object.
        """
        if not type(self).supports(self.x_dim, self.y_dim):
            return self
        return type(self).from_prior(batch, self.x_dim, self.y_dim, generator, rng)

    @abstractmethod
    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw n rows of each distribution.

        Parameters
        ----------
        n : int
            Number of rows.
        generator : torch.Generator
            Source of randomness, on the device of the parameters.
        dtype : torch.dtype, default=torch.float32

        Returns
        -------
        x : Tensor of shape (B, n, p)
        y : Tensor of shape (B, n, q)
        """

    @abstractmethod
    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI log p(x, y) / (p(x) p(y)) of each row.

        Parameters
        ----------
        x : Tensor of shape (B, n, p)
        y : Tensor of shape (B, n, q)

        Returns
        -------
        Tensor of shape (B, n)
            Nats, in the type of x.
        """

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw n rows and their pointwise MI, which may take less work than one after the other.

        Parameters
        ----------
        n, generator, dtype
            As in `draw`.

        Returns
        -------
        x : Tensor of shape (B, n, p)
        y : Tensor of shape (B, n, q)
        pmi : Tensor of shape (B, n)
            Nats.
        """
        x, y = self.draw(n, generator, dtype)
        return x, y, self.log_ratio(x, y)

    def parameters(self) -> dict:
        """Parameters of the first distribution as numpy arrays or numbers, by name."""
        return {}

    def sample(
        self, n: int, random_state: int | np.random.Generator | np.random.RandomState | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw a sample as numpy arrays.

        Parameters
        ----------
        n : int
            Number of rows.
        random_state : int, numpy.random.Generator, numpy.random.RandomState or None
            Source of randomness.

        Returns
        -------
        X : ndarray of shape (n, p), float64
        y : ndarray of shape (n, q), float64

        Raises
        ------
        ValueError
            If n < 1, or if this object holds a batch of distributions.
        """
        self._require_single()
        if int(n) != n or n < 1:
            raise ValueError(f"n must be a positive whole number, got {n!r}")
        x, y = self.draw(int(n), _torch_generator(random_state, self.device), torch.float64)
        return x[0].cpu().numpy(), y[0].cpu().numpy()

    @property
    def mutual_information(self) -> float:
        """True mutual information, nats, of an object that holds one distribution."""
        self._require_single()
        return float(self.mi[0])

    def pointwise_mi(self, X: ArrayLike, y: ArrayLike) -> np.ndarray:
        """True pointwise MI of each row.

        Parameters
        ----------
        X : array-like of shape (n, p) or, if p = 1, (n,)
        y : array-like of shape (n, q) or, if q = 1, (n,)

        Returns
        -------
        ndarray of shape (n,)
            log p(x, y) / (p(x) p(y)), nats. Of pairs that the family cannot draw the value
            means nothing; it need not be minus infinity.

        Raises
        ------
        ValueError
            If a shape does not fit, or if this object holds a batch of distributions.
        """
        self._require_single()
        x_rows = _rows(X, self.x_dim, "X", self.device)
        y_rows = _rows(y, self.y_dim, "y", self.device)
        if x_rows.shape[1] != y_rows.shape[1]:
            raise ValueError(
                f"X has {x_rows.shape[1]} rows and y has {y_rows.shape[1]}; "
                "they must be paired row by row"
            )
        return self.log_ratio(x_rows, y_rows)[0].double().cpu().numpy()

    def describe(self) -> dict:
        """What this distribution is: parameters, true MI, and where the truth comes from.

        Returns
        -------
        dict
            With the keys ``family``, ``x_dim``, ``y_dim``, ``parameters``, ``mi`` and
            ``mi_standard_error`` (nats), ``truth`` and ``source``.

        Raises
        ------
        ValueError
            If this object holds a batch of distributions.
        """
        self._require_single()
        return {
            "family": self.name,
            "x_dim": self.x_dim,
            "y_dim": self.y_dim,
            "parameters": self.parameters(),
            "mi": self.mutual_information,
            "mi_standard_error": float(self.mi_standard_error[0]),
            "truth": self.truth,
            "source": self.source,
        }

    def _require_single(self) -> None:
        if self.batch_size != 1:
            raise ValueError(
                f"this {type(self).__name__} holds {self.batch_size} distributions; the numpy "
                "methods need exactly 1: use draw and log_ratio instead"
            )

    def __repr__(self) -> str:
        held = f", batch_size={self.batch_size}" if self.batch_size != 1 else ""
        value = f", mi={float(self.mi[0]):.4g}" if self.batch_size == 1 else ""
        return f"{type(self).__name__}(x_dim={self.x_dim}, y_dim={self.y_dim}{value}{held})"


def list_families() -> list[str]:
    """Names of all registered families, sorted.

    Returns
    -------
    list of str

    Examples
    --------
    >>> "gaussian" in list_families()
    True
    """
    return sorted(_REGISTRY)


def get_family(name: str) -> type[Family]:
    """The class of a family.

    Parameters
    ----------
    name : str
        A class of your own is registered by its attribute ``name``.

    Returns
    -------
    type

    Raises
    ------
    KeyError
        If no family has that name.

    Examples
    --------
    >>> get_family("gaussian").__name__
    'Gaussian'
    """
    return find(_REGISTRY, name, "no family is called", f"known: {', '.join(list_families())}")


def as_batch(value: ArrayLike | Tensor, ndim: int, name: str) -> torch.Tensor:
    """A finite float64 tensor with a leading batch axis from a value of ndim or ndim + 1 axes."""
    if not isinstance(value, torch.Tensor):
        value = np.asarray(value, dtype=np.float64)
    tensor = torch.as_tensor(value, dtype=torch.float64)
    if tensor.ndim == ndim:
        tensor = tensor.unsqueeze(0)
    if tensor.ndim != ndim + 1:
        raise ValueError(
            f"{name} must have {ndim} axes (or {ndim + 1} with a leading batch axis), "
            f"got shape {tuple(tensor.shape)}"
        )
    if not bool(torch.isfinite(tensor).all()):
        raise ValueError(f"{name} holds a value that is not finite")
    return tensor


def as_correlations(value: ArrayLike | Tensor, name: str = "rho") -> torch.Tensor:
    """Correlations (B,), float64, from a number or an array, strictly between -1 and 1."""
    rho = as_batch(value, 0, name)
    if bool((rho.abs() >= 1.0).any()):
        raise ValueError(f"{name} must lie strictly between -1 and 1, got {rho.tolist()}")
    return rho


def _rows(values: Any, dim: int, name: Any, device: torch.device | str | None) -> Any:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 1 and dim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] != dim:
        raise ValueError(f"{name} must have shape (n, {dim}), got {array.shape}")
    return torch.as_tensor(array, device=device).unsqueeze(0)


def _torch_generator(
    random_state: int | np.random.Generator | np.random.RandomState | None,
    device: torch.device | str | None,
) -> torch.Generator:
    if random_state is None or isinstance(random_state, int | np.integer):
        random_state = np.random.default_rng(random_state)
    if isinstance(random_state, np.random.RandomState):
        seed = int(random_state.randint(2**31 - 1))
    elif isinstance(random_state, np.random.Generator):
        seed = int(random_state.integers(2**62))
    else:
        raise ValueError(
            "random_state must be None, an int, a numpy Generator or a RandomState, "
            f"got {random_state!r}"
        )
    generator = torch.Generator(device=device)
    generator.manual_seed(seed)
    return generator
