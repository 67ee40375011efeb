"""Samples as the net takes them: batches of one shape and kind, in canonical order and codes."""

from __future__ import annotations

__all__ = ["HeldSamples", "equal_groups", "in_chunks", "in_own_order", "part_of"]

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skmist._sample.order import arranged, column_keys, side_ranks
from skmist._sample.sample import Sample
from skmist._sample.side import Side

if TYPE_CHECKING:
    from torch import Tensor

_QUERY_CHUNK = 64
_PAIR_BUDGET = 16_000_000
_MOST_KEPT = 50_000


class HeldSamples:
    """Samples of one shape and kind on a device, in canonical order and codes.

    Parameters
    ----------
    samples : list of Sample
    device : str
    ordered : bool
        Whether the net takes ordered discrete columns by their ranks; else they are categories.
    """

    def __init__(self, samples: list[Sample], device: str, ordered: bool) -> None:
        import torch

        x, y = samples[0].x, samples[0].y
        self.discrete = _flags(_named(x, ordered)), _flags(_named(y, ordered))
        self.ordered = (_flags(x.ordered), _flags(y.ordered)) if ordered else None
        self.device = torch.device(device)
        arranged = [_Arranged.of(sample, ordered) for sample in samples]
        # Kept for rows that are asked about later, which only a single sample is.
        codes, p = arranged[-1].codes, samples[0].p
        self._codes = codes[:p], codes[p:]
        self.values = self._sides(np.stack([a.values for a in arranged]))
        self._encoded = self._encode_own(np.stack([a.counts for a in arranged]))

    def _sides(self, columns: np.ndarray) -> tuple[Tensor, Tensor]:
        """Columns of both sides, (batch, n, p + q), on the device, side by side."""
        p = len(self.discrete[0])
        x, y = np.ascontiguousarray(columns[..., :p]), np.ascontiguousarray(columns[..., p:])
        return self._tensor(x), self._tensor(y)

    def _tensor(self, numbers: np.ndarray) -> Tensor:
        import torch

        return torch.as_tensor(numbers, device=self.device)

    def _encode_own(self, counts: np.ndarray) -> tuple[Tensor, Tensor]:
        """Scores and codes of the samples' rows, as `nn.encode_rows` would find them."""
        from skmist.nn import scores_of_counts, with_codes

        x, y = (scores_of_counts(count) for count in self._sides(counts))
        values, discrete = self.values, self.discrete
        return with_codes(x, values[0], discrete[0]), with_codes(y, values[1], discrete[1])

    def frame(self) -> Any:
        """What the net fits to the samples before it looks at rows."""
        from skmist.nn import SampleFrame

        (x, y), (x_discrete, y_discrete) = self._encoded, self.discrete
        return SampleFrame(x, y, x_discrete, y_discrete, self.ordered)

    def encode(self, i: int, rows: np.ndarray) -> Tensor:
        """Scores and codes of new rows of side i, shape (1, m, d)."""
        from skmist.nn import encode_rows

        asked = self._tensor(_renamed(rows, self._codes[i])[None])
        return encode_rows(self.values[i], asked, self.discrete[i])


class _Arranged(NamedTuple):
    """The columns of x and those of y of one sample, in canonical order and codes."""

    values: np.ndarray  # (n, p + q)
    counts: np.ndarray  # (n, p + q) int: values of the column below each, and those not above it
    codes: list[np.ndarray | None]

    @classmethod
    def of(cls, sample: Sample, ordered: bool) -> _Arranged:
        """Arrange a sample, by the ranks of its columns, which other samples may share."""
        sides = sample.x, sample.y
        discrete = np.concatenate([_named(side, ordered) for side in sides])
        values = np.hstack([side.values for side in sides])
        ranks = np.concatenate([_ranks(side) for side in sides], axis=1)
        order, codes = arranged(values, ranks, discrete, sample.p)
        return cls(_renamed(values[order], codes), ranks[order].sum(axis=2), codes)


def in_own_order(sample: Sample, ordered: bool) -> Sample:
    """The sample with its columns and its sides in an order that nothing else decides.

    The net sees sets; but rounding, and what it makes of correlations that are equal, could tell
    one order from another. Columns of one kind come together, and so do sides: samples that have
    the same kinds then have the same shape, and run in one batch.
    """
    sides = sample.x, sample.y
    discrete = np.concatenate([_named(side, ordered) for side in sides])
    values = np.hstack([side.values for side in sides])
    ranks = np.concatenate([_ranks(side) for side in sides], axis=1)
    keys = column_keys(values, ranks, discrete, sample.p)
    first, of_first = _with_order(sample.x, keys[: sample.p], ordered)
    second, of_second = _with_order(sample.y, keys[sample.p :], ordered)
    return Sample(second, first) if of_second < of_first else Sample(first, second)


def part_of(sample: Sample, most: int, ordered: bool) -> Sample:
    """So many of the rows at most, drawn as if at random, by nothing but the sample itself.

    Columns that the drawn rows do not vary in are left out.
    """
    if sample.n_samples <= most:
        return sample
    sides = sample.x, sample.y
    discrete = np.concatenate([_named(side, ordered) for side in sides])
    values = np.hstack([side.values for side in sides])
    ranks = np.concatenate([_ranks(side) for side in sides], axis=1)
    order = arranged(values, ranks, discrete, sample.p).order
    return sample.rows(order[:most]).informative()


def _with_order(side: Side, keys: np.ndarray, ordered: bool) -> tuple[Side, tuple]:
    """A side with its columns in the order of their kinds and keys, and what orders the sides."""
    named = _named(side, ordered)
    kinds = np.where(named, 2.0 + side.values.max(axis=0, initial=0.0), side.ordered & ordered)
    order = np.lexsort((keys, kinds))
    places = len(keys), kinds[order].tolist(), keys[order].tolist()
    return side if (np.diff(order) > 0).all() else side.columns(order), places


def _flags(mask: np.ndarray) -> tuple[bool, ...]:
    return tuple(mask.tolist())


def _named(side: Side, ordered: bool) -> np.ndarray:
    """Mask of the columns of which a net sees codes, one for each category."""
    return side.nameless if ordered else side.discrete


def _ranks(side: Side) -> np.ndarray:
    # of very many rows, sorting costs little beside all else, and keeping much
    return side.once_by_column(side_ranks) if len(side) <= _MOST_KEPT else side_ranks(side)


def _renamed(rows: np.ndarray, codes: list[np.ndarray | None]) -> np.ndarray:
    """Rows (m, d) of one side, each discrete column's categories under their new codes."""
    renamed = rows.copy()
    for j, code in enumerate(codes):
        if code is not None:
            renamed[:, j] = code[rows[:, j].astype(np.intp)]
    return renamed


def in_chunks(function: Callable[..., Tensor], *sides: np.ndarray) -> np.ndarray:
    """Apply a function of rows in chunks of one size.

    So rounding cannot depend on how many rows are asked about; the last chunk is filled with
    copies of its last row.
    """
    import torch

    m = len(sides[0])
    answers = []
    with torch.inference_mode():
        for start in range(0, m, _QUERY_CHUNK):
            index = np.arange(start, start + _QUERY_CHUNK).clip(max=m - 1)
            found = function(*(side[index] for side in sides))
            answers.append(found[0].cpu().double().numpy())
    return np.concatenate(answers)[:m]


def _top_code(side: Side) -> float:
    return side.values[:, side.discrete].max(initial=0)


def _top_name(side: Side) -> float:
    return side.values[:, side.nameless].max(initial=0)


def equal_groups(samples: list[Sample], ordered: bool) -> list[list[int]]:
    """Indices of samples that can run as one batch: same shape and kinds, limited in size.

    The most categories of a column on each side must agree too: they set the width of the
    batch's indicator columns, and an answer must not depend on what it is batched with. So do,
    for a net that takes them by their ranks, the ordered columns.
    """
    top = _top_name if ordered else _top_code
    groups: dict[tuple, list[int]] = defaultdict(list)
    for i, sample in enumerate(samples):
        sides = sample.x, sample.y
        kinds = tuple(side.column_kinds for side in sides) if ordered else sample.kinds
        levels = (side.once_in_any_order(top) for side in sides)
        groups[(sample.n_samples, *kinds, *levels)].append(i)
    batches = []
    for (n, *_), members in groups.items():
        size = max(1, _PAIR_BUDGET // n**2)
        batches += [members[i : i + size] for i in range(0, len(members), size)]
    return batches
