"""Training of the information bottleneck, and bounds on what its code carries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from skmist.bottleneck.net import BottleneckNet
from skmist.nn import (
    DonskerVaradhan,
    InfoNCE,
    MISTInformation,
    MISTNet,
    MutualInfoLoss,
    SeparableCritic,
)
from skmist.nn.gradient.law import KnownChannel
from skmist.nn.training import EarlyStopping, batches

__all__ = ["BottleneckTrainer", "History", "Recipe", "density_bound", "vib_rate"]

_BLOCK = 4096
_ASKED_EVERY = 4


@dataclass(frozen=True)
class Recipe:
    """How a net is trained; the fields are the classifier's parameters of the same names."""

    regularizer: str | None
    beta: float
    bound: str
    critic_hidden_layer_sizes: tuple[int, ...]
    label_smoothing: float
    learning_rate_init: float
    batch_size: int
    patience: int | None
    """`n_iter_no_change`, or None without early stopping."""
    pretrained: MISTNet | None = None
    """The net of the regularizer "mist"."""


class History(NamedTuple):
    """What happened in every pass: loss and information in nats, accuracy on held-out rows."""

    losses: list[float]
    information: list[float]
    scores: list[float]


def vib_rate(net: BottleneckNet, channel: Tensor) -> Tensor:
    """Mean KL divergence, nats, of the law of Z given X from the standard normal, shape ().

    An upper bound of I(X; Z), tight where the standard normal is the marginal law of Z.
    """
    mean, log_spread = net.encoder.law(channel)
    divergence = 0.5 * (mean**2 + torch.exp(2.0 * log_spread) - 1.0) - log_spread
    return divergence.sum(-1).mean()


class BottleneckTrainer:
    """A net in training.

    Parameters
    ----------
    net : BottleneckNet
    recipe : Recipe
    generator : torch.Generator
        Source of the noise and of the order of rows.
    """

    def __init__(self, net: BottleneckNet, recipe: Recipe, generator: torch.Generator) -> None:
        self.net, self.recipe, self.generator = net, recipe, generator
        players: list[torch.nn.Module] = [net]
        self.information: MutualInfoLoss | None = None
        self.told = None if recipe.pretrained is None else MISTInformation(recipe.pretrained)
        self._latest, self._n_steps, self._begins = torch.zeros(()), 0, True
        if recipe.regularizer == "mine":
            self.information = self._information_loss()
            players.append(self.information)
        parameters = [p for player in players for p in player.parameters()]
        self.optimizer = torch.optim.Adam(parameters, lr=recipe.learning_rate_init)

    def _information_loss(self) -> MutualInfoLoss:
        encoder, widths = self.net.encoder, self.recipe.critic_hidden_layer_sizes
        critic = SeparableCritic(encoder.n_channel, self.net.decoder.in_features, widths)
        critic = critic.to(self.net.decoder.weight)
        bound: str | DonskerVaradhan = self.recipe.bound
        if bound == "donsker_varadhan":
            # A partition averaged over batches is that of an encoder that has moved on: after one
            # large value it holds the gradient near 0 for many batches, and the critic runs off.
            bound = DonskerVaradhan(rate=1.0)
        return MutualInfoLoss(bound, critic, direction="minimize")

    def run(
        self,
        rows: tuple[Tensor, Tensor],
        held_out: tuple[Tensor, Tensor],
        noise: Tensor,
        passes: Iterable,
    ) -> History:
        """Pass over the rows until the end, or until the accuracy on the held-out rows stalls.

        Parameters
        ----------
        rows, held_out : tuple of Tensor of shape (n, p) and (n,)
        noise : Tensor of shape (draws, 1, k)
            For the accuracy.
        passes : iterable
            One item for each pass, at most.
        """
        history = History([], [], [])
        best = EarlyStopping(self.net, self.recipe.patience)
        for _ in passes:
            loss, information = self.epoch(*rows)
            score = self.accuracy(*held_out, noise)
            for curve, value in zip(history, (loss, information, score), strict=True):
                curve.append(value)
            best.see(score)
            if best.is_over:
                break
        best.restore()
        return history

    def epoch(self, x: Tensor, y: Tensor) -> tuple[float, float]:
        """Pass once over the rows.

        Parameters
        ----------
        x : Tensor of shape (n, p)
        y : Tensor of shape (n,)
            Codes of the classes.

        Returns
        -------
        loss, information : float
            Means over the rows, nats; the information is 0 without a regularizer.
        """
        self.net.train()
        self.net.begin_pass()
        self._begins = True
        totals = torch.zeros(2, device=x.device)
        for rows in batches(len(x), self.recipe.batch_size, self.generator):
            totals += len(rows) * self._step(x[rows], y[rows])
        loss, information = (totals / len(x)).tolist()
        return loss, information

    @torch.no_grad()
    def accuracy(self, x: Tensor, y: Tensor, noise: Tensor) -> float:
        """Share of rows whose most probable class is y, with noise (draws, 1, k)."""
        self.net.eval()
        predicted = self.net.log_probabilities(x, noise).argmax(1)
        return float((predicted == y).float().mean())

    def _step(self, x: Tensor, y: Tensor) -> Tensor:
        channel = self.net.encoder.channel(x)
        z = self.net.encoder.send(channel, self.net.noise_like(x, self.generator))
        smoothing = self.recipe.label_smoothing
        loss = cross_entropy(self.net.decoder(z), y, label_smoothing=smoothing)
        penalty, information = self._penalty(channel, z)
        self.optimizer.zero_grad(set_to_none=True)
        (loss + penalty).backward()
        self.optimizer.step()
        return torch.stack([loss.detach() + self.recipe.beta * information, information])

    def _penalty(self, channel: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Term to be minimized, and the information that it stands for, detached."""
        if self.recipe.regularizer is None:
            zero = z.new_zeros(())
            return zero, zero
        if self.told is not None:
            is_known = self.net.encoder.has_law
            told = self._known_penalty if is_known else self._told_penalty
            return told(self.told, channel, z)
        if self.information is None:
            rate = vib_rate(self.net, channel)
            return self.recipe.beta * rate, rate.detach()
        # The weight goes to the encoder's gradient, not to the critic's. Below 0 the critic is at
        # fault and nothing is left to lower: the encoder would only run from its critic.
        weight = self.recipe.beta * float(self._latest > 0.0)
        weighted = z.detach() + weight * (z - z.detach())
        loss, self._latest = self.information(_standard(channel.detach()), _standard(weighted))
        return loss, self._latest

    def _known_penalty(
        self, told: MISTInformation, channel: Tensor, z: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The same with the law of Z given X, which is known, and that of Z, fitted to the batch.

        The pretrained net tells the value, which no gradient needs, once in a pass.
        """
        if self._begins:
            with torch.no_grad():
                self._latest = told(channel, z).mi
            self._begins = False
        generator = torch.Generator().manual_seed(0)
        law = KnownChannel(z.detach().double(), self.net.encoder.log_density, generator)
        # the channel moves with its code: were it held, the noise of z would be in the gradient
        information = law.log_ratio(channel.double(), z.double()).mean()
        return self.recipe.beta * information.to(z.dtype), self._latest

    def _told_penalty(
        self, told: MISTInformation, channel: Tensor, z: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The same where nothing is known: asked in some steps, which then count for all.

        An answer costs more than a step does, and little changes from one step to the next.
        """
        self._n_steps += 1
        if self._n_steps % _ASKED_EVERY != 1:
            return z.new_zeros(()), self._latest
        information = told(channel, z).mi
        self._latest = information.detach()
        return _ASKED_EVERY * self.recipe.beta * information, self._latest


def _standard(rows: Tensor) -> Tensor:
    """Rows (n, k) whose columns have mean 0 and spread 1, both fixed for the gradient.

    The MI stays, and a critic is not outrun by growth of the scale.
    """
    spread, mean = torch.std_mean(rows.detach(), 0, correction=0)
    return (rows - mean) / (spread + 1e-6)


@torch.no_grad()
def density_bound(
    net: BottleneckNet, x: Tensor, generator: torch.Generator, n_draws: int = 16
) -> float:
    """InfoNCE bound of I(X; Z), nats, on rows x (n, p), for an encoder that has a law.

    The critic is the density of Z given X, the best that there is. Mean over draws of Z, and over
    blocks of at most 4,096 rows, since all pairs of a block are held at once.
    """
    total = 0.0
    for rows in x.tensor_split(-(-len(x) // _BLOCK)):
        channel = net.encoder.channel(rows)
        for _ in range(n_draws):
            z = net.encoder.send(channel, net.noise_like(rows, generator))
            # each z looks for its x: the mean over x of the density is that of z
            total += len(rows) * float(InfoNCE()(_log_density(net, channel, z).T))
    return total / (n_draws * len(x))


def _log_density(net: BottleneckNet, channel: Tensor, z: Tensor) -> Tensor:
    """``log p(z_j | x_i)``, (n, m), up to a constant."""
    mean, log_spread = net.encoder.law(channel)
    precision = torch.exp(-2.0 * log_spread)
    squares = precision @ (z**2).T - 2.0 * (precision * mean) @ z.T
    own = (precision * mean**2 + 2.0 * log_spread).sum(-1, keepdim=True)
    return -0.5 * (squares + own)
