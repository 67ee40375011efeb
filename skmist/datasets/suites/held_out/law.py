"""One held-out law: drawn with numpy, with its exact MI and pointwise MI."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from skmist.datasets.parts.family import Family

__all__ = ["KINDS", "HeldOutLaw"]

KINDS = ("continuous", "ordinal", "categorical")
_ROWS_AT_ONCE = 512


class HeldOutLaw(Family):
    """A law that no net may be trained on, of the interface of a family but without its name.

    It is not in the registry of families, so no recipe can name it.

    Attributes
    ----------
    x_kinds, y_kinds : tuple of str
        What each column is: "continuous", "ordinal" (few values whose order has a meaning) or
        "categorical". ``x_discrete`` and ``y_discrete`` are true where it is not continuous.
    """

    def _declare_law(
        self, x_kinds: Any, y_kinds: Any, mi: float, standard_error: float = 0.0
    ) -> None:
        self.x_kinds, self.y_kinds = tuple(x_kinds), tuple(y_kinds)
        x_discrete, y_discrete = (
            tuple(kind != KINDS[0] for kind in kinds) for kinds in (self.x_kinds, self.y_kinds)
        )
        truth, error = (torch.tensor([float(v)]).double() for v in (mi, standard_error))
        self._declare(len(x_discrete), len(y_discrete), truth, error, x_discrete, y_discrete)

    @abstractmethod
    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw x (n, p) and y (n, q)."""

    @abstractmethod
    def ratios(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Pointwise MI (n,) of each row, nats."""

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x (1, n, p) and y (1, n, q)."""
        seed = torch.randint(2**62, (1,), generator=generator, device=generator.device)
        x, y = self.rows(n, np.random.default_rng(int(seed)))
        return tuple(torch.as_tensor(side).to(dtype).unsqueeze(0) for side in (x, y))  # type: ignore[return-value]

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI (1, n) of each row, nats."""
        sides = x[0].double().numpy(), y[0].double().numpy()
        # laws that integrate row by row would need gigabytes for many rows
        parts = [
            self.ratios(*(side[start : start + _ROWS_AT_ONCE] for side in sides))
            for start in range(0, x.shape[1], _ROWS_AT_ONCE)
        ]
        return torch.as_tensor(np.concatenate(parts)).to(x.dtype).unsqueeze(0)
