"""The 26 tasks of the second BMI benchmark, beside what the BMI package says of them.

``tests/reference/bmi_truths.csv`` and ``bmi_mixture_points.npz`` were written by
``benchmarks/peers/truths.py`` in the environment of the package.
"""

from __future__ import annotations

import csv
import functools
import math

import numpy as np
import pytest

from skmist.datasets import bmi_task, list_bmi_tasks
from skmist.datasets.suites.bmi_mixtures import bmi_mixture_task, list_bmi_mixture_tasks
from tests.paths import REFERENCE


def read_truths():
    with (REFERENCE / "bmi_truths.csv").open(encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    return {row["task"]: row for row in csv.DictReader(lines)}


TRUTHS = read_truths()
MIXTURES = [name for name, row in TRUTHS.items() if row["benchmarks"] == "v2"]
mixture = functools.cache(bmi_mixture_task)


@functools.cache
def points(name):
    with np.load(REFERENCE / "bmi_mixture_points.npz") as data:
        return [data[f"{name}|{key}"] for key in ("x", "y", "pmi")]


def test_the_names_are_those_of_the_benchmarks():
    first = [name for name, row in TRUTHS.items() if row["benchmarks"].startswith("v1")]
    second = {name for name, row in TRUTHS.items() if row["benchmarks"].endswith("v2")}
    assert list_bmi_tasks() == first
    assert len(list_bmi_mixture_tasks()) == 26 and set(list_bmi_mixture_tasks()) == second
    assert len(MIXTURES) == 13


@pytest.mark.parametrize("name", list_bmi_tasks())
def test_closed_forms_are_those_of_the_package(name):
    assert TRUTHS[name]["how"] == "closed form"
    assert bmi_task(name).mutual_information == pytest.approx(float(TRUTHS[name]["mi"]), abs=1e-6)


@pytest.mark.parametrize("name", [n for n in list_bmi_mixture_tasks() if n not in MIXTURES])
def test_the_other_tasks_are_those_of_the_first_benchmark(name):
    assert mixture(name).describe()["mi"] == bmi_task(name).mutual_information


@pytest.mark.parametrize("name", MIXTURES)
def test_truth_of_a_mixture_is_that_of_the_package(name):
    ours, theirs = mixture(name), TRUTHS[name]
    error = ours.mi_standard_error.item()
    assert 0.0 < error < 0.0015
    limit = 3.0 * math.hypot(error, float(theirs["standard_error"]))
    assert limit < 0.006
    assert abs(ours.mutual_information - float(theirs["mi"])) < limit


@pytest.mark.parametrize("name", MIXTURES)
def test_pointwise_mi_of_their_rows_is_that_of_the_package(name):
    """Paired rows and rows with the y of another, on the scale behind the maps."""
    x, y, theirs = points(name)
    assert x.shape == (len(theirs), mixture(name).x_dim)
    np.testing.assert_allclose(mixture(name).pointwise_mi(x, y), theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", MIXTURES)
def test_samples_have_the_mean_pointwise_mi(name):
    task = mixture(name)
    X, y = task.sample(4000, random_state=1)
    assert X.shape == (4000, task.x_dim) and y.shape == (4000, task.y_dim)
    pmi = task.pointwise_mi(X, y)
    assert abs(pmi.mean() - task.mutual_information) < 4.0 * pmi.std() / math.sqrt(len(pmi))


def test_inliers_are_rows_with_the_y_of_another():
    """Their share of the rows does not change the margins; noise columns do not change the MI."""
    narrow, wide = (mixture(f"mult-sparse-w-inliers-{d}-{d}-2-2.0-0.5") for d in (5, 25))
    assert narrow.mutual_information == wide.mutual_information
    X, y = narrow.sample(20_000, random_state=0)
    correlations = np.corrcoef(np.hstack([X, y]), rowvar=False)[:5, 5:]
    expected = np.diag([0.4, 0.4, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(correlations, expected, atol=5.0 / math.sqrt(20_000))


def test_unknown_task():
    with pytest.raises(KeyError, match="no task 'galaxy'; list_bmi_mixture_tasks"):
        bmi_mixture_task("galaxy")
