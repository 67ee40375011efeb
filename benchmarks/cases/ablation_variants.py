"""The nets of the ablation: what each reads and how it is trained."""

from __future__ import annotations

__all__ = ["VARIANTS", "Variant", "encode_z", "untouched"]

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from skmist.nn import NetConfig, encode_rows
from skmist.nn.mist.statistics import Rows, Statistics
from skmist.nn.mist.views import VIEW_NAMES

_VIEWS = len(VIEW_NAMES)
# Sizes that describe the data set: log n, log pq, log((p + q) / n), and the views that there are.
_SIZES = 3 + _VIEWS
_FIXED_ROLES = 4
_KIND = 4
_LOCAL = 4 * _VIEWS
_LOCAL_CANDIDATES = 2 * _VIEWS


def encode_z(x: Tensor, rows: Tensor | None, discrete: tuple[bool, ...]) -> Tensor:
    """Put continuous columns on the z-scale of ``x``, where `skmist.nn.encode_rows` ranks them.

    Parameters
    ----------
    x : Tensor of shape (batch, n, d)
    rows : Tensor of shape (batch, m, d) or None
        Rows to encode; None takes ``x``.
    discrete : tuple of bool
    """
    asked = x if rows is None else rows
    codes = encode_rows(x, rows, discrete)
    spread = x.double().std(1, keepdim=True).clamp_min(1e-12)
    z = ((asked.double() - x.double().mean(1, keepdim=True)) / spread).clamp(-30, 30)
    mask = torch.tensor(discrete, device=x.device)
    return torch.where(mask, codes, z.to(codes.dtype))


def untouched(statistics: Statistics) -> Statistics:
    """Return the statistics as they are."""
    return statistics


def _no_local(rows: Rows) -> Rows:
    """Blot out what the neighborhoods of each row say."""
    shared, candidates = rows.shared.clone(), rows.candidates.clone()
    shared[..., :_LOCAL] = 0
    candidates[..., :_LOCAL_CANDIDATES] = 0
    roles = tuple(role.clone() for role in rows.roles)
    for role in roles:
        role[..., :_LOCAL_CANDIDATES] = 0
    return rows._replace(shared=shared, candidates=candidates, roles=roles)


def without_local(statistics: Statistics) -> Statistics:
    """Leave the rows their own values and coordinates; the whole sample keeps its statistics."""
    return statistics._replace(rows=_no_local(statistics.rows))


def attention_only(statistics: Statistics) -> Statistics:
    """Leave the sizes and the kinds of the columns, and the rows' own values."""
    sample, rows = statistics
    shared = sample.shared.clone()
    shared[:, _SIZES:] = 0
    roles = tuple(role.clone() for role in sample.roles)
    for role in roles:
        role[:, _FIXED_ROLES:] = 0
    columns = tuple(torch.zeros_like(c) for c in sample.columns)
    for blank, c in zip(columns, sample.columns, strict=True):
        blank[..., _KIND] = c[..., _KIND]
    bare = sample._replace(
        shared=shared, roles=roles, candidates=torch.zeros_like(sample.candidates), columns=columns
    )
    norms = tuple(torch.zeros_like(role) for role in rows.roles)
    for blank, role in zip(norms, rows.roles, strict=True):
        blank[..., -1] = role[..., -1]
    blind = rows._replace(
        shared=torch.zeros_like(rows.shared),
        roles=norms,
        candidates=torch.zeros_like(rows.candidates),
    )
    return Statistics(bare, blind)


@dataclass(frozen=True)
class Variant:
    """One net of the ablation.

    Parameters
    ----------
    about : str
        What is different, for the table.
    net : NetConfig
    sees : callable
        What of the statistics the net is shown.
    encode : callable
        The scale of continuous columns.
    row_losses : bool
        Whether the pointwise MI of rows is learned beside the quantiles.
    """

    about: str
    net: NetConfig = field(default_factory=lambda: NetConfig(max_rows=128))
    sees: Callable[[Statistics], Statistics] = untouched
    encode: Callable[..., Tensor] = encode_rows
    row_losses: bool = True

    @property
    def reading(self) -> tuple[int, Callable[..., Tensor]]:
        """What the statistics depend on: nets of equal reading share them."""
        return self.net.max_rows, self.encode


_FULL = Variant("attention and classical statistics, 128 rows attend, scores, row losses")
VARIANTS = {
    "full": _FULL,
    "statistics only": replace(
        _FULL, about="no rows: depth 0", net=NetConfig(depth=0, max_rows=128)
    ),
    "attention only": replace(
        _FULL, about="no statistics: the rows' own values alone", sees=attention_only
    ),
    "no local kNN": replace(
        _FULL, about="rows without the statistics of their neighborhoods", sees=without_local
    ),
    "no row losses": replace(_FULL, about="no pointwise head", row_losses=False),
    "z-scores": replace(_FULL, about="z-scores for normal scores", encode=encode_z),
    "256 rows": replace(_FULL, about="256 rows attend", net=NetConfig(max_rows=256)),
}
"""By name. All see the same data sets in the same order."""
