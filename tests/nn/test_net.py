"""The net with random weights: what must hold whatever it has learned."""

from __future__ import annotations

import pytest
import torch

from skmist.nn import (
    QUANTILE_LEVELS,
    MISTNet,
    NetConfig,
    SampleFrame,
    encode_rows,
    masked_rows,
    sample_statistics,
    visible_rows,
)

TINY = NetConfig(dim=32, depth=2, heads=2, cell_dim=8, cell_heads=2, max_rows=32)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    net = MISTNet(TINY).eval().requires_grad_(False)
    # Zero-initialised layers would make every answer the same.
    torch.nn.init.normal_(net.quantiles.weight, std=0.1)
    return net


def _encoded(p=3, q=2, n=50, batch=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(batch, n, p, generator=generator)
    y = torch.randn(batch, n, q, generator=generator)
    y[..., 0] += x[..., 0] ** 2
    kinds = (False,) * p, (False,) * q
    return encode_rows(x, None, kinds[0]), encode_rows(y, None, kinds[1]), kinds


def _run(net, x, y, kinds):
    return net(sample_statistics(SampleFrame(x, y, *kinds), net.config.max_rows))


@pytest.mark.parametrize(("p", "q"), [(1, 1), (3, 2), (20, 1), (7, 30)])
def test_shapes_and_quantiles_that_never_cross(net, p, q):
    x, y, kinds = _encoded(p, q)
    quantiles, pointwise, _ = _run(net, x, y, kinds)
    assert quantiles.shape == (2, len(QUANTILE_LEVELS))
    assert pointwise.shape == (2, 32)
    assert bool((quantiles.diff(dim=-1) > 0).all())


def test_swapping_the_sides_changes_nothing(net):
    x, y, kinds = _encoded()
    one, other = _run(net, x, y, kinds), _run(net, y, x, kinds[::-1])
    torch.testing.assert_close(one[0], other[0], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(one[1], other[1], atol=1e-4, rtol=1e-4)


def test_permuting_columns_changes_nothing(net):
    x, y, kinds = _encoded()
    one, other = _run(net, x, y, kinds), _run(net, x[..., [2, 0, 1]], y[..., [1, 0]], kinds)
    torch.testing.assert_close(one[0], other[0], atol=1e-4, rtol=1e-4)


def test_data_sets_of_a_batch_do_not_see_each_other(net):
    x, y, kinds = _encoded(batch=3)
    together = _run(net, x, y, kinds)[0]
    alone = _run(net, x[1:2], y[1:2], kinds)[0]
    torch.testing.assert_close(together[1:2], alone, atol=1e-5, rtol=1e-5)


def test_rows_asked_about_again_get_the_same_pointwise_information(net):
    x, y, kinds = _encoded()
    frame = SampleFrame(x, y, *kinds)
    context = net.encode(sample_statistics(frame, net.config.max_rows))
    again = net.score_rows(context, visible_rows(frame, x[:, 3:9], y[:, 3:9]))
    torch.testing.assert_close(again, context.pointwise[:, 3:9], atol=1e-4, rtol=1e-4)


def test_masked_rows_do_not_see_each_other(net):
    x, y, kinds = _encoded()
    frame = SampleFrame(x, y, *kinds)
    context = net.encode(sample_statistics(frame, net.config.max_rows))
    rows = context.statistics.rows
    together = net.row_information(context, 0, masked_rows(frame, 0, x[:, :8], rows))
    alone = net.row_information(context, 0, masked_rows(frame, 0, x[:, 5:6], rows))
    torch.testing.assert_close(together[:, 5:6], alone, atol=1e-4, rtol=1e-4)


def test_without_rows_the_net_reads_statistics_alone():
    torch.manual_seed(0)
    net = MISTNet(NetConfig(dim=32, depth=0))
    x, y, kinds = _encoded()
    quantiles, pointwise, _ = _run(net, x, y, kinds)
    assert quantiles.shape == (2, len(QUANTILE_LEVELS))
    assert pointwise.shape == (2, 0)
