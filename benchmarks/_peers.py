"""The estimators that the benchmarks compare, and what their answers mean in a table.

Every number is in nats. Only the public names of ``skmist`` are used.
"""

from __future__ import annotations

__all__ = [
    "MIST",
    "TOLERANCE",
    "Answer",
    "Case",
    "Peer",
    "add_max_rule",
    "ask",
    "build_peers",
    "error_summary",
    "interval_columns",
    "interval_summary",
    "peer_names",
    "with_errors",
]

import math
import warnings
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

import skmist

NEIGHBORS = (3, 5, 10)
LEVELS = (0.5, 0.9)
MIST = "mist"
TOLERANCE = 1e-3
"""Nats by which an interval may miss the truth: quantiles that are positive never reach 0."""


class Case(NamedTuple):
    """One sample, x (n, p) and y (n, q), with masks of its discrete columns."""

    x: np.ndarray
    y: np.ndarray
    x_discrete: tuple[bool, ...] | bool = False
    y_discrete: tuple[bool, ...] | bool = False

    def masks(self) -> dict:
        """Return the masks as an estimator takes them."""
        return {"discrete_features": self.x_discrete, "discrete_target": self.y_discrete}

    def mapped(self, function: Callable[[np.ndarray], np.ndarray]) -> Case:
        """Return the case with ``function`` applied to its continuous columns."""
        x = np.where(self.x_discrete, self.x, function(self.x))
        y = np.where(self.y_discrete, self.y, function(self.y))
        return self._replace(x=x, y=y)


class Answer(NamedTuple):
    """What one peer says about one sample: MI, (level, low, high) of intervals, remarks."""

    mi: float
    intervals: tuple[tuple[float, float, float], ...] = ()
    warnings: str = ""
    error: str = ""

    def row(self) -> dict:
        """Return the answer as the columns of a result table."""
        columns = {
            column: value
            for level, *bounds in self.intervals
            for column, value in zip(interval_columns(level), bounds, strict=True)
        }
        return {"mi": self.mi, **columns, "warnings": self.warnings, "error": self.error}


class Peer(NamedTuple):
    """A named estimator: ``estimate(case)`` answers a case."""

    name: str
    estimate: Callable[[Case], Answer]


def interval_columns(level: float) -> tuple[str, str]:
    """Return the column names of the interval of a level, such as ``low_90``, ``high_90``."""
    percent = round(100 * level)
    return f"low_{percent}", f"high_{percent}"


def _standardized(a: np.ndarray) -> np.ndarray:
    """Scale columns to unit spread, as scikit-learn does before its own KSG estimate."""
    spread = a.std(axis=0)
    return a / np.where(spread > 0, spread, 1.0)


def _normal_scores(a: np.ndarray) -> np.ndarray:
    """Replace each column by the normal scores of its ranks; MI does not change."""
    return ndtri(rankdata(a, axis=0) / (len(a) + 1))


def _ksg(k: int, prepare: Callable[[np.ndarray], np.ndarray]) -> Callable[[Case], Answer]:
    def estimate(case: Case) -> Answer:
        prepared = case.mapped(prepare)
        ksg = skmist.KSGEstimator(n_neighbors=k, **case.masks())
        return Answer(ksg.fit(prepared.x, prepared.y).mi_)

    return estimate


def _copula(case: Case) -> Answer:
    return Answer(skmist.GaussianCopulaEstimator(**case.masks()).fit(case.x, case.y).mi_)


def _mist(device: str, weights: str) -> Callable[[Case], Answer]:
    def estimate(case: Case) -> Answer:
        net = skmist.MISTRegressor(weights=weights, device=device, **case.masks())
        with warnings.catch_warnings():
            # Remarks go into the table, row by row.
            warnings.simplefilter("ignore", skmist.OutOfRangeWarning)
            net.fit(case.x, case.y)
        intervals = tuple((level, *net.interval(level)) for level in LEVELS)
        return Answer(net.mi_, intervals, "; ".join(net.warnings_))

    return estimate


def peer_names() -> list[str]:
    """Return the names of the peers that are run; the max rules are derived from them."""
    raw = [f"ksg_k{k}" for k in NEIGHBORS]
    scores = [f"ksg_scores_k{k}" for k in NEIGHBORS]
    return [*raw, *scores, "gaussian_copula", MIST]


def build_peers(names: Iterable[str], device: str, weights: str) -> list[Peer]:
    """Build the peers of the given names, which are some of `peer_names`."""
    known: dict[str, Callable] = {"gaussian_copula": _copula, MIST: _mist(device, weights)}
    for k in NEIGHBORS:
        known[f"ksg_k{k}"] = _ksg(k, _standardized)
        known[f"ksg_scores_k{k}"] = _ksg(k, _normal_scores)
    return [Peer(name, known[name]) for name in names]


def ask(peer: Peer, case: Case) -> Answer:
    """Ask a peer about a case; a failure becomes an answer that carries the message."""
    try:
        return peer.estimate(case)
    except Exception as error:  # a benchmark outlives whatever a peer may raise
        return Answer(math.nan, error=f"{type(error).__name__}: {error}")


def add_max_rule(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Append max(Gaussian copula, KSG on copula scores) for each k that the table holds.

    Parameters
    ----------
    table : DataFrame
        One row per sample and estimator, with columns ``estimator``, ``mi``, ``error``.
    keys : list of str
        The columns that name a sample, truth included.
    """
    wide = table.set_index([*keys, "estimator"])["mi"].unstack()
    parts = [table]
    for k in NEIGHBORS:
        needed = ["gaussian_copula", f"ksg_scores_k{k}"]
        if set(needed) <= set(wide.columns):
            # A rule with a failed half has failed: the other half alone is another rule.
            rule = wide[needed].clip(lower=0).max(axis=1, skipna=False)
            rule = rule.rename("mi").reset_index().assign(estimator=f"max_rule_k{k}")
            rule["error"] = np.where(rule["mi"].isna(), "one of its two estimators failed", "")
            parts.append(rule)
    return pd.concat(parts, ignore_index=True)


def with_errors(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the column ``abs_error``, the error of the estimate clipped at 0."""
    error = (table["mi"].clip(lower=0) - table["mi_true"]).abs()
    return table.assign(abs_error=error)


def error_summary(table: pd.DataFrame) -> dict[str, float]:
    """Return count, failures, mean absolute error, bias, and `interval_summary`, over rows.

    A failed estimate is left out of the means and counted.
    """
    return {
        "draws": len(table),
        "failed": table["mi"].isna().sum(),
        "mae": table["abs_error"].mean(),
        "bias": (table["mi"].clip(lower=0) - table["mi_true"]).mean(),
        **interval_summary(table),
    }


def interval_summary(table: pd.DataFrame) -> dict[str, float]:
    """Return coverage of ``mi_true`` (within `TOLERANCE`) and mean width by level.

    Both are NaN where there is no interval.
    """
    summary = {}
    for level in LEVELS:
        columns = interval_columns(level)
        if set(columns) <= set(table.columns):
            low, high = (table[name] for name in columns)
            inside = table["mi_true"].between(low - TOLERANCE, high + TOLERANCE)
            summary[f"coverage_{round(100 * level)}"] = inside[low.notna()].mean()
            summary[f"width_{round(100 * level)}"] = (high - low).mean()
    return summary
