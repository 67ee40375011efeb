"""Pairs of atoms beside a continuous pair, and a class beside a continuous column.

The pointwise MI is the logarithm of the Radon-Nikodym derivative of the joint law by the
product of the margins (Gao et al. 2017); every class says what that is.
"""

from __future__ import annotations

import math
import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch, as_correlations
from skmist.datasets.parts.pair import draw_correlations, draw_pair, gaussian_log_ratio
from skmist.datasets.parts.random import (
    categorical,
    dirichlet,
    log_uniform,
    python_random,
    uniform,
)
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["GaussianWithAtoms", "StaircaseUniform"]


class GaussianWithAtoms(Family):
    """With probability `share` a pair of atoms from a table, else a correlated Gaussian pair.

    X and Y are on atoms together. The atoms are the integers 0, 1, ...; both columns are
    flagged continuous. I = h(share) + share I(table) + (1 - share) I(Gaussian), with h the
    entropy of the choice. The Radon-Nikodym derivative is that of the table divided by `share`
    on the atoms, and that of the Gaussian pair divided by 1 - share elsewhere.

    Parameters
    ----------
    rho : float or array-like of shape (B,)
        Correlation of the continuous part, strictly between -1 and 1.
    table : array-like of shape (K, L) or (B, K, L)
        Positive weights of the pairs of atoms; normalised to sum 1.
    share : float or array-like of shape (B,), default=0.5
        Probability of the atoms, strictly between 0 and 1.

    Raises
    ------
    ValueError
        If a parameter lies outside its range.

    References
    ----------
    Gao, Kannan, Oh & Viswanath (2017), Estimating mutual information for discrete-continuous
    mixtures, NeurIPS, experiment I.

    Examples
    --------
    >>> round(GaussianWithAtoms(0.9, [[0.45, 0.05], [0.05, 0.45]]).mutual_information, 4)
    1.2924
    """

    name = "gaussian_with_atoms"
    source = "Gao et al. 2017, experiment I"

    def __init__(
        self, rho: ArrayLike | Tensor, table: ArrayLike | Tensor, share: ArrayLike | Tensor = 0.5
    ) -> None:
        rho, share = as_correlations(rho), as_batch(share, 0, "share")
        table = as_batch(table, 2, "table")
        if not bool(((share > 0.0) & (share < 1.0)).all()):
            raise ValueError(f"share must lie strictly between 0 and 1, got {share.tolist()}")
        if bool((table <= 0.0).any()):
            raise ValueError("table must hold positive weights")
        batch = max(len(rho), len(share), len(table))
        self._set(rho.expand(batch), table.expand(batch, -1, -1), share.expand(batch))

    def _set(self, rho: Any, table: Any, share: Any) -> None:
        self.rho, self.share = rho, share
        self.table = table / table.sum((1, 2), keepdim=True)
        margins = self.table.sum(2, keepdim=True) * self.table.sum(1, keepdim=True)
        self._ratios = (self.table / margins).log()
        atoms = (self.table * self._ratios).sum((1, 2)) - share.log()
        smooth = -0.5 * torch.log1p(-rho.square()) - torch.log1p(-share)
        self._declare(1, 1, share * atoms + (1.0 - share) * smooth)

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
        """Draw tables of 1 to 4 atoms on each side and shares from 0.01 to 0.9."""
        rng = rng or python_random(generator)
        rows, columns = rng.randint(1, 4), rng.randint(1, 4)
        weights = torch.full(
            (batch, rows * columns), 0.5, dtype=torch.float64, device=generator.device
        )
        table = dirichlet(weights, generator).view(batch, rows, columns) + 1e-6
        target = draw_target_mi(batch, generator)
        rho = draw_correlations(target, generator)
        family = cls.__new__(cls)
        family._set(rho, table, log_uniform(generator, batch, low=0.01, high=0.9))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw atoms or Gaussian pairs: x and y, each (B, n, 1)."""
        smooth = draw_pair(self.rho, n, generator)
        codes, columns = categorical(self.table.flatten(1), n, generator), self.table.shape[2]
        on_atom = uniform(generator, self.batch_size, n) < self.share.unsqueeze(-1)
        atoms = torch.div(codes, columns, rounding_mode="floor"), codes % columns
        x, y = (
            torch.where(on_atom, atom.double(), value).to(dtype).unsqueeze(-1)
            for atom, value in zip(atoms, smooth, strict=True)
        )
        return x, y

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Log Radon-Nikodym derivative, nats (B, n); a pair of integers counts as atoms."""
        x64, y64, share = x[..., 0].double(), y[..., 0].double(), self.share.unsqueeze(-1)
        rows, columns = self.table.shape[1:]
        # The continuous part meets an integer with probability 0, and both at once never.
        codes = [side.round().clamp(0, size - 1) for side, size in ((x64, rows), (y64, columns))]
        on_atom = (codes[0] == x64) & (codes[1] == y64)
        flat = (codes[0] * columns + codes[1]).long()
        atoms = self._ratios.flatten(1).gather(-1, flat) - share.log()
        smooth = gaussian_log_ratio(x64, y64, self.rho.unsqueeze(-1)) - torch.log1p(-share)
        return torch.where(on_atom, atoms, smooth).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The correlation, the table of the atoms, and their share."""
        return {
            "rho": float(self.rho[0]),
            "table": self.table[0].cpu().numpy(),
            "share": float(self.share[0]),
        }


class StaircaseUniform(Family):
    """X one of the codes 0 to m - 1 with equal probability, Y uniform on (X, X + 2).

    I = log m - (m - 1) log(2) / m. X is discrete, Y continuous; the Radon-Nikodym derivative is
    the density of Y given X by that of Y.

    Parameters
    ----------
    levels : int
        Number m of codes, at least 1.
    batch : int, default=1
        Number of equal distributions that the object holds.

    Raises
    ------
    ValueError
        If `levels` or `batch` is not a positive whole number.

    References
    ----------
    Gao, Kannan, Oh & Viswanath (2017), Estimating mutual information for discrete-continuous
    mixtures, NeurIPS, experiment II.

    Examples
    --------
    >>> round(StaircaseUniform(5).mutual_information, 4)
    1.0549
    """

    name = "staircase_uniform"
    source = "Gao et al. 2017, experiment II"

    def __init__(self, levels: Any, batch: int = 1) -> None:
        for name, value in (("levels", levels), ("batch", batch)):
            if int(value) != value or value < 1:
                raise ValueError(f"{name} must be a positive whole number, got {value!r}")
        self._set(torch.full((int(batch),), float(levels), dtype=torch.float64))

    def _set(self, levels: Any) -> None:
        self.levels = levels
        mi = levels.log() - (levels - 1.0) / levels * math.log(2.0)
        self._declare(1, 1, mi, None, (True,), (False,), (True,))

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
        """Draw 2 to 30 levels for each distribution."""
        family = cls.__new__(cls)
        family._set(log_uniform(generator, batch, low=2.0, high=31.0).floor())
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw codes x and y = x + U(0, 2), each (B, n, 1)."""
        u = uniform(generator, self.batch_size, n, 2)
        levels = self.levels.unsqueeze(-1)
        x = torch.minimum((levels * u[..., 0]).floor(), levels - 1.0)
        y = x + 2.0 * u[..., 1]
        return x.to(dtype).unsqueeze(-1), y.to(dtype).unsqueeze(-1)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log m where only one code can have given y, log(m / 2) elsewhere, nats (B, n)."""
        y64, levels = y[..., 0].double(), self.levels.unsqueeze(-1)
        # Y falls in the first and the last unit interval from one code, elsewhere from two.
        inner = (y64 >= 1.0) & (y64 < levels)
        return (levels.log() - math.log(2.0) * inner).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The number of codes."""
        return {"levels": int(self.levels[0])}
