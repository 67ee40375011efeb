"""The progress bar, and that no other is made."""

from __future__ import annotations

from pathlib import Path

import skmist
from skmist._progress import progress_bar

ROOT = Path(skmist.__file__).parent


def test_a_bar_with_a_title_shows_itself_at_once_and_stays(capsys):
    with progress_bar(True, "epoch", 3, title="MINE") as bar:
        assert "MINE" in capsys.readouterr().err
        bar.update()
    shown = capsys.readouterr().err
    assert "1/3" in shown
    assert shown.endswith("\n")


def test_a_bar_goes_through_what_it_is_given(capsys):
    assert list(progress_bar(True, "epoch", iterable=range(3), title="bottleneck")) == [0, 1, 2]
    assert "3/3" in capsys.readouterr().err


def test_none_is_shown_where_not_asked_for_or_off_a_terminal(capsys):
    for shown, title in ((False, "MINE"), (False, None), (True, None)):
        assert list(progress_bar(shown, "pair", iterable=range(3), title=title)) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_all_bars_are_made_in_one_place():
    makers = [path for path in ROOT.rglob("*.py") if "tqdm" in path.read_text(encoding="utf-8")]
    # training from the command line starts its bar in the middle, and writes its log around it
    assert sorted(path.relative_to(ROOT).as_posix() for path in makers) == [
        "_progress.py",
        "pretrain/trainer.py",
    ]
