"""Fitted estimators travel, and what another version pickled says so."""

from __future__ import annotations

import copy
import pickle
import warnings

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import skmist
from skmist._state import STATE
from tests.shaken import calls
from tests.shaken.calls import TABLE, X, Y

FITTED = {
    "MIST": calls.mist,
    "KSG": lambda: skmist.KSGEstimator(n_neighbors=4).fit(X, Y),
    "copula": lambda: skmist.GaussianCopulaEstimator().fit(X, Y),
    "MINE": calls.mine,
    "bootstrap": lambda: skmist.BootstrapCI(skmist.KSGEstimator(), n_resamples=20).fit(X, Y),
    "infomax": calls.infomax,
    "bottleneck": calls.bottleneck,
    "selector": lambda: skmist.MutualInfoFeatureSelector(2).fit(TABLE[["a", "b", "c"]], Y),
}
pytestmark = pytest.mark.filterwarnings("ignore::skmist.BoundWarning")


def ask(estimator):
    method = getattr(estimator, "predict", None) or estimator.transform
    return np.asarray(method(TABLE[["a", "b", "c"]] if hasattr(estimator, "get_support") else X))


def of_another_form(estimator, number):
    """What `estimator` comes back as from a pickle of another form of its state."""
    state = estimator.__getstate__()
    assert state.pop("_skmist_state") == STATE
    if number is not None:
        state["_skmist_state"] = number
    new = object.__new__(type(estimator))
    new.__setstate__(state)
    return new


@pytest.mark.parametrize("name", FITTED)
def test_a_fitted_estimator_travels(name):
    fitted = FITTED[name]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        others = pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)
    for other in others:
        np.testing.assert_array_equal(ask(other), ask(fitted))
        assert vars(other).keys() >= {k for k in vars(fitted) if k.endswith("_")}


@pytest.mark.parametrize("number", [None, STATE + 1])
@pytest.mark.parametrize("name", FITTED)
def test_an_old_pickle_comes_back_unfitted_and_says_so(name, number):
    fitted = FITTED[name]()
    with pytest.warns(UserWarning, match="pickled by another version of skmist.*Fit it again"):
        other = of_another_form(fitted, number)
    assert repr(other) == repr(fitted)
    with pytest.raises(NotFittedError):
        ask(other)


def test_an_unfitted_one_of_before_has_the_parameters_of_today():
    old = skmist.KSGEstimator(n_neighbors=7)
    del old.duplicates
    old.forgotten = 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        new = of_another_form(old, None)
    assert new.get_params() == skmist.KSGEstimator(n_neighbors=7).get_params()


# What form 2 holds. Whoever changes what a fit keeps raises STATE, and lists it anew.
HELD = {
    "KSG": "_encoder _lazy _sample _x_kept _y_kept",
    "copula": "_encoder _lazy _sample _x_kept _y_kept",
    "MIST": "_encoder _lazy _sample _x_kept _y_kept",
    "MINE": "_encoder _ensemble _lazy _sample _view _x_kept _y_kept",
    "infomax": "_reader _trainer",
    "bottleneck": "_lazy _noise _rows _seed",
}


@pytest.mark.parametrize("name", HELD)
def test_what_a_fit_keeps_is_of_the_form_that_is_stated(name):
    held = vars(FITTED[name]())
    assert {key for key in held if key.startswith("_")} >= set(HELD[name].split()), STATE
