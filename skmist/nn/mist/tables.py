"""What counts of a table of categories say, whose cells are many and whose rows are few."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from skmist.nn.mist.chance import order_by_chance
from skmist.nn.mist.neighbors import Neighborhoods, digammas, local_information
from skmist.nn.mist.row_folds import mixed, row_keys, runs

__all__ = ["Table", "readable", "table_information", "table_of"]

# Rows alone in their cell: with fewer counts are corrected, with more not read at all.
_FEW_ALONE, _MOST_ALONE = 0.6, 0.95
# Of two columns of labels: rows in all, and of each label in the mean, from which on counts are
# trusted.
_ROWS, _ROWS_OF_LABEL = 200, 8
# By how many places one side is set beside the other, before and behind.
_SHIFTS = (1, 2)
_GRID, _LAST = 257, 40.0


class Table(NamedTuple):
    """Samples of categories on both sides.

    ``by_x`` (B,), whether x has more cells, 1/2 where both have as many; ``alone`` (B,), which
    share of the rows is alone in its cell of both; ``excess`` (B,), what the counts say too much
    in the mean, nats, and ``of_cell`` (B,), the same for each cell, which its rows share;
    ``trusted`` (B,), 1 where the answer goes by counts, and 0 where by what the net has learned of
    two columns of labels.
    """

    by_x: Tensor
    alone: Tensor
    excess: Tensor
    of_cell: Tensor
    trusted: Tensor


def table_of(x: Tensor, y: Tensor) -> Table:
    """Read samples of codes x (B, n, p) and y (B, n, q), whatever the order of rows and columns.

    Entropies by counts are too low, that of both sides most, and so the information is too high.
    Chao, Wang and Jost (2013) tell from the cells of one row and of two what those add that were
    not seen. What is left shows where each row of x stands beside the y of another.

    References
    ----------
    Chao, Wang, Jost, Methods in Ecology and Evolution 4, 1091 (2013).
    """
    n, labels = x.shape[1], x.shape[-1] == y.shape[-1] == 1
    x, y = _keys(x), _keys(y)
    counts = torch.stack([_counts(keys) for keys in (x, y, _pairs(x, y))])
    order = order_by_chance(x, y)
    x, y = x.gather(1, order), y.gather(1, order)
    shifts = [sign * shift for shift in _SHIFTS for sign in (1, -1)]
    by_chance = torch.stack([_counts(_pairs(x, y.roll(shift, 1))) for shift in shifts])
    entropy, unseen = _entropy(counts)
    chance = (entropy[0] + entropy[1] - _entropy(by_chance)[0].mean(0)).clamp_min(0.0)
    excess = chance + unseen[2] - unseen[0] - unseen[1]
    cells = (1.0 / counts.double()).sum(-1)
    by_x = 0.5 + 0.5 * (cells[0] - cells[1]).round().sign()
    many = _ROWS_OF_LABEL * cells[:2].amax(0).round() > n
    trusted = ~(many | (n < _ROWS)) if labels else torch.ones_like(many)
    parts = by_x, _share(counts[2], 1), excess, excess * n / cells[2], trusted
    return Table(*(part.float() for part in parts))


def _keys(values: Tensor) -> Tensor:
    """A number (B, n) of each row, that tells which of the columns holds what."""
    bits = (values + 0.0).contiguous().view(torch.int32).long()
    names = mixed(bits ^ row_keys(values)[..., None]).sum(1, keepdim=True)
    return mixed(mixed(bits ^ mixed(names)).sum(-1))


def _pairs(x: Tensor, y: Tensor) -> Tensor:
    return mixed(x) + y


def _counts(keys: Tensor) -> Tensor:
    """Rows (B, n) of the same key, in the order of the keys."""
    return runs(keys.sort(dim=-1).values)[1]


def _share(counts: Tensor, size: int) -> Tensor:
    """Share of the rows in cells of a size."""
    return (counts == size).double().mean(-1)


def _entropy(counts: Tensor) -> tuple[Tensor, Tensor]:
    """Entropy (...) by counts (..., n) at the rows, and that of unseen cells in it; nats."""
    n, single, double = counts.shape[-1], _share(counts, 1), _share(counts, 2)
    # as many unseen rows for each that is alone, as cells with one and with two rows tell
    rate = torch.where(
        double > 0,
        double / ((n - 1) / n * single + double / n).clamp_min(1e-12),
        2 / ((n - 1) / n * (n * single - 1).clamp_min(0.0) + 2 / n),
    )[..., None]
    # exp(rate) E1(rate), the integral of exp(-rate (exp(u) - 1)) over u
    u = torch.log1p(_LAST / rate) * torch.linspace(0.0, 1.0, _GRID, device=rate.device).double()
    unseen = single * torch.trapezoid(torch.exp(-rate * torch.expm1(u)), u, dim=-1)
    psi = digammas(n + 1, str(counts.device)).double()
    return psi[n - 1] - psi[counts - 1].mean(-1) + unseen, unseen


def readable(table: Table) -> Tensor:
    """How much counts are to be believed, (B,) from 0 to 1, by the rows that are alone."""
    return ((_MOST_ALONE - table.alone) / (_MOST_ALONE - _FEW_ALONE)).clamp(0.0, 1.0)


def table_information(found: Neighborhoods, n: int, table: Table) -> Tensor:
    """Pointwise MI of cells of a table of counts, nearer to a lower bound the sparser it is.

    `local_information` of categories is that of the counts as they are, of which the excess is
    taken off. The more rows are alone, the more each is judged by the other rows: the side with
    more cells predicts the other from the rest of its cell and one row more, spread as the other
    side is. A row alone in its cell of that side then says nothing.

    Parameters
    ----------
    found : Neighborhoods
    n : int
        Rows of the reference sample.
    table : Table
        Of the reference sample.

    Returns
    -------
    information : Tensor of shape (batch, Q, K)
        Nats.
    """
    both, x, y = (c.float() for c in (found.k - 1, found.count_x, found.count_y))
    given = [
        ((both + share) / ((own + 1) * share)).log()
        for own, share in ((x, (y + 1) / n), (y, (x + 1) / n))
    ]
    parts = table.by_x, table.of_cell, table.trusted, readable(table)
    by_x, of_cell, trusted, read = (part[:, None, None] for part in parts)
    plain = local_information(found, n)
    predicted = torch.lerp(given[1], given[0], by_x)
    counted = torch.lerp(predicted, plain - of_cell / (both + 1), read)
    return torch.lerp(plain, counted, trusted)
