"""Real tables with exact MI: laws made of the data that scikit-learn ships.

A table is smoothed: a row of it, drawn at random, plus Gaussian noise with `SHARE` of Scott's
bandwidth and the covariance of the table. This law has the margins, clusters, tails and
collinearity of the real table, rows enough for any n, no ties, and a known density: every
projection of it is a mixture of as many equal normals as the table has rows. So each MI below is
a one-dimensional quadrature or closed form, in nats. Nothing is downloaded.
"""

from __future__ import annotations

__all__ = ["LAWS", "SHARE", "Smoothed", "noisy_projection_mi", "table"]

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from scipy.special import ndtri, xlogy
from sklearn import datasets

from cases.held_out_families import signal_mi
from cases.strengths import TARGETS, Law, knob_for

SHARE = 0.5
_LEVELS_IN_LUMP = 256


@cache
def table(name: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return a table of scikit-learn: rows (m, p), target (m,), and the names of the columns."""
    bunch = getattr(datasets, f"load_{name}")()
    return bunch.data.astype(float), bunch.target.astype(int), tuple(map(str, bunch.feature_names))


@cache
def _columns(dataset: str, names: tuple[str, ...]) -> np.ndarray:
    rows, _, known = table(dataset)
    return rows[:, [known.index(name) for name in names]] if names else rows


class Smoothed:
    """A table as a continuous law: a kernel density estimate.

    Parameters
    ----------
    rows : ndarray of shape (m, p)

    Attributes
    ----------
    share : float
        The noise has this share of the table's standard deviation, in every direction.
    """

    def __init__(self, rows: np.ndarray):
        self.rows = rows
        self.centered = rows - rows.mean(axis=0)
        self.share = SHARE * len(rows) ** (-1.0 / (rows.shape[1] + 4.0))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n rows (n, p)."""
        noise = rng.standard_normal((n, len(self.rows))) @ self.centered
        chosen = self.rows[rng.integers(len(self.rows), size=n)]
        return chosen + self.share / np.sqrt(len(self.rows)) * noise

    def even_values(self, direction: np.ndarray) -> np.ndarray:
        """Return equally likely values of a projection: the quantiles of every normal."""
        places = self.rows @ direction
        z = ndtri((np.arange(_LEVELS_IN_LUMP) + 0.5) / _LEVELS_IN_LUMP)
        return (places[:, None] + self.share * places.std() * z).ravel()


def noisy_projection_mi(law: Smoothed, direction: np.ndarray, spread: float) -> float:
    """Return the MI, nats, of X with a projection of it plus Gaussian noise."""
    places = law.rows @ direction
    total = np.hypot(law.share * places.std(), spread)
    return signal_mi(places, total) + float(np.log(total / spread))


def _linear(dataset: str, names: tuple[str, ...], level: int) -> Law:
    """y = the mean of all standardized columns, plus noise; for one column a noisy copy."""
    law = Smoothed(_columns(dataset, names))
    direction = 1.0 / law.rows.std(axis=0) / law.rows.shape[1]
    unit = (law.rows @ direction).std()

    def mi_of(ratio: float) -> float:
        return noisy_projection_mi(law, direction, ratio * unit)

    ratio = knob_for(mi_of, TARGETS[level], 0.02, 50.0)

    def sample(n, rng):
        x = law.sample(n, rng)
        y = x @ direction + ratio * unit * rng.standard_normal(n)
        return x, y[:, None]

    return Law(mi_of(ratio), sample)


def _nonlinear(dataset: str, names: tuple[str, ...], level: int) -> Law:
    """y = the distance of the mean of the standardized columns from its center, plus noise."""
    law = Smoothed(_columns(dataset, names))
    direction = 1.0 / law.rows.std(axis=0) / law.rows.shape[1]
    center = float((law.rows @ direction).mean())
    signal = np.abs(law.even_values(direction) - center)
    unit = signal.std()
    ratio = knob_for(lambda at: signal_mi(signal, at * unit), TARGETS[level], 0.02, 50.0)

    def sample(n, rng):
        x = law.sample(n, rng)
        y = np.abs(x @ direction - center) + ratio * unit * rng.standard_normal(n)
        return x, y[:, None]

    return Law(signal_mi(signal, ratio * unit), sample)


def _label(dataset: str, names: tuple[str, ...], level: int) -> Law:
    """The class against itself: the entropy of the classes of the table."""
    return _flipped_label(dataset, 0.0)


def _flip(dataset: str, names: tuple[str, ...], level: int) -> Law:
    """The class against itself, replaced by another one now and then."""
    classes = len(np.unique(table(dataset)[1]))
    target = min(TARGETS[level], 0.8 * _flip_mi(dataset, 0.0))
    share = knob_for(lambda at: _flip_mi(dataset, at), target, 1e-6, 1.0 - 1.0 / classes)
    return _flipped_label(dataset, share)


def _flip_mi(dataset: str, share: float) -> float:
    shares = _class_shares(dataset)
    k = len(shares)
    seen = (1.0 - share) * shares + share * (1.0 - shares) / (k - 1.0)
    noise = -xlogy(1.0 - share, 1.0 - share) - xlogy(share, share / (k - 1.0))
    return float(-xlogy(seen, seen).sum() - noise)


def _class_shares(dataset: str) -> np.ndarray:
    target = table(dataset)[1]
    return np.bincount(target) / len(target)


def _flipped_label(dataset: str, share: float) -> Law:
    shares = _class_shares(dataset)
    k = len(shares)

    def sample(n, rng):
        x = rng.choice(k, n, p=shares)
        other = (x + rng.integers(1, k, n)) % k
        y = np.where(rng.random(n) < share, other, x)
        return x[:, None].astype(float), y[:, None].astype(float)

    return Law(_flip_mi(dataset, share), sample, (True,), (True,))


def _class_column(dataset: str, names: tuple[str, ...], level: int) -> Law:
    """A column against the class: within each class, the smoothed column of that class."""
    values, target = _columns(dataset, names)[:, 0], table(dataset)[1]
    shares = _class_shares(dataset)
    groups = [values[target == c] for c in range(len(shares))]
    # One bandwidth for all classes: the classes together are then the smoothed column.
    width = Smoothed(values[:, None]).share * values.std()
    within = sum(w * signal_mi(group, width) for w, group in zip(shares, groups, strict=True))

    def sample(n, rng):
        row = rng.integers(len(values), size=n)
        x = values[row] + width * rng.standard_normal(n)
        return x[:, None], target[row][:, None].astype(float)

    return Law(float(signal_mi(values, width) - within), sample, False, (True,))


def _independent(dataset: str, names: tuple[str, ...], level: int) -> Law:
    """All columns against some columns of other rows, drawn independently: 0."""
    x_law, y_law = Smoothed(_columns(dataset, ())), Smoothed(_columns(dataset, names))
    return Law(0.0, lambda n, rng: (x_law.sample(n, rng), y_law.sample(n, rng)))


_ONE_COLUMN = (
    ("diabetes", "bmi"),
    ("diabetes", "s5"),
    ("breast_cancer", "area error"),
    ("breast_cancer", "mean concavity"),
    ("wine", "proline"),
    ("wine", "malic_acid"),
    ("iris", "petal length (cm)"),
)
_CLASS_COLUMN = (
    ("breast_cancer", "mean area"),
    ("breast_cancer", "mean symmetry"),
    ("wine", "flavanoids"),
    ("wine", "ash"),
    ("iris", "petal width (cm)"),
    ("digits", "pixel_4_4"),
)
_SEVERAL = (
    ("iris", ()),
    ("diabetes", ("bmi", "bp", "s1", "s5", "s6")),
    ("diabetes", ()),
    ("wine", ()),
)
_BLOCKS = (
    ("iris", ("petal length (cm)",)),
    ("wine", ("ash", "magnesium", "proline")),
    ("diabetes", ("bmi", "bp", "s1", "s2", "s3")),
    ("breast_cancer", ("area error",)),
    ("breast_cancer", ("mean radius", "mean area", "worst radius")),
)

Recipe = Callable[[str, tuple[str, ...], int], Law]
_RECIPES: dict[str, tuple[Recipe, Sequence]] = {
    "noisy copy": (_linear, [(data, (name,)) for data, name in _ONE_COLUMN]),
    "label itself": (_label, [(data, ()) for data in ("breast_cancer", "wine", "digits")]),
    "label flipped": (_flip, [(data, ()) for data in ("breast_cancer", "wine", "digits")]),
    "class and column": (_class_column, [(data, (name,)) for data, name in _CLASS_COLUMN]),
    "linear": (_linear, _SEVERAL),
    "nonlinear": (_nonlinear, _SEVERAL),
    "independent": (_independent, _BLOCKS),
}

LAWS: dict[tuple[str, str, tuple[str, ...]], Callable[[int], Law]] = {
    (kind, *of): cache(lambda level, recipe=recipe, of=of: recipe(*of, level))
    for kind, (recipe, tables) in _RECIPES.items()
    for of in tables
}
"""By kind, data set and columns: a function of the strength (0 weak, 1 medium, 2 strong)."""
