"""The compiled kernel against all pairs and against numpy and scipy, which stand in for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmist import KSGEstimator
from skmist._neighbors import build, kernel, search
from skmist._neighbors.radii import TIE, closed_radius, open_radius
from skmist._neighbors.search import count_within, neighborhoods, surroundings

pytestmark = pytest.mark.skipif(not kernel.load(), reason="python skmist/_neighbors/build.py")

KINDS = ("smooth", "lattice", "equal", "flags", "huge", "tiny", "nearly tied", "offset")


def cloud(kind: str, rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    base = rng.normal(size=(n, d))
    return {
        "smooth": base,
        "lattice": np.round(2.0 * base) / 3.0,
        "equal": np.ones((n, d)),
        "flags": (rng.random((n, d)) < 0.1).astype(float),
        "huge": np.sign(base) * np.exp(np.clip(np.abs(base), 0.0, 3.0) * 236.0),  # differ by inf
        "tiny": np.round(base) * 5e-324,
        "nearly tied": np.round(base) + rng.integers(-3, 4, (n, d)) * 1e-12,
        "offset": 1e8 + np.round(base, 2),
    }[kind]


def all_pairs(reference, points, k, cells):
    """Radius, rows inside, copies and lonely points, and the distances, by comparing all pairs."""
    with np.errstate(over="ignore"):
        distance = np.abs(points[:, None] - reference[None]).max(axis=2)
    shared = cells[1][:, None] == cells[0][None]
    found = []
    for row in (d[s] for d, s in zip(distance, shared, strict=True)):
        others = np.sort(row)[int((row == 0.0).any()) :]
        lonely = len(others) == 0
        radius = open_radius(0.0 if lonely else others[min(k, len(others)) - 1])
        is_copy = (row == 0.0).any()
        at_zero = not lonely and others[min(k, len(others)) - 1] == 0.0
        near = others[:k] if not at_zero else others
        found.append((radius, 1 + np.sum(near < radius), is_copy, lonely))
    return [np.array(column) for column in zip(*found, strict=True)], distance, shared


@st.composite
def questions(draw):
    """Reference rows, points, k and the cells of both."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, m = draw(st.sampled_from([1, 2, 3, 8, 9, 33, 120, 300])), draw(st.sampled_from([1, 7, 60]))
    d, k = draw(st.sampled_from([1, 2, 3, 4, 5, 12])), draw(st.sampled_from([1, 2, 3, 10, 64]))
    kind, n_cells = draw(st.sampled_from(KINDS)), draw(st.sampled_from([1, 2, 40]))
    reference = cloud(kind, rng, n, d)
    other = np.vstack([cloud(kind, rng, m, d), reference[::5]])
    known, asked = rng.integers(n_cells, size=n), rng.integers(n_cells, size=len(other))
    if draw(st.booleans()):
        return reference, reference, k, (known, known)
    return reference, other, k, (known, asked)


@settings(max_examples=300, deadline=None)
@given(questions())
def test_balls_and_counts_are_those_of_all_pairs(question):
    reference, points, k, cells = question
    expected, distance, shared = all_pairs(*question)
    found = neighborhoods(reference, points, k, cells=cells)
    for value, truth in zip(found, expected, strict=True):
        np.testing.assert_array_equal(value, truth)
    for radius in (found.radius, closed_radius(distance[:, 0]), open_radius(0.0 * points[:, 0])):
        counts = count_within(reference, points, radius, cells=cells)
        np.testing.assert_array_equal(counts, ((distance < radius[:, None]) & shared).sum(axis=1))


@pytest.mark.parametrize("kind", ["smooth", "lattice", "flags", "offset"])
@pytest.mark.parametrize("d", [1, 2, 3, 6, 11])
@pytest.mark.parametrize("n_cells", [1, 7])
def test_equal_to_numpy_and_scipy(kind, d, n_cells, monkeypatch):
    rng = np.random.default_rng(d)
    rows, cell = cloud(kind, rng, 3000, d), rng.integers(n_cells, size=3000)
    answers = []
    for library in (kernel.load(), None):
        monkeypatch.setattr(kernel, "load", lambda library=library: library)
        ball = neighborhoods(rows, rows, 3, cells=(cell, cell))
        answers.append([*ball, count_within(rows[:, :1], rows[:, :1], ball.radius)])
        answers[-1].append(count_within(rows, rows, 2.0 * ball.radius, cells=(cell, cell)))
    for ours, theirs in zip(*answers, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("d", [1, 2, 5])
def test_threads_change_nothing(own, d):
    rng = np.random.default_rng(0)
    rows, cell = rng.normal(size=(9000, d)), rng.integers(3, size=9000)
    points = rows if own else rows + 0.1
    one, three = (neighborhoods(rows, points, 3, w, (cell, cell)) for w in (1, 3))
    for a, b in zip(one, three, strict=True):
        np.testing.assert_array_equal(a, b)
    counts = [count_within(rows, points, one.radius, w, (cell, cell)) for w in (1, 3)]
    np.testing.assert_array_equal(*counts)


@pytest.mark.parametrize("widths", [(1, 1), (1, 3), (2, 0), (0, 1)])
@pytest.mark.parametrize("kind", ["smooth", "lattice", "flags", "tiny"])
@pytest.mark.parametrize("n_cells", [1, 3])
def test_surroundings_are_balls_and_counts(widths, kind, n_cells):
    rng = np.random.default_rng(4)
    n, (p, q) = 9000, widths
    sides = cloud(kind, rng, n, p), cloud(kind, rng, n, q)
    x_cells, y_cells = rng.integers(n_cells, size=(2, n))
    joint_cells = x_cells * n_cells + y_cells
    cells = [(c, c) for c in (joint_cells, x_cells, y_cells)] if n_cells > 1 else 3 * [None]
    both = np.hstack(sides)
    ball = neighborhoods(both, both, 3, cells=cells[0])
    for workers in (1, 2):
        found = surroundings(sides, sides, 3, workers, cells)
        np.testing.assert_array_equal(found.both, ball.inside)
        np.testing.assert_array_equal(found.lonely, ball.lonely)
        for side, counts, of_side in zip(sides, (found.x, found.y), cells[1:], strict=True):
            expected = count_within(side, side, ball.radius, cells=of_side)
            np.testing.assert_array_equal(counts, expected)


@pytest.mark.parametrize("variant", ["", "v3"])
def test_both_builds_agree(variant, monkeypatch):
    if variant and not kernel.load().has_avx2():
        pytest.skip("a processor without AVX2")
    library = kernel.opened(build.library_path(variant))
    rows = np.random.default_rng(1).normal(size=(2000, 5))
    expected = neighborhoods(rows, rows, 3)
    monkeypatch.setattr(kernel, "load", lambda: library)
    for a, b in zip(neighborhoods(rows, rows, 3), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_piles_of_equal_rows_stay_linear():
    """A tree over such piles compares every row of a pile with every other."""
    import time

    def seconds(n):
        x, y = np.random.default_rng(0).random((2, n)) < 0.01
        rows = np.column_stack([x, y]).astype(float)
        start = time.thread_time()
        ball = neighborhoods(rows, rows, 3)
        count_within(rows, rows, ball.radius)
        return time.thread_time() - start

    seconds(1000)
    assert seconds(100_000) < 0.5  # 0.03; quadratic: minutes


def test_the_estimate_without_the_kernel(monkeypatch):
    rng = np.random.default_rng(2)
    x, y = np.round(rng.normal(size=(400, 3)), 1), rng.integers(3, size=400).astype(str)
    compiled = KSGEstimator().fit(x, y)
    monkeypatch.setattr(kernel, "load", lambda: None)
    plain = KSGEstimator().fit(x, y)
    assert plain.mi_ == compiled.mi_
    np.testing.assert_array_equal(plain.score_samples(x, y), compiled.score_samples(x, y))


def test_more_neighbors_than_the_kernel_takes():
    rows = np.random.default_rng(3).normal(size=(300, 2))
    k = kernel.MAX_NEIGHBORS + 1
    expected, *_ = all_pairs(rows, rows, k, (np.zeros(300), np.zeros(300)))
    for value, truth in zip(neighborhoods(rows, rows, k), expected, strict=True):
        np.testing.assert_array_equal(value, truth)


def test_ties_end_the_ball_before_all_of_them():
    rows = np.array([0.0, 1.0, -1.0, 2.0 * (1 + TIE / 10), -2.0, 9.0])[:, None]
    assert neighborhoods(rows, rows, 3).inside[0] == 3


def test_no_library_is_no_error(monkeypatch, tmp_path):
    assert kernel.opened(tmp_path / "libkernel.library") is None
    monkeypatch.setenv("SKMIST_KERNEL", "0")
    assert kernel.load.__wrapped__() is None
    assert search.neighborhoods(np.eye(3), np.eye(3), 1).inside.tolist() == [1, 1, 1]
