"""Results as text: a table for people, CSV and JSON for programs."""

from __future__ import annotations

__all__ = ["format_estimate", "format_lags", "format_pairs", "format_ranking", "format_selection"]

import json
import math
import textwrap

from skmist._sample.table import UNITS
from skmist.cli.printable import printable
from skmist.frame.facts import LagFacts, MatrixFacts, RankingFacts, split_notes

_WIDTH = 100
_MAX_NAME = 38
_MAX_PAIR_NAME = 26
_MAX_PAIRS = 50
_MAX_NAMES = 12


def format_ranking(ranking, style) -> str:
    """Write a ranking of :func:`skmist.mi_with` as text.

    Parameters
    ----------
    ranking : pandas.DataFrame of shape (n_columns, 7)
        With its ``attrs``.
    style : {"table", "csv", "json"}

    Returns
    -------
    text : str
        Ends with a line feed. A table is at most 100 characters wide.
    """
    facts = RankingFacts.of(ranking)
    if style != "table":
        return _for_machines(ranking, facts, style, "columns")
    notes = _footnotes(ranking.index, ranking["warnings"], "columns")
    heading = [*_heading(ranking, facts), *_told(facts)]
    return "\n".join([*heading, "", *_rows(ranking, facts), *notes]) + "\n"


def format_pairs(pairs, style) -> str:
    """Write the pairs of :func:`skmist.mi_matrix` as text.

    Parameters
    ----------
    pairs : pandas.DataFrame of shape (n_pairs, 12)
        Long form, with its ``attrs``.
    style : {"table", "csv", "json"}
        A table has the 50 pairs with the most information; the others have all pairs, in order.

    Returns
    -------
    text : str
        Ends with a line feed. A table is at most 100 characters wide.
    """
    facts = MatrixFacts.of(pairs)
    if style == "csv":
        return pairs.assign(units=facts.units).to_csv(index=False, lineterminator="\n")
    if style == "json":
        # a continuous column has infinite entropy, an empty one none, and JSON neither
        entropies = [h if math.isfinite(h) else None for h in facts.entropies]
        records = [_plain(record) for record in pairs.to_dict("records")]
        return _json({**facts.as_attrs(), "entropies": entropies, "pairs": records})
    ordered = pairs.sort_values("mi", ascending=False, kind="stable", na_position="last")
    shown = ordered.iloc[:_MAX_PAIRS]
    lines = [*_pairs_heading(pairs, facts), *_told(facts), "", *_pair_rows(shown, facts)]
    if len(shown) < len(pairs):
        hidden = len(pairs) - len(shown)
        lines.append(f"({hidden} pairs with less are not shown; --format csv has all.)")
    notes = (f"{a} and {b}" for a, b in zip(shown["a"], shown["b"], strict=True))
    return "\n".join([*lines, *_footnotes(notes, shown["warnings"], "pairs")]) + "\n"


def format_lags(table, style) -> str:
    """Write the lags of :func:`skmist.mi_lags` as text.

    Parameters
    ----------
    table : pandas.DataFrame of shape (n_lags, 6) or (n_lags, 8)
        With its ``attrs``.
    style : {"table", "csv", "json"}

    Returns
    -------
    text : str
        Ends with a line feed. A table is at most 100 characters wide.
    """
    facts = LagFacts.of(table)
    if style != "table":
        return _for_machines(table, facts, style, "lags")
    notes = _footnotes(table.index, table["warnings"], "lags")
    return "\n".join([*_lags_heading(table, facts), "", *_lag_rows(table, facts), *notes]) + "\n"


def format_selection(found, units, style) -> str:
    """Write a selection among the columns of a table as text.

    Parameters
    ----------
    found : TableSelection
    units : {"nats", "bits"}
    style : {"table", "csv", "json"}
        A table, or CSV, has a line per step; JSON has all.

    Returns
    -------
    text : str
        Ends with a line feed. A table is at most 100 characters wide.
    """
    path = found.selector.path_.copy()
    path[_IN_UNITS] /= UNITS[units]
    if style == "csv":
        return path.assign(units=units).to_csv(lineterminator="\n")
    if style == "json":
        return _json(_selection_record(found, path, units))
    lines = [*_selection_heading(found), "", *_selection_rows(path, found.selector.level, units)]
    if len(path) and (redundant := _redundant(found.selector.redundant_)):
        lines += ["", *redundant]
    notes = [
        part for note in (*found.notes, *found.warnings) for part in _wrapped(f"Note: {note}")
    ]
    return "\n".join([*lines, *([""] if notes else []), *notes]) + "\n"


def format_estimate(estimate, x_names, y_names, style) -> str:
    """Write one estimate as text.

    Parameters
    ----------
    estimate : MIEstimate
    x_names, y_names : list of str
        Columns of either side.
    style : {"table", "csv", "json"}

    Returns
    -------
    text : str
        Ends with a line feed.
    """
    record = {
        "x": x_names,
        "y": y_names,
        "mi": estimate.mi,
        "low": estimate.low,
        "high": estimate.high,
        "units": estimate.unit,
        "level": estimate.level,
        "method": estimate.method,
        "n_samples": estimate.n_samples,
        "warnings": list(estimate.warnings),
    }
    if style == "json":
        return _json(record)
    if style == "csv":
        return _csv_line(record)
    interval = ""
    if estimate.low is not None:
        interval = (
            f", {100 * estimate.level:g}% interval {estimate.low:.3f} to {estimate.high:.3f}"
        )
    lines = [
        f"I({_listed(x_names)} ; {_listed(y_names)}) = "
        f"{estimate.mi:.3f} {estimate.unit}{interval}",
        f"{estimate.method}, {estimate.n_samples} rows",
    ]
    for note in estimate.warnings:
        lines += _wrapped(f"Note: {note}")
    return "\n".join(lines) + "\n"


def _json(record) -> str:
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(record) -> dict:
    """Replace NaN, which JSON lacks, by None."""
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value
        for key, value in record.items()
    }


def _csv_line(record) -> str:
    import pandas as pd

    joined = {
        key: "; ".join(value) if isinstance(value, list) else value
        for key, value in record.items()
    }
    return pd.DataFrame([joined]).to_csv(index=False, lineterminator="\n")


# The table ------------------------------------------------------------------------------


def _heading(ranking, facts: RankingFacts):
    rows = _row_range(ranking)
    lines = [
        f"Information about {facts.target} ({facts.target_kind} target): "
        f"method {facts.method}, {rows} rows"
    ]
    if facts.target_entropy is not None:
        lines.append(
            f"The target's entropy is about {facts.target_entropy:.3f} {facts.units}: "
            "no column can carry more."
        )
    return [part for line in lines for part in _wrapped(line)]


def _told(facts: RankingFacts | MatrixFacts):
    return [part for note in facts.notes for part in _wrapped(f"Note: {note}")]


def _rows(ranking, facts: RankingFacts):
    has_interval = facts.level is not None
    uneven = ranking["n_samples"].nunique() > 1
    head = ["column", f"MI ({facts.units})"]
    if facts.level is not None:
        head.append(f"{100 * facts.level:g}% interval")
    head += ["kind", "distinct"] + (["rows"] if uneven else [])
    cells = [head]
    for name, row in ranking.iterrows():
        star = " *" if row["warnings"] else ""
        line = [_short(str(name)) + star, _number(row["mi"])]
        if has_interval:
            line.append(_interval(row["low"], row["high"]))
        line += [row["kind"], str(row["n_distinct"])] + ([str(row["n_samples"])] if uneven else [])
        cells.append(line)
    return _aligned(cells, left={0, head.index("kind")})


def _pairs_heading(pairs, facts: MatrixFacts):
    return _wrapped(
        f"Information of {len(pairs)} pairs of {len(facts.columns)} columns: method "
        f"{facts.method}, {_row_range(pairs)} rows"
    )


def _pair_rows(pairs, facts: MatrixFacts):
    head = ["column", "column", f"MI ({facts.units})"]
    has_interval, has_tests = facts.level is not None, pairs["q_value"].notna().any()
    if facts.level is not None:
        head.append(f"{100 * facts.level:g}% interval")
    if facts.normalize:
        head.append(facts.normalize)
    cells = [head + (["q-value"] if has_tests else [])]
    for row in pairs.itertuples():
        star = " *" if row.warnings else ""
        line = [_short(str(row.a), _MAX_PAIR_NAME), _short(str(row.b), _MAX_PAIR_NAME) + star]
        line.append(_number(row.mi))
        if has_interval:
            line.append(_interval(row.low, row.high))
        if facts.normalize:
            line.append(_number(row.normalized))
        cells.append(line + ([_number(row.q_value)] if has_tests else []))
    return _aligned(cells, left={0, 1})


def _for_machines(table, facts: RankingFacts | LagFacts, style, what: str) -> str:
    """A table by its index as CSV, or as JSON with what holds for all of it."""
    if style == "csv":
        return table.assign(units=facts.units).to_csv(lineterminator="\n")
    records = [_plain(record) for record in table.reset_index().to_dict("records")]
    return _json({**facts.as_attrs(), what: records})


def _lags_heading(table, facts: LagFacts):
    given = f", given {facts.past} steps of its own past" if facts.past else ""
    other = "itself" if facts.x == facts.y else facts.y
    return _wrapped(
        f"Information of {facts.x} about {other}, later{given}: method {facts.method}, "
        f"{_row_range(table)} pairs of rows, lags in {facts.step}"
    )


def _lag_rows(table, facts: LagFacts):
    tested = "p_value" in table
    head = ["lag", f"MI ({facts.units})"]
    if facts.level is not None:
        head.append(f"{100 * facts.level:g}% interval")
    cells = [[*head, "effective rows", *(["p-value", "q-value"] if tested else [])]]
    for lag, row in table.iterrows():
        line = [f"{lag} *" if row["warnings"] else f"{lag}", f"{row['mi']:.3f}"]
        if facts.level is not None:
            line.append(_interval(row["low"], row["high"]))
        line.append(str(row["n_effective"]))
        cells.append(line + ([_number(row["p_value"]), _number(row["q_value"])] if tested else []))
    return _aligned(cells, left={0})


_IN_UNITS = ["gain", "gain_low", "gain_high", "information", "low", "high"]


def _selection_record(found, path, units) -> dict:
    selector = found.selector
    facts = {"target": found.target, "columns": selector.get_feature_names_out().tolist()}
    facts |= {"method": _method(selector), "n_samples": found.n_rows, "units": units}
    low, high = selector.explained_interval_
    shares = {"explained": selector.explained_information_, "low": low, "high": high}
    parts = {"steps": path.reset_index(), "redundant": selector.redundant_}
    records = {
        name: [_plain(record) for record in part.to_dict("records")]
        for name, part in parts.items()
    }
    share = {"share": selector.share, "level": selector.level}
    told = {"notes": [*found.notes], "warnings": [*found.warnings]}
    return facts | share | {"explained": _plain(shares), **records, **told}


def _method(selector) -> str:
    return selector.estimator if isinstance(selector.estimator, str) else "estimator"


def _selection_heading(found) -> list[str]:
    selector = found.selector
    p, number = selector.n_features_in_, selector.n_features_
    if not number:
        text = f"None of {p} columns says anything about {found.target} that can be told from "
        return _wrapped(f"{text}chance: method {_method(selector)}, {found.n_rows} rows")
    explained = 100 * selector.explained_information_
    low, high = 100 * selector.explained_interval_
    return _wrapped(
        f"{number} of {p} columns say {explained:.0f}% ({low:.0f} to {high:.0f}%) of what all say "
        f"together about {found.target}: method {_method(selector)}, {found.n_rows} rows"
    )


def _selection_rows(path, level, units) -> list[str]:
    if not len(path):
        return []
    interval = f"{100 * level:g}% interval"
    head = ["column", f"adds ({units})", interval, "together", interval, "of all"]
    cells = [head]
    for row in path.itertuples():
        ends = _interval(row.gain_low, row.gain_high), _interval(row.low, row.high)
        line = [_short(row.columns), _number(row.gain), ends[0], _number(row.information), ends[1]]
        share = "-" if math.isnan(row.explained) else f"{100 * row.explained:.0f}%"
        cells.append([*line, share])
    return _aligned(cells, left={0})


def _redundant(table) -> list[str]:
    lines = []
    for kept, part in table.groupby("says_the_same_as", sort=False):
        names = _listed(part["column"].tolist())
        least = part["correlation"].min()
        lines += _wrapped(f"Says the same as {kept} (correlation at least {least:.2f}): {names}")
    return lines


def _number(value) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _interval(low, high) -> str:
    return "-" if math.isnan(low) else f"{low:.3f} to {high:.3f}"


def _row_range(table) -> str:
    counts = table.loc[table["mi"].notna(), "n_samples"]
    if not len(counts):
        return "0"
    if counts.min() == counts.max():
        return str(counts.max())
    return f"{counts.min()} to {counts.max()}"


def _short(name, limit=_MAX_NAME) -> str:
    name = printable(name)
    # the end of a name tells columns apart as often as its beginning
    if len(name) <= limit:
        return name
    half = (limit - 3) // 2
    return f"{name[: limit - 3 - half]}...{name[-half:]}"


def _aligned(cells, left):
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if j in left else cell.rjust(width)
            for j, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    rule = "  ".join("-" * width for width in widths)
    return [lines[0], rule, *lines[1:]]


def _footnotes(names, texts, what):
    notes: dict[str, list[str]] = {}
    for name, text in zip(map(str, names), texts, strict=True):
        for note in split_notes(text):
            notes.setdefault(note, []).append(name)
    lines = []
    for text, named in notes.items():
        everywhere = 1 < len(named) == len(texts)
        lines += _wrapped(f"* {f'all {what}' if everywhere else _listed(named)}: {text}")
    return ["", *lines] if lines else []


def _listed(names) -> str:
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return ", ".join(_short(name, _WIDTH) for name in names[:_MAX_NAMES]) + more


def _wrapped(text):
    text = printable(text, keep="\n\t")
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)
