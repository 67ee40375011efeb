"""What answers mean in a table: max rules, errors, spread, coverage and width of intervals.

Every number is in nats.
"""

from __future__ import annotations

__all__ = [
    "LEVELS",
    "TOLERANCE",
    "add_max_rule",
    "error_summary",
    "errors_beside_efficient",
    "interval_columns",
    "interval_summary",
    "spread",
    "with_errors",
]

import numpy as np
import pandas as pd

from harness.peers import LEVELS, NEIGHBORS, interval_columns

TOLERANCE = 1e-3
"""Nats by which an interval may miss the truth: quantiles that are positive never reach 0."""


def add_max_rule(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Append max(Gaussian copula, KSG on copula scores) for each k that the table holds.

    Parameters
    ----------
    table : DataFrame
        One row per sample and estimator, with columns ``estimator``, ``mi``, ``error`` and
        ``seconds``; the rule takes the time of its two halves.
    keys : list of str
        The columns that name a sample, truth included.
    """
    wide = table.set_index([*keys, "estimator"])[["mi", "seconds"]].unstack()
    parts = [table]
    for k in NEIGHBORS:
        needed = ["gaussian_copula", f"ksg_scores_k{k}"]
        if set(needed) <= set(wide["mi"].columns):
            # A rule with a failed half has failed: the other half alone is another rule.
            mi = wide["mi"][needed].clip(lower=0).max(axis=1, skipna=False)
            seconds = wide["seconds"][needed].sum(axis=1)
            rule = pd.DataFrame({"mi": mi, "seconds": seconds}).reset_index()
            rule["estimator"] = f"max_rule_k{k}"
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


def errors_beside_efficient(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return `error_summary` by keys and estimator, with its standard error and the efficient one.

    Parameters
    ----------
    table : DataFrame
        One row per sample and estimator, with columns ``mi_true``, ``abs_error`` and
        ``efficient``, the error that the mean of the true pointwise information would have.
    keys : list of str
        Columns that name a cell.
    """
    rows = []
    for key, part in table.groupby([*keys, "estimator"], sort=False):
        named = dict(zip([*keys, "estimator"], key, strict=True))
        error = {"mae_se": part["abs_error"].sem(), "efficient": part["efficient"].mean()}
        ratio = part["abs_error"].mean() / error["efficient"]
        rows.append({**named, "mi_true": part["mi_true"].mean(), **error_summary(part), **error})
        rows[-1]["ratio"] = ratio if error["efficient"] > 1e-9 else np.nan
    return pd.DataFrame(rows)


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


def spread(table: pd.DataFrame, by: str) -> float:
    """Return the standard deviation of estimates about their mean within groups, pooled.

    Parameters
    ----------
    table : DataFrame
        One row per sample of one estimator.
    by : str
        The column that parts the rows. Where the truth differs within a group, its differences
        are taken out first.

    Returns
    -------
    float
        Nats; NaN where no group holds two estimates.
    """
    error = table["mi"].clip(lower=0) - table["mi_true"]
    groups = error.groupby(table[by])
    freedom = (groups.count() - 1).clip(lower=0).sum()
    squares = ((error - groups.transform("mean")) ** 2).sum()
    return float(np.sqrt(squares / freedom)) if freedom else np.nan
