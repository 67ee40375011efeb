"""The t copula: a multivariate Student-t with uniform margins."""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from scipy import special
from torch import Tensor

from skmist.datasets.families.student import StudentT
from skmist.datasets.families.wrappers import Transformed
from skmist.datasets.parts.maps import InvertibleMap
from skmist.datasets.parts.random import open_interval

__all__ = ["StudentCopula"]


class StudentCopula(Transformed):
    """The copula of a multivariate Student-t: every column uniform on (0, 1).

    Uniform margins change neither MI nor pointwise MI, so both are those of `StudentT`. The
    distribution function of the t comes from scipy: samples pass through the CPU.

    Parameters
    ----------
    correlation : array-like of shape (p + q, p + q) or (B, p + q, p + q)
        Positive definite; only the correlations in it matter.
    dof : float or array-like of shape (B,)
        Degrees of freedom, > 0.
    p : int, default=1
        Number of columns of X.

    Raises
    ------
    ValueError
        If the correlation is not symmetric positive definite, or dof <= 0.

    References
    ----------
    Demarta & McNeil (2005), The t copula and related copulas, International Statistical
    Review 73.

    Examples
    --------
    >>> round(StudentCopula([[1.0, 0.0], [0.0, 1.0]], dof=1).mutual_information, 4)
    0.2242
    """

    name = "student_copula"
    truth = "closed form"
    source = "Demarta & McNeil 2005; the MI is that of the Student-t"

    def __init__(
        self, correlation: ArrayLike | Tensor, dof: ArrayLike | Tensor, p: int = 1
    ) -> None:
        self._wrap(StudentT(correlation, dof, p))

    def _wrap(self, base: Any) -> None:
        scale = torch.diagonal(base.pairs.covariance(), dim1=-2, dim2=-1).sqrt()
        sides = scale.split([base.x_dim, base.y_dim], -1)
        super().__init__(base, *(_StudentMargins(base.dof, side) for side in sides))

    @classmethod
    def supports(cls, p: int, q: int) -> bool:
        """Whether both sides have 1 to 64 columns."""
        return StudentT.supports(p, q)

    @classmethod
    def from_prior(
        cls,
        batch: int,
        p: int,
        q: int,
        generator: torch.Generator,
        rng: random.Random | None = None,
    ) -> Self:
        """Draw a `StudentT` and make its margins uniform."""
        family = cls.__new__(cls)
        family._wrap(StudentT.from_prior(batch, p, q, generator, rng))
        return family

    def parameters(self) -> dict[str, Any]:
        """Those of the Student-t."""
        return self.base.parameters()


class _StudentMargins(InvertibleMap):
    """The distribution function of the t in every column, its quantile function back."""

    def __init__(self, dof: Tensor, scale: Tensor) -> None:
        self.dof, self.scale = dof[:, None, None], scale.unsqueeze(1)

    def forward(self, x: Tensor) -> Tensor:
        return open_interval(_on_cpu(special.stdtr, self.dof, x.double() / self.scale), x.dtype)

    def inverse(self, x: Tensor) -> Tensor:
        inner = x.double().clamp(1e-300, 1.0 - 2.0**-53)
        return self.scale * _on_cpu(special.stdtrit, self.dof, inner)


def _on_cpu(function: Any, dof: Any, x: Tensor) -> Any:
    values = function(dof.cpu().numpy(), x.cpu().numpy())
    return torch.as_tensor(values, dtype=torch.float64, device=x.device)
