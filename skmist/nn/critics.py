"""Critics: nets that score pairs (x, y) for a bound on mutual information."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from skmist.nn.critic_parts import GaussianShortcut, input_layer, perceptron

__all__ = [
    "CompressedCritic",
    "Critic",
    "GaussianConditional",
    "JointCritic",
    "SeparableCritic",
    "chunked_scores",
]

_MAX_LOG_SPREAD = 7.0


class Critic(nn.Module):
    """Base class of the critics: ``critic(x, y)`` scores pairs, `scores` all pairs.

    Parameters
    ----------
    n_x, n_y : int
        Columns of x and of y.
    """

    pairs_at_once = 1 << 20
    """How many pairs `chunked_scores` scores at a time."""

    def __init__(self, n_x: int, n_y: int) -> None:
        super().__init__()
        for name, count in (("n_x", n_x), ("n_y", n_y)):
            if count < 1:
                raise ValueError(f"{name} is {count}, but a critic needs at least 1 column.")
        self.n_x, self.n_y = n_x, n_y

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores of the pairs (x_i, y_i).

        Parameters
        ----------
        x : Tensor of shape (n, n_x)
        y : Tensor of shape (n, n_y)

        Returns
        -------
        scores : Tensor of shape (n,)
        """
        raise NotImplementedError

    def scores(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores of all pairs.

        Parameters
        ----------
        x : Tensor of shape (n, n_x)
        y : Tensor of shape (m, n_y)

        Returns
        -------
        scores : Tensor of shape (n, m)
            ``scores[i, j]`` is that of x_i with y_j.
        """
        raise NotImplementedError


class SeparableCritic(Critic):
    """Inner product of an embedding of x with one of y, plus a Gaussian shortcut.

    ``f(x) . g(y) + a(x) + b(y) + shortcut(x, y)``: all n * m pairs cost n + m passes. The last
    layer of f and of a and b is zero at the start, so the critic starts at its shortcut.

    Parameters
    ----------
    n_x, n_y : int
        Columns of x and of y.
    hidden_layer_sizes : sequence of int, default=(64, 64)
        Widths of the hidden layers on either side.
    n_embedding : int, default=32
        Length of the embeddings.
    shortcut : bool, default=True
        Whether to add a `GaussianShortcut`.
    generator : torch.Generator or None, default=None
        Source of the first weights; torch's own where None.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import SeparableCritic
    >>> critic = SeparableCritic(3, 2)
    >>> critic.scores(torch.randn(5, 3), torch.randn(4, 2)).shape
    torch.Size([5, 4])
    """

    def __init__(
        self,
        n_x: int,
        n_y: int,
        hidden_layer_sizes: Sequence[int] = (64, 64),
        *,
        n_embedding: int = 32,
        shortcut: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(n_x, n_y)
        self.of_x = perceptron((n_x, *hidden_layer_sizes, n_embedding + 1), generator, True)
        self.of_y = perceptron((n_y, *hidden_layer_sizes, n_embedding + 1), generator, False)
        with torch.no_grad():
            cast(nn.Linear, self.of_y[-1]).weight[-1].zero_()
        self.shortcut = GaussianShortcut(n_x, n_y, generator) if shortcut else None

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores (n,) of the pairs (x_i, y_i)."""
        f, g = self.of_x(x), self.of_y(y)
        scores = (f[:, :-1] * g[:, :-1]).sum(-1) + f[:, -1] + g[:, -1]
        return scores if self.shortcut is None else scores + self.shortcut(x, y)

    def scores(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores (n, m) of all pairs (x_i, y_j)."""
        f, g = self.of_x(x), self.of_y(y)
        scores = f[:, :-1] @ g[:, :-1].T + f[:, -1:] + g[:, -1]
        return scores if self.shortcut is None else scores + self.shortcut.scores(x, y)


class JointCritic(Critic):
    """One perceptron of x and y together, plus a Gaussian shortcut.

    Freer than `SeparableCritic`, but all n * m pairs cost n * m passes (the first layer apart).

    Parameters
    ----------
    n_x, n_y : int
        Columns of x and of y.
    hidden_layer_sizes : sequence of int, default=(64, 64)
        Widths of the hidden layers, at least one.
    shortcut : bool, default=True
        Whether to add a `GaussianShortcut`.
    generator : torch.Generator or None, default=None
        Source of the first weights; torch's own where None.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import JointCritic
    >>> JointCritic(3, 2)(torch.randn(5, 3), torch.randn(5, 2)).shape
    torch.Size([5])
    """

    pairs_at_once = 1 << 17

    def __init__(
        self,
        n_x: int,
        n_y: int,
        hidden_layer_sizes: Sequence[int] = (64, 64),
        *,
        shortcut: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(n_x, n_y)
        if not hidden_layer_sizes:
            raise ValueError("hidden_layer_sizes is empty; a joint critic needs at least 1 layer.")
        first = hidden_layer_sizes[0]
        self.of_x = input_layer(n_x, first, generator)
        self.of_y = input_layer(n_y, first, generator)
        rest = perceptron((*hidden_layer_sizes, 1), generator, True)
        self.rest = nn.Sequential(nn.SiLU(), rest)
        self.shortcut = GaussianShortcut(n_x, n_y, generator) if shortcut else None

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores (n,) of the pairs (x_i, y_i)."""
        scores = self.rest(self.of_x(x) + self.of_y(y)).squeeze(-1)
        return scores if self.shortcut is None else scores + self.shortcut(x, y)

    def scores(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores (n, m) of all pairs (x_i, y_j)."""
        scores = self.rest(self.of_x(x)[:, None] + self.of_y(y)).squeeze(-1)
        return scores if self.shortcut is None else scores + self.shortcut.scores(x, y)


class CompressedCritic(Critic):
    """A critic whose scores beyond a limit count by their logarithm, on either side of 0.

    ``limit + log(1 + score - limit)`` above the limit, and the same mirrored below minus the
    limit. The mean of ``exp(score)`` over the product of the margins would else hang on the few
    pairs that a net scores absurdly high, and Donsker and Varadhan's bound, which no constant
    moves, would grow without end where it scores all other pairs absurdly low.

    Parameters
    ----------
    critic : Critic
    limit : float
        Nats, above 0; a sample of n rows cannot support scores much beyond ``log(n)``.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import CompressedCritic, SeparableCritic
    >>> critic = SeparableCritic(1, 1)
    >>> _ = critic.shortcut.constant.data.fill_(9.0)
    >>> CompressedCritic(critic, 8.0)(torch.zeros(1, 1), torch.zeros(1, 1)).item() < 8.7
    True
    """

    def __init__(self, critic: Critic, limit: float) -> None:
        super().__init__(critic.n_x, critic.n_y)
        self.critic, self.limit = critic, limit
        self.pairs_at_once = critic.pairs_at_once

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores (n,) of the pairs (x_i, y_i)."""
        return self._compressed(self.critic(x, y))

    def scores(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores (n, m) of all pairs (x_i, y_j)."""
        return self._compressed(self.critic.scores(x, y))

    def _compressed(self, scores: Tensor) -> Tensor:
        above = (scores - self.limit).clamp_min(0.0)
        below = (-self.limit - scores).clamp_min(0.0)
        return scores.clamp(-self.limit, self.limit) + torch.log1p(above) - torch.log1p(below)


class GaussianConditional(Critic):
    """A conditional density ``q(y | x)``, Gaussian with independent columns, as CLUB needs it.

    Parameters
    ----------
    n_x, n_y : int
        Columns of x and of y.
    hidden_layer_sizes : sequence of int, default=(64, 64)
        Widths of the hidden layers of the net that gives mean and log spread.
    generator : torch.Generator or None, default=None
        Source of the first weights; torch's own where None.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import GaussianConditional
    >>> q = GaussianConditional(3, 1)
    >>> round(q(torch.zeros(1, 3), torch.zeros(1, 1)).item(), 4)  # standard normal at first
    -0.9189
    """

    def __init__(
        self,
        n_x: int,
        n_y: int,
        hidden_layer_sizes: Sequence[int] = (64, 64),
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(n_x, n_y)
        self.of_x = perceptron((n_x, *hidden_layer_sizes, 2 * n_y), generator, True)

    def _law(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_spread = self.of_x(x).chunk(2, dim=-1)
        return mean, _MAX_LOG_SPREAD * torch.tanh(log_spread / _MAX_LOG_SPREAD)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """``log q(y_i | x_i)``, shape (n,), nats."""
        return _log_normal(y, *self._law(x))

    def scores(self, x: Tensor, y: Tensor) -> Tensor:
        """``log q(y_j | x_i)``, shape (n, m), nats."""
        mean, log_spread = self._law(x)
        return _log_normal(y, mean[:, None], log_spread[:, None])


def _log_normal(y: Tensor, mean: Tensor, log_spread: Tensor) -> Tensor:
    z = (y - mean) * torch.exp(-log_spread)
    return -(0.5 * z**2 + log_spread + 0.5 * math.log(2.0 * math.pi)).sum(-1)


@torch.no_grad()
def chunked_scores(
    critic: Critic, x: Tensor, y: Tensor, *, pairs_at_once: int | None = None
) -> Tensor:
    """Scores (n, m) of all pairs without gradient, some rows of x at a time.

    Parameters
    ----------
    critic : Critic
    x : Tensor of shape (n, n_x)
    y : Tensor of shape (m, n_y)
    pairs_at_once : int or None, default=None
        Limits the memory for hidden layers; the critic's own number where None.

    Returns
    -------
    scores : Tensor of shape (n, m)
    """
    rows = max(1, (pairs_at_once or critic.pairs_at_once) // max(1, len(y)))
    return torch.cat([critic.scores(part, y) for part in x.split(rows)])
