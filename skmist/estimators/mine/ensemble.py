"""What trained critics say about rows."""

from __future__ import annotations

__all__ = ["CriticEnsemble"]

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor

from skmist.estimators.mine.training import held_out_bound, objective_bound
from skmist.nn import Critic, chunked_scores
from skmist.nn.bound import log_mean_exp

_CHUNK = 512


class CriticEnsemble:
    """The critics of all folds, as one log-ratio; on the CPU, in float64.

    Rows are given as `CriticView` makes them. An answer about a row does not
    depend on the other rows, but for the last digits of float64.

    Parameters
    ----------
    critics : list of Critic
    objective : str
        Name of their bound.
    reference : ndarray of shape (r, b)
        Rows of y that stand for its margin.
    swapped : bool
        Whether critics take y first.
    """

    def __init__(
        self, critics: list[Critic], objective: str, reference: np.ndarray, swapped: bool
    ) -> None:
        self.critics = [copy.deepcopy(critic).cpu().double().eval() for critic in critics]
        self.objective, self.swapped = objective, swapped
        self.reference = torch.as_tensor(reference, dtype=torch.float64)

    @torch.no_grad()
    def pointwise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Normalized log-ratio (m,) of rows (m, a) with rows (m, b), nats."""
        answers = []
        for part_x, part_y in self._chunks(x, y):
            ratios, normalizers = self._ratios(part_x)
            pairs = torch.stack([c(*self._arranged(part_x, part_y)) for c in self.critics])
            joint = (pairs - normalizers).mean(0)
            answers.append(joint - log_mean_exp(ratios, 1))
        return torch.cat(answers).numpy()

    @torch.no_grad()
    def information(self, x: np.ndarray) -> np.ndarray:
        """``KL(p(y | x) || p(y))`` (m,) of rows (m, a), nats, y weighted by the ratio."""
        answers = []
        for (part,) in self._chunks(x):
            ratios, _ = self._ratios(part)
            ratios = ratios - log_mean_exp(ratios, 1)[:, None]
            answers.append((torch.softmax(ratios, 1) * ratios).sum(1))
        return torch.cat(answers).numpy()

    @torch.no_grad()
    def bounds(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
        """The bound (k,) of each critic on new rows, and the ceiling that none exceeds, nats."""
        rows = self._arranged(*(torch.as_tensor(side, dtype=torch.float64) for side in (x, y)))
        bound = objective_bound(self.objective)
        found = [held_out_bound(bound, critic, *rows) for critic in self.critics]
        values, _, ceilings = zip(*found, strict=True)
        return np.minimum(values, ceilings), ceilings[0]

    def _arranged(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return (y, x) if self.swapped else (x, y)

    @staticmethod
    def _chunks(*sides: np.ndarray) -> Any:
        tensors = (torch.as_tensor(side, dtype=torch.float64) for side in sides)
        return zip(*(tensor.split(_CHUNK) for tensor in tensors), strict=True)

    def _ratios(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean log-ratios (m, r) with the reference, and each critic's normalizers (k, m)."""
        total, normalizers = torch.zeros(()), []
        for critic in self.critics:
            scores = chunked_scores(critic, *self._arranged(x, self.reference))
            scores = scores.T if self.swapped else scores
            normalizers.append(log_mean_exp(scores, 1))
            total = total + (scores - normalizers[-1][:, None])
        return total / len(self.critics), torch.stack(normalizers)
