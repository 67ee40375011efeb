"""One estimate, or one test, as an answer."""

from __future__ import annotations

__all__ = ["estimate_answer", "verdict_answer"]

from collections.abc import Sequence
from dataclasses import replace

from skmist._sample.table import UNITS
from skmist.cli.text.answer import Answer, Page
from skmist.cli.text.words import interval_head, listed


def estimate_answer(estimate, groups: dict[str, list[str]], units="nats", notes=()) -> Answer:
    """Make an answer of one estimate, which shows no less than nothing.

    Parameters
    ----------
    estimate : MIEstimate
        In nats.
    groups : dict of str to list of str
        Columns of x and y, and of given, if there is any.
    units : {"nats", "bits"}, default="nats"
    notes : sequence of str, default=()
        What was done to columns.
    """
    estimate = replace(estimate, mi=max(estimate.mi, 0.0), warnings=(*notes, *estimate.warnings))
    estimate = estimate.bits if units == "bits" else estimate
    record = {
        **groups,
        "mi": estimate.mi,
        "low": estimate.low,
        "high": estimate.high,
        "units": estimate.unit,
        "level": estimate.level,
        "method": estimate.method,
        "n_samples": estimate.n_samples,
        "warnings": list(estimate.warnings),
    }
    ends = ""
    if estimate.low is not None:
        ends = f", {interval_head(estimate.level)} {estimate.low:.3f} to {estimate.high:.3f}"
    value = f"{_asked(groups)} = {estimate.mi:.3f} {estimate.unit}{ends}"
    return _line(record, [value, f"{estimate.method}, {estimate.n_samples} rows"])


def verdict_answer(
    result, groups: dict[str, list[str]], units: str, notes: Sequence[str]
) -> Answer:
    """Make an answer of a test of independence.

    Parameters
    ----------
    result : PermutationTestResult
    groups : dict of str to list of str
        Columns of x and y, and of given, if there is any.
    units : {"nats", "bits"}
    notes : sequence of str
        What was done to columns, and what speaks against the number.
    """
    statistic = result.statistic / UNITS[units]
    record = {
        **groups,
        "statistic": statistic,
        "units": units,
        "p_value": result.pvalue,
        "n_permutations": result.n_permutations,
        "method": result.method,
        "n_samples": result.n_samples,
        "warnings": list(notes),
    }
    heading = [
        f"{_asked(groups)} = 0? p-value {result.pvalue:.3g}, statistic {statistic:.3f} {units}",
        f"{result.method}, {result.n_samples} rows, {result.n_permutations} permutations",
    ]
    return _line(record, heading)


def _asked(groups: dict[str, list[str]]) -> str:
    given = f" | {listed(groups['given'])}" if "given" in groups else ""
    return f"I({listed(groups['x'])} ; {listed(groups['y'])}{given})"


def _line(record: dict, heading: list[str]) -> Answer:
    notes = [f"Note: {note}" for note in record["warnings"]]
    return Answer(lambda: _frame(record), lambda: record, lambda most: Page(heading, notes=notes))


def _frame(record: dict):
    import pandas as pd

    joined = {k: "; ".join(v) if isinstance(v, list) else v for k, v in record.items()}
    return pd.DataFrame([joined])
