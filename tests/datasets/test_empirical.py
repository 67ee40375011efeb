"""The user's own rows with functions of them: truth against the mixture over all rows."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, load_wine

from skmist.datasets import EmpiricalRegression, FamilyPrior, check_family
from tests.datasets.test_structural import _given

WINE = load_wine().data[:, :5]
KINDS = ("continuous", "classes", "counts", "steps")


def redrawn(family, batch, seed):
    generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    return family.redrawn(batch, generator, rng), generator


@pytest.mark.parametrize("kind", [*KINDS, "two outputs"])
def test_pointwise_mi_is_that_of_the_mixture_over_all_rows(kind):
    two = kind == "two outputs"
    family = EmpiricalRegression(WINE, 1 + two, target="continuous" if two else kind)
    off = []
    for seed in range(8):
        drawn, generator = redrawn(family, 1, seed)
        if two and type(drawn.target.base).__name__ != "TwoSignals":
            continue
        target = getattr(drawn.target, "base", drawn.target)
        inputs = drawn.points
        chosen = torch.arange(drawn.points.shape[1]).repeat(4)
        y, pmi = target.draw(inputs[:, chosen], generator)
        given = _given(target, inputs, y[0])
        exact = given[torch.arange(len(chosen)), chosen].log() - given.mean(1).log()
        off.append(float((pmi[0] - exact).mean().abs()))
        assert float((pmi[0] - exact).abs().median()) < 0.02
    assert len(off) > 1 and max(off) < 0.005


def test_mi_of_numbers_is_exact():
    """Against the entropy of the mixture over all rows, integrated on 20,000 nodes."""
    family = EmpiricalRegression(WINE, target="continuous")
    compared = 0
    for seed in range(25):
        drawn, _ = redrawn(family, 1, seed)
        target = drawn.target
        spread = target._spread(drawn.points)[0].double()
        reach = 12.0 * float(spread.max())
        if target.law.low < -20.0 or reach > 60.0:  # tails that a finite line cuts off
            continue
        low, high = (float(v) for v in (target.signal.low, target.signal.high))
        low, high = low + min(target.law.low, -8.0) * float(spread.max()), high + 2.0 * reach
        nodes = torch.linspace(low, high, 20_000, dtype=torch.float64)
        signal = target.signal(drawn.points)[0].double()
        density = torch.zeros_like(nodes)
        for s, width in zip(signal, spread, strict=True):
            density += (target.law.log_density((nodes - s) / width) - width.log()).exp()
        density /= len(signal)
        entropy = -float(torch.trapezoid(torch.xlogy(density, density), nodes))
        exact = entropy - target.law.entropy - float(spread.log().mean())
        assert abs(float(drawn.mi) - exact) < 0.005, (seed, target.law)
        compared += 1
    assert compared > 10


def test_rows_are_the_users_and_no_row_comes_twice():
    family = EmpiricalRegression(WINE)
    X, _ = family.sample(len(WINE) // 8 * 8, random_state=0)
    assert len(np.unique(X, axis=0)) == len(np.unique(WINE.astype("f4"), axis=0)) - len(WINE) % 8
    X, _ = family.sample(400, random_state=0)
    assert np.unique(X, axis=0, return_counts=True)[1].max() <= 3 * 2


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_family(kind):
    family = EmpiricalRegression(WINE, target=kind)
    check_family(family)
    check_family(redrawn(family, 4, 3)[0])


def test_categories_and_many_columns():
    wine = load_wine()
    X = np.column_stack([wine.data[:, :2], wine.target])
    check_family(EmpiricalRegression(X, x_discrete=(False, False, True), seed=2))
    ordered = {"x_discrete": (False, False, True), "x_ordered": (False, False, True)}
    family = EmpiricalRegression(X, seed=2, **ordered)
    check_family(family)
    assert family.x_ordered == (False, False, True) and not family.inputs._levels
    digits = EmpiricalRegression(load_digits().data, seed=3)
    check_family(redrawn(digits, 3, 1)[0], n=4000)
    assert digits.x_dim == 64


def test_a_prior_draws_other_functions_of_the_same_rows():
    prior = FamilyPrior([EmpiricalRegression(WINE)], n_range=(100, 150))
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    kinds, mi = set(), []
    for _ in range(12):
        batch = prior.draw(6, 100, 5, 1, generator, rng=rng)
        kinds.add((batch.y_discrete, batch.y_ordered))
        mi.append(batch.mi)
    assert len(kinds) == 3
    mi = torch.cat(mi)
    assert 0.05 < float((mi == 0.0).double().mean()) < 0.3 and float(mi.max()) < math.log(178)


@pytest.mark.parametrize(
    "make, match",
    [
        (lambda: EmpiricalRegression(WINE[:40]), "at least 64 rows"),
        (lambda: EmpiricalRegression(WINE, target="images"), "target is 'images'"),
        (lambda: EmpiricalRegression(WINE, 2, target="classes"), "has one column; pass q=1"),
        (
            lambda: EmpiricalRegression(WINE, x_discrete=(True,)),
            "has 1 entries, x_ordered 5, and",
        ),
        (lambda: EmpiricalRegression(np.where(WINE > 5, np.nan, WINE)), "not finite"),
    ],
)
def test_bad_input(make, match):
    with pytest.raises(ValueError, match=match):
        make()
