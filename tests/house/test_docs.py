"""The documentation says what the code does: reference, links, options, examples."""

from __future__ import annotations

import argparse
import doctest
import importlib.util
import re
from pathlib import Path

import pytest

import skmist
from skmist import datasets
from skmist.cli.main import build_parser
from skmist.estimators.methods import METHODS
from tests.paths import ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "doc").glob("*.md")])
WRITTEN = [page for page in PAGES if page.name != "api.md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def make_api():
    spec = importlib.util.spec_from_file_location("make_api", ROOT / "doc" / "make_api.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_that_of_the_docstrings():
    written = (ROOT / "doc" / "api.md").read_text(encoding="utf-8")
    assert written == make_api().render(), "run: python doc/make_api.py"


def test_the_reference_has_every_public_name():
    reference = (ROOT / "doc" / "api.md").read_text(encoding="utf-8")
    for name in [*skmist.__all__, *datasets.__all__]:
        assert name.startswith("_") or re.search(rf"^### `{name}\b", reference, re.MULTILINE), name


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


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_examples_run(page):
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert result.failed == 0
