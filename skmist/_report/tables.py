"""The rows of the tables of a report: the ranking, the pairs, the columns."""

from __future__ import annotations

__all__ = ["ColumnRow", "PairRow", "Shown", "column_rows", "pair_rows", "ranked"]

import math
from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from skmist._report.findings import Findings, best_first
from skmist._sample.table import label_key

_STRONGEST = 12
_MOST_ROOM = 1.5
_HIST = 60.0, 20.0


class PairRow(NamedTuple):
    """One pair, and what its row says."""

    id: str | None
    name: str
    other: str
    mi: float
    low: float
    high: float
    q_value: float
    n_samples: int
    notes: list[int]
    doubts: tuple[str, ...]  # of the first; where the other is to be named, of both
    is_doubtful: bool
    is_zero: bool
    at: tuple[int, int] | None  # numbers of the two among the columns that are embedded


class Bar(NamedTuple):
    """A bar with its interval and its limit, in hundredths of the scale."""

    width: float
    ends: tuple[float, float] | None
    most: float | None  # where the limit lies beyond the scale, this is its end
    limit: float | None


class Shown(NamedTuple):
    """Rows with bars, the end of the scale of these, and what speaks against the target."""

    rows: list[tuple[PairRow, Bar | None]]
    top: float
    has_limits: bool
    target_doubt: str


class ColumnRow(NamedTuple):
    """What a column is, and which other it shares most with."""

    name: str
    kind: str
    distinct: float
    missing: float
    entropy: float
    closest: str
    mi: float
    doubts: tuple[str, ...]
    histogram: str
    words: str


def pair_rows(findings: Findings, shown: Any, ids: dict, at: dict) -> list[PairRow]:
    """Read rows of the long form.

    Parameters
    ----------
    findings : Findings
    shown : pandas.DataFrame of shape (m, 12)
        Some of the rows of its pairs.
    ids : dict
        Id of the row of a pair, by the set of its labels.
    at : dict
        Number of each embedded column, by its label.
    """
    zero = dict(zip(findings.pairs.index, findings.near_zero, strict=True))
    rows = []
    for pair in shown.itertuples():
        is_first = label_key(pair.a) == label_key(findings.target)
        first, second = (pair.b, pair.a) if is_first else (pair.a, pair.b)
        doubts, others = (findings.doubts_of(one, pair.warnings) for one in (first, second))
        if findings.target is None:
            said = _named(doubts, first) + _named(others, second)
        else:  # the page says once what speaks against the target, if that leaves a number
            said = doubts or (_named(others, second) if math.isnan(pair.mi) else ())
        where = (at[pair.a], at[pair.b]) if pair.a in at and pair.b in at else None
        rows.append(
            PairRow(
                ids.get(frozenset((pair.a, pair.b))),
                *(str(first), str(second), pair.mi, pair.low, pair.high, pair.q_value),
                int(pair.n_samples),
                findings.notes.of(pair.warnings),
                said,
                bool(doubts or others),
                bool(zero[pair.Index]),
                where,
            )
        )
    return rows


def _named(doubts: tuple[str, ...], label: Any) -> tuple[str, ...]:
    """Doubts that say whose they are."""
    return tuple(f"{label} {doubt}" for doubt in doubts)


def ranked(findings: Findings, ids: dict, at: dict) -> Shown:
    """The columns by their information about the target; without one, the strongest pairs."""
    if findings.target is None:
        found = best_first(findings.pairs.dropna(subset="mi")).head(_STRONGEST)
    else:
        found = best_first(findings.about_target)
    limits = [_limit(findings, *labels) for labels in zip(found["a"], found["b"], strict=True)]
    top = float(np.nan_to_num(found[["mi", "high"]].max(axis=None)))
    # the limit is drawn where that leaves the bars room
    within = [limit for limit in limits if limit <= _MOST_ROOM * top]
    top = max([top, *within])
    rows = pair_rows(findings, found, ids, at)
    bars = [_bar(*parts, top) for parts in zip(rows, limits, strict=True)]
    has_limits, doubt = any(map(math.isfinite, limits)), _target_doubt(findings, found)
    return Shown(list(zip(rows, bars, strict=True)), top, has_limits, doubt)


def _target_doubt(findings: Findings, found: Any) -> str:
    """What speaks against the target as such, in the most frequent wording; or nothing."""
    if findings.target is None:
        return ""
    warnings = found.loc[found["mi"].notna(), "warnings"]
    said = Counter(doubt for w in warnings for doubt in findings.doubts_of(findings.target, w))
    return next((doubt for doubt, _ in said.most_common(1)), "")


def _limit(findings: Findings, a: Any, b: Any) -> float:
    """The most that two columns can share: the lesser of their entropies."""
    entropies = (findings.facts.entropies[findings.place[label_key(one)]] for one in (a, b))
    return min((h for h in entropies if not math.isnan(h)), default=math.inf)


def _bar(row: PairRow, limit: float, top: float) -> Bar | None:
    if math.isnan(row.mi):
        return None
    scale = 100.0 / top if top > 0 else 0.0
    ends = None if math.isnan(row.low) else (row.low * scale, row.high * scale)
    most = None if math.isinf(limit) else min(limit * scale, 100.0)
    return Bar(row.mi * scale, ends, most, most if limit <= top else None)


def column_rows(findings: Findings) -> list[ColumnRow]:
    """What each column is; those that share most with another come first."""
    facts, mi = findings.facts, findings.squares.mi
    best = np.nan_to_num(mi, nan=-1.0).argmax(axis=1)
    most = mi[np.arange(len(mi)), best]
    rows = []
    for i in np.argsort(-most, kind="stable"):
        series, view, closest = findings.df[facts.columns[i]], findings.views[i], best[i]
        is_known, entropy = not math.isnan(most[i]), facts.entropies[i]
        rows.append(
            ColumnRow(
                str(facts.columns[i]),
                facts.kinds[i],
                _n_distinct(series),
                100.0 * float(series.isna().mean()),
                math.nan if math.isinf(entropy) else entropy,
                str(facts.columns[closest]) if is_known else "–",
                float(most[i]),
                findings.doubts[i],
                "" if view is None else _outline(view.heights()),
                "" if view is None else view.in_words(),
            )
        )
    return rows


def _outline(heights: np.ndarray) -> str:
    """Bars side by side, as a path."""
    wide, high = _HIST
    step = wide / max(len(heights), 1)
    bars = (
        f"M{i * step:.1f} {high:.0f}v-{high * height:.1f}h{step - 0.5:.1f}v{high * height:.1f}z"
        for i, height in enumerate(heights)
        if height > 0
    )
    return "".join(bars)


def _n_distinct(series: Any) -> float:
    try:
        return float(series.nunique())
    except (TypeError, NotImplementedError):  # lists and the like; those of Arrow
        return math.nan
