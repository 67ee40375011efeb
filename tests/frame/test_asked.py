"""Pairs that are asked as columns answer and are remarked on as pairs each for itself."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from skmist import GaussianCopulaEstimator, InvalidSampleError, mi_matrix, mi_with
from skmist._sample.sample import Sample
from skmist._sample.side_pairs import SidePairs
from skmist.frame import asked
from skmist.frame.asked import PairPlan

COPULA = {"estimator": "gaussian_copula"}


def all_kinds(n: int, seed: int) -> pd.DataFrame:
    """Columns of all kinds, with something to say about most of them."""
    rng = np.random.default_rng(seed)
    plain, other = rng.normal(size=(2, n))
    gaps = np.where(rng.random(n) < 0.2, np.nan, plain + other)
    letters = np.array(list("abcd"))[rng.integers(0, 4, n)]
    return pd.DataFrame(
        {
            "plain": plain,
            "beside": plain + 0.5 * other,
            "copy": plain,
            "grows with it": np.exp(plain),
            "rounded": plain.round(1),
            "steps": np.clip(3 * plain + 5, 0, 9).astype(int),
            "gaps": gaps,
            "few values": np.where(np.arange(n) < 5, plain, np.nan),
            "none": np.full(n, np.nan),
            "constant": np.ones(n),
            "one label": "x",
            "letters": letters,
            "their names": np.char.add("name ", letters),
            "half of them": np.isin(letters, ["a", "b"]),
            "keys": [f"key {k}" for k in rng.permutation(n)],
            "few rows each": [f"key {k}" for k in rng.integers(0, n // 3, n)],
            "half is 0": np.where(rng.random(n) < 0.5, 0.0, np.exp(other)),
            "walk": np.cumsum(rng.normal(size=n)),
            "slow": np.convolve(rng.normal(size=n + 11), np.ones(12), "valid"),
            "row": np.arange(n),
            "day": pd.date_range("2020-01-01", periods=n)[rng.permutation(n)],
            "lists": [[k] for k in range(n)],
        }
    )


def told(ask, *args, **options):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        answer = ask(*args, **COPULA, **options)
    return answer, [(w.category, str(w.message)) for w in said]


ASKED = {
    "matrix": lambda df, **how: told(mi_matrix, df, form="long", **how),
    "numbers": lambda df, **how: told(mi_with, df, "beside", **how),
    "labels": lambda df, **how: told(mi_with, df, "letters", **how),
    "gaps": lambda df, **how: told(mi_with, df, "gaps", **how),
}


@pytest.mark.parametrize("how", [{}, {"missing": "category"}, {"duplicates": "count"}], ids=str)
@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("n", [15, 120])
def test_columns_asked_together_answer_as_each_pair_by_itself(monkeypatch, n, what, how):
    df = all_kinds(n, seed=n)
    answer, said = ASKED[what](df, **how)
    monkeypatch.setattr(PairPlan, "by_columns", False)
    alone, said_alone = ASKED[what](df, **how)
    pd.testing.assert_frame_equal(answer, alone, check_exact=True)
    assert repr(answer.attrs) == repr(alone.attrs)  # NaN is no other NaN
    assert said == said_alone


@pytest.mark.filterwarnings("ignore")
def test_the_table_has_something_to_say_of_each_kind():
    notes = mi_matrix(all_kinds(120, seed=120), form="long", **COPULA)["warnings"].str.cat()
    expected = (
        "say the same, value for value",
        "is a function of",
        "Both sides are the same",
        "smooth function",
        "labels in 120 rows",
        "dealt out at random",
        "Rows depend on the rows before them",
        "has one value only",
        "has no values",
        "both are present in 5 rows",
    )
    assert not [words for words in expected if words not in notes]


def test_nothing_is_made_of_a_pair_of_which_there_is_nothing_to_say(monkeypatch):
    made, remarked = [], []
    make = Sample.__init__
    monkeypatch.setattr(Sample, "__init__", lambda *a, **k: made.append(make(*a, **k)))
    say = asked.remarks
    monkeypatch.setattr(asked, "remarks", lambda *a, **k: remarked.append(a) or say(*a, **k))
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(200, 20)) + 0.1 * rng.normal(size=(200, 1)))
    df[20] = pd.Series(rng.integers(0, 3, 200)).astype("category")
    assert mi_matrix(df, **COPULA).notna().to_numpy().all()
    assert not made
    assert not remarked
    df[21] = df[0]
    mi_matrix(df, **COPULA)
    assert len(made) == len(remarked) == 1


class Picky(GaussianCopulaEstimator):
    """Takes no column "b"."""

    def _estimate_pairs(self, pairs: SidePairs) -> np.ndarray:
        if any(side.names == ("b",) for side in pairs.sides):
            raise InvalidSampleError("b is not taken. Leave it out.")
        return super()._estimate_pairs(pairs)


def test_a_pair_that_is_refused_does_not_cost_the_others_their_answers():
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=list("abc"))
    pairs = mi_matrix(df, estimator=Picky(), form="long")
    assert pairs["mi"].isna().tolist() == [True, False, True]
    refused = "not estimated: b is not taken. Leave it out."
    assert pairs["warnings"].tolist() == [refused, "", refused]
    with pytest.raises(InvalidSampleError, match="b is not taken"):
        mi_matrix(df, estimator=Picky(), strict=True)
