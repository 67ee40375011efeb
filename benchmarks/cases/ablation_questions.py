"""What the nets of the ablation are asked about: families of the grid, and situations of the bars.

None of the samples is one that another benchmark shows. All MI is in nats.
"""

from __future__ import annotations

__all__ = ["SIZES", "Question", "Situated", "asked_cells", "draw_question"]

import zlib
from typing import Any, NamedTuple

import numpy as np

from cases.cells import Cell, draw_cell
from cases.families import BLIND, EVERY, FAMILIES
from cases.situations import SITUATIONS

SEED = 20_261_129
SIZES = (100, 500, 2500)
ASKED_FAMILIES = [*FAMILIES, *(name for name in BLIND if BLIND[name].half == "validation")]
ASKED_SITUATIONS = [
    *("moons", "friedman1", "sign_product", "parity_in_noise"),
    *("mixed_independent", "counts", "on_state", "kept_labels"),
]
# Beyond the draws that the grid itself shows.
_FIRST_DRAW = 600


class Situated(NamedTuple):
    """One draw of a situation."""

    situation: str
    n: int
    draw: int

    def __str__(self) -> str:
        """Return what names the cell."""
        return f"{self.situation} n={self.n} draw {self.draw}"


class Question(NamedTuple):
    """What names a sample in the table; both sides; and what is said of their columns' kinds."""

    keys: dict
    x: Any
    y: Any
    masks: dict


def asked_cells(draws: int) -> list[Cell | Situated]:
    """Return the cells, so many of each family, shape or situation and n."""
    shapes = [(name, *dims) for name in ASKED_FAMILIES for dims in EVERY[name].dims]
    return [
        cell
        for draw in range(_FIRST_DRAW, _FIRST_DRAW + draws)
        for n in SIZES
        for cell in (
            *(Cell(*shape, n, draw) for shape in shapes),
            *(Situated(name, n, draw) for name in ASKED_SITUATIONS),
        )
    ]


def draw_question(cell: Cell | Situated) -> Question:
    """Draw the sample of a cell."""
    if isinstance(cell, Cell):
        keys, case = draw_cell(cell)
        return Question(keys, *case.told(), case.masks())
    rng = np.random.default_rng([SEED, zlib.crc32(str(cell).encode())])
    sample = SITUATIONS[cell.situation].draw(cell.n, rng)
    keys = {"family": cell.situation, "set": "situations", "p": 0, "q": 0, "n": cell.n}
    masks = {"discrete_features": sample.discrete, "discrete_target": sample.discrete}
    x = sample.x[:, None] if sample.x.ndim == 1 else sample.x
    return Question({**keys, "draw": cell.draw, "mi_true": sample.truth}, x, sample.y, masks)
