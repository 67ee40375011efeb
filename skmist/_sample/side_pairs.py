"""Samples that share their sides: what is asked of a sample may be asked of its sides, once."""

from __future__ import annotations

__all__ = ["SidePairs"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skmist._sample.sample import Sample, numbered_sides
from skmist._sample.side import Side


@dataclass(frozen=True, eq=False)
class SidePairs(Sequence[Sample]):
    """Samples that are pairs of few sides, each made by need.

    Parameters
    ----------
    sides : list of Side
        In the order in which samples first have them, x before y.
    of_x, of_y : ndarray of int, shape (m,)
        Positions in `sides`.
    notes : mapping of int to tuple of str, default={}
        By sample, those about it; most have none.
    """

    sides: list[Side]
    of_x: np.ndarray
    of_y: np.ndarray
    notes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> SidePairs:
        """Samples as pairs of the sides that they share."""
        if isinstance(samples, cls):
            return samples
        notes = {k: sample.notes for k, sample in enumerate(samples) if sample.notes}
        return cls(*numbered_sides(samples), notes)

    @classmethod
    def numbered(
        cls,
        sides: Sequence[Side],
        of_x: np.ndarray,
        of_y: np.ndarray,
        notes: Mapping[int, tuple[str, ...]],
    ) -> SidePairs:
        """Pairs of some of the sides, whatever the order of these."""
        both = np.column_stack([of_x, of_y]).ravel()
        used, first, number = np.unique(both, return_index=True, return_inverse=True)
        order = np.argsort(first)
        place = np.empty(len(used), dtype=np.intp)
        place[order] = np.arange(len(used))
        found = place[number.ravel()]
        return cls([sides[k] for k in used[order].tolist()], found[::2], found[1::2], notes)

    def __len__(self) -> int:
        return len(self.of_x)

    def __getitem__(self, k: int) -> Sample:  # type: ignore[override]
        x, y = self.sides[self.of_x[k]], self.sides[self.of_y[k]]
        return Sample(x, y, notes=self.notes.get(int(k), ()))

    def some(self, chosen: np.ndarray) -> SidePairs:
        """Some of the samples, by ascending position."""
        if len(chosen) == len(self):
            return self
        told = enumerate(chosen.tolist()) if self.notes else ()
        notes = {i: self.notes[k] for i, k in told if k in self.notes}
        return self.numbered(self.sides, self.of_x[chosen], self.of_y[chosen], notes)

    def of_sides(self, function: Callable[[Side], Any]) -> np.ndarray:
        """What a function says of the sides of each sample, shape (2, m): of x, and of y."""
        return np.array([function(side) for side in self.sides])[np.stack([self.of_x, self.of_y])]

    def informative(self) -> tuple[np.ndarray, SidePairs]:
        """Which samples can carry information, by position; these without constant columns."""
        sides = [side.varying() for side in self.sides]
        width = np.array([side.width for side in sides])
        chosen = np.flatnonzero((width[self.of_x] > 0) & (width[self.of_y] > 0))
        return chosen, SidePairs(sides, self.of_x, self.of_y).some(chosen)
