"""Labels, codes and functions: no estimator says more than there is, and what it says is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy

from skmist import (
    BootstrapCI,
    GaussianCopulaEstimator,
    KSGEstimator,
    MINEEstimator,
    MISTRegressor,
    OutOfRangeWarning,
    mi_matrix,
    mutual_info,
    mutual_info_classif,
)
from tests.siblings import ESTIMATORS

COPULA = GaussianCopulaEstimator()
each = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
quiet = pytest.mark.filterwarnings(
    "ignore::skmist.OutOfRangeWarning", "ignore::skmist.BoundWarning"
)


def words(codes):
    return pd.Series(codes).astype(str).radd("label ")


def copula(x, y, **kinds):
    return mutual_info(x, y, estimator="gaussian_copula", **kinds).mi


# The copula -------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "share", "truth"), [(20, 0.5, 0.905), (2, 0.8, 0.368)])
def test_labels_that_are_kept(k, share, truth):
    rng = np.random.default_rng(0)
    x = rng.integers(k, size=30_000)
    y = np.where(rng.random(len(x)) < share, x, rng.integers(k, size=len(x)))
    assert copula(words(x), words(y)) == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("rows_each", [2, 5, 50])
def test_independent_labels_carry_nothing_however_few_the_rows(rows_each):
    rng, n = np.random.default_rng(0), 20 * rows_each
    pairs = [(words(rng.integers(20, size=n)), words(rng.integers(20, size=n))) for _ in range(20)]
    found = [copula(*pair) for pair in pairs] if rows_each > 4 else _few(pairs)
    assert np.mean(found) == pytest.approx(0, abs=0.05)


def _few(pairs):
    with pytest.warns(OutOfRangeWarning, match="rows per label"):
        return [copula(*pair) for pair in pairs]


@pytest.mark.parametrize("n", [200, 5000])
@pytest.mark.parametrize("beside", [False, True])
def test_one_row_never_decides(n, beside):
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 3, (2, n))
    x[0] = y[0] = 9
    sides = words(x), words(y)
    if beside:
        sides = [pd.DataFrame({"label": side, "number": rng.normal(size=n)}) for side in sides]
    assert abs(copula(*sides)) < 0.02


def test_values_that_many_rows_share():
    rng = np.random.default_rng(0)
    on = rng.random(4000) < 0.05
    x, y = on * rng.exponential(size=(2, 4000))
    truth = entropy([0.05, 0.95])
    assert copula(x, y) == pytest.approx(truth, abs=0.03)
    assert copula(x, np.where(on, "on", "off")) == pytest.approx(truth, abs=0.03)
    # the numbers of the rows that are on count as well
    z, often = rng.normal(size=4000), rng.random(4000) < 0.4
    more = copula(often * z, often * (z + rng.normal(size=4000)))
    assert more == pytest.approx(entropy([0.4, 0.6]) + 0.4 * 0.347, abs=0.05)
    assert abs(copula(often * z, (rng.random(4000) < 0.5) * rng.normal(size=4000))) < 0.01


def test_labels_and_numbers_on_both_sides():
    rng = np.random.default_rng(0)
    label, x = np.arange(2000) % 5, rng.normal(size=2000)
    sides = [
        {"label": words(label), "x": x},
        {"label": words(label), "x": x + rng.normal(size=2000)},
    ]
    found = copula(*map(pd.DataFrame, sides))
    assert found == pytest.approx(np.log(5) + 0.347, abs=0.04)


@pytest.mark.parametrize("kind", ["labels", "atoms", "both"])
def test_rows_average_to_the_estimate(kind):
    rng = np.random.default_rng(0)
    label, z = rng.integers(4, size=300), rng.normal(size=300)
    x, y = {
        "labels": (words(label).to_frame(), words(label // 2)),
        "atoms": ((label * z)[:, None], (label > 1) * z),
        "both": (
            pd.DataFrame({"a": words(label), "b": z}),
            pd.DataFrame({"a": words(label // 2), "b": z**3 + rng.normal(size=300)}),
        ),
    }[kind]
    fitted = GaussianCopulaEstimator().fit(x, y)
    assert np.mean(fitted.predict(x)) == pytest.approx(fitted.mi_, abs=1e-9)
    assert np.mean(fitted.score_samples(x, y)) == pytest.approx(fitted.mi_, abs=1e-6)
    assert fitted.estimate_many([(x, y)])[0] == pytest.approx(fitted.mi_, abs=1e-9)


def test_a_combination_that_no_row_has_is_unlikely_and_not_impossible():
    x = words([0] * 40 + [1] * 40).to_frame("x")
    fitted = GaussianCopulaEstimator().fit(x, x["x"])
    odd = fitted.score_samples(x[:1], words([1]))[0]
    assert -8.0 < odd < -2.0 < 0.6 < fitted.score_samples(x[:1], words([0]))[0]


# The limit --------------------------------------------------------------------------------


@quiet
@each
@pytest.mark.parametrize("rows_each", [2, 3, 10])
def test_no_estimator_exceeds_the_entropy(estimator, rows_each):
    rng = np.random.default_rng(rows_each)
    code = rng.integers(8, size=8 * rows_each)
    limit = np.log(len(np.unique(code))) + 1e-9
    samples = [(words(code), words(code)), (words(code), code), (code, 7.0 * code)]
    samples.append((words(code), code + rng.random(len(code))))
    assert estimator.estimate_many(samples).max() <= limit
    for x, y in samples:
        assert mutual_info(x, y, estimator=estimator).mi <= limit


@quiet
def test_nor_do_drop_ins_and_intervals():
    y = np.array([1] * 5 + [0] * 5)
    limit = np.log(2) + 1e-9
    for estimator in ("ksg", "mist", "gaussian_copula"):
        assert mutual_info_classif(y[:, None] * 1.0, y, estimator=estimator)[0] <= limit
    fitted = BootstrapCI(KSGEstimator(), n_resamples=20).fit(y[:, None], y)
    assert fitted.low_ <= fitted.mi_ <= limit and fitted.high_ <= limit
    ksg = KSGEstimator().fit(y[:, None], y)
    assert ksg.score_samples(y[:, None], y).mean() == pytest.approx(ksg.mi_, abs=1e-12)


@pytest.mark.filterwarnings("ignore::skmist.BoundWarning")
def test_critics_of_labels_do_not_start_at_a_gaussian():
    rng = np.random.default_rng(0)
    x = rng.integers(10, size=1500)
    y = np.where(rng.random(1500) < 0.5, x, rng.integers(10, size=1500))
    # truth: 0.626; the Gaussian start gave 0
    mine = MINEEstimator(device="cpu", max_iter=25, n_folds=2)
    assert mine.fit(words(x).to_frame(), words(y)).mi_ == pytest.approx(0.6, abs=0.1)


# Few rows for each label, and functions -------------------------------------------------------


@quiet
@pytest.mark.parametrize("noise", [0.0, 0.9])
def test_mist_knows_a_function_of_few_rows(noise):
    label = np.repeat(np.arange(30), 2)
    number = label + noise * np.random.default_rng(0).random(60)
    found = mutual_info(words(label), number)
    assert found.mi == pytest.approx(np.log(30), abs=1e-6)
    assert 2.0 < found.low < np.log(30) < found.high + 1e-9


def test_few_rows_per_label_are_told_by_everyone():
    rng = np.random.default_rng(0)
    x, y = words(np.arange(60) % 30), rng.normal(size=60)
    for estimator in ("mist", "ksg", "gaussian_copula"):
        with pytest.warns(OutOfRangeWarning, match="'x0' has 30 labels in 60 rows"):
            found = mutual_info(x, y, estimator=estimator)
        assert "fewer than 4 rows per label" in found.warnings[0]
    with pytest.warns(OutOfRangeWarning, match="'x' has 30 labels in 60 rows"):
        assert KSGEstimator().fit(x.to_frame("x"), y).warnings_
    with pytest.warns(OutOfRangeWarning, match="30 labels"):
        KSGEstimator().estimate_many([(x, y)])
    assert mutual_info(words(np.arange(60) % 10), y, estimator="ksg").warnings == ()


@each
def test_functions_are_said_to_be_such(estimator):
    if isinstance(estimator, MINEEstimator):
        pytest.skip("has notes of its own about so much information")
    code = np.arange(200) % 9
    same = mutual_info(code, 3 * code + 1, estimator=estimator)
    assert (
        f"say the same, value for value: the information is their entropy, {np.log(9):.3f}"
        in (same.warnings[-1])
    )
    coarse = mutual_info(code, code // 3, estimator=estimator).warnings
    assert "'y0' is a function of column 'x0' in all rows" in coarse[-1]
    x = np.random.default_rng(0).normal(size=300)
    for y, why in ((x, "Both sides are the same"), (x**2, "is a smooth function")):
        with pytest.warns(OutOfRangeWarning, match=f"{why}.*infinite without noise"):
            mutual_info(x, y, estimator=estimator)


def test_combinations_that_agree_are_more_than_rows_resolve():
    rng = np.random.default_rng(1)
    z, e = rng.normal(size=(2, 1000, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    x, y = z @ turn, (z + [1e-3, 1.0] * e) @ turn.T
    with pytest.warns(OutOfRangeWarning, match=r"share 7\.2 nats, near log\(1000\) = 6.9"):
        mutual_info(x, y, estimator="ksg")
    loose = (z + 0.2 * e) @ turn.T
    assert mutual_info(x, loose, estimator="ksg").warnings == ()
    x[0] = loose[0] = 1e5  # one row in which all agrees
    assert mutual_info(x, loose, estimator="ksg").warnings == ()


@pytest.mark.parametrize("method", ["ksg", "gaussian_copula"])
def test_tables_note_functions_too(method):
    rng = np.random.default_rng(0)
    code, x = np.arange(200) % 9, rng.normal(size=200)
    df = pd.DataFrame(
        {"a": code, "b": 3 * code, "c": x, "d": np.exp(x), "e": rng.normal(size=200)}
    )
    pairs = mi_matrix(df, estimator=method, form="long").set_index(["a", "b"])["warnings"]
    assert "column 'a' and column 'b' say the same" in pairs["a", "b"]
    assert "infinite without noise" in pairs["c", "d"]
    assert (pairs.drop([("a", "b"), ("c", "d")]) == "").all()


def test_chance_and_noise_are_not_noted():
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    for y in (x + rng.normal(size=300), rng.normal(size=300), x > 0, rng.integers(3, size=300)):
        for estimator in (MISTRegressor(device="cpu"), COPULA, KSGEstimator()):
            assert mutual_info(x, y, estimator=estimator).warnings == ()


def _levels(rng, n, levels, columns):
    names = list("abcdefgh")[:levels]
    codes = rng.integers(levels, size=(columns, n))
    return pd.DataFrame(
        {f"c{j}": pd.Categorical.from_codes(code, names) for j, code in enumerate(codes)}
    )


@pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")
@pytest.mark.parametrize("n", [300, 1000, 4000])
def test_many_categories_do_not_determine_a_label(n):
    rng = np.random.default_rng(n)
    x = _levels(rng, n, 4, 8)
    count = (x.iloc[:, :4] == "a").to_numpy().sum(1)
    label = np.where(rng.random(n) < 1 / (1 + np.exp(-2.0 * (count - 1))), "yes", "no")
    found = mutual_info(x, label)
    truth = 0.2033  # a binomial number of four, quarter by quarter, seen through the logistic
    assert found.mi < truth + 0.05
    assert found.low < truth < found.high + 0.02


@pytest.mark.filterwarnings("ignore::skmist.OutOfRangeWarning")
def test_independent_categories_on_both_sides_say_nothing():
    rng = np.random.default_rng(0)
    lows = [
        mutual_info(_levels(rng, 100, 4, 4), _levels(rng, 100, 4, 4).add_prefix("y")).low
        for _ in range(10)
    ]
    assert np.sum(np.array(lows) <= 0.001) >= 9
