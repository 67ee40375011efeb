"""Families made of other families: products, noise columns, invertible maps, swapped sides."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.families.independent import Independent
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.maps import InvertibleMap

__all__ = ["NoiseColumns", "Product", "Swapped", "Transformed"]


class Product(Family):
    """Independent blocks side by side: MI and pointwise MI add.

    Parameters
    ----------
    blocks : sequence of Family
        Families of equal batch size, or of batch size 1.

    Raises
    ------
    ValueError
        If there is no block or batch sizes disagree.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian
    >>> pair = CorrelatedGaussian(0.5)
    >>> round(Product([pair, pair]).mutual_information, 4)
    0.2877
    """

    name = "product"
    truth = "sum over the blocks"
    source = "chain rule"

    def __init__(self, blocks: Sequence[Family]) -> None:
        self.blocks = tuple(blocks)
        sizes = {block.batch_size for block in self.blocks}
        if len(sizes) != 1:
            raise ValueError(f"blocks must exist and have one batch size, got {sorted(sizes)}")
        variance: Any = sum(block.mi_standard_error.square() for block in self.blocks)
        mi: Any = sum(block.mi for block in self.blocks)
        self._declare(
            sum(block.x_dim for block in self.blocks),
            sum(block.y_dim for block in self.blocks),
            mi,
            variance.sqrt(),
            [flag for block in self.blocks for flag in block.x_discrete],
            [flag for block in self.blocks for flag in block.y_discrete],
            [flag for block in self.blocks for flag in block.x_ordered],
            [flag for block in self.blocks for flag in block.y_ordered],
        )

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw the blocks and lay them side by side."""
        parts = [block.draw(n, generator, dtype) for block in self.blocks]
        x, y = zip(*parts, strict=True)
        return torch.cat(x, -1), torch.cat(y, -1)

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw as `draw` does; the pointwise MI is the sum over the blocks."""
        parts = [block.draw_with_pointwise(n, generator, dtype) for block in self.blocks]
        x, y, pmi = zip(*parts, strict=True)
        return torch.cat(x, -1), torch.cat(y, -1), sum(pmi)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Sum of the pointwise MI of the blocks, nats (B, n)."""
        x_parts = x.split([block.x_dim for block in self.blocks], -1)
        y_parts = y.split([block.y_dim for block in self.blocks], -1)
        triples = zip(self.blocks, x_parts, y_parts, strict=True)
        ratio: Any = sum(block.log_ratio(a, b) for block, a, b in triples)
        return ratio

    def parameters(self) -> dict[str, Any]:
        """The blocks."""
        return {"blocks": [block.describe() for block in self.blocks]}


class NoiseColumns(Family):
    """A family with extra columns of noise at random positions; the MI stays.

    Parameters
    ----------
    base : Family
    extra_x, extra_y : int, default=0
        Number of noise columns on each side.
    noise : Family, optional
        An independent family with those dimensions; standard normal when left out.
    seed : int, default=0
        Seed of the positions.

    Raises
    ------
    ValueError
        If a number is negative or `noise` does not fit.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian
    >>> wide = NoiseColumns(CorrelatedGaussian(0.5), extra_x=3)
    >>> wide.x_dim, round(wide.mutual_information, 4)
    (4, 0.1438)
    """

    name = "noise_columns"
    truth = "that of the base"
    source = "chain rule"

    def __init__(
        self, base: Family, extra_x: int = 0, extra_y: int = 0, *, noise: Any = None, seed: int = 0
    ) -> None:
        if extra_x < 0 or extra_y < 0:
            raise ValueError(f"numbers of columns must not be negative, got {extra_x}, {extra_y}")
        if noise is None:
            generator = torch.Generator(device=base.device).manual_seed(int(seed))
            noise = Independent.standard(base.batch_size, extra_x, extra_y, generator)
        if (noise.x_dim, noise.y_dim) != (extra_x, extra_y):
            raise ValueError(
                f"noise has {noise.x_dim} and {noise.y_dim} columns, "
                f"not extra_x={extra_x} and extra_y={extra_y}"
            )
        self.base, self.noise = base, noise
        self.inner = Product([base, noise])
        rng = random.Random(seed)
        self.x_order = rng.sample(range(self.inner.x_dim), self.inner.x_dim)
        self.y_order = rng.sample(range(self.inner.y_dim), self.inner.y_dim)
        self._declare(
            self.inner.x_dim,
            self.inner.y_dim,
            base.mi,
            base.mi_standard_error,
            [self.inner.x_discrete[j] for j in self.x_order],
            [self.inner.y_discrete[j] for j in self.y_order],
            [self.inner.x_ordered[j] for j in self.x_order],
            [self.inner.y_ordered[j] for j in self.y_order],
        )

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw the base and the noise, in the order of the columns."""
        x, y = self.inner.draw(n, generator, dtype)
        return x[..., self.x_order], y[..., self.y_order]

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw as `draw` does, with the pointwise MI of the base."""
        x, y, pmi = self.inner.draw_with_pointwise(n, generator, dtype)
        return x[..., self.x_order], y[..., self.y_order], pmi

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI of the columns of the base, nats (B, n)."""
        x_back = sorted(range(self.x_dim), key=self.x_order.__getitem__)
        y_back = sorted(range(self.y_dim), key=self.y_order.__getitem__)
        return self.inner.log_ratio(x[..., x_back], y[..., y_back])

    def parameters(self) -> dict[str, Any]:
        """The base and the numbers of noise columns."""
        return {
            "base": self.base.describe(),
            "extra_x": self.noise.x_dim,
            "extra_y": self.noise.y_dim,
        }


class Transformed(Family):
    """A family whose sides pass through invertible maps; MI and pointwise MI stay.

    Parameters
    ----------
    base : Family
    x_map, y_map : InvertibleMap or None
        Applied to the continuous columns of each side; discrete columns are left alone. None
        leaves the side as it is.

    References
    ----------
    Kraskov, Stögbauer & Grassberger (2004), Estimating mutual information, Phys. Rev. E 69,
    066138, appendix.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian, Monotone
    >>> warped = Transformed(CorrelatedGaussian(0.5), x_map=Monotone("exp"))
    >>> round(warped.mutual_information, 4)
    0.1438
    """

    name = "transformed"
    truth = "that of the base"
    source = "invariance of MI under invertible maps"

    def __init__(
        self, base: Any, x_map: InvertibleMap | None = None, y_map: InvertibleMap | None = None
    ) -> None:
        self.base, self.x_map, self.y_map = base, x_map, y_map
        self._declare(
            base.x_dim,
            base.y_dim,
            base.mi,
            base.mi_standard_error,
            base.x_discrete,
            base.y_discrete,
            base.x_ordered,
            base.y_ordered,
        )

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw the base and map its sides."""
        return self._forward(*self.base.draw(n, generator, dtype))

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw as `draw` does, with the pointwise MI of the base."""
        x, y, pmi = self.base.draw_with_pointwise(n, generator, dtype)
        return *self._forward(x, y), pmi

    def _forward(self, x: Tensor, y: Tensor) -> Any:
        x = _on_continuous(x, self.x_discrete, self.x_map and self.x_map.forward)
        return x, _on_continuous(y, self.y_discrete, self.y_map and self.y_map.forward)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI of what the inverse maps give, nats (B, n)."""
        x64 = _on_continuous(x.double(), self.x_discrete, self.x_map and self.x_map.inverse)
        y64 = _on_continuous(y.double(), self.y_discrete, self.y_map and self.y_map.inverse)
        return self.base.log_ratio(x64, y64).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The base and the names of the maps."""
        names = [type(side).__name__ if side else None for side in (self.x_map, self.y_map)]
        return {"base": self.base.describe(), "x_map": names[0], "y_map": names[1]}


class Swapped(Family):
    """A family with X and Y exchanged; MI is symmetric.

    Parameters
    ----------
    base : Family

    Examples
    --------
    >>> from skmist.datasets import GaussianClasses
    >>> base = GaussianClasses([0.5, 0.5], [[-5.0], [5.0]], [[[1.0]], [[1.0]]])
    >>> Swapped(base).x_discrete
    (True,)
    """

    name = "swapped"
    truth = "that of the base"
    source = "symmetry of MI"

    def __init__(self, base: Family) -> None:
        self.base = base
        self._declare(
            base.y_dim,
            base.x_dim,
            base.mi,
            base.mi_standard_error,
            base.y_discrete,
            base.x_discrete,
            base.y_ordered,
            base.x_ordered,
        )

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw the base and exchange its sides."""
        x, y = self.base.draw(n, generator, dtype)
        return y, x

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw as `draw` does, with the pointwise MI of the base."""
        x, y, pmi = self.base.draw_with_pointwise(n, generator, dtype)
        return y, x, pmi

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Pointwise MI of the base with x and y exchanged, nats (B, n)."""
        return self.base.log_ratio(y, x)

    def parameters(self) -> dict[str, Any]:
        """The base."""
        return {"base": self.base.describe()}

    def redrawn(self, batch: int, generator: torch.Generator, rng: random.Random) -> Family:
        """Another draw of the base, exchanged."""
        return Swapped(self.base.redrawn(batch, generator, rng))


def _on_continuous(values: Any, discrete: Any, function: Any) -> Any:
    """Apply a function to the continuous columns only."""
    if function is None or all(discrete):
        return values
    if not any(discrete):
        return function(values)
    columns = [j for j, flag in enumerate(discrete) if not flag]
    mapped = values.clone()
    mapped[..., columns] = function(values[..., columns])
    return mapped
