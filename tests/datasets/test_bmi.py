"""The 40 tasks of the BMI benchmark: their truth, their samples, and what training never sees."""

from __future__ import annotations

import ast
import functools
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.spatial import cKDTree

import skmist
from skmist.datasets import CorrelatedGaussian, bmi_task, list_bmi_tasks
from skmist.datasets.suites.bmi_maps import MixtureQuantile, SineSum
from skmist.datasets.suites.held_out_maps import Spiral, SwissRoll

PACKAGE = Path(skmist.__file__).parent
SHARED = PACKAGE.parent.parent / "shared" / "bmi_v1.npz"
# What the BMI package 0.1.3 gives as true MI, nats, in its order.
TRUTH = {
    "1v1-normal-0.75": 0.413339286592234,
    "normal_cdf-1v1-normal-0.75": 0.413339286592234,
    "1v1-additive-0.1": 1.7094379663467407,
    "1v1-additive-0.75": 0.3333333333333333,
    "1v1-bimodal-0.75": 0.413339286592234,
    "wiggly-1v1-normal-0.75": 0.413339286592234,
    "half_cube-1v1-normal-0.75": 0.413339286592234,
    "student-identity-1-1-1": 0.2241714275292361,
    "asinh-student-identity-1-1-1": 0.2241714275292361,
    "swissroll_x-normal_cdf-1v1-normal-0.75": 0.413339286592234,
    "multinormal-dense-2-2-0.5": 0.2938933324510593,
    "multinormal-dense-3-3-0.5": 0.413339286592234,
    "multinormal-dense-5-5-0.5": 0.5928118328288701,
    "multinormal-dense-25-25-0.5": 1.2921837216593275,
    "multinormal-dense-50-50-0.5": 1.6242653743036897,
    "multinormal-sparse-2-2-2-2.0": 1.021651247531982,
    "multinormal-sparse-3-3-2-2.0": 1.021651247531982,
    "multinormal-sparse-5-5-2-2.0": 1.021651247531981,
    "multinormal-sparse-25-25-2-2.0": 1.021651247531977,
    "student-identity-2-2-1": 0.4319456220014413,
    "student-identity-2-2-2": 0.1931471805599454,
    "student-identity-3-3-2": 0.2909219226827648,
    "student-identity-3-3-3": 0.1787118530923628,
    "student-identity-5-5-2": 0.4481506769153292,
    "student-identity-5-5-3": 0.2985436226527582,
    "normal_cdf-multinormal-sparse-3-3-2-2.0": 1.021651247531982,
    "normal_cdf-multinormal-sparse-5-5-2-2.0": 1.021651247531981,
    "normal_cdf-multinormal-sparse-25-25-2-2.0": 1.021651247531977,
    "half_cube-multinormal-sparse-3-3-2-2.0": 1.021651247531982,
    "half_cube-multinormal-sparse-5-5-2-2.0": 1.021651247531981,
    "half_cube-multinormal-sparse-25-25-2-2.0": 1.021651247531977,
    "spiral-multinormal-sparse-3-3-2-2.0": 1.021651247531982,
    "spiral-multinormal-sparse-5-5-2-2.0": 1.021651247531981,
    "spiral-multinormal-sparse-25-25-2-2.0": 1.021651247531977,
    "spiral-normal_cdf-multinormal-sparse-3-3-2-2.0": 1.021651247531982,
    "spiral-normal_cdf-multinormal-sparse-5-5-2-2.0": 1.021651247531981,
    "spiral-normal_cdf-multinormal-sparse-25-25-2-2.0": 1.021651247531977,
    "asinh-student-identity-2-2-1": 0.4319456220014413,
    "asinh-student-identity-3-3-2": 0.2909219226827648,
    "asinh-student-identity-5-5-2": 0.4481506769153292,
}
ROLL = "swissroll_x-normal_cdf-1v1-normal-0.75"
HELD_OUT = {
    "_held_out_maps",
    "_bmi",
    "_bmi_mixtures",
    "bmi_mixture_task",
    "bmi_task",
    "list_bmi_mixture_tasks",
    "list_bmi_tasks",
    "Spiral",
    "SwissRoll",
}
needs_samples = pytest.mark.skipif(
    not SHARED.exists(), reason=f"the benchmark's own samples are not at {SHARED}"
)


# Without the benchmark's samples.


def test_the_names_are_those_of_the_benchmark():
    assert list_bmi_tasks() == list(TRUTH)


@pytest.mark.parametrize("name", TRUTH)
def test_truth(name):
    task = bmi_task(name)
    assert task.mutual_information == pytest.approx(TRUTH[name], abs=1e-6)
    assert task.mi_standard_error.item() == 0.0
    assert task.describe()["mi"] == task.mutual_information


@pytest.mark.parametrize("name", TRUTH)
def test_pointwise_mi_through_the_inverse_maps(name):
    task = bmi_task(name)
    X, y = task.sample(4000, random_state=1)
    assert X.shape == (4000, task.x_dim) and y.shape == (4000, task.y_dim)
    pmi = task.pointwise_mi(X, y)
    assert np.isfinite(pmi).all()
    limit = 4.5 * pmi.std() / math.sqrt(len(pmi))
    assert abs(pmi.mean() - TRUTH[name]) < limit
    generator = torch.Generator().manual_seed(0)
    x, y, drawn = task.draw_with_pointwise(200, generator, torch.float64)
    np.testing.assert_allclose(task.log_ratio(x, y), drawn, atol=1e-6)


def test_margins_of_the_bimodal_task_are_its_mixtures():
    margins = ((0.3, 0.0, 5.0), (0.5, -1.0, 3.0))
    for side, (share, first, second) in zip(
        bmi_task("1v1-bimodal-0.75").sample(20_000, random_state=0), margins, strict=True
    ):

        def cdf(t, share=share, first=first, second=second):
            return share * stats.norm.cdf(t, first) + (1 - share) * stats.norm.cdf(t, second)

        assert stats.kstest(side[:, 0], cdf).pvalue > 1e-3


MAPS = {
    "spiral": (Spiral((2, 0), -0.7), 3, -6.0),
    "roll": (SwissRoll(), 1, 0.0),
    "sines": (SineSum([[0.4, 1.0, 0.0], [0.2, 1.7, 1.0]]), 2, -6.0),
    "mixture": (MixtureQuantile([1, 2, 1], [-5.0, 0.0, 4.0]), 2, -6.0),
}


@pytest.mark.parametrize("step, dim, low", MAPS.values(), ids=MAPS)
def test_maps_invert(step, dim, low):
    high = 6.0 if low else 1.0
    x = torch.linspace(low, high, 300 * dim, dtype=torch.float64).view(1, 300, dim)
    np.testing.assert_allclose(step.inverse(step.forward(x)), x, atol=1e-7)
    single = step.forward(x.float())
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single, step.forward(x), atol=1e-4)


def test_spiral_turns_and_leaves_the_norm():
    x = torch.randn(1, 50, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    image = Spiral((1, 3), 0.3).forward(x)
    np.testing.assert_allclose(image.norm(dim=-1), x.norm(dim=-1))
    assert torch.equal(image[..., [0, 2]], x[..., [0, 2]])
    quarter = Spiral((0, 1), math.pi / 2).forward(torch.tensor([[[1.0, 0.0]]]))
    np.testing.assert_allclose(quarter, [[[0.0, 1.0]]], atol=1e-6)


def test_off_the_swiss_roll_there_is_no_density():
    task = bmi_task(ROLL)
    X, y = task.sample(5, random_state=0)
    assert np.isnan(task.pointwise_mi(X + 0.01, y)).all()


BAD = {
    "one column": (lambda: Spiral((1, 1), 1.0), "two different columns.*got \\(1, 1\\)"),
    "negative column": (lambda: Spiral((-1, 1), 1.0), "counted from 0"),
    "waves": (lambda: SineSum([[1.0, 0.5]]), "waves must have shape \\(K, 3\\), got \\(1, 2\\)"),
    "steep": (lambda: SineSum([[0.5, -3.0, 0.0]]), "must stay below 1, got 1.5"),
    "mixture": (lambda: MixtureQuantile([1.0], [0.0, 1.0]), "disagree"),
    "weights": (lambda: MixtureQuantile([1.0, 0.0], [0.0, 1.0]), "weights must be positive"),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_unknown_task():
    with pytest.raises(KeyError, match="no task 'spiral'; list_bmi_tasks"):
        bmi_task("spiral")


# Held out of training.


def mentioned(path: Path) -> set[str]:
    """Every name in a module, and every part of the names that it imports."""
    words = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            words |= set((node.module or "").split("."))
        if isinstance(node, ast.Import | ast.ImportFrom):
            words |= {part for alias in node.names for part in alias.name.split(".")}
        elif isinstance(node, ast.Name | ast.Attribute):
            words.add(node.id if isinstance(node, ast.Name) else node.attr)
    return words


def reached(start: str) -> set[str]:
    """Modules of skmist.datasets, by file name, that one of them imports, directly or not."""
    known = {path.stem: path for path in (PACKAGE / "datasets").rglob("*.py")}
    del known["__init__"]
    found, waiting = set(), {start}
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= (mentioned(known[module]) & set(known)) - found
    return found


@pytest.mark.parametrize("module", ["prior", "maps", "monotone", "wrappers"])
def test_the_prior_never_imports_the_held_out_maps(module):
    found = reached(module)
    assert not found & {"held_out_maps", "bmi", "bmi_maps", "bmi_mixtures"}
    for path in (PACKAGE / "datasets").rglob("*.py"):
        assert path.stem not in found or not mentioned(path) & HELD_OUT


def test_the_search_for_imports_finds_them():
    assert {"held_out_maps", "maps", "wrappers"} <= reached("bmi")
    assert "maps" in reached("prior")


def test_training_does_not_mention_the_benchmark():
    paths = [*(PACKAGE / "pretrain").rglob("*.py"), *(PACKAGE / "nn").rglob("*.py")]
    assert paths and not [path for path in paths if mentioned(path) & HELD_OUT]


# Beside the benchmark's own samples. Those are rescaled to unit spread.


@functools.cache
def stored():
    return np.load(SHARED)


@functools.cache
def two_samples(name):
    """Rows of the benchmark on our scale, and rows of ours."""
    ours = bmi_task(name).sample(20_000, random_state=0)
    sides = (stored()[f"{name}|3|{side}"].astype(np.float64) for side in "xy")
    center_spread = _center_spread(name)
    return [_on_scale(a, b, center_spread) for a, b in zip(sides, ours, strict=True)], ours


def _center_spread(name):
    """Center and spread of columns, by what a sample of this task shows best."""
    if name.startswith(("normal_cdf", "swissroll")):
        return lambda a: ((a.min(0) + a.max(0)) / 2, np.ptp(a, axis=0))
    if name.startswith(("student", "half_cube")):
        # No variance there, and a density with a pole at the center here.
        return lambda a: (np.median(a, 0), np.subtract(*np.quantile(a, [0.75, 0.25], 0)))
    return lambda a: (a.mean(0), a.std(0))


def _on_scale(values, like, center_spread):
    (center, spread), (goal, goal_spread) = center_spread(values), center_spread(like)
    return (values - center) / spread * goal_spread + goal


@needs_samples
def test_names_and_truth_are_those_of_the_file():
    names = [key.removesuffix("|mi") for key in stored().files if key.endswith("|mi")]
    assert names == list_bmi_tasks()
    for name in names:
        assert bmi_task(name).mutual_information == pytest.approx(
            float(stored()[f"{name}|mi"]), abs=1e-6
        )


@needs_samples
@pytest.mark.parametrize("name", TRUTH)
def test_margins_agree(name):
    for theirs, ours in zip(*two_samples(name), strict=True):
        for a, b in zip(theirs.T, ours.T, strict=True):
            assert stats.ks_2samp(a, b).pvalue > 1e-4


@needs_samples
@pytest.mark.parametrize("name", TRUTH)
def test_rank_correlations_agree(name):
    """Of the columns, and of their distances from the center."""
    theirs, ours = (np.hstack(sides) for sides in two_samples(name))
    d = theirs.shape[1]
    limit = 5.0 / math.sqrt(len(theirs))
    for turn in (lambda a: a, lambda a: np.abs(a - np.median(a, 0))):
        first, second = (
            np.corrcoef(stats.rankdata(turn(a), axis=0), rowvar=False) for a in (theirs, ours)
        )
        assert first.shape == (d, d)
        np.testing.assert_allclose(first, second, atol=limit)


@needs_samples
@pytest.mark.parametrize("name", [name for name in TRUTH if name != ROLL])
def test_their_rows_have_our_pointwise_mi(name):
    """A wrong plane, direction or speed of a spiral would show here."""
    (X, y), _ = two_samples(name)
    with np.errstate(invalid="ignore"):
        pmi = bmi_task(name).pointwise_mi(X, y)
    # With a scale known to 1 %, rows next to the faces of a turned cube may leave it.
    cube = name.startswith("spiral-normal_cdf")
    inside = np.isfinite(pmi)
    assert inside.mean() > (0.75 if cube else 0.9999)
    limit = 4.5 * pmi[inside].std() / math.sqrt(len(pmi)) + (0.04 if cube else 0.005)
    assert abs(pmi[inside].mean() - TRUTH[name]) < limit


@needs_samples
def test_their_swiss_roll_unrolls_to_a_normal_pair():
    (X, y), _ = two_samples(ROLL)
    flat = torch.linspace(0.0005, 0.9995, 2000, dtype=torch.float64)
    curve = SwissRoll().forward(flat.view(1, -1, 1))[0].numpy()
    distance, nearest = cKDTree(curve).query(X)
    assert np.quantile(distance, 0.99) < 0.02
    pair = (stats.norm.ppf(flat.numpy()[nearest]), stats.norm.ppf(y[:, 0].clip(1e-4, 1 - 1e-4)))
    pmi = CorrelatedGaussian(0.75).pointwise_mi(*pair)
    assert abs(pmi.mean() - TRUTH[ROLL]) < 4.5 * pmi.std() / math.sqrt(len(pmi)) + 0.02
