"""Pieces that several families and suites share."""

from __future__ import annotations

import math
import random

import pytest
import torch

from skmist.datasets import (
    CorrelatedGaussian,
    bmi_mixture_task,
    bmi_task,
    get_family,
    list_bmi_mixture_tasks,
    list_bmi_tasks,
    mist_paper_distribution,
)
from skmist.datasets.parts.lookup import find
from skmist.datasets.parts.pair import draw_correlations, draw_pair, gaussian_log_ratio
from skmist.datasets.parts.random import open_interval
from skmist.datasets.parts.target import parameter_with


@pytest.mark.parametrize(
    "ask, error, message",
    [
        (bmi_task, KeyError, r"the BMI benchmark has no task 'x'; list_bmi_tasks\(\) has the"),
        (bmi_mixture_task, KeyError, "second BMI benchmark has no task 'x'; list_bmi_mixture_tas"),
        (get_family, KeyError, "no family is called 'x'; known: additive_noise, "),
        (
            lambda name: mist_paper_distribution(name, 2),
            ValueError,
            r"no family of the paper is called 'x'; known: \['multi_normal-dense-base', ",
        ),
    ],
)
def test_an_unknown_name_is_told_what_there_is(ask, error, message):
    with pytest.raises(error, match=message):
        ask("x")


def test_tasks_are_built_when_they_are_asked_for():
    assert bmi_task(list_bmi_tasks()[0]) is not bmi_task(list_bmi_tasks()[0])
    known = set(list_bmi_mixture_tasks()) & set(list_bmi_tasks())
    assert len(known) == 13
    assert find({"one": 1}, "one", "", "") == 1


def test_pairs_have_the_information_that_was_asked_for():
    generator, wanted = torch.Generator().manual_seed(0), torch.tensor([0.1, 1.0]).double()
    rho = draw_correlations(wanted, generator)
    torch.testing.assert_close(CorrelatedGaussian(rho).mi, wanted)
    x, y = draw_pair(rho, 20_000, generator)
    mean = gaussian_log_ratio(x, y, rho.unsqueeze(-1)).mean(-1)
    torch.testing.assert_close(mean, wanted, atol=0.03, rtol=0.0)


def test_a_parameter_is_read_from_a_table_of_the_information():
    logs = torch.linspace(-3.0, 3.0, 61).double()
    target = torch.tensor([-9.0, -1.23, 0.5, 9.0]).double()
    found = parameter_with(target, logs, logs)
    torch.testing.assert_close(found.log(), target.clamp(-3.0, 3.0))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rounded_probabilities_stay_inside(dtype):
    u = open_interval(torch.tensor([0.0, 1e-320, 0.5, 1.0]).double(), dtype)
    assert u.dtype == dtype and float(u.min()) > 0.0 and float(u.max()) < 1.0
    assert math.isfinite(float(torch.logit(u.double()).abs().max()))


def test_components_are_read_alike():
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    for name, p in (("gaussian_classes", 2), ("gaussian_mixture", 2), ("labelled_mixture", 2)):
        cls = get_family(name)
        found = cls.from_prior(1, p, 1, generator, rng).parameters()
        again = cls(**found)
        assert list(found)[:3] == ["weights", "means", "covariances"]
        assert again.mutual_information == pytest.approx(cls(**again.parameters()).mi.item())
        with pytest.raises(ValueError, match="weights must be positive"):
            cls(**found | {"weights": -found["weights"]})
