"""skmist.report: what it makes of a DataFrame, and what the page holds of the data."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pandas as pd
import pytest

import skmist
from skmist._report.notes import Notes
from skmist._report.views import look_at
from skmist.frame.notes import column_doubts

EVIL = "<script>alert(1)</script>"


def table(n=80) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"])
    return df.assign(b=df["a"] + 0.3 * df["b"], group=np.where(df["c"] > 0, "on", "off"))


@pytest.fixture(scope="module")
def report():
    return skmist.report(table(), "group", estimator="ksg", units="bits")


def points(page: str) -> dict:
    return json.loads(re.search('id="points">(.*?)</script>', page)[1])


def test_it_says_what_it_is_and_what_was_called(report):
    told = "<TableReport 'Report on group': 4 columns, target 'group'; .save(path) writes it>"
    assert repr(report) == told
    call = html.escape("skmist.report(df, 'group', estimator='ksg', units='bits')", quote=False)
    assert call in html.unescape(report.page)
    assert "MI (bits)" in report.page


def test_a_notebook_shows_the_page_in_a_frame_of_its_own(report):
    shown = report._repr_html_()
    assert shown.startswith("<iframe ") and 'sandbox="allow-scripts"' in shown
    assert html.unescape(re.search('srcdoc="([^"]*)"', shown)[1]) == report.page


def test_save_writes_the_page(report, tmp_path):
    report.save(tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == report.page
    with pytest.raises(FileNotFoundError):
        report.save(str(tmp_path / "no" / "a.html"))


def test_to_frame_has_the_numbers_best_first(report):
    pairs = skmist.mi_matrix(table(), estimator="ksg", units="bits", form="long")
    about = pairs[(pairs["a"] == "group") | (pairs["b"] == "group")]
    found = report.to_frame()
    assert found["mi"].tolist() == sorted(about["mi"], reverse=True)
    assert found.attrs["units"] == "bits"
    everything = skmist.report(table(), estimator="ksg").to_frame()
    assert len(everything) == 6
    assert everything.loc[0, ["a", "b"]].tolist() == ["a", "b"]


def test_columns_are_chosen_and_the_target_is_always_there():
    found = skmist.report(table(), "group", columns=["a", "c"], estimator="ksg")
    assert found.pairs.attrs["columns"] == ["a", "c", "group"]


def test_a_target_that_is_not_there_is_refused():
    with pytest.raises(skmist.InvalidSampleError, match="target"):
        skmist.report(table(), "grp", estimator="ksg")
    with pytest.raises(ValueError, match="max_points is -1"):
        skmist.report(table(), max_points=-1)


def test_the_page_holds_so_many_rows_and_no_more(report):
    held = points(report.page)
    assert (held["rows"], held["of"], held["target"]) == (80, 80, 3)
    assert held["columns"][3]["labels"] == ["on", "off"] or len(held["columns"][3]["labels"]) == 2
    np.testing.assert_allclose(held["columns"][0]["values"], table()["a"], rtol=1e-3)
    few = skmist.report(table(), estimator="gaussian_copula", max_points=7).page
    assert [len(column["values"]) for column in points(few)["columns"]] == [7] * 4
    none = skmist.report(table(), estimator="gaussian_copula", max_points=0).page
    assert 'id="points"' not in none and 'class="draw"' not in none
    assert "no rows of the data" in none


def test_a_page_of_1000_rows_and_30_columns_is_small():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(
        rng.normal(size=(1000, 30)) * 1234.5, columns=[f"column {i}" for i in range(30)]
    )
    page = skmist.report(df, "column 0", estimator="gaussian_copula").page
    assert points(page)["rows"] == 1000
    assert len(page.encode()) < 1_500_000


def test_values_cannot_leave_the_element_that_holds_them():
    df = table().assign(label=np.where(table()["a"] > 0, EVIL, "</script>"))
    page = skmist.report(df, estimator="gaussian_copula").page
    assert EVIL not in page
    assert EVIL in points(page)["columns"][4]["labels"]
    assert page.count("</script>") == 2


# What a column looks like -----------------------------------------------------------------


def test_numbers_dates_and_labels_are_viewed_as_what_they_are():
    numbers = look_at(pd.Series(np.linspace(0, 1, 50)), "continuous", "drop")
    assert (numbers.kind, numbers.heights().max()) == ("number", 1.0)
    assert numbers.in_words() == "0 to 1, median 0.5"
    days = look_at(pd.Series(pd.date_range("2020-01-01", periods=31)), "continuous", "drop")
    assert (days.kind, days.in_words()) == ("date", "2020-01-01 to 2020-01-31, median 2020-01-16")
    few = look_at(pd.Series([3, 1, 1, 2] * 9), "ordinal", "drop")
    assert few.labels == ("1", "2", "3")
    assert few.heights().tolist() == [1.0, 0.5, 0.5]
    assert few.in_words() == "1: 50%"
    assert look_at(pd.Series([[1], [2]]), "none", "drop") is None


@pytest.mark.parametrize("unit", ["s", "us"])
def test_dates_before_nanoseconds_begin_are_dates(unit):
    years = pd.Series(np.array(["1182-03-01", "1190-03-01", "1854-12-01"], dtype=f"M8[{unit}]"))
    view = look_at(years, "continuous", "drop")
    assert (view.kind, view.in_words()) == ("date", "1182-03-01 to 1854-12-01, median 1190-03-01")


def test_missing_labels_are_gaps_or_a_label():
    series = pd.Series(["a", None, "b", "a"] * 5)
    gaps = look_at(series, "discrete", "drop")
    assert np.isnan(gaps.values[1]) and gaps.labels == ("a", "b")
    assert look_at(series, "discrete", "category").labels == ("a", "b", "(missing)")


def test_the_ends_of_a_narrow_column_are_told_apart():
    view = look_at(pd.Series([-118.47, -118.2, -118.15]), "continuous", "drop")
    assert view.in_words() == "-118.47 to -118.15, median -118.2"
    assert look_at(pd.Series([1e9, 1e9]), "continuous", "drop").in_words() == (
        "1e+09 to 1e+09, median 1e+09"
    )


def test_of_many_labels_the_most_frequent_are_named():
    series = pd.Series(["often"] * 30 + [f"name {i % 20}" for i in range(60)])
    view = look_at(series, "discrete", "drop")
    assert len(view.labels) == 12 and view.labels[-1] == "other"
    assert view.in_words() == "21 labels, often: 33%"
    names = look_at(pd.Series([f"person {i}" for i in range(300)]), "discrete", "drop")
    assert (names.in_words(), len(names.heights())) == ("300 labels", 0)


# What speaks against the numbers ----------------------------------------------------------


def test_notes_stand_under_their_column_and_columns_know_their_doubts():
    dates = "column 'day' holds dates, read as days since the first"
    numbered = "column 'id' numbers the rows: what it says is how the table is sorted"
    rows = [
        ("a", "day", dates),
        ("id", "a", f"{numbered}; out of range"),
        ("day", "id", f"{dates}; {numbered}"),
    ]
    pairs = pd.DataFrame(rows, columns=["a", "b", "warnings"])
    notes = Notes(["a", "day", "id"], pairs)
    assert [group.title for group in notes.groups] == ["day", "id", ""]
    first, second, third = (group.notes[0] for group in notes.groups)
    assert (first.number, first.text) == (1, "holds dates, read as days since the first")
    assert (second.number, second.concerned) == (2, "in 2 pairs")
    assert (third.text, third.concerned) == ("out of range", "id and a")
    assert notes.of(rows[2][2]) == [1, 2]
    assert column_doubts("day", rows[2][2], {numbered}) == ()
    assert column_doubts("id", rows[2][2], {numbered})[0].startswith("numbers the rows")


def test_a_column_to_distrust_is_faded_and_says_why():
    df = table().assign(number=range(80), name=[f"person {i}" for i in range(80)])
    page = skmist.report(df, "a", estimator="ksg").page
    faded = re.findall('<tr class="faded"><th scope="row">.*?<span class="why">(.*?)</span>', page)
    assert len(faded) == 4  # in the ranking, and among the columns
    assert sum("numbers the rows" in why for why in faded) == 2
    assert sum("80 labels in 80 rows" in why for why in faded) == 2
    # a pair names the one that is meant
    page = skmist.report(df, estimator="ksg").page
    assert "number numbers the rows" in page


def test_a_column_is_not_faded_because_another_is_mostly_missing():
    df = table(200).assign(kind=[f"kind {i % 20}" for i in range(200)], seldom=np.nan)
    df.loc[:49, "seldom"] = np.arange(50.0) ** 2
    page = skmist.report(df, estimator="ksg").page
    few = "has 20 labels in 50 rows, fewer than 4 rows per label"
    columns = page[page.index('<table id="columns"') :]
    columns = columns[: columns.index("</table>")]
    assert few in page and few not in columns


def test_what_speaks_against_the_target_is_said_once_and_as_its_own():
    df = table(90).sort_values("a").assign(kind=[f"kind {i // 3}" for i in range(90)])
    page = skmist.report(df, "kind", estimator="ksg").page
    few = "kind has 30 labels in 90 rows, fewer than 4 rows per label"
    assert f'<p class="why">{few}: too few to tell' in page
    ranking = page[page.index('<table id="ranking"') : page.index('<table id="columns"')]
    rows = re.findall('<tr( class="faded")?><th scope="row">(.*?)</tr>', ranking, re.DOTALL)
    assert len(rows) == 4 and all(faded for faded, _ in rows)
    without = ['data-v=""' in row for _, row in rows]
    assert 0 < sum(without) < 4
    assert [few in row for _, row in rows] == without  # those say why
