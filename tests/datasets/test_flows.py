"""Families through flows: exact information, columns like the user's, what is refused."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest
import torch
from scipy import stats

from skmist.datasets import (
    FamilyPrior,
    FlowMap,
    FlowTransformed,
    Gaussian,
    InvertibleMap,
    RotatedPairs,
    Rotation,
    check_family,
    fit_flow,
)
from skmist.datasets.flows import load_flow, save_flow

COVARIANCE = np.eye(4)
COVARIANCE[0, 2] = COVARIANCE[2, 0] = 0.8
COVARIANCE[1, 3] = COVARIANCE[3, 1] = -0.5
BASE = Gaussian(COVARIANCE, 2)


def ring(n, seed=0):
    rng = np.random.default_rng(seed)
    angle, radius = rng.uniform(0.0, 2.0 * np.pi, n), 2.0 + 0.2 * rng.normal(size=n)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


@pytest.fixture(scope="module")
def flow():
    pytest.importorskip("zuko")
    return fit_flow(ring(1500), max_seconds=15.0)


def test_information_stays_and_columns_look_like_the_users(flow):
    family = FlowTransformed(BASE, flow, flow)
    assert family.mutual_information == BASE.mutual_information
    check_family(family, n=5000)
    X, y = family.sample(3000, random_state=0)
    fresh = ring(3000, seed=5)
    for side in (X, y):
        for j in range(2):
            assert stats.ks_2samp(side[:, j], fresh[:, j]).statistic < 0.1
        # margins are not all: the middle of the ring is emptier than they say
        margins = np.column_stack([side[:, 0], np.roll(side[:, 1], 1)])
        within, by_margins = ((np.hypot(*rows.T) < 1.0).mean() for rows in (side, margins))
        assert within < 0.4 * by_margins


def test_rows_are_judged_through_the_inverse(flow):
    family = FlowTransformed(BASE, flow)
    X, y = family.sample(200, random_state=1)
    z, same = BASE.sample(200, random_state=1)
    np.testing.assert_array_equal(y, same)
    np.testing.assert_allclose(family.pointwise_mi(X, y), BASE.pointwise_mi(z, y), atol=1e-8)


def test_training_draws_other_parameters_through_the_same_flow(flow):
    prior = FamilyPrior([FlowTransformed(BASE, flow)], n_range=(50, 60))
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    drawn = prior.draw(5, 50, 2, 2, generator, rng=rng)
    assert len(drawn.mi.unique()) > 2 and drawn.x.shape == (5, 50, 2)


def test_zuko_flows_are_taken_as_they_are():
    zuko = pytest.importorskip("zuko")
    family = FlowTransformed(BASE, zuko.flows.NSF(2, transforms=1), None)
    assert isinstance(family.x_map, FlowMap)
    check_family(family, n=4000)


class OneWay(InvertibleMap):
    """Has no inverse."""

    def forward(self, x):
        return x.abs()

    def inverse(self, x):
        return x


def test_a_flow_without_an_inverse_is_refused():
    with pytest.raises(ValueError, match="y_flow is not invertible: .* 1e-04 is allowed"):
        FlowTransformed(BASE, None, OneWay())
    with pytest.raises(ValueError, match="x_flow does not take the 2 columns"):
        FlowTransformed(BASE, Rotation(np.eye(3)))
    FlowTransformed(BASE, Rotation(np.eye(2)))


def test_without_zuko_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "zuko", None)
    with pytest.raises(ImportError, match=r"pip install skmist\[flows\]"):
        fit_flow(ring(200))


def test_bad_columns():
    with pytest.raises(ValueError, match="at least 100 rows"):
        fit_flow(ring(50))
    with pytest.raises(ValueError, match="not finite"):
        fit_flow(np.full((200, 2), np.nan))


def test_fits_are_determined_by_the_seed():
    pytest.importorskip("zuko")
    state = torch.get_rng_state()
    z = torch.randn(1, 20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    # one look, however fast the machine
    one, same, other = (
        fit_flow(ring(200), max_seconds=0.0, seed=seed).forward(z) for seed in (0, 0, 1)
    )
    assert torch.equal(one, same) and not torch.equal(one, other)
    assert torch.equal(state, torch.get_rng_state())


def test_rotated_pairs_are_what_flows_expect():
    check_family(RotatedPairs([0.8, -0.3], 3, 4, seed=1))
    check_family(RotatedPairs, n=4000)
    X, y = RotatedPairs([0.8, -0.3], 3, 4, seed=1).sample(20_000, random_state=0)
    for side in (X, y):
        np.testing.assert_allclose(np.cov(side.T), np.eye(side.shape[1]), atol=0.05)
    with pytest.raises(ValueError, match=r"at most min\(p, q\) = 1"):
        RotatedPairs([0.8, -0.3], 1, 4)


def test_a_kept_flow_comes_back_to_the_last_bit(flow, tmp_path):
    save_flow(flow, tmp_path / "X.flow")
    rows = torch.as_tensor(ring(50, seed=3))[None]
    assert torch.equal(load_flow(tmp_path / "X.flow").inverse(rows), flow.inverse(rows))


@pytest.mark.parametrize("content", [b"", b"no tensors", None])
def test_another_file_is_no_flow(content, flow, tmp_path):
    path = tmp_path / "X.flow"
    if content is None:
        torch.save({"center": torch.zeros(2)}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"X\.flow holds no flow"):
        load_flow(path)


def test_flows_of_other_tensors_are_refused(tmp_path):
    pytest.importorskip("zuko")
    from safetensors.torch import save_file

    save_file({"center": torch.zeros(2), "scale": torch.ones(2)}, tmp_path / "X.flow")
    with pytest.raises(ValueError, match="Missing key"):
        load_flow(tmp_path / "X.flow")
