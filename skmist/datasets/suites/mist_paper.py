"""The distributions that the reference MIST was trained and tested on, by their names there.

A name reads base-kind-map, such as ``multi_student-sparse-asinh``. Facts and ranges come from
the configuration and generator of the reference repository (github.com/grgera/mist, commit
3fc7e62 of 2025-12-30) and from the BMI package that it calls; the code is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from skmist.datasets.families.additive import AdditiveUniform
from skmist.datasets.families.gaussian import Gaussian
from skmist.datasets.families.student import StudentT
from skmist.datasets.families.wrappers import Product, Transformed
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.lookup import find
from skmist.datasets.parts.maps import Monotone
from skmist.datasets.suites.bmi import bmi_task

__all__ = ["mist_paper_distribution", "mist_paper_families"]

_TRAIN = (
    "multi_normal-dense-base",
    "multi_normal-dense-halfcube",
    "multi_normal-dense-asinh",
    "multi_normal-sparse-wigglify",
    "multi_normal-sparse-base",
    "multi_normal-lvm-wigglify",
    "multi_normal-lvm-base",
    "multi_normal-2pair-base",
    "multi_student-dense-base",
    "multi_student-dense-wigglify",
    "multi_student-sparse-halfcube",
    "multi_student-sparse-base",
    "multi_student-sparse-asinh",
    "multi_student-2pair-asinh",
    "multi_student-2pair-halfcube",
    "multi_additive_noise-wigglify",
)
_IMD = (
    "multi_normal-dense-base",
    "multi_normal-lvm-wigglify",
    "multi_normal-dense-halfcube",
    "multi_student-dense-base",
    "multi_student-sparse-base",
    "multi_student-sparse-asinh",
)
_OOMD = (
    "multi_normal-dense-wigglify",
    "multi_normal-sparse-halfcube",
    "multi_normal-sparse-asinh",
    "multi_student-sparse-wigglify",
    "multi_student-dense-halfcube",
    "multi_additive_noise-base",
    "multi_additive_noise-halfcube",
)
_SETS = {"train": _TRAIN, "imd": _IMD, "oomd": _OOMD}
_KNOWN = {name: name.split("-") for name in _TRAIN + _IMD + _OOMD}
_HINT = f"known: {list(_KNOWN)}"

# A parameter that is a whole number of pairs is drawn from 1 to the dimension instead.
_RANGES = {
    "off_diag": (0.0, 0.5),
    "strength": (0.1, 5.0),
    "alpha": (0.0, 1.0),
    "lambd": (0.1, 3.0),
    "beta": (0.0, 1.5),
    "eta": (0.1, 5.0),
    "dof": (1.0, 10.0),
    "epsilon": (0.1, 2.0),
}
_PARAMETERS = {
    "dense": ("off_diag",),
    "sparse": ("n_interacting", "strength"),
    "2pair": ("strength",),
    "lvm": ("n_interacting", "alpha", "lambd", "beta", "eta"),
}


def mist_paper_families(which: str = "train") -> list[str]:
    """Names of the families in one of the reference paper's sets, in its order.

    Parameters
    ----------
    which : {"train", "imd", "oomd"}, default="train"
        The 16 training families; the 6 of them in the in-meta-distribution test set; the 7
        others in the out-of-meta-distribution test set.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If there is no such set.

    Examples
    --------
    >>> [len(mist_paper_families(which)) for which in ("train", "imd", "oomd")]
    [16, 6, 7]
    >>> set(mist_paper_families("imd")) <= set(mist_paper_families("train"))
    True
    >>> set(mist_paper_families("oomd")) & set(mist_paper_families("train"))
    set()
    """
    if which not in _SETS:
        raise ValueError(f"which must be one of {sorted(_SETS)}, got {which!r}")
    return list(_SETS[which])


def mist_paper_distribution(
    name: str,
    dim: int,
    random_state: int | np.random.Generator | np.random.RandomState | None = None,
    **parameters: Any,
) -> Family:
    """A distribution of a family that the reference MIST was trained or tested on.

    X and Y have ``dim`` columns each.

    Parameters
    ----------
    name : str
        base-kind-map, see `mist_paper_families`.
    dim : int
        Columns of X and of Y, at least 2; 2 to 32 in the paper's sets.
    random_state : int, numpy.random.Generator or None
        Source of the parameters.
    **parameters
        Values to use instead of drawn ones, by the names under Notes.

    Returns
    -------
    Family
        Its `describe` has the name, the parameters and the exact MI, nats.

    Raises
    ------
    ValueError
        If there is no such family, ``dim`` is below 2, or a parameter is not one of the family
        or outside what it can be.

    Notes
    -----
    Bases, with their ranges in the reference code (all uniform):

    - ``dense``: unit variances, every correlation ``off_diag`` in (0, 0.5).
    - ``sparse``: ``n_interacting`` of 1, ..., dim pairs (X_i, Y_i) have the correlation
      s^2 / (1 + s^2) with ``strength`` s in (0.1, 5); all other columns are noise.
    - ``2pair``: ``sparse`` with two pairs.
    - ``lvm``: correlation matrix of a latent-variable model with unit noise. All columns share
      a latent of weight ``alpha`` in (0, 1), the columns of a side one of ``beta`` in (0, 1.5),
      the first ``n_interacting`` pairs one of ``lambd`` in (0.1, 3) each; the other columns have
      extra noise of spread ``eta`` in (0.1, 5).
    - ``multi_normal`` takes these matrices as covariance; ``multi_student`` as dispersion, with
      ``dof`` in (1, 10), not rounded.
    - ``multi_additive_noise``: column pairs Y_i = X_i + N_i, X_i ~ U(0, 1) and
      N_i ~ U(-e_i, e_i) with ``epsilon`` e_i in (0.1, 2).

    The maps ``asinh``, ``halfcube`` (``x |x|^(1/2)``) and ``wigglify`` act on every column and
    leave the MI as it is. Names, ranges and maps are those of the reference code; the random
    streams and the leave to take more than 32 columns are ours.

    For measuring. The maps act on single columns, so an estimator that reads ranks alone cannot
    see them: to it, the out-of-family set is one of normal, Student-t and additive-noise data.

    References
    ----------
    Gritsai et al. (2025), MIST: Mutual Information Via Supervised Training, arXiv 2511.18945.
    Czyz et al. (2023), Beyond Normal, NeurIPS, arXiv 2306.11078.

    Examples
    --------
    >>> task = mist_paper_distribution("multi_normal-2pair-base", 3, strength=2.0)
    >>> round(task.mutual_information, 4)
    1.0217
    >>> X, y = mist_paper_distribution("multi_student-dense-wigglify", 5, 0).sample(50, 0)
    >>> X.shape, y.shape
    ((50, 5), (50, 5))
    """
    words = find(_KNOWN, name, "no family of the paper is called", _HINT, ValueError)
    if int(dim) != dim or dim < 2:
        raise ValueError(f"dim must be a whole number of at least 2, got {dim!r}")
    drawn = _draw_parameters(words, int(dim), np.random.default_rng(random_state))
    unknown = set(parameters) - set(drawn)
    if unknown:
        raise ValueError(f"{name!r} has the parameters {sorted(drawn)}, not {sorted(unknown)}")
    return _PaperDistribution(name, int(dim), drawn | parameters)


class _PaperDistribution(Transformed):
    """A base and the same map of every column, under the reference's name."""

    truth = "closed form"
    source = "Gritsai et al. 2025; Czyz et al. 2023"

    def __init__(self, name: str, dim: int, parameters: Any) -> None:
        self.name = name  # type: ignore[misc]
        self._parameters = parameters
        super().__init__(_base(name, dim, dict(parameters)), *_maps(_KNOWN[name][-1]))

    def parameters(self) -> dict[str, Any]:
        return dict(self._parameters)


def _draw_parameters(words: list[str], dim: int, rng: np.random.Generator) -> dict[str, Any]:
    base, kind = words[:2]
    if base == "multi_additive_noise":
        return {"epsilon": rng.uniform(*_RANGES["epsilon"], size=dim)}
    names = _PARAMETERS[kind] + (("dof",) if base == "multi_student" else ())
    return {
        key: int(rng.integers(1, dim + 1)) if key == "n_interacting" else _uniform(key, rng)
        for key in names
    }


def _uniform(key: Any, rng: np.random.Generator) -> Any:
    return float(rng.uniform(*_RANGES[key]))


def _base(name: Any, dim: int, parameters: Any) -> Any:
    base, kind = _KNOWN[name][:2]
    if base == "multi_additive_noise":
        return _additive(dim, parameters["epsilon"])
    dof = parameters.pop("dof", None)
    matrix = _MATRICES[kind](dim, **parameters)
    return Gaussian(matrix, p=dim) if dof is None else StudentT(matrix, dof, p=dim)


def _additive(dim: int, epsilon: float) -> Any:
    widths = np.asarray(epsilon, dtype=float)
    if widths.shape != (dim,):
        raise ValueError(f"epsilon must have shape ({dim},), got {widths.shape}")
    return Product([AdditiveUniform(width) for width in widths])


def _dense(dim: int, off_diag: float) -> Any:
    return (1.0 - off_diag) * np.eye(2 * dim) + off_diag


def _sparse(dim: int, n_interacting: Any, strength: float) -> Any:
    # Extra noise as strong as the pairs' latents: every column has the same variance.
    return _latent(dim, n_interacting, alpha=0.0, lambd=strength, beta=0.0, eta=strength)


def _two_pairs(dim: int, strength: float) -> Any:
    return _sparse(dim, 2, strength)


def _latent(
    dim: int, n_interacting: Any, alpha: float, lambd: float, beta: float, eta: float
) -> Any:
    """Correlation matrix of the latent-variable model with unit noise."""
    if int(n_interacting) != n_interacting or not 1 <= n_interacting <= dim:
        raise ValueError(
            f"n_interacting must be a whole number from 1 to dim={dim}, got {n_interacting!r}"
        )
    paired = np.arange(dim) < n_interacting
    within = np.diag(1.0 + np.where(paired, lambd**2, eta**2)) + alpha**2 + beta**2
    across = np.diag(np.where(paired, lambd**2, 0.0)) + alpha**2
    covariance = np.block([[within, across], [across, within]])
    spread = np.sqrt(np.diag(covariance))
    return covariance / np.outer(spread, spread)


_MATRICES: dict[str, Callable[..., np.ndarray]] = {
    "dense": _dense,
    "sparse": _sparse,
    "2pair": _two_pairs,
    "lvm": _latent,
}


@cache
def _maps(kind: Any) -> Any:
    if kind == "base":
        return None, None
    if kind == "wigglify":
        wiggly: Any = bmi_task("wiggly-1v1-normal-0.75")
        return wiggly.x_map, wiggly.y_map
    step = Monotone({"asinh": "asinh", "halfcube": "half_cube"}[kind])
    return step, step
