"""What columns add to a regression of the target on curves of single columns."""

from __future__ import annotations

__all__ = ["AdditiveGains", "Addition"]

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc, logsumexp

from skmist._sample.sample import Sample
from skmist._sample.side import Side
from skmist.feature_selection.candidates import MOST_CLASSES, side_features

_MOST_OF_ROWS, _MOST_LEVELS = 0.25, 50
_TOLERANCE, _LEAST_LEFT = 1e-6, 1e-9


class Addition(NamedTuple):
    """What columns add: nats beyond what chance adds, their error, and the chance of so much."""

    gain: float
    error: float
    pvalue: float


class AdditiveGains:
    """Information of an additive model, column by column.

    An estimate of a whole set leaps by hundredths of a nat, whatever shape of effect it looks for.
    A regression sees only effects that add up, but those ten times more sharply: canonical
    correlations of the scores, squares and classes of columns with those of the target, after
    those of the chosen columns are partialled out of both. Its test is that of Bartlett [1]_.
    Their information is that of normal columns; of a few classes, which cannot hold so much, it
    is what a linear discriminant analysis of the canonical variates tells.

    Parameters
    ----------
    sample : Sample
        Where its rows come in groups, only what varies within them counts.
    candidates : sequence of int
        Columns that will be asked about.

    References
    ----------
    .. [1] M. S. Bartlett (1938), "Further aspects of the theory of multiple regression",
       Mathematical Proceedings of the Cambridge Philosophical Society 34, 33-40.
    """

    def __init__(self, sample: Sample, candidates: Sequence[int]) -> None:
        self._n = sample.n_samples
        self._groups = None if sample.blocks is None else _one_hot(sample.blocks.labels)
        self._features = {
            k: self._within(side_features(sample.x.columns([k]), most_classes=_MOST_LEVELS))
            for k in candidates
        }
        self._target = self._within(side_features(sample.y, squares=False))
        self._classes = _few_classes(sample.y)
        self._all_of_target = _basis(self._target)
        self._chosen, self._told_by_chosen = np.empty((self._n, 0)), 0.0
        self._known: dict[tuple[int, ...], Addition] = {}

    def take(self, columns: Iterable[int]) -> None:
        """Partial out some columns from now on."""
        for k in columns:
            new = _basis(self._without(self._features[k]))
            if self._chosen.shape[1] + new.shape[1] <= _MOST_OF_ROWS * self._n:
                self._chosen = np.hstack([self._chosen, new])
        if self._classes is not None:
            self._told_by_chosen = self._told(self._classes, self._chosen)
        self._known.clear()

    def of(self, groups: Iterable[Collection[int]]) -> list[Addition]:
        """What each group of columns adds to those taken."""
        asked = [tuple(group) for group in groups]
        missing = [group for group in dict.fromkeys(asked) if group not in self._known]
        if missing:
            target = _basis(self._without(self._target))
            self._known.update({group: self._addition(group, target) for group in missing})
        return [self._known[group] for group in asked]

    def _within(self, features: np.ndarray) -> np.ndarray:
        """What varies within the groups of rows, where there are any."""
        if self._groups is None:
            return features
        return features - self._groups @ (self._groups.T @ features)

    def _without(self, features: np.ndarray) -> np.ndarray:
        """What the columns taken do not explain."""
        chosen = self._chosen
        # twice: rounding leaves some of it the first time
        features = features - chosen @ (chosen.T @ features)
        return features - chosen @ (chosen.T @ features)

    def _addition(self, group: Collection[int], target: np.ndarray) -> Addition:
        columns = [self._without(self._features[k]) for k in group]
        basis = _basis(np.hstack([np.empty((self._n, 0)), *columns]))
        basis = basis[:, : int(_MOST_OF_ROWS * self._n)]
        d, q = basis.shape[1], target.shape[1]
        groups = 1 if self._groups is None else self._groups.shape[1]
        left = self._n - groups - self._chosen.shape[1] - 0.5 * (d + q + 1)
        if not d * q or left < 1.0:
            return Addition(0.0, 0.0, 1.0)
        squares = np.linalg.svd(basis.T @ target, compute_uv=False) ** 2
        raw = -0.5 * float(np.log(np.maximum(1.0 - squares, _LEAST_LEFT)).sum())
        pvalue = float(chdtrc(d * q, 2.0 * left * raw))
        if self._classes is not None:
            raw = self._told(self._classes, np.hstack([self._chosen, basis]))
            raw -= self._told_by_chosen
        by_chance = 0.5 * d * q / left
        error = float(np.sqrt((squares.sum() + by_chance) / left))
        return Addition(raw - by_chance, error, pvalue)

    def _told(self, classes: np.ndarray, basis: np.ndarray) -> float:
        """What a discriminant analysis of the variates of a basis tells of the classes, nats."""
        directions = np.linalg.svd(basis.T @ self._all_of_target, full_matrices=False)[0]
        return _discriminated(basis @ directions, classes)


def _few_classes(side: Side) -> np.ndarray | None:
    """The classes of the rows, where the side is one column of few of them."""
    if side.values.shape[1] > 1 or not side.nameless[0]:
        return None
    labels, places = np.unique(side.values[:, 0], return_inverse=True)
    return places if 1 < len(labels) <= MOST_CLASSES else None


def _discriminated(variates: np.ndarray, classes: np.ndarray) -> float:
    """Information of normal classes of one spread about themselves, in these rows, nats."""
    n, k = variates.shape
    shares = np.bincount(classes) / n
    if not k:
        return 0.0
    means = np.array([variates[classes == c].mean(axis=0) for c in range(len(shares))])
    apart = variates - means[classes]
    spread = apart.T @ apart / n + _LEAST_LEFT * np.eye(k)
    slopes = np.linalg.solve(spread, means.T)
    scores = variates @ slopes - 0.5 * (means.T * slopes).sum(axis=0)
    return float((scores[np.arange(n), classes] - logsumexp(scores, axis=1, b=shares)).mean())


def _one_hot(labels: np.ndarray) -> np.ndarray:
    """Orthonormal indicators (n, g) of groups."""
    places, counts = np.unique(labels, return_inverse=True, return_counts=True)[1:]
    return np.eye(len(counts))[places] / np.sqrt(counts)


def _basis(features: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span the same, without those that are hardly there."""
    if not features.shape[1]:
        return features
    u, s, _ = np.linalg.svd(features, full_matrices=False)
    return u[:, s > _TOLERANCE * np.sqrt(len(features))]
