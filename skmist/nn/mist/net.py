"""The MIST net: a sample in, quantiles of its MI and the pointwise MI of its rows out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from skmist.nn.mist.compression import compress
from skmist.nn.mist.evidence import N_MORE_VIEWS, N_PROGRESS
from skmist.nn.mist.heads import (
    COMPRESSED,
    COUNTED,
    PAIRED,
    PLAIN,
    held_back,
    less_lossy,
    no_more_than_counts,
    no_surer_than_counts,
)
from skmist.nn.mist.layers import Block, CellStage, Perceptron, SymmetricPerceptron
from skmist.nn.mist.statistics import MaskedRows, Rows, SetStatistics, Statistics
from skmist.nn.mist.tables import Table
from skmist.nn.mist.views import N_PAIRS, VIEW_NAMES

__all__ = [
    "Context",
    "InputSizes",
    "MISTNet",
    "NetConfig",
    "QUANTILE_LEVELS",
    "input_sizes",
]

QUANTILE_LEVELS = (0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.975)
"""Levels of the quantiles of the MI that the net gives."""

_MEDIAN = QUANTILE_LEVELS.index(0.5)
_MAX_COMPRESSED = 6.0
# Of intervals of samples compressed apart; the unit is that of some 10,000 rows.
_WIDER, _NARROWEST_UNIT = 1.1, 0.01
_N_VIEWS = len(VIEW_NAMES)
_N_LOCAL = 4 * _N_VIEWS
_RAW_LOCAL, _SPIKED_ROW = 0, 2 * _N_VIEWS + 1
_RAW_SET, _SPIKED_SET = _N_VIEWS, _N_LOCAL + 2


class InputSizes(NamedTuple):
    """How many numbers a net reads of each kind, and what its mixtures mix."""

    set_shared: int
    set_role: int
    set_candidates: int
    pointwise_means: int
    row_shared: int
    row_role: int
    row_candidates: int
    masked: int
    masked_candidates: int
    cell: int
    column: int
    head_scalars: int


def input_sizes(extended: bool) -> InputSizes:
    """Numbers that a net reads; what an extended one reads beside is at the end of each kind."""
    set_candidates, row_candidates = _N_LOCAL + 4 + 6, 2 * _N_VIEWS + 2
    masked = 2 + 3 * row_candidates
    plain = InputSizes(
        set_shared=3 + 2 * _N_VIEWS + _N_LOCAL + 4 + 16 + 5 + 6,
        set_role=4 + 3 + 2,
        set_candidates=set_candidates,
        pointwise_means=3,
        row_shared=4 * _N_VIEWS + 2 + 3 * N_PAIRS,
        row_role=2 * _N_VIEWS + 1,
        row_candidates=row_candidates,
        masked=masked + N_PAIRS + 1 + 3 * 2 * N_PAIRS,
        masked_candidates=masked,
        cell=4,
        column=6,
        head_scalars=2,
    )
    if not extended:
        return plain
    views, each = N_MORE_VIEWS, 2 * N_MORE_VIEWS
    local = 4 * views
    evidence = 1 + (_N_VIEWS + views) + local + (set_candidates + local) + 1 + N_PROGRESS
    smoothed = 3 * each + row_candidates + each
    masked = smoothed + 2 * N_PAIRS
    more = InputSizes(evidence, 1, local, 1, 2 * each, each, each, masked, smoothed, 1, 1, 2)
    return InputSizes(*map(sum, zip(plain, more, strict=True)))


@dataclass(frozen=True)
class NetConfig:
    """Sizes of the net.

    Parameters
    ----------
    dim, depth, heads : int
        Width, number and heads of the blocks in which rows attend to each
        other; ``depth=0`` leaves the rows out: classical statistics only.
    cell_dim, cell_heads : int
        The same for the columns of a row.
    max_rows : int
        Rows that attend and are attended to; the statistics use all.
    extended : bool
        Whether it reads the learned views, the best view, the sum of canonical pairs, ordered
        columns and how far the estimates lie apart, and answers in units of the error that a
        sample allows; of two compressed sides of continuous columns by a head of its own.
    """

    dim: int = 128
    depth: int = 3
    heads: int = 4
    cell_dim: int = 32
    cell_heads: int = 2
    max_rows: int = 256
    extended: bool = False

    def to_dict(self) -> dict[str, int | bool]:
        """The sizes as a plain dictionary."""
        return asdict(self)


class Context(NamedTuple):
    """A sample as the net holds it, for rows asked about later."""

    statistics: Statistics
    layers: tuple[Tensor, ...]
    tokens: Tensor
    pointwise: Tensor
    weights: Tensor | None = None


class MISTNet(nn.Module):
    """Attention across columns, then rows, beside classical statistics.

    Parameters
    ----------
    config : NetConfig

    Notes
    -----
    Rows are a set to it, the columns of a side are a set, and so are the two
    sides. The MI's quantiles start from a learned convex mixture of classical
    estimates and of the mean of the net's own pointwise MI.
    """

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.config = config
        dim = config.dim
        # Its own reading of the statistics: the one that rows share learns from their losses.
        sizes = input_sizes(config.extended)
        self.embed_head = SymmetricPerceptron(sizes.set_shared, sizes.set_role, 2 * dim, dim)
        n_candidates = sizes.set_candidates
        n_head = dim
        if config.depth:
            self._build_row_stages(config, sizes)
            n_candidates += sizes.pointwise_means
            n_head = 3 * dim + sizes.head_scalars
        self.head, self.gate, self.quantiles = _head(n_head, n_candidates, config)
        if config.extended:
            names = ("head", "gate", "quantiles")
            own = zip(names, _head(n_head, n_candidates, config), strict=True)
            self.paired = nn.ModuleDict(dict(own))

    def _build_row_stages(self, config: NetConfig, sizes: InputSizes) -> None:
        dim, cells = config.dim, config.cell_dim
        self.embed_set = SymmetricPerceptron(sizes.set_shared, sizes.set_role, 2 * dim, dim)
        self.cells = CellStage(sizes.cell, sizes.column, cells, config.cell_heads)
        self.embed_row = SymmetricPerceptron(
            sizes.row_shared, sizes.row_role + cells, 2 * dim, dim
        )
        self.embed_masked = Perceptron(sizes.masked + cells, 2 * dim, dim)
        self.blocks = nn.ModuleList(Block(dim, config.heads) for _ in range(config.depth))
        self.norm = nn.LayerNorm(dim)
        self.row_gate = nn.Linear(dim, sizes.row_candidates)
        self.row_residual = nn.Linear(dim, 1)
        self.masked_gate = nn.Linear(dim, sizes.masked_candidates)
        self.masked_residual = nn.Linear(dim, 1)

    def encode(self, statistics: Statistics) -> Context:
        """Hold a sample: its statistics, and what each layer offers to attend to."""
        shared = statistics.sample.shared
        if not self.config.depth:
            nothing = shared.new_zeros(shared.shape[0], 0)
            return Context(statistics, (), nothing, nothing)
        set_token = self.embed_set(shared, statistics.sample.roles)
        rows = self._embed_rows(statistics.rows, statistics.sample, set_token)
        tokens = torch.cat([set_token[:, None], rows], dim=1)
        layers = []
        for block in self.blocks:
            layers.append(tokens)
            tokens = block(tokens)
        tokens = self.norm(tokens)
        weights = torch.softmax(self.row_gate(tokens[:, 1:]).float(), dim=-1)
        pointwise = (weights * statistics.rows.candidates).sum(-1)
        pointwise = pointwise + self.row_residual(tokens[:, 1:]).float().squeeze(-1)
        return Context(statistics, tuple(layers), tokens, pointwise, weights)

    def _embed_rows(self, rows: Rows, sample: SetStatistics, set_token: Tensor) -> Tensor:
        pooled = self.cells(rows.cells, sample.columns)
        roles = tuple(torch.cat([r, c], -1) for r, c in zip(rows.roles, pooled, strict=True))
        return self.embed_row(rows.shared, roles) + set_token[:, None]

    def quantiles_of(self, context: Context) -> Tensor:
        """Quantiles of the MI, ``(B, 11)``, compressed (see :func:`compress`), unclipped.

        In single precision also under autocast: what is left to learn at many rows is less than
        what bfloat16 rounds off.
        """
        with torch.autocast(context.statistics.sample.shared.device.type, enabled=False):
            return self._quantiles_of(context)

    def _quantiles_of(self, context: Context) -> Tensor:
        sample = context.statistics.sample
        return self.answer(*self.read(context), sample.unit, sample.head, sample.table)

    def read(self, context: Context) -> tuple[Tensor, Tensor]:
        """What the head reads of a held sample (B, R), and the estimates (B, C) that it mixes."""
        sample = context.statistics.sample
        parts, candidates = [self.embed_head(sample.shared, sample.roles)], [sample.candidates]
        if self.config.depth:
            rows = context.tokens[:, 1:]
            mean = context.pointwise.mean(1)
            spread = context.pointwise.std(1)
            scalars = torch.stack([compress(mean), spread], dim=-1)
            parts += [rows.mean(1), context.tokens[:, 0], scalars]
            candidates.append(self._pointwise_means(context, mean))
            if self.config.extended:
                controlled, error = _controlled_mean(context)
                candidates.append(controlled)
                parts.append(torch.cat([compress(controlled), error.log()], dim=-1))
        return torch.cat([p.float() for p in parts], dim=-1), torch.cat(candidates, dim=-1)

    def answer(
        self,
        read: Tensor,
        candidates: Tensor,
        unit: Tensor | None,
        head: int = PLAIN,
        table: Table | None = None,
    ) -> Tensor:
        """Compressed quantiles (B, 11) from what `read` gives, in an extended net's unit."""
        plain = self.head, self.gate, self.quantiles
        hidden, gate, quantiles = self.paired.values() if head == PAIRED else plain
        seen = hidden(read)
        logits, raw = gate(seen).float(), quantiles(seen).float()
        added = raw[:, _MEDIAN : _MEDIAN + 1]
        if unit is None:
            weights = torch.softmax(logits, dim=-1)
            estimates = compress(candidates.clamp_min(0.0)).clamp(max=_MAX_COMPRESSED)
            center = (weights * estimates).sum(-1, keepdim=True) + added
            return _spread_quantiles(center, nn.functional.softplus(raw))
        n_own = input_sizes(True).pointwise_means if self.config.depth else 0
        if head in (COMPRESSED, COUNTED):
            logits = less_lossy(logits, candidates, unit, n_own)
        if table is not None:
            logits = no_more_than_counts(logits, candidates, unit, table)
        weights = torch.softmax(logits, dim=-1)
        if head != PLAIN:
            weights, added = held_back(weights, candidates, added, unit, n_own, head)
        center = compress((weights * candidates).sum(-1, keepdim=True).clamp_min(0.0))
        center = center.clamp(max=_MAX_COMPRESSED) + unit * added
        found = _spread_quantiles(center, self._steps(head, read, raw, unit))
        if table is None or self.training:
            return found
        normal = torch.special.ndtri(found.new_tensor(QUANTILE_LEVELS))
        counted = no_surer_than_counts(found, normal, candidates, unit, n_own, table)
        trusted = table.trusted[:, None] > 0
        if bool(trusted.all()):
            return counted
        return torch.where(trusted, counted, self.answer(read, candidates, unit))

    def _steps(self, head: int, read: Tensor, raw: Tensor, unit: Tensor) -> Tensor:
        """Steps (B, 11) between compressed quantiles.

        Nets are less sure of data unlike those of their training than they say. So, but in
        training, intervals of samples compressed apart are a tenth wider than the head says, and
        never as narrow as those of some 10,000 rows. Those of paired sides are as wide as their
        own head and the plain one say in the mean.
        """
        steps = nn.functional.softplus(raw)
        if head == PLAIN or self.training:
            return unit * steps
        if head in (COMPRESSED, COUNTED):
            return _WIDER * unit.square().add(_NARROWEST_UNIT**2).sqrt() * steps
        others = nn.functional.softplus(self.quantiles(self.head(read)).float())
        return 0.5 * unit * (steps + others)

    def _pointwise_means(self, context: Context, mean: Tensor) -> Tensor:
        """Mean pointwise MI: as it is, and with two classical estimates as control variates,
        whose means over the attended rows are replaced by those over all rows."""
        rows, sample = context.statistics.rows, context.statistics.sample
        controlled = [
            mean - rows.candidates[..., i].mean(1) + sample.candidates[:, j]
            for i, j in ((_RAW_LOCAL, _RAW_SET), (_SPIKED_ROW, _SPIKED_SET))
        ]
        return torch.stack([mean, *controlled], dim=-1)

    def forward(
        self, statistics: Statistics, masked: MaskedRows | None = None, side: int = 0
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Compressed quantiles (B, 11), pointwise MI (B, M), and that of masked rows (B, m)."""
        context = self.encode(statistics)
        information = None if masked is None else self.row_information(context, side, masked)
        return self.quantiles_of(context), context.pointwise, information

    def score_rows(self, context: Context, rows: Rows) -> Tensor:
        """Pointwise MI (B, m), nats, of any rows against a held sample."""
        tokens = self._embed_rows(rows, context.statistics.sample, context.layers[0][:, 0])
        tokens = self._attend(tokens, context)
        return _mixture(tokens, rows.candidates, self.row_gate, self.row_residual)

    def row_information(self, context: Context, i: int, rows: MaskedRows) -> Tensor:
        """Expected pointwise MI (B, m), nats, of rows of which only side ``i`` is seen."""
        columns = context.statistics.sample.columns[i]
        (pooled,) = self.cells((rows.cells,), (columns,))
        tokens = self.embed_masked(torch.cat([rows.features, pooled], dim=-1))
        tokens = self._attend(tokens + context.layers[0][:, :1], context)
        return _mixture(tokens, rows.candidates, self.masked_gate, self.masked_residual)

    def _attend(self, tokens: Tensor, context: Context) -> Tensor:
        for block, layer in zip(self.blocks, context.layers, strict=True):
            tokens = block(tokens, context=layer)
        return self.norm(tokens)


def _head(
    n_read: int, n_candidates: int, config: NetConfig
) -> tuple[nn.Sequential, nn.Linear, nn.Linear]:
    """What turns what is known of a sample into the mixture of estimates and the quantiles."""
    width = 2 * config.dim
    head = nn.Sequential(nn.LayerNorm(n_read), Perceptron(n_read, width, width), nn.GELU())
    gate, quantiles = nn.Linear(width, n_candidates), nn.Linear(width, len(QUANTILE_LEVELS))
    nn.init.zeros_(quantiles.weight)
    nn.init.constant_(quantiles.bias, -0.5 if config.extended else -2.0)
    with torch.no_grad():
        quantiles.bias[_MEDIAN] = 0.0
    return head, gate, quantiles


def _mixture(tokens: Tensor, candidates: Tensor, gate: nn.Linear, residual: nn.Linear) -> Tensor:
    """A convex mixture (B, M) of each row's classical estimates, and a correction; nats."""
    weights = torch.softmax(gate(tokens).float(), dim=-1)
    return (weights * candidates).sum(-1) + residual(tokens).float().squeeze(-1)


def _controlled_mean(context: Context) -> tuple[Tensor, Tensor]:
    """Mean pointwise MI (B, 1) with the rows' own mixture as control variate, and its error.

    What the mixture with the rows' mean weights says is known of all rows, so only what the net
    adds to it has the noise of the rows that attend.
    """
    rows, sample = context.statistics.rows, context.statistics.sample
    weights = cast(Tensor, context.weights).mean(1)
    added = context.pointwise - (rows.candidates * weights[:, None]).sum(-1)
    whole = (cast(Tensor, sample.row_means) * weights).sum(-1)
    error = added.std(1, keepdim=True) / added.shape[1] ** 0.5
    return (added.mean(1) + whole)[:, None], error.clamp_min(1e-4)


def _spread_quantiles(center: Tensor, steps: Tensor) -> Tensor:
    """Quantiles around a center, the steps between them positive: they never cross."""
    above = center + steps[:, _MEDIAN + 1 :].cumsum(-1)
    below = center - steps[:, :_MEDIAN].flip(-1).cumsum(-1).flip(-1)
    return torch.cat([below, center, above], dim=-1)
