"""A tensor with gradients is used, and its owner told that no gradient reaches it."""

from __future__ import annotations

import warnings

import pytest
import torch

from skmist import GaussianCopulaEstimator, mutual_info


@pytest.mark.parametrize(
    "ask",
    [
        lambda x, y: GaussianCopulaEstimator().fit(x, y).mi_,
        lambda x, y: mutual_info(x, y, estimator="gaussian_copula").mi,
    ],
)
def test_gradients_that_are_dropped_are_told(ask):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(50, 2, generator=generator)
    y = x[:, 0] + torch.randn(50, generator=generator)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = ask(x, y)
    with pytest.warns(UserWarning, match=r"X is a tensor .* skmist\.nn\.MISTInformation"):
        assert ask(x.clone().requires_grad_(), y) == expected
    with pytest.warns(UserWarning, match="y is a tensor"):
        ask(x, y.clone().requires_grad_())
