"""Sides that are replaced by one constant point at random, jointly for X and Y.

A side that is erased has a point mass there beside the law of the base: zero inflation, spike
and slab, dropout. The pointwise MI is the logarithm of the Radon-Nikodym derivative of the
joint law by the product of the margins (Gao et al. 2017).
"""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.families.table import JointTable
from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import log_uniform, normal, python_random, signs, uniform

__all__ = ["Erased"]

_PILOT = 64


class Erased(Family):
    """A family whose sides are erased at random: X, Y or both become a constant point.

    Whether a side is erased does not depend on the values, but the two choices may depend on
    each other. With pi the table of the choices, I = I(pi) + pi_00 I(base). The Radon-Nikodym
    derivative is pi_ab / (pi_a pi_b), times that of the base where neither side is erased.

    Continuous columns stay flagged continuous and tie at their atom. Discrete columns stay
    discrete: their codes move up by one and an erased column holds the code 0.

    Parameters
    ----------
    base : Family
        B distributions. Its continuous columns must not have a point mass at their atom.
    table : array-like of shape (2, 2) or (B, 2, 2)
        Nonnegative weights of (X kept or erased, Y kept or erased); normalised to sum 1.
    x_atom, y_atom : float or array-like of shape (B, p) or (B, q), default=0.0
        Value of every column of an erased side; a number stands for all columns and a vector
        (p,) or (q,) for all distributions. Read for continuous columns only.

    Raises
    ------
    ValueError
        If the table has another shape, a negative weight or no weight, or an atom does not fit.

    References
    ----------
    Gao, Kannan, Oh & Viswanath (2017), Estimating mutual information for discrete-continuous
    mixtures, NeurIPS.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian
    >>> dropout = Erased(CorrelatedGaussian(0.8), [[0.7, 0.0], [0.0, 0.3]])
    >>> X, y = dropout.sample(1000, random_state=0)
    >>> round(dropout.mutual_information, 4), bool(((X == 0.0) == (y == 0.0)).all())
    (0.9684, True)
    """

    name = "erased"
    truth = "that of the base and of the table"
    source = "Gao et al. 2017; chain rule"

    def __init__(
        self, base: Family, table: ArrayLike | Tensor, x_atom: Any = 0.0, y_atom: Any = 0.0
    ) -> None:
        table = as_batch(table, 2, "table").to(base.device)
        if tuple(table.shape[1:]) != (2, 2):
            raise ValueError(f"table must have shape (2, 2), got {tuple(table.shape[1:])}")
        if len(table) not in (1, base.batch_size):
            raise ValueError(
                f"table holds {len(table)} distributions and the base {base.batch_size}; "
                "give one table or as many as the base has"
            )
        checked = JointTable(table.expand(base.batch_size, -1, -1))
        atoms = (
            _as_atom(x_atom, base, base.x_dim, "x_atom"),
            _as_atom(y_atom, base, base.y_dim, "y_atom"),
        )
        self._set(base, checked, *atoms)

    def _set(self, base: Any, choice: Any, x_atom: Any, y_atom: Any) -> None:
        self.base, self.choice = base, choice
        self.x_atom, self.y_atom = x_atom, y_atom
        kept = choice.table[:, 0, 0]
        self._declare(
            base.x_dim,
            base.y_dim,
            choice.mi + kept * base.mi,
            kept * base.mi_standard_error,
            base.x_discrete,
            base.y_discrete,
            base.x_ordered,
            base.y_ordered,
        )

    @classmethod
    def around(
        cls, base: Any, generator: torch.Generator, rng: random.Random | None = None
    ) -> Self:
        """Erase the sides of a family with random tables and atoms.

        One side only, both sides independently, or both with dependent choices: the kind is
        one for the batch. A side is erased with probability 0.02 to 0.8. Atoms lie below, above
        or among the values of a pilot sample.

        Parameters
        ----------
        base : Family
        generator : torch.Generator
            Source of the parameters, on the device of the base.
        rng : random.Random, optional
            Source of the choices that the batch shares; seeded from `generator` when left out,
            which waits for the device once.

        Returns
        -------
        Erased
        """
        rng = rng or python_random(generator)
        choice = JointTable.__new__(JointTable)
        choice._set(_random_table(base.batch_size, generator, rng))
        pilot = base.draw(_PILOT, generator, torch.float64)
        family = cls.__new__(cls)
        family._set(base, choice, *(_random_atom(side, generator) for side in pilot))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw rows of the base and erase sides of them."""
        x, y = self.base.draw(n, generator, dtype)
        return self._erase(x, y, generator)[:2]

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw as `draw` does, with the pointwise MI of the base and of the choice."""
        x, y, pmi = self.base.draw_with_pointwise(n, generator, dtype)
        x, y, codes = self._erase(x, y, generator)
        return x, y, self._ratio(codes[0], codes[1], pmi)

    def _erase(self, x: Tensor, y: Tensor, generator: torch.Generator) -> Any:
        codes = self.choice.draw(x.shape[1], generator, torch.float64)
        x = _erased(x, codes[0], self.x_atom, self.x_discrete)
        return x, _erased(y, codes[1], self.y_atom, self.y_discrete), codes

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """Log Radon-Nikodym derivative, nats (B, n); a row at the atom counts as erased."""
        codes = (_found(x, self.x_atom, self.x_discrete), _found(y, self.y_atom, self.y_discrete))
        # An erased row may lie outside what the base can be asked about; its answer is not read.
        base = self.base.log_ratio(
            _restored(x, codes[0], self.x_discrete), _restored(y, codes[1], self.y_discrete)
        )
        return self._ratio(codes[0], codes[1], base)

    def _ratio(self, x_codes: Any, y_codes: Any, base: Any) -> Any:
        ratio = self.choice.log_ratio(x_codes, y_codes)
        kept = (x_codes + y_codes)[..., 0] == 0.0
        return ratio.to(base.dtype) + torch.where(kept, base, torch.zeros_like(base))

    def parameters(self) -> dict[str, Any]:
        """The base, the table of the choices, and the atoms."""
        return {
            "base": self.base.describe(),
            "table": self.choice.table[0].cpu().numpy(),
            "x_atom": self.x_atom[0].cpu().numpy(),
            "y_atom": self.y_atom[0].cpu().numpy(),
        }


def _as_atom(value: Any, base: Any, dim: int, name: Any) -> Any:
    """Atoms (B, dim), float64."""
    scalar = not torch.is_tensor(value) and not hasattr(value, "__len__")
    atom = as_batch([value] * dim if scalar else value, 1, name).to(base.device)
    if atom.shape[-1] != dim or len(atom) not in (1, base.batch_size):
        raise ValueError(
            f"{name} must be a number or have shape ({dim},) or ({base.batch_size}, {dim}), "
            f"got {tuple(atom.shape)}"
        )
    return atom.expand(base.batch_size, dim)


def _erased(values: Any, codes: Any, atom: Any, discrete: Any) -> Any:
    """Values (B, n, d) with the atom, or the code 0, where codes (B, n, 1) are 1."""
    flags = torch.tensor(discrete, device=values.device)
    moved = values + flags.to(values.dtype)
    constant = torch.where(flags, torch.zeros_like(atom), atom).to(values.dtype)
    return torch.where(codes == 1.0, constant.unsqueeze(1), moved)


def _found(values: Any, atom: Any, discrete: Any) -> Any:
    """1.0 where a row is erased: (B, n, 1)."""
    if any(discrete):
        return (values[..., discrete.index(True)] == 0.0).double().unsqueeze(-1)
    # The atom as the rows hold it; the tolerance lets a map and its inverse pass.
    held = atom.to(values.dtype).double().unsqueeze(1)
    near = (values.double() - held).abs() <= 1e-9 * (1.0 + held.abs())
    return near.all(-1, keepdim=True).double()


def _restored(values: Any, codes: Any, discrete: Any) -> Any:
    """Values as the base holds them; an erased discrete column holds the code 0."""
    flags = torch.tensor(discrete, device=values.device)
    lower = flags & (codes == 0.0)
    return values - lower.to(values.dtype)


def _random_table(batch: int, generator: torch.Generator, rng: random.Random) -> Any:
    """Joint probabilities (B, 2, 2) of the choices of both sides."""
    a, b = log_uniform(generator, 2, batch, low=0.02, high=0.8)
    kind = rng.choices(("x", "y", "independent", "shared", "dependent"), (2, 2, 3, 1, 3))[0]
    zero, both = torch.zeros_like(a), a * b
    if kind in ("x", "y"):
        a, b = (a, zero) if kind == "x" else (zero, b)
        both = zero
    elif kind == "shared":
        both, b = a, a
    elif kind == "dependent":
        most, least = torch.minimum(a, b), (a + b - 1.0).clamp_min(0.0)
        bound = torch.where(signs(generator, batch) > 0.0, most, least)
        both = torch.lerp(both, bound, uniform(generator, batch))
    neither = (1.0 - a - b + both).clamp_min(0.0)
    return torch.stack([neither, b - both, a - both, both], -1).view(batch, 2, 2)


def _random_atom(pilot: Tensor, generator: torch.Generator) -> Any:
    """Points (B, d) below, above or among the values of a pilot sample (B, n, d)."""
    batch, n, d = pilot.shape
    low, high = pilot.amin(1), pilot.amax(1)
    gap = uniform(generator, batch, d, low=0.02, high=0.3) * (high - low + 1e-6)
    # Off every value of the pilot, so that ties of the base stay apart from the atom.
    inside = pilot[:, 0] + 0.01 * (high - low + 1e-6) * normal(generator, batch, d)
    where = uniform(generator, batch, 1)
    edge = torch.where(where < 0.4, low - gap, high + gap)
    return torch.where(where < 0.55, edge, inside)
