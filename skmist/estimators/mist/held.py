"""Samples as the net takes them: batches of one shape and kind, in canonical order and codes."""

from __future__ import annotations

__all__ = ["HeldSamples", "equal_groups", "in_chunks"]

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor

from skmist._sample.order import canonical_codes, canonical_order
from skmist._sample.sample import Sample

_QUERY_CHUNK = 64
_PAIR_BUDGET = 16_000_000


class HeldSamples:
    """Samples of one shape and kind on a device, in canonical order and codes."""

    def __init__(self, samples: list[Sample], device: str) -> None:
        import torch

        self.discrete = samples[0].kinds
        self.device = torch.device(device)
        rows = []
        for sample in samples:
            both = sample.both()
            order = canonical_order(both.values, both.discrete)
            codes = canonical_codes(both.values, both.discrete)
            # Kept for rows that are asked about later, which only a single sample is.
            self._codes = (codes[: sample.p], codes[sample.p :])
            sides = (sample.x.values[order], sample.y.values[order])
            rows.append([_renamed(v, c) for v, c in zip(sides, self._codes, strict=True)])
        self.values = tuple(self._tensor(np.stack(side)) for side in zip(*rows, strict=True))

    def _tensor(self, values: np.ndarray) -> Tensor:
        import torch

        return torch.as_tensor(values, dtype=torch.float64, device=self.device)

    def frame(self) -> Any:
        """What the net fits to the samples before it looks at rows."""
        from skmist.nn import SampleFrame, encode_rows

        x, y = (encode_rows(v, None, d) for v, d in zip(self.values, self.discrete, strict=True))
        return SampleFrame(x, y, *self.discrete)

    def encode(self, i: int, rows: np.ndarray) -> Tensor:
        """Scores and codes of new rows of side i, shape (1, m, d)."""
        from skmist.nn import encode_rows

        asked = self._tensor(_renamed(rows, self._codes[i])[None])
        return encode_rows(self.values[i], asked, self.discrete[i])


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


def equal_groups(samples: list[Sample]) -> list[list[int]]:
    """Indices of samples that can run as one batch: same shape and kinds, limited in size.

    The most categories of a column on each side must agree too: they set the width of the
    batch's indicator columns, and an answer must not depend on what it is batched with.
    """
    groups: dict[tuple, list[int]] = defaultdict(list)
    for i, sample in enumerate(samples):
        sides = (sample.x, sample.y)
        levels = (side.values[:, side.discrete].max(initial=0) for side in sides)
        groups[(sample.n_samples, *sample.kinds, *levels)].append(i)
    batches = []
    for (n, *_), members in groups.items():
        size = max(1, _PAIR_BUDGET // n**2)
        batches += [members[i : i + size] for i in range(0, len(members), size)]
    return batches
