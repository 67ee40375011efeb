"""What holds for a table of results as a whole: typed inside, `attrs` for users."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from skmist import MutualInfoMatrixDisplay, MutualInfoRankingDisplay, mi_matrix, mi_with
from skmist._report import Source, render_report
from skmist.cli.text import format_pairs, format_ranking
from skmist.frame.facts import MatrixFacts, RankingFacts
from skmist.matrix import square_form


@pytest.fixture
def df():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
    return df.assign(group=np.where(df["a"] > 0, "on", "off"))


@pytest.fixture
def pairs(df):
    return mi_matrix(df, estimator="ksg", form="long", units="bits")


@pytest.fixture
def ranking(df):
    return mi_with(df, "group", estimator="ksg")


def test_attrs_are_those_that_are_documented(pairs, ranking):
    names = (
        "columns kinds entropies method level units normalize missing n_rows notes levels doubts"
    )
    assert " ".join(pairs.attrs) == names
    names = "target target_kind target_entropy method level units notes doubts"
    assert " ".join(ranking.attrs) == names
    assert all(type(pairs.attrs[name]) is list for name in ("columns", "kinds", "entropies"))


@pytest.mark.parametrize("kind", [MatrixFacts, RankingFacts])
def test_what_is_written_is_read_back(pairs, ranking, kind):
    table = pairs if kind is MatrixFacts else ranking
    facts = kind.of(table)
    assert facts.as_attrs() == table.attrs
    assert kind.of(table.sort_values("mi").iloc[:2]) == facts
    with pytest.raises(dataclasses.FrozenInstanceError):
        facts.units = "nats"


def test_a_change_of_attrs_reaches_no_other_table(pairs):
    facts, square = MatrixFacts.of(pairs), square_form(pairs)
    facts.as_attrs()["columns"].append("new")
    pairs.attrs["units"] = "nats"
    assert facts.columns == tuple(pairs.attrs["columns"])
    assert (facts.units, square.attrs["units"]) == ("bits", "bits")


def test_labels_may_be_tuples(df):
    df.columns = pd.Index([("a", 1), ("b", 2), ("c", 3), "group"], tupleize_cols=False)
    pairs = mi_matrix(df, estimator="gaussian_copula", form="long")
    assert MatrixFacts.of(pairs).columns == tuple(df.columns)
    assert pairs.attrs["columns"] == df.columns.tolist()


def report(pairs):
    return render_report(None, pairs, title="a", source=Source("a", "b"))


READERS = {
    "square_form": square_form,
    "display": MutualInfoMatrixDisplay.from_frame,
    "table": lambda pairs: format_pairs(pairs, "table"),
    "csv": lambda pairs: format_pairs(pairs, "csv"),
    "report": report,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_pairs_that_lost_their_attrs_are_refused(pairs, read):
    pairs.attrs = {key: pairs.attrs[key] for key in ("columns", "units")}
    with pytest.raises(ValueError, match=r"pairs is not the long form .* It lacks kinds, entrop"):
        read(pairs)


def test_rankings_that_lost_their_attrs_are_refused_but_drawn(ranking):
    bare = pd.DataFrame(ranking.to_dict())
    with pytest.raises(ValueError, match=r"what mi_with\(df, target\) returns. It lacks target, "):
        format_ranking(bare, "table")
    bare.attrs = {"target": "group", "units": "bits"}
    ax = MutualInfoRankingDisplay.from_frame(bare).ax_
    assert ax.get_title(loc="left") == "Mutual information with group"
    assert ax.get_xlabel() == "mutual information (bits)"
