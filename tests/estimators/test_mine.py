"""MINE: known MI, held-out honesty, reproducibility, columns, rows, warnings, parameters."""

from __future__ import annotations

import math
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmist import BoundWarning, InvalidSampleError, MINEEstimator, mi_matrix, mutual_info
from skmist._sample.sample import make_sample
from skmist.estimators.mine.plan import OBJECTIVES
from skmist.estimators.mine.view import CriticView

QUICK = {"device": "cpu", "max_iter": 4, "n_folds": 2}


def gaussian(n, d=1, mi=0.83, seed=0):
    rng = np.random.default_rng(seed)
    rho = math.sqrt(-math.expm1(-2 * mi / d))
    x, noise = rng.standard_normal((2, n, d))
    return x, rho * x + math.sqrt(1 - rho**2) * noise


@pytest.fixture(scope="module")
def fitted():
    x, y = gaussian(600, d=2)
    return x, y, MINEEstimator(**QUICK).fit(x, y)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_finds_a_gaussian(objective):
    x, y = gaussian(600)
    assert MINEEstimator(objective, **QUICK).fit(x, y).mi_ == pytest.approx(0.83, abs=0.12)


@pytest.mark.parametrize("objective", ["donsker_varadhan", "nwj", "infonce"])
def test_independence_reads_0_in_many_dimensions(objective):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 500, 10))
    assert abs(MINEEstimator(objective, **QUICK).fit(x, y).mi_) < 0.02


def test_20_dimensions():
    x, y = gaussian(3000, d=20, mi=2.0)
    assert MINEEstimator(**{**QUICK, "max_iter": 1}).fit(x, y).mi_ == pytest.approx(2.0, abs=0.4)


@pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
@pytest.mark.parametrize("critic", ["separable", "joint"])
def test_training_finds_what_no_correlation_shows(critic):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(800, 1))
    y = np.abs(x[:, 0]) + 0.2 * rng.normal(size=800)
    settings = {**QUICK, "max_iter": 30, "batch_size": 128, "learning_rate_init": 0.01}
    mine = MINEEstimator(critic=critic, hidden_layer_sizes=(32,), **settings).fit(x, y)
    # the truth is about 0.93
    assert 0.4 < mine.mi_ < 1.03
    assert len(mine.validation_curve_[0]) > 3
    assert mine.validation_curve_[0].max() > mine.validation_curve_[0][0]


def test_what_is_reported_is_held_out():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 200, 8))
    settings = {**QUICK, "max_iter": 80, "early_stopping": False, "learning_rate_init": 0.01}
    with pytest.warns(BoundWarning):
        mine = MINEEstimator("nwj", **settings).fit(x, y)
    assert mine.training_mi_ > 0.3
    assert mine.mi_ < 0.05
    assert MINEEstimator("nwj", **{**QUICK, "max_iter": 80}).fit(x, y).mi_ > -0.05


def test_no_critic_sees_its_fold(monkeypatch):
    from skmist.estimators.mine import training

    seen, held = [], []
    start, judge = training._Trainer.__init__, training.held_out_bound

    def note_start(self, plan, bound, rows, generator):
        seen.append(rows[0].ravel())
        start(self, plan, bound, rows, generator)

    def note_judge(bound, critic, x, y):
        held.append(x.ravel())
        return judge(bound, critic, x, y)

    monkeypatch.setattr(training._Trainer, "__init__", note_start)
    monkeypatch.setattr(training, "held_out_bound", note_judge)
    x, y = gaussian(90)
    MINEEstimator(**{**QUICK, "n_folds": 3, "max_iter": 1}).fit(x, y)
    assert len(seen) == 3
    everything = []
    for k in range(3):
        # of each fold: validation (the start at 0, the Gaussian, one epoch), held out, training
        validation, fold = held[5 * k], held[5 * k + 3]
        parts = torch.cat([seen[k], validation, fold])
        assert len(parts) == len(parts.unique()) == 90
        assert torch.equal(held[5 * k + 4], seen[k])
        everything.append(fold)
    assert len(torch.cat(everything).unique()) == 90


def test_same_answer_from_the_same_state_and_torch_left_alone():
    x, y = gaussian(300, d=2)
    before = torch.random.get_rng_state()
    first = MINEEstimator(random_state=3, **QUICK).fit(x, y)
    torch.manual_seed(99)
    again = MINEEstimator(random_state=3, **QUICK).fit(x, y)
    other = MINEEstimator(random_state=4, **QUICK).fit(x, y)
    assert first.mi_ == again.mi_ != other.mi_
    np.testing.assert_array_equal(first.predict(x[:9]), again.predict(x[:9]))
    torch.random.set_rng_state(before)
    MINEEstimator(**QUICK).fit(x, y)
    assert torch.equal(torch.random.get_rng_state(), before)
    state = np.random.RandomState(0)
    answers = [MINEEstimator(random_state=state, **QUICK).fit(x, y).mi_ for _ in range(2)]
    assert answers[0] != answers[1]


@pytest.mark.parametrize("bend", [lambda v: v**3, np.exp, lambda v: 1 / (1 + np.exp(-v))])
def test_maps_of_the_margins_change_nothing_at_all(bend, fitted):
    x, y, mine = fitted
    assert MINEEstimator(**QUICK).fit(bend(x), bend(y)).mi_ == mine.mi_


def mixed(n=600):
    rng = np.random.default_rng(1)
    city = rng.choice(list("abcd"), n)
    age = rng.normal(size=n)
    pay = (city == "b") + 0.5 * age + 0.3 * rng.normal(size=n)
    return pd.DataFrame({"city": city, "age": age}), pd.DataFrame({"pay": pay, "rich": pay > 0.5})


def test_the_view_of_a_sample_knows_no_order_and_no_names():
    X, y = mixed(60)
    rng = np.random.default_rng(0)
    rows, names = rng.permutation(60), {"a": "q", "b": "p", "c": "z", "d": "y"}
    renamed = X.assign(city=X["city"].map(names))[["age", "city"]].iloc[rows]

    def seen(X, y):
        sample = make_sample(X, y)
        view = CriticView(sample)
        ordered = view.x(sample.x.values[view.order]), view.y(sample.y.values[view.order])
        return view.arranged(*ordered)

    plain = seen(X, y)
    for other in (seen(renamed, y.iloc[rows]), seen(y[["rich", "pay"]], X)):
        for a, b in zip(plain, other, strict=True):
            np.testing.assert_array_equal(a, b)
    assert plain[0].shape[1] + plain[1].shape[1] == 1 + 3 + 1 + 1


def test_a_class_is_worth_its_entropy():
    rng = np.random.default_rng(0)
    label = rng.choice(list("abc"), 600)
    x = pd.DataFrame({"same": label, "noise": rng.normal(size=600)})
    settings = {**QUICK, "max_iter": 40, "learning_rate_init": 0.02}
    mine = MINEEstimator(**settings).fit(x, label)
    assert mine.mi_ == pytest.approx(math.log(3), abs=0.12)


def test_rows_of_mixed_columns():
    X, y = mixed()
    mine = MINEEstimator(**{**QUICK, "max_iter": 15}).fit(X, y)
    predicted = mine.predict(X)
    assert np.mean(predicted) == pytest.approx(mine.mi_, abs=1e-9)
    assert mine.score_samples(X, y).shape == (600,)
    with pytest.raises(InvalidSampleError, match="'e' was not seen in fit"):
        mine.predict(pd.DataFrame({"city": ["e"], "age": [0.0]}))


def test_rows_agree_with_the_gaussian_truth():
    x, y = gaussian(1500)
    mine = MINEEstimator(**QUICK).fit(x, y)
    r2 = -math.expm1(-2 * 0.83)
    rho, u, v = math.sqrt(r2), x[:, 0], y[:, 0]
    exact = 0.83 - (r2 * (u**2 + v**2) - 2 * rho * u * v) / (2 * (1 - r2))
    found = mine.score_samples(x, y)
    inner = np.abs(np.c_[u, v]).max(axis=1) < 2
    assert np.mean(np.abs(found - exact)[inner]) < 0.12
    surprise = 0.83 + 0.5 * r2 * (u**2 - 1)
    assert np.mean(np.abs(mine.predict(x) - surprise)[inner]) < 0.1


def test_normalized_over_y(fitted):
    x, y, mine = fitted
    for row in x[:3]:
        scores = mine.score_samples(np.tile(row, (600, 1)), y)
        assert np.mean(np.exp(scores)) == pytest.approx(1.0, abs=1e-9)


def test_rows_do_not_depend_on_each_other(fitted):
    x, y, mine = fitted
    np.testing.assert_allclose(mine.predict(x[5:6]), mine.predict(x)[5:6], atol=1e-10)
    one = mine.score_samples(x[7:8], y[7:8])
    np.testing.assert_allclose(one, mine.score_samples(x, y)[7:8], atol=1e-10)


def test_score_is_the_bound_on_new_rows(fitted):
    x, y, mine = fitted
    new_x, new_y = gaussian(600, d=2, seed=1)
    assert mine.score(new_x, new_y) == pytest.approx(0.83, abs=0.15)
    shuffled = np.random.default_rng(0).permutation(600)
    assert mine.score(new_x, new_y[shuffled]) < 0.0
    assert mine.score(x[shuffled], y[shuffled]) == mine.mi_
    assert mine.score(x[:300], y[:300]) != mine.mi_


def test_score_chooses_parameters():
    x, y = gaussian(300)
    grid = {"gaussian_start": [False, True]}
    settings = {**QUICK, "max_iter": 1}
    search = GridSearchCV(MINEEstimator(**settings), grid, cv=2).fit(x, y)
    assert search.best_params_ == {"gaussian_start": True}


def test_fitted_attributes(fitted):
    _, _, mine = fitted
    assert type(mine.mi_) is type(mine.training_mi_) is float
    assert mine.mi_ == np.mean(mine.fold_values_) and mine.fold_values_.shape == (2,)
    assert [len(curve) for curve in mine.loss_curve_] == [4, 4] and mine.n_iter_ == 4
    assert [len(curve) for curve in mine.validation_curve_] == [4, 4]
    assert mine.device_ == "cpu"
    assert mine.warnings_ == ()


def test_without_early_stopping_there_is_no_validation():
    x, y = gaussian(300)
    mine = MINEEstimator("infonce", early_stopping=False, **QUICK).fit(x, y)
    assert [len(curve) for curve in mine.validation_curve_] == [0, 0]
    assert [len(curve) for curve in mine.loss_curve_] == [4, 4]
    assert mine.mi_ == pytest.approx(0.83, abs=0.2)


def test_early_stopping_stops():
    x, y = gaussian(300)
    mine = MINEEstimator(device="cpu", n_folds=2, max_iter=50, n_iter_no_change=1, tol=1.0)
    assert mine.fit(x, y).n_iter_ == 1


@pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
def test_folds_follow_the_rows():
    x, y = gaussian(80)
    assert len(MINEEstimator(device="cpu", max_iter=1).fit(x, y).fold_values_) == 5
    assert len(MINEEstimator(device="cpu", max_iter=1, n_folds=3).fit(x, y).fold_values_) == 3
    with pytest.warns(BoundWarning, match="fewer than 16: it was not trained"):
        few = MINEEstimator(device="cpu", n_folds=9).fit(x[:8], y[:8])
    assert few.mi_ == 0.0 and len(few.fold_values_) == 4


def test_a_saturated_bound_says_so():
    x, _ = gaussian(200)
    y = x + 1e-3 * np.random.default_rng(0).normal(size=x.shape)
    with pytest.warns(BoundWarning, match="close to the 4.61 that a fold of this size allows"):
        mine = MINEEstimator("infonce", **{**QUICK, "max_iter": 30}).fit(x, y)
    assert mine.warnings_ and mine.mi_ < math.log(100)


def strong(n=300, d=30, noise=0.3):
    """Of 37 nats, which no bound on so few rows can show."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n, d))
    return x, x + noise * rng.normal(size=(n, d))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_no_bound_exceeds_what_its_rows_can_show(objective):
    x, y = strong()
    ceiling = math.log(150)
    with pytest.warns(BoundWarning, match="at the ceiling of 5.01 nats|close to the 5.01 that"):
        mine = MINEEstimator(objective, **QUICK).fit(x, y)
    assert ceiling - 0.1 < mine.mi_ <= ceiling and mine.fold_values_.max() <= ceiling
    if objective == "infonce":  # below it by itself
        assert mine.score(x[:80], y[:80]) < math.log(80)
        return
    with pytest.warns(BoundWarning, match="more can be shown from them: the MI is at least"):
        assert mine.score(x[:80], y[:80]) == pytest.approx(math.log(80), abs=1e-9)


def test_a_bound_that_explodes_wins_no_search():
    x, y = strong(d=12, noise=0.03)
    grid = {"objective": ["infonce", "donsker_varadhan"]}
    with pytest.warns(BoundWarning):
        search = GridSearchCV(MINEEstimator(**QUICK), grid, cv=2).fit(x, y)
    assert 2.0 < search.best_score_ <= math.log(150)
    x, y = gaussian(300, d=30, mi=3.0)
    search = GridSearchCV(MINEEstimator(**QUICK), grid, cv=2).fit(x, y)
    assert search.cv_results_["mean_test_score"].max() < 3.0


@pytest.mark.parametrize("objective", ["donsker_varadhan", "nwj"])
def test_a_gaussian_start_that_is_far_off_is_weakened(objective):
    # of 10.4 nats; at full strength pairs of other rows score far below 0
    mine = MINEEstimator(objective, **QUICK).fit(*strong(noise=1.0))
    assert 2.0 < mine.mi_ < math.log(150)
    assert mine.warnings_ == ()


@pytest.mark.parametrize("objective", ["nwj", "jensen_shannon", "smile"])
def test_a_failure_is_not_taken_for_independence(objective, monkeypatch):
    monkeypatch.setattr("skmist.estimators.mine.training._MAX_WEAKENINGS", 0)
    with pytest.warns(BoundWarning, match="no evidence of independence. Collect more rows"):
        mine = MINEEstimator(objective, **QUICK).fit(*strong())
    assert mine.mi_ == pytest.approx(0.0, abs=1e-9)


def test_an_unstable_partition_says_so():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 200, 8))
    settings = {**QUICK, "max_iter": 60, "early_stopping": False, "learning_rate_init": 0.02}
    with pytest.warns(BoundWarning, match="relative standard error of .* above 0.1: the bound is"):
        MINEEstimator(**settings).fit(x, y)


def test_verbose_shows_a_bar(capsys):
    x, y = gaussian(100)
    MINEEstimator(verbose=True, **QUICK).fit(x, y)
    assert "MINE" in capsys.readouterr().err
    MINEEstimator(**QUICK).fit(x, y)
    assert capsys.readouterr().err == ""


def test_clone_and_pickle(fitted):
    x, _, mine = fitted
    assert clone(mine).get_params() == mine.get_params()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(mine)).predict(x), mine.predict(x))


def test_mutual_info_knows_it():
    x, y = gaussian(200)
    estimate = mutual_info(x, y, estimator="mine", device="cpu")
    assert estimate.mi == pytest.approx(0.83, abs=0.25)
    assert (estimate.method, estimate.low) == ("mine", None)


def test_results_carry_its_warnings_and_say_them_once():
    x, _ = gaussian(100, d=12)
    with pytest.warns(BoundWarning, match="at the ceiling") as said:
        estimate = mutual_info(x, x, estimator=MINEEstimator(device="cpu", max_iter=2))
    assert len(estimate.warnings) == len(said) >= 1
    assert [str(warning.message) for warning in said] == list(estimate.warnings)
    assert mutual_info(x, np.ones(100), estimator=MINEEstimator()).warnings == ()


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_matrix_carries_its_warnings_and_says_them_once(n_jobs, capfd):
    x = np.random.default_rng(0).normal(size=60)
    table = pd.DataFrame({"a": x, "b": x + 1e-3, "c": x**3})
    settings = {"estimator": MINEEstimator(device="cpu", max_iter=2, n_folds=2), "n_jobs": n_jobs}
    with pytest.warns(BoundWarning, match="'a' and 'b' and 2 more pairs: The bound") as said:
        pairs = mi_matrix(table, form="long", **settings)
    assert len(said) == 1
    assert pairs["warnings"].str.contains("The bound").all()
    assert "BoundWarning" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("objective", "club", "objective is 'club'; pass one of donsker_varadhan"),
        ("critic", "bilinear", "critic is 'bilinear'; pass one of separable, joint"),
        ("hidden_layer_sizes", (), "must be a sequence of at least 1 width"),
        ("hidden_layer_sizes", (8, 0), "hidden_layer_sizes is 0, but must be an integer"),
        ("batch_size", 1, "batch_size is 1, but must be an integer of at least 2"),
        ("max_iter", 2.5, "max_iter is 2.5, but must be an integer of at least 1"),
        ("n_iter_no_change", 0, "n_iter_no_change is 0"),
        ("n_folds", 1, "n_folds is 1, but must be an integer of at least 2"),
        ("validation_fraction", 1.0, "validation_fraction is 1.0, but must be above 0 and below"),
        ("learning_rate_init", -1, "learning_rate_init is -1"),
    ],
)
def test_parameters_are_checked(name, value, message):
    x, y = gaussian(50)
    with pytest.raises(ValueError, match=message):
        MINEEstimator(**{**QUICK, name: value}).fit(x, y)


def test_an_absent_gpu_is_named(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="device='cuda', but torch finds 0 CUDA devices"):
        MINEEstimator(device="cuda").fit(*gaussian(50))


def test_no_warning_where_all_is_well():
    with warnings.catch_warnings():
        warnings.simplefilter("error", BoundWarning)
        MINEEstimator(**QUICK).fit(*gaussian(600, d=2))
