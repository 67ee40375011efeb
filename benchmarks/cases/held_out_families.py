"""The families of the benchmark that no training run may see, each with exact MI.

Each recipe takes p, q and a level (0 weak, 1 medium, 2 strong) and returns a fixed
distribution. A truth is closed form or a one-dimensional quadrature, in nats.
"""

from __future__ import annotations

__all__ = ["FUNCTIONS", "HELD_OUT", "signal_mi"]

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.fft import irfft, rfft
from scipy.special import digamma, gammaln, i0e, ndtri, xlogy
from scipy.stats import qmc

from cases.strengths import TARGETS, Law, knob_for
from skmist import datasets as ds

_POINTS_LOG2 = 18
_MOST = 0.9
"""Share of the largest MI that a family can have, where that lies below the target."""


def _friedman1(u: np.ndarray) -> np.ndarray:
    wave = 10.0 * np.sin(np.pi * u[:, 0] * u[:, 1])
    return wave + 20.0 * (u[:, 2] - 0.5) ** 2 + 10.0 * u[:, 3] + 5.0 * u[:, 4]


def _friedman_inputs(u: np.ndarray) -> np.ndarray:
    """Map the unit cube to the inputs of the second and third function."""
    low, width = np.array([0.0, 40 * np.pi, 0.0, 1.0]), np.array([100.0, 520 * np.pi, 1.0, 10.0])
    return low + width * u


def _reactance(x: np.ndarray) -> np.ndarray:
    return x[:, 1] * x[:, 2] - 1.0 / (x[:, 1] * x[:, 3])


def _friedman2(x: np.ndarray) -> np.ndarray:
    return np.hypot(x[:, 0], _reactance(x))


def _friedman3(x: np.ndarray) -> np.ndarray:
    return np.arctan(_reactance(x) / x[:, 0])


def _checkerboard(x: np.ndarray) -> np.ndarray:
    return 1.0 - 2.0 * (np.floor(x).sum(axis=1) % 2)


FUNCTIONS: dict[str, tuple[Callable, Callable]] = {
    "friedman1": (lambda u: u, _friedman1),
    "friedman2": (_friedman_inputs, _friedman2),
    "friedman3": (_friedman_inputs, _friedman3),
    "checkerboard": (lambda u: 4.0 * u, _checkerboard),
}
"""Regressions y = f(x) + noise: from the unit cube to x, and f."""


def signal_mi(signal: np.ndarray, spread: float, cells: int = 1 << 14) -> float:
    """Return the MI, nats, of f(X) with f(X) plus Gaussian noise of a known spread.

    Parameters
    ----------
    signal : ndarray of shape (m,)
        Values of f at equally likely points, as even as possible.
    spread : float
        Standard deviation of the noise.
    cells : int
        Cells of the grid on which the density of y is integrated.

    Notes
    -----
    A value is shared between the two grid points beside it, which adds at most ``width**2 / 4``
    to the variance; the density is then convolved with the exact noise by Fourier transform.
    """
    low, high = signal.min() - 9.0 * spread, signal.max() + 9.0 * spread
    width = (high - low) / cells
    at, share = np.divmod((signal - low) / width, 1.0)
    at = at.astype(int)
    mass = np.bincount(at, 1.0 - share, cells) + np.bincount(at + 1, share, cells)
    angle = 2.0 * np.pi * np.arange(cells // 2 + 1) / (high - low)
    density = irfft(rfft(mass / len(signal)) * np.exp(-0.5 * (angle * spread) ** 2), cells)
    density = density.clip(0.0) / width
    entropy = -xlogy(density, density).sum() * width
    return float(entropy - 0.5 * np.log(2.0 * np.pi * np.e * spread**2))


@cache
def _even_signal(name: str, p: int) -> np.ndarray:
    """Return f at Sobol points; their seed changes the truth by less than 1e-4 nats."""
    place, function = FUNCTIONS[name]
    cube = qmc.Sobol(p, seed=0).random_base2(_POINTS_LOG2)
    return function(place(cube))


def _regression(name: str, p: int, q: int, level: int) -> Law:
    place, function = FUNCTIONS[name]
    signal = _even_signal(name, p)
    target = min(TARGETS[level], _MOST * np.log(len(np.unique(signal))))
    unit = signal.std()
    spread = unit * knob_for(lambda s: signal_mi(signal, s * unit), target, 0.01, 100.0)

    def sample(n, rng):
        x = place(rng.random((n, p)))
        return x, (function(x) + spread * rng.standard_normal(n))[:, None]

    return Law(signal_mi(signal, spread), sample)


def _entropy(density: np.ndarray, step: float) -> float:
    return float(-xlogy(density, density).sum() * step)


def _ring_mi(spread: float) -> float:
    """Return 2 h(X) - h(X, Y): the joint density depends on the radius alone."""
    reach = 1.0 + 10.0 * spread
    x, step = np.linspace(-reach, reach, 2049, retstep=True)
    angles = (np.arange(384) + 0.5) * np.pi / 384
    gaps = (x[:, None] - np.cos(angles)) / spread
    margin = np.exp(-0.5 * gaps**2).mean(axis=1) / (spread * np.sqrt(2.0 * np.pi))
    r, step_r = np.linspace(0.0, reach, 4097, retstep=True)
    # i0e carries the factor exp(-r / spread**2), which completes the square.
    log_joint = -0.5 * ((r - 1.0) / spread) ** 2 + np.log(i0e(r / spread**2))
    log_joint -= np.log(2.0 * np.pi * spread**2)
    ring = np.exp(log_joint) * 2.0 * np.pi * r
    return 2.0 * _entropy(margin, step) + float((ring * log_joint).sum() * step_r)


def _ring(p: int, q: int, level: int) -> Law:
    """x = cos t + noise, y = sin t + noise, t uniform."""
    spread = knob_for(_ring_mi, TARGETS[level], 0.02, 10.0)

    def sample(n, rng):
        t = rng.uniform(0.0, 2.0 * np.pi, n)
        points = np.column_stack([np.cos(t), np.sin(t)]) + spread * rng.standard_normal((n, 2))
        return points[:, :1], points[:, 1:]

    return Law(_ring_mi(spread), sample)


def _parity_mi(flip: float) -> float:
    return float(np.log(2.0) + xlogy(flip, flip) + xlogy(1.0 - flip, 1.0 - flip))


def _parity(p: int, q: int, level: int) -> Law:
    """The class y is the sign of the product of three columns, flipped now and then."""
    target = min(TARGETS[level], _MOST * np.log(2.0))
    flip = knob_for(_parity_mi, target, 1e-6, 0.5)

    def sample(n, rng):
        x = rng.standard_normal((n, p))
        odd = (x[:, :3] < 0.0).sum(axis=1) % 2
        return x, (odd ^ (rng.random(n) < flip)).astype(float)[:, None]

    return Law(_parity_mi(flip), sample, False, (True,))


def _gamma_exponential_mi(theta: float) -> float:
    return float(digamma(theta + 1.0) - np.log(theta))


def _gamma_exponential(p: int, q: int, level: int) -> Law:
    """X gamma of shape theta, Y exponential with rate X (Darbellay & Vajda 2000)."""
    theta = knob_for(_gamma_exponential_mi, TARGETS[level], 1e-2, 1e3)

    def sample(n, rng):
        x = rng.gamma(theta, size=(n, 1))
        return x, rng.exponential(size=(n, 1)) / x

    return Law(_gamma_exponential_mi(theta), sample)


def _weinman_mi(theta: float) -> float:
    if theta > 0.5:
        ratio = 2.0 * theta / (2.0 * theta - 1.0)
        return float(-np.log(ratio) + digamma(ratio) - digamma(1.0))
    if theta < 0.5:
        rest = 1.0 - 2.0 * theta
        return float(np.log(rest / (2.0 * theta)) + digamma(1.0 / rest) - digamma(1.0))
    return float(-digamma(1.0))


def _weinman_exponential(p: int, q: int, level: int) -> Law:
    """X exponential with mean 1/2, Y later by an exponential time with mean theta."""
    theta = knob_for(_weinman_mi, TARGETS[level], 1e-3, 1e3)

    def sample(n, rng):
        x = rng.exponential(0.5, (n, 1))
        return x, x + rng.exponential(theta, (n, 1))

    return Law(_weinman_mi(theta), sample)


def _dirichlet_entropy(alpha: np.ndarray) -> float:
    total = alpha.sum()
    log_beta = gammaln(alpha).sum() - gammaln(total)
    bent = (total - len(alpha)) * digamma(total) - ((alpha - 1.0) * digamma(alpha)).sum()
    return float(log_beta + bent)


def _dirichlet_mi(p: int, q: int, rest: float) -> float:
    """Return h(X) + h(Y) - h(X, Y); a block and the sum of all others are Dirichlet again."""
    parts = np.array([[p, q + rest], [q, p + rest], [p + q, rest]])
    x, y, both = (
        _dirichlet_entropy(np.append(np.ones(round(ones)), left)) for ones, left in parts
    )
    return x + y - both


def _dirichlet(p: int, q: int, level: int) -> Law:
    """Two blocks of a Dirichlet vector; what both leave of the sum 1 is not shown."""
    rest = knob_for(lambda at: _dirichlet_mi(p, q, at), TARGETS[level], 1e-4, 1e4)

    def sample(n, rng):
        rows = rng.dirichlet(np.append(np.ones(p + q), rest), n)
        return rows[:, :p], rows[:, p : p + q]

    return Law(_dirichlet_mi(p, q, rest), sample)


def _multiplicative_mi(spread: float) -> float:
    """Return the MI of log|x|, x standard normal, with itself plus Gaussian noise."""
    size = 1 << _POINTS_LOG2
    signal = np.log(ndtri(0.5 + (np.arange(size) + 0.5) / (2.0 * size)))
    return signal_mi(signal, spread)


def _multiplicative(p: int, q: int, level: int) -> Law:
    """y = x times a log-normal factor of random sign: y given x has two lobes and mean 0."""
    spread = knob_for(_multiplicative_mi, TARGETS[level], 0.05, 50.0)

    def sample(n, rng):
        x = rng.standard_normal((n, 1))
        sign = rng.choice([-1.0, 1.0], (n, 1))
        return x, x * sign * np.exp(spread * rng.standard_normal((n, 1)))

    return Law(_multiplicative_mi(spread), sample)


def _spiral(p: int, q: int, level: int) -> Law:
    """Two correlated pairs of columns, each side turned by the spiral of the BMI benchmark."""
    task = ds.bmi_task(f"spiral-multinormal-sparse-{p}-{q}-2-2.0")
    covariance = np.eye(p + q)
    rho = float(np.sqrt(-np.expm1(-TARGETS[level])))
    for i in range(2):
        covariance[i, p + i] = covariance[p + i, i] = rho
    family = ds.Transformed(ds.Gaussian(covariance, p), task.x_map, task.y_map)
    return Law(family.mutual_information, family.sample)


def _function(name: str) -> Callable[[int, int, int], Law]:
    return lambda p, q, level: _regression(name, p, q, level)


HELD_OUT: dict[str, tuple[tuple[tuple[int, int], ...], Callable[[int, int, int], Law]]] = {
    "friedman1": (((10, 1),), _function("friedman1")),
    "friedman2": (((4, 1),), _function("friedman2")),
    "friedman3": (((4, 1),), _function("friedman3")),
    "checkerboard": (((2, 1),), _function("checkerboard")),
    "ring": (((1, 1),), _ring),
    "parity": (((3, 1), (6, 1)), _parity),
    "gamma_exponential": (((1, 1),), _gamma_exponential),
    "weinman_exponential": (((1, 1),), _weinman_exponential),
    "dirichlet": (((1, 1), (2, 2), (3, 3)), _dirichlet),
    "multiplicative": (((1, 1),), _multiplicative),
    "spiral": (((3, 3),), _spiral),
}
