"""Intervals widened by factors that were measured on families never trained on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import skmist
from skmist import MISTRegressor, WeightsError
from skmist.estimators.mist.conformal import widened, widening_factor
from skmist.weights import DEFAULT_WEIGHTS
from skmist.weights.card import write_card

FACTORS = {
    "rows": [75, 350],
    "columns": [2],
    "levels": [0.5, 0.9],
    "factors": [[[1.2, 2.0], [1.4, 3.0]], [[1.1, 1.5], [1.3, 2.5]], [[1.0, 1.0], [1.0, 1.0]]],
}
CARD = {"name": "some", "conformal": FACTORS}


@pytest.fixture
def weights(tmp_path):
    """Return the path of a card with factors, its weights beside it."""
    folder = Path(skmist.__file__).parent / "weights"
    shutil.copy(folder / f"{DEFAULT_WEIGHTS}.safetensors", tmp_path / "wide.safetensors")
    card = json.loads((folder / f"{DEFAULT_WEIGHTS}.json").read_text())
    path = tmp_path / "wide.json"
    write_card(path, {**card, "conformal": FACTORS})
    return str(path)


def pair(n, columns=1, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, columns))
    return x, x[:, 0] + rng.normal(size=n)


@pytest.mark.parametrize(
    ("n", "columns", "level", "factor"),
    [
        (10, 1, 0.9, 2.0),
        (75, 2, 0.9, 2.0),
        (76, 2, 0.9, 1.5),
        (350, 3, 0.9, 2.5),
        (351, 3, 0.9, 1.0),
        (50, 30, 0.5, 1.4),
        (50, 30, 0.7, 2.2),
        (50, 30, 0.99, 3.0),
        (50, 30, 0.1, 1.4),
    ],
)
def test_factor_by_rows_columns_and_level(n, columns, level, factor):
    assert widening_factor(CARD, n, columns, level) == pytest.approx(factor)


def test_ends_move_away_from_the_median_but_not_below_zero():
    assert widened(0.4, 0.5, 0.7, 2.0) == pytest.approx((0.3, 0.9))
    assert widened(0.1, 0.5, 0.7, 2.0) == pytest.approx((0.0, 0.9))


def test_estimator_widens_about_its_median(weights):
    x, y = pair(60)
    plain = MISTRegressor(weights=weights, device="cpu").fit(x, y)
    wide = MISTRegressor(weights=weights, device="cpu", intervals="conformal").fit(x, y)
    assert wide.mi_ == plain.mi_
    low, high = plain.interval(0.9)
    expected = (
        max(plain.mi_ - 2.0 * (plain.mi_ - low), 0.0),
        plain.mi_ + 2.0 * (high - plain.mi_),
    )
    assert wide.interval(0.9) == pytest.approx(expected)
    ((mi, *ends, _),) = wide.estimate_intervals([(x, y)], level=0.9)
    assert (mi, *ends) == pytest.approx((wide.mi_, *wide.interval(0.9)), abs=1e-6)


def test_a_factor_of_one_changes_nothing(weights):
    x, y = pair(400)
    plain = MISTRegressor(weights=weights, device="cpu").fit(x, y)
    wide = MISTRegressor(weights=weights, device="cpu", intervals="conformal").fit(x, y)
    assert wide.interval(0.9) == pytest.approx(plain.interval(0.9))


def test_a_discrete_side_bounds_the_wider_interval_too(weights):
    x, _ = pair(60)
    labels = (x[:, 0] > 0).astype(int)
    wide = MISTRegressor(weights=weights, device="cpu", intervals="conformal")
    wide.set_params(discrete_target=True).fit(x, labels)
    assert wide.interval(0.9)[1] <= np.log(2.0) + 1e-12


def test_constant_columns_say_zero(weights):
    x, y = pair(60)
    wide = MISTRegressor(weights=weights, device="cpu", intervals="conformal").fit(0 * x, y)
    assert tuple(wide.interval(0.9)) == (0.0, 0.0)


def test_refuses_what_it_cannot_give(tmp_path, weights):
    x, y = pair(60)
    with pytest.raises(ValueError, match="intervals is 'wide'; pass one of trained, conformal"):
        MISTRegressor(intervals="wide").fit(x, y)
    card = json.loads(Path(weights).read_text())
    del card["conformal"]
    write_card(Path(weights), card)
    fitted = MISTRegressor(weights=weights, device="cpu", intervals="conformal").fit(x, y)
    with pytest.raises(WeightsError, match="no factors for intervals='conformal'"):
        fitted.interval(0.9)
