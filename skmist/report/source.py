"""Where a report comes from: the file, the command, the versions and the weights."""

from __future__ import annotations

__all__ = ["Source", "provenance"]

import hashlib
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from skmist import __version__
from skmist.estimators.mist.estimator import MISTRegressor
from skmist.report.markup import text
from skmist.weights import load_card

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
        Digest of the file; None where there is no file.
    """

    name: str
    command: str
    sha256: str | None = None

    @classmethod
    def of(cls, path: str, *, name: str, command: str) -> Source:
        """Describe the file at `path`; ``"-"`` is standard input, which has no digest."""
        digest = None if path == "-" else hashlib.sha256(Path(path).read_bytes()).hexdigest()
        return cls(name, command, digest)


def provenance(pairs, source: Source) -> str:
    """How the report was made, as a list of terms.

    Parameters
    ----------
    pairs : pandas.DataFrame
        Long form of :func:`skmist.mi_matrix`.
    source : Source

    Returns
    -------
    markup : str
    """
    attrs = pairs.attrs
    level = attrs["level"]
    missing = _MISSING[attrs["missing"]]
    if attrs["missing"] == "drop" and (pairs["n_samples"] == attrs["n_rows"]).all():
        missing = _MISSING["error"]
    facts = {
        "Command": f"<code>{text(source.command)}</code>",
        "Data": _data(source, attrs),
        "Missing values": missing,
        "Method": _method(attrs["method"]),
        "Intervals": "none" if level is None else f"{100 * level:g}% for each pair by itself",
        "Written": f"{_now():%Y-%m-%d %H:%M} UTC by skmist {__version__}",
        "Versions": f"Python {platform.python_version()}, {_versions(attrs['method'])}",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items())
    return f"<dl>{rows}</dl>"


def _data(source: Source, attrs: dict) -> str:
    shape = f"{attrs['n_rows']} rows, {len(attrs['columns'])} columns compared"
    digest = "" if source.sha256 is None else f"<br>SHA-256 <code>{source.sha256}</code>"
    return f"{text(source.name)}: {shape}{digest}"


def _method(method: str) -> str:
    if method != "mist":
        return text(method)
    card = load_card(MISTRegressor().weights)
    return f"mist, weights {text(card['name'])}<br>SHA-256 <code>{text(card['sha256'])}</code>"


def _versions(method: str) -> str:
    libraries = (*_LIBRARIES, "torch") if method == "mist" else _LIBRARIES
    return ", ".join(f"{name} {version(name)}" for name in libraries)


def _now() -> datetime:
    # the usual way to write the same bytes twice: https://reproducible-builds.org
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.now(UTC) if epoch is None else datetime.fromtimestamp(int(epoch), UTC)
