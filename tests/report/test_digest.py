"""The digest in a report is that of the bytes that were analysed."""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skmist.cli.main import main
from skmist.cli.reading import read_table
from skmist.frame.matrix import matrix_about


@pytest.fixture
def df():
    rng = np.random.default_rng(0)
    # more than one buffer of the file
    return pd.DataFrame(rng.normal(size=(700, 3)), columns=["ä", "b", "c"])


def digest_told(path, folder) -> str | None:
    """The SHA-256 of the data in the report about a file."""
    page = folder / "report.html"
    assert main(["report", str(path), "-o", str(page), "--estimator=gaussian_copula"]) == 0
    found = re.search("columns compared(?:<br>SHA-256 <code>(.*?)</code>)?", page.read_text())
    return found[1]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(b"a,b\n1,2\n"), Path.unlink])
def test_a_file_changed_during_the_analysis(df, tmp_path, monkeypatch, change):
    path = tmp_path / "data.csv"
    df.to_csv(path, index=False)
    analysed = path.read_bytes()

    def slow(*args, **options):
        change(path)
        return matrix_about(*args, **options)

    monkeypatch.setattr("skmist.frame.matrix.matrix_about", slow)
    assert digest_told(path, tmp_path) == sha256(analysed)


def test_a_pipe_can_be_read_once_only(df, tmp_path):
    content = df.to_csv(index=False).encode()
    reader, writer = os.pipe()
    with open(writer, "wb") as file:
        file.write(content)
    assert digest_told(f"/dev/fd/{reader}", tmp_path) == sha256(content)
    os.close(reader)


def test_standard_input_has_none(df, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(df.to_csv(index=False)))
    assert digest_told("-", tmp_path) is None


@pytest.mark.parametrize("options", [{"encoding": "utf-8-sig"}, {"lineterminator": "\r\n"}, {}])
@pytest.mark.parametrize("separator", [",", ";"])
def test_all_bytes_are_hashed_and_all_rows_read(df, tmp_path, options, separator):
    path = tmp_path / "data.csv"
    df.to_csv(path, index=False, sep=separator, **options)
    table = read_table(str(path), separator)
    pd.testing.assert_frame_equal(table.frame, df)
    assert table.sha256 == sha256(path.read_bytes())


def test_lines_that_were_looked_at_first_may_hold_line_feeds(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text('\n"a\n1",b\n"x\r\ny",2\n' + "z,3\n" * 5000)
    table = read_table(str(path), ",")
    assert table.frame.columns.tolist() == ["a\n1", "b"]
    assert table.frame.iloc[0].tolist() == ["x\r\ny", 2]
    assert len(table.frame) == 5001
