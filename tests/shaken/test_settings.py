"""Settings of torch, numpy and scikit-learn that others chose change nothing, and stay."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import warnings
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
import pytest
import sklearn
import torch
from sklearn.base import clone

from skmist import (
    DeepInfoMax,
    InformationBottleneckClassifier,
    KSGEstimator,
    MISTRegressor,
    MutualInfoFeatureSelector,
)
from skmist._device import own_settings
from skmist.weights import load_weights
from tests.paths import ROOT
from tests.shaken.calls import CALLS, LABELS, SMALL, TABLE, X, Y, answers

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
NETS = ["mutual_info", "MISTRegressor", "MINEEstimator", "DeepInfoMax", "bottleneck"]
NETS += ["neural_dependency"]


@lru_cache
def expected(name):
    return answers(name)


@contextmanager
def default_dtype(dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
        assert torch.get_default_dtype() == dtype
    finally:
        torch.set_default_dtype(before)


@contextmanager
def rounded_products():
    torch.set_float32_matmul_precision("medium")
    try:
        yield
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision("highest")


TORCH = {
    "float64": lambda: default_dtype(torch.float64),
    "bfloat16": lambda: default_dtype(torch.bfloat16),
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "meta": lambda: torch.device("meta"),
    "rounded products": rounded_products,
}


@pytest.mark.parametrize("setting", TORCH)
@pytest.mark.parametrize("name", NETS)
def test_settings_of_torch(name, setting):
    before = expected(name)
    load_weights.cache_clear()
    state = torch.get_rng_state()
    with TORCH[setting]():
        np.testing.assert_array_equal(answers(name), before)
    assert torch.equal(torch.get_rng_state(), state)
    # nothing that was kept meanwhile is spoiled
    np.testing.assert_array_equal(answers(name), before)


def test_the_dtype_comes_back_when_the_last_call_is_over():
    with default_dtype(torch.float64):
        with own_settings():
            with own_settings():
                assert torch.get_default_dtype() == torch.float32
            assert torch.get_default_dtype() == torch.float32
        assert torch.get_default_dtype() == torch.float64


@pytest.mark.parametrize("output", ["pandas", "polars"])
@pytest.mark.parametrize("name", CALLS)
def test_outputs_of_scikit_learn(name, output):
    before = expected(name)
    with sklearn.config_context(transform_output=output, enable_metadata_routing=True):
        np.testing.assert_array_equal(answers(name), before)


@pytest.mark.parametrize("name", CALLS)
def test_errors_and_warnings_of_others(name):
    before, state = expected(name), np.random.get_state()
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("error", DeprecationWarning)
        np.testing.assert_array_equal(answers(name), before)
    # numbers and place among them: a few that were drawn show in the place alone
    after = np.random.get_state()
    np.testing.assert_array_equal(after[1], state[1])
    assert after[2] == state[2]


MIXED = TABLE.drop(columns="y").set_axis([1, "a", None], axis=1)
NAMED = {
    "ksg": KSGEstimator(),
    "infomax": DeepInfoMax(n_components=2, max_iter=2, **SMALL),
    "bottleneck": InformationBottleneckClassifier(n_components=2, max_iter=2, **SMALL),
    "selector": MutualInfoFeatureSelector(2, estimator="ksg"),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_fit_takes_names_of_mixed_types_included(name):
    target = LABELS if name == "bottleneck" else Y
    fitted, plain = clone(NAMED[name]).fit(MIXED, target), clone(NAMED[name]).fit(X, target)
    for ask in ("predict", "transform", "score"):
        if hasattr(fitted, ask):
            given = (target,) if ask == "score" and name != "infomax" else ()
            found = getattr(fitted, ask)(MIXED, *given)
            np.testing.assert_array_equal(found, getattr(plain, ask)(X, *given))


@pytest.mark.parametrize("device", ["mps", "meta", "bogus", "cuda:99", None, 3])
def test_what_is_no_device_is_refused(device):
    with pytest.raises(ValueError, match=r"device=.*Pass device='auto'"):
        MISTRegressor(device=device).fit(X, Y)


def test_a_home_and_an_installation_that_cannot_be_written(tmp_path):
    os.symlink(ROOT / "skmist", tmp_path / "skmist")
    path = tmp_path / "table.csv"
    TABLE.to_csv(path, index=False)
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    none = {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/proc/none", "PYTHONDONTWRITEBYTECODE": "1"}
    kept = {k: v for k, v in os.environ.items() if k not in ("SKMIST_CACHE", "HOME")}
    command = [sys.executable, "-m", "skmist", "matrix", str(path), "--p-values"]
    result = subprocess.run(
        command, env={**kept, **none, "PYTHONPATH": str(tmp_path)}, capture_output=True, cwd="/"
    )
    tmp_path.chmod(stat.S_IRWXU)
    assert (result.returncode, result.stderr) == (0, b"")
