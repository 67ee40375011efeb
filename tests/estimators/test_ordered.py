"""Ordered discrete columns: ranks to an extended net, categories to all others."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from skmist import (
    BootstrapCI,
    GaussianCopulaEstimator,
    KSGEstimator,
    MISTRegressor,
    mi_with,
    mutual_info,
)
from skmist._sample.sample import make_sample
from skmist.estimators.mist.quantiles import notes_about
from skmist.feature_selection.stopping import with_shadows
from skmist.independence.nulls import Margins
from skmist.independence.orders import free_orders
from skmist.nn import NetConfig
from skmist.pretrain.config import RunConfig, TrainingConfig
from skmist.pretrain.export import export_weights
from skmist.pretrain.trainer import Trainer
from skmist.pretrain.world import World
from skmist.weights import load_card
from tests.paths import BENCHMARKS

# Weights of a net that is not extended.
PLAIN = str(BENCHMARKS / "checkpoints" / "mist-2.json")
RNG = np.random.default_rng(0)
N = 150
GRADE = RNG.integers(0, 5, N)
Y = GRADE % 3 + RNG.normal(size=N)
X = np.column_stack([GRADE, RNG.normal(size=N), GRADE + RNG.integers(0, 3, N)])
NET = NetConfig(dim=32, depth=1, heads=2, cell_dim=8, cell_heads=2, max_rows=64, extended=True)
RUN = RunConfig(
    name="tiny",
    net=NET,
    training=TrainingConfig(steps=1, micro_batches=1, max_batch=2, n_masked=2),
    prior={"n_range": (10, 4000), "max_dim": 3},
)


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """Weights of an extended net that has learned nothing."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    trainer = Trainer(replace(RUN, categories=[2, 4]), folder / "run", World("cpu"))
    for name, value in trainer.learners["tiny"].average.named_parameters():
        if name.startswith(("quantiles", "gate", "row_gate")):
            torch.nn.init.normal_(value, std=0.2)
    return str(export_weights(trainer, folder))


def fit(weights, x, y, **choices) -> MISTRegressor:
    return MISTRegressor(weights=weights, device="cpu", **choices).fit(x, y)


def frame(**columns) -> pd.DataFrame:
    return pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]} | columns)


pytestmark = pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")


@pytest.mark.parametrize("increasing", [np.exp, lambda v: v**3 + 2 * v, lambda v: 7 * v - 50])
def test_increasing_maps_of_ordered_columns_change_nothing(extended, increasing):
    plain = fit(extended, X, Y)
    mapped = fit(extended, increasing(X), increasing(Y / 3))
    np.testing.assert_allclose(mapped.quantiles_, plain.quantiles_, atol=1e-5)
    asked = X[:9], Y[:9]
    moved = increasing(asked[0]), increasing(asked[1] / 3)
    np.testing.assert_allclose(
        mapped.score_samples(*moved), plain.score_samples(*asked), atol=1e-5
    )
    np.testing.assert_allclose(mapped.predict(moved[0]), plain.predict(asked[0]), atol=1e-5)


def test_names_of_categories_change_nothing_and_an_order_is_none(extended):
    words = np.array(["p", "q", "r", "s", "t"])
    labels = [fit(extended, frame(a=words[(k * GRADE) % 5]), Y).mi_ for k in (1, 2, 3)]
    assert labels[1:] == pytest.approx(labels[:1] * 2, abs=1e-5)
    ordered = [fit(extended, frame(a=(k * GRADE) % 5), Y).mi_ for k in (1, 2)]
    assert abs(ordered[0] - ordered[1]) > 1e-4
    assert abs(ordered[0] - labels[0]) > 1e-4


def test_an_ordered_category_is_what_its_ranks_are(extended):
    words = ["none", "a few", "some", "many", "all"]
    dtype = pd.CategoricalDtype(words, ordered=True)
    steps = pd.Series(np.array(words)[GRADE]).astype(dtype)
    expected = fit(extended, frame(), Y).quantiles_
    np.testing.assert_array_equal(fit(extended, frame(a=steps), Y).quantiles_, expected)
    # and as a target, like numbers that are declared
    as_target = fit(extended, X[:, 1:], steps).quantiles_
    declared = fit(extended, X[:, 1:], GRADE, discrete_target="ordered").quantiles_
    np.testing.assert_array_equal(as_target, declared)
    assert abs(fit(extended, X[:, 1:], GRADE).quantiles_ - declared).max() > 1e-4


def test_the_order_of_rows_and_columns_changes_nothing(extended):
    rows, expected = RNG.permutation(N), fit(extended, X, Y).mi_
    assert fit(extended, X[rows], Y[rows]).mi_ == pytest.approx(expected, abs=1e-4)
    assert fit(extended, X[:, [2, 0, 1]], Y).mi_ == pytest.approx(expected, abs=1e-4)


def test_samples_of_all_kinds_together_are_as_alone(extended):
    text = pd.Series(np.array(list("abcde"))[GRADE])
    samples = [(GRADE, Y), (text, Y), (GRADE % 3, Y), (Y, GRADE), (Y, GRADE / 2), (X, Y)]
    mist = MISTRegressor(weights=extended, device="cpu")
    for mi, one in zip(mist.estimate_many(samples), samples, strict=True):
        alone = MISTRegressor(weights=extended, device="cpu").estimate_many([one])
        assert mi == pytest.approx(alone[0], abs=1e-4)


def test_a_fitted_copy_answers_the_same(extended):
    mist = fit(extended, X, Y)
    copy = pickle.loads(pickle.dumps(mist))
    np.testing.assert_allclose(copy.predict(X[:5]), mist.predict(X[:5]), atol=1e-6)


def test_only_unordered_columns_count_as_categories(extended):
    card = load_card(extended)
    ordered, text = make_sample(X, Y), make_sample(frame(a=GRADE.astype(str)), Y)
    assert notes_about(ordered, card, 0.0) == ()
    assert "5 categories in one column" in notes_about(text, card, 0.0)[0]
    old = {**load_card(PLAIN), "trained": card["trained"]}
    assert "7 categories in one column" in notes_about(ordered, old, 0.0)[0]


@pytest.mark.parametrize(
    "estimator",
    [MISTRegressor(weights=PLAIN, device="cpu"), KSGEstimator(), GaussianCopulaEstimator()],
    ids=["mist-2", "ksg", "gaussian_copula"],
)
def test_to_all_others_ordered_columns_are_categories(estimator):
    assert not estimator.reads_order
    found = [
        mutual_info(
            X, GRADE, estimator=estimator, discrete_features=[0, 2], discrete_target=choice
        )
        for choice in (True, "ordered")
    ]
    assert found[0] == found[1]


def test_tables_take_the_order_of_any_column(extended):
    df = frame(target=GRADE)
    mist = MISTRegressor(weights=extended, device="cpu")
    found = mi_with(df, "target", estimator=mist, columns=["b", "c"])
    assert (found["kind"].to_dict(), found.attrs["target_kind"]) == (
        {"b": "continuous", "c": "ordinal"},
        "ordinal",
    )
    one = fit(extended, X[:, [1]], GRADE, discrete_target="ordered")
    assert found.loc["b", "mi"] == pytest.approx(one.mi_, abs=1e-4)


def test_a_null_distribution_follows_the_order_of_the_labels(extended):
    mist = MISTRegressor(weights=extended, device="cpu")
    assert mist.reads_order
    sample = make_sample(X[:, 1], GRADE, discrete_target="ordered")
    margins = Margins.of(sample, mist.reads_order)
    assert margins.ordered and margins.counts == (0, *np.bincount(GRADE))
    drawn = margins.sample().y
    assert drawn.ordered.tolist() == [True]
    np.testing.assert_array_equal(drawn.values[:, 0], np.sort(GRADE))
    assert Margins.of(make_sample(X[:, 1], np.ones(N)), True) is None
    unordered = Margins.of(make_sample(X[:, 1], GRADE), mist.reads_order)
    assert not unordered.ordered
    assert unordered == Margins.of(sample) != margins
    assert unordered.counts == tuple(sorted(margins.counts[1:]))


def test_copies_of_ordered_columns_are_of_their_own_kind():
    df = pd.DataFrame({"a": GRADE, "b": GRADE.astype(str), "c": X[:, 1]})
    sample, orders = make_sample(df, Y), free_orders(N)
    for reads_order, expected in ((False, [5, 5, 0]), (True, [-5, 5, 0])):
        shadowed, kinds = with_shadows(sample, 0.2, orders, 0, reads_order)
        assert kinds[:3].tolist() == expected
        ordered = shadowed.x.ordered[3:]
        if reads_order:
            np.testing.assert_array_equal(ordered, kinds[3:] == -5)


def test_a_wrapped_net_is_told_the_order(extended):
    ci = BootstrapCI(MISTRegressor(weights=extended, device="cpu"), n_resamples=20)
    assert ci.reads_order and not BootstrapCI().reads_order
