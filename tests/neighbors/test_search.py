"""The kernels against brute force, on smooth, tied, coincident and extreme data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from skmist._neighbors import plain, plane
from skmist._neighbors.radii import TIE, closed_radius, open_radius
from skmist._neighbors.regions import rectangles, smooth
from skmist._neighbors.search import count_within, neighborhoods


def cloud(kind: str, n: int, d: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(n, d))
    if kind == "line":
        return base[:, :1] + 1e-7 * base
    if kind == "lattice":
        return np.round(2.0 * base)
    if kind == "coincident":
        return np.where(rng.random((n, 1)) < 0.6, 0.0, base)
    if kind == "heavy":
        return np.sign(base) * np.exp(np.abs(8.0 * base))
    if kind == "offset":
        return 1e7 + base
    return base


KINDS = ("smooth", "line", "lattice", "coincident", "heavy", "offset")


def brute_neighborhoods(reference, points, k):
    distance = cdist(points, reference, "chebyshev")
    is_copy = (distance == 0).any(axis=1)
    radius, inside = np.empty(len(points)), np.empty(len(points), dtype=int)
    for i, row in enumerate(distance):
        others = np.sort(row)[int(is_copy[i]) :]
        radius[i] = open_radius(others[min(k, len(others)) - 1])
        inside[i] = np.sum(row < radius[i]) + (not is_copy[i])
    return radius, inside, is_copy


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [1, 2, 4])
@pytest.mark.parametrize("k", [1, 3, 8])
def test_neighborhoods(kind, d, k):
    reference = cloud(kind, 150, d)
    other = np.vstack([cloud(kind, 60, d, seed=1), reference[::3]])
    for points in (reference, other):
        expected = brute_neighborhoods(reference, points, k)
        found = neighborhoods(reference, points, k)
        assert not found.lonely.any()
        for value, truth in zip(found, expected, strict=False):
            np.testing.assert_array_equal(value, truth)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [1, 3, 5])
def test_strips_agree_with_the_tree(kind, k):
    points = cloud(kind, 2000, 2)
    distance = plain.sliding_tree(points).query(points, k=list(range(2, k + 2)), p=np.inf)[0]
    np.testing.assert_array_equal(plane.planar_distances(*points.T, k), distance)


@pytest.mark.parametrize("n", [2, 3, 9, 40])
def test_strips_of_few_points(n):
    points = cloud("smooth", n, 2)
    k = min(3, n - 1)
    distance = np.sort(cdist(points, points, "chebyshev"), axis=1)[:, 1 : k + 1]
    np.testing.assert_array_equal(plane.planar_distances(*points.T, k), distance)


def test_fewer_reference_rows_than_neighbors():
    reference = np.array([[0.0], [1.0], [4.0]])
    found = neighborhoods(reference, reference, 10)
    np.testing.assert_allclose(found.radius, [4.0, 3.0, 4.0])
    np.testing.assert_array_equal(found.inside, [2, 2, 2])
    alone = neighborhoods(reference[:1], reference[:1], 10)
    assert alone.lonely.all() and alone.is_copy.all()
    nobody = neighborhoods(reference[:0], reference, 10)
    assert nobody.lonely.all() and not nobody.is_copy.any()


def test_no_coordinates():
    found = neighborhoods(np.empty((4, 0)), np.empty((2, 0)), 3)
    np.testing.assert_array_equal(found.inside, [4, 4])
    assert found.is_copy.all() and not found.lonely.any()
    np.testing.assert_array_equal(
        count_within(np.empty((4, 0)), np.empty((2, 0)), found.radius), 4
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [1, 3])
@pytest.mark.parametrize("workers", [1, 4])
def test_counts(kind, d, workers):
    reference = cloud(kind, 300, d)
    points = np.vstack([reference, cloud(kind, 50, d, seed=1)])
    distance = cdist(points, reference, "chebyshev")
    # the hard case: a radius beside a distance
    for rank in (0, 1, 7, 100):
        at = np.sort(distance, axis=1)[:, rank]
        for radius in (open_radius(at), closed_radius(at)):
            expected = (distance < radius[:, None]).sum(axis=1)
            np.testing.assert_array_equal(
                count_within(reference, points, radius, workers), expected
            )


def test_counts_survive_what_rounding_hides():
    # seen from 1, the small values are all at distance 1 exactly, and 1 plus the radius is 1
    values = np.append(np.linspace(-1e-20, 1e-20, 100), [1.0, 1.0 + 2.0**-52])[:, None]
    distance = cdist(values, values, "chebyshev")
    for at in (1.0, 1e-20, 2.0**-52, 0.0):
        for radius in (open_radius(at), closed_radius(at)):
            counts = count_within(values, values, np.full(len(values), radius))
            np.testing.assert_array_equal(counts, (distance < radius).sum(axis=1))


@pytest.mark.parametrize("kind", KINDS)
def test_rectangles(kind):
    k, reference = 3, cloud(kind, 120, 3)
    points = np.vstack([reference, cloud(kind, 30, 3, seed=1)])
    extents, proper, is_copy = rectangles(reference, points, k, split=1)
    for i, point in enumerate(points):
        offset = np.abs(reference - point)
        distance = offset.max(axis=1)
        assert is_copy[i] == (distance == 0).any()
        order = np.argsort(distance, kind="stable")[int(is_copy[i]) :]
        nearest = offset[order[:k]]
        expected = nearest[:, :1].max(), nearest[:, 1:].max()
        kth, following = distance[order[k - 1]], distance[order[k]]
        if following < closed_radius(kth):
            assert not proper[i]
        else:
            assert proper[i] == (min(expected) > 0)
            np.testing.assert_array_equal(extents[i], expected)


def test_rectangles_of_the_smallest_sample():
    reference = np.array([[0.0, 0.0], [1.0, 3.0], [2.5, 1.0]])
    extents, proper, _ = rectangles(reference, reference, 2, split=1)
    np.testing.assert_array_equal(extents, [[2.5, 3.0], [1.5, 3.0], [2.5, 2.0]])
    assert proper.all()


def test_ties_are_seen_through_rounding():
    step = 0.1
    points = (step * np.arange(50))[:, None] / 0.7
    found = neighborhoods(points, points, 2)
    assert (found.inside[1:-1] == 1).all()
    assert (open_radius(1.0), closed_radius(1.0)) == (1 - TIE, 1 + TIE)


def test_many_coincident_points_are_fast_enough():
    points = np.zeros((200_000, 3))
    points[0] = 1.0
    found = neighborhoods(points, points, 3)
    assert found.inside[0] == 1 and (found.inside[1:] == 199_999).all()


@pytest.mark.parametrize("d", [1, 2])
def test_smooth_does_not_depend_on_order(d):
    rng = np.random.default_rng(0)
    x, values = cloud("lattice", 200, d), rng.normal(size=200)
    order = rng.permutation(200)
    points = np.vstack([x[:40], rng.normal(size=(20, d))])
    expected = smooth(x, values, points, 12)
    np.testing.assert_allclose(smooth(x[order], values[order], points, 12), expected, atol=1e-12)
    np.testing.assert_allclose(smooth(x, values, points, 12, workers=2), expected, atol=1e-12)


@pytest.mark.parametrize("d", [1, 2])
def test_smooth_finds_a_smooth_function(d):
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(4000, d))
    noisy = x[:, 0] ** 2 + 0.3 * rng.normal(size=4000)
    points = rng.uniform(-0.8, 0.8, size=(200, d))
    error = smooth(x, noisy, points, 126) - points[:, 0] ** 2
    assert np.sqrt(np.mean(error**2)) < 0.06


def test_smooth_of_one_location_is_the_mean():
    values = np.arange(4.0)
    for d in (0, 1, 2):
        answer = smooth(np.zeros((4, d)), values, np.ones((2, d)), 3)
        np.testing.assert_array_equal(answer, [1.5, 1.5])
