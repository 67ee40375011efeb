"""The user's own rows, and a y that is a random function of them and noise."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.families.structural.targets import draw_target
from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.random import normal, orthogonal, uniform

__all__ = ["EmpiricalRegression"]

_TARGETS = {"continuous": 0.5, "classes": 0.3, "counts": 0.1, "steps": 0.1}
_FEWEST, _MOST_ROWS, _SETS = 64, 8192, 8
_MOST_READ, _MOST_LATENT = 6, 12
_LATENT_SHARE = 0.4
_LEAST_VARIANCE = 1e-6


class EmpiricalRegression(Family):
    """Rows of one's own as X, and y = f(X) + noise with a random f: their own dependence stays.

    f reads up to six columns, as normal scores of their ranks (categories without an order as
    random numbers), or as many rotated principal components of these. It is one of the functions,
    and the noise, the classes, the counts or the ordered steps are those, of `Structural`.

    Parameters
    ----------
    X : array-like of shape (m, p)
        At least 64 finite rows. At most 8,192 of them, a multiple of 8, are kept: evenly spread.
    q : int, default=1
        Number of columns of y; above 1 they are numbers.
    target : {"any", "continuous", "classes", "counts", "steps"}, default="any"
        What y is.
    seed : int, default=0
        Of the function, the noise and their parameters.
    x_discrete, x_ordered : sequence of bool, default=()
        Which columns of X hold codes, and which of these have an order, that of their codes; none
        by default.

    Raises
    ------
    ValueError
        If X has another shape, fewer rows, or values that are not finite, `target` is not one of
        those above, or `q` does not fit it.

    Notes
    -----
    The law of X is that of the rows kept, each equally likely, and the MI at most log m. A sample
    of up to m rows has each at most once; longer ones begin again. p(y) is the mean of p(y | x)
    over all rows, on a grid where y is a number: exact to 0.005 nats.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(0).normal(size=(500, 3)).cumsum(axis=1)
    >>> family = EmpiricalRegression(rows, seed=1)
    >>> X, y = family.sample(200, random_state=0)
    >>> X.shape, y.shape, bool(np.isin(X[:, 0].astype("f4"), rows[:, 0].astype("f4")).all())
    ((200, 3), (200, 1), True)
    """

    name = "empirical_regression"
    truth = "exact over the rows, p(y) by quadrature"
    source = "I = E log p(y | x) - E log p(y)"

    def __init__(
        self,
        X: ArrayLike | Tensor,
        q: int = 1,
        *,
        target: str = "any",
        seed: int = 0,
        x_discrete: Sequence[bool] = (),
        x_ordered: Sequence[bool] = (),
    ) -> None:
        if target not in ("any", *_TARGETS):
            raise ValueError(f"target is {target!r}; pass one of any, {', '.join(_TARGETS)}")
        if q < 1 or (q > 1 and target not in ("any", "continuous")):
            raise ValueError(f"q is {q!r}, but target={target!r} has one column; pass q=1")
        self.rows = _rows(X)
        p = self.rows.shape[1]
        self.flags, self.order = (tuple(f) or (False,) * p for f in (x_discrete, x_ordered))
        if not len(self.flags) == len(self.order) == p:
            raise ValueError(
                f"x_discrete has {len(self.flags)} entries, x_ordered {len(self.order)}, and X "
                f"{p} columns; give one for each"
            )
        self.target_kind, self.outputs = target, q
        self.scores = _scores(self.rows, self.rows)
        self._set(1, torch.Generator().manual_seed(int(seed)), random.Random(int(seed)))

    def _set(self, batch: int, generator: torch.Generator, rng: random.Random) -> None:
        names = rng.choices(tuple(_TARGETS), tuple(_TARGETS.values()))
        kind = names[0] if self.target_kind == "any" else self.target_kind
        if self.outputs > 1:
            kind = rng.choice(("continuous", "several"))
        self.inputs = _Inputs(batch, self, generator, rng)
        self.points = self.inputs(self.scores.expand(batch, -1, -1), self.rows)
        self.target = draw_target(kind, self.outputs, self.points, generator, rng, whole=True)
        self._declare(
            self.rows.shape[1],
            self.outputs,
            self.target.mi,
            None,
            self.flags,
            self.target.discrete,
            self.order,
            self.target.ordered,
        )

    def redrawn(
        self, batch: int, generator: torch.Generator, rng: random.Random
    ) -> EmpiricalRegression:
        """The same rows with other functions and noises."""
        drawn = type(self).__new__(type(self))
        device = generator.device
        drawn.rows, drawn.scores = self.rows.to(device), self.scores.to(device)
        drawn.flags, drawn.order, drawn.outputs = self.flags, self.order, self.outputs
        drawn.target_kind = self.target_kind
        drawn._set(batch, generator, rng)
        return drawn

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw rows x (B, n, p) and y (B, n, q)."""
        x, y, _ = self.draw_with_pointwise(n, generator, dtype)
        return x, y

    def draw_with_pointwise(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw rows and y, with what the function knows of them."""
        m = len(self.rows)
        rounds = [uniform(generator, self.batch_size, m).argsort(-1) for _ in range(-(-n // m))]
        chosen = torch.cat(rounds, -1)[:, :n]
        places = chosen.unsqueeze(-1).expand(-1, -1, self.points.shape[-1])
        y, pmi = self.target.draw(self.points.gather(1, places).to(dtype), generator)
        return self.rows[chosen].to(dtype), y.to(dtype), pmi.to(dtype)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(y | x) - log p(y) of rows of X, nats (B, n)."""
        x64 = x.double().expand(self.batch_size, -1, -1)
        inputs = self.inputs(_scores(self.rows, x64), x64)
        return self.target.log_ratio(inputs, y.double()).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The kind of the target, and how many rows there are."""
        return {"target": type(self.target).__name__, "rows": len(self.rows)}


class _Inputs:
    """What the function reads of a row: some columns, or some rotated principal components."""

    def __init__(
        self, batch: int, family: Any, generator: torch.Generator, rng: random.Random
    ) -> None:
        p = family.rows.shape[1]
        self.levels = {
            j: normal(generator, batch, int(family.rows[:, j].max()) + 1)
            for j, flags in enumerate(zip(family.flags, family.order, strict=True))
            if flags == (True, False)
        }
        latent = p > 1 and not self.levels and rng.random() < _LATENT_SHARE
        self.mixing = _latent(batch, family.scores, generator, rng) if latent else None
        self.columns = rng.sample(range(p), rng.randint(1, min(p, _MOST_READ)))

    def __call__(self, scores: Tensor, rows: Tensor) -> Tensor:
        """Inputs (B, n, a) of rows of these scores, each (B, n, p), or rows (n, p)."""
        if self.mixing is not None:
            return scores @ self.mixing
        read = [self._column(j, scores, rows) for j in self.columns]
        return torch.stack(read, -1)

    def _column(self, j: int, scores: Tensor, rows: Tensor) -> Tensor:
        if j not in self.levels:
            return scores[..., j]
        levels = self.levels[j]
        codes = rows[..., j].round().long().expand(len(levels), -1)
        return levels.gather(-1, codes.clamp(0, levels.shape[-1] - 1))


def _latent(batch: int, scores: Tensor, generator: torch.Generator, rng: random.Random) -> Tensor:
    """Matrices (B, p, a) to rotated principal components of unit spread."""
    values, vectors = torch.linalg.eigh(scores.T @ scores / len(scores))
    kept = int((values > _LEAST_VARIANCE * values[-1]).sum())
    whitened = (vectors / values.clamp_min(1e-12).sqrt()).flip(-1)
    most = min(kept, _MOST_LATENT)
    count = rng.randint(1, min(most, _MOST_READ))
    first = sorted(rng.sample(range(most), rng.randint(count, most)))
    return whitened[:, first] @ orthogonal(batch, len(first), generator)[..., :count]


def _rows(X: Any) -> Tensor:
    """Rows (m, p), m a multiple of 8, as float32 holds them."""
    rows = as_batch(X, 2, "X")
    if len(rows) != 1 or rows.shape[1] < _FEWEST:
        raise ValueError(
            f"X has {rows.shape[1]} rows of shape {tuple(rows.shape[2:])}; pass one array (m, p) "
            f"of at least {_FEWEST} rows"
        )
    m = min(rows.shape[1], _MOST_ROWS) // _SETS * _SETS
    kept = torch.linspace(0, rows.shape[1] - 1, m).round().long()
    return rows[0, kept].float().double()


def _scores(table: Tensor, values: Tensor) -> Tensor:
    """Normal scores of values (..., p) by their ranks among the rows of a table (m, p)."""
    m, columns = len(table), table.T.contiguous().sort(-1).values
    found = values.transpose(-1, 0).contiguous() if values.ndim == 2 else values.mT.contiguous()
    columns = columns.expand(*found.shape[:-1], m).contiguous()
    below, upto = (torch.searchsorted(columns, found, right=side) for side in (False, True))
    ranks = (0.5 * (below + upto).double()).clamp(0.5, m - 0.5) / m
    return torch.special.ndtri(ranks).mT
