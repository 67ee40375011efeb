"""Angles, which go round, and places on a globe."""

from __future__ import annotations

import numpy as np
from scipy.special import i0e, i1e

from skmist.datasets.suites.held_out.law import HeldOutLaw

__all__ = ["Directions"]

_SHARPNESS = (0.6, 2.0, 40.0)
_SHARPNESS_ON_GLOBE = (0.8, 2.5, 20.0)


class Directions(HeldOutLaw):
    """Y is an angle near twice that of X, or near the sum of two; or both are places on a globe.

    With 1 + 1 and 2 + 1 columns, angles are uniform from -pi to pi, and the difference follows
    the law of von Mises; neither of two angles says anything alone. With 2 + 2 columns, sides are
    latitude and longitude, and Y lies about X by the law of von Mises and Fisher.
    """

    truth = "closed form"
    source = "Mardia & Jupp (2000), Directional Statistics"

    def __init__(self, p: int, q: int, level: int) -> None:
        self.globe = q == 2
        self.sharpness = (_SHARPNESS_ON_GLOBE if self.globe else _SHARPNESS)[level]
        k, mi = self.sharpness, 0.0
        if self.globe:
            mi = k / np.tanh(k) - 1.0 - self._log_total()
        else:
            mi = k * i1e(k) / i0e(k) - self._log_total()
        self._declare_law(("continuous",) * p, ("continuous",) * q, mi)

    def _log_total(self) -> float:
        """Log of the mean of exp(sharpness cos) over uniform directions."""
        k = self.sharpness
        if self.globe:
            return float(k + np.log(-np.expm1(-2.0 * k) / (2.0 * k)))
        return float(k + np.log(i0e(k)))

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw a direction and one near it."""
        if self.globe:
            return self._places(n, rng)
        x = rng.uniform(-np.pi, np.pi, (n, self.x_dim))
        y = self._center(x) + rng.vonmises(0.0, self.sharpness, n)
        return x, np.angle(np.exp(1j * y))[:, None]

    def _center(self, x: np.ndarray) -> np.ndarray:
        return 2.0 * x[:, 0] if x.shape[1] == 1 else x.sum(axis=1)

    def _places(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        center = rng.standard_normal((n, 3))
        center /= np.linalg.norm(center, axis=1, keepdims=True)
        aside = np.cross(center, rng.standard_normal((n, 3)))
        aside /= np.linalg.norm(aside, axis=1, keepdims=True)
        k, u = self.sharpness, rng.random(n)
        cosine = (1.0 + np.log(u + (1.0 - u) * np.exp(-2.0 * k)) / k)[:, None]
        near = cosine * center + np.sqrt((1.0 - cosine**2).clip(0.0)) * aside
        return _on_map(center), _on_map(near)

    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Log density about the center over that of the uniform law."""
        if self.globe:
            cosine = (_in_space(x) * _in_space(y)).sum(axis=1)
        else:
            cosine = np.cos(y[:, 0] - self._center(x))
        return self.sharpness * cosine - self._log_total()

    def parameters(self) -> dict:
        """The concentration."""
        return {"sharpness": self.sharpness}


def _on_map(place: np.ndarray) -> np.ndarray:
    return np.column_stack(
        [np.arcsin(place[:, 2].clip(-1.0, 1.0)), np.arctan2(place[:, 1], place[:, 0])]
    )


def _in_space(place: np.ndarray) -> np.ndarray:
    latitude, longitude = place.T
    flat = np.cos(latitude)
    return np.column_stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)])
