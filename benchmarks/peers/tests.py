"""Power of hyppo's tests of independence, on the samples of benchmarks/independence_tests.py.

Runs inside ``runs/hyppo-venv``, see ``requirements-tests.txt``, and imports nothing of skmist:
only ``cases/relations.py``, which needs numpy alone. A run that was interrupted goes on when it is
started again.
"""

from __future__ import annotations

__all__ = ["TESTS", "main"]

import argparse
import datetime
import importlib.metadata
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cases.relations import DRAWS, KEYS, Rows, cells, checksum, power  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "benchmarks" / "results" / "independence_power_peers.csv"
TESTS = {"dcorr": "Dcorr", "hsic": "Hsic", "mgc": "MGC"}
"""Name in the table, and of the class in ``hyppo.independence``; settings as by default."""


def _statistic(name: str):
    from hyppo import independence

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        with warnings.catch_warnings():
            # numba's notes on what it compiles
            warnings.simplefilter("ignore")
            pairs = zip(x[:, :, None], y[:, :, None], strict=True)
            return np.array([getattr(independence, TESTS[name])().statistic(*p) for p in pairs])

    return ask


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", nargs="+", default=list(TESTS), choices=list(TESTS))
    parser.add_argument("--draws", type=int, default=DRAWS, help=f"of a cell (default: {DRAWS})")
    parser.add_argument("--out", type=Path, default=OUT, metavar="CSV")
    parser.add_argument("--fresh", action="store_true", help="forget the rows of earlier runs")
    options = parser.parse_args(arguments)
    version = f"hyppo {importlib.metadata.version('hyppo')}"
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()  # noqa: UP017
    header = [
        " ".join(["command: runs/hyppo-venv/bin/python benchmarks/peers/tests.py", *arguments]),
        f"date: {today}; {version}; numpy {np.__version__}",
        "ms: processor time of one statistic, one thread",
    ]
    rows = Rows(options.out, header, options.fresh)
    with threadpool_limits(1):
        for cell in cells():
            x, y = cell.draw(options.draws)
            for name in options.tests:
                keys = (*cell, name, version, checksum(x, y))
                found = rows.add(
                    dict(zip(KEYS, keys, strict=True)),
                    lambda x=x, y=y, c=cell, name=name: power(c, x, y, _statistic(name)),
                )
                print(*cell, name, found["power"], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
