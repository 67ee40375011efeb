"""The documentation says what the code does: reference, links, options, examples."""

from __future__ import annotations

import argparse
import doctest
import importlib
import re
from pathlib import Path

import pytest

import skmist
from skmist import datasets, representation
from skmist.cli.main import build_parser
from skmist.estimators.methods import METHODS
from tests.paths import ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "doc").glob("*.md")])
REFERENCE = sorted((ROOT / "doc" / "api").glob("*.rst"))
ROOMS = (skmist, datasets, representation)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def listed() -> list[tuple[str, str]]:
    """Module and name of every line of the reference."""
    found = []
    for page in REFERENCE:
        module = ""
        for line in page.read_text(encoding="utf-8").splitlines():
            module = line.partition(".. currentmodule:: ")[2] or module
            if module and re.fullmatch(r"   \w+", line):
                found.append((module, line.strip()))
    return found


def test_the_reference_has_every_public_name():
    names = set(listed())
    for room in ROOMS:
        public = {(room.__name__, n) for n in room.__all__ if not n.startswith("_")}
        # what the top level hands on is listed there; constants say nothing to a reader
        missing = public - names - {(room.__name__, name) for _, name in names}
        assert {name for _, name in missing if not name.isupper()} == set()


def test_the_reference_names_what_is_there_once():
    names = listed()
    assert len(names) == len(set(names))
    for module, name in names:
        assert hasattr(importlib.import_module(module), name), f"{module}.{name}"


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith("http"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def options(parser: argparse.ArgumentParser) -> set[str]:
    found = set()
    for action in parser._actions:
        if action.help == argparse.SUPPRESS:
            continue  # a former name
        found |= {option for option in action.option_strings if option.startswith("--")}
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found |= options(command)
    return found - {"--help", "--version"}


def test_the_command_line_page_has_every_option_and_no_other():
    page = (ROOT / "doc" / "command_line.md").read_text(encoding="utf-8")
    assert set(re.findall(r"--[a-z][a-z-]*", page)) == options(build_parser())


def test_the_command_line_page_names_every_method():
    page = (ROOT / "doc" / "command_line.md").read_text(encoding="utf-8")
    named = re.search(r"^\| `--estimator ([^`]+)`", page, re.MULTILINE)[1]
    assert named.split(r"\|") == list(METHODS)


def test_the_data_page_has_every_family():
    page = (ROOT / "doc" / "datasets.md").read_text(encoding="utf-8")
    for name in datasets.__all__:
        assert name in page or name in ("Family", "InvertibleMap", "SyntheticBatch"), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page):
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert result.failed == 0
