"""Directions are judged by rows that the search for them has not seen."""

from __future__ import annotations

import pytest
import torch

from skmist.nn import MISTInformation
from skmist.representation.projection_choice import chosen_directions
from skmist.representation.projection_search import DirectionSearch
from skmist.weights import load_weights


@pytest.fixture(scope="module")
def information():
    return MISTInformation(load_weights("mist-3", "cpu"))


def drawn(n, p, function, seed):
    """White rows (n, p), and a function of the first column with noise (n, 1)."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, p, generator=generator, dtype=torch.float64)
    y = function(x[:, :1]) + 0.8 * torch.randn(n, 1, generator=generator, dtype=torch.float64)
    x = torch.linalg.qr(x - x.mean(0))[0] * n**0.5 * torch.sign(torch.linalg.qr(x)[1].diagonal())
    return x, y


@pytest.mark.parametrize("told", [0, 1])
def test_the_kind_that_says_more_about_rows_left_out_is_taken(information, monkeypatch, told):
    rows, target = drawn(150, 4, lambda z: z, 0)

    def kinds(search, before):
        true = search._with_means(before)
        other = torch.linalg.qr(torch.cat([true, torch.eye(4, dtype=torch.float64)], 1))[0]
        return [true, other[:, 1:2]][:: 1 - 2 * told]

    monkeypatch.setattr(DirectionSearch, "candidates", kinds)
    generator = torch.Generator().manual_seed(0)
    found = chosen_directions(information, rows, target, 1, generator)[1]
    assert abs(float(found[0, 0])) > 0.9


def test_a_wave_without_means_is_climbed_to(information):
    rows, target = drawn(400, 5, lambda z: 2 * torch.cos(1.5 * z), 0)
    found = chosen_directions(information, rows, target, 1, torch.Generator().manual_seed(0))[1]
    assert abs(float(found[0, 0])) > 0.95


def test_too_few_rows_to_leave_any_out(information):
    rows, target = drawn(24, 3, lambda z: 3 * z, 0)
    found = chosen_directions(information, rows, target, 2, torch.Generator().manual_seed(0))[1]
    torch.testing.assert_close(found.T @ found, torch.eye(2, dtype=torch.float64))
    assert abs(float(found[0, 0])) > 0.9
