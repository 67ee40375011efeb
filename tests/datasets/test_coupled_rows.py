"""The user's own rows on both sides: truth, margins, cells."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, load_wine

from skmist.datasets import CoupledRows, FamilyPrior, check_family

WINE = load_wine()
X, Y = WINE.data[:, :4], WINE.data[:, 4:7]
LABELS = {"y_discrete": (True,), "y_ordered": (False,)}


def redrawn(family, batch, seed):
    generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    return family.redrawn(batch, generator, rng), generator


@pytest.mark.parametrize(
    "family",
    [
        lambda seed: CoupledRows(X, Y, seed=seed),
        lambda seed: CoupledRows(X, WINE.target[:, None], seed=seed, **LABELS),
    ],
)
def test_it_is_a_family(family):
    for seed in range(4):
        check_family(family(seed))


@pytest.mark.parametrize("y", [Y, WINE.target[:, None]])
def test_cells_say_all_and_each_side_stays_as_it_is(y):
    family = CoupledRows(X, y, **(LABELS if y.shape[1] == 1 else {}))
    strengths = []
    for seed in range(12):
        drawn, generator = redrawn(family, 3, seed)
        x_rows, y_rows, pmi = drawn.draw_with_pointwise(4000, generator, torch.float64)
        assert pmi.mean(1).numpy() == pytest.approx(drawn.mi.numpy(), abs=0.1)
        assert drawn.log_ratio(x_rows, y_rows).numpy() == pytest.approx(pmi.numpy(), abs=1e-6)
        # the shares of the cells are those of the rows
        for cells, axis, off in zip(drawn.cells, (-1, -2), (1e-9, 0.03), strict=True):
            assert drawn.table.sum(axis).numpy() == pytest.approx(cells.shares.numpy(), abs=off)
        strengths += drawn.mi.tolist()
    assert min(strengths) < 0.1 and max(strengths) > 0.7


def test_rows_are_the_users_and_are_spread_evenly():
    family = CoupledRows(X, Y, seed=3)
    m = len(X) // 8 * 8
    x, y = family.sample(m, random_state=0)
    assert set(map(tuple, x)) <= set(map(tuple, X.astype("f4")))
    assert set(map(tuple, y)) <= set(map(tuple, Y.astype("f4")))
    assert np.unique(x, axis=0, return_counts=True)[1].max() <= 2
    # each cell of Y is asked for about as often as it has rows
    assert len(np.unique(y, axis=0)) > 0.75 * m


def test_both_kinds_of_cells_of_many_columns():
    digits = load_digits().data
    family = CoupledRows(digits, digits, seed=0)
    counts = set()
    for seed in range(6):
        drawn, generator = redrawn(family, 2, seed)
        x, y = drawn.draw(50, generator)
        assert x.shape == y.shape == (2, 50, 64) and torch.isfinite(drawn.mi).all()
        counts.add(drawn.table.shape)
    assert len(counts) > 2


def test_it_is_drawn_from_in_a_prior():
    prior = FamilyPrior([CoupledRows(X, Y)], n_range=(100, 150))
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    n, p, q = prior.sample_shape(rng)
    batch = prior.choose(rng).draw(8, n, p, q, generator, rng=rng)
    assert batch.x.shape == (8, n, 4) and batch.y.shape == (8, n, 3)


def test_what_cannot_be_used():
    with pytest.raises(ValueError, match="Y has 40 rows"):
        CoupledRows(X, Y[:40])
    with pytest.raises(ValueError, match="y_discrete has 1 entries"):
        CoupledRows(X, Y, y_discrete=(True,))
