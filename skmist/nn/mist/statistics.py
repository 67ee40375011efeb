"""Classical statistics of batched samples: the net's side information.

Set statistics describe the whole sample, row statistics each row that the net
attends to. Everything that belongs to one side comes in a pair, so that the net
can treat X and y alike; see :class:`skmist.nn.mist.net.MISTNet`.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor

from skmist.nn.canonical import (
    gaussian_bias,
    gaussian_information,
    gaussian_pointwise,
    gaussian_surprise,
    shrunk_information,
)
from skmist.nn.mist.column_pairs import within_r2
from skmist.nn.mist.compression import compress
from skmist.nn.mist.evidence import LEARNED, LEARNED_VIEWS, learning_progress, set_evidence
from skmist.nn.mist.heads import PLAIN, head_for
from skmist.nn.mist.more_views import (
    RowNeighbors,
    best_view,
    more_means,
    sum_of_pairs,
    with_more,
)
from skmist.nn.mist.neighbors import (
    MAX_NEIGHBOR_ROWS,
    Neighborhoods,
    local_information,
    nearest,
    neighborhoods,
)
from skmist.nn.mist.tables import Table, table_information
from skmist.nn.mist.views import N_PAIRS, VIEW_NAMES, SampleFrame

__all__ = [
    "MaskedRows",
    "Rows",
    "SetStatistics",
    "Statistics",
    "masked_rows",
    "sample_statistics",
    "visible_rows",
]

_KS = (1, 3, 5, 10)
_ROW_KS = [1, 3]
_N_RHO = 8
_N_KERNEL_RHO = 5
_N_TOP = 3
_N_SMOOTH = 15
_SMOOTH_VIEWS = ("raw", "selected", "pair1")
_GAUSSIAN_RANGE = (-10, 12)
_N_ROW_CANDIDATES = len(_ROW_KS) * len(VIEW_NAMES) + 2


class SetStatistics(NamedTuple):
    """Statistics of a batch of samples.

    ``shared`` (B, S), ``roles`` two (B, R), ``candidates`` (B, C) estimates of the MI in nats,
    ``columns`` two (B, d, F). For an extended net also the ``unit`` (B, 1) of error on the
    compressed scale, ``row_means`` (B, C) of the rows' candidates over all rows, which
    ``head`` answers; of tables of categories what their counts are worth.
    """

    shared: Tensor
    roles: tuple[Tensor, Tensor]
    candidates: Tensor
    columns: tuple[Tensor, Tensor]
    unit: Tensor | None = None
    row_means: Tensor | None = None
    head: int = PLAIN
    table: Table | None = None


class Rows(NamedTuple):
    """Statistics of rows.

    ``shared`` (B, M, S), ``roles`` two (B, M, R), ``candidates`` (B, M, C) estimates of the
    pointwise MI in nats, ``cells`` two (B, M, d, 4).
    """

    shared: Tensor
    roles: tuple[Tensor, Tensor]
    candidates: Tensor
    cells: tuple[Tensor, Tensor]


class MaskedRows(NamedTuple):
    """Statistics of rows of which one side is seen.

    ``features`` (B, m, F), ``candidates`` (B, m, C) estimates of the expected pointwise MI in
    nats, ``cells`` (B, m, d, 4).
    """

    features: Tensor
    candidates: Tensor
    cells: Tensor


class Statistics(NamedTuple):
    """Statistics of a batch of samples and of the rows attended to."""

    sample: SetStatistics
    rows: Rows


def _search(
    frame: SampleFrame, names: tuple[str, ...], x: Tensor, y: Tensor, query: bool
) -> dict[str, tuple[Tensor, ...]]:
    """Local MI, log radius and log counts in views that are leading columns of one another."""
    rows = x.shape[1]
    whole_x, whole_y = frame.own_view(names[-1])
    cuts = tuple((frame.width(name, 0), frame.width(name, 1)) for name in names)
    asked = None
    if query:
        asked = frame.view_of_pairs(names[-1], x, y)
    elif rows < frame.n and cuts != ((1, 1),):
        asked = (whole_x[:, :rows], whole_y[:, :rows])
    near = neighborhoods(whole_x, whole_y, _KS, query=asked, cuts=cuts)
    return {
        name: _described(inside, frame.n, frame.table(name), frame.chance(name, _KS))
        for name, inside in zip(names, near, strict=True)
    }


def _described(
    inside: Neighborhoods, n: int, table: Table | None = None, chance: Tensor | None = None
) -> tuple[Tensor, ...]:
    """Local MI, less what chance gives (B, K), log radius and log counts."""
    information = (
        local_information(inside, n) if table is None else table_information(inside, n, table)
    )
    return (
        information if chance is None else information - chance[:, None],
        inside.radius.clamp_min(1e-4).log(),
        ((inside.count_x + 1) / n).log(),
        ((inside.count_y + 1) / n).log(),
    )


def _pair_neighbors(
    frame: SampleFrame, x: Tensor, y: Tensor, query: bool, fallback: RowNeighbors
) -> RowNeighbors:
    """What the canonical pairs say in sum; where that makes no sense, the first of other views."""
    rows = x.shape[1]
    if frame.n_summed < 2:
        whole = {0: fallback.whole[0]} if 0 in fallback.whole else {}
        information, radius, share_x, share_y = (t[..., :1] for t in fallback.tensors)
        return RowNeighbors(information, radius, share_x, share_y, whole)
    sides = frame.sides
    own_x, own_y = (frame.pairs_apart(i, sides[i].values) for i in (0, 1))
    asked = (frame.pairs_apart(0, x), frame.pairs_apart(1, y)) if query else None
    (found,) = neighborhoods(own_x, own_y, _KS, query=asked, cuts=((1, 1),))
    information, radius, share_x, share_y = (
        part.unflatten(0, (-1, frame.n_summed)).movedim(1, -1)
        for part in _described(found, frame.n)
    )
    return sum_of_pairs(RowNeighbors(information, radius, share_x, share_y, {}), rows)


def _row_neighbors(
    frame: SampleFrame, x: Tensor, y: Tensor, query: bool
) -> tuple[RowNeighbors, RowNeighbors | None, list[bool]]:
    """Neighborhood statistics in every view, in the learned ones apart, and which views there are.

    A view left out repeats the first there is.
    """
    found: dict[str, tuple[Tensor, ...]] = {}
    for names in frame.groups():
        found |= _search(frame, names, x, y, query)
    fallback = frame.groups()[0][0]
    source = [frame.aliases.get(name, name) or fallback for name in VIEW_NAMES]
    present = [name not in frame.aliases for name in VIEW_NAMES]
    rows = x.shape[1]
    near, learned = _stacked(found, source, rows), None
    if frame.extended:
        found |= _search(frame, LEARNED_VIEWS, x, y, query) if frame.learned else {}
        shown = [name if frame.learned else fallback for name in LEARNED_VIEWS]
        learned = _stacked(found, shown, rows)
    return near, learned, present


def _stacked(found: dict[str, tuple[Tensor, ...]], source: list[str], rows: int) -> RowNeighbors:
    information, radius, share_x, share_y = (
        torch.stack([found[s][j][:, :rows] for s in source], dim=-1) for j in range(4)
    )
    whole = {i: found[s][0] for i, s in enumerate(source) if found[s][0].shape[1] > rows}
    return RowNeighbors(information, radius, share_x, share_y, whole)


def _local_means(frame: SampleFrame, near: RowNeighbors) -> Tensor:
    """Means of the local MI over all rows, ``(B, K, n_views)``.

    Where the neighborhoods of a part of the rows were searched, the rest of the mean comes from
    what is known of all rows, the pointwise MI of the Gaussian models, as control variates:
    otherwise the error would not fall any more with more rows than are searched.
    """
    means = near.information.mean(1)
    rows = near.information.shape[1]
    if rows == frame.n:
        return means
    *_, plain, spiked = _canonical_rows(frame, *(s.values for s in frame.sides))
    controls = torch.stack([plain, spiked], dim=-1).clamp(*_GAUSSIAN_RANGE).double()
    part = controls[:, :rows] - controls[:, :rows].mean(1, keepdim=True)
    local = (near.information - means[:, None]).flatten(2).double()
    ridge = 1e-6 * rows * torch.eye(2, dtype=torch.float64, device=part.device)
    slopes = torch.linalg.solve(part.mT @ part + ridge, part.mT @ local)
    missed = (controls.mean(1) - controls[:, :rows].mean(1))[:, None]
    means = means + (missed @ slopes).squeeze(1).unflatten(-1, means.shape[1:]).float()
    for i, information in near.whole.items():
        means[..., i] = information.mean(1)
    return means


def _canonical_rows(
    frame: SampleFrame, x: Tensor, y: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Canonical coordinates and the pointwise MI of two Gaussian models, raw and spiked."""
    u, v = frame.coordinates(0, x), frame.coordinates(1, y)
    rho, spiked = frame.canonical.rho.float(), frame.spiked.float()
    plain = gaussian_pointwise(rho.clamp(max=0.999), u, v)
    return u, v, plain, gaussian_pointwise(spiked.clamp(max=0.999), u, v)


def _padded(x: Tensor, size: int) -> Tensor:
    """The leading ``size`` entries of the last axis, zeros where there are fewer."""
    x = x[..., :size]
    return torch.nn.functional.pad(x, (0, size - x.shape[-1]))


def _cells(frame: SampleFrame, i: int, rows: Tensor) -> Tensor:
    """Value and shape of each cell, ``(B, M, d, 4)``; categories show their rarity only."""
    side = frame.sides[i]
    value = torch.where(side.mask, 0.0, rows) if side.any_discrete else rows
    rarity = side.self_information(rows)
    parts = [value, 0.5 * (value**2 - 1), torch.sin(2 * value), rarity]
    if frame.extended:
        parts.append(side.ordered.float().expand_as(value))
    return torch.stack(parts, dim=-1)


def _assemble_rows(
    frame: SampleFrame, x: Tensor, y: Tensor, near: RowNeighbors, learned: RowNeighbors | None
) -> Rows:
    u, v, plain, spiked = _canonical_rows(frame, x, y)
    information = near.information[:, :, _ROW_KS].flatten(2)
    radius = near.radius[:, :, _ROW_KS].flatten(2)
    a, b = _padded(u, N_PAIRS).clamp(-5, 5), _padded(v, N_PAIRS).clamp(-5, 5)
    even = [a * b, 0.5 * (a**2 + b**2), (0.5 * (a**2 - b**2)) ** 2 / 8]
    gaussian = torch.stack([plain, spiked], dim=-1).clamp(*_GAUSSIAN_RANGE)
    shared = torch.cat([information, radius, compress(gaussian), *even], dim=-1)
    roles = (
        torch.cat([near.share_x[:, :, _ROW_KS].flatten(2), frame.norm_scores(0, x)], dim=-1),
        torch.cat([near.share_y[:, :, _ROW_KS].flatten(2), frame.norm_scores(1, y)], dim=-1),
    )
    candidates = torch.cat([information, gaussian], dim=-1)
    if learned is not None:
        more, radius, *shares = (t[:, :, _ROW_KS].flatten(2) for t in learned.tensors)
        shared = torch.cat([shared, more, radius], dim=-1)
        candidates = torch.cat([candidates, more], dim=-1)
        roles = torch.cat([roles[0], shares[0]], -1), torch.cat([roles[1], shares[1]], -1)
    return Rows(shared, roles, candidates, (_cells(frame, 0, x), _cells(frame, 1, y)))


def visible_rows(frame: SampleFrame, x: Tensor, y: Tensor) -> Rows:
    """Statistics of any paired rows against a fitted sample.

    Parameters
    ----------
    frame : SampleFrame
    x : Tensor of shape (batch, m, p)
    y : Tensor of shape (batch, m, q)
        Rows in the frame's scores and codes. A row of the sample itself gets
        exactly what it has there.
    """
    near, learned, _ = _row_neighbors(frame, x, y, True)
    if learned is not None:
        total = _pair_neighbors(frame, x, y, True, near)
        learned = with_more(near, learned, total, _best_of(frame))
    return _assemble_rows(frame, x, y, near, learned)


def _top(values: Tensor) -> Tensor:
    """The three greatest entries of a (B, p, q) matrix, zeros where there are fewer."""
    flat = values.flatten(1)
    return _padded(flat.topk(min(_N_TOP, flat.shape[1]), dim=1).values, _N_TOP)


def _pair_sums(values: Tensor) -> tuple[Tensor, Tensor]:
    """For each side: the sum over its columns of the strongest tie, less the noise's."""
    strong = values.clamp_min(0)
    return strong.amax(2).sum(1, keepdim=True), strong.amax(1).sum(1, keepdim=True)


def _gaussian_candidates(frame: SampleFrame) -> tuple[Tensor, Tensor]:
    """Gaussian estimates of the MI (B, 4), and leading correlations as nats (B, 2 * 8)."""
    rho, spiked = frame.canonical.rho, frame.spiked
    plain = gaussian_information(rho)
    x, y = frame.sides
    corrected = (plain - gaussian_bias(frame.n, x.rank, y.rank)).clamp_min(0)
    shrunk = shrunk_information(x.design(x.values), y.design(y.values))
    estimates = torch.stack([plain, corrected, gaussian_information(spiked), shrunk], dim=-1)
    leading = [-0.5 * torch.log1p(-(_padded(r, _N_RHO) ** 2)) for r in (rho, spiked)]
    return estimates.float(), torch.cat(leading, dim=-1).float()


def _role_statistics(frame: SampleFrame, i: int, sums: list[tuple[Tensor, Tensor]]) -> Tensor:
    side = frame.sides[i]
    batch = side.values.shape[0]
    constant = torch.tensor(
        [side.d, side.rank], device=side.values.device, dtype=torch.float32
    ).log()
    kinds = torch.stack([side.mask.float().mean(), side.mask.float().prod()])
    norm = frame.norms[i]
    spread = norm.var(1).clamp_min(1e-6).log()
    per_sample = [side.entropy()[:, None], within_r2(side).mean(1, keepdim=True), spread]
    fixed = torch.cat([constant, kinds]).expand(batch, -1)
    parts = [fixed, *per_sample, *(compress(s[i]) for s in sums)]
    if frame.extended:
        parts.append(side.ordered.float().mean().expand(batch, 1))
    return torch.cat(parts, dim=-1)


def _column_statistics(frame: SampleFrame, i: int) -> Tensor:
    """What the other side and its own say about each column, ``(B, d, 6)``."""
    side, other = frame.sides[i], 2 - i
    strength = [compress(m).amax(other) for m in (frame.nonlinear, frame.linear)]
    mean = compress(frame.nonlinear).mean(other)
    kind = side.mask.float().expand_as(mean)
    rarity = side.self_information().mean(1)
    parts = [*strength, mean, within_r2(side), kind, rarity]
    if frame.extended:
        parts.append(side.ordered.float().expand_as(mean))
    return torch.stack(parts, dim=-1)


def _set_statistics(
    frame: SampleFrame, near: RowNeighbors, learned: RowNeighbors | None, present: list[bool]
) -> SetStatistics:
    whole = _local_means(frame, near)
    means = whole.flatten(1)
    spread = near.information[:, :, 1].std(1)
    gaussian, leading = _gaussian_candidates(frame)
    kernel = -0.5 * torch.log1p(-(_padded(frame.kernel.rho, _N_KERNEL_RHO) ** 2)).float()
    tops = torch.cat([_top(frame.nonlinear), _top(frame.linear)], dim=-1)
    batch = means.shape[0]
    n, (p, q) = frame.n, frame.dims
    size = torch.tensor([n, p * q, (p + q) / n + 0.01], dtype=torch.float32).log()
    fixed = torch.cat([size, torch.tensor(present, dtype=torch.float32)]).to(means.device)
    information = compress(torch.cat([means, gaussian, leading, kernel, tops], dim=-1))
    shared = torch.cat([fixed.expand(batch, -1), spread, information], dim=-1)
    sums = [_pair_sums(m) for m in (frame.nonlinear, frame.linear)]
    roles = (_role_statistics(frame, 0, sums), _role_statistics(frame, 1, sums))
    columns = (_column_statistics(frame, 0), _column_statistics(frame, 1))
    candidates = torch.cat([means, gaussian, tops], dim=-1)
    if learned is None:
        return SetStatistics(shared, roles, candidates, columns)
    local = more_means(whole, _local_means(frame, learned), near, learned)
    more = local.flatten(1)
    both = torch.cat([near.information[:, :, -1], learned.information[:, :, -1]], dim=-1)
    evidence, unit = set_evidence(candidates, more, both.std(1), frame.n)
    seen = torch.full_like(unit, float(frame.learned is not None))
    table = frame.table("raw") if frame.counted else None
    return SetStatistics(
        torch.cat([shared, evidence, seen, learning_progress(frame.learned, unit)], dim=-1),
        roles,
        torch.cat([candidates, more], dim=-1),
        columns,
        unit,
        torch.cat([_row_means(frame, whole), local[:, _ROW_KS].flatten(1)], dim=-1),
        head_for(frame.learned, table),
        table,
    )


def _row_means(frame: SampleFrame, local: Tensor) -> Tensor:
    """Means of the rows' classical candidates over all rows, in their order."""
    *_, plain, spiked = _canonical_rows(frame, *(s.values for s in frame.sides))
    gaussian = torch.stack([plain, spiked], dim=-1).clamp(*_GAUSSIAN_RANGE).mean(1)
    return torch.cat([local[:, _ROW_KS].flatten(1), gaussian], dim=-1)


def sample_statistics(frame: SampleFrame, max_rows: int) -> Statistics:
    """Set statistics of a sample, and row statistics of its first ``max_rows`` rows."""
    x, y = _searched(frame)
    near, learned, present = _row_neighbors(frame, x, y, False)
    if learned is not None:
        frame.best = best_view(near, learned)
        total = _pair_neighbors(frame, x, y, False, near)
        learned = with_more(near, learned, total, frame.best)
    sample = _set_statistics(frame, near, learned, present)
    leading = near.leading(max_rows), learned and learned.leading(max_rows)
    rows = _assemble_rows(frame, x[:, :max_rows], y[:, :max_rows], *leading)
    return Statistics(sample, rows)


def _searched(frame: SampleFrame) -> tuple[Tensor, Tensor]:
    """The rows whose neighborhoods are searched."""
    x, y = (s.values[:, :MAX_NEIGHBOR_ROWS] for s in frame.sides)
    return x, y


def _best_of(frame: SampleFrame) -> Tensor:
    """The number (B,) of the view that is best for each sample."""
    if frame.best is None:
        near, learned, _ = _row_neighbors(frame, *_searched(frame), False)
        frame.best = best_view(near, cast(RowNeighbors, learned))
    return frame.best


def masked_rows(frame: SampleFrame, i: int, rows: Tensor, context: Rows) -> MaskedRows:
    """Statistics of rows of which only side ``i`` is seen.

    Parameters
    ----------
    frame : SampleFrame
    i : {0, 1}
        The side that is seen.
    rows : Tensor of shape (batch, m, d)
    context : Rows
        Statistics of the sample's own leading rows.
    """
    rho, spiked = frame.canonical.rho.float(), frame.spiked.float()
    u = frame.coordinates(i, rows)
    surprise = [gaussian_surprise(r, u) for r in (rho.clamp(max=0.999), spiked)]
    gaussian = torch.stack(surprise, dim=-1).clamp(*_GAUSSIAN_RANGE)
    smoothed = _smoothed(frame, i, rows, context, _SMOOTH_VIEWS)
    candidates = torch.cat([gaussian, *(s[0] for s in smoothed)], dim=-1)
    parts = [
        compress(candidates),
        0.5 * _padded(u, N_PAIRS).clamp(-5, 5) ** 2,
        frame.norm_scores(i, rows),
        *(s[1] for s in smoothed),
    ]
    if frame.extended:
        (last,) = _smoothed(frame, i, rows, context, (LEARNED,))
        more = torch.cat([*(s[2] for s in smoothed), last[0], last[2]], dim=-1)
        candidates = torch.cat([candidates, more], dim=-1)
        parts += [compress(more), last[1]]
    return MaskedRows(torch.cat(parts, dim=-1), candidates, _cells(frame, i, rows))


def _smoothed(
    frame: SampleFrame, i: int, rows: Tensor, context: Rows, views: tuple[str, ...]
) -> list[tuple[Tensor, Tensor, Tensor]]:
    """In some views, means over the neighbors on the seen side: of the pointwise estimates, of
    the other side's canonical coordinates, squared, with their spread, and of the pointwise
    estimates that an extended net has beside."""
    count = context.candidates.shape[1]
    reference = frame.sides[i].values[:, :count]
    other = frame.coordinates(1 - i, frame.sides[1 - i].values[:, :count])
    other = _padded(other, N_PAIRS).clamp(-5, 5)
    values = torch.cat([context.candidates, other, other**2], dim=-1)
    fallback = frame.groups()[0][0]
    done: dict[str, tuple[Tensor, Tensor, Tensor]] = {}
    known = frame.aliases if frame.learned else {**frame.aliases, LEARNED: fallback}
    names = [known.get(name, name) or fallback for name in views]
    for name in dict.fromkeys(names):
        near = nearest(frame.view(name, i, rows), frame.view(name, i, reference), _N_SMOOTH)
        sizes = [_N_ROW_CANDIDATES, values.shape[-1] - _N_ROW_CANDIDATES - 2 * N_PAIRS]
        found = _gather_mean(values, near).split([*sizes, N_PAIRS, N_PAIRS], dim=-1)
        information, more, mean, square = found
        spread = (square - mean**2).clamp_min(1e-4).log()
        done[name] = information, torch.cat([mean**2, spread], dim=-1), more
    return [done[name] for name in names]


def _gather_mean(values: Tensor, index: Tensor) -> Tensor:
    """Means (B, m, F) of values (B, n, F) over index (B, m, k)."""
    batch, m, k = index.shape
    flat = index.reshape(batch, m * k, 1).expand(-1, -1, values.shape[-1])
    return values.gather(1, flat).view(batch, m, k, -1).mean(2)
