"""What local estimates say by chance, where rows are beside or upon one another by nature.

Of numbers without ties, local estimates of independent sides are 0 in the mean. Where values
repeat, neighbors lie at few distances and many at the same one; and neighbors do not leave their
categories, where those of both sides leave a row hardly any. Then a ball that holds no other row
counts for more than it should, most so with few neighbors. How much more shows where each row of
x stands beside the y of another.
"""

from __future__ import annotations

import torch
from torch import Tensor

from skmist.nn.mist.neighbors import MAX_NEIGHBOR_ROWS, local_information, neighborhoods
from skmist.nn.mist.row_folds import RowIndex, keys_of_both, told_apart
from skmist.nn.mist.side import Side

__all__ = ["information_by_chance", "order_by_chance", "says_by_chance"]

# Of fewer rows a part is taken off: chance then gives more than there is too much.
_ROWS_FOR_ALL = 1000


def says_by_chance(x: Side, y: Side) -> Tensor:
    """Of which samples (B,) local estimates say something by chance.

    Of those whose categories confine both sides, and of those whose values repeat: beside a
    column of labels these have rows enough, and so have two columns. A table of categories has
    counts of its own.
    """
    if x.d == y.d == 1 or (x.all_discrete and y.all_discrete):
        return torch.zeros_like(x.repeats)
    labels = any(side.d == 1 and side.all_discrete for side in (x, y))
    repeat = torch.zeros_like(x.repeats) if labels else x.repeats | y.repeats
    return repeat | (x.any_discrete and y.any_discrete)


def order_by_chance(x: Tensor, y: Tensor) -> Tensor:
    """An order (B, n) of rows with these keys, in which none tells of the one before or behind."""
    natural = torch.ones(len(x), dtype=torch.bool, device=x.device)
    return told_apart(RowIndex(keys_of_both(x, y)), natural)


def information_by_chance(x: Tensor, y: Tensor, order: Tensor, ks: tuple[int, ...]) -> Tensor:
    """What local estimates say where each row of x stands beside the y of another.

    Parameters
    ----------
    x : Tensor of shape (batch, n, p)
    y : Tensor of shape (batch, n, q)
        Coordinates of a view, categories far apart.
    order : Tensor of shape (batch, n)
        As `order_by_chance` gives it.
    ks : tuple of int
        Numbers of neighbors.

    Returns
    -------
    information : Tensor of shape (batch, K)
        Nats, 0 at least, and to be taken off; of 10,240 rows at most, and of an even number.
    """
    n = x.shape[1] // 2 * 2
    order = order[:, :n]
    # each of two rows gets the y of the other, so that x and y may be exchanged
    other = order.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)
    x, y = (
        side.gather(1, rows[..., None].expand(-1, -1, side.shape[-1]))
        for side, rows in ((x, order), (y, other))
    )
    some = x[:, :MAX_NEIGHBOR_ROWS], y[:, :MAX_NEIGHBOR_ROWS]
    (found,) = neighborhoods(x, y, ks, query=some if n > MAX_NEIGHBOR_ROWS else None)
    said = local_information(found, n).mean(1).clamp_min(0.0)
    return min(1.0, n / _ROWS_FOR_ALL) * said
