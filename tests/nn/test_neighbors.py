"""Neighborhoods by trees and sorted values are those by brute force, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from skmist.nn.mist import neighbors
from skmist.nn.mist.neighbors import neighborhoods

KS = (1, 3, 5, 10)


def sides(kind, n, seed=0):
    """Two sides of three samples, (3, n, 1) or (3, n, 2) each, float32."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(3, n, 2, generator=generator)
    x, y = z[..., :1], z[..., :1] + z[..., 1:]
    made = {
        "smooth": (x, y),
        # differences of such values end half-way between two floats more often than not
        "fixed point": ((x * 2**22).round() / 2**22, (y * 2**20).round() / 2**20),
        "one rounded": ((10 * x).round() / 10, y),
        "both rounded": ((2 * x).round() / 2, (2 * y).round() / 2),
        "codes": (100.0 * (x > 0), y),
        "codes on both": (100.0 * (x > 0), 100.0 * y.round()),
        "one value": (torch.zeros_like(x), y.round()),
        "planes": (
            torch.cat([x.sin(), (2 * x).cos()], -1),
            torch.cat([y.sin(), (2 * y).cos()], -1),
        ),
    }
    return tuple(side.float() for side in made[kind])


KINDS = (
    *("smooth", "fixed point", "one rounded", "both rounded"),
    *("codes", "codes on both", "one value", "planes"),
)


def both_ways(monkeypatch, *sample, query=None):
    answers = []
    for at_least in (1 << 40, 0):
        monkeypatch.setattr(neighbors, "_MIN_TREE_PAIRS", at_least)
        answers.append(neighborhoods(*sample, KS, query=query)[0])
    return answers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [4, 11, 300])
def test_of_the_rows_themselves(monkeypatch, kind, n):
    for brute, trees in zip(*both_ways(monkeypatch, *sides(kind, n)), strict=True):
        assert torch.equal(brute, trees)


@pytest.mark.parametrize("kind", KINDS)
def test_of_some_rows_and_of_new_ones(monkeypatch, kind):
    x, y = sides(kind, 120)
    for query in ((x[:, :40], y[:, :40]), sides(kind, 25, seed=1)):
        for brute, trees in zip(*both_ways(monkeypatch, x, y, query=query), strict=True):
            assert torch.equal(brute, trees)


def test_counts_by_their_definition(monkeypatch):
    monkeypatch.setattr(neighbors, "_MIN_TREE_PAIRS", 0)
    x, y = sides("fixed point", 150)
    found = neighborhoods(x, y, KS)[0]
    for side, counts in ((x, found.count_x), (y, found.count_y)):
        values = side[0, :, 0].numpy()
        distance = np.abs(values[:, None] - values[None, :])
        for j in range(len(KS)):
            inside = (distance < found.radius[0, :, j].numpy()[:, None]).sum(1) - 1
            assert counts[0, :, j].tolist() == inside.tolist()


def test_a_batch_of_wide_samples_keeps_to_brute_force(monkeypatch):
    monkeypatch.setattr(neighbors, "_MIN_TREE_PAIRS", 0)
    monkeypatch.setattr(neighbors, "_by_trees", None)
    z = torch.randn(2, 30, 6)
    assert neighborhoods(z[..., :3], z[..., 3:], KS)[0].radius.shape == (2, 30, 4)
