"""The 26 tasks of the second BMI benchmark, with its mixtures, as families of ours, by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from skmist.datasets.families.gaussian import Gaussian
from skmist.datasets.families.mixture import GaussianMixture
from skmist.datasets.families.wrappers import Product, Transformed
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.lookup import find
from skmist.datasets.parts.maps import Chain, Coupling, LinearMix
from skmist.datasets.parts.random import normal_points
from skmist.datasets.suites.bmi import bmi_task
from skmist.datasets.suites.held_out_maps import Spiral

__all__ = ["bmi_mixture_task", "list_bmi_mixture_tasks"]

_INLIERS = "mult-sparse-w-inliers"
_REPLICATES, _POINTS = 16, 8192


class _PreciseMixture(GaussianMixture):
    """A Gaussian mixture whose MI is the plain mean of its pointwise MI over more points.

    In float64 and without a control variate: in most components X and Y are independent, which
    leaves such a variate nothing but rounding errors to be fitted to.
    """

    def _integrate(self, generator: torch.Generator) -> Any:
        k, d = self.joint.means.shape[1:]
        m = 2 ** math.ceil(math.log2(_POINTS / k))
        points = normal_points(_REPLICATES, m, d, generator, torch.float64).reshape(-1, d)
        at = self.joint.points(points).flatten(1, 2)
        pmi = self.log_ratio(at[..., : self.x_dim], at[..., self.x_dim :])
        by_component = pmi.view(-1, k, _REPLICATES, m).mean(-1)
        by_replicate = (self.weights.unsqueeze(-1) * by_component).sum(1)
        return by_replicate.mean(-1), by_replicate.std(-1) / math.sqrt(_REPLICATES)


def bmi_mixture_task(name: str) -> Family:
    """Build a task of the BMI benchmark, version 2.

    Of its 26 tasks 13 are new, made of Gaussian mixtures; the others are those of `bmi_task`.
    The benchmark's own workflow rescales every column of a sample to mean 0 and variance 1; the
    families are the distributions before that. The MI is the same.

    Parameters
    ----------
    name : str
        Identifier of the benchmark, see `list_bmi_mixture_tasks`.

    Returns
    -------
    Family
        The distribution, with its exact pointwise MI. The MI of a mixture has no closed form: it
        is a quasi-Monte Carlo mean, its standard error (`mi_standard_error`) is below 0.0015 nats.

    Raises
    ------
    KeyError
        If the benchmark has no task of that name.

    Notes
    -----
    For measuring only. The spiral and Swiss-roll maps of four tasks are held out of training.

    References
    ----------
    Czyz, Grabowski, Vogt, Beerenwinkel & Marx (2023), On the Properties and Estimation of
    Pointwise Mutual Information Profiles, arXiv 2310.10240.

    Examples
    --------
    >>> task = bmi_mixture_task("2v1-galaxy-0.5-3.0")
    >>> round(task.mutual_information, 1), task.x_dim, task.y_dim
    (0.5, 2, 1)
    >>> X, y = task.sample(1000, random_state=0)
    >>> task.pointwise_mi(X, y).shape
    (1000,)
    """
    hint = "list_bmi_mixture_tasks() has the names, bmi_task() builds those of the first"
    return find(_TASKS, name, "the second BMI benchmark has no task", hint)()


def list_bmi_mixture_tasks() -> list[str]:
    """List the names of the 26 tasks of the second BMI benchmark, in its order.

    Returns
    -------
    list of str

    Examples
    --------
    >>> names = list_bmi_mixture_tasks()
    >>> len(names), names[2]
    (26, '1v1-X-0.9')
    """
    return list(_TASKS)


def _mixture(means: Any, covariances: Any, p: int) -> Any:
    """Components of equal weight."""
    return _PreciseMixture(np.ones(len(means)), means, covariances, p=p)


def _pair(variance_x: Any, variance_y: Any, correlation: Any = 0.0) -> Any:
    covariance = correlation * np.sqrt(variance_x * variance_y)
    return np.array([[variance_x, covariance], [covariance, variance_y]])


def _letter_x() -> Any:
    """Two crossing ridges: no correlation, and both margins standard normal."""
    return _mixture(np.zeros((2, 2)), [_pair(1.0, 1.0, rho) for rho in (-0.9, 0.9)], p=1)


def _letters_ai() -> Any:
    """Six strokes: three of the I and three of the A."""
    strokes = (
        ((1.0, 0.0), _pair(0.01, 0.2)),
        ((1.0, 1.0), _pair(0.05, 0.001)),
        ((1.0, -1.0), _pair(0.05, 0.001)),
        ((-0.8, -0.2), _pair(0.03, 0.001)),
        ((-1.2, 0.0), _pair(0.04, 0.2, 0.95)),
        ((-0.4, 0.0), _pair(0.04, 0.2, -0.95)),
    )
    means, covariances = zip(*strokes, strict=True)
    return _mixture(means, covariances, p=1)


def _galaxy() -> Any:
    """Two balls, whose X is then turned by an angle that grows with its norm."""
    balls = _mixture([[-1.5] * 3, [1.5] * 3], [np.eye(3)] * 2, p=2)
    return Transformed(balls, Spiral((0, 1), 0.5))


def _waves() -> Any:
    """Twelve upright ridges at four heights of Y, bent to waves 5 sin(3 x_2)."""
    # The benchmark moves x_1 by -0.8 after it has scaled it by 0.1.
    means = [[1.5 * k - 8.0, 0.0, 1.5 * (k % 4)] for k in range(12)]
    ridges = _mixture(means, [np.diag([0.1, 1.0, 0.1])] * 12, p=2)
    # The sine of a coupling has frequency 2.
    faster, bend = LinearMix(np.diag([1.0, 1.5])), Coupling([1], [0], [[5.0]], shape="sine")
    scaled = LinearMix(np.diag([0.1, 0.5 / 1.5]))
    return Transformed(ridges, Chain([faster, bend, scaled]))


def _concentric(dim: int, count: Any) -> Any:
    """Balls of radius 1, 2, ... around 0; Y all but names the ball."""
    radii = range(1, count + 1)
    means = [[0.0] * dim + [float(radius)] for radius in radii]
    return _mixture(means, [np.diag([radius**2.0] * dim + [1e-4]) for radius in radii], p=dim)


def _inliers(dim: int, fraction: Any) -> Any:
    """Two pairs of columns with correlation 0.8, some rows with Y of another row, and noise."""
    signal = np.kron([[1.0, 0.8], [0.8, 1.0]], np.eye(2))
    weights, covariances = [1.0 - fraction, fraction], [signal, np.eye(4)]
    pairs = _PreciseMixture(weights, np.zeros((2, 4)), covariances, p=2)
    return Product([pairs, Gaussian(np.eye(2 * (dim - 2)), p=dim - 2)])


def _known(*names: Any) -> dict[str, Callable[[], Family]]:
    return {name: partial(bmi_task, name) for name in names}


def _tasks() -> dict[str, Callable[[], Family]]:
    tasks = _known("1v1-additive-0.75", "asinh-student-identity-1-1-1")
    tasks |= {"1v1-X-0.9": _letter_x, "1v1-AI": _letters_ai}
    tasks |= _known("swissroll_x-normal_cdf-1v1-normal-0.75")
    tasks |= {"2v1-waves-12-5.0-3.0": _waves, "2v1-galaxy-0.5-3.0": _galaxy}
    for dim, count in ((3, 5), (5, 5), (3, 10), (5, 10), (25, 5)):
        tasks[f"{dim}v1-concentric_gaussians-{count}"] = partial(_concentric, dim, count)
    tasks |= _known(*(f"multinormal-dense-{d}-{d}-0.5" for d in (5, 25, 50)))
    tasks |= _known(*(f"multinormal-sparse-{d}-{d}-2-2.0" for d in (5, 25)))
    for fraction in (0.2, 0.5):
        for dim in (5, 25):
            name = f"{_INLIERS}-{dim}-{dim}-2-2.0-{fraction}"
            tasks[name] = partial(_inliers, dim, fraction)
    tasks |= _known(*(f"asinh-student-identity-{d}-{d}-{f}" for d, f in ((2, 1), (3, 2), (5, 2))))
    return tasks | _known(*(f"spiral-multinormal-sparse-{d}-{d}-2-2.0" for d in (3, 5)))


_TASKS = _tasks()
