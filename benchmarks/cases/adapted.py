"""Kinds of data to adapt to, whose information is known by construction: bars (a) to (d)."""

from __future__ import annotations

__all__ = ["CASES", "Drawn", "draw"]

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skmist.datasets import StudentT

DIGITS = load_digits()
STRENGTHS = (0.0, 0.3, 0.6, 0.8, 0.95)
"""Correlations behind pairs of sides, or the share of labels that are kept."""


class Drawn(NamedTuple):
    """A sample, its MI and its pointwise MI, nats."""

    x: np.ndarray
    y: np.ndarray
    mi: float
    pointwise: np.ndarray


def _pair(n: int, rho: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Drawn]:
    """Standard normal pairs, and what is known of them."""
    u, e = rng.normal(size=(2, n))
    v = rho * u + np.sqrt(1.0 - rho**2) * e
    form = (rho * u) ** 2 - 2.0 * rho * u * v + (rho * v) ** 2
    pointwise = -0.5 * (np.log1p(-(rho**2)) + form / (1.0 - rho**2))
    return u, v, Drawn(u, v, -0.5 * float(np.log1p(-(rho**2))), pointwise)


def _moon(t: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Two arcs, one above and one below; a map of (t, r) to the plane with an inverse."""
    angle = np.pi * np.where(t < 0.0, 2.0 * ndtr(t), 2.0 * ndtr(t) - 1.0)
    radius = np.exp(0.12 * np.tanh(0.7 * r))
    upper = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    lower = np.column_stack([1.0, 0.5]) - upper
    # bands of 0.89 to 1.13 around their centers; one lies above 0.35, the other below 0.15
    return np.where((t < 0.0)[:, None], upper + [0.0, 0.35], lower - [0.0, 0.35])


def _spiral(t: np.ndarray, r: np.ndarray) -> np.ndarray:
    """One and a half turns of a band, which does not meet itself."""
    angle = 3.0 * np.pi * ndtr(t)
    radius = 0.5 + 0.25 * angle + 0.4 * np.tanh(0.7 * r)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def moons_and_spirals(n: int, rho: float, rng: np.random.Generator) -> Drawn:
    """(a): X two moons, y a spiral; the places along them share information."""
    u, v, known = _pair(n, rho, rng)
    r, s = rng.normal(size=(2, n))
    return known._replace(x=_moon(u, r), y=_spiral(v, s))


COMPONENTS = PCA(8, random_state=0).fit_transform(DIGITS.data)
ORDER = np.argsort(COMPONENTS[:, 0])


def digit_components(n: int, rho: float, rng: np.random.Generator) -> Drawn:
    """(b): 8 principal components of two digits whose ranks in the first share information."""
    u, v, known = _pair(n, rho, rng)
    m = len(ORDER)
    x, y = (COMPONENTS[ORDER[np.minimum((m * ndtr(z)).astype(int), m - 1)]] for z in (u, v))
    return known._replace(x=x, y=y)


def returns(n: int, rho: float, rng: np.random.Generator) -> Drawn:
    """(c): two groups of three returns: heavy tails, and days that are wild for all of them."""
    dispersion = 0.4 + 0.6 * np.eye(6)
    cross = 0.7 * rho
    dispersion[:3, 3:] = dispersion[3:, :3] = 0.4 * cross
    dispersion[[0, 3], [3, 0]] = cross
    family = StudentT(dispersion, 3.0, p=3)
    x, y = family.sample(n, rng)
    return Drawn(x, y, family.mutual_information, family.pointwise_mi(x, y))


def _channel(n: int, kept: float, rng: np.random.Generator) -> tuple[np.ndarray, Drawn]:
    """Places of digits, and labels: their own where kept, else of another digit."""
    classes = DIGITS.target
    shares = np.bincount(classes) / len(classes)
    places = rng.integers(len(classes), size=n)
    told = np.where(rng.random(n) < kept, classes[places], rng.choice(classes, n))
    joint = kept * np.diag(shares) + (1.0 - kept) * np.outer(shares, shares)
    ratio = np.log(np.maximum(joint, 1e-300) / np.outer(shares, shares))
    known = Drawn(places, told, float((joint * ratio).sum()), ratio[classes[places], told])
    return places, known


def image_and_label(n: int, kept: float, rng: np.random.Generator) -> Drawn:
    """(d): images of 64 pixels against a noisy label."""
    places, known = _channel(n, kept, rng)
    return known._replace(x=DIGITS.data[places])


def image_and_image(n: int, kept: float, rng: np.random.Generator) -> Drawn:
    """(d): images against other images, mostly of the same digit."""
    places, known = _channel(n, kept, rng)
    order = np.argsort(DIGITS.target, kind="stable")
    starts = np.concatenate([[0], np.bincount(DIGITS.target).cumsum()])
    low, high = starts[known.y], starts[known.y + 1]
    others = order[(low + rng.random(n) * (high - low)).astype(int)]
    return known._replace(x=DIGITS.data[places], y=DIGITS.data[others])


CASES: dict[str, Callable[[int, float, np.random.Generator], Drawn]] = {
    "a moons and spirals": moons_and_spirals,
    "b digit components": digit_components,
    "c returns": returns,
    "d image and label": image_and_label,
    "d image and image": image_and_image,
}


def draw(name: str, n: int, strength: float, seed: int) -> Drawn:
    """Draw a case; a seed of 0 is the sample that is adapted to."""
    rng = np.random.default_rng([seed, n, round(100 * strength), list(CASES).index(name)])
    return CASES[name](n, strength, rng)
