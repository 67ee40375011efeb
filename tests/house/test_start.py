"""What a call or a command waits for before it begins: only what it needs is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from skmist._neighbors import kernel
from tests.paths import ROOT

LIBRARIES = {"numpy", "scipy", "sklearn", "pandas", "torch", "joblib", "matplotlib"}
MOST_SECONDS = 0.3

# The commands' help, one after the other: what any of them loads is loaded at the end.
HELP = """
import contextlib, io
from skmist.cli.main import main
for command in ("", "rank", "mi", "matrix", "report", "demo"):
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        main([*command.split(), "--help"])
"""
FIRST = """
import numpy as np, skmist
rng = np.random.default_rng(0)
x = rng.normal(size=(100, 2))
skmist.mutual_info(x[:, 0], x @ [1.0, 1.0], device="cpu")
"""
COPULA_MATRIX = """
import numpy as np, pandas as pd, skmist
df = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 4)))
skmist.mi_matrix(df, estimator="gaussian_copula")
"""
MATRIX = """
from skmist.cli.main import main
assert main(["matrix", {path!r}]) == 0
"""
TOLD = "\nimport json, sys\nprint(json.dumps(list(sys.modules)))"


def loaded(code: str) -> set[str]:
    """What a process of its own has imported after some code."""
    command = [sys.executable, "-c", code + TOLD]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize("code", ["import skmist", HELP], ids=["import skmist", "--help"])
def test_import_and_help_load_no_library(code):
    assert not loaded(code) & LIBRARIES


def processor_seconds(*command: str) -> float:
    before = os.times()
    subprocess.run([sys.executable, *command], capture_output=True, check=True, cwd=ROOT)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def test_help_is_fast():
    spent = (processor_seconds("-m", "skmist", "--help") for _ in range(5))
    assert any(seconds < MOST_SECONDS for seconds in spent)


def test_a_first_estimate_loads_torch_and_little_else():
    found = loaded(FIRST)
    assert "torch" in found
    unused = {"sklearn", "pandas", "joblib", "matplotlib", "torch._dynamo", "sympy", "scipy.stats"}
    if kernel.load() is not None:
        unused |= {"scipy.spatial", "scipy.sparse"}
    assert not found & unused


def test_a_table_of_correlations_waits_for_no_other_library():
    found = loaded(COPULA_MATRIX)
    assert "pandas" in found
    assert not found & {"torch", "sklearn", "joblib", "scipy.stats", "matplotlib"}


def test_the_command_matrix_loads_what_it_needs(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("a,b\n" + "".join(f"{i % 7},{i * i % 31}\n" for i in range(60)))
    found = loaded(MATRIX.format(path=str(path)))
    assert {"torch", "pandas"} <= found
    unused = {"sklearn", "scipy.stats", "matplotlib", "skmist.plotting", "skmist.conditional"}
    assert not found & unused


def test_nothing_is_drawn_to_load_weights():
    import torch

    from skmist.weights import DEFAULT_WEIGHTS, load_weights

    torch.manual_seed(0)
    before = torch.get_rng_state()
    load_weights.cache_clear()
    net = load_weights(DEFAULT_WEIGHTS, "cpu")
    assert torch.equal(before, torch.get_rng_state())
    parameters = list(net.parameters())
    assert parameters and not any(p.requires_grad for p in parameters)
