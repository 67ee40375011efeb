"""Imports go one way, and ``import skmist`` stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import skmist

ROOT = Path(skmist.__file__).parent
HEAVY = ("torch", "matplotlib", "pandas", "polars")
MAX_SECONDS = 0.5

# What each module may import of ours, besides itself. Left to right: nothing imports what comes
# after it. A folder stands for all its modules.
_ERRORS = {"_device", "_errors"}
_SAMPLE = _ERRORS | {"_values", "_columns", "_codec", "_sample"}
_BASE = _SAMPLE | {"_entropy", "_result", "_preprocess", "_base"}
_MINE = {"_mine_plan", "_mine_sample", "_mine_training", "_mine_queries"}
_BOTTLENECK = {"_bottleneck_checks", "_bottleneck_net", "_bottleneck_training"}
_ESTIMATORS = _BASE | {"_knn", "_strips", "ksg", "gaussian_copula", "mist", "mine"}
_FUNCTIONS = _ESTIMATORS | {"_mutual_info"}
_CONDITIONAL = {
    f"_conditional_{part}" for part in ("sample", "residuals", "knn", "copula", "chain")
}
_TABLE = {"_table", "_table_sides", "_pair_tests", "_pair_tiles"}
_FRAME = _FUNCTIONS | _TABLE | {"frame", "matrix", "plotting"}
_COMMAND = _FRAME | {"_cli_files", "_commands", "_demo", "_html_report", "_text_report", "cli"}
ALLOWED = {
    "_errors": set(),
    "_device": set(),
    "_progress": set(),
    "_result": set(),
    "_canonical_order": set(),
    "_strips": set(),
    "_knn": {"_strips"},
    "_values": _ERRORS,
    "_columns": _ERRORS | {"_values"},
    "_codec": _ERRORS | {"_values"},
    "_sample": _SAMPLE,
    "_entropy": _SAMPLE,
    "_preprocess": _SAMPLE | {"_result"},
    "_base": _SAMPLE | {"_result", "_preprocess"},
    "ksg": _BASE | {"_knn", "_strips"},
    "gaussian_copula": _BASE | {"_canonical_order"},
    "_mine_plan": set(),
    "_mine_sample": _BASE | {"_canonical_order"},
    "_mine_training": {"_mine_plan", "nn"},
    "_mine_queries": {"_mine_plan", "_mine_training", "nn"},
    "mine": _BASE | {"_canonical_order", "nn", *_MINE},
    "_conformal": _ERRORS,
    "mist": _BASE | {"_canonical_order", "_conformal", "nn", "weights"},
    "_bottleneck_checks": set(),
    "_bottleneck_net": set(),
    "_bottleneck_training": {"_bottleneck_net", "nn"},
    "information_bottleneck": _ESTIMATORS | _BOTTLENECK,
    "_infomax_rows": set(),
    "_infomax_training": {"nn"},
    "infomax": {"_device", "_infomax_rows", "_infomax_training", "nn"},
    "_resampling": _SAMPLE | {"_preprocess"},
    "_bootstrap_checks": _BASE | {"gaussian_copula"},
    "bootstrap": _BASE | {"_bootstrap_checks", "_resampling", "ksg"},
    "_mutual_info": _ESTIMATORS,
    "_conditional_sample": _SAMPLE,
    "_conditional_residuals": _ESTIMATORS,
    "_conditional_knn": _ESTIMATORS | {"_conditional_sample"},
    "_conditional_copula": _ESTIMATORS | {"_conditional_sample"},
    "_conditional_chain": _SAMPLE | {"_conditional_sample"},
    "conditional": _FUNCTIONS | _CONDITIONAL,
    "calibration": {"_base", "_errors", "_progress"},
    "_calibration_ranks": {"calibration"},
    "_calibration_display": {"calibration", "_calibration_ranks"},
    "_permutations": _BASE,
    "_permutation_test": _ESTIMATORS | {"_permutations", "_progress"},
    "independence": _FUNCTIONS | {"_permutations", "_permutation_test", "conditional"},
    "representation": _FUNCTIONS | {"_infomax_rows", "_mine_training", "nn", "weights"},
    "feature_selection": _FUNCTIONS | {"_permutations", "_progress"},
    "_table": _FUNCTIONS,
    "_table_sides": _SAMPLE | {"_entropy"},
    "_pair_tests": _FUNCTIONS | {"_permutations", "_permutation_test", "_table_sides"},
    "_pair_tiles": _FUNCTIONS | {"_pair_tests", "_progress", "_table_sides"},
    "frame": _FUNCTIONS | _TABLE,
    "matrix": _FUNCTIONS | _TABLE | {"_column_order"},
    "_column_order": set(),
    "_dependence": set(),
    "plotting": _FUNCTIONS | {"_column_order", "_dependence", "_table", "matrix"},
    "_html_report": _FRAME | {"_column_order", "_dependence", "weights"},
    "nn": set(),
    "weights": {"nn", "_errors"},
    "datasets": set(),
    "pretrain": {"nn", "datasets", "weights", "_errors"},
}
PURE_TORCH = ("nn", "datasets")


def modules() -> list[str]:
    paths = sorted(ROOT.rglob("*.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]


def imported(module: str) -> set[str]:
    """Absolute names of all that a module imports, at its top or inside its functions."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    package = ["skmist", *module.split(".")[:-1]]
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return names


def ours(module: str) -> set[str]:
    return {name.split(".")[1] for name in imported(module) if name.startswith("skmist.")}


@pytest.mark.parametrize("module", modules())
def test_layers(module):
    layer = module.split(".")[0]
    allowed = ALLOWED.get(layer, _COMMAND) | {layer, "__version__"}
    wrong = ours(module) - allowed
    assert not wrong, f"{module} must not import {sorted(wrong)}"


@pytest.mark.parametrize("module", modules())
def test_nothing_imports_pretrain(module):
    if not module.startswith("pretrain"):
        assert "pretrain" not in ours(module)


@pytest.mark.parametrize("module", [m for m in modules() if m.split(".")[0] in PURE_TORCH])
def test_torch_side_is_free_of_frames_and_estimators(module):
    roots = {name.split(".")[0] for name in imported(module)}
    assert not roots & {"pandas", "sklearn", "polars", "matplotlib"}


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent
    )
    return result.stdout


def test_import_is_fast():
    code = (
        "import time; start = time.perf_counter(); import skmist; "
        "print(time.perf_counter() - start)"
    )
    assert min(float(run(code)) for _ in range(3)) < MAX_SECONDS


def test_import_is_light():
    code = "import sys, skmist; print(*sys.modules)"
    assert not set(run(code).split()) & set(HEAVY)


ESTIMATORS = ("KSGEstimator", "GaussianCopulaEstimator", "MISTRegressor", "MINEEstimator")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimators_do_not_load_torch(name):
    code = f"import sys, skmist; skmist.{name}(); print(*sys.modules)"
    assert not set(run(code).split()) & {"torch", "matplotlib"}


def test_every_public_name_exists():
    for name in skmist.__all__:
        assert getattr(skmist, name) is not None
    assert set(skmist.__all__) <= set(dir(skmist))


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="module 'skmist' has no attribute 'nothing'"):
        _ = skmist.nothing
