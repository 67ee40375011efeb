"""Attention blocks and small perceptrons of the net."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

__all__ = ["Block", "CellStage", "Perceptron", "SymmetricPerceptron"]


class Perceptron(nn.Sequential):
    """Linear, GELU, linear."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int) -> None:
        super().__init__(nn.Linear(n_in, n_hidden), nn.GELU(), nn.Linear(n_hidden, n_out))


class SymmetricPerceptron(nn.Module):
    """Function of shared features and of two roles' that ignores which role is which.

    ``f(shared, a, b) + f(shared, b, a)`` with one perceptron ``f``.
    """

    def __init__(self, n_shared: int, n_role: int, n_hidden: int, n_out: int) -> None:
        super().__init__()
        self.f = Perceptron(n_shared + 2 * n_role, n_hidden, n_out)

    def forward(self, shared: Tensor, roles: tuple[Tensor, Tensor]) -> Tensor:
        """``(..., n_shared)`` and two ``(..., n_role)`` to ``(..., n_out)``."""
        a, b = roles
        both = self.f(torch.cat([shared, a, b], -1)) + self.f(torch.cat([shared, b, a], -1))
        return 0.5 * both


class Block(nn.Module):
    """Pre-norm transformer block; tokens may attend to another set than their own.

    Parameters
    ----------
    dim, heads : int
        Width, and number of attention heads.
    expansion : int
        Width of the feed-forward part over `dim`.
    """

    def __init__(self, dim: int, heads: int, expansion: int = 3) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention, self.norm_feed = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.query, self.key_value = nn.Linear(dim, dim), nn.Linear(dim, 2 * dim)
        self.out = nn.Linear(dim, dim)
        self.feed = Perceptron(dim, expansion * dim, dim)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(-2, -3)

    def forward(self, tokens: Tensor, context: Tensor | None = None) -> Tensor:
        """Tokens (..., T, dim) attend to the context (..., C, dim), themselves by default."""
        normed = self.norm_attention(tokens)
        source = normed if context is None else self.norm_attention(context)
        key, value = self.key_value(source).chunk(2, dim=-1)
        mixed = _attend(self._split(self.query(normed)), self._split(key), self._split(value))
        tokens = tokens + self.out(mixed.transpose(-2, -3).flatten(-2))
        return tokens + self.feed(self.norm_feed(tokens))


class CellStage(nn.Module):
    """Attention across the columns of each row, pooled to one vector per side.

    Each head pools the cells of a side with softmax weights; every cell then
    sees what its own side and the other pooled, and is pooled again. The same
    weights serve both sides, so swapping X and Y swaps the two vectors. The cost
    grows with the number of columns and not with its square.
    """

    def __init__(self, n_cell: int, n_column: int, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.embed = nn.Linear(n_cell, dim)
        self.embed_column = nn.Linear(n_column, dim)
        self.first, self.last = nn.Linear(dim, heads), nn.Linear(dim, heads)
        self.absent = nn.Parameter(torch.zeros(dim))
        self.from_cell = nn.Linear(dim, dim)
        self.from_sides = nn.Linear(2 * dim, dim)
        self.out = nn.Linear(dim, dim)

    def _pool(self, tokens: Tensor, scores: nn.Linear) -> Tensor:
        """Softmax-weighted means (B, M, dim) of cells (B, M, d, dim)."""
        weights = torch.softmax(scores(tokens), dim=2).to(tokens.dtype).unsqueeze(-1)
        return (weights * tokens.unflatten(-1, (self.heads, -1))).sum(2).flatten(-2)

    def forward(
        self, cells: tuple[Tensor, ...], columns: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...]:
        """Pooled sides, each (B, M, dim), of cells (B, M, d, n_cell), columns (B, d, n_column).

        One side alone may be given, as a tuple of one.
        """
        sides = [
            gelu(self.embed(c) + self.embed_column(k)[:, None])
            for c, k in zip(cells, columns, strict=True)
        ]
        pooled = [self._pool(side, self.first) for side in sides]
        if len(pooled) == 1:
            pooled.append(self.absent.to(pooled[0].dtype).expand_as(pooled[0]))
        outcome = []
        for i, side in enumerate(sides):
            both = self.from_sides(torch.cat([pooled[i], pooled[1 - i]], dim=-1))
            mixed = side + self.out(gelu(self.from_cell(side) + both.unsqueeze(2)))
            outcome.append(self._pool(mixed, self.last))
        return tuple(outcome)


def _attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Scaled dot-product attention; on a CPU and with a gradient as plain products.

    The gradient of the fused kernel takes five times as long there, and the few
    hundred rows that attend need no kernel that saves memory.
    """
    if query.is_cuda or not torch.is_grad_enabled():
        return scaled_dot_product_attention(query, key, value)
    scores = (query * key.shape[-1] ** -0.5) @ key.mT
    return torch.softmax(scores, dim=-1).to(value.dtype) @ value
