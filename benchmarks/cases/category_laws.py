"""Laws of several categorical columns a side, whose information is exact.

How MIST reads such tables was made with others; the width of its intervals was settled by those
and by laws like these.
"""

from __future__ import annotations

__all__ = ["LAWS", "Law"]

from itertools import product
from typing import NamedTuple

import numpy as np


class Law(NamedTuple):
    """What is known of cells, and columns of noise beside them.

    Parameters
    ----------
    joint : ndarray of shape (a, b)
        Probabilities.
    x, y : ndarray of shape (a, p) and (b, q)
        Codes of each cell of x, and of y.
    x_noise, y_noise : tuple of int
        Numbers of levels of further columns, independent of all others.
    """

    joint: np.ndarray
    x: np.ndarray
    y: np.ndarray
    x_noise: tuple[int, ...] = ()
    y_noise: tuple[int, ...] = ()

    @property
    def pointwise(self) -> np.ndarray:
        """Log ratios (a, b) of the cells; 0 where nothing falls."""
        margins = self.joint.sum(1, keepdims=True) * self.joint.sum(0)
        ratio = np.divide(self.joint, margins, out=np.ones_like(margins), where=self.joint > 0)
        return np.log(ratio)

    @property
    def mi(self) -> float:
        """The information, nats."""
        return float((self.joint * self.pointwise).sum())

    def efficient(self, n: int) -> float:
        """Mean error of the mean of the true pointwise MI of n rows, nats."""
        variance = (self.joint * self.pointwise**2).sum() - self.mi**2
        return float(np.sqrt(2.0 / np.pi * max(variance, 0.0) / n))

    def draw(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw n rows of both sides."""
        cells = rng.choice(self.joint.size, size=n, p=self.joint.ravel())
        rows = np.divmod(cells, self.joint.shape[1])
        known = [codes[number] for codes, number in zip((self.x, self.y), rows, strict=True)]
        noise = [
            rng.integers(levels or (1,), size=(n, max(len(levels), 1))) for levels in self[3:]
        ]
        sides = zip(known, noise, self[3:], strict=True)
        x, y = (np.hstack([side, more[:, : len(levels)]]) for side, more, levels in sides)
        return x, y


def _cells(*levels: int) -> np.ndarray:
    return np.array(list(product(*map(range, levels))))


def _zipf(levels: int, power: float = 1.0) -> np.ndarray:
    weights = np.arange(1.0, levels + 1) ** -power
    return weights / weights.sum()


def _given_class(codes: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Probabilities (classes, cells) of codes of answers (classes, columns, levels)."""
    return np.prod([answers[:, j, codes[:, j]] for j in range(codes.shape[1])], axis=0)


def _bayes(rng: np.random.Generator) -> Law:
    x = _cells(5, 5, 5, 5)
    answers = rng.dirichlet(np.full(5, 1.5), size=(3, 4))
    return Law(_given_class(x, answers).T / 3, x, _cells(3), (5, 5))


def _survey(rng: np.random.Generator) -> Law:
    x, y = _cells(5, 5, 5, 5, 5), _cells(4, 4, 4)
    items, persons = rng.dirichlet(np.full(5, 2.0), (3, 5)), rng.dirichlet(np.ones(4), (3, 3))
    return Law(_given_class(x, items).T @ _given_class(y, persons) / 3, x, y)


def _parity() -> Law:
    x = _cells(2, 2)
    odd = x.sum(1) % 2
    return Law(np.where(odd[:, None] == np.arange(2), 0.85, 0.15) / 4, x, _cells(2), (2,) * 6)


def _rare_levels() -> Law:
    x = _cells(12, 12)
    kept = 2 * (x[:, 0] % 3) + (x[:, 1] > 2)
    given = 0.5 / 6 + 0.5 * (kept[:, None] == np.arange(6))
    return Law(given * np.outer(_zipf(12), _zipf(12)).reshape(-1, 1), x, _cells(6), (12,))


def _cities() -> Law:
    city, weights = np.arange(30), _zipf(30, 0.7)
    given = 0.4 / 5 + 0.6 * ((city % 6 % 5)[:, None] == np.arange(5))
    x = np.column_stack([city, city % 6])
    return Law(given * weights[:, None], x, _cells(5), (4,), (2,))


def _chain(rng: np.random.Generator) -> Law:
    step = rng.dirichlet(np.full(5, 0.5), size=5)
    stationary = np.linalg.matrix_power(step, 200)[0]
    x, y = _cells(5, 5, 5), _cells(5, 5)
    past = stationary[x[:, 0]] * step[x[:, 0], x[:, 1]] * step[x[:, 1], x[:, 2]]
    return Law(past[:, None] * step[x[:, 2]][:, y[:, 0]] * step[y[:, 0], y[:, 1]], x, y)


def _any_counts(rng: np.random.Generator) -> Law:
    joint = rng.dirichlet(np.full(600, 0.3)).reshape(40, 15)
    return Law(joint, _cells(8, 5), _cells(5, 3))


def _nothing() -> Law:
    one = _zipf(12)
    x, y = _cells(12, 12, 12), _cells(12, 12)
    of_x = one[x].prod(axis=1)
    return Law(np.outer(of_x, one[y].prod(axis=1)), x, y)


LAWS = {
    "columns of a class": _bayes(np.random.default_rng(123)),
    "parity of two among eight": _parity(),
    "rare levels": _rare_levels(),
    "cities and states": _cities(),
    "steps of a chain": _chain(np.random.default_rng(5)),
    "a survey and persons": _survey(np.random.default_rng(7)),
    "any counts": _any_counts(np.random.default_rng(11)),
    "nothing": _nothing(),
}
"""By name."""
