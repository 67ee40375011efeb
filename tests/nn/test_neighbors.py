"""Neighborhoods by the kernel, and by trees, are those of comparing all pairs, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from skmist._neighbors import kernel
from skmist.nn.mist import all_pairs
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


WAYS = ["kernel", "trees"]


def go(monkeypatch, way):
    """Answer by the compiled kernel, or without it by trees, or from all pairs."""
    if way == "kernel":
        assert kernel.load(), "make venv builds it"
        return
    monkeypatch.setattr(kernel, "load", lambda: None)
    monkeypatch.setattr(all_pairs, "_MIN_TREE_PAIRS", 0 if way == "trees" else 1 << 40)


def by(way, *sample, **options):
    with pytest.MonkeyPatch.context() as monkeypatch:
        go(monkeypatch, way)
        return neighborhoods(*sample, KS, **options)


def assert_equal(found, expected):
    for balls, others in zip(found, expected, strict=True):
        for one, other in zip(balls, others, strict=True):
            assert torch.equal(one, other)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [2, 4, 11, 300])
def test_of_the_rows_themselves(kind, n, way):
    sample = sides(kind, n)
    assert_equal(by(way, *sample), by("pairs", *sample))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_of_some_rows_and_of_new_ones(kind, way):
    x, y = sides(kind, 120)
    for query in ((x[:, :40], y[:, :40]), sides(kind, 25, seed=1)):
        assert_equal(by(way, x, y, query=query), by("pairs", x, y, query=query))


@pytest.mark.parametrize("widths", [(1, 7), (3, 3), (5, 2), (12, 16), (40, 40)])
@pytest.mark.parametrize("n", [5, 150])
def test_of_many_columns_and_their_leading_ones(widths, n):
    generator = torch.Generator().manual_seed(0)
    x, y = (torch.randn(2, n, d, generator=generator) for d in widths)
    y[..., -1] = 100 * y[..., -1].round()
    cuts = ((1, 1), (min(2, widths[0]), 2), widths)
    assert_equal(by("kernel", x, y, cuts=cuts), by("pairs", x, y, cuts=cuts))


def test_any_number_of_threads_gives_the_same():
    x, y = sides("planes", 1500)
    one, threads = by("kernel", x, y), torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        assert_equal(by("kernel", x, y), one)
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("way", WAYS)
def test_counts_by_their_definition(way):
    x, y = sides("fixed point", 150)
    (found,) = by(way, x, y)
    for side, counts in ((x, found.count_x), (y, found.count_y)):
        values = side[0, :, 0].numpy()
        distance = np.abs(values[:, None] - values[None, :])
        for j in range(len(KS)):
            inside = (distance < found.radius[0, :, j].numpy()[:, None]).sum(1) - 1
            assert counts[0, :, j].tolist() == inside.tolist()


def test_more_neighbors_than_the_kernel_keeps():
    x, y = sides("planes", 60)
    ks = (1, 2, 4, 8, 20)
    assert neighborhoods(x, y, ks)[0].radius.shape == (3, 60, 5)
