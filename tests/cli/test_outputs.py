"""What a result is written as, and what helps at the prompt."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pandas as pd
import pytest

from skmist import conditional_mutual_info, independence_test
from skmist.cli import outputs
from skmist.cli.main import build_parser, main

COPULA = "--estimator=gaussian_copula"


@pytest.fixture
def df():
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    names = ["=1+1", "a|b <i>", "@x", "y"]
    values = [x + rng.normal(size=60), x, rng.normal(size=60), x + rng.normal(size=60)]
    return pd.DataFrame(dict(zip(names, values, strict=True)))


@pytest.fixture
def data(df, tmp_path):
    df.to_csv(tmp_path / "data.csv", index=False)
    return str(tmp_path / "data.csv")


def rank(data, output, *options):
    asked = ["rank", data, "--target=y", COPULA, "--output", str(output), *options]
    assert main(asked) == 0


def test_formulas_are_defused_unless_asked_for(data, tmp_path):
    for options, names in {
        (): {"'=1+1", "a|b <i>", "'@x"},
        ("--no-safe-csv",): {"=1+1", "a|b <i>", "@x"},
    }.items():
        rank(data, tmp_path / "a.csv", *options)
        table = pd.read_csv(tmp_path / "a.csv")
        assert set(table["column"]) == names
        assert table["mi"].dtype.kind == "f"


def test_remarks_name_options(data, tmp_path):
    noise = np.random.default_rng(1).normal(size=(60, 3))
    frame = pd.read_csv(data).assign(number=range(60), a=noise[:, 0], b=noise[:, 1], c=noise[:, 2])
    frame.to_csv(data, index=False)
    few = ["--max-rows=40", "--max-estimates=5"]
    all_rows, all_estimates = "--max-rows all takes all", "--max-estimates all takes all"
    rank(data, tmp_path / "rank.txt", *few)
    told = " ".join((tmp_path / "rank.txt").read_text().split())
    assert all_rows in told and all_estimates in told
    assert main(["matrix", data, COPULA, *few, "--output", str(tmp_path / "a.json")]) == 0
    notes = json.loads((tmp_path / "a.json").read_text())["notes"]
    assert [note.rpartition(": ")[2] for note in notes] == [all_rows, all_estimates]
    kept = "left out (--columns keeps it)"
    select = ["select", data, "--target=y", COPULA, "--output", str(tmp_path / "select.txt")]
    assert main(select) == 0
    assert kept in " ".join((tmp_path / "select.txt").read_text().split())
    page = tmp_path / "a.html"
    assert main(["report", data, "--target=y", COPULA, *few[:1], "--output", str(page)]) == 0
    assert all_rows in page.read_text() and kept in page.read_text()


def test_a_workbook_runs_no_name(data, tmp_path):
    import openpyxl

    rank(data, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["result", "notes"]
    cells = [cell for row in book["result"] for cell in row]
    assert {"=1+1", "@x"} <= {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "method gaussian_copula" in book["notes"]["A2"].value


def test_markdown_and_html_escape_names(data, tmp_path):
    rank(data, tmp_path / "a.md")
    lines = (tmp_path / "a.md").read_text().splitlines()
    assert "| column | MI (nats) | kind | distinct |" in lines
    assert any(line.startswith(r"| a\|b \<i\> | ") for line in lines)
    rank(data, tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text()
    assert "<td class=word>a|b &lt;i&gt;</td>" in page and "<i>" not in page


def test_a_table_of_many_pairs_is_whole_in_all_but_the_terminal(tmp_path):
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 12)))
    df.to_csv(tmp_path / "a.csv", index=False)
    lines = {}
    for name in ("a.txt", "a.md", "a.html"):
        path = str(tmp_path / name)
        assert main(["matrix", str(tmp_path / "a.csv"), COPULA, "--output", path]) == 0
        lines[name] = (tmp_path / name).read_text()
    assert "16 pairs with less are not shown" in lines["a.txt"]
    assert lines["a.md"].count("\n|") == 66 + 2
    assert lines["a.html"].count("<tr>") == 66 + 1


def test_a_workbook_without_its_package(data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("skmist.cli.files.typed.find_spec", lambda name: None)
    asked = ["rank", data, "--target=y", COPULA, "--output", str(tmp_path / "a.xlsx")]
    assert main(asked) == 2
    assert "writing .xlsx needs openpyxl, which is not installed" in capsys.readouterr().err


def test_what_cannot_be_written_is_refused_before_reading(monkeypatch, capsys):
    monkeypatch.setattr(outputs, "check_folders", lambda *_, **__: None)
    assert main(["rank", "nowhere.csv", "--target=y", "--output=a.pdf"]) == 2
    assert "whose ending says no format" in capsys.readouterr().err


def test_what_cannot_be_written_after_all_is_told_in_one_line(tmp_path, capsys):
    (tmp_path / "breast_cancer.csv").mkdir()
    assert main(["demo", "--output-dir", str(tmp_path), COPULA]) == 2
    error = f"cannot use '{tmp_path / 'breast_cancer.csv'}': Is a directory."
    assert capsys.readouterr().err == f"skmist demo: error: {error}\n"


# Tests and conditions --------------------------------------------------------------------


def test_the_test_of_two_columns(data, df, capsys):
    asked = ["test", data, "--x=a|b <i>", "--y=y", COPULA]
    result = independence_test(df["a|b <i>"], df["y"], estimator="gaussian_copula", random_state=0)
    assert main(asked) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == (
        f"I(a|b <i> ; y) = 0? p-value {result.pvalue:.3g}, statistic {result.statistic:.3f} nats"
    )
    assert second == f"gaussian_copula, 60 rows, {result.n_permutations} permutations"
    assert main([*asked, "--units=bits", "--format=json", "--n-permutations=19"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["statistic"] == pytest.approx(result.statistic / np.log(2))
    assert record["n_permutations"] == 19 and record["p_value"] == 0.05


def test_the_test_takes_groups_and_conditions(data, df, tmp_path, capsys):
    df.assign(site=["a", "b"] * 30).to_csv(tmp_path / "sites.csv", index=False)
    asked = ["test", str(tmp_path / "sites.csv"), "--x=@x", "--y=y", COPULA]
    assert main([*asked, "--groups=site"]) == 0
    assert main([*asked, "--given=a|b <i>,site"]) == 0
    assert "I(@x ; y | a|b <i>, site) = 0? p-value" in capsys.readouterr().out
    assert main([*asked, "--groups=sites"]) == 2
    assert "--groups names 'sites'" in capsys.readouterr().err


def test_what_a_third_does_not_explain(data, df, capsys):
    asked = ["conditional", data, "--x==1+1", "--y=y", "--given=a|b <i>", COPULA]
    sides = df["=1+1"], df["y"], df["a|b <i>"]
    found = max(conditional_mutual_info(*sides, estimator="gaussian_copula").mi, 0.0)
    assert main(asked) == 0
    assert capsys.readouterr().out.startswith(f"I(=1+1 ; y | a|b <i>) = {found:.3f} nats")
    assert main([*asked, "--format=json", "--units=bits"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["given"] == ["a|b <i>"]
    assert record["mi"] == pytest.approx(found / np.log(2))


# The prompt ------------------------------------------------------------------------------


def test_alone_it_shows_its_help(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: skmist") and "rank the columns of a file" in out
    assert "Begin with `skmist demo`" in out


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("rank DATA --traget=y", "did you mean '--target' by '--traget'?"),
        ("--hepl", "did you mean '--help'?"),
        ("rank DATA --units nats", "are required: --target (see skmist rank --help)"),
    ],
)
def test_what_is_mistyped_is_guessed(capsys, words, meant):
    with pytest.raises(SystemExit) as stop:
        main(words.split())
    assert stop.value.code == 2
    assert meant in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ra", "rank"),
        ("rank --est", "--estimator"),
        ("rank --estimator k", "ksg"),
        ("completion z", "zsh"),
        ("rank da", ""),  # a file: the shell's own completion
    ],
)
def test_bash_completes(capsys, words, expected):
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    ask = (
        f'COMP_WORDS=(skmist {words}); COMP_CWORD={len(words.split())}; _skmist; echo "$COMPREPLY"'
    )
    found = subprocess.run(["bash", "-c", f"{script}\n{ask}"], capture_output=True, text=True)
    assert (found.stdout.strip(), found.stderr) == (expected, "")


def test_other_shells_know_every_command(capsys):
    commands = next(a for a in build_parser()._actions if a.dest == "command").choices
    for shell in ("zsh", "fish"):
        assert main(["completion", shell]) == 0
        out = capsys.readouterr().out
        assert all(name in out for name in commands) and "gaussian_copula" in out
        assert "--method" not in out and "-l method" not in out  # a former name
