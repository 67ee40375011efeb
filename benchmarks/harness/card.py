"""Copy the measured figures of weights onto their model card.

``python benchmarks/harness/card.py CARD RESULTS`` reads the tables that ``bmi.py``,
``coverage.py``, ``grid.py`` and ``ablation.py`` left in a folder.
"""

from __future__ import annotations

__all__ = ["ablation", "main", "measured"]

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from skmist.weights.card import write_card

_DIGITS = 4


def _table(folder: Path, name: str) -> pd.DataFrame:
    table = pd.read_csv(folder / name, comment="#")
    return table[table["estimator"] == "mist"]


def _rows(table: pd.DataFrame, key: str, columns: Sequence[str]) -> dict[str, dict[str, float]]:
    kept = table.set_index(table[key].astype(str))[list(columns)].astype(float).round(_DIGITS)
    return kept.to_dict(orient="index")


def measured(folder: Path) -> dict[str, object]:
    """The card's ``results``: error in nats, coverage and width of the 90 % interval.

    Parameters
    ----------
    folder : Path
        Where the benchmarks left their tables.

    Returns
    -------
    dict
    """
    columns = ["mae", "coverage_90", "width_90"]
    bmi = _rows(_table(folder, "bmi_summary.csv"), "n", ["mae_held_out_maps", *columns])
    coverage = _table(folder, "coverage.csv")
    fresh = {
        by: _rows(coverage[coverage["by"] == by], "group", columns)
        for by in ("all", "dependence", "n", "columns", "family")
    }
    independent = _rows(_table(folder, "independence.csv"), "columns", ["median", "q90"])
    held_out = _table(folder, "grid.csv").query("set == 'held out'")
    parts = (held_out[key].astype(str) for key in ("family", "p", "q", "n"))
    cells = map("{}, {} + {} columns, n {}".format, *parts)
    held_out = held_out.assign(cell=list(cells))
    return {
        "unit": "nats",
        "bmi_40_tasks": bmi,
        **_fresh_draws(folder),
        "fresh_draws_of_the_training_families": fresh,
        "independent_at_n_500": independent,
        "held_out_families": _rows(held_out, "cell", columns),
    }


def _fresh_draws(folder: Path) -> dict[str, object]:
    """Errors on fresh draws of the BMI tasks, with standard error and the efficient error."""
    if not (folder / "bmi_fresh_summary.csv").exists():
        return {}
    columns = ["draws", "mae", "se", "efficient", "ratio", "mae_held_out_maps", "mae_other_tasks"]
    columns += ["coverage_90", "width_90"]
    table = _table(folder, "bmi_fresh_summary.csv")
    return {"bmi_40_tasks_fresh_draws": _rows(table, "n", columns)}


def ablation(path: Path) -> dict[str, object]:
    """The card's ``ablation``: nets of other designs, trained on equal data from nothing.

    Parameters
    ----------
    path : Path
        The table that ``ablation.py`` left.

    Returns
    -------
    dict
    """
    table = pd.read_csv(path, comment="#")
    nets = table.round(_DIGITS).to_dict(orient="records")
    return {"unit": "nats", "command": "python benchmarks/ablation.py", "nets": nets}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("card", type=Path)
    parser.add_argument("results", type=Path)
    options = parser.parse_args(arguments)
    card = json.loads(options.card.read_text(encoding="utf-8"))
    card["results"] = measured(options.results)
    card["ablation"] = ablation(options.results / "ablation.csv")
    write_card(options.card, card)


if __name__ == "__main__":
    main()
