"""The net of the information bottleneck: a noisy encoder and a linear decoder; torch only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.distributions import Normal

__all__ = [
    "ENCODERS",
    "AdditiveEncoder",
    "BottleneckNet",
    "Encoder",
    "GaussianEncoder",
    "PropagatedEncoder",
]

_MAX_LOG_SPREAD = 5.0


def _standardizing(n_columns: int) -> nn.BatchNorm1d:
    """Mean and spread of each column of the code, by batch in training, then learned.

    Information does not know scales, and a code whose columns drift apart in theirs is learned
    slowly. The means that serve new rows are those over the batches of the last pass.
    """
    return nn.BatchNorm1d(n_columns, momentum=None)


def _perceptron(sizes: Sequence[int], dropout: float) -> nn.Sequential:
    """Linear layers with ReLU and dropout between them."""
    layers: list[nn.Module] = []
    for n_in, n_out in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers[:-2])


class Encoder(nn.Module):
    """Base of the encoders: Z is a function of X and of standard normal noise of k columns.

    Attributes
    ----------
    n_noise : int
        Columns of the noise.
    n_channel : int
        Columns of what `channel` returns.
    has_law : bool
        Whether the law of Z given X is at hand, as a Gaussian.
    """

    n_noise: int
    n_channel: int
    has_law = True

    def channel(self, x: Tensor) -> Tensor:
        """What Z depends on X through, (n, n_channel): I(X; Z) is its MI with Z, exactly."""
        raise NotImplementedError

    def send(self, channel: Tensor, noise: Tensor) -> Tensor:
        """Z of shape (..., n, k) from the channel (n, n_channel) and noise (..., n, k)."""
        raise NotImplementedError

    def law(self, channel: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log spread of the Gaussian law of Z given X, each (n, k)."""
        raise NotImplementedError

    def log_density(self, channel: Tensor, z: Tensor) -> Tensor:
        """Log density (n,) of each row of Z given its X, nats, where there is a law."""
        mean, log_spread = self.law(channel)
        return Normal(mean, log_spread.exp()).log_prob(z).sum(-1)


class GaussianEncoder(Encoder):
    """``Z = mean(X) + spread(X) * noise``, both learned; each column of Z has its own."""

    def __init__(self, sizes: Sequence[int], dropout: float, noise_scale: float) -> None:
        super().__init__()
        *hidden, self.n_noise = sizes
        self.n_channel = 2 * self.n_noise
        self.of_x = _perceptron((*hidden, self.n_channel), dropout)
        self.scale = _standardizing(self.n_noise)
        with torch.no_grad():
            cast(nn.Linear, self.of_x[-1]).bias[self.n_noise :] += math.log(noise_scale)

    def channel(self, x: Tensor) -> Tensor:
        """Mean and log spread, side by side."""
        mean, log_spread = self.of_x(x).chunk(2, dim=-1)
        bounded = _MAX_LOG_SPREAD * torch.tanh(log_spread / _MAX_LOG_SPREAD)
        return torch.cat([self.scale(mean), bounded], dim=-1)

    def send(self, channel: Tensor, noise: Tensor) -> Tensor:
        """``mean + spread * noise``."""
        mean, log_spread = self.law(channel)
        return mean + torch.exp(log_spread) * noise

    def law(self, channel: Tensor) -> tuple[Tensor, Tensor]:
        """The two halves of the channel."""
        mean, log_spread = channel.chunk(2, dim=-1)
        return mean, log_spread


class AdditiveEncoder(Encoder):
    """``Z = h(X) + noise_scale * noise``; a scale of 0 leaves a plain net."""

    def __init__(self, sizes: Sequence[int], dropout: float, noise_scale: float) -> None:
        super().__init__()
        self.n_noise = self.n_channel = sizes[-1]
        self.noise_scale = noise_scale
        self.of_x = _perceptron(sizes, dropout)
        self.scale = _standardizing(self.n_noise)

    def channel(self, x: Tensor) -> Tensor:
        """``h(X)``."""
        return self.scale(self.of_x(x))

    def send(self, channel: Tensor, noise: Tensor) -> Tensor:
        """``h + noise_scale * noise``."""
        return channel + self.noise_scale * noise

    def law(self, channel: Tensor) -> tuple[Tensor, Tensor]:
        """``h`` and the log of the scale."""
        return channel, torch.full_like(channel, self.noise_scale).log()


class PropagatedEncoder(Encoder):
    """``Z = h(X, noise_scale * noise)``: the net shapes the noise, Z has no density at hand."""

    has_law = False

    def __init__(self, sizes: Sequence[int], dropout: float, noise_scale: float) -> None:
        super().__init__()
        n_features, *rest = sizes
        self.n_channel, self.n_noise = n_features, sizes[-1]
        self.noise_scale = noise_scale
        self.of_both = _perceptron((n_features + self.n_noise, *rest), dropout)
        self.scale = _standardizing(self.n_noise)

    def channel(self, x: Tensor) -> Tensor:
        """X itself."""
        return x

    def send(self, channel: Tensor, noise: Tensor) -> Tensor:
        """The net of X beside the noise."""
        rows = channel.expand(*noise.shape[:-1], self.n_channel)
        code = self.of_both(torch.cat([rows, self.noise_scale * noise], dim=-1))
        return self.scale(code.flatten(0, -2)).view_as(code)


ENCODERS = {
    "gaussian": GaussianEncoder,
    "additive": AdditiveEncoder,
    "propagated": PropagatedEncoder,
}
"""The encoders by name."""


class BottleneckNet(nn.Module):
    """Noisy encoder, and a linear decoder from Z to the logits of the classes.

    Parameters
    ----------
    encoder : {"gaussian", "additive", "propagated"}
    sizes : sequence of int
        Columns of X, widths of the hidden layers, columns of Z.
    n_classes : int
    dropout, noise_scale : float
    """

    def __init__(
        self,
        encoder: str,
        sizes: Sequence[int],
        n_classes: int,
        dropout: float,
        noise_scale: float,
    ) -> None:
        super().__init__()
        self.encoder = ENCODERS[encoder](sizes, dropout, noise_scale)
        self.decoder = nn.Linear(sizes[-1], n_classes)

    def begin_pass(self) -> None:
        """Forget what earlier passes over the rows have left of their means."""
        for part in self.modules():
            if isinstance(part, nn.BatchNorm1d):
                part.reset_running_stats()

    def noise_like(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Standard normal noise (n, k) for the rows of x."""
        shape = (len(x), self.encoder.n_noise)
        return torch.randn(shape, generator=generator, device=x.device, dtype=x.dtype)

    def log_probabilities(self, x: Tensor, noise: Tensor) -> Tensor:
        """Log of the class probabilities (n, C), averaged over noise (draws, 1, k)."""
        logits = self.decoder(self._draws(x, noise))
        return torch.logsumexp(logits.log_softmax(-1), 0) - math.log(len(noise))

    def embedding(self, x: Tensor, noise: Tensor) -> Tensor:
        """Mean of Z given X, (n, k): exact where the encoder has a law, else over the draws."""
        if self.encoder.has_law:
            return self.encoder.law(self.encoder.channel(x))[0]
        return self._draws(x, noise).mean(0)

    def _draws(self, x: Tensor, noise: Tensor) -> Tensor:
        channel = self.encoder.channel(x)
        return self.encoder.send(channel, noise.expand(-1, len(x), -1))
