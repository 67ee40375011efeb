"""Parameters by their former names: they work on, with a warning that names the line."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

from skmist import KSGEstimator, conditional_mutual_info, mi_matrix, mi_with, mutual_info
from skmist.conditional import prepare_conditional
from skmist.representation import input_information

RNG = np.random.default_rng(0)
Z = RNG.normal(size=60)
X, Y = Z + RNG.normal(size=60), Z + RNG.normal(size=60)
TABLE = pd.DataFrame({"x": X, "y": Y, "z": Z})
CALLS = {
    "mutual_info": lambda **how: mutual_info(X, Y, **how).mi,
    "mi_with": lambda **how: mi_with(TABLE, "z", **how)["mi"].tolist(),
    "mi_matrix": lambda **how: mi_matrix(TABLE, **how).to_numpy().tolist(),
    "conditional_mutual_info": lambda **how: conditional_mutual_info(X, Y, Z, **how).mi,
    "prepare_conditional": lambda **how: prepare_conditional(X, Y, Z, **how).estimate(),
    "input_information": lambda **how: input_information(X[:, None], Y[:, None], **how),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("estimator", ["ksg", KSGEstimator()])
def test_method_works_on_and_warns_once_where_it_was_written(name, estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        expected = CALLS[name](estimator=estimator)
    with pytest.warns(FutureWarning, match=rf"pass {name}\(\.\.\., estimator=") as caught:
        assert CALLS[name](method=estimator) == expected
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("name", CALLS)
def test_both_names_at_once_are_refused(name):
    with pytest.raises(TypeError, match=rf"{name}\(\) got estimator and method"):
        CALLS[name](estimator="ksg", method="ksg")


def test_what_takes_former_names_can_be_sent_to_processes():
    assert pickle.loads(pickle.dumps(mutual_info)) is mutual_info
