"""What the examples share: options, and tables that a stopped run goes on from."""

from __future__ import annotations

__all__ = ["FOLDER", "collect", "one_thread", "options"]

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import torch
from tqdm import tqdm

FOLDER = Path(__file__).parent


@contextmanager
def one_thread(flush_denormal: bool = False) -> Iterator[None]:
    """Train small nets on one thread; the settings of torch are put back afterwards.

    Parameters
    ----------
    flush_denormal : bool, default=False
        Round numbers below 1e-38 to 0, which optimizers of adversarial nets run into and which
        slow a CPU down. It changes all arithmetic of the process, numpy's too.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(flush_denormal)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)


def options(
    about: str, arguments: Sequence[str] | None, seeds: int, steps: int, unit: str = "steps"
) -> argparse.Namespace:
    """Read the command line: ``--seeds``, ``--steps``, ``--out`` and ``--fresh``.

    Parameters
    ----------
    about : str
        The example's docstring; its first line is shown by ``--help``.
    arguments : sequence of str or None
        None takes those of the process.
    seeds, steps : int
        Of a full run.
    unit : str
        What ``--steps`` counts.
    """
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=seeds, help=f"default: {seeds}")
    parser.add_argument("--steps", type=int, default=steps, help=f"{unit} (default: {steps})")
    parser.add_argument(
        "--out", type=Path, default=FOLDER, metavar="DIR", help="folder of figure and results"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs have left")
    return parser.parse_args(sys.argv[1:] if arguments is None else list(arguments))


def collect(
    path: Path, cells: Sequence[dict], measure: Callable[..., dict], fresh: bool = False
) -> pd.DataFrame:
    """Measure every cell that the table lacks, write each row at once, and return all of them.

    Parameters
    ----------
    path : Path
        A CSV; its rows open with the entries of their cell.
    cells : sequence of dict
        What to measure: equal keys, values that a CSV holds.
    measure : callable
        Takes a cell as keywords and returns the rest of its row.
    fresh : bool
        Whether to start the table over.

    Returns
    -------
    DataFrame
        One row per cell, in the order of the cells.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if fresh:
        path.unlink(missing_ok=True)
    names = list(cells[0])
    known = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=names)
    done = {_key(row) for row in known[names].to_dict("records")}
    for cell in tqdm([c for c in cells if _key(c) not in done], desc=path.stem):
        row = pd.DataFrame([{**cell, **measure(**cell)}])
        row.to_csv(path, mode="a", header=not path.exists(), index=False, float_format="%.5g")
    table = pd.read_csv(path)
    order = {_key(cell): i for i, cell in enumerate(cells)}
    places = [order.get(_key(row)) for row in table[names].to_dict("records")]
    table = table.assign(place=places).dropna(subset="place")
    return table.sort_values("place").drop(columns="place").reset_index(drop=True)


def _key(cell: dict) -> tuple[str, ...]:
    return tuple(
        format(value, ".5g") if isinstance(value, (int, float)) else str(value)
        for value in cell.values()
    )
