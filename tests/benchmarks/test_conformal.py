"""How the factors of conformal intervals are measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def script(scripts):
    return scripts("conformal")


def answers(family, which, deviation, seed):
    """Answers whose truth lies so many half-widths off the median, in all bins."""
    rng = np.random.default_rng(seed)
    n = np.tile([50, 200, 1000], 200)
    p = np.repeat([1, 5], 300)
    truth = 1.0 + 0.1 * deviation * rng.uniform(-1, 1, 600)
    fixed = {"low_50": 0.95, "mi": 1.0, "high_50": 1.05, "low_90": 0.9, "high_90": 1.1}
    return pd.DataFrame(
        {"family": family, "set": which, "p": p, "q": 1, "n": n, "mi_true": truth, **fixed}
    )


def test_factors_are_quantiles_of_the_deviation(script):
    table = pd.concat([answers("a", "held out", 3.0, 0), answers("b", "held out", 3.0, 1)])
    factors = np.array(script.factors_of(table)["factors"])
    # |deviation| is uniform up to 3 half-widths: its quantiles are 2.7 (90 %), 1.5 at twice
    # the scale for the narrower interval (50 %).
    assert factors[..., 1] == pytest.approx(2.7, abs=0.25)
    assert factors[..., 0] == pytest.approx(3.0, abs=0.5)


def test_factors_never_narrow(script):
    factors = np.array(script.factors_of(answers("a", "held out", 0.3, 0))["factors"])
    assert (factors == 1.0).all()


def test_a_family_is_widened_by_the_others(script):
    near, far = answers("near", "held out", 0.9, 0), answers("far", "held out", 4.0, 1)
    known = answers("known", "in training", 1.0, 2)
    table = script.summarize(pd.concat([near, far, known], ignore_index=True))
    rows = table.set_index("family")
    # "far" is widened by what "near" needs, which is nothing.
    assert rows.loc["far", "covered_wide"] == rows.loc["far", "covered"] < 0.4
    assert rows.loc["near", "covered_wide"] == 1.0
    assert rows.loc["near", "width_wide"] > 3 * rows.loc["near", "width"]
    assert rows.loc["known", "width_wide"] > rows.loc["known", "width"] == pytest.approx(0.2)


def test_too_few_answers_are_refused(script):
    with pytest.raises(ValueError, match="samples for a factor, below 40"):
        script.factors_of(answers("a", "held out", 1.0, 0).iloc[:30])
