"""The command line: what it prints, writes and refuses."""

from __future__ import annotations

import io
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skmist import OutOfRangeWarning, WeightsError, mi_matrix, mi_with, mutual_info
from skmist.cli import writing
from skmist.cli.main import main
from tests.paths import ROOT

WIDTH = 100


@pytest.fixture
def df():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=200)
    return pd.DataFrame(
        {
            "noise": rng.normal(size=200),
            "height, cm": signal + 0.3 * rng.normal(size=200),
            "group": np.where(signal > 0, "high", "low"),
            "target": signal,
        }
    )


@pytest.fixture
def data(df, tmp_path):
    path = tmp_path / "data.csv"
    df.to_csv(path, index=False)
    return str(path)


@pytest.fixture
def run(capsys):
    def run(*arguments):
        try:
            code = main(list(arguments))
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


# rank ------------------------------------------------------------------------------------


def test_rank_prints_a_table(run, data):
    code, out, err = run("rank", data, "--target", "target", "--estimator", "ksg")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Information about target (continuous target): method ksg, 200 rows"
    assert lines[2].split() == ["column", "MI", "(nats)", "kind", "distinct"]
    assert lines[4].startswith("height, cm ")
    assert len(lines) == 7
    assert max(map(len, lines)) <= WIDTH


def test_rank_shows_the_interval_of_mist(run, data, df):
    code, out, _ = run("rank", data, "--target", "group", "--level", "0.8")
    assert code == 0
    assert "The target's entropy is about 0.69" in out
    assert "80% interval" in out
    best = mi_with(df, "group", level=0.8).iloc[0]
    assert f"{best['mi']:.3f}  {best['low']:.3f} to {best['high']:.3f}" in out


def test_rank_in_bits_as_csv(run, data, df):
    code, out, _ = run(
        "rank", data, "--target=target", "--estimator=ksg", "--units=bits", "--format=csv"
    )
    assert code == 0
    table = pd.read_csv(io.StringIO(out), index_col="column")
    expected = mi_with(df, "target", estimator="ksg", units="bits")
    np.testing.assert_allclose(table["mi"], expected["mi"])
    assert table.index.tolist() == expected.index.tolist()
    assert set(table["units"]) == {"bits"}


def test_rank_as_json_has_null_where_there_is_no_interval(run, data):
    code, out, _ = run("rank", data, "--target=group", "--estimator=ksg", "--format=json")
    assert code == 0
    answer = json.loads(out)
    assert answer["target_kind"] == "discrete"
    assert answer["target_entropy"] == pytest.approx(math.log(2.0), abs=0.01)
    assert answer["level"] is None
    assert len(answer["columns"]) == 3
    assert answer["columns"][0]["low"] is None
    assert answer["columns"][0]["n_samples"] == 200


def test_columns_may_hold_a_comma_in_quotes(run, data):
    code, out, _ = run(
        "rank", data, "--target=target", "--estimator=ksg", "--columns", '"height, cm",noise'
    )
    assert code == 0
    assert "height, cm" in out
    assert "group" not in out


@pytest.mark.parametrize(
    ("name", "start"), [("a.csv", "column,mi"), ("a.json", "{"), ("a", "Information")]
)
def test_output_goes_to_a_file_in_the_format_of_its_suffix(run, data, tmp_path, name, start):
    path = tmp_path / name
    code, out, err = run("rank", data, "--target=target", "--estimator=ksg", "--output", str(path))
    assert (code, out, err) == (0, "", "")
    assert path.read_text().startswith(start)


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_rank_draws(run, data, tmp_path, suffix):
    path = tmp_path / f"ranking.{suffix}"
    code, _, err = run("rank", data, "--target=target", "--estimator=ksg", "--plot", str(path))
    assert code == 0
    assert err == f"picture: {path}\n"
    assert path.stat().st_size > 1000


def test_missing_values_are_dropped_and_refused_on_request(run, df, tmp_path):
    path = tmp_path / "gaps.csv"
    df.loc[:9, "noise"] = np.nan
    df.to_csv(path, index=False)
    for option in ("--missing=error", "--strict"):
        code, out, err = run("rank", str(path), "--target=target", "--estimator=ksg", option)
        assert (code, out) == (2, "")
        assert "'noise' (10) of 200 rows" in err
        assert "--missing drop" in err
    code, out, _ = run("rank", str(path), "--target=target", "--estimator=ksg")
    assert code == 0
    assert "190 to 200 rows" in out
    assert "distinct  rows" in out


def test_long_names_and_notes_stay_within_the_width(run, tmp_path):
    path = tmp_path / "long.csv"
    rng = np.random.default_rng(1)
    names = [f"a rather long description of the measured quantity, number {i}" for i in range(9)]
    df = pd.DataFrame(rng.normal(size=(310, 9)), columns=names)
    df["identity of the patient in the registry"] = [f"patient {i}" for i in range(310)]
    df.loc[:3, names[2]] = np.nan
    df.to_csv(path, index=False)
    code, out, _ = run("rank", str(path), "--target", names[0], "--missing", "drop")
    assert code == 0
    assert "they say no more than dealt out at random" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= WIDTH
    options = ("--target", names[0], "--missing", "drop", "--strict")
    code, out, _ = run("rank", str(path), *options)
    assert code == 0
    lines = out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert any(" * " in line and "registry" in line for line in lines)
    notes = " ".join(" ".join(lines).split())
    assert "* identity of the patient in the registry: 310 categories in one column, but" in notes
    assert (
        notes.count("310 categories") == notes.count("the column has 310 labels in 310 rows") == 1
    )


def test_tables_may_come_from_stdin_or_have_other_separators(run, df, tmp_path, monkeypatch):
    expected = run_table(run, df, tmp_path / "a.csv")
    monkeypatch.setattr(sys, "stdin", io.StringIO(df.to_csv(index=False)))
    assert run("rank", "-", "--target=target", "--estimator=ksg")[1] == expected
    assert run_table(run, df, tmp_path / "a.tsv", separator="\t") == expected
    assert run_table(run, df, tmp_path / "b.csv", "--sep=;", separator=";") == expected


def test_tables_may_come_from_a_pipe(run, df, tmp_path):
    expected = run_table(run, df, tmp_path / "a.csv")
    reader, writer = os.pipe()
    with open(writer, "w", encoding="utf-8") as file:
        file.write(df.to_csv(index=False))
    assert run("rank", f"/dev/fd/{reader}", "--target=target", "--estimator=ksg")[1] == expected
    os.close(reader)


def test_surplus_fields_are_refused_on_stdin_too(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("a,b,c\n" + "0.84,1.69,0.42,\n" * 9))
    code, out, err = run("mi", "-", "--x=a", "--y=b", "--estimator=ksg")
    assert (code, out) == (2, "")
    assert "lines have 1 field more than the header (4 and 3)" in err


def run_table(run, df, path, *options, separator=","):
    # as spreadsheets write it, with a byte order mark
    df.to_csv(path, index=False, sep=separator, encoding="utf-8-sig")
    code, out, _ = run("rank", str(path), "--target=target", "--estimator=ksg", *options)
    assert code == 0
    return out


def test_more_categories_than_trained_on_are_told_once(run, tmp_path):
    code = np.repeat(np.arange(320), 6)
    x = np.random.default_rng(0).normal(size=len(code))
    df = pd.DataFrame({"t": code % 5 + x, "city": [f"c{i}" for i in code]})
    path, page = tmp_path / "a.csv", tmp_path / "a.html"
    df.to_csv(path, index=False)
    note = "320 categories in one column, but the net"
    with pytest.warns(OutOfRangeWarning, match=note) as caught:
        fields = [*mi_with(df, "t")["warnings"], *mi_matrix(df, form="long")["warnings"]]
    assert [field.count(note) for field in fields] == [1, 1]
    assert len(caught) == 2  # a warning of each
    for command in ("rank --target=t", "matrix", "mi --x=city --y=t", "rank --target=city"):
        name, *options = command.split()
        code, out, err = run(name, str(path), *options)
        assert (code, err, " ".join(out.split()).count(note)) == (0, "", 1), command
    assert run("report", str(path), "--target=t", "--output", str(page))[0] == 0
    assert page.read_text().count(note) == 1


# select ----------------------------------------------------------------------------------


@pytest.fixture
def chosen_from(tmp_path):
    """A file of which a and b say all, c the same as a, and others cannot be used."""
    rng = np.random.default_rng(0)
    a, b, noise = rng.normal(size=(3, 300))
    df = pd.DataFrame({"a": a, "b": b, "c": a + 0.2 * rng.normal(size=300), "noise": noise})
    df["name"] = [f"n{i}" for i in range(300)]
    df["gaps"] = np.where(noise > 0, noise, np.nan)
    df["day"] = pd.date_range("2020-01-01", periods=300)[rng.permutation(300)]
    df["t"] = a + 0.6 * b + 0.5 * rng.normal(size=300)
    df.loc[:9, "b"] = np.nan
    path = tmp_path / "chosen.csv"
    df.to_csv(path, index=False)
    return str(path)


def test_select_prints_the_steps_and_what_was_left_out(run, chosen_from):
    code, out, err = run("select", chosen_from, "--target=t", "--method=gaussian_copula")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert re.match(
        r"2 of 5 columns say \d+% \(\d+ to \d+%\) of what all say together about t", out
    )
    steps = [line.split()[0] for line in lines[5:7]]
    assert sorted(steps) in (["a", "b"], ["b", "c"])
    assert re.search(r"Says the same as [ac] \(correlation at least 0.9\d\): [ac]", out)
    assert "column 'name' has 300 labels in 300 rows, as names are: left out" in out
    assert "column 'day' holds dates, read as days since the first" in out
    assert "column 'gaps' lacks" in out and "10 of 300 rows lack a value" in out
    assert max(map(len, lines)) <= WIDTH


def test_select_for_programs(run, chosen_from, tmp_path):
    options = ["--target=t", "--method=gaussian_copula", "--max-columns=1", "--units=bits"]
    record = json.loads(run("select", chosen_from, *options, "--format=json")[1])
    assert len(record["columns"]) == len(record["steps"]) == 1
    assert record["units"] == "bits" and record["n_samples"] == 290
    csv = tmp_path / "steps.csv"
    assert run("select", chosen_from, *options, "--output", str(csv))[0] == 0
    steps = pd.read_csv(csv)
    assert steps["columns"].tolist() == record["columns"]
    assert steps["information"].iloc[0] == pytest.approx(record["steps"][0]["information"])
    nats = json.loads(run("select", chosen_from, *options[:3], "--format=json")[1])
    bits = nats["steps"][0]["information"] / math.log(2)
    assert bits == pytest.approx(record["steps"][0]["information"])


def test_select_takes_missing_for_a_value_and_draws(run, chosen_from, tmp_path):
    picture = tmp_path / "path.svg"
    options = ["--target=t", "--method=gaussian_copula", "--missing=category"]
    code, out, err = run("select", chosen_from, *options, "--plot", str(picture))
    assert code == 0 and err == f"picture: {picture}\n" and picture.stat().st_size > 1000
    assert "300 rows" in out and "lack a value" not in out


def test_select_says_that_nothing_says_anything(run, tmp_path):
    rng = np.random.default_rng(1)
    path = tmp_path / "noise.csv"
    pd.DataFrame(rng.normal(size=(60, 3)), columns=list("abt")).to_csv(path, index=False)
    code, out, _ = run("select", str(path), "--target=t", "--method=gaussian_copula")
    assert code == 0 and out.startswith("None of 2 columns says anything about t")


# mi --------------------------------------------------------------------------------------


def test_mi_of_groups_of_columns(run, data, df):
    code, out, err = run("mi", data, "--x=noise,group", "--y=target", "--estimator=ksg")
    assert (code, err) == (0, "")
    mi = mutual_info(df[["noise", "group"]], df["target"], estimator="ksg").mi
    assert out == f"I(noise, group ; target) = {mi:.3f} nats\nksg, 200 rows\n"


def test_mi_with_interval_in_bits(run, data, df):
    code, out, _ = run("mi", data, "--x=group", "--y=target", "--units=bits")
    one = mutual_info(df["group"], df["target"]).bits
    assert code == 0
    assert out.startswith(
        f"I(group ; target) = {one.mi:.3f} bits, 90% interval {one.low:.3f} to {one.high:.3f}\n"
    )


def test_mi_for_programs(run, data):
    options = ("mi", data, "--x=noise,group", "--y=target", "--estimator=gaussian_copula")
    answer = json.loads(run(*options, "--format=json")[1])
    assert answer["x"] == ["noise", "group"]
    assert (answer["low"], answer["units"], answer["n_samples"]) == (None, "nats", 200)
    table = pd.read_csv(io.StringIO(run(*options, "--format=csv")[1]))
    assert table.loc[0, "x"] == "noise; group"
    assert table.loc[0, "mi"] == pytest.approx(answer["mi"])


def test_mi_never_shows_less_than_nothing(run, tmp_path):
    for seed in range(20):
        df = pd.DataFrame(np.random.default_rng(seed).normal(size=(100, 2)), columns=["a", "b"])
        if mutual_info(df["a"], df["b"], estimator="ksg").mi < 0:
            break
    path = tmp_path / "independent.csv"
    df.to_csv(path, index=False)
    assert "= 0.000 nats" in run("mi", str(path), "--x=a", "--y=b", "--estimator=ksg")[1]


def test_mi_drops_rows_that_lack_a_value(run, df, tmp_path):
    df.loc[:9, "noise"] = np.nan
    df.loc[5:14, "target"] = np.nan
    path = tmp_path / "gaps.csv"
    df.to_csv(path, index=False)
    options = ("mi", str(path), "--x=noise", "--y=target", "--estimator=ksg")
    assert run(*options, "--missing=error")[0] == 2
    assert "185 rows" in run(*options)[1]


# matrix ----------------------------------------------------------------------------------


def test_matrix_prints_the_pairs_with_most_information_first(run, data, df):
    code, out, err = run("matrix", data, "--estimator=ksg")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Information of 6 pairs of 4 columns: method ksg, 200 rows"
    assert lines[2].split() == ["column", "column", "MI", "(nats)"]
    best = mi_matrix(df, estimator="ksg", form="long").nlargest(6, "mi")
    assert [float(line.split()[-1]) for line in lines[4:]] == pytest.approx(best["mi"], abs=6e-4)
    assert lines[4].startswith(f"{best.iloc[0]['a']}  ")


def test_matrix_with_intervals_tests_and_a_scale(run, data, df):
    options = ("--columns=noise,target", "--p-values", "--normalize=linfoot", "--level=0.8")
    code, out, _ = run("matrix", data, *options)
    assert code == 0
    pairs = mi_matrix(
        df[["noise", "target"]],
        form="long",
        p_values=True,
        normalize="linfoot",
        level=0.8,
        random_state=0,
    )
    row = pairs.iloc[0]
    head, _, line = out.splitlines()[2:5]
    assert " ".join(head.split()) == "column column MI (nats) 80% interval linfoot q-value"
    numbers = f"{row['mi']:.3f} {row['low']:.3f} to {row['high']:.3f} {row['normalized']:.3f}"
    assert line.split() == ["noise", "target", *numbers.split(), f"{row['q_value']:.3f}"]


def test_matrix_for_programs(run, data, df):
    options = ("matrix", data, "--estimator=gaussian_copula", "--units=bits")
    expected = mi_matrix(df, estimator="gaussian_copula", units="bits", form="long")
    found = pd.read_csv(io.StringIO(run(*options, "--format=csv")[1]))
    pd.testing.assert_series_equal(found["mi"], expected["mi"])
    assert found["a"].tolist() == expected["a"].tolist()
    assert set(found["units"]) == {"bits"}
    answer = json.loads(run(*options, "--format=json")[1])
    assert answer["entropies"][0] is None
    assert answer["entropies"][2] == pytest.approx(1.0, abs=0.02)
    assert answer["pairs"][0]["mi"] == pytest.approx(expected["mi"][0])
    assert (answer["pairs"][0]["low"], answer["pairs"][0]["q_value"]) == (None, None)


def test_matrix_of_many_columns_shows_the_best_pairs_within_the_width(run, tmp_path):
    rng = np.random.default_rng(0)
    names = [f"a rather long description of the measured quantity, number {i}" for i in range(12)]
    df = pd.DataFrame(rng.normal(size=(30, 12)), columns=names)
    df.loc[3:, names[0]] = np.nan
    path = tmp_path / "wide.csv"
    df.to_csv(path, index=False)
    code, out, _ = run("matrix", str(path), "--missing=drop", "--estimator=gaussian_copula")
    assert code == 0
    lines = out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[0].endswith("30 rows")
    assert "(16 pairs with less are not shown; --format csv has all.)" in lines


def test_matrix_draws(run, data, tmp_path):
    path = tmp_path / "heat.png"
    code, _, err = run("matrix", data, "--estimator=ksg", "--plot", str(path))
    assert (code, err) == (0, f"picture: {path}\n")
    assert path.stat().st_size > 5000


# demo ------------------------------------------------------------------------------------


def test_demo_shows_both_data_sets(run, tmp_path):
    folder = tmp_path / "new" / "folder"
    code, out, err = run("demo", "--output-dir", str(folder), "--estimator", "ksg")
    assert out.count("report: ") == len(list(folder.glob("*.html"))) == 2
    assert (code, err) == (0, "")
    for name, target in (("breast_cancer", "diagnosis"), ("diabetes", "progression")):
        assert f"skmist rank {folder / name}.csv --target {target} --estimator ksg" in out
        assert f"picture: {folder / name}.png" in out
        assert (folder / f"{name}.png").stat().st_size > 10_000
    assert max(map(len, out.replace(str(folder), "folder").splitlines())) <= WIDTH
    shown = out[out.index("Information about progression") : out.index(f"\npicture: {folder}/di")]
    again = run("rank", str(folder / "diabetes.csv"), "--target=progression", "--estimator=ksg")
    assert shown == again[1]


# Mistakes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("rang {data}", "invalid choice: 'rang'.*; did you mean 'rank'"),
        ("rank {data} --target a --colums b", "--colums b; did you mean '--columns'.*skmist rank"),
        ("rank {data} --target a --output a.pdf", "'a.pdf', whose ending says no format; end it"),
        ("rank {data} --target a --format xlsx", "a workbook cannot be printed; name its file"),
        ("rank {data} --target a --encoding u", "'u' is no encoding that is known; use for"),
        ("rank {data} --target a --sep ; --decimal ;", "invalid choice: ';'"),
        ("rank {data} --target a --sep , --decimal ,", "--sep and --decimal are both ','"),
        ("rank {data}", "required: --target"),
        ("rank nowhere.csv --target a", "file 'nowhere.csv' does not exist; check its name"),
        ("rank {folder} --target a", "cannot read '{folder}': Is a directory"),
        ("rank {data} --target targt", "--target names 'targt'.*4 columns; did you mean 'target'"),
        ("rank {data} --target target --columns zzz", "--columns names 'zzz'"),
        ("rank {data} --target target --columns a,,b", "'a,,b' holds an empty column name"),
        ("rank {data} --target target --columns target", "'target' is both target and among"),
        ("rank {data} --target target --level 90", "'90' is not a number above 0 and below 1"),
        ("rank {data} --target target --level x", "'x' is not a number above 0 and below 1"),
        ("rank {data} --target target --units bit", "invalid choice: 'bit'"),
        ("rank {data} --target target --plot a.gif", "'a.gif' does not end with one of .png"),
        ("rank {data} --target target --plot no/a.png", "folder 'no' does not exist; make it"),
        ("rank {data} --target target --output no/a.csv", "folder 'no' does not exist; make it"),
        ("rank {data} --target target --output {folder}", "'{folder}' is a folder; name a file"),
        ("rank {data} --target target --sep ;", "has one column, .*say so with --sep"),
        ("rank {data} --target target --sep ab", "--sep is 'ab', which is not one character"),
        ("rank {data} --target target --sep §", "--sep is '§', which is not one character of ASC"),
        ("rank {empty} --target a", "is empty; it needs a header line and rows"),
        ("rank {header} --target b", "the target 'b' has 0 values, below the minimum of 5"),
        ("rank {ragged} --target b", "is not a table: .*Expected 2 fields in line 3, saw 3"),
        ("rank {trailing} --target b", "lines have 1 field more than the header .3 and 2.*end of"),
        ("mi {rownames} --x a --y b", "lines have 1 field more than the header .*a name in the h"),
        ("report {wide}", "lines have 2 fields more than the header .5 and 3"),
        ("rank {quote} --target b", "is not a table: "),
        ("rank {latin} --target b --encoding utf-8", r"is not utf-8 text \(byte 0\); name its"),
        ("rank {single} --target a", "0 columns to rank against the target 'a'"),
        ("rank {infinite} --target b --strict", "column 'a' contains inf: row 2"),
        ("mi {data} --x noise --y target,noise", "column 'noise' is in --x and in --y"),
        ("mi {data} --x nois --y target", "--x names 'nois'.*did you mean 'noise'"),
        ("mi {data} --x noise", "required: --y"),
        ("test {data} --x noise --y group --given noise", "in --x and in --given; leave"),
        ("test {data} --x noise --y group --given target --block-size 5", "not for tests with"),
        ("test {data} --x noise --y group --n-permutations 9", "not a number of at least 19"),
        ("conditional {data} --x noise --y group", "required: --given"),
        ("matrix {data} --columns nois", "--columns names 'nois'.*did you mean 'noise'"),
        ("matrix {data} --columns noise", "1 columns to compare; at least 2 are required"),
        ("matrix {data} --normalize all", "invalid choice: 'all'"),
        ("matrix {data} --plot a.gif", "'a.gif' does not end with one of .png"),
        ("matrix {data} --n-jobs two", "'two' is not a number of jobs; use 1, 2, "),
        ("select {data} --target target --share 0", "'0' is not a share above 0 and at most 1"),
        ("select {data} --target target --max-columns 0", "'0' is not a number of columns"),
        ("select {data} --target targt", "--target names 'targt'.*did you mean 'target'"),
        ("report {data} --n-jobs 0", "'0' is not a number of jobs"),
        ("report {data} --target targt", "--target names 'targt'.*did you mean 'target'"),
        ("report {data} --columns zzz", "--columns names 'zzz'"),
        ("report {data} -o a.txt", "--output is 'a.txt'; end it with .html"),
        ("report {data} -o no/a.html", "folder 'no' does not exist; make it"),
        ("report nowhere.csv", "file 'nowhere.csv' does not exist; check its name"),
        ("fine-tune {data} --x noise --y group --folder {data}", "cannot make folder"),
        ("demo --output-dir {data}", "cannot make folder '{data}': File exists"),
    ],
)
def test_mistakes_end_with_code_2_and_one_line(run, data, tmp_path, arguments, message):
    files = {
        "empty": b"",
        "header": b"a,b\n",
        "ragged": b"a,b\n1,2\n1,2,3\n",
        "trailing": b"a,b\n" + b"1,2,\n3,4,\n" * 5,
        # as R writes them; the numbers 0, 1, ... look like the index that pandas makes by itself
        "rownames": b"\n" + b"".join([b'"a","b"\n', *(b'"%d",%d,2\n' % (i, i) for i in range(9))]),
        "wide": b"a,b,c\n" + b"1,2,3,,\n" * 5,
        "quote": b'a,b\n"1,2\n' + b"1,2\n" * 50_000,
        "latin": "é,b\n1,2\n".encode("latin-1"),
        "single": b"a\n1\n2\n3\n4\n5\n",
        "infinite": b"a,b\n1,2\n2,3\ninf,4\n4,5\n5,6\n6,7\n",
    }
    names = {"data": data, "folder": str(tmp_path)}
    for name, content in files.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(content)
        names[name] = str(path)
    code, out, err = run(*arguments.format(**names).split())
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("skmist")
    assert re.search(message.format(**names), err), err


def test_what_cannot_be_written_is_a_mistake(run, data, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", refuse)
    options = ("rank", data, "--target=target", "--estimator=ksg")
    code, _, err = run(*options, "--output", str(tmp_path / "a.csv"))
    assert (code, "Permission denied" in err) == (2, True)
    code, _, err = run(*options, "--plot", str(tmp_path / "a.png"))
    assert (code, "Permission denied" in err) == (2, True)


def test_pictures_without_matplotlib_are_refused_at_once(run, data, monkeypatch):
    monkeypatch.setattr(writing, "find_spec", lambda name: None)
    code, out, err = run("rank", data, "--target=target", "--plot=a.png")
    assert (code, out) == (2, "")
    assert "pip install matplotlib" in err


def test_altered_weights_are_told_in_one_line(run, data, monkeypatch):
    def refuse(*_, **__):
        raise WeightsError("the file was altered.\nReinstall skmist.")

    monkeypatch.setattr("skmist.frame.ranking.mi_with", refuse)
    error = "skmist rank: error: the file was altered. Reinstall skmist.\n"
    assert run("rank", data, "--target=target") == (2, "", error)


def test_interruption_ends_quietly(run, data, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("skmist.frame.ranking.mi_with", interrupt)
    assert run("rank", data, "--target=target") == (130, "", "\n")


# The process -----------------------------------------------------------------------------


def test_the_module_is_the_command(data):
    command = [sys.executable, "-m", "skmist", "rank", data, "--target=target", "--estimator=ksg"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0
    assert result.stderr == ""
    assert "height, cm" in result.stdout


def test_a_reader_that_stops_early_is_no_error(data):
    command = (
        f"{sys.executable} -m skmist rank {data} --target target --estimator ksg | true; "
        "echo ${PIPESTATUS[0]}"
    )
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT)
    assert "Traceback" not in result.stderr
    assert result.stdout.strip() == "0"


def test_version_and_help(run):
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("skmist 0.")
    for command in ("rank", "select", "mi", "conditional", "test", "matrix", "report", "demo"):
        code, out, _ = run(command, "--help")
        assert code == 0
        assert "--estimator" in out
