"""What a ranking and a matrix of a data set on disk take that need not fit memory.

Writes a Parquet file of so many rows and columns to a folder, part by part, and asks `mi_with` and
`mi_matrix` about it as a ``pyarrow.dataset.dataset``, each in a process of its own. Writes
``larger_than_memory.csv``: seconds by the clock and of the processor, the peak memory of the
process, and what the columns take in memory. ``--rows 10000000`` is the size of the promise (under
2 GB); the file has 4 GB then, and is removed at the end.
"""

from __future__ import annotations

__all__ = ["ask", "main", "write_data"]

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from harness import common

from skmist import mi_matrix, mi_with
from skmist.weights import DEFAULT_WEIGHTS

PART = 250_000
PLAN = (("mi_with", "mist"), ("mi_with", "gaussian_copula"), ("mi_matrix", "gaussian_copula"))
MEANING = (
    "data_mb: of all columns in memory, 8 bytes a number; peak_mb: of the process that asked, "
    "libraries included; rows_read: those that were drawn of the data set (max_rows='auto')"
)


def write_data(path: Path, rows: int, columns: int) -> None:
    """Write columns of which each depends on the one before, part by part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    names = [f"c{k}" for k in range(columns)]
    schema = pa.schema([(name, pa.float64()) for name in names])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, PART):
            values = rng.normal(size=(columns, min(PART, rows - start)))
            values[1:] += 0.7 * values[:-1]
            writer.write_table(pa.table(dict(zip(names, values, strict=True)), schema=schema))


def ask(path: Path, what: str, estimator: str) -> dict:
    """Ask about a file, in this process."""
    from pyarrow.dataset import dataset

    start, cpu = time.perf_counter(), time.process_time()
    data = dataset(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if what == "mi_with":
            found = mi_with(data, "c0", estimator=estimator)
        else:
            found = mi_matrix(data, estimator=estimator, form="long")
    return {
        "seconds": time.perf_counter() - start,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows_read": int(found.attrs["notes"][0].split(" of ")[0]) if found.attrs["notes"] else -1,
    }


def _in_own_process(path: Path, what: str, estimator: str) -> dict:
    command = [sys.executable, __file__, "--ask", str(path), what, estimator]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or answer the process that measures."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--folder", type=Path, help="where the file is written (default: of tmp)")
    parser.add_argument("--out", type=Path, default=common.RESULTS, metavar="DIR")
    parser.add_argument("--ask", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.ask:
        print(json.dumps(ask(*options.ask)))
        return 0
    found = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "data.parquet"
        write_data(path, options.rows, options.columns)
        size = {"rows": options.rows, "columns": options.columns}
        size["data_mb"] = options.rows * options.columns * 8 / 2**20
        for what, estimator in PLAN:
            answer = _in_own_process(path, what, estimator)
            found.append({"call": what, "estimator": estimator, **size, **answer})
    table = pd.DataFrame(found)
    header = [*common.provenance("larger_than_memory.py", arguments, DEFAULT_WEIGHTS), MEANING]
    common.write_table(table, options.out / "larger_than_memory.csv", header)
    print(table.round(1).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
