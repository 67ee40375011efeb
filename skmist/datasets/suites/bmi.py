"""The 40 tasks of the BMI benchmark as families of ours, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from skmist.datasets.families.additive import AdditiveUniform
from skmist.datasets.families.gaussian import CorrelatedGaussian, Gaussian
from skmist.datasets.families.student import StudentT
from skmist.datasets.families.wrappers import Transformed
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.lookup import find
from skmist.datasets.parts.maps import Chain, Monotone
from skmist.datasets.suites.bmi_maps import MixtureQuantile, SineSum
from skmist.datasets.suites.held_out_maps import Spiral, SwissRoll

__all__ = ["bmi_task", "list_bmi_tasks"]

_PAIR = "1v1-normal-0.75"
_WAVES_X = ((0.4, 1.0, 0.0), (0.2, 1.7, 1.0), (0.03, 3.3, -2.5))
_WAVES_Y = ((-0.4, 0.4, 0.0), (0.17, 1.3, 3.5), (0.02, 4.3, -2.5))
_MODES_X = ((0.3, 0.7), (0.0, 5.0))
_MODES_Y = ((0.5, 0.5), (-1.0, 3.0))


class _RolledUp(Transformed):
    """A base with one column x in [0, 1] that is rolled up in the plane; the MI stays."""

    source = "invariance of MI under injective maps"

    def __init__(self, base: Family) -> None:
        super().__init__(base, SwissRoll())
        self._declare(2, base.y_dim, base.mi, base.mi_standard_error, y_discrete=base.y_discrete)


def bmi_task(name: str) -> Family:
    """Build a task of the BMI benchmark, version 1.

    The benchmark's own workflow rescales every column of a sample to mean 0 and variance 1; the
    families are the distributions before that. The MI is the same.

    Parameters
    ----------
    name : str
        Identifier of the benchmark, see `list_bmi_tasks`.

    Returns
    -------
    Family
        The distribution, with its exact MI and pointwise MI.

    Raises
    ------
    KeyError
        If the benchmark has no task of that name.

    Notes
    -----
    For measuring only. The spiral and Swiss-roll maps of seven tasks are held out of training.

    References
    ----------
    Czyz et al. (2023), Beyond Normal: On the Evaluation of Mutual Information Estimators,
    NeurIPS, arXiv 2306.11078.

    Examples
    --------
    >>> task = bmi_task("spiral-multinormal-sparse-3-3-2-2.0")
    >>> round(task.mutual_information, 4)
    1.0217
    >>> X, y = task.sample(1000, random_state=0)
    >>> X.shape, y.shape, task.pointwise_mi(X, y).shape
    ((1000, 3), (1000, 3), (1000,))
    """
    hint = "list_bmi_tasks() has the names"
    return find(_TASKS, name, "the BMI benchmark has no task", hint)()


def list_bmi_tasks() -> list[str]:
    """List the names of the 40 tasks of the BMI benchmark, in its order.

    Returns
    -------
    list of str

    Examples
    --------
    >>> names = list_bmi_tasks()
    >>> len(names), names[0]
    (40, '1v1-normal-0.75')
    """
    return list(_TASKS)


def _pair() -> Any:
    return CorrelatedGaussian(0.75)


def _dense(dim: int) -> Any:
    return Gaussian(0.5 * np.eye(2 * dim) + 0.5, p=dim)


def _sparse(dim: int) -> Any:
    """Two pairs of columns with correlation 0.8 among independent ones."""
    covariance = np.eye(2 * dim)
    for i in range(2):
        covariance[i, dim + i] = covariance[dim + i, i] = 0.8
    return Gaussian(covariance, p=dim)


def _student(dim: int, dof: Any) -> Any:
    return StudentT(np.eye(2 * dim), dof, p=dim)


def _monotone(kind: Any, build: Callable[..., Family], *parameters: Any) -> Any:
    step = Monotone(kind)
    return Transformed(build(*parameters), step, step)


def _spiral(dim: int, *before: Any) -> Any:
    """The sparse normal, first through monotone maps, then turned with speed 1 / dim."""
    planes = ((0, 1), (1, 2))
    sides = (Chain([*map(Monotone, before), Spiral(plane, 1.0 / dim)]) for plane in planes)
    return Transformed(_sparse(dim), *sides)


def _wiggly() -> Any:
    return Transformed(_pair(), SineSum(_WAVES_X), SineSum(_WAVES_Y))


def _bimodal() -> Any:
    return Transformed(_pair(), MixtureQuantile(*_MODES_X), MixtureQuantile(*_MODES_Y))


def _swiss_roll() -> Any:
    return _RolledUp(_monotone("normal_cdf", _pair))


def _one_dimensional() -> dict[str, Callable[[], Family]]:
    return {
        _PAIR: _pair,
        f"normal_cdf-{_PAIR}": partial(_monotone, "normal_cdf", _pair),
        "1v1-additive-0.1": partial(AdditiveUniform, 0.1),
        "1v1-additive-0.75": partial(AdditiveUniform, 0.75),
        "1v1-bimodal-0.75": _bimodal,
        f"wiggly-{_PAIR}": _wiggly,
        f"half_cube-{_PAIR}": partial(_monotone, "half_cube", _pair),
        "student-identity-1-1-1": partial(_student, 1, 1),
        "asinh-student-identity-1-1-1": partial(_monotone, "asinh", _student, 1, 1),
        f"swissroll_x-normal_cdf-{_PAIR}": _swiss_roll,
    }


def _several_dimensional() -> dict[str, Callable[[], Family]]:
    tasks: dict[str, Callable[[], Family]]
    tasks = {f"multinormal-dense-{d}-{d}-0.5": partial(_dense, d) for d in (2, 3, 5, 25, 50)}
    tasks |= {_sparse_name(d): partial(_sparse, d) for d in (2, 3, 5, 25)}
    for dim, dof in ((2, 1), (2, 2), (3, 2), (3, 3), (5, 2), (5, 3)):
        tasks[f"student-identity-{dim}-{dim}-{dof}"] = partial(_student, dim, dof)
    return tasks


def _transformed() -> dict[str, Callable[[], Family]]:
    dims = (3, 5, 25)
    tasks: dict[str, Callable[[], Family]] = {}
    for kind in ("normal_cdf", "half_cube"):
        tasks |= {f"{kind}-{_sparse_name(d)}": partial(_monotone, kind, _sparse, d) for d in dims}
    tasks |= {f"spiral-{_sparse_name(d)}": partial(_spiral, d) for d in dims}
    tasks |= {
        f"spiral-normal_cdf-{_sparse_name(d)}": partial(_spiral, d, "normal_cdf") for d in dims
    }
    for d, dof in ((2, 1), (3, 2), (5, 2)):
        tasks[f"asinh-student-identity-{d}-{d}-{dof}"] = partial(
            _monotone, "asinh", _student, d, dof
        )
    return tasks


def _sparse_name(dim: int) -> Any:
    return f"multinormal-sparse-{dim}-{dim}-2-2.0"


_TASKS = _one_dimensional() | _several_dimensional() | _transformed()
