"""MutualInfoMatrixDisplay: the order, the cells, the colors, and what is refused."""

from __future__ import annotations

import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from skmist import MutualInfoMatrixDisplay, mi_matrix
from skmist.frame.heat_map import clustered_order, dependent
from skmist.frame.scales import correlation_scale
from skmist.plotting.cells import readable_color

NAMES = ["a", "b", "c", "d"]
# a goes with c, and b with d
MI = np.array(
    [
        [9.0, 0.02, 0.8, 0.0],
        [0.02, 9.0, 0.0, 0.5],
        [0.8, 0.0, 9.0, 0.01],
        [0.0, 0.5, 0.01, 9.0],
    ]
)
LOW, HIGH = np.maximum(MI - 0.1, 0.0), MI + 0.1


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def ticks(display) -> list[str]:
    return [label.get_text() for label in display.ax_.get_yticklabels()]


def cells(display) -> dict:
    """Text of each cell by its names."""
    names = ticks(display)
    at = [text.get_position() for text in display.texts_]
    texts = [text.get_text() for text in display.texts_]
    return {(names[y], names[x]): text for (x, y), text in zip(at, texts, strict=True)}


def test_columns_that_share_information_stand_together():
    display = MutualInfoMatrixDisplay(names=NAMES, mi=MI).plot()
    assert [set(ticks(display)[:2]), set(ticks(display)[2:])] in (
        [{"a", "c"}, {"b", "d"}],
        [{"b", "d"}, {"a", "c"}],
    )
    assert ticks(MutualInfoMatrixDisplay(names=NAMES, mi=MI).plot(order="given")) == NAMES


def test_every_cluster_of_average_linkage_stays_together():
    rng = np.random.default_rng(1)
    for p in (3, 5, 12):
        similarity = rng.uniform(size=(p, p))
        similarity = (similarity + similarity.T) / 2
        order = clustered_order(similarity).tolist()
        assert sorted(order) == list(range(p))
        for cluster in clusters_of(similarity):
            places = [order.index(column) for column in cluster]
            assert max(places) - min(places) == len(cluster) - 1


def clusters_of(similarity):
    """The clusters of average linkage, by the definition."""
    clusters = [frozenset([i]) for i in range(len(similarity))]
    while len(clusters) > 1:
        one, two = max(
            itertools.combinations(clusters, 2),
            key=lambda pair: np.mean([similarity[i, j] for i in pair[0] for j in pair[1]]),
        )
        clusters = [c for c in clusters if c not in (one, two)] + [one | two]
        yield one | two


def test_small_and_incomplete_tables_have_an_order_too():
    assert clustered_order(np.ones((2, 2))).tolist() == [0, 1]
    similarity = np.array([[1, np.nan, 0.9], [np.nan, 1, np.nan], [0.9, np.nan, 1]])
    assert clustered_order(similarity)[1] != 1


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.99])
def test_the_scale_is_the_correlation_of_gaussians(correlation):
    mi = -0.5 * math.log1p(-(correlation**2))
    assert correlation_scale(mi) == pytest.approx(correlation)
    assert correlation_scale(-mi) == 0.0


def test_cells_hold_values_intervals_and_stars():
    parts = {"names": NAMES, "mi": MI, "low": LOW, "high": HIGH}
    shown = cells(MutualInfoMatrixDisplay(**parts).plot())
    assert len(shown) == 12
    assert shown["a", "c"] == shown["c", "a"] == "0.80*\n0.70 to 0.90"
    assert shown["a", "b"] == "0.02\n0.00 to 0.12"
    assert cells(MutualInfoMatrixDisplay(names=NAMES, mi=MI).plot())["a", "c"] == "0.80"
    stars = cells(MutualInfoMatrixDisplay(**parts).plot(annotate="star"))
    assert stars == dict.fromkeys((("a", "c"), ("c", "a"), ("b", "d"), ("d", "b")), "*")
    assert cells(MutualInfoMatrixDisplay(**parts).plot(annotate=None)) == {}


def test_tests_decide_about_stars_where_there_are_any():
    q_values = np.where(MI == 0.02, 0.05, 0.06)
    display = MutualInfoMatrixDisplay(names=NAMES, mi=MI, low=LOW, high=HIGH, q_values=q_values)
    assert set(cells(display.plot(annotate="star"))) == {("a", "b"), ("b", "a")}
    assert "q-value at most 0.05" in display.ax_.get_title(loc="left")
    assert dependent(None, None) is None
    assert not dependent([math.nan], None)[0]


@pytest.mark.parametrize(("p", "texts"), [(8, 56), (16, 240), (40, 760), (41, 0)])
def test_cells_say_what_there_is_room_for(p, texts):
    mi = np.full((p, p), 0.5)
    names = [f"column {i}" for i in range(p)]
    # every other pair is marked
    low = mi * (np.add.outer(range(p), range(p)) % 2 == 0)
    display = MutualInfoMatrixDisplay(names=names, mi=mi, low=low, high=mi).plot()
    assert len(display.texts_) == texts


@pytest.mark.parametrize(("share", "sign"), [(0.0, ""), (0.2, "*"), (0.8, "?"), (1.0, "")])
def test_signs_stand_at_the_fewer_pairs_and_where_they_tell_something(share, sign):
    low = np.where(np.arange(21) < share * 21, 0.4, 0.0)
    square = np.zeros((7, 7))
    square[np.triu_indices(7, 1)] = low
    square += square.T
    mi = np.full((7, 7), 0.5)
    display = MutualInfoMatrixDisplay(names=list("abcdefg"), mi=mi, low=square, high=mi)
    texts = [text.get_text() for text in display.plot(annotate="value").texts_]
    marked = [text for text in texts if text != "0.50"]
    assert set(marked) == ({f"0.50{sign}"} if sign else set())
    assert len(marked) <= len(texts) / 2
    title = display.ax_.get_title(loc="left")
    assert title.startswith("Mutual information of 7 columns")
    assert ("interval" in title) == bool(sign)


@pytest.mark.parametrize("top", [0.03, 0.4, 0.83, 1.1, 3.7, 12.0])
def test_ticks_of_the_color_bar_keep_apart(top):
    mi = np.array([[0.0, top, 0.0], [top, 0.0, 0.0], [0.0, 0.0, 0.0]])
    display = MutualInfoMatrixDisplay(names=["a", "b", "c"], mi=mi).plot()
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.colorbar_.ax.get_yticklabels()]
    assert len(boxes) >= 3
    assert all(below.y1 < above.y0 for below, above in zip(boxes, boxes[1:], strict=False))
    assert not display.colorbar_.ax.get_yticks(minor=True).size


@pytest.mark.parametrize("p", [17, 60])
def test_names_of_many_columns_do_not_touch_and_groups_are_framed(p):
    strong = np.zeros((p, p))
    strong[:5, :5] = 1.0
    strong[5:9, 5:9] = 1.0
    names = [f"a fairly long name of column {i}" for i in range(p)]
    display = MutualInfoMatrixDisplay(names=names, mi=strong).plot()
    assert sorted(end - first for first, end in display.groups_) == [4, 5]
    assert len(display.ax_.patches) == 2
    display.figure_.canvas.draw()
    down = [label.get_window_extent() for label in display.ax_.get_yticklabels()]
    across = [label.get_window_extent() for label in display.ax_.get_xticklabels()]
    assert all(below.y1 <= above.y0 for above, below in zip(down, down[1:], strict=False))
    assert all(left.x1 <= right.x0 for left, right in zip(across, across[1:], strict=False))
    assert down[0].height > 9


def test_the_diagonal_and_missing_pairs_have_the_color_of_nothing():
    mi = MI.copy()
    mi[0, 1] = mi[1, 0] = np.nan
    display = MutualInfoMatrixDisplay(names=NAMES, mi=mi).plot(order="given")
    empty = np.ma.getmaskarray(display.image_.get_array())
    expected = np.eye(4, dtype=bool)
    expected[0, 1] = expected[1, 0] = True
    np.testing.assert_array_equal(empty, expected)
    assert ("a", "b") not in cells(display)


def test_colors_are_even_in_the_scale_of_correlations():
    display = MutualInfoMatrixDisplay(names=NAMES, mi=MI).plot()
    top = correlation_scale(0.8)
    assert display.image_.norm(0.5) == pytest.approx(correlation_scale(0.5) / top)
    bits = MutualInfoMatrixDisplay(names=NAMES, mi=MI / math.log(2), units="bits").plot()
    assert bits.image_.norm(0.5 / math.log(2)) == pytest.approx(correlation_scale(0.5) / top)
    assert bits.colorbar_.ax.get_ylabel() == "mutual information (bits)"
    plain = MutualInfoMatrixDisplay(names=NAMES, mi=MI / 9, normalize="linfoot").plot()
    assert plain.image_.norm(0.5) == 0.5
    assert plain.colorbar_.ax.get_ylabel() == "mutual information (normalized: linfoot)"


def test_a_table_without_any_information_is_drawn():
    display = MutualInfoMatrixDisplay(names=NAMES, mi=np.zeros((4, 4))).plot()
    assert display.image_.norm(0.0) == 0.0
    display.figure_.canvas.draw()
    MutualInfoMatrixDisplay(names=NAMES, mi=np.full((4, 4), np.nan)).plot()


@pytest.mark.parametrize("level", np.linspace(0, 1, 11))
def test_texts_can_be_read_on_every_color(level):
    background = plt.get_cmap("Blues")(level)
    text = readable_color(background)
    light, dark = sorted((luminance(background), luminance(to_rgb(text))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(color) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(60, 3)), columns=["x", "y", "z"])
    return df.assign(y=df["x"] + 0.5 * df["y"], group=np.where(df["z"] > 0, "on", "off"))


def test_both_forms_of_mi_matrix_are_drawn_alike():
    df = table()
    long = MutualInfoMatrixDisplay.from_frame(mi_matrix(df, estimator="ksg", form="long"))
    square = MutualInfoMatrixDisplay.from_frame(mi_matrix(df, estimator="ksg"))
    assert cells(long) == cells(square)
    np.testing.assert_array_equal(long.image_.get_array(), square.image_.get_array())


def test_the_long_form_of_mist_has_intervals_and_the_normalized_one_has_not():
    df = table()
    pairs = mi_matrix(df, form="long", level=0.8)
    display = MutualInfoMatrixDisplay.from_frame(pairs)
    row = pairs[(pairs["a"] == "x") & (pairs["b"] == "y")].iloc[0]
    expected = f"{row['mi']:.2f}*\n{row['low']:.2f} to {row['high']:.2f}"
    assert cells(display)["y", "x"] == expected
    assert "80% intervals" in display.ax_.get_title(loc="left")
    scaled = mi_matrix(df, form="long", normalize="linfoot")
    display = MutualInfoMatrixDisplay.from_frame(scaled)
    assert cells(display)["y", "x"] == f"{correlation_scale(scaled.loc[0, 'mi']):.2f}"


def test_given_axes_are_used_and_style_reaches_matplotlib():
    figure, ax = plt.subplots()
    display = MutualInfoMatrixDisplay(names=NAMES, mi=MI).plot(ax, cmap="Greens")
    assert display.ax_ is ax and display.figure_ is figure
    assert display.image_.get_cmap().name == "Greens"


def test_refusals():
    display = MutualInfoMatrixDisplay(names=NAMES, mi=MI)
    with pytest.raises(ValueError, match="order is 'up'; pass one of clustered, given"):
        display.plot(order="up")
    with pytest.raises(ValueError, match="annotate is 'all'; pass one of auto"):
        display.plot(annotate="all")
    with pytest.raises(ValueError, match="annotate is 'interval' and there are none"):
        display.plot(annotate="interval")
    with pytest.raises(ValueError, match=r"low has shape \(3, 3\); .* must be \(4, 4\)"):
        MutualInfoMatrixDisplay(names=NAMES, mi=MI, low=LOW[:3, :3], high=HIGH).plot()
    with pytest.raises(ValueError, match="there are 1 columns to draw"):
        MutualInfoMatrixDisplay(names=["a"], mi=[[1.0]]).plot()
    with pytest.raises(TypeError, match="neither form of the result of skmist.mi_matrix"):
        MutualInfoMatrixDisplay.from_frame(pd.DataFrame({"a": [1]}))
    with pytest.raises(TypeError, match="frame is a list"):
        MutualInfoMatrixDisplay.from_frame([1])
    assert plt.get_fignums() == []
