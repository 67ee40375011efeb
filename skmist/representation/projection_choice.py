"""Which of several searched directions to take: the one that says most about rows left out."""

from __future__ import annotations

__all__ = ["chosen_directions"]

from typing import Any

import torch
from torch import Tensor

from skmist.nn import MISTInformation
from skmist.representation.projection_search import DirectionSearch

_PARTS, _MORE_PARTS, _FEW_ROWS = 3, 5, 500
_LEAST_ROWS = 10
_LEAST_SHARE = 1e-9


def chosen_directions(
    information: MISTInformation, rows: Tensor, target: Tensor, count: int, generator: Any
) -> tuple[DirectionSearch, Tensor]:
    """Search of all rows, and orthonormal directions (r, count), each adding to those before it.

    A direction that was climbed to fits the rows that it was climbed on, and where they are few
    for their columns so well that the one in which slices of the target differ says more about
    other rows. So parts of the rows are left out by turns, both are found without them, and that
    kind is taken which says more about them.

    Parameters
    ----------
    information : MISTInformation
    rows : Tensor of shape (n, r), float64
        Uncorrelated columns of unit spread.
    target : Tensor of shape (n, q)
        Floats are numbers, integers categories.
    count : int
    generator : torch.Generator
        On the CPU.
    """
    whole = DirectionSearch(information, rows, target, generator)
    parts = _parts(information, rows, target, generator)
    searches = [whole, *(part.search for part in parts)]
    found = [rows.new_zeros(rows.shape[1], 0)] * len(searches)
    for _ in range(count):
        pairs = zip(searches, found, strict=True)
        kinds = [search.candidates(before) for search, before in pairs]
        worths = [part.values(bases) for part, bases in zip(parts, kinds[1:], strict=True)]
        best = int(torch.stack(worths).mean(0).argmax()) if parts else 0
        found = [bases[best] for bases in kinds]
    return whole, found[0]


class _Part:
    """A search that does not see some rows, and what its directions say about those."""

    def __init__(
        self,
        information: MISTInformation,
        rows: Tensor,
        target: Tensor,
        out: Tensor,
        generator: Any,
    ) -> None:
        seen = rows[~out]
        center, matrix = seen.mean(0), _whitening(seen)
        self._rows, self._target = (rows[out] - center) @ matrix, target[out]
        self.search = DirectionSearch(
            information, (seen - center) @ matrix, target[~out], generator
        )

    def values(self, bases: list[Tensor]) -> Tensor:
        """Information (k,) of the coordinates of the rows left out, nats."""
        return self.search.values(bases, (self._rows, self._target))


def _parts(
    information: MISTInformation, rows: Tensor, target: Tensor, generator: Any
) -> list[_Part]:
    """Searches without a part of the rows each; none where a part would be too small to judge."""
    n = len(rows)
    # few rows can spare fewer, and more searches of them take no longer
    count = _MORE_PARTS if n < _FEW_ROWS else _PARTS
    if n < count * _LEAST_ROWS:
        return []
    turns = (torch.randperm(n, generator=generator) % count).to(rows.device)
    return [_Part(information, rows, target, turns == k, generator) for k in range(count)]


def _whitening(rows: Tensor) -> Tensor:
    """Map (r, r) of rows to uncorrelated columns of unit spread."""
    values, vectors = torch.linalg.eigh(torch.cov(rows.T).reshape(rows.shape[1], -1))
    return vectors / values.clamp_min(_LEAST_SHARE * float(values[-1])).sqrt()
