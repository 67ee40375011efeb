"""Rows that were copied are found, and rounding, categories, curves and clusters are none."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import skmist
from skmist import (
    BootstrapCI,
    GaussianCopulaEstimator,
    KSGEstimator,
    MINEEstimator,
    MISTRegressor,
    MutualInfoFeatureSelector,
    RepeatedRowsWarning,
)
from skmist._sample.sample import make_sample


def normals(*seed: int, n: int = 400, rho: float = 0.0) -> np.ndarray:
    x, e = np.random.default_rng(seed).normal(size=(2, n))
    return np.column_stack([x, rho * x + np.sqrt(1 - rho**2) * e])


def twice(rows: np.ndarray, share: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.vstack([rows, rows[rng.integers(len(rows), size=round(share * len(rows)))]])


def counted(rows: np.ndarray, **kinds) -> int:
    sample = make_sample(rows[:, :-1], rows[:, -1], **kinds)
    assert (sample.kept is not None) == any("copies" in note for note in sample.notes)
    return sample.n_samples


COPIES = {
    "resampled": lambda: normals(0)[np.random.default_rng(0).integers(400, size=400)],
    "a few": lambda: twice(normals(0), 0.05),
    "many": lambda: twice(normals(0), 1.0),
    "tripled": lambda: np.tile(normals(0), (3, 1)),
    "filled forward": lambda: normals(0)[
        np.maximum.accumulate(np.arange(400) * (np.arange(400) % 3 > 0))
    ],
    "dependent": lambda: twice(normals(0, rho=0.9), 0.2),
    "a function": lambda: twice(normals(0)[:, :1] ** [1, 2], 0.2),
    "three columns": lambda: twice(np.hstack([normals(0), normals(1)[:, :1]]), 0.2),
    "rounded": lambda: np.round(twice(normals(0), 0.2), 2),
    "beside a label": lambda: twice(normals(0) * [1, 0] + [[0, k % 3] for k in range(400)], 0.2),
}


@pytest.mark.parametrize("kind", COPIES)
def test_copies_count_once(kind):
    rows = COPIES[kind]()
    assert counted(rows) == len(np.unique(rows, axis=0))


def weeks(*seed: int, n: int = 1000) -> np.ndarray:
    """Weeks worked in a year: most people none or all, and others rather months than weeks."""
    rng = np.random.default_rng(seed)
    some = rng.integers(53, size=n)
    some = np.where(rng.random(n) < 0.5, some // 4 * 4, some)
    full = np.where(rng.random(n) < 0.5, 52, some)
    return np.where(rng.random(n) < 0.45, 0.0, full)


def at_places(labels: int) -> np.ndarray:
    """Rows of which a third are where others are, with a label that tells nothing of it."""
    rows = twice(normals(0), 0.5)
    return np.column_stack([rows, np.random.default_rng(1).integers(labels, size=len(rows))])


NO_COPIES = {
    "heaps at both ends": lambda: np.column_stack(
        [weeks(0), np.random.default_rng(2).integers(2, size=(1000, 2)), weeks(1)]
    ),
    "places and two labels": lambda: at_places(2),
    "places and five labels": lambda: at_places(5),
    "rounded to integers": lambda: np.round(8 * normals(0)),
    "rounded, dependent": lambda: np.round(normals(0, rho=0.99), 1),
    "rounded, a function": lambda: np.exp(np.round(normals(0)[:, :1], 1)) ** [1, -2],
    "rounded before a logarithm": lambda: np.log(1 + np.round(np.exp(2 + normals(0)))),
    "zeros": lambda: np.maximum(normals(0), 0),
    "a curve": lambda: normals(0)[:, :1] ** [1, 2],
    "a noisy curve": lambda: normals(0)[:, :1] ** [1, 2] + 0.01 * normals(1),
    "clusters": lambda: np.repeat(normals(0, n=20), 20, axis=0) + 0.01 * normals(1),
    "a walk": lambda: normals(0).cumsum(axis=0),
    "one column and a label": lambda: (
        np.round(normals(0), 1) * [1, 0] + [[0, k % 3] for k in range(400)]
    ),
    "labels": lambda: np.round(normals(0)),
    "a column of few values": lambda: np.round(normals(0) * [9, 1.5]),
}


@pytest.mark.parametrize("kind", NO_COPIES)
def test_what_is_no_copy(kind):
    rows = NO_COPIES[kind]()
    assert counted(rows) == len(rows)


def test_the_rule_errs_seldom_on_rounded_columns():
    told = 0
    for seed in range(100):
        step = (0.5, 0.1, 0.03, 0.01)[seed % 4]
        rows = np.round(normals(seed, n=300, rho=0.7 * (seed % 2)) / step) * step
        told += counted(rows) < 300
    assert told <= 1


@pytest.mark.parametrize(("n", "rho"), [(5000, 0.0), (5000, 0.8), (2000, 0.8)])
def test_copies_among_rows_that_rounding_makes_equal(n, rho):
    own = np.round(normals(n, n=n * 4 // 5, rho=rho), 2)
    assert counted(own) == len(own) > len(np.unique(own, axis=0))
    rows = twice(own, 0.25)
    assert counted(rows) == len(np.unique(rows, axis=0))


def on_a_curve(seed: int, spread: float, n: int = 4000) -> np.ndarray:
    x, e = np.random.default_rng(seed).normal(size=(2, n))
    return np.round(np.column_stack([x, np.sin(3 * x) + spread * e]), 2)


def heaped(seed: int, together: bool, n: int = 4000) -> np.ndarray:
    """Ages and incomes, given in round numbers by some, for both or for each by itself."""
    rng = np.random.default_rng(seed)
    age = rng.normal(45, 15, n)
    income = 10 * np.exp(rng.normal(3.2, 0.7, n) + age / 100)
    rounds = rng.random((n, 2)) < 0.4
    of_income = rounds[:, 0] if together else rounds[:, 1]
    return np.column_stack(
        [
            np.where(rounds[:, 0], np.round(age / 5) * 5, np.round(age)),
            np.where(of_income, np.round(income / 50) * 50, np.round(income)),
        ]
    )


def percentages(seed: int, n: int = 4000) -> np.ndarray:
    rng = np.random.default_rng(seed)
    of = rng.integers(5, 40, n)
    return np.round(100 * rng.binomial(of, [[0.5], [0.3]]) / of, 1).T


EQUAL_BY_CHANCE = {
    "curve": lambda seed: on_a_curve(seed, 0.0),
    "curve and noise": lambda seed: on_a_curve(seed, 0.01),
    "curve in part": lambda seed: np.vstack([on_a_curve(seed, 0.0)[:800], on_a_curve(seed, 1.0)]),
    "heaps": lambda seed: heaped(seed, together=False),
    "heaps of both": lambda seed: heaped(seed, together=True),
    "counts": lambda seed: np.round(np.exp(3 + normals(seed, n=4000, rho=0.6))),
    "percentages": percentages,
    "steps of two": lambda seed: np.round(normals(seed, n=4000, rho=0.99) / 0.02) * 0.02,
}


@pytest.mark.parametrize("kind", EQUAL_BY_CHANCE)
def test_rows_that_rounding_makes_equal_are_no_copies(kind):
    for seed in range(4):
        rows = EQUAL_BY_CHANCE[kind](seed)
        assert len(np.unique(rows, axis=0)) < len(rows) - 100
        assert counted(rows) == len(rows)


def test_near_copies_are_left_out():
    rows = np.tile(normals(0), (2, 1)) + 0.01 * normals(1, n=800)
    assert 200 < counted(rows) < 480
    with pytest.warns(RepeatedRowsWarning, match="near copies"):
        found = skmist.mutual_info(rows[:, 0], rows[:, 1], estimator="ksg")
    assert abs(found.mi) < 0.1


def test_a_few_near_copies_of_few_rows_are_told_and_no_others_left_out():
    told, kept = 0, []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        own = normals(seed, n=160, rho=0.5 * (seed % 2))
        rows = np.vstack([own, own[:40]]) + 0.01 * rng.normal(size=(200, 2))
        kept.append(counted(rows))
        told += kept[-1] < 200
    assert told >= 11 and 140 < np.mean(kept) < 170


@pytest.mark.parametrize(("n", "width"), [(300, 3), (300, 6), (1000, 3), (4000, 4)])
def test_a_twentieth_of_near_copies_is_told_in_three_columns(n, width):
    told = 0
    for seed in range(6):
        rng = np.random.default_rng([seed, n])
        own = rng.normal(size=(n * 19 // 20, width))
        rows = np.vstack([own, own[: n // 20]]) + 0.01 * rng.normal(size=(n, width))
        kept = counted(rows)
        told += 0.93 * n < kept < 0.97 * n
        assert counted(rng.normal(size=(n, width))) == n
    assert told >= 5


def test_near_copies_of_copies_are_no_curve():
    told = 0
    for seed in range(12):
        rng = np.random.default_rng([seed, 200])
        rows = normals(seed, n=100)[np.r_[:100, rng.integers(100, size=100)]]
        told += counted(rows + 0.01 * rng.normal(size=(200, 2))) < 130
    assert told == 12


def test_the_rule_errs_seldom_on_smooth_columns():
    told = sum(
        counted(normals(seed, n=150, rho=0.5 * (seed % 3 > 0))) < 150 for seed in range(100)
    )
    assert told <= 1


def upsampled(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x, rare = rng.normal(size=n), rng.random(n) < 0.15
    rows = np.r_[np.flatnonzero(~rare), rng.choice(np.flatnonzero(rare), (~rare).sum())]
    return x[rows], rare[rows]


def test_labels_keep_their_shares():
    x, label = upsampled()
    with pytest.warns(RepeatedRowsWarning, match="in the shares of 'y0' as given"):
        found = skmist.mutual_info(x, label)
    assert found.low < 0.001 and found.n_samples == 2 * len(np.unique(x[label]))
    table = pd.DataFrame({"x": x, "z": x**2, "label": label})
    with pytest.warns(RepeatedRowsWarning, match="in the shares of 'label'"):
        ranking = skmist.mi_with(table, "label", estimator="ksg")
    assert ranking.attrs["target_entropy"] == pytest.approx(np.log(2), abs=0.01)
    assert (ranking["mi"] < 0.1).all() and ranking["warnings"].str.contains("copies").all()


# Every door ------------------------------------------------------------------------------------

ROWS = COPIES["resampled"]()
X, Y = ROWS[:, :1], ROWS[:, 1]
ONCE = len(np.unique(Y))


@pytest.mark.parametrize(
    "estimator",
    [
        KSGEstimator(),
        GaussianCopulaEstimator(),
        MISTRegressor(device="cpu"),
        MINEEstimator(max_iter=2, n_folds=2),
        BootstrapCI(n_resamples=20),
    ],
    ids=lambda e: type(e).__name__,
)
def test_every_estimator_counts_once_and_says_so(estimator):
    with pytest.warns(RepeatedRowsWarning):
        fitted = estimator.fit(X, Y)
    assert fitted.n_samples_fit_ == ONCE and "copies" in fitted.warnings_[0]
    assert len(fitted.predict(X)) == len(fitted.score_samples(X, Y)) == len(X)
    unique = np.unique(ROWS, axis=0)
    assert fitted.estimate_many([(unique[:, :1], unique[:, 1])])[0] == pytest.approx(
        fitted.estimator_.mi_ if isinstance(fitted, BootstrapCI) else fitted.mi_, abs=1e-5
    )
    fitted.fit(*np.split(normals(5), 2, axis=1))
    assert not any("copies" in note for note in getattr(fitted, "warnings_", ()))


def test_all_copies_count_on_request():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = skmist.mutual_info(X, Y, estimator="ksg", duplicates="count")
        own = skmist.mutual_info(X, Y, estimator=KSGEstimator(duplicates="count"))
        fitted = KSGEstimator(duplicates="count").fit(X, Y)
    assert found.mi == own.mi == fitted.mi_ > 0.3 and found.n_samples == 400
    table = pd.DataFrame({"x": X[:, 0], "y": Y})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (
            skmist.mi_matrix(table, estimator="ksg", duplicates="count").loc["x", "y"] == found.mi
        )
    with pytest.raises(ValueError, match="duplicates is 'keep'; pass one of 'once', 'count'"):
        skmist.mutual_info(X, Y, duplicates="keep")


def test_every_other_door():
    z = normals(9)[:, 0][np.random.default_rng(0).integers(400, size=400)]
    with pytest.warns(RepeatedRowsWarning):
        found = skmist.conditional_mutual_info(X, Y, z, estimator="ksg")
    assert found.n_samples == ONCE and found.mi < 0.2
    with pytest.warns(RepeatedRowsWarning):
        tested = skmist.independence_test(X, Y, estimator="ksg", n_permutations=39)
    assert tested.pvalue > 0.05 and tested.n_samples == ONCE
    with pytest.warns(RepeatedRowsWarning):
        groups = np.arange(400) % 3
        skmist.independence_test(X, Y, estimator="ksg", n_permutations=19, groups=groups)
    with pytest.warns(RepeatedRowsWarning):
        scores = skmist.mutual_info_regression(np.column_stack([X, z]), Y)
    assert (scores < 0.1).all()
    selector = MutualInfoFeatureSelector(1, estimator="ksg")
    with pytest.warns(RepeatedRowsWarning):
        selector.fit(np.column_stack([X, z]), Y, groups=np.arange(400) % 3)
    assert (selector.relevance_ < 0.1).all()


def test_whole_rows_of_a_table_decide():
    """Two columns that belong to one place repeat for each of its rows, which are no copies."""
    places = np.repeat(normals(0, n=40), 10, axis=0)
    table = pd.DataFrame({"lat": places[:, 0], "lon": places[:, 1], "rain": normals(1)[:, 0]})
    with warnings.catch_warnings():
        warnings.simplefilter("error", RepeatedRowsWarning)
        skmist.mi_with(table.sample(frac=1, random_state=0), "rain", estimator="gaussian_copula")
    assert counted(places) == 40


def test_missing_values_are_part_of_a_row():
    table = pd.DataFrame(np.tile(normals(0), (2, 1)), columns=["x", "y"])
    table.loc[::7, "x"] = np.nan
    table = pd.concat([table, table.iloc[:50]])
    with pytest.warns(RepeatedRowsWarning):
        ranking = skmist.mi_with(table, "y", estimator="ksg", missing="drop")
    assert ranking["mi"].iloc[0] < 0.2


def test_the_order_of_rows_does_not_decide():
    for rows in (
        np.column_stack(upsampled()),
        np.tile(normals(0), (2, 1)) + 0.01 * normals(1, n=800),
    ):
        order = np.random.default_rng(0).permutation(len(rows))
        answers = [
            skmist.mutual_info(r[:, 0], r[:, 1], estimator="ksg").mi for r in (rows, rows[order])
        ]
        assert answers[0] == pytest.approx(answers[1], abs=1e-9)
