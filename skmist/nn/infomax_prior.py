"""Matching a code to a prior by an adversary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

__all__ = ["PRIORS", "PriorLosses", "PriorMatching"]

PRIORS = {"uniform": math.pi / math.sqrt(3.0), "gaussian": 1.0}
"""Priors by name (uniform on the unit cube, standard normal), and the spread that a code has
whose squashed values follow the prior."""


class PriorLosses(NamedTuple):
    """Losses of the two players, each of shape (), nats."""

    discriminator: Tensor
    encoder: Tensor


class PriorMatching(nn.Module):
    """A discriminator between codes and draws of a prior, and the losses of both players [1]_.

    The discriminator minimizes the cross entropy of "drawn from the prior", plus
    ``penalty / 2`` times its mean squared gradient at draws of the prior and at codes (in units
    of the prior's spread), which keeps the game from circling [2]_. The encoder minimizes
    ``-log`` of the probability that its codes are taken for draws. Neither loss sends a gradient
    to the other player.

    Parameters
    ----------
    n_components : int
        Units of the code.
    prior : {"uniform", "gaussian"}
        With ``"uniform"`` codes enter by `squash`, the logistic function.
    hidden_layer_sizes : sequence of int, default=(1000, 200)
        Widths of the discriminator's hidden layers, those of [1]_.
    penalty : float, default=1.0
        Weight of the squared gradient.

    References
    ----------
    .. [1] R. D. Hjelm et al. (2019), "Learning deep representations by mutual information
       estimation and maximization", ICLR, arXiv:1808.06670.
    .. [2] L. Mescheder, A. Geiger and S. Nowozin (2018), "Which training methods for GANs do
       actually converge?", ICML, arXiv:1801.04406.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn.infomax_prior import PriorMatching
    >>> matching = PriorMatching(3, "uniform")
    >>> losses = matching(torch.randn(8, 3), torch.Generator().manual_seed(0))
    >>> losses.encoder.shape
    torch.Size([])
    """

    def __init__(
        self,
        n_components: int,
        prior: str,
        hidden_layer_sizes: Sequence[int] = (1000, 200),
        penalty: float = 1.0,
    ) -> None:
        super().__init__()
        if prior not in PRIORS:
            raise ValueError(f"prior is {prior!r}; pass one of {', '.join(PRIORS)}.")
        self.prior, self.penalty = prior, penalty
        widths = [n_components, *hidden_layer_sizes, 1]
        layers: list[nn.Module] = []
        for n_in, n_out in zip(widths, widths[1:], strict=False):
            layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(0.2)]
        self.discriminator = nn.Sequential(*layers[:-1])

    def squash(self, code: Tensor) -> Tensor:
        """Codes (n, k) brought into the support of the prior."""
        return torch.sigmoid(code) if self.prior == "uniform" else code

    def draw(self, like: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Draws of the prior, of the shape of `like`; the generator is one of the CPU."""
        sample = torch.rand if self.prior == "uniform" else torch.randn
        return sample(like.shape, generator=generator).to(like)

    def forward(self, code: Tensor, generator: torch.Generator | None = None) -> PriorLosses:
        """Losses of both players on codes (n, k), linear."""
        squashed = self.squash(code)
        return PriorLosses(
            self.discriminator_loss(self.draw(code, generator), squashed),
            self.encoder_loss(squashed),
        )

    def discriminator_loss(self, drawn: Tensor, squashed: Tensor) -> Tensor:
        """Loss of the discriminator on draws (n, k) and on squashed codes (n, k)."""
        both = self._standard(torch.cat([drawn, squashed.detach()])).requires_grad_()
        logits = self.discriminator(both).squeeze(-1)
        n = len(drawn)
        loss = softplus(-logits[:n]).mean() + softplus(logits[n:]).mean()
        if self.penalty == 0.0:
            return loss
        (slope,) = torch.autograd.grad(logits.sum(), both, create_graph=True)
        return loss + 0.5 * self.penalty * slope.square().sum(-1).mean()

    def encoder_loss(self, squashed: Tensor) -> Tensor:
        """Loss of the encoder on squashed codes (n, k), under a fixed discriminator."""
        frozen = {name: p.detach() for name, p in self.discriminator.named_parameters()}
        rows = (self._standard(squashed),)
        logits = torch.func.functional_call(self.discriminator, frozen, rows)
        return softplus(-logits).mean()

    def _standard(self, rows: Tensor) -> Tensor:
        """Rows with mean 0 and spread 1 under the prior."""
        return (rows - 0.5) * 12**0.5 if self.prior == "uniform" else rows
