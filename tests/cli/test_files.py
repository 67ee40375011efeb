"""Files as people have them: what is guessed of a text, and what keeps its types."""

from __future__ import annotations

import gzip
import hashlib
import io
import sqlite3
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from skmist.cli.errors import UsageError
from skmist.cli.files import typed
from skmist.cli.files.guesses import SPACES, guessed_decimal, guessed_encoding, guessed_separator
from skmist.cli.main import main
from skmist.cli.reading import read_table

N = 40

_CUT_SHORT = gzip.compress(b"a,b\n" * 99, mtime=0)[:20]


@pytest.fixture
def df():
    rng = np.random.default_rng(0)
    height = rng.normal(1.7, 0.1, size=N).round(2)
    return pd.DataFrame(
        {"Größe": height, "age": rng.integers(20, 60, size=N), "word": ["a", "b"] * (N // 2)}
    )


def assert_read(df, path, told, capsys, **options):
    """That a file holds the table, and what is said about how it was read."""
    found = read_table(str(path), **options).frame
    pd.testing.assert_frame_equal(found, df, check_dtype=False)
    said = capsys.readouterr().err
    assert said == (f"{path}: read with {told}\n" if told else "")


# Texts -----------------------------------------------------------------------------------


def test_a_spreadsheet_of_western_europe(df, tmp_path, capsys):
    path = tmp_path / "a.csv"
    df.to_csv(path, sep=";", decimal=",", encoding="latin-1", index=False)
    told = "separator ';' (--sep), decimal comma (--decimal), encoding cp1252 (--encoding)"
    assert_read(df, path, told, capsys)
    given = {"separator": ";", "decimal": ",", "encoding": "latin-1"}
    assert_read(df, path, "", capsys, **given)
    assert main(["rank", str(path), "--target=age", "--estimator=gaussian_copula"]) == 0
    assert "Größe" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "form", "told"),
    [
        ("a.csv", {}, ""),
        ("a.tsv", {"sep": "\t"}, ""),
        ("a.txt", {"sep": "\t"}, "separator a tab (--sep)"),
        ("a.txt", {"sep": "|"}, "separator '|' (--sep)"),
        ("a.txt", {"sep": " "}, "separator spaces (--sep)"),
        (
            "a.txt",
            {"sep": "\t", "encoding": "utf-16"},
            "separator a tab (--sep), encoding utf-16 (--encoding)",
        ),
        ("a.csv.gz", {"sep": ";"}, "separator ';' (--sep)"),
        ("a.csv.zip", {"encoding": "cp1252"}, "encoding cp1252 (--encoding)"),
    ],
)
def test_texts_are_guessed_and_told(df, tmp_path, capsys, name, form, told):
    df.to_csv(tmp_path / name, index=False, **form)
    assert_read(df, tmp_path / name, told, capsys)


def test_standard_input_is_guessed_too(df, capsys, monkeypatch):
    content = df.to_csv(sep=";", decimal=",", index=False).encode("cp1252")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    told = "separator ';' (--sep), decimal comma (--decimal), encoding cp1252 (--encoding)"
    assert_read(df, "-", told, capsys)


def test_an_encoding_that_shows_itself_late(tmp_path, capsys):
    df = pd.DataFrame({"a": range(40_000), "b": ["plain"] * 39_999 + ["süß"]})
    df.to_csv(tmp_path / "late.csv", encoding="cp1252", index=False)
    assert_read(df, tmp_path / "late.csv", "encoding cp1252 (--encoding)", capsys)


@pytest.mark.parametrize(("decimal", "mark"), [(",", "."), (".", ",")])
def test_parted_thousands_are_numbers(tmp_path, capsys, decimal, mark):
    prices = [f"1{mark}2{k:02d}{decimal}50" for k in range(N)]
    df = pd.DataFrame({"price": prices, "code": [f"1{mark}2"] * N, "n": range(N)})
    df.loc[3, "price"] = None
    df.to_csv(tmp_path / "a.txt", sep=";", index=False)
    options = {"separator": ";", "decimal": decimal}
    found = read_table(str(tmp_path / "a.txt"), **options).frame
    assert found["price"].tolist()[:2] == [1200.5, 1201.5] and np.isnan(found["price"][3])
    # a point between digits that are not three parts no thousands
    assert found["code"].tolist() == [f"1{mark}2"] * N
    assert "thousands parted in 'price'" in capsys.readouterr().err


def test_guesses():
    assert guessed_separator(["a,b\n", "1,2\n"]) == ","
    assert guessed_separator(["a;b\n", "1,5;2,5\n"]) == ";"
    assert guessed_separator(['"a;b",c\n', '"1;2",3\n']) == ","
    assert guessed_separator(["a,b\n", "1,2\n", "1,2,3\n", "1,2\n"]) == ","
    assert guessed_separator(["a;b\n", "1;2\n", '3;"x\n']) == ";"
    assert guessed_separator(["a  b\n", "1 2\n"]) == SPACES
    assert guessed_separator(["a\n", "1\n"]) == guessed_separator([]) == ","
    assert guessed_decimal(["a;b\n", "1,5;x\n"], ";") == ","
    assert guessed_decimal(["a;b\n", "1,5;1.5\n", "2;2.5\n"], ";") == "."
    assert guessed_decimal(["a,b\n", "1,5\n"], ",") == "."
    assert guessed_encoding("ä".encode()[:1]) == "utf-8-sig"  # which may go on
    assert guessed_encoding("ä,".encode("latin-1")) == "cp1252"
    assert guessed_encoding(b"\x81,") == "latin-1"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.csv",
            b"PK\x03\x04\0\0",
            "it is a zip archive .* ending .zip or .xlsx",
        ),
        ("a.csv.gz", b"a,b\n1,2\n", "cannot unpack .*Not a gzipped file"),
        ("a.csv.gz", _CUT_SHORT, "cannot unpack .*end-of-stream marker"),
        ("a.zip", b"a,b\n1,2\n", "cannot unpack .*not a zip file; copy or pack it anew"),
        ("a.db", b"a,b\n1,2\n", "cannot be read as .db: file is not a database; write it anew"),
        ("a.parquet", b"a,b\n1,2\n", "cannot be read as .parquet: "),
        ("a.jsonl", b"a,b\n1,2\n", "cannot be read as .jsonl: "),
    ],
)
def test_what_is_not_what_it_is_called(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_table(str(tmp_path / name))


def test_a_zip_of_two_files_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for name in ("a.csv", "b.csv", "__MACOSX/a.csv"):
            archive.writestr(name, "a,b\n")
    with pytest.raises(UsageError, match=r"holds 2 files \('a.csv', 'b.csv'\), and 1 is read"):
        read_table(str(tmp_path / "two.zip"))


# Files with types ------------------------------------------------------------------------


@pytest.fixture
def columns(df):
    return df.assign(
        when=pd.date_range("2024-01-01", periods=N).astype("datetime64[us]"),
        kind=pd.Categorical(["x", "y"] * (N // 2), categories=["y", "x"], ordered=True),
        code=[f"{k:03d}" for k in range(N)],
    )


@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_types_are_kept(columns, tmp_path, name):
    write = columns.to_parquet if name == "a.parquet" else columns.to_feather
    write(tmp_path / name)
    frame, sha256 = read_table(str(tmp_path / name))
    pd.testing.assert_frame_equal(frame, columns)
    assert sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


def test_workbooks(columns, tmp_path, capsys):
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        columns.to_excel(book, sheet_name="first", index=False)
        pd.DataFrame({2020: [1.5], 2021: [2.5]}).to_excel(book, sheet_name="years", index=False)
        pd.DataFrame([["a", "a"]]).to_excel(book, sheet_name="twice", index=False, header=False)
    frame = read_table(str(path)).frame
    assert f"{path}: sheet 'first' of 3 is read (::SHEET)\n" == capsys.readouterr().err
    assert frame["when"].dtype.kind == "M" and frame["code"][1] == "001"
    # what the command line names is text
    assert read_table(f"{path}::years").frame.columns.tolist() == ["2020", "2021"]
    with pytest.raises(UsageError, match="names 'a' 2 times"):
        read_table(f"{path}::twice")
    with pytest.raises(UsageError, match="has no sheet 'b'; sheets: 'first', 'years', 'twice'"):
        read_table(f"{path}::b")


def test_json_lines_convert_nothing(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"date": 5, "code": "001", "x": null}\n{"date": 6, "code": "002", "x": 1}\n')
    frame = read_table(str(path)).frame
    assert frame["date"].tolist() == [5, 6] and frame["code"].tolist() == ["001", "002"]
    assert frame["x"].dtype.kind == "f"


def test_databases(columns, tmp_path, capsys):
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as database:
        columns.to_sql("my table", database, index=False)
    frame = read_table(str(path)).frame
    assert frame["when"].dtype.kind == "M" and frame["code"][1] == "001"
    with sqlite3.connect(path) as database:
        columns.to_sql("second", database, index=False)
    with pytest.raises(UsageError, match="has 2 tables; name one, as in .*::TABLE. Tables: 'my t"):
        read_table(str(path))
    with pytest.raises(UsageError, match="has no table 'third'; tables: 'my table', 'second'"):
        read_table(f"{path}::third")
    asked = ["mi", f"{path}::my table", "--x=age", "--y=word", "--estimator=gaussian_copula"]
    assert main(asked) == 0
    assert main([*asked, "--output", str(path)]) == 2
    assert "is the file to read" in capsys.readouterr().err


def test_words_and_numbers_may_stand_for_missing(tmp_path):
    frame = pd.DataFrame({"n": [1, -999, 3], "t": ["1", "?", "3"], "w": ["a", "?", "b"]})
    frame.to_parquet(tmp_path / "a.parquet")
    found = read_table(str(tmp_path / "a.parquet"), na_values=["?", "-999"]).frame
    assert found.isna().sum().tolist() == [1, 1, 1]
    assert found["t"].dropna().tolist() == [1.0, 3.0]


def test_options_of_texts_and_packages_that_are_not_there(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(path)
    with pytest.raises(UsageError, match="--decimal is for texts, and .* is none; leave it out"):
        read_table(str(path), decimal=",")
    with pytest.raises(UsageError, match="has no parts, and '::b' names one"):
        read_table(f"{path}::b")
    monkeypatch.setattr(typed, "find_spec", lambda name: None)
    for name in ("a.parquet", "a.xlsx", "a.ods"):
        with pytest.raises(UsageError, match=r"which is not installed; .*: pip install \w+"):
            read_table(str(tmp_path / name))
