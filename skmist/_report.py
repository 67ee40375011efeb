"""Results as text: a table for people, CSV and JSON for programs."""

from __future__ import annotations

__all__ = ["format_estimate", "format_ranking"]

import json
import math
import textwrap

_WIDTH = 100
_MAX_NAME = 38


def format_ranking(ranking, style) -> str:
    """Write a ranking of :func:`skmist.mi_with` as text.

    Parameters
    ----------
    ranking : pandas.DataFrame of shape (n_columns, 7)
    style : {"table", "csv", "json"}

    Returns
    -------
    text : str
        Ends with a line feed. A table is at most 100 characters wide.
    """
    if style == "csv":
        units = ranking.attrs["units"]
        return ranking.assign(units=units).to_csv(lineterminator="\n")
    if style == "json":
        records = [_plain(record) for record in ranking.reset_index().to_dict("records")]
        return _json({**ranking.attrs, "columns": records})
    return "\n".join([*_heading(ranking), "", *_rows(ranking), *_footnotes(ranking)]) + "\n"


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
        f"I({', '.join(x_names)} ; {', '.join(y_names)}) = "
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


def _heading(ranking):
    attrs = ranking.attrs
    counts = ranking["n_samples"]
    rows = str(counts.max())
    if counts.min() < counts.max():
        rows = f"{counts.min()} to {rows}"
    lines = [
        f"Information about {attrs['target']} ({attrs['target_kind']} target): "
        f"method {attrs['method']}, {rows} rows"
    ]
    if attrs["target_entropy"] is not None:
        lines.append(
            f"The target's entropy is about {attrs['target_entropy']:.3f} {attrs['units']}: "
            "no column can carry more."
        )
    return [part for line in lines for part in _wrapped(line)]


def _rows(ranking):
    attrs = ranking.attrs
    has_interval = attrs["level"] is not None
    uneven = ranking["n_samples"].nunique() > 1
    head = ["column", f"MI ({attrs['units']})"]
    if has_interval:
        head.append(f"{100 * attrs['level']:g}% interval")
    head += ["kind", "distinct"] + (["rows"] if uneven else [])
    cells = [head]
    for name, row in ranking.iterrows():
        line = [_short(str(name)) + (" *" if row["warnings"] else ""), f"{row['mi']:.3f}"]
        if has_interval:
            line.append(f"{row['low']:.3f} to {row['high']:.3f}")
        line += [row["kind"], str(row["n_distinct"])] + ([str(row["n_samples"])] if uneven else [])
        cells.append(line)
    return _aligned(cells, left={0, head.index("kind")})


def _short(name) -> str:
    # the end of a name tells columns apart as often as its beginning
    if len(name) <= _MAX_NAME:
        return name
    half = (_MAX_NAME - 3) // 2
    return f"{name[: _MAX_NAME - 3 - half]}...{name[-half:]}"


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


def _footnotes(ranking):
    notes = {}
    for name, text in ranking["warnings"].items():
        if text:
            notes.setdefault(text, []).append(str(name))
    lines = []
    for text, names in notes.items():
        everywhere = 1 < len(names) == len(ranking)
        lines += _wrapped(f"* {'all columns' if everywhere else ', '.join(names)}: {text}")
    return ["", *lines] if lines else []


def _wrapped(text):
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)
