"""Version, types and checks: what pyproject.toml says and what is true."""

from __future__ import annotations

import ast
import importlib.metadata
import pkgutil
import re
import tomllib
from fnmatch import fnmatch

import pytest

import skmist
from tests.paths import ROOT

PUBLIC_ROOMS = ("datasets", "feature_selection", "nn", "plotting", "representation")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture
def fresh():
    """Let the version be asked for anew, and forgotten again."""
    vars(skmist).pop("__version__", None)
    yield
    vars(skmist).pop("__version__", None)


def test_the_version_is_that_of_the_metadata(fresh, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", {"skmist": "7.8"}.__getitem__)
    assert skmist.__version__ == "7.8"


def test_a_tree_that_is_not_installed_says_so(fresh, monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert skmist.__version__ == "0+not.installed"


def test_the_version_is_written_once():
    version = PROJECT["project"]["version"]
    files = [*ROOT.glob("*.cff"), *ROOT.glob("*.cfg"), *(ROOT / "skmist").rglob("*.py")]
    assert [path.name for path in files if version in path.read_text(encoding="utf-8")] == []


def test_type_checkers_see_the_public_names():
    tree = ast.parse((ROOT / "skmist" / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {a.asname: (n.module, a.name) for n in block.body for a in n.names}
    assert seen == {name: (module, name) for name, module in skmist._MODULES.items()}


def test_a_commit_is_checked_as_make_lint_checks():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooked = re.findall(r"entry: \.venv/bin/(\w+)(?: (check|format|lint))?", hooks)
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    made = re.findall(r"\$\(BIN\)/(\w+)(?: (check|format|lint))?", recipe[1])
    assert hooked == made != []


def public_modules() -> list[str]:
    found = {"skmist", *skmist._MODULES.values()}
    for room in PUBLIC_ROOMS:
        path, name = ROOT / "skmist" / room, f"skmist.{room}"
        found |= {name, *(m.name for m in pkgutil.walk_packages([str(path)], f"{name}."))}
    return sorted(found)


@pytest.mark.parametrize("module", public_modules())
def test_public_modules_must_be_typed(module):
    strict = next(o for o in PROJECT["tool"]["mypy"]["overrides"] if o["disallow_untyped_defs"])
    # "room.*" of mypy is the room and all that is in it
    assert any(module == p or fnmatch(f"{module}.", p) for p in strict["module"])
