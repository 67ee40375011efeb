"""What the command line does where a disk is full, a terminal is closed or a file is hostile."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from skmist.cli import writing
from skmist.cli.errors import UsageError
from skmist.cli.files import streams
from skmist.cli.main import main
from skmist.cli.printable import printable
from tests.paths import ROOT

COPULA = "--estimator=gaussian_copula"


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    names = ["x", "name \x1b[31mred", "\u202eevil", "ä", "y"]
    path = tmp_path / "data.csv"
    pd.DataFrame(rng.normal(size=(30, 5)), columns=names).to_csv(path, index=False)
    return path


def asked(*arguments, env=None, shell=""):
    """A process of its own, whose outputs a shell may close."""
    command = [sys.executable, "-m", "skmist", *map(str, arguments)]
    if shell:
        command = ["bash", "-c", f'"$0" "$@" {shell}', *command]
    environment = {**os.environ, **(env or {})}
    return subprocess.run(command, capture_output=True, cwd=ROOT, env=environment)


# Names that are no mere names ------------------------------------------------------------


def test_no_control_character_reaches_a_terminal(data, capsys):
    for command in (["rank", "--target=y"], ["matrix"], ["mi", "--x=ä", "--y=\u202eevil"]):
        assert main([command[0], str(data), *command[1:], COPULA]) == 0
    assert main(["rank", str(data), "--target=\x1b[31m"]) == 2
    out, err = capsys.readouterr()
    assert r"name \x1b[31mred" in out and r"\u202eevil" in out
    assert printable(out + err, keep="\n") == out + err


def test_a_name_of_any_length_makes_a_line(tmp_path, capsys):
    path = tmp_path / "long.csv"
    path.write_text("a" * 100_000 + ",b\n" + "".join(f"{i},{i * i % 7}\n" for i in range(9)))
    assert main(["rank", str(path), "--target=c"]) == 2
    assert main(["rank", str(path), "--target", "z" * 100_000]) == 2
    assert main(["rank", str(path), "--target=b", COPULA]) == 0
    out, err = capsys.readouterr()
    assert max(map(len, (out + err).splitlines())) < 1_200
    path.write_text("a" * 1_000_000 + ",b\n1,2\n")
    assert main(["rank", str(path), "--target=b"]) == 2
    assert "may have 131072 characters, so look for a quote" in capsys.readouterr()[1]


def test_a_repeated_name_is_refused(tmp_path, capsys):
    path = tmp_path / "twice.csv"
    path.write_text("\na,b,a\n" + "1,2,3\n" * 9)
    assert main(["matrix", str(path)]) == 2
    assert "names 'a' 2 times, and each name may appear once" in capsys.readouterr()[1]


def test_no_table_stops_for_a_column(tmp_path, capsys):
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"x": rng.normal(size=60)})
    df = df.assign(y=df["x"] + rng.normal(size=60), empty=np.nan, q=df["x"].astype(str))
    df.loc[3, "q"] = "?"
    path, page = tmp_path / "odd.csv", tmp_path / "odd.html"
    df.to_csv(path, index=False)
    for command in (["rank", "--target=y"], ["matrix"], ["report", "--output", str(page)]):
        assert main([command[0], str(path), *command[1:], COPULA]) == 0
    out = " ".join(capsys.readouterr()[0].split())
    assert out.count("the column has no values") == 1
    assert "Note: column 'empty' has no values" in out
    assert "na_values=['?'] (command line: --na-values)" in out
    assert "has no values" in page.read_text()
    for command in (["rank", "--target=y", "--format=json"], ["matrix", "--format=json"]):
        assert main([command[0], str(path), *command[1:], COPULA, "--na-values=?"]) == 0
    assert "stray" not in capsys.readouterr()[0]
    assert main(["mi", str(path), "--x=q", "--y=y", COPULA, "--na-values=?"]) == 0
    assert "59 rows" in capsys.readouterr()[0]


# Places ----------------------------------------------------------------------------------


def test_the_input_is_never_overwritten(data, tmp_path, capsys):
    link = tmp_path / "link.csv"
    link.symlink_to(data)
    before = data.read_bytes()
    for command in (
        ["rank", "--target=y", "--output", str(data)],
        ["matrix", "--output", str(link)],
        ["mi", "--x=x", "--y=y", "--output", str(data)],
    ):
        assert main([command[0], str(data), *command[1:], COPULA]) == 2
        assert "is the file to read; name another to write" in capsys.readouterr()[1]
    twice = ["--output=a.png", "--plot=./a.png"]
    assert main(["rank", str(data), "--target=y", *twice]) == 2
    assert data.read_bytes() == before


def test_a_file_is_whole_or_what_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("before")
    path.chmod(0o640)

    def half(place):
        place.write_text("hal")
        raise OSError(28, "No space left on device")

    with pytest.raises(UsageError, match="cannot write .*: No space left on device"):
        writing._replace(path, half)
    assert path.read_text() == "before"
    writing.write_text("after", path)
    assert path.read_text() == "after" and path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a.txt"]


def test_links_are_written_through_and_devices_directly(tmp_path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    link.symlink_to(target)
    writing.write_text("once", link)
    assert link.is_symlink() and target.read_text() == "once"
    writing.write_text("nowhere", type(target)("/dev/null"))


# Terminals -------------------------------------------------------------------------------


class Terminal(io.TextIOWrapper):
    """A terminal of some encoding."""

    def __init__(self, encoding: str, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.mark.parametrize(("is_terminal", "shown"), [(True, rb"\xe4 \x1b"), (False, "ä \x1b")])
def test_what_an_encoding_lacks_is_written_all_the_same(monkeypatch, is_terminal, shown):
    stdout = Terminal("ascii", is_terminal)
    monkeypatch.setattr(sys, "stdout", stdout)
    writing.write_text("ä \x1b", None)
    stdout.flush()
    assert stdout.buffer.getvalue() == (shown if is_terminal else shown.encode())


def test_standard_output_may_be_closed_or_full(data, monkeypatch, capsys):
    arguments = ["rank", data, "--target=y", COPULA]
    for shell, message in {
        "> /dev/full": b"cannot write to standard output: No space left on device; name a file",
        ">&-": b"standard output is closed; name a file with --output",
    }.items():
        result = asked(*arguments, shell=shell)
        assert result.returncode == 2
        assert message in result.stderr and result.stderr.count(b"\n") == 1


ALL = [["--help"], ["--version"], ["rank", "--help"], ["completion", "bash"]]


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_argparse_prints_is_not_lost_in_silence(unbuffered):
    env = {"PYTHONUNBUFFERED": unbuffered}
    for arguments in ALL:
        for shell, message in {
            "> /dev/full": b"cannot write to standard output: No space left on device",
            ">&-": b"standard output is closed",
            "| true": b"",
        }.items():
            result = asked(*arguments, shell=shell, env=env)
            assert result.returncode == (2 if message else 0)
            assert message in result.stderr and result.stderr.count(b"\n") == bool(message)


def test_a_demo_on_a_full_disk_names_what_is_full(tmp_path):
    folder = tmp_path / "demo"
    result = asked("demo", "--output-dir", folder, COPULA, shell="> /dev/full")
    assert result.returncode == 2
    assert b"cannot write to standard output: No space left" in result.stderr


def test_outputs_that_are_pipes(data, tmp_path):
    shown = asked("rank", data, "--target=y", COPULA)
    arguments = ["rank", data, "--target=y", COPULA, "--output", "/dev/stdout"]
    assert asked(*arguments, shell="| cat").stdout == shown.stdout
    assert asked(*arguments).stdout == shown.stdout
    picture, copy = tmp_path / "picture.png", tmp_path / "copy"
    os.mkfifo(picture)
    with copy.open("wb") as file, subprocess.Popen(["cat", picture], stdout=file) as reader:
        assert main(["rank", str(data), "--target=y", COPULA, "--plot", str(picture)]) == 0
        reader.wait(timeout=60)
    assert copy.read_bytes().startswith(b"\x89PNG") and not picture.is_file()


def test_a_picture_goes_to_what_a_link_leads_to(data, tmp_path, capsys):
    place, link = tmp_path / "plain", tmp_path / "link.png"
    link.symlink_to(place)
    assert main(["rank", str(data), "--target=y", COPULA, "--plot", str(link)]) == 0
    assert place.read_bytes().startswith(b"\x89PNG")
    assert sorted(os.listdir(tmp_path)) == ["data.csv", "link.png", "plain"]


def test_settings_of_matplotlib_that_it_refuses(data, tmp_path):
    picture = tmp_path / "a.png"
    arguments = ["rank", data, "--target=y", COPULA, "--plot", picture]
    result = asked(*arguments, env={"MPLBACKEND": "bogus"})
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"matplotlib does not start" in result.stderr and b"unset MPLBACKEND" in result.stderr


# Options and files that are not what they seem --------------------------------------------

WRONG = {
    "--encoding=rot13": "is no encoding that is known",
    "--encoding=zlib": "is no encoding that is known",
    "--encoding=undefined": "is not undefined text",
    "--encoding=utf-16": "is not utf-16 text",
    "--sep=\n": "can part fields",
    "--sep=\r": "can part fields",
    '--sep="': "can part fields",
    "--columns=a\nb": "is no list of names",
    "--na-values=a\rb": "is no list of names",
    "--title=\0": "holds a zero byte",
    "--output=a\0b.txt": "holds a zero byte",
}


@pytest.mark.parametrize("option", WRONG)
def test_options_that_mean_nothing(data, option, capsys):
    try:
        code = main(["rank", str(data), "--target=y", COPULA, option])
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr()[1]
    assert code == 2 and WRONG[option] in said and said.count("\n") == 1


PACKED = {
    "gzip": (b"\x1f\x8b\x08", "give it the ending .gz"),
    "bzip2": (b"BZh91AY&SY\x01\x02", "is packed by bzip2; unpack it first"),
    "xz": (b"\xfd7zXZ\x00\x00", "is packed by xz; unpack it first"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04", "is packed by zstd; unpack it first"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "is packed by 7z; unpack it first"),
    "Parquet": (b"PAR1\x15\x04", "give it the ending .parquet"),
    "SQLite": (b"SQLite format 3\x00", "give it the ending .db"),
    "zeros": (b"a,b\n\x00\n", "such as utf-16-le"),
}


@pytest.mark.parametrize("name", PACKED)
def test_what_is_no_text_is_named(tmp_path, name, capsys):
    path, (start, message) = tmp_path / "table.csv", PACKED[name]
    path.write_bytes(start * 20)
    assert main(["rank", str(path), "--target=y"]) == 2
    assert message in capsys.readouterr()[1]


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16", "utf-8-sig"])
def test_marks_of_an_encoding(data, tmp_path, encoding, capsys):
    path = tmp_path / "marked.csv"
    path.write_text(data.read_text(encoding="utf-8"), encoding=encoding)
    found = []
    for file in (data, path):
        assert main(["rank", str(file), "--target=y", COPULA]) == 0
        found.append(capsys.readouterr()[0])
    assert found[0] == found[1]


@pytest.mark.parametrize("suffix", [".zip", ".parquet"])
def test_pipes_of_what_is_read_from_its_end(tmp_path, suffix, capsys):
    path = tmp_path / f"pipe{suffix}"
    os.mkfifo(path)
    assert main(["rank", str(path), "--target=y"]) == 2
    assert f"is a pipe, and {suffix} is read from its end" in capsys.readouterr()[1]


def test_a_number_of_any_length_makes_a_note(tmp_path, capsys):
    path = tmp_path / "digits.csv"
    rows = "".join(f"{'9' * 3_000}{k},{k * 5 % 11}\n" for k in range(30))
    path.write_text(f"x,y\n{rows}")
    assert main(["rank", str(path), "--target=y", COPULA]) == 0
    out = capsys.readouterr()[0]
    assert "numbers beyond 2**53" in out and len(out) < 2_000


def test_another_locale_changes_no_page(data, tmp_path):
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    page = tmp_path / "ä.html"
    result = asked("report", data, "--target=ä", "-o", page, COPULA, env=ascii_only)
    assert result.returncode == 0 and b"Traceback" not in result.stderr
    assert "ä.html" in page.read_text(encoding="utf-8")


# Files without an end --------------------------------------------------------------------


def test_a_file_without_an_end_is_refused(tmp_path, capsys, monkeypatch):
    assert main(["rank", "/dev/zero", "--target=a"]) == 2
    assert "'/dev/zero' is no text, for it holds zero bytes" in capsys.readouterr()[1]
    assert main(["rank", "/dev/zero", "--target=a", "--encoding=utf-8"]) == 2
    assert "a line of its start has 20,000,000 characters" in capsys.readouterr()[1]
    monkeypatch.setattr(streams, "_MOST_BYTES", 1_000_000)
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "1,2\n" * 500_000)
    assert main(["rank", str(path), "--target=a"]) == 2
    assert "has more than 1,000,000 bytes; take a part" in capsys.readouterr()[1]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert main(["rank", "-", "--target=a"]) == 2
    assert "has more than 1,000,000 bytes; take a part" in capsys.readouterr()[1]


def test_a_table_on_its_side_is_refused_at_once(tmp_path, capsys):
    path = tmp_path / "wide.csv"
    path.write_text("\n".join(",".join(f"{k}{j}" for j in range(100_000)) for k in "ab"))
    start = time.process_time()
    assert main(["rank", str(path), "--target=a0"]) == 2
    assert "has 1 rows and 100000 columns" in capsys.readouterr()[1]
    assert time.process_time() - start < 3.0


def test_what_a_note_says_is_no_warning_beside_it(tmp_path):
    rng = np.random.default_rng(0)
    walks = rng.normal(size=(300, 2)).cumsum(axis=0)
    path = tmp_path / "walks.csv"
    pd.DataFrame(walks, columns=["a", "b"]).to_csv(path, index=False)
    command = [sys.executable, "-m", "skmist", "rank", str(path), "--target=b", COPULA]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Rows depend on the rows before them" in found.stdout
    assert "In Python, skmist.mi_with takes block_size" in " ".join(found.stdout.split())
    assert found.stderr == ""
