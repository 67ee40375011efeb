"""The statistics that the net reads, against independent computations."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import digamma
from scipy.stats import norm, rankdata
from sklearn.cross_decomposition import CCA

from skmist._sample.scores import NormalScores
from skmist.nn import (
    SampleFrame,
    encode_rows,
    normal_scores,
    sample_statistics,
    scores_like,
)
from skmist.nn.canonical import (
    canonical_pairs,
    gaussian_bias,
    gaussian_information,
    gaussian_pointwise,
    gaussian_surprise,
    spiked_correlations,
)
from skmist.nn.mist import statistics
from skmist.nn.mist.column_pairs import binned_information
from skmist.nn.mist.compression import compress, expand
from skmist.nn.mist.neighbors import (
    FAR,
    local_information,
    nearest,
    neighborhoods,
)
from skmist.nn.mist.side import Side, are_leading
from skmist.nn.mist.statistics import masked_rows, visible_rows
from skmist.nn.mist.views import VIEW_NAMES


def _normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _frame(n=120, p=2, q=2, batch=3, seed=0):
    x, y = _normal(batch, n, p, seed=seed), _normal(batch, n, q, seed=seed + 1)
    y[..., 0] += x[..., 0]
    kinds = (False,) * p, (False,) * q
    return SampleFrame(encode_rows(x, None, kinds[0]), encode_rows(y, None, kinds[1]), *kinds)


def test_normal_scores_are_those_of_the_estimators():
    x = np.round(np.random.default_rng(0).normal(size=(57, 3)), 1)  # with ties
    expected = NormalScores().fit(x).transform(x)
    found = normal_scores(torch.as_tensor(x)[None])[0].numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(found[:, 0], norm.ppf(rankdata(x[:, 0]) / 58), atol=1e-6)


def test_scores_of_new_rows_reproduce_the_sample_and_order_the_rest():
    x = _normal(1, 40, 1).double()
    torch.testing.assert_close(scores_like(x, x), normal_scores(x))
    new = torch.linspace(-5, 5, 101).double().view(1, -1, 1)
    scores = scores_like(x, new)[0, :, 0]
    assert bool((scores.diff() >= 0).all())
    assert bool(scores.isfinite().all())


def _brute_force_counts(x, y, k):
    dx = np.abs(x[:, None] - x[None]).max(-1)
    dy = np.abs(y[:, None] - y[None]).max(-1)
    joint = np.maximum(dx, dy)
    np.fill_diagonal(joint, np.inf)
    radius = np.sort(joint, axis=1)[:, k - 1]
    return radius, (dx < radius[:, None]).sum(1) - 1, (dy < radius[:, None]).sum(1) - 1


@pytest.mark.parametrize(("p", "q", "k"), [(1, 1, 1), (2, 1, 3), (3, 4, 10)])
def test_neighborhoods_against_brute_force(p, q, k):
    x, y = _normal(2, 90, p), _normal(2, 90, q, seed=1)
    (found,) = neighborhoods(x, y, (k,))
    for b in range(2):
        radius, nx, ny = _brute_force_counts(x[b].numpy(), y[b].numpy(), k)
        np.testing.assert_array_equal(found.radius[b, :, 0].numpy(), radius.astype(np.float32))
        np.testing.assert_array_equal(found.count_x[b, :, 0].numpy(), nx)
        np.testing.assert_array_equal(found.count_y[b, :, 0].numpy(), ny)
    information = local_information(found, 90)[0, :, 0].numpy()
    _, nx, ny = _brute_force_counts(x[0].numpy(), y[0].numpy(), k)
    expected = digamma(k) + digamma(90) - digamma(nx + 1) - digamma(ny + 1)
    np.testing.assert_allclose(information, expected, atol=1e-5)


def test_cuts_equal_separate_searches():
    x, y = _normal(2, 60, 3), _normal(2, 60, 2, seed=1)
    cuts = ((1, 1), (2, 2), (3, 2))
    together = neighborhoods(x, y, (3,), cuts=cuts)
    for (a, b), found in zip(cuts, together, strict=True):
        (alone,) = neighborhoods(x[..., :a], y[..., :b], (3,))
        for one, other in zip(found, alone, strict=True):
            torch.testing.assert_close(one, other)


def test_a_row_of_the_sample_as_query_is_not_its_own_neighbor():
    x, y = _normal(1, 50, 2), _normal(1, 50, 1, seed=1)
    (own,) = neighborhoods(x, y, (1, 4))
    (asked,) = neighborhoods(x, y, (1, 4), query=(x[:, 10:20], y[:, 10:20]))
    for a, b in zip(own, asked, strict=True):
        torch.testing.assert_close(a[:, 10:20], b)


def test_ties_of_two_discrete_columns_give_the_plug_in_estimate():
    codes = torch.tensor([0.0] * 30 + [1.0] * 30)
    x = codes.view(1, -1, 1) * FAR
    (found,) = neighborhoods(x, x, (3,))
    assert float(local_information(found, 60).mean()) == pytest.approx(np.log(2), abs=0.01)


def test_pairs_of_equal_correlations_do_not_depend_on_the_place_in_a_batch():
    x = torch.eye(6).double()[None].expand(5, -1, -1)
    found = canonical_pairs(x[..., :4], x[..., [0, 1, 4, 5]] + x[..., [1, 0, 2, 3]], shrink=False)
    for weights in found.weights:
        torch.testing.assert_close(weights, weights[:1].expand_as(weights), atol=1e-6, rtol=1e-6)


def test_nearest_leaves_out_an_exact_copy():
    x = torch.tensor([0.0, 1.0, 3.0, 7.0]).view(1, -1, 1)
    assert nearest(x[:, :1], x, 2).tolist() == [[[1, 2]]]
    assert nearest(x[:, :1] + 0.1, x, 2).tolist() == [[[0, 1]]]


def test_canonical_correlations_against_scikit_learn():
    x, y = _normal(1, 400, 3), _normal(1, 400, 2, seed=1)
    y = y + x[..., :2]
    pairs = canonical_pairs(x, y, shrink=False)
    u, v = CCA(n_components=2, max_iter=5000, tol=1e-12).fit_transform(x[0], y[0])
    expected = [abs(np.corrcoef(u[:, i], v[:, i])[0, 1]) for i in range(2)]
    np.testing.assert_allclose(pairs.rho[0].numpy(), expected, atol=1e-4)


def test_gaussian_information_surprise_and_pointwise_agree():
    rho = torch.tensor([[0.8, 0.3]])
    u = _normal(1, 200_000, 2)
    v = rho[:, None] * u + (1 - rho[:, None] ** 2).sqrt() * _normal(1, 200_000, 2, seed=1)
    truth = float(gaussian_information(rho))
    assert truth == pytest.approx(-0.5 * np.log((1 - 0.64) * (1 - 0.09)), abs=1e-6)
    assert float(gaussian_pointwise(rho, u, v).mean()) == pytest.approx(truth, abs=0.01)
    assert float(gaussian_surprise(rho, u).mean()) == pytest.approx(truth, abs=0.01)


def test_gaussian_bias_is_the_mean_estimate_at_independence():
    x, y = _normal(4000, 40, 2), _normal(4000, 40, 3, seed=1)
    estimates = gaussian_information(canonical_pairs(x, y, shrink=False).rho)
    assert float(estimates.mean()) == pytest.approx(gaussian_bias(40, 2, 3), abs=0.006)


def test_spiked_correlations_undo_high_dimensional_inflation():
    n, d, rho = 1000, 40, 0.8
    x, y = _normal(20, n, d), _normal(20, n, d, seed=1)
    y[..., 0] = rho * x[..., 0] + (1 - rho**2) ** 0.5 * y[..., 0]
    sample = canonical_pairs(x, y, shrink=False).rho
    spiked = spiked_correlations(sample, n, d, d)
    assert float(sample[:, 0].mean()) > 0.81
    assert float(spiked[:, 0].mean()) == pytest.approx(rho, abs=0.01)
    assert float(spiked[:, 2:].abs().max()) < 0.35
    assert float(gaussian_information(spiked).mean()) == pytest.approx(0.511, abs=0.05)


def test_binned_information_of_categories_is_the_plug_in_estimate():
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 3, (1, 3000, 1), generator=generator).float()
    y = torch.where(torch.rand(1, 3000, 1, generator=generator) < 0.7, x, (x + 1) % 3)
    found = float(binned_information(Side(x, (True,)), Side(y, (True,))))
    truth = np.log(3) + 0.7 * np.log(0.7) + 0.3 * np.log(0.3)
    assert found == pytest.approx(truth, abs=0.03)


def test_compress_and_expand_are_inverse():
    nats = torch.tensor([0.0, 0.01, 0.5, 5.0])
    torch.testing.assert_close(expand(compress(nats)), nats)
    assert float(expand(torch.tensor([-1.0]))) == 0.0


def test_statistics_swap_with_the_sides():
    frame = _frame(p=3, q=2)
    x, y = frame.sides
    swapped = SampleFrame(y.values, x.values, y.discrete, x.discrete)
    one, other = (sample_statistics(f, 50) for f in (frame, swapped))
    torch.testing.assert_close(one.sample.shared, other.sample.shared, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(one.sample.roles[0], other.sample.roles[1], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(one.rows.shared, other.rows.shared, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(one.rows.roles[0], other.rows.roles[1], atol=1e-4, rtol=1e-4)


def test_rows_asked_about_get_the_statistics_they_have_in_the_sample():
    frame = _frame(p=3, q=1)
    held = sample_statistics(frame, 40).rows
    asked = visible_rows(frame, *(s.values[:, 5:15] for s in frame.sides))
    torch.testing.assert_close(asked.shared, held.shared[:, 5:15], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(asked.candidates, held.candidates[:, 5:15], atol=1e-5, rtol=1e-5)


def test_masked_rows_do_not_depend_on_each_other():
    frame = _frame(p=2, q=2)
    context = sample_statistics(frame, 60).rows
    rows = _normal(3, 9, 2, seed=7)
    together = masked_rows(frame, 0, rows, context)
    alone = masked_rows(frame, 0, rows[:, 4:5], context)
    torch.testing.assert_close(together.features[:, 4:5], alone.features, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kinds", [((True,), (False,)), ((True, False), (True,)), ((True,),) * 2])
def test_discrete_columns_of_every_arrangement_give_finite_statistics(kinds):
    sides = []
    for i, discrete in enumerate(kinds):
        side = encode_rows(_normal(2, 30, len(discrete), seed=i), None, discrete)
        for j, flag in enumerate(discrete):
            if flag:
                side[..., j] = (side[..., j] > 0).float() + (side[..., j] > 1).float()
        sides.append(side)
    found = sample_statistics(SampleFrame(*sides, *kinds), 20)
    for tensor in (found.sample.shared, found.sample.candidates, found.rows.shared):
        assert bool(tensor.isfinite().all())


def _means(frame, monkeypatch, rows):
    """Candidates (B, K, n_views) of the neighborhoods when so many rows are searched."""
    monkeypatch.setattr(statistics, "MAX_NEIGHBOR_ROWS", rows)
    candidates = sample_statistics(frame, 8).sample.candidates
    return candidates[:, : 4 * len(VIEW_NAMES)].unflatten(1, (4, -1))


def test_a_view_of_one_column_a_side_searches_all_rows(monkeypatch):
    frame = _frame(n=600, p=1, q=1)
    whole, part = _means(frame, monkeypatch, 4096), _means(frame, monkeypatch, 150)
    for name in ("raw", "pair1", "norm"):
        i = VIEW_NAMES.index(name)
        torch.testing.assert_close(part[..., i], whole[..., i])
    assert not torch.equal(part[..., VIEW_NAMES.index("kernel")], whole[..., 0])


def test_control_variates_bring_the_part_nearer_to_all_rows(monkeypatch):
    frame = _frame(n=600, p=2, q=2, batch=24)
    whole, part = _means(frame, monkeypatch, 4096), _means(frame, monkeypatch, 150)
    monkeypatch.setattr(statistics, "_local_means", lambda _, near: near.information.mean(1))
    plain = _means(frame, monkeypatch, 150)
    for name in ("raw", "pair1", "pair2"):
        i = VIEW_NAMES.index(name)
        errors = [(means - whole)[:, 1:, i].square().mean() for means in (part, plain)]
        assert float(errors[0]) < 0.6 * float(errors[1]), name


def test_rows_that_attend_are_the_first_of_those_searched(monkeypatch):
    frame = _frame(n=600, p=1, q=2)
    whole = sample_statistics(frame, 8)
    monkeypatch.setattr(statistics, "MAX_NEIGHBOR_ROWS", 150)
    part = sample_statistics(frame, 8)
    torch.testing.assert_close(part.rows.shared, whole.rows.shared)
    torch.testing.assert_close(part.rows.candidates, whole.rows.candidates)


def test_what_a_side_says_of_its_first_rows_is_what_it_says_of_copies_of_them():
    values = torch.randn(2, 40, 4, generator=torch.Generator().manual_seed(0))
    values[..., 1:3] = (values[..., 1:3] * 2).round().clamp(0, 3)
    side = Side(values, (False, True, False, False), (False, False, True, False))
    first = side.values[:, :7]
    assert are_leading(first, values)
    for other in (first.clone(), values[:, 1:8], values[:1, :7]):
        assert not are_leading(other, values)
    for ask in (side.design, side.self_information):
        torch.testing.assert_close(ask(first), ask(first.clone()), rtol=0, atol=0)
        torch.testing.assert_close(ask(values)[:1, 1:8], ask(values[:, 1:8])[:1], rtol=0, atol=0)
    told = side.self_information()
    assert not told[..., [0, 3]].any()
    shares = (values[..., 1:3, None] == values[:, None, :, 1:3].permute(0, 1, 3, 2)).float()
    torch.testing.assert_close(told[..., 1:3], -shares.mean(-1).log())
