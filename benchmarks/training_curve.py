"""Turn the logs of pretraining runs into a table: losses against data sets seen.

Writes ``training.csv``, a row per net and 50 steps, from ``runs/NAME/log.txt``, which are not
kept in the repository. Every loss is of data sets that the net had not seen before, but for
those of many rows of ``mist-2``, which a step sees again.
"""

from __future__ import annotations

__all__ = ["main", "read_log"]

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from harness import common

RUNS = ("mist-0", "mist-1", "mist-2")
MEANING = (
    "means over 50 steps. quantile: pinball loss of log(1 + MI / 0.1); pointwise, masked: squared "
    "error of rows, relative to 0.3 nats + MI; coverage_90: of the 90 % interval; error_upto_N: "
    "mean absolute error, nats, of data sets of so many rows"
)
_LINE = re.compile(
    r"(?P<net>\S+) step (?P<step>\d+) (?P<seconds>\d+) s (?P<data_sets>\d+) data sets: "
    r"pinball (?P<quantile>\S+) pointwise (?P<pointwise>\S+) masked (?P<masked>\S+) "
    r"cover (?P<coverage_90>\S+) \| error (?P<errors>.*)"
)
_ERROR = re.compile(r"n(<=|>)(\d+) (\d+\.\d+)")


def read_log(path: Path, net: str) -> pd.DataFrame:
    """Return the figures of a net in a run's log, a row per line.

    Parameters
    ----------
    path : Path
    net : str
        Of several nets that were trained side by side, the one wanted.

    Raises
    ------
    ValueError
        If the log has no line of that net.
    """
    rows = []
    for line in path.read_text().splitlines():
        found = _LINE.match(line)
        if found is None or found["net"] != net:
            continue
        row = {**found.groupdict(), **_errors(found["errors"])}
        del row["errors"]
        rows.append(row)
    if not rows:
        raise ValueError(f"{path} has no line of the net {net!r}")
    table = pd.DataFrame(rows)
    table = table.drop_duplicates("step", keep="last")
    return table.astype({name: float for name in table.columns if name != "net"})


def _errors(text: str) -> dict[str, float]:
    names = {"<=": "error_upto_{}", ">": "error_above_{}"}
    return {names[sign].format(n): float(value) for sign, n, value in _ERROR.findall(text)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the logs, write the table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=common.ROOT / "runs", metavar="DIR")
    parser.add_argument("--nets", nargs="+", default=list(RUNS), metavar="NAME")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    table = pd.concat([read_log(options.runs / net / "log.txt", net) for net in options.nets])
    header = common.provenance("training_curve.py", arguments, "none")
    common.write_table(table, options.out / "training.csv", [*header, MEANING])
    return 0


if __name__ == "__main__":
    sys.exit(main())
