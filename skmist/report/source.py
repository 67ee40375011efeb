"""Where a report comes from: the file, the command, the versions and the weights."""

from __future__ import annotations

__all__ = ["Source", "provenance"]

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from skmist import __version__
from skmist.estimators.ask import net_card
from skmist.estimators.methods import METHODS, make_asked
from skmist.report.findings import Findings
from skmist.report.markup import text

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
        The command that wrote the report.
    sha256 : str or None, default=None
        Digest of the bytes that were analysed; None where they came from no file.
    """

    name: str
    command: str
    sha256: str | None = None


def provenance(findings: Findings, source: Source) -> str:
    """How the report was made, as a list of terms.

    Parameters
    ----------
    findings : Findings
    source : Source

    Returns
    -------
    markup : str
    """
    facts, net = findings.facts, _net(findings.facts.method)
    libraries = _LIBRARIES if net is None else (*_LIBRARIES, "torch")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    terms = {
        "Command": f"<code>{text(source.command)}</code>",
        "Data": _data(source, findings),
        "Missing values": _missing(findings),
        "Method": text(facts.method) if net is None else _weights(facts.method, net),
        "Intervals": "none" if facts.level is None else _intervals(facts.level),
        "Written": f"{_now():%Y-%m-%d %H:%M} UTC by skmist {__version__}",
        "Versions": f"Python {platform.python_version()}, {versions}",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in terms.items())
    return f"<dl>{rows}</dl>"


def _data(source: Source, findings: Findings) -> str:
    shape = f"{findings.facts.n_rows} rows, {findings.n_columns} columns compared"
    digest = "" if source.sha256 is None else f"<br>SHA-256 <code>{source.sha256}</code>"
    return f"{text(source.name)}: {shape}{digest}"


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


def _weights(method: str, card: dict) -> str:
    name, digest = text(card["name"]), text(card["sha256"])
    return f"{method}, weights {name}<br>SHA-256 <code>{digest}</code>"


def _now() -> datetime:
    # the usual way to write the same bytes twice: https://reproducible-builds.org
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
