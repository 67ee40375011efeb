"""Where a report comes from: the file, the command, the versions and the weights."""

from __future__ import annotations

__all__ = ["Source", "Term", "provenance"]

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

from skmist import __version__
from skmist._report.findings import Findings
from skmist.estimators.ask import net_card
from skmist.estimators.methods import METHODS, make_asked

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "pandas")
_MISSING = {
    "error": "there are none",
    "drop": "each pair is estimated from the rows that have both values; this is unbiased only "
    "where values are missing completely at random",
    "category": "missing counts as a value of its own",
}


@dataclass(frozen=True)
class Source:
    """The data of a report.

    Parameters
    ----------
    name : str
        What the file is called.
    command : str
        The command, or the call, that wrote the report.
    sha256 : str or None, default=None
        Digest of the bytes that were analysed; None where they came from no file.
    """

    name: str
    command: str
    sha256: str | None = None


class Term(NamedTuple):
    """One fact of how a report was made: in words, as code, and by a digest."""

    name: str
    text: str = ""
    code: str = ""
    sha256: str | None = None


def provenance(findings: Findings, source: Source, n_embedded: int) -> list[Term]:
    """How the report was made.

    Parameters
    ----------
    findings : Findings
    source : Source
    n_embedded : int
        Rows that the page holds.
    """
    facts, net = findings.facts, _net(findings.facts.method)
    libraries = _LIBRARIES if net is None else (*_LIBRARIES, "torch")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    weights = "" if net is None else f", weights {net['name']}"
    shape = f"{facts.n_rows} rows, {findings.n_columns} columns compared"
    return [
        Term("Made by", code=source.command),
        Term("Data", f"{source.name}: {shape}", sha256=source.sha256),
        Term("In this file", _embedded(n_embedded, facts.n_rows)),
        Term("Missing values", _missing(findings)),
        Term("Method", facts.method + weights, sha256=None if net is None else net["sha256"]),
        Term("Intervals", "none" if facts.level is None else _intervals(facts.level)),
        Term("Written", f"{_now():%Y-%m-%d %H:%M} UTC by skmist {__version__}"),
        Term("Versions", f"Python {platform.python_version()}, {versions}"),
    ]


def _embedded(rows: int, n: int) -> str:
    if rows:
        return f"{rows} of {n} rows of the data, drawn at random, for the drawings of pairs"
    return "no rows of the data: histograms and numbers only"


def _missing(findings: Findings) -> str:
    facts = findings.facts
    if facts.missing == "drop" and findings.pairs["n_samples"].nunique() < 2:
        return _MISSING["error"]
    return _MISSING[facts.missing]


def _intervals(level: float) -> str:
    return f"{100 * level:g}% for each pair by itself"


def _net(method: str) -> dict | None:
    """Card of the pretrained net that a method runs; None where it runs none."""
    return net_card(make_asked(method)) if method in METHODS else None


def _now() -> datetime:
    # the usual way to write the same bytes twice: https://reproducible-builds.org
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
