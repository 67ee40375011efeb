"""What critics are made of: layers with weights from a generator, and the Gaussian shortcut."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["GaussianShortcut", "input_layer", "perceptron"]

_INPUT_GAIN = 2.0


def _linear(n_in: int, n_out: int, generator: torch.Generator | None, zero: bool) -> nn.Linear:
    """A linear layer with normal weights of spread ``n_in ** -0.5``, or with zeros."""
    layer = nn.utils.skip_init(nn.Linear, n_in, n_out)
    with torch.no_grad():
        layer.bias.zero_()
        if zero:
            layer.weight.zero_()
        else:
            layer.weight.normal_(0.0, n_in**-0.5, generator=generator)
    return layer


def perceptron(
    sizes: Sequence[int], generator: torch.Generator | None, zero_last: bool
) -> nn.Sequential:
    """Linear layers with SiLU between them; the last may be zero."""
    layers: list[nn.Module] = []
    for i, (n_in, n_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        last = i == len(sizes) - 2
        if i == 0 and not last:
            layers.append(input_layer(n_in, n_out, generator))
        else:
            layers.append(_linear(n_in, n_out, generator, zero_last and last))
        if not last:
            layers.append(nn.SiLU())
    return nn.Sequential(*layers)


def input_layer(n_in: int, n_out: int, generator: torch.Generator | None) -> nn.Linear:
    """A first layer whose kinks lie all over the range of standardized columns."""
    layer = _linear(n_in, n_out, generator, zero=False)
    with torch.no_grad():
        layer.weight.mul_(_INPUT_GAIN)
        layer.bias.normal_(generator=generator)
    return layer


class GaussianShortcut(nn.Module):
    """The log density ratio of a Gaussian, with free coefficients.

    ``sum_k a_k u_k v_k + b_k u_k^2 + c_k v_k^2 + constant``, where u and v are k linear
    coordinates of x and of y. At the canonical coordinates and coefficients (`set_gaussian`) it
    is the exact log-ratio of a jointly Gaussian pair; at the start all coefficients are 0.

    Parameters
    ----------
    n_x, n_y : int
        Columns of x and of y.
    generator : torch.Generator or None, default=None
        Source of the first coordinates; torch's own where None.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import GaussianShortcut
    >>> shortcut = GaussianShortcut(3, 2)
    >>> shortcut.scores(torch.randn(5, 3), torch.randn(4, 2)).abs().max().item()
    0.0
    """

    def __init__(self, n_x: int, n_y: int, generator: torch.Generator | None = None) -> None:
        super().__init__()
        rank = min(n_x, n_y)
        self.of_x = _linear(n_x, rank, generator, zero=False)
        self.of_y = _linear(n_y, rank, generator, zero=False)
        self.cross = nn.Parameter(torch.zeros(rank))
        self.square_x = nn.Parameter(torch.zeros(rank))
        self.square_y = nn.Parameter(torch.zeros(rank))
        self.constant = nn.Parameter(torch.zeros(()))

    @torch.no_grad()
    def set_gaussian(
        self, rho: Tensor, weights: tuple[Tensor, Tensor], means: tuple[Tensor, Tensor]
    ) -> None:
        """Become the log-ratio of the Gaussian with these canonical correlations.

        Parameters
        ----------
        rho : Tensor of shape (k,)
            Below 1; ``k = min(n_x, n_y)``.
        weights : Tensor of shape (n_x, k) and (n_y, k)
            They take centered rows to canonical coordinates, of variance 1.
        means : Tensor of shape (n_x,) and (n_y,)
        """
        for layer, weight, mean in zip((self.of_x, self.of_y), weights, means, strict=True):
            layer.weight.copy_(weight.T)
            layer.bias.copy_(-(mean @ weight))
        unexplained = 1.0 - rho**2
        self.cross.copy_(rho / unexplained)
        self.square_x.copy_(-(rho**2) / (2.0 * unexplained))
        self.square_y.copy_(self.square_x)
        self.constant.copy_(-0.5 * unexplained.log().sum())

    def _terms(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        u, v = self.of_x(x), self.of_y(y)
        return u * self.cross, v, u**2 @ self.square_x, v**2 @ self.square_y

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores (n,) of the pairs (x_i, y_i)."""
        left, right, alone_x, alone_y = self._terms(x, y)
        return (left * right).sum(-1) + alone_x + alone_y + self.constant

    def scores(self, x: Tensor, y: Tensor) -> Tensor:
        """Scores (n, m) of all pairs (x_i, y_j)."""
        left, right, alone_x, alone_y = self._terms(x, y)
        return left @ right.T + alone_x[:, None] + alone_y + self.constant
