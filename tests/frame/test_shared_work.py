"""What is worked out once for a column, however many pairs and orders of rows it is in."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from skmist import (
    MISTRegressor,
    conditional_mutual_info,
    independence_test,
    mi_matrix,
    mi_with,
    nn,
)
from skmist._neighbors import kernel
from skmist._neighbors.lines import Line
from skmist._sample import order
from skmist._sample.sample import Sample, make_sample, make_side
from skmist._sample.side import joined
from skmist.estimators.ask import fit_to, fits_to
from skmist.estimators.base import MutualInfoEstimator
from skmist.estimators.copula.gaussian import Scores
from skmist.estimators.many import estimate_many
from skmist.estimators.mist import answers
from skmist.estimators.mist.answers import NetAnswers
from skmist.frame.pair_tests import PairTest, answer_pairs
from skmist.independence import nulls

WORK = {
    "ksg": (Line, "of"),
    "gaussian_copula": (Scores, "own"),
    "mist": (order, "_column_ranks"),
}


def normals(seed: int, n: int, columns: int) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(n, columns))
    return pd.DataFrame(values + values[:, :1], columns=list("abcdefgh"[:columns]))


@pytest.fixture
def counted(monkeypatch):
    """How often columns are sorted, scored and ranked, and samples run through the net."""
    counts = Counter()

    def count(holder, name, size=lambda *args: 1):
        whole = getattr(holder, name)

        def counting(*args):
            counts[name] += size(*args)
            return whole(*args)

        monkeypatch.setattr(holder, name, counting)

    for holder, name in WORK.values():
        count(holder, name)
    count(nulls, "_n_different")
    count(NetAnswers, "_quantiles", lambda self, samples: len(samples))
    return counts


@pytest.mark.parametrize("method", WORK)
def test_a_column_of_a_table_is_worked_on_once(counted, method):
    if method == "ksg" and not kernel.load():
        pytest.skip("trees, one pair at a time, stand in for the kernel")
    mi_matrix(normals(0, 60, 6), estimator=method, device="cpu")
    assert counted[WORK[method][1]] == 6


@pytest.mark.parametrize("method", WORK)
def test_an_order_of_rows_is_not_worked_on(counted, method):
    if method == "ksg" and not kernel.load():
        pytest.skip("trees, one pair at a time, stand in for the kernel")
    x, y = normals(1, 80, 2).round(1).to_numpy().T
    how = {"n_permutations": 39, "early_stopping": False, "device": "cpu"}
    independence_test(x, y, estimator=method, **how)
    # the copula keeps its scores for a wave: the sample itself, 32 orders and 7
    assert counted[WORK[method][1]] == (2 * 3 if method == "gaussian_copula" else 2)


def test_one_run_for_estimate_and_p_value(counted):
    mi_with(normals(2, 60, 5), "a", p_values=True, n_permutations=39, device="cpu")
    assert counted["_quantiles"] == 4
    assert counted["_n_different"] == 5


def test_a_net_is_asked_for_pairs_of_one_kind_together(monkeypatch):
    """A tile of 4 x 4 columns of four kinds would hold ten batches."""
    batches, take = [], answers.HeldSamples.__init__

    def taking(self, samples, *args):
        batches.append(len(samples))
        take(self, samples, *args)

    monkeypatch.setattr(answers.HeldSamples, "__init__", taking)
    df = normals(4, 60, 8)
    for name, parts in zip("bdfh", (2, 3, 2, 3), strict=True):
        df[name] = pd.qcut(df[name], parts, labels=False).map(str)
    mi_matrix(df, device="cpu")
    # 6 of numbers, 8 with either, 4 of both, 1 of each alone
    assert sorted(batches) == [1, 1, 4, 6, 8, 8]


def test_pairs_asked_together_get_what_each_gets_alone():
    df = normals(3, 90, 4).round({"b": 1, "c": 2}).assign(d=lambda t: t.a > 0)
    names = [(i, j) for i in "abcd" for j in "abcd" if i < j]
    samples = [make_sample(df[i], df[j]) for i, j in names]
    test, net = PairTest.of(39, 0), MISTRegressor(device="cpu")
    together = answer_pairs(test, net, 0.9, samples, range(6))
    for k, (sample, own) in enumerate(zip(samples, together, strict=True)):
        (alone,) = answer_pairs(test, net, 0.9, [sample], [k])
        assert own.margins == alone.margins
        assert own.statistic == pytest.approx(alone.statistic, abs=1e-6, nan_ok=True)
        assert own.estimate.mi == pytest.approx(alone.estimate.mi, abs=1e-6)
    # "b" has too many ties for a null that others share
    assert [own.margins is None for own in together] == [True, False, False, True, True, False]


def test_samples_run_together_whatever_the_order_of_their_columns(monkeypatch):
    runs, whole = [], nn.sample_statistics
    monkeypatch.setattr(nn, "sample_statistics", lambda *a: runs.append(a) or whole(*a))
    rng = np.random.default_rng(0)
    numbers, labels = rng.normal(size=(80, 2)), rng.integers(0, 3, (80, 1)).astype(str)
    target = make_side(numbers[:, 0] + rng.normal(size=80), "y", "auto")
    number, other = (make_side(numbers[:, j], "X", "auto") for j in (0, 1))
    label = make_side(labels, "X", "auto")
    orders = ([number, other, label], [label, number, other], [other, label, number])
    samples = [Sample(joined(sides), target) for sides in orders]
    found = estimate_many(NetAnswers(device="cpu"), samples, level=0.9)
    assert len(runs) == 1
    alone = [estimate_many(NetAnswers(device="cpu"), [s], level=0.9)[0].mi for s in samples]
    np.testing.assert_allclose([answer.mi for answer in found], alone, rtol=0, atol=1e-6)


def test_the_four_fits_of_a_conditional_estimate_run_in_two_batches(monkeypatch):
    runs, whole = [], nn.sample_statistics
    monkeypatch.setattr(nn, "sample_statistics", lambda *a: runs.append(a) or whole(*a))
    x, y, z = np.random.default_rng(0).normal(size=(3, 80)).cumsum(axis=0)
    estimator = MISTRegressor(device="cpu")
    together = conditional_mutual_info(x, z, y, estimator=estimator)
    assert len(runs) == 2
    monkeypatch.setattr(MISTRegressor, "_fits_to", MutualInfoEstimator._fits_to)
    alone = conditional_mutual_info(x, z, y, estimator=estimator)
    assert len(runs) == 2 + 4
    ends = ("mi", "low", "high")
    found = [[getattr(answer, end) for end in ends] for answer in (together, alone)]
    np.testing.assert_allclose(*found, rtol=0, atol=1e-6)


def test_clones_that_are_fitted_together_are_as_those_fitted_alone():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 60, 2))
    samples = [make_sample(x, y[:, 0]), make_sample(x, np.ones(60)), make_sample(x[:, :1], y)]
    estimator = MISTRegressor(device="cpu")
    for fitted, sample in zip(fits_to(estimator, samples), samples, strict=True):
        alone = fit_to(estimator, sample)
        assert fitted.__dict__.keys() == alone.__dict__.keys()
        np.testing.assert_allclose(fitted.quantiles_, alone.quantiles_, rtol=0, atol=1e-6)
        assert fitted.warnings_ == alone.warnings_
    assert fits_to(estimator, samples)[1].mi_ == 0.0
