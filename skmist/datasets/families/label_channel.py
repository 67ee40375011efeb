"""Two labels: the second follows from the first, or is drawn anew."""

from __future__ import annotations

import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import categorical, dirichlet, python_random, uniform

__all__ = ["LabelChannel", "draw_shares"]

_MOST_LABELS = 300


class LabelChannel(Family):
    """A label x of K values, and y = map(x) with probability `kept`, else drawn anew.

    p(y | x) = kept 1(y = map(x)) + (1 - kept) anew(y), and I = sum_x p(x) KL(p(y | x) || p(y)).

    Parameters
    ----------
    kept : float or array-like of shape (B,)
        Probability that y follows from x, in [0, 1].
    weights : array-like of shape (K,) or (B, K)
        Positive probabilities of x; normalised to sum 1.
    mapped : array-like of shape (K,) or (B, K), optional
        The label y of each x, whole numbers from 0 to L - 1; 0 to K - 1 when left out.
    anew : array-like of shape (L,) or (B, L), optional
        Positive probabilities of a label that is drawn anew; those of x when left out.

    Raises
    ------
    ValueError
        If a probability lies outside its range, or a label has no probability.

    Examples
    --------
    >>> round(LabelChannel(0.5, [1.0] * 20).mutual_information, 3)
    0.905
    """

    name = "label_channel"
    source = "I = sum_x p(x) KL(p(y | x) || p(y))"

    def __init__(
        self,
        kept: ArrayLike | Tensor,
        weights: ArrayLike | Tensor,
        mapped: ArrayLike | Tensor | None = None,
        anew: ArrayLike | Tensor | None = None,
    ) -> None:
        kept, weights = as_batch(kept, 0, "kept"), as_batch(weights, 1, "weights")
        anew = weights if anew is None else as_batch(anew, 1, "anew")
        codes = torch.arange(weights.shape[-1], device=weights.device).double()
        labels = as_batch(codes if mapped is None else mapped, 1, "mapped").long()
        if not bool(((kept >= 0.0) & (kept <= 1.0)).all()):
            raise ValueError(f"kept must lie from 0 to 1, got {kept.tolist()}")
        if bool((weights <= 0.0).any()) or bool((anew <= 0.0).any()):
            raise ValueError("weights and anew must be positive")
        if (
            labels.shape[-1] != weights.shape[-1]
            or not 0 <= int(labels.min()) <= int(labels.max()) < anew.shape[-1]
        ):
            raise ValueError(
                f"mapped must hold {weights.shape[-1]} labels from 0 to {anew.shape[-1] - 1}"
            )
        batch = max(len(t) for t in (kept, weights, labels, anew))
        shaped = (t.expand(batch, -1) for t in (weights, labels, anew))
        self._set(kept.expand(batch), *shaped)

    def _set(self, kept: Tensor, weights: Tensor, mapped: Tensor, anew: Tensor) -> None:
        self.weights = weights / weights.sum(-1, keepdim=True)
        self.anew = anew / anew.sum(-1, keepdim=True)
        self.kept, self.mapped = kept, mapped
        share = kept.unsqueeze(-1)
        self.marginal = ((1.0 - share) * self.anew).scatter_add(-1, mapped, share * self.weights)
        other = torch.xlogy((1.0 - share) * self.anew, (1.0 - share) * self.anew / self.marginal)
        # Of the labels of a row, only the mapped one differs from what is drawn anew.
        hit = share + (1.0 - share) * self.anew.gather(-1, mapped)
        own = torch.xlogy(hit, hit / self.marginal.gather(-1, mapped))
        given = other.sum(-1, keepdim=True) - other.gather(-1, mapped) + own
        self._declare(1, 1, (self.weights * given).sum(-1).clamp_min(0.0), None, (True,), (True,))

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether both sides have one column."""
        return p == q == 1

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw 2 to 300 labels a side, as many or fewer on the other, some independent."""
        rng = rng or python_random(generator)
        least = 2 if rng.random() < 0.6 else 30
        k = round(math.exp(rng.uniform(math.log(least), math.log(_MOST_LABELS))))
        alike = rng.random() < 0.5
        size = k if alike else max(2, round(math.exp(rng.uniform(math.log(2), math.log(k)))))
        kept = uniform(generator, batch).where(
            uniform(generator, batch) > (1.0 if rng.random() < 0.15 else 0.1),
            torch.zeros((), dtype=torch.float64, device=generator.device),
        )
        mapped = uniform(generator, batch, k).argsort(-1) % size
        family = cls.__new__(cls)
        family._set(
            kept,
            draw_shares(batch, k, generator, rng),
            mapped,
            draw_shares(batch, size, generator, rng),
        )
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw labels x and y, each (B, n, 1)."""
        x, fresh = categorical(self.weights, n, generator), categorical(self.anew, n, generator)
        follows = uniform(generator, self.batch_size, n) < self.kept.unsqueeze(-1)
        y = torch.where(follows, self.mapped.gather(-1, x), fresh)
        return x.to(dtype).unsqueeze(-1), y.to(dtype).unsqueeze(-1)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(y | x) - log p(y), nats (B, n)."""
        codes, labels = x[..., 0].long(), y[..., 0].long()
        share = self.kept.unsqueeze(-1)
        given = (1.0 - share) * self.anew.gather(-1, labels)
        given = given + share * (self.mapped.gather(-1, codes) == labels)
        return (given.log() - self.marginal.gather(-1, labels).log()).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The share that is kept, and the number of labels on each side."""
        return {
            "kept": float(self.kept[0]),
            "labels": (self.weights.shape[-1], self.anew.shape[-1]),
        }


def draw_shares(batch: int, k: int, generator: torch.Generator, rng: random.Random) -> Tensor:
    """Probabilities (B, K): equal, at random, or falling as a power."""
    ones = torch.ones(batch, k, dtype=torch.float64, device=generator.device)
    style = rng.choice(("equal", "random", "power"))
    if style == "equal":
        return ones
    if style == "random":
        return dirichlet(rng.choice((0.7, 3.0)) * ones, generator) + 1e-9
    return ones.cumsum(-1) ** -uniform(generator, batch, 1, low=0.5, high=1.8)
