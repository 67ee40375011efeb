"""Does selection stop in time: all true columns of known tables, and no columns of noise.

``MutualInfoFeatureSelector`` stops by itself, with its defaults. Writes ``stopping.csv``, a row
per recipe of ``cases/stopping_recipes.py``: in which share of the samples all true columns were
chosen, in which these and no others, and true and noise columns in the mean. Answers are kept in
``runs/benchmarks/stopping.jsonl``, so a run that was ended goes on when it is started again.
"""

from __future__ import annotations

__all__ = ["MEANING", "ask", "main", "summarize"]

import argparse
import sys
import warnings
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from cases.stopping_recipes import RECIPES
from harness import common
from harness.journal import Journal, processor, script_mark, weights_line
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import skmist
from skmist.weights import DEFAULT_WEIGHTS

MODULES = ("skmist.feature_selection.selector", "skmist.estimators.mist.estimator")
RECIPES_FILE = Path(__file__).parent / "cases" / "stopping_recipes.py"
MEANING = (
    "all: share of the samples in which every true column was chosen; exact: these and no others; "
    "found, noise: true and other columns chosen, in the mean; _se: standard errors"
)


def ask(name: str, seed: int) -> dict:
    """Select from one table; return the columns, in the order in which they were chosen."""
    table = RECIPES[name].draw(seed)
    select = skmist.MutualInfoFeatureSelector(device="cpu").fit(table.x, table.y)
    chosen = np.argsort(select.ranking_)[: select.n_features_]
    return {"columns": " ".join(map(str, chosen))}


def summarize(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares and means of each recipe.

    Parameters
    ----------
    rows : DataFrame
        With columns "recipe" and "columns", a row per sample.
    """
    answers = []
    for name, part in rows.groupby("recipe", sort=False):
        true = RECIPES[name].true
        chosen = [frozenset(map(int, columns.split())) for columns in part["columns"]]
        counts = pd.DataFrame(
            {
                "all": [true <= found for found in chosen],
                "exact": [true == found for found in chosen],
                "found": [len(true & found) for found in chosen],
                "noise": [len(found - true) for found in chosen],
            }
        ).astype(float)
        x, _ = RECIPES[name].draw(0)
        size = {"n": len(x), "true": len(true), "others": x.shape[1] - len(true)}
        row = {"recipe": name, **size, "samples": len(part)}
        for key, values in counts.items():
            row |= {key: values.mean(), f"{key}_se": values.sem()}
        answers.append({**row, "about": RECIPES[name].about})
    return pd.DataFrame(answers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--recipes", nargs="+", default=list(RECIPES), choices=list(RECIPES), metavar="NAME")
    add("--samples", type=int, help="of each recipe (default: as many as it says)")
    add("--first", type=int, default=0, help="seed of the first (default: 0)")
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    add("--fresh", action="store_true", help="forget what earlier runs have left")
    options = parser.parse_args(arguments)
    how = weights_line(DEFAULT_WEIGHTS), processor(), RECIPES_FILE.read_text()
    mark = script_mark(__file__, MODULES, *how)
    journal = Journal(common.JOURNALS / "stopping.jsonl", options.fresh)
    asked = [
        case
        for name in options.recipes
        for case in product([name], range(options.samples or RECIPES[name].samples))
    ]
    rows = []
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, k in tqdm(asked, dynamic_ncols=True):
            case = name, options.first + k
            found = journal.answer(f"{case[0]} {case[1]}", mark, lambda case=case: ask(*case))
            rows.append({"recipe": name, **found})
    table = summarize(pd.DataFrame(rows))
    header = common.provenance("stopping.py", arguments, DEFAULT_WEIGHTS)
    common.write_table(table, options.out / "stopping.csv", [*header, journal.remark(), MEANING])
    print(table.drop(columns="about").round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
