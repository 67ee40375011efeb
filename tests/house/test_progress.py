"""The progress bar, and that no other is made."""

from __future__ import annotations

import contextlib
import os
import pty
import sys
import termios
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

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


@pytest.fixture
def terminal():
    """A terminal, and what reads what was written to it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with os.fdopen(theirs, "w", encoding="utf-8") as written:
        os.set_blocking(ours, False)

        def read(wanted: str = "", seconds: float = 10.0) -> str:
            """What came until it holds what is wanted, for so long at most."""
            found, end = "", time.monotonic() + seconds
            while time.monotonic() < end:
                with contextlib.suppress(BlockingIOError):
                    found += os.read(ours, 100_000).decode()
                if wanted in found:
                    break
                time.sleep(0.05)
            return found

        yield written, read
    os.close(ours)


def test_a_terminal_shows_a_bar_before_anything_is_done_and_keeps_none(terminal, monkeypatch):
    written, read = terminal
    monkeypatch.setattr(sys, "stderr", written)
    with progress_bar(True, "pair", 10, doing="reading"):
        assert "reading:   0%" in read("reading:   0%")
        assert "0/10 [00:01<" in read("0/10 [00:01<")
    assert read("  \r").endswith("  \r")  # wiped out
    with progress_bar(True, "pair", 10) as bar:
        bar.update(10)
    assert read(seconds=0.2) == ""


def test_a_notebook_shows_a_bar_and_its_console_none(monkeypatch, capsys):
    for config, shown in (({"IPKernelApp": {}}, True), ({}, False)):
        shell = SimpleNamespace(config=config)
        ipython = SimpleNamespace(get_ipython=lambda shell=shell: shell)
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        with progress_bar(True, "pair", 10):
            time.sleep(0.8)
        assert ("0/10" in capsys.readouterr().err) == shown


def test_all_bars_are_made_in_one_place():
    makers = [path for path in ROOT.rglob("*.py") if "tqdm" in path.read_text(encoding="utf-8")]
    # training from the command line starts its bar in the middle, and writes its log around it
    assert sorted(path.relative_to(ROOT).as_posix() for path in makers) == [
        "_progress.py",
        "pretrain/trainer.py",
    ]
