"""One column that is 0 with a probability of its own, else a count or a continuous value.

Such a column has no density: its law is a point mass beside a continuous part, or counts with
many ties. The pointwise MI is the logarithm of the Radon-Nikodym derivative of the joint law by
the product of the margins (Gao et al. 2017).
"""

from __future__ import annotations

import random
from typing import Any, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.parts.family import Family, as_batch, as_correlations
from skmist.datasets.parts.pair import draw_correlations, draw_pair, gaussian_log_ratio
from skmist.datasets.parts.random import log_uniform, uniform
from skmist.datasets.parts.target import draw_target_mi

__all__ = ["ZeroInflatedGaussian", "ZeroInflatedPoisson"]

_EULER = 0.5772156649015329
_MAX_RATE = 100.0


class ZeroInflatedPoisson(Family):
    """X exponential, Y = 0 with probability p0, else Poisson with mean `rate` times X.

    Y is flagged continuous: counts, most of them tied. The pointwise MI is
    log P(y | x) / P(y), with zeros of both kinds counted together.

    Parameters
    ----------
    dropout : float or array-like of shape (B,)
        Probability p0 of a zero of its own, in [0, 1).
    rate : float or array-like of shape (B,), default=1.0
        Mean of the counts per unit of X, in (0, 100].

    Raises
    ------
    ValueError
        If a parameter lies outside its range.

    Notes
    -----
    The value (1 - p0) I(X; Poisson) of Gao et al. takes the two kinds of zeros apart, which Y
    does not: it is an upper bound, equal to the MI where p0 = 0.

    References
    ----------
    Gao, Kannan, Oh & Viswanath (2017), Estimating mutual information for discrete-continuous
    mixtures, NeurIPS.

    Examples
    --------
    >>> round(ZeroInflatedPoisson(0.0).mutual_information, 4)
    0.3012
    """

    name = "zero_inflated_poisson"
    truth = "quadrature"
    source = "Gao et al. 2017, experiment with zero-inflated counts"

    def __init__(self, dropout: ArrayLike | Tensor, rate: ArrayLike | Tensor = 1.0) -> None:
        dropout, rate = as_batch(dropout, 0, "dropout"), as_batch(rate, 0, "rate")
        _check_dropout(dropout)
        if not bool(((rate > 0.0) & (rate <= _MAX_RATE)).all()):
            raise ValueError(f"rate must lie in (0, {_MAX_RATE:g}], got {rate.tolist()}")
        self._set(*torch.broadcast_tensors(dropout, rate))

    def _set(self, dropout: Tensor, rate: Tensor) -> None:
        self.dropout, self.rate = dropout, rate
        counts = (1.0 - dropout) * _count_information(rate)
        self._declare(1, 1, (counts + _zero_information(dropout, rate)).clamp_min(0.0))

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
        """Draw dropouts up to 0.9 and rates from 0.1 to 100."""
        family = cls.__new__(cls)
        dropout = uniform(generator, batch, high=0.9)
        family._set(dropout, log_uniform(generator, batch, low=0.1, high=_MAX_RATE))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw x and counts y, each (B, n, 1)."""
        u = uniform(generator, self.batch_size, n, 2)
        x = -torch.log1p(-u[..., 0]).to(dtype)
        counts = torch.poisson(self.rate.unsqueeze(-1) * x.double(), generator=generator)
        y = torch.where(u[..., 1] < self.dropout.unsqueeze(-1), 0.0, counts)
        return x.unsqueeze(-1), y.to(dtype).unsqueeze(-1)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """log P(y | x) - log P(y), nats (B, n)."""
        p0, rate = self.dropout.unsqueeze(-1), self.rate.unsqueeze(-1)
        mean, k = rate * x[..., 0].double(), y[..., 0].double()
        # The margin of the counts is geometric.
        log_margin = k * (rate.log() - torch.log1p(rate)) - torch.log1p(rate)
        ratio = torch.xlogy(k, mean) - mean - torch.lgamma(k + 1.0) - log_margin
        zero = torch.log(p0 + (1.0 - p0) * torch.exp(-mean))
        zero = zero - torch.log(p0 + (1.0 - p0) / (1.0 + rate))
        return torch.where(k == 0.0, zero, ratio).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The probability of a zero of its own, and the rate."""
        return {"dropout": float(self.dropout[0]), "rate": float(self.rate[0])}


class ZeroInflatedGaussian(Family):
    """X standard normal, Y = 0 with probability p0, else standard normal with correlation rho.

    I = -(1 - p0) log(1 - rho^2) / 2. Zeros come independently of X, so the Radon-Nikodym
    derivative is 1 where y = 0 and that of the Gaussian pair elsewhere. Y is flagged
    continuous: a point mass beside a density.

    Parameters
    ----------
    rho : float or array-like of shape (B,)
        Correlation, strictly between -1 and 1.
    dropout : float or array-like of shape (B,)
        Probability p0 of a zero, in [0, 1).

    Raises
    ------
    ValueError
        If a parameter lies outside its range.

    References
    ----------
    Gao, Kannan, Oh & Viswanath (2017), Estimating mutual information for discrete-continuous
    mixtures, NeurIPS.

    Examples
    --------
    >>> round(ZeroInflatedGaussian(0.8, dropout=0.5).mutual_information, 4)
    0.2554
    """

    name = "zero_inflated_gaussian"
    source = "Gao et al. 2017; chain rule"

    def __init__(self, rho: ArrayLike | Tensor, dropout: ArrayLike | Tensor) -> None:
        rho, dropout = as_correlations(rho), as_batch(dropout, 0, "dropout")
        _check_dropout(dropout)
        self._set(*torch.broadcast_tensors(rho, dropout))

    def _set(self, rho: Any, dropout: Tensor) -> None:
        self.rho, self.dropout = rho, dropout
        self._declare(1, 1, -0.5 * (1.0 - dropout) * torch.log1p(-rho.square()))

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
        """Draw dropouts up to 0.9 and a correlation for the MI given that Y is not 0."""
        target = draw_target_mi(batch, generator)
        rho = draw_correlations(target, generator)
        family = cls.__new__(cls)
        family._set(rho, uniform(generator, batch, high=0.9))
        return family

    def draw(
        self, n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Draw Gaussian pairs and set some y to 0: x and y, each (B, n, 1)."""
        x, y = draw_pair(self.rho, n, generator)
        zero = uniform(generator, self.batch_size, n) < self.dropout.unsqueeze(-1)
        y = y.masked_fill(zero, 0.0)
        return x.unsqueeze(-1).to(dtype), y.unsqueeze(-1).to(dtype)

    def log_ratio(self, x: Tensor, y: Tensor) -> Tensor:
        """0 where y is 0, pointwise MI of the Gaussian pair elsewhere, nats (B, n)."""
        rho, u, v = self.rho.unsqueeze(-1), x[..., 0].double(), y[..., 0].double()
        ratio = gaussian_log_ratio(u, v, rho)
        return torch.where(v == 0.0, torch.zeros_like(v), ratio).to(x.dtype)

    def parameters(self) -> dict[str, Any]:
        """The correlation and the probability of a zero."""
        return {"rho": float(self.rho[0]), "dropout": float(self.dropout[0])}


def _check_dropout(dropout: Tensor) -> None:
    if not bool(((dropout >= 0.0) & (dropout < 1.0)).all()):
        raise ValueError(f"dropout must lie in [0, 1), got {dropout.tolist()}")


def _count_information(rate: Tensor, terms: Any = 4096) -> Any:
    """E log P(k | x) / P(k) over the counts k > 0 without dropout (B,), times P(k > 0)."""
    share = rate / (1.0 + rate)
    j = torch.arange(1, terms + 1, dtype=torch.float64, device=rate.device)
    # E log k! is a sum of log j with weights P(k >= j) = share^j.
    factorial = (share.unsqueeze(-1) ** j * j.log()).sum(-1)
    log_power = rate * (rate.log() + 1.0 - _EULER)
    mean = rate - rate / (1.0 + rate).square()
    margin = rate * share.log() - share * torch.log1p(rate)
    return log_power - mean - factorial - margin


def _zero_information(dropout: Tensor, rate: Tensor) -> Any:
    """The part of the MI that the zeros carry (B,), by quadrature over x."""
    s = torch.linspace(-38.0, 38.0, 1201, dtype=torch.float64, device=rate.device)
    x = torch.nn.functional.softplus(-s)
    # The survival probability exp(-x) of X is uniform; its logit is s.
    width = torch.sigmoid(s) * torch.sigmoid(-s) * (s[1] - s[0])
    p0, rate = dropout.unsqueeze(-1), rate.unsqueeze(-1)
    zero = p0 + (1.0 - p0) * torch.exp(-rate * x)
    total = (p0 + (1.0 - p0) / (1.0 + rate))[..., 0]
    conditional = (torch.xlogy(zero, zero) * width).sum(-1)
    return conditional - torch.xlogy(total, total)
