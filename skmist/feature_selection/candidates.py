"""What a search looks at: single columns, and groups that may say something only together."""

from __future__ import annotations

__all__ = ["Candidates", "find_candidates", "side_features"]

from itertools import combinations
from typing import NamedTuple

import numpy as np

from skmist._sample.sample import Sample
from skmist._sample.scores import NormalScores
from skmist._sample.side import Side
from skmist.feature_selection.information import ColumnInformation

MOST_CANDIDATES = 60
_N_TWOS, _N_THREES = 12, 6
_FEW_TWOS, _FEW_THREES = 4, 2
MOST_CLASSES, _FEW_LEVELS = 10, 5
_MOST_FOR_THREES = 64
_RIDGE = 0.05


class Candidates(NamedTuple):
    """Columns that may be chosen, and groups of two and three of them to be looked at together."""

    columns: list[int]
    groups: list[tuple[int, ...]]


def find_candidates(information: ColumnInformation, together: bool = True) -> Candidates:
    """Return the candidates among the columns of a sample.

    Of more than 60 columns, which are about as many as a net reads on one side, those stay that
    are in likely groups, and those that say most alone.
    """
    groups = likely_groups(information.sample) if together else []
    varying = np.flatnonzero(~information.sample.x.constant)
    if len(varying) <= MOST_CANDIDATES:
        columns = varying.tolist()
        return Candidates(columns, [g for g in groups if set(g) <= set(columns)])
    grouped = list(dict.fromkeys(k for group in groups for k in group))[: MOST_CANDIDATES // 2]
    relevance = information.relevance(range(information.sample.p))[:, 0]
    alone = [int(k) for k in np.argsort(-relevance, kind="stable") if k not in grouped]
    columns = sorted([*grouped, *alone[: MOST_CANDIDATES - len(grouped)]])
    return Candidates(columns, [g for g in groups if set(g) <= set(columns)])


def likely_groups(sample: Sample) -> list[tuple[int, ...]]:
    """The groups whose products go along most with what single columns leave of the target.

    The product of two signs, of two numbers, or of three: nothing of them is seen in one column.
    All groups cost a matrix product or two, so that there may be many thousands of them. Beyond a
    few, those are returned that stand out of as many products of noise. Levels without an order
    enter by their codes, and so only two of them are seen well.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    list of tuple of int
        Those of two first, each by how much they go along with the target.
    """
    x, targets = _standard(sample.x.values), _left_over(sample)
    p = x.shape[1]
    found = _best_twos(x, targets)
    if 3 <= p <= _MOST_FOR_THREES:
        found += _best_threes(x, targets)
    return found


def _standard(values: np.ndarray) -> np.ndarray:
    """Each column as scores of mean 0 and spread 1; a constant one as 0."""
    scores = NormalScores().fit_transform(values)
    spread = scores.std(axis=0)
    return (scores - scores.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)


def _left_over(sample: Sample) -> np.ndarray:
    """Features of the target, (n, k), without what is linear in single columns."""
    x, features = _standard(sample.x.values), side_features(sample.y)
    n, p = x.shape
    gram = x.T @ x + (_RIDGE * n + p) * np.eye(p)
    return _scaled(features - x @ np.linalg.solve(gram, x.T @ features))


def side_features(
    side: Side, squares: bool = True, most_classes: int = MOST_CLASSES
) -> np.ndarray:
    """Scores of columns, their squares, and common classes, (n, k), of mean 0 and spread 1.

    Of ordered columns with few levels, too, the classes are asked: they may be codes.
    """
    parts = []
    for values, nameless in zip(side.values.T, side.nameless, strict=True):
        if nameless or (squares and len(np.unique(values)) <= _FEW_LEVELS):
            values = np.unique(values, return_inverse=True)[1]
            common = np.argsort(-np.bincount(values.astype(int)))[:most_classes]
            parts.append(values[:, None] == common)
        else:
            score = _standard(values[:, None])
            parts += [score, score**2] if squares else [score]
    return _scaled(np.hstack(parts).astype(float))


def _scaled(features: np.ndarray) -> np.ndarray:
    features = features - features.mean(axis=0)
    spread = features.std(axis=0)
    kept = spread > 1e-9
    return features[:, kept] / spread[kept]


def _best_twos(x: np.ndarray, targets: np.ndarray) -> list[tuple[int, ...]]:
    above = np.triu_indices(x.shape[1], 1)
    if not len(above[0]) or not targets.shape[1]:
        return []
    along = np.max([np.abs(x.T @ (x * t[:, None]))[above] for t in targets.T], axis=0)
    best = _outstanding(along / np.sqrt(len(x)), targets.shape[1], _FEW_TWOS, _N_TWOS)
    return [(int(above[0][b]), int(above[1][b])) for b in best]


def _best_threes(x: np.ndarray, targets: np.ndarray) -> list[tuple[int, ...]]:
    groups = np.array(list(combinations(range(x.shape[1]), 3)))
    along = np.zeros(len(groups))
    for first in range(x.shape[1] - 2):
        members = groups[:, 0] == first
        rest = groups[members, 1], groups[members, 2]
        for t in targets.T:
            product = np.abs(x.T @ (x * (t * x[:, first])[:, None]))
            along[members] = np.maximum(along[members], product[rest])
    best = _outstanding(along / np.sqrt(len(x)), targets.shape[1], _FEW_THREES, _N_THREES)
    return [tuple(map(int, groups[b])) for b in best]


def _outstanding(along: np.ndarray, n_targets: int, few: int, most: int) -> np.ndarray:
    """The greatest: a few, and up to so many above what as many normal numbers would reach."""
    by_chance = np.sqrt(2.0 * np.log(max(len(along) * n_targets, 2)))
    count = np.clip(np.sum(along > by_chance), few, most)
    return np.argsort(-along, kind="stable")[:count]
