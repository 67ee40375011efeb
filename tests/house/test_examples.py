"""Every example of the documentation runs, writes its table and its figure, and resumes."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import pytest
import torch

from tests.paths import ROOT

EXAMPLES = ROOT / "doc" / "examples"
TABLES = {
    "ali_reconstruction": "ali.csv",
    "bottleneck_digits": "bottleneck.csv",
    "gan_modes": "gan.csv",
    "mine_gaussians": "mine_gaussians.csv",
}
MOST_BYTES = 80_000


@pytest.fixture
def load(monkeypatch):
    """Importer of an example, made small."""
    monkeypatch.syspath_prepend(str(EXAMPLES))

    def importer(name):
        spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if name == "mine_gaussians":
            monkeypatch.setattr(module, "N", 100)
            monkeypatch.setattr(module, "RHO", (0.0, 0.6))
        if name == "bottleneck_digits":
            few = ("plain", "dropout", "VIB", "MINE, Gaussian")
            monkeypatch.setattr(module, "METHODS", {k: module.METHODS[k] for k in few})
        return module

    return importer


def test_every_example_is_here():
    found = {path.stem for path in EXAMPLES.glob("*.py") if not path.stem.startswith("_")}
    assert found == set(TABLES)
    index = (EXAMPLES / "README.md").read_text()
    assert all(f"{name}.py" in index and f"{name}.png" in index for name in found)


@pytest.mark.parametrize("name", TABLES)
def test_runs(name, load, tmp_path, capsys):
    arguments = ["--seeds", "1", "--steps", "2", "--out", str(tmp_path)]
    module = load(name)
    assert module.main(arguments) == 0
    shown = capsys.readouterr().out
    table = tmp_path / "results" / TABLES[name]
    assert len(pd.read_csv(table)) > 0
    figure = tmp_path / f"{name}.png"
    assert figure.stat().st_size > 0
    written = table.read_bytes()
    assert module.main(arguments) == 0  # nothing is left to do
    assert table.read_bytes() == written
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize("name", TABLES)
def test_the_committed_figure_is_small(name):
    assert (EXAMPLES / f"{name}.png").stat().st_size < MOST_BYTES


def test_modes_are_counted(load):
    module = load("gan_modes")
    target = module.grid()
    torch.manual_seed(0)
    perfect = target.rate(target.draw(20_000))
    assert perfect["modes"] == 25
    # within 3 standard deviations of a Gaussian in the plane: 1 - exp(-9 / 2)
    assert perfect["good"] == pytest.approx(1 - np.exp(-4.5), abs=0.003)
    assert perfect["unevenness"] < 0.01
    one = target.rate(torch.zeros(100, 2))
    assert one == {"modes": 1, "good": 1.0, "unevenness": pytest.approx(np.log(25))}
    assert target.rate(torch.full((100, 2), 0.5))["modes"] == 0


def test_the_pieces_of_the_roll_are_equally_likely(load):
    module = load("gan_modes")
    torch.manual_seed(0)
    rated = module.swiss_roll().rate(module.swiss_roll().draw(20_000))
    assert rated["modes"] == 25
    assert rated["unevenness"] < 0.01


def test_a_summary_takes_the_strength_of_the_least_validation_error(load):
    module = load("bottleneck_digits")
    rows = [
        ("plain", 0.0, 0, 0.5, 0.30),
        ("plain", 0.0, 1, 0.5, 0.20),
        ("VIB", 0.1, 0, 0.2, 0.25),
        ("VIB", 0.1, 1, 0.2, 0.25),
        ("VIB", 0.2, 0, 0.4, 0.00),
        ("VIB", 0.2, 1, 0.4, 0.00),
    ]
    names = ["method", "strength", "seed", "validation_error", "test_error"]
    summary = module.summarize(pd.DataFrame(rows, columns=names).assign(mi=1.0))
    chosen = summary.set_index("method").loc["VIB"]
    assert (chosen["strength"], chosen["test_error"], chosen["below_plain"]) == (0.1, 0.25, 1)
