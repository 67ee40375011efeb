"""Erased sides: truth against independent computations."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from scipy import stats

from skmist.datasets import (
    CorrelatedGaussian,
    Erased,
    Gaussian,
    JointTable,
    LinearMix,
    Product,
    SingleIndexRegression,
    Swapped,
    Transformed,
    ZeroInflatedGaussian,
    get_family,
)
from tests.datasets.family_checks import check_derivative, check_truth

TABLES = {
    "x only": [[0.6, 0.0], [0.4, 0.0]],
    "y only": [[0.9, 0.1], [0.0, 0.0]],
    "independent": [[0.42, 0.18], [0.28, 0.12]],
    "shared": [[0.7, 0.0], [0.0, 0.3]],
    "opposite": [[0.1, 0.5], [0.4, 0.0]],
}
COUNTS = np.array([[2.0, 1.0, 0.5], [0.5, 3.0, 1.0]])


def _covariance(d, seed=0):
    root = np.random.default_rng(seed).normal(size=(d, d))
    return root @ root.T + 0.3 * np.eye(d)


def _table_mi(joint):
    joint = joint / joint.sum()
    margins = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    inside = joint > 1e-150
    return float((joint[inside] * np.log(joint[inside] / margins[inside])).sum())


def _with_erased(joint, table):
    """A joint table with a first row and a first column for the erased sides."""
    joint, (kept, lost) = joint / joint.sum(), np.asarray(table)
    inner = np.hstack([kept[1] * joint.sum(1, keepdims=True), kept[0] * joint])
    return np.vstack([np.append(lost[1], lost[0] * joint.sum(0)), inner])


MIXED = Product([JointTable(COUNTS), Gaussian(_covariance(4), p=2)])
CASES = [
    *(Erased(CorrelatedGaussian(0.8), table) for table in TABLES.values()),
    Erased(Gaussian(_covariance(5), p=2), TABLES["opposite"], [1.0, -1.0], 3.0),
    Erased(MIXED, TABLES["independent"]),
]
IDS = [f"{case.name}-{i}" for i, case in enumerate(CASES)]


# Every family.


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_samples_agree_with_the_truth(family):
    check_truth(family)


@pytest.mark.parametrize("family", CASES[2:3] + CASES[5:], ids=IDS[2:3] + IDS[5:])
def test_derivative_integrates_to_one_under_independence(family):
    check_derivative(family)


@pytest.mark.parametrize("family", CASES, ids=IDS)
def test_columns_keep_their_flags(family):
    X, y = family.sample(500, random_state=0)
    for values, flags in ((X, family.x_discrete), (y, family.y_discrete)):
        assert values.shape[1] == len(flags)
        for column, discrete in zip(values.T, flags, strict=True):
            assert (np.all(column == np.round(column)) and column.min() >= 0.0) == discrete


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("rho", [0.3, -0.9])
def test_erased_gaussian_against_cells(rho, table):
    edges = np.linspace(-7.0, 7.0, 701)
    at = 0.5 * (edges[1:] + edges[:-1])
    u, v = at[:, None], at[None, :]
    joint = np.exp(-(u**2 - 2.0 * rho * u * v + v**2) / (2.0 * (1.0 - rho**2)))
    expected = _table_mi(_with_erased(joint, table))
    family = Erased(CorrelatedGaussian(rho), table)
    assert family.mutual_information == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_erased_table_is_a_larger_table(table):
    larger = JointTable(_with_erased(COUNTS, table))
    family = Erased(JointTable(COUNTS), table)
    assert family.x_discrete == family.y_discrete == (True,)
    assert family.mutual_information == pytest.approx(larger.mutual_information, abs=1e-12)
    X, y = family.sample(3000, random_state=0)
    np.testing.assert_allclose(family.pointwise_mi(X, y), larger.pointwise_mi(X, y), atol=1e-9)
    seen = np.zeros((3, 4))
    np.add.at(seen, (X[:, 0].astype(int), y[:, 0].astype(int)), 1.0 / len(X))
    np.testing.assert_allclose(seen, larger.table[0], atol=0.04)


def test_erased_derivative_against_scipy():
    covariance, table = _covariance(5), np.array(TABLES["independent"])
    table[1, 1], table[0, 1] = table[0, 1], table[1, 1]
    x_atom, y_atom = [0.5, 9.0], [-2.0, 0.0, 1.0]
    family = Erased(Gaussian(covariance, p=2), table, x_atom, y_atom)
    X, y = Gaussian(covariance, p=2).sample(1, random_state=0)
    law = stats.multivariate_normal
    ratio = law(cov=covariance).logpdf(np.hstack([X, y])[0])
    ratio -= law(cov=covariance[:2, :2]).logpdf(X[0]) + law(cov=covariance[2:, 2:]).logpdf(y[0])
    for a, left in enumerate((X, [x_atom])):
        for b, right in enumerate((y, [y_atom])):
            expected = math.log(table[a, b] / (table[a].sum() * table[:, b].sum()))
            expected += ratio * (a == b == 0)
            assert family.pointwise_mi(left, right)[0] == pytest.approx(expected, abs=1e-9)


def test_erasing_one_side_is_zero_inflation():
    known = ZeroInflatedGaussian(0.8, dropout=0.3)
    family = Erased(CorrelatedGaussian(0.8), [[0.7, 0.3], [0.0, 0.0]])
    assert family.mutual_information == pytest.approx(known.mutual_information, abs=1e-12)
    X, y = known.sample(500, random_state=0)
    np.testing.assert_allclose(family.pointwise_mi(X, y), known.pointwise_mi(X, y), atol=1e-9)


def test_all_columns_of_a_side_are_erased_together_and_at_random():
    table = np.array([[0.4, 0.1], [0.2, 0.3]])
    base = Gaussian(_covariance(4), p=2)
    X, y = Erased(base, table, [-3.0, 0.5], 0.0).sample(40_000, random_state=0)
    x_lost, y_lost = np.all(X == [-3.0, 0.5], axis=1), np.all(y == 0.0, axis=1)
    for a in (0, 1):
        for b in (0, 1):
            assert np.mean((x_lost == a) & (y_lost == b)) == pytest.approx(table[a, b], abs=0.012)
    # The values that are kept know nothing of the choices.
    kept = X[~x_lost]
    np.testing.assert_allclose(np.cov(kept.T), _covariance(4)[:2, :2], atol=0.1)
    for j in range(2):
        assert stats.ks_2samp(kept[y_lost[~x_lost], j], kept[~y_lost[~x_lost], j]).pvalue > 1e-3


def test_mixed_columns_are_erased_together():
    family = Erased(MIXED, TABLES["shared"])
    X, y = family.sample(2000, random_state=0)
    lost = X[:, 0] == 0.0
    assert 0.25 < lost.mean() < 0.35 and not X[lost].any() and not y[lost].any()
    assert set(X[~lost, 0]) == {1.0, 2.0} and set(y[~lost, 0]) == {1.0, 2.0, 3.0}
    back = MIXED.pointwise_mi(X[~lost] - [1, 0, 0], y[~lost] - [1, 0, 0])
    np.testing.assert_allclose(
        family.pointwise_mi(X[~lost], y[~lost]), back - math.log(0.7), atol=1e-9
    )


def test_swapped_sides():
    table = np.array(TABLES["opposite"])
    base = Gaussian(_covariance(3), p=1)
    first, second = Swapped(Erased(base, table, 1.0)), Erased(Swapped(base), table.T, 0.0, 1.0)
    assert first.mutual_information == pytest.approx(second.mutual_information, abs=1e-12)
    X, y = first.sample(300, random_state=0)
    np.testing.assert_allclose(first.pointwise_mi(X, y), second.pointwise_mi(X, y), atol=1e-9)


def test_a_map_and_its_inverse_keep_the_atoms():
    base = Erased(Gaussian(_covariance(4), p=2), TABLES["shared"], [0.3, -0.7])
    warped = Transformed(base, LinearMix([[1.0, 0.5], [-0.3, 2.0]]))
    generator = torch.Generator().manual_seed(0)
    x, y, pmi = warped.draw_with_pointwise(500, generator, torch.float64)
    np.testing.assert_allclose(warped.log_ratio(x, y), pmi, atol=1e-6)


def test_erased_batch_is_its_single_ones():
    rho, tables = [0.2, -0.9], np.array([TABLES["shared"], TABLES["opposite"]])
    atoms = np.array([[0.5], [-4.0]])
    family = Erased(CorrelatedGaussian(rho), tables, atoms, 1.0)
    x, y, pmi = family.draw_with_pointwise(200, torch.Generator().manual_seed(0), torch.float64)
    for b in range(2):
        single = Erased(CorrelatedGaussian(rho[b]), tables[b], atoms[b], 1.0)
        assert single.mutual_information == pytest.approx(float(family.mi[b]), abs=1e-12)
        np.testing.assert_allclose(single.pointwise_mi(x[b], y[b]), pmi[b], atol=1e-9)
    # One table for all distributions.
    shared = Erased(CorrelatedGaussian(rho), TABLES["shared"])
    assert shared.batch_size == 2 and float(shared.mi[1]) > float(shared.mi[0])


BASES = {
    "gaussian": lambda *a: get_family("gaussian").from_prior(8, 3, 2, *a),
    "mixture": lambda *a: get_family("gaussian_mixture").from_prior(8, 1, 2, *a),
    "classes": lambda *a: get_family("gaussian_classes").from_prior(8, 2, 1, *a),
    "regression": lambda *a: SingleIndexRegression.from_prior(8, 4, 1, *a),
    "table": lambda *a: JointTable.from_prior(8, 1, 1, *a),
}


@pytest.mark.parametrize("make", BASES.values(), ids=BASES)
def test_around(make):
    def drawn(seed, dtype=torch.float32):
        generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
        family = Erased.around(make(generator, rng), generator, rng)
        return family, *family.draw_with_pointwise(4000, generator, dtype)

    for seed in range(2):
        family, x, y, pmi = drawn(seed)
        assert x.dtype == y.dtype == pmi.dtype == torch.float32
        assert bool(torch.isfinite(x).all()) and bool(torch.isfinite(pmi).all())
        pmi = pmi.double()
        limit = 4.5 * pmi.std(1) / math.sqrt(4000) + 4.5 * family.mi_standard_error + 2e-3
        assert bool(((pmi.mean(1) - family.mi).abs() <= limit).all())
        for a, b in zip((x, y, pmi.float()), drawn(seed)[1:], strict=True):
            assert torch.equal(a, b)
        family, x, y, pmi = drawn(seed, torch.float64)
        np.testing.assert_allclose(family.log_ratio(x, y), pmi, atol=2e-4, rtol=1e-4)


def test_around_draws_every_kind_of_table_and_atom():
    generator, rng = torch.Generator().manual_seed(0), random.Random(0)
    tables, below, above = [], 0, 0
    for _ in range(40):
        family = Erased.around(CorrelatedGaussian([0.5] * 20), generator, rng)
        tables.append(family.choice.table)
        below += int((family.x_atom < -2.0).sum())
        above += int((family.x_atom > 2.0).sum())
    table = torch.cat(tables)
    np.testing.assert_allclose(table.sum((1, 2)), 1.0)
    x_lost, y_lost, both = table[:, 1].sum(-1), table[:, :, 1].sum(-1), table[:, 1, 1]
    assert bool((torch.maximum(x_lost, y_lost) <= 0.8 + 1e-9).all())
    assert bool((torch.maximum(x_lost, y_lost) >= 0.02 - 1e-9).all())
    kinds = (
        (x_lost == 0.0) | (y_lost == 0.0),
        (both > 0.0) & ((both - x_lost * y_lost).abs() < 1e-12),
        both - x_lost * y_lost > 0.01,
        both - x_lost * y_lost < -0.01,
        (x_lost - both).abs() + (y_lost - both).abs() < 1e-12,
    )
    assert min(float(kind.double().mean()) for kind in kinds) > 0.03
    assert 0.1 < above / 800 < 0.25 and 0.3 < below / 800 < 0.5


PAIR = CorrelatedGaussian(0.5)
BAD = {
    "shape": (lambda: Erased(PAIR, [[1.0, 0.0]]), "must have shape \\(2, 2\\), got \\(1, 2\\)"),
    "negative": (lambda: Erased(PAIR, [[1.0, -0.1], [0.0, 0.1]]), "nonnegative weights"),
    "no weight": (lambda: Erased(PAIR, np.zeros((2, 2))), "positive sum"),
    "tables": (lambda: Erased(PAIR, np.ones((3, 2, 2))), "3 distributions and the base 1"),
    "atom": (lambda: Erased(PAIR, np.eye(2), [0.0, 1.0]), "x_atom must be a number or have"),
    "y atom": (lambda: Erased(PAIR, np.eye(2), 0.0, math.inf), "y_atom holds a value"),
}


@pytest.mark.parametrize("make, message", BAD.values(), ids=BAD)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_erased_has_no_prior_of_its_own():
    with pytest.raises(NotImplementedError, match="build it from its parts"):
        Erased.from_prior(2, 1, 1, torch.Generator())
    assert not Erased.supports(1, 1)
