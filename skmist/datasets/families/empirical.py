"""The user's own rows, and a y that is a random function of them and noise."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.families.structural.targets import draw_target
from skmist.datasets.parts.family import Family
from skmist.datasets.parts.observed import ObservedRows, RandomInputs

__all__ = ["EmpiricalRegression"]

_TARGETS = {"continuous": 0.5, "classes": 0.3, "counts": 0.1, "steps": 0.1}


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
        self.rows = ObservedRows(X, x_discrete, x_ordered)
        self.target_kind, self.outputs = target, q
        self._set(1, torch.Generator().manual_seed(int(seed)), random.Random(int(seed)))

    def _set(self, batch: int, generator: torch.Generator, rng: random.Random) -> None:
        names = rng.choices(tuple(_TARGETS), tuple(_TARGETS.values()))
        kind = names[0] if self.target_kind == "any" else self.target_kind
        if self.outputs > 1:
            kind = rng.choice(("continuous", "several"))
        self.inputs = RandomInputs(batch, self.rows, generator, rng)
        self.points = self.inputs.points
        self.target = draw_target(kind, self.outputs, self.points, generator, rng, whole=True)
        rows, target = self.rows, self.target
        kinds = (rows.discrete, target.discrete, rows.ordered, target.ordered)
        self._declare(rows.p, self.outputs, target.mi, None, *kinds)

    def redrawn(
        self, batch: int, generator: torch.Generator, rng: random.Random
    ) -> EmpiricalRegression:
        """The same rows with other functions and noises."""
        drawn = type(self).__new__(type(self))
        drawn.rows = self.rows.to(generator.device)
        drawn.target_kind, drawn.outputs = self.target_kind, self.outputs
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
        chosen = self.rows.in_turns(self.batch_size, n, generator)
        places = chosen.unsqueeze(-1).expand(-1, -1, self.points.shape[-1])
        y, pmi = self.target.draw(self.points.gather(1, places).to(dtype), generator)
        return self.rows.values[chosen].to(dtype), y.to(dtype), pmi.to(dtype)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(y | x) - log p(y) of rows of X, nats (B, n)."""
        inputs = self.inputs(x.expand(self.batch_size, -1, -1))
        return self.target.log_ratio(inputs, y.double()).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The kind of the target, and how many rows there are."""
        return {"target": type(self.target).__name__, "rows": len(self.rows)}
