"""The families of the benchmark that the training also has, each built at a given strength.

Each recipe takes p, q and a level (0 weak, 1 medium, 2 strong) and returns a fixed
distribution; where there is a choice of shape, every level has another one.
"""

from __future__ import annotations

__all__ = ["TRAINED"]

from collections.abc import Callable

import numpy as np
import torch

from cases.strengths import TARGETS, Law, fixed_rng, knob_for
from skmist import datasets as ds

CLASSES = (2, 4, 8)
NEARLY_ONE = 1.0 - 1e-6


def _law(family: ds.Family) -> Law:
    flags = family.x_discrete, family.y_discrete
    return Law(family.mutual_information, family.sample, *flags)


def _tuned(
    build: Callable[[float], ds.Family], level: int, low: float = 1e-4, high: float = 0.9999
) -> Law:
    """Turn the knob of ``build`` until the MI is the target of the level."""
    knob = knob_for(lambda at: build(at).mutual_information, TARGETS[level], low, high)
    return _law(build(knob))


def _paired(p: int, q: int, rho: float) -> np.ndarray:
    """Up to two pairs of correlated columns among independent ones."""
    covariance = np.eye(p + q)
    for i in range(min(p, q, 2)):
        covariance[i, p + i] = covariance[p + i, i] = rho
    return covariance


def _gaussian_dense(p, q, level):
    return _tuned(lambda rho: ds.Gaussian((1.0 - rho) * np.eye(p + q) + rho, p), level)


def _gaussian_sparse(p, q, level):
    return _tuned(lambda rho: ds.Gaussian(_paired(p, q, rho), p), level)


def _student_dof(p: int, q: int, level: int) -> float:
    """Degrees of freedom at which the common scale alone gives half of the target."""
    half = 0.5 * TARGETS[level]
    scale_only = np.eye(p + q)
    return knob_for(lambda dof: ds.StudentT(scale_only, dof, p).mutual_information, half, 1.0, 1e3)


def _student(kind):
    def recipe(p, q, level):
        dof = _student_dof(p, q, level)
        return _tuned(lambda rho: kind(_paired(p, q, rho), dof, p), level)

    return recipe


def _gaussian_mixture(p, q, level):
    rng = fixed_rng("gaussian_mixture", p, q, level)
    classes = CLASSES[level]
    # A Latin hypercube: far apart, the components differ in every column.
    means = np.column_stack([rng.permutation(classes) for _ in range(p + q)])
    weights = rng.dirichlet(np.full(classes, 20.0))
    spheres = np.broadcast_to(np.eye(p + q), (classes, p + q, p + q)).copy()

    def build(apart):
        return ds.GaussianMixture(weights, apart * means, spheres, p)

    return _tuned(build, level, 1e-2, 30.0)


def _additive_uniform(p, q, level):
    return _tuned(ds.AdditiveUniform, level, 1e-3, 1e2)


def _additive_noise(p, q, level):
    name = ("laplace", "exponential", "gumbel")[level]
    return _tuned(lambda scale: ds.AdditiveNoise(scale, name), level, 1e-2, 1e2)


_CURVES = (lambda z: torch.sin(2.0 * z), torch.abs, lambda z: z + 1.5 * torch.sin(3.0 * z))


def _single_index(p, q, level):
    direction = fixed_rng("single_index", p, level).standard_normal(p)
    curve = _CURVES[level]
    return _tuned(lambda s: ds.SingleIndexRegression(curve, s, direction), level, 0.02, 1e2)


_SURFACES = (
    (2, lambda u: u[..., 0] * u[..., 1]),
    (2, lambda u: u.norm(dim=-1)),
    (2, lambda u: torch.sin(2.0 * u[..., 0]) + u[..., 1].abs()),
)


def _multi_index(p, q, level):
    active, surface = _SURFACES[level]
    return _tuned(lambda s: ds.MultiIndexRegression(surface, active, s, p), level, 0.03, 1e2)


def _softmax_classes(p, q, level):
    angle = torch.arange(CLASSES[level]).double() * 2.0 * torch.pi / CLASSES[level]
    toward = torch.stack([angle.cos(), angle.sin()])

    def build(sharpness):
        # Classes are sectors of the plane of the first two columns.
        return ds.SoftmaxClasses(lambda u: sharpness * (u @ toward.to(u.dtype)), 2, p)

    return _tuned(build, level, 1e-2, 1e3)


def _gaussian_classes(p, q, level):
    rng = fixed_rng("gaussian_classes", p, level)
    classes = CLASSES[level]
    means, weights = rng.standard_normal((classes, p)), rng.dirichlet(np.full(classes, 20.0))
    mix = rng.standard_normal((p, 2 * p)) / np.sqrt(2 * p)
    shape = np.broadcast_to(mix @ mix.T + 0.1 * np.eye(p), (classes, p, p)).copy()

    def build(apart):
        return ds.GaussianClasses(weights, apart * means, shape)

    return _tuned(build, level, 1e-2, 30.0)


def _joint_table(p, q, level):
    rng = fixed_rng("joint_table", level)
    weights = rng.dirichlet(np.full(CLASSES[level], 5.0))
    order = rng.permutation(CLASSES[level])
    matched, independent = np.diag(weights)[:, order], np.outer(weights, weights[order])
    return _tuned(lambda k: ds.JointTable(k * matched + (1.0 - k) * independent), level)


def _archimedean(p, q, level):
    kind = (ds.JoeCopula, ds.FrankCopula, ds.ClaytonCopula)[level]
    low = 1.001 if kind is ds.JoeCopula else 1e-3
    return _tuned(kind, level, low, 1e2)


def _zero_inflated(p, q, level):
    if level == 1:
        return _tuned(lambda rate: ds.ZeroInflatedPoisson(0.2, rate), level, 1e-3, 1e2)
    return _tuned(lambda rho: ds.ZeroInflatedGaussian(rho, 0.4), level, high=NEARLY_ONE)


def _censored(p, q, level):
    return _tuned(lambda rho: ds.CensoredGaussian(rho, -0.5, 0.3), level, high=NEARLY_ONE)


def _noise_columns(p, q, level):
    """A Gumbel copula and a Gaussian pair of equal MI, the other columns noise."""
    half = 0.5 * TARGETS[level]
    theta = knob_for(lambda at: ds.GumbelCopula(at).mutual_information, half, 1.001, 1e2)
    rho = float(np.sqrt(-np.expm1(-2.0 * half)))
    pairs = ds.Product([ds.GumbelCopula(theta), ds.CorrelatedGaussian(rho)])
    return _law(ds.NoiseColumns(pairs, p - 2, q - 2, seed=level))


def _warped_gaussian(p, q, level):
    weights = fixed_rng("warped", p, q, level).standard_normal((2, p - 1, 1))
    sides = (
        ds.Chain([ds.Coupling(range(p - 1), [p - 1], weight, shape), ds.RadialScaling(power)])
        for weight, shape, power in zip(weights, ("tanh", "quadratic"), (0.6, 1.6), strict=True)
    )
    x_map, y_map = sides
    x_map = ds.Chain([x_map, ds.Monotone("exp", 0.7)])

    def build(rho):
        return ds.Transformed(ds.Gaussian(_paired(p, q, rho), p), x_map, y_map)

    return _tuned(build, level)


def _independent(p, q, level):
    margin = ("normal", "uniform", "heavy")[level]
    return _law(ds.Independent(p, q, margin, "clusters" if level == 1 else margin))


_SQUARE = ((1, 1), (3, 3), (10, 10), (20, 20), (5, 1))

TRAINED: dict[str, tuple[tuple[tuple[int, int], ...], Callable[[int, int, int], Law]]] = {
    "gaussian_dense": (_SQUARE, _gaussian_dense),
    "gaussian_sparse": (_SQUARE[1:], _gaussian_sparse),
    "student_t": (((1, 1), (3, 3), (5, 5)), _student(ds.StudentT)),
    "student_copula": (((2, 2),), _student(ds.StudentCopula)),
    "gaussian_mixture": (((1, 1), (2, 2), (5, 5)), _gaussian_mixture),
    "additive_uniform": (((1, 1),), _additive_uniform),
    "additive_noise": (((1, 1),), _additive_noise),
    "single_index_regression": (((1, 1), (5, 1), (20, 1)), _single_index),
    "multi_index_regression": (((2, 1), (5, 1), (10, 1)), _multi_index),
    "softmax_classes": (((2, 1), (5, 1)), _softmax_classes),
    "gaussian_classes": (((2, 1), (10, 1)), _gaussian_classes),
    "joint_table": (((1, 1),), _joint_table),
    "archimedean": (((1, 1),), _archimedean),
    "zero_inflated": (((1, 1),), _zero_inflated),
    "censored": (((1, 1),), _censored),
    "noise_columns": (((3, 3), (10, 10)), _noise_columns),
    "warped_gaussian": (((3, 3),), _warped_gaussian),
    "independent": (((1, 1), (3, 3), (10, 10), (25, 25), (10, 1)), _independent),
}
