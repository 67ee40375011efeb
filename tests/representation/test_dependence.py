"""The neural dependency measure: known total correlations, validity, invariance, parameters."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from skmist import BoundWarning
from skmist.nn.bound import off_diagonal
from skmist.representation import dependence_training, neural_dependency
from skmist.representation.dependence import _random_normal_scores
from skmist.representation.dependence_plan import OBJECTIVES, DependencePlan
from skmist.representation.dependence_training import (
    _CEILING,
    _FLOOR,
    _Net,
    gaussian_reference,
    score_matrix,
)

QUICK = {"device": "cpu", "random_state": 0, "max_iter": 4, "n_folds": 2}


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch):
    """An eighth of the draws that stand for the product: faster, and a bit less exact."""
    monkeypatch.setattr(dependence_training, "_DRAWS", 1 << 15)


def equicorrelated(n, d, rho, seed=0):
    """Gaussian rows and their total correlation, nats."""
    matrix = np.full((d, d), rho)
    np.fill_diagonal(matrix, 1.0)
    rows = np.random.default_rng(seed).multivariate_normal(np.zeros(d), matrix, size=n)
    return rows, -0.5 * np.linalg.slogdet(matrix)[1]


def same_sign(n, seed=0):
    """Two uncorrelated magnitudes with one sign: log(2) nats."""
    rng = np.random.default_rng(seed)
    return np.abs(rng.normal(size=(n, 2))) * rng.choice([-1.0, 1.0], size=(n, 1))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_gaussian_code(objective):
    code, truth = equicorrelated(1000, 3, 0.6)
    found = neural_dependency(code, objective=objective, **QUICK)
    assert truth - 0.12 < found < truth + 0.08


def test_a_wide_gaussian_code_far_above_the_log_of_its_rows():
    code, truth = equicorrelated(1000, 64, 0.5)
    found = neural_dependency(code, **{**QUICK, "max_iter": 0})
    assert math.log(1000) < truth - 2.0 < found < truth + 0.3


@pytest.mark.parametrize("d", [2, 40])
def test_an_independent_code_reads_0(d):
    code = np.random.default_rng(0).random((500, d))
    assert abs(neural_dependency(code, **QUICK)) < 0.03


def test_the_net_finds_what_no_correlation_shows():
    code = same_sign(900)
    alone = neural_dependency(code, **{**QUICK, "max_iter": 0})
    trained = neural_dependency(code, **{**QUICK, "max_iter": 25})
    assert alone < 0.35
    assert 0.45 < trained < math.log(2) + 0.05


def test_equal_bits_share_one_bit():
    bits = np.random.default_rng(0).integers(0, 2, (600, 1)).astype(float)
    found = neural_dependency(np.hstack([bits, bits]), **{**QUICK, "max_iter": 20})
    assert 0.4 < found < math.log(2) + 0.05


def test_constant_components_and_single_ones_do_not_matter():
    code, _ = equicorrelated(200, 2, 0.7)
    wider = np.column_stack([np.full(200, 3.0), code])
    assert neural_dependency(wider, **QUICK) == neural_dependency(code, **QUICK)
    assert neural_dependency(code[:, 0], **QUICK) == 0.0


def test_increasing_maps_do_not_matter():
    code, _ = equicorrelated(200, 3, 0.5)
    mapped = np.column_stack([np.exp(code[:, 0]), code[:, 1] ** 3, 5.0 * code[:, 2] - 7.0])
    assert neural_dependency(mapped, **QUICK) == neural_dependency(code, **QUICK)


def test_margins_are_standard_normal_however_few_the_values():
    values = np.random.default_rng(0).integers(0, 3, (3000, 2)).astype(float)
    scores = _random_normal_scores(values, np.random.RandomState(0))
    np.testing.assert_allclose(scores.mean(0), 0.0, atol=0.01)
    np.testing.assert_allclose(scores.std(0), 1.0, atol=0.01)
    # ties that followed the order of rows would tie the columns to each other
    assert abs(np.corrcoef(scores.T)[0, 1]) < 0.06
    for value in (1.0, 2.0):
        above = scores[values[:, 0] == value, 0].min()
        assert above > scores[values[:, 0] == value - 1.0, 0].max()


def test_the_matrix_has_draws_off_its_diagonal():
    own, drawn = torch.arange(4.0), torch.arange(100.0, 136.0).reshape(12, 3)
    scores = score_matrix(own, drawn)
    assert scores.shape == (4, 4, 3)
    assert torch.equal(scores.diagonal(), own.expand(3, 4))
    assert torch.equal(off_diagonal(scores).flatten(), drawn.flatten())


def test_scores_keep_to_the_range_that_draws_support():
    plan = DependencePlan("nwj", (8,), 0.01, 32, 1, 1, 2)
    net = _Net(2, plan, torch.Generator().manual_seed(0))
    with torch.no_grad():
        net.layers[-1].weight.fill_(1e4)
    scores = net(torch.randn(1000, 2))
    assert scores.min() >= _FLOOR - 1e-3
    assert scores.max() <= _FLOOR + _CEILING + 1e-3
    assert scores.max() - scores.min() > 0.9 * _CEILING


def test_the_reference_is_the_correlation_of_many_rows():
    code, truth = equicorrelated(20000, 3, 0.5)
    rows = torch.as_tensor(code)
    whitening, log_volume = gaussian_reference(rows[:10000], rows[10000:])
    assert float(-log_volume) == pytest.approx(truth, abs=0.02)
    whitened = torch.corrcoef((rows @ whitening).T)
    assert torch.allclose(whitened, torch.eye(3, dtype=whitened.dtype), atol=0.03)


def test_few_rows_shrink_the_reference_away():
    rows = torch.randn(60, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    _, log_volume = gaussian_reference(rows[:30], rows[30:])
    assert float(-log_volume) < 1.0


def test_a_saturated_net_says_so():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 600)
    circles = [f(k * angle) for k in (1, 2, 3, 4, 5) for f in (np.cos, np.sin)]
    code = np.column_stack(circles) + 1e-4 * rng.normal(size=(600, 10))
    with pytest.warns(BoundWarning, match="close to the largest value"):
        neural_dependency(code, **{**QUICK, "max_iter": 30})


def test_the_same_seed_gives_the_same_answer():
    code = same_sign(100)
    first, second = (neural_dependency(code, **QUICK) for _ in range(2))
    assert first == second
    other = neural_dependency(code, **{**QUICK, "random_state": 1})
    assert other != first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"objective": "smile"}, "objective is 'smile'"),
        ({"n_folds": 1}, "n_folds is 1"),
        ({"n_folds": 6}, "at most 5"),
        ({"batch_size": 1}, "batch_size is 1"),
        ({"max_iter": -1}, "max_iter is -1"),
        ({"n_iter_no_change": 0}, "n_iter_no_change is 0"),
        ({"learning_rate_init": 0.0}, "learning_rate_init is 0.0"),
        ({"hidden_layer_sizes": (0,)}, "hidden_layer_sizes is 0"),
    ],
)
def test_impossible_parameters_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        neural_dependency(np.zeros((30, 2)), **arguments)


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="at least 20"):
        neural_dependency(np.zeros((19, 2)))
