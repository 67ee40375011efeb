"""Data sets as the net reads them in training, with their truth."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from skmist.datasets import SyntheticBatch
from skmist.nn import SampleFrame, encode_rows, masked_rows, sample_statistics
from skmist.nn.mist.statistics import MaskedRows, Statistics

__all__ = [
    "TrainingBatch",
    "as_found",
    "as_told",
    "read_batch",
    "rename_categories",
    "with_copies",
]

# Of a side: class targets come as numbers whose order nobody tells, and codes of categories as
# numbers that seem to have one.
_ORDER_FORGOTTEN, _ORDER_INVENTED = 0.25, 0.1
# Of the batches, how many hold copies of rows, and which share of the rows is copied.
_COPIED, _COPIED_ROWS = 0.08, (0.003, 0.12)


class TrainingBatch(NamedTuple):
    """Data sets of one shape as the net reads them, and the truth in nats.

    ``pointwise`` (B, M) is the truth of the rows in ``statistics``, ``masked_pointwise``
    (B, m) that of the rows in ``masked``, which are no part of the sample. ``weight`` is the
    share of the step's loss, ``again`` whether an earlier step has seen these data sets.
    """

    n: int
    family: str
    statistics: Statistics
    masked: MaskedRows | None
    mi: Tensor
    pointwise: Tensor
    masked_pointwise: Tensor
    weight: float = 1.0
    again: bool = False


def rename_categories(
    drawn: SyntheticBatch, generator: torch.Generator, ordinal: bool = False
) -> SyntheticBatch:
    """Give the categories of each data set the codes 0, 1, ... in random order.

    Families of counts and of roundings draw them in their natural order, of which nothing is left
    in what `skmist.MISTRegressor` shows a net that does not know ordered columns: it must not
    learn to rely on it. With `ordinal`, the codes of columns that have an order follow it.
    """
    x = _renamed(drawn.x, drawn.x_discrete, drawn.x_ordered if ordinal else (), generator)
    y = _renamed(drawn.y, drawn.y_discrete, drawn.y_ordered if ordinal else (), generator)
    return replace(drawn, x=x, y=y)


def as_told(
    drawn: SyntheticBatch, generator: torch.Generator, rng: random.Random, ordinal: bool
) -> SyntheticBatch:
    """The data sets as their users would hand them in: with codes, and an order where one is told.

    Parameters
    ----------
    drawn : SyntheticBatch
    generator : torch.Generator
        Draws the codes of categories.
    rng : random.Random
        Decides whether a side's order is forgotten, or all its columns are told to have one.
    ordinal : bool
        Whether the net knows ordered columns at all.
    """
    if not ordinal:
        return rename_categories(drawn, generator)
    forgotten, invented = (
        [rng.random() < share for _ in "xy"] for share in (_ORDER_FORGOTTEN, _ORDER_INVENTED)
    )
    nothing = [(False,) * len(flags) for flags in (drawn.x_ordered, drawn.y_ordered)]
    drawn = _with_order(drawn, forgotten, nothing)
    drawn = rename_categories(drawn, generator, ordinal)
    return _with_order(drawn, invented, [drawn.x_discrete, drawn.y_discrete])


def as_found(
    drawn: SyntheticBatch, n: int, generator: torch.Generator, rng: random.Random, extended: bool
) -> SyntheticBatch:
    """The data sets as tables are found: for an extended net some hold copies."""
    if extended:
        drawn = with_copies(drawn, n, generator, rng)
    return as_told(drawn, generator, rng, extended)


def with_copies(
    drawn: SyntheticBatch, n: int, generator: torch.Generator, rng: random.Random
) -> SyntheticBatch:
    """The data sets, in some batches with a few of the first n rows in place of others.

    Tables hold rows that were entered or measured twice, too few of them to be found out. A net
    that never met any takes them for information without end.
    """
    share = math.exp(rng.uniform(*map(math.log, _COPIED_ROWS)))
    count = round(share * n)
    if rng.random() >= _COPIED or not count:
        return drawn
    batch, total = drawn.pointwise_mi.shape
    device = drawn.x.device
    order = torch.rand(batch, n, generator=generator, device=device).argsort(1)
    index = torch.arange(total, device=device).repeat(batch, 1)
    index = index.scatter(1, order[:, :count], order[:, count : 2 * count])
    x, y = (side.gather(1, index[..., None].expand(side.shape)) for side in (drawn.x, drawn.y))
    return replace(drawn, x=x, y=y, pointwise_mi=drawn.pointwise_mi.gather(1, index))


def _with_order(
    drawn: SyntheticBatch, sides: Sequence[bool], flags: Sequence[Sequence[bool]]
) -> SyntheticBatch:
    x, y = (
        tuple(new) if changed else old
        for changed, new, old in zip(sides, flags, (drawn.x_ordered, drawn.y_ordered), strict=True)
    )
    return replace(drawn, x_ordered=x, y_ordered=y)


def _renamed(
    values: Tensor, discrete: Sequence[bool], ordered: Sequence[bool], generator: torch.Generator
) -> Tensor:
    renamed = values.clone()
    for j in (j for j, named in enumerate(discrete) if named):
        names, old = torch.unique(values[..., j], return_inverse=True)
        shape = len(values), len(names)
        if ordered and ordered[j]:
            keys = torch.arange(len(names), device=values.device).double().expand(shape)
        else:
            keys = torch.rand(shape, generator=generator, device=values.device)
        there = torch.zeros(shape, dtype=torch.bool, device=values.device).scatter_(1, old, True)
        codes = keys.masked_fill(~there, torch.inf).argsort(1).argsort(1)
        renamed[..., j] = codes.gather(1, old).to(values.dtype)
    return renamed


def _nameless(discrete: tuple[bool, ...], ordered: tuple[bool, ...]) -> tuple[bool, ...]:
    """Which columns hold categories without an order."""
    return tuple(d and not o for d, o in zip(discrete, ordered, strict=True))


def read_batch(
    drawn: SyntheticBatch,
    n: int,
    max_rows: int,
    encode: Callable[..., Tensor] = encode_rows,
    *,
    extended: bool = False,
) -> TrainingBatch:
    """Turn data sets into what the net reads; rows after the first n, if any, are masked ones.

    Parameters
    ----------
    drawn : SyntheticBatch
    n, max_rows : int
        Rows of the sample, and of those the ones that attend.
    encode : callable
        Puts a side's columns on one scale, as :func:`skmist.nn.encode_rows` does.
    extended : bool
        For an extended net, which is told the order of ordered columns.
    """
    x, y = drawn.x[:, :n], drawn.y[:, :n]
    kinds, ordered = (drawn.x_discrete, drawn.y_discrete), None
    if extended:
        ordered = drawn.x_ordered, drawn.y_ordered
        kinds = _nameless(kinds[0], ordered[0]), _nameless(kinds[1], ordered[1])
    frame = SampleFrame(encode(x, None, kinds[0]), encode(y, None, kinds[1]), *kinds, ordered)
    rows = min(n, max_rows)
    statistics = sample_statistics(frame, rows)
    masked = None
    if drawn.x.shape[1] > n:
        hidden = encode(x, drawn.x[:, n:], kinds[0])
        masked = masked_rows(frame, 0, hidden, statistics.rows)
    return TrainingBatch(
        n,
        drawn.family,
        statistics,
        masked,
        drawn.mi.float(),
        drawn.pointwise_mi[:, :rows].float(),
        drawn.pointwise_mi[:, n:].float(),
    )
