"""PointwiseInformationDisplay: which rows are drawn where, in which color, and what is refused."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from skmist import GaussianCopulaEstimator, InvalidSampleError, PointwiseInformationDisplay

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(80, 2)), columns=["dose", "age"])
Y = (X["dose"] + RNG.normal(size=80)).rename("effect")
GROUP = pd.Series(np.where(Y > 0, "high", "low"), name="group")
FITTED = GaussianCopulaEstimator().fit(X, Y)
draw = PointwiseInformationDisplay.from_estimator


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def drawn(display) -> np.ndarray:
    """Rows as drawn: x, y, color, in a fixed order."""
    rows = np.column_stack([display.scatter_.get_offsets(), display.scatter_.get_array()])
    return rows[np.lexsort(rows.T)]


def expected(x, y, color) -> np.ndarray:
    rows = np.column_stack([x, y, color])
    return rows[np.lexsort(rows.T)]


def test_rows_lie_at_their_values_in_the_color_of_their_information():
    display = draw(FITTED, X, Y)
    np.testing.assert_array_equal(
        drawn(display), expected(X["dose"], X["age"], FITTED.score_samples(X, Y))
    )
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("dose", "age")
    assert display.colorbar_.ax.get_ylabel() == "pointwise mutual information (nats)"


def test_the_target_can_be_an_axis_and_the_answer_that_of_predict_in_bits():
    display = draw(
        FITTED, X, Y, columns=["dose", "effect"], response_method="predict", units="bits"
    )
    information = FITTED.predict(X) / math.log(2.0)
    np.testing.assert_allclose(drawn(display), expected(X["dose"], Y, information))
    assert display.colorbar_.ax.get_ylabel() == "information of the row about the target (bits)"
    assert f"{information.mean():.3f} bits" in display.ax_.get_title(loc="left")


def test_one_column_is_drawn_against_the_target_and_arrays_have_numbered_names():
    fitted = GaussianCopulaEstimator().fit(X[["dose"]].to_numpy(), Y.to_numpy())
    display = draw(fitted, X[["dose"]].to_numpy(), Y.to_numpy())
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("x0", "y0")


def test_the_scale_is_symmetric_about_zero_where_signs_differ():
    low, high = draw(FITTED, X, Y).scatter_.get_clim()
    assert low == -high < 0
    low, high = draw(FITTED, X, Y, response_method="predict").scatter_.get_clim()
    assert low == 0.0 < high


def test_the_rows_that_stand_out_are_on_top():
    order = np.abs(draw(FITTED, X, Y).scatter_.get_array())
    assert (np.diff(order) >= 0).all()


def test_categories_stand_side_by_side_and_few_values_are_spread_the_same_each_time():
    fitted = GaussianCopulaEstimator(discrete_target=True).fit(X, GROUP)
    display = draw(fitted, X, GROUP, columns=["age", "group"])
    ticks = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert ticks == ["high", "low"]
    heights = display.scatter_.get_offsets()[:, 1]
    assert len(np.unique(heights)) == 80
    assert set(np.round(heights)) == {0.0, 1.0}
    again = draw(fitted, X, GROUP, columns=["age", "group"])
    np.testing.assert_array_equal(again.scatter_.get_offsets(), display.scatter_.get_offsets())


def test_numbers_of_few_values_get_a_tick_each():
    grade = pd.Series(RNG.integers(1, 4, 80) * 10, name="grade")
    fitted = GaussianCopulaEstimator().fit(X, grade)
    display = draw(fitted, X, grade, columns=["age", "grade"])
    np.testing.assert_array_equal(display.ax_.get_yticks(), [10, 20, 30])


def test_a_name_in_both_tables_is_that_of_the_first():
    y = Y.rename("dose")
    display = draw(FITTED, X, y, columns=["dose", "age"])
    np.testing.assert_array_equal(np.sort(drawn(display)[:, 0]), np.sort(X["dose"]))


def test_given_axes_are_used_and_style_reaches_matplotlib():
    figure, ax = plt.subplots()
    display = draw(FITTED, X, Y, ax=ax, cmap="PiYG", vmax=3.0)
    assert display.ax_ is ax and display.figure_ is figure
    assert display.scatter_.get_cmap().name == "PiYG"
    assert display.scatter_.get_clim()[1] == 3.0
    norm = plt.Normalize(-7, 7)
    assert draw(FITTED, X, Y, norm=norm).scatter_.norm is norm


def test_refusals():
    with pytest.raises(NotFittedError):
        draw(GaussianCopulaEstimator(), X, Y)
    with pytest.raises(ValueError, match="response_method is 'score'; pass one of score_samples"):
        draw(FITTED, X, Y, response_method="score")
    with pytest.raises(ValueError, match="units is 'bit'; pass one of nats, bits"):
        draw(FITTED, X, Y, units="bit")
    with pytest.raises(ValueError, match="names 'dos', which is none of: 'dose', 'age', 'effect'"):
        draw(FITTED, X, Y, columns=["dos", "age"])
    for columns in ("ab", ["dose"], ["dose", "age", "effect"]):
        with pytest.raises(ValueError, match="pass a list of two names"):
            draw(FITTED, X, Y, columns=columns)
    with pytest.raises(InvalidSampleError, match="X has 80 rows and y has 79"):
        draw(FITTED, X, Y[:-1])
    assert plt.get_fignums() == []


def test_stored_values_must_fit_together():
    display = draw(FITTED, X, Y)
    parts = {"x": display.x, "y": display.y}
    with pytest.raises(ValueError, match=r"different lengths \[3, 80\]"):
        PointwiseInformationDisplay(**parts, information=np.zeros(3)).plot()
