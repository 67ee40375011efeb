"""Imports go one way, and ``import skmist`` stays light."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

import skmist

ROOT = Path(skmist.__file__).parent
HEAVY = ("torch", "matplotlib", "pandas", "polars")
MAX_SECONDS = 0.5
PURE_TORCH = ("nn", "datasets")

# What all may import, and what imports nothing of ours.
FOUNDATION = {
    "_device",
    "_errors",
    "_files",
    "_parallel",
    "_parameters",
    "_progress",
    "_result",
    "_site",
    "_state",
}
# Which other rooms each room imports besides, from the ground floor up. `architecture` says what
# a room is; doc/architecture.md has the drawing.
ROOMS = {
    "datasets": set(),
    "_sample": set(),
    "_neighbors": {"_sample"},
    "nn": {"_neighbors"},
    "infomax": {"_sample", "nn"},
    "weights": {"nn"},
    "estimators": {"_neighbors", "_sample", "nn", "weights"},
    "pretrain": {"datasets", "nn", "weights"},
    "adaptation": {"_sample", "datasets", "pretrain", "weights"},
    "bottleneck": {"_sample", "estimators", "nn", "weights"},
    "conditional": {"_sample", "estimators"},
    "intervals": {"_sample", "estimators"},
    "representation": {"_sample", "estimators", "infomax", "nn", "weights"},
    "independence": {"_sample", "conditional", "estimators"},
    "feature_selection": {"_sample", "estimators", "independence"},
    "frame": {"_sample", "conditional", "estimators", "independence"},
    "matrix": {"frame"},
    "plotting": {"_sample", "frame", "intervals"},
    "_report": {"_sample", "estimators", "feature_selection", "frame"},
    "cli": {
        "_report",
        "_sample",
        "adaptation",
        "conditional",
        "estimators",
        "feature_selection",
        "frame",
        "independence",
        "plotting",
    },
    "__main__": {"cli"},
}


def load_architecture():
    path = ROOT.parent / "doc" / "make_architecture.py"
    spec = importlib.util.spec_from_file_location("make_architecture", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


architecture = load_architecture()
MODULES = architecture.read_modules(ROOT)
IMPORTS = architecture.room_imports(ROOT)


@pytest.mark.parametrize("room", [*sorted(FOUNDATION), *ROOMS])
def test_rooms_import_what_the_table_says(room):
    allowed = set() if room in FOUNDATION else ROOMS[room] | FOUNDATION
    assert not IMPORTS[room] - allowed, f"{room} must not import these; see ROOMS"
    assert IMPORTS[room] - FOUNDATION == ROOMS.get(room, set()), f"ROOMS says too much of {room}"


def test_the_table_names_every_room():
    assert set(IMPORTS) == FOUNDATION | set(ROOMS)


def test_no_circle():
    assert architecture.circles(IMPORTS) == []
    imports = architecture.module_imports(MODULES, "skmist")
    # what an __init__ only hands on is no dependence of the modules that lie beside it
    assert architecture.circles({m: t - {""} for m, t in imports.items()}) == []


@pytest.mark.parametrize("module", MODULES)
def test_no_private_name_crosses_modules(module):
    imported = MODULES[module].imports("skmist")
    private = [name for _, name in imported if name.startswith("_") and name != "__version__"]
    assert not [name for name in private if name not in IMPORTS]


@pytest.mark.parametrize("module", [m for m in MODULES if m.split(".")[0] in PURE_TORCH])
def test_torch_side_is_free_of_frames_and_estimators(module):
    nodes = ast.walk(MODULES[module].tree)
    names = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
    nodes = ast.walk(MODULES[module].tree)
    names += [n.module for n in nodes if isinstance(n, ast.ImportFrom)]
    roots = {name.split(".")[0] for name in names}
    assert not roots & {"pandas", "sklearn", "polars", "matplotlib"}


ESTIMATORS = ("KSGEstimator", "GaussianCopulaEstimator", "MISTRegressor", "MINEEstimator")
# Seconds of the import, then what is loaded after it and after each estimator.
ASK = f"""
import json, sys, time
start = time.perf_counter()
import skmist
found = {{"seconds": time.perf_counter() - start, "skmist": list(sys.modules)}}
for name in {ESTIMATORS}:
    getattr(skmist, name)()
    found[name] = list(sys.modules)
print(json.dumps(found))
"""


def ask():
    command = [sys.executable, "-c", ASK]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT.parent)
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def fresh():
    """What a process of its own says of the import: starting one takes seconds."""
    return ask()


def test_import_is_fast(fresh):
    tries = (fresh, ask(), ask()) if fresh["seconds"] >= MAX_SECONDS else (fresh,)
    assert min(found["seconds"] for found in tries) < MAX_SECONDS


def test_import_is_light(fresh):
    assert not set(fresh["skmist"]) & set(HEAVY)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimators_do_not_load_torch(fresh, name):
    assert not set(fresh[name]) & {"torch", "matplotlib"}


def test_every_public_name_exists():
    for name in skmist.__all__:
        assert getattr(skmist, name) is not None
    assert set(skmist.__all__) <= set(dir(skmist))


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="module 'skmist' has no attribute 'nothing'"):
        _ = skmist.nothing
