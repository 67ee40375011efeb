"""The objective of Deep InfoMax: what is known about the input, globally and by location."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from skmist.nn.bound import MutualInfoBound
from skmist.nn.bounds import DonskerVaradhan, make_bound
from skmist.nn.critics import Critic, JointCritic, SeparableCritic
from skmist.nn.infomax_coordinates import AbsoluteCoordinates, RelativeCoordinates
from skmist.nn.infomax_encoders import Features, InfoMaxEncoder
from skmist.nn.infomax_occlusion import occlude
from skmist.nn.infomax_prior import PriorMatching

__all__ = ["InfoMax", "InfoMaxConfig", "InfoMaxTerms", "location_scores"]


@dataclass(frozen=True)
class InfoMaxConfig:
    """What is maximized, and by what means.

    Attributes
    ----------
    bound : str
        Name in `skmist.nn.BOUNDS` of a lower bound.
    critic : {"dot", "concat"}
        Encode-and-dot, or concatenate-and-convolve.
    alpha, beta, gamma, delta : float
        Weights of the global and the local information, of the match with the prior and of the
        coordinates; 0 leaves a term out.
    prior : {"uniform", "gaussian"}
    penalty : float
        See `PriorMatching`.
    coordinates : {"absolute", "relative", "both"}
    occlusion : float
        Share of the input that is hidden from the code.
    hidden_layer_sizes : sequence of int
        Of the critics.
    n_embedding : int
        Length of the embeddings of the critic ``"dot"``.
    """

    bound: str = "jensen_shannon"
    critic: str = "dot"
    alpha: float = 0.0
    beta: float = 1.0
    gamma: float = 0.0
    delta: float = 0.0
    prior: str = "uniform"
    penalty: float = 1.0
    coordinates: str = "absolute"
    occlusion: float = 0.0
    hidden_layer_sizes: Sequence[int] = (128,)
    n_embedding: int = 128


@dataclass(frozen=True)
class InfoMaxTerms:
    """Losses of a batch, each of shape (), nats.

    Attributes
    ----------
    loss : Tensor
        For all parameters but the discriminator's.
    discriminator : Tensor or None
        For the discriminator; None where there is no prior.
    parts : dict of Tensor
        Detached: ``"global"`` and ``"local"`` (how much better than knowing nothing, see
        `MutualInfoBound.advantage`), ``"prior"`` and ``"coordinates"`` (losses), those that have
        a weight.
    """

    loss: Tensor
    discriminator: Tensor | None
    parts: dict[str, Tensor]


def location_scores(critic: Critic, code: Tensor, local: Tensor) -> Tensor:
    """Score every code with every location of every row.

    The critic is the same at every location, as a 1 x 1 convolution is.

    Parameters
    ----------
    critic : Critic
    code : Tensor of shape (n, k)
    local : Tensor of shape (n, l, c)

    Returns
    -------
    scores : Tensor of shape (n, n, l)
        ``scores[i, j, s]`` is that of code i with location s of row j, in float32.
    """
    n, places, _ = local.shape
    return critic.scores(code, local.flatten(0, 1)).float().view(n, n, places)


class InfoMax(nn.Module):
    """An encoder with all that trains it [1]_.

    Maximizes ``alpha * I(map; Y) + beta * I(location of the map; Y)``, each by a bound, while
    Y is matched to a prior (weight gamma) and coordinates of locations are predicted (weight
    delta). One backward pass of ``loss + discriminator`` serves all players.

    Parameters
    ----------
    encoder : InfoMaxEncoder
    config : InfoMaxConfig

    References
    ----------
    .. [1] R. D. Hjelm et al. (2019), "Learning deep representations by mutual information
       estimation and maximization", ICLR, arXiv:1808.06670.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn.infomax import InfoMax, InfoMaxConfig
    >>> from skmist.nn.infomax_encoders import BlockTrunk, InfoMaxEncoder
    >>> encoder = InfoMaxEncoder(BlockTrunk(10, 4), torch.zeros(2, 10), [32], 5)
    >>> terms = InfoMax(encoder, InfoMaxConfig())(torch.randn(8, 10))
    >>> terms.loss.backward()
    """

    def __init__(self, encoder: InfoMaxEncoder, config: InfoMaxConfig) -> None:
        super().__init__()
        self.encoder, self.config = encoder, config
        n_code, grid = encoder.sizes["Y"], encoder.grid
        n_map = encoder.n_local * grid[0] * grid[1]
        self.bounds, self.critics = nn.ModuleDict(), nn.ModuleDict()
        for name, weight, width in (
            ("global", config.alpha, n_map),
            ("local", config.beta, encoder.n_local),
        ):
            if weight:
                self.bounds[name] = _make_bound(config.bound)
                self.critics[name] = self._make_critic(n_code, width)
        self.prior = None
        if config.gamma:
            self.prior = PriorMatching(n_code, config.prior, penalty=config.penalty)
        self.coordinates = nn.ModuleDict()
        if config.delta and config.coordinates in ("absolute", "both"):
            self.coordinates["absolute"] = AbsoluteCoordinates(n_code, encoder.n_local, grid)
        if config.delta and config.coordinates in ("relative", "both"):
            self.coordinates["relative"] = RelativeCoordinates(encoder.n_local, grid)

    def _make_critic(self, n_code: int, n_other: int) -> Critic:
        widths = tuple(self.config.hidden_layer_sizes)
        if self.config.critic == "concat":
            return JointCritic(n_code, n_other, widths, shortcut=False)
        return SeparableCritic(n_code, n_other, widths, n_embedding=self.config.n_embedding)

    # a ModuleDict forgets what it holds
    def _critic(self, name: str) -> Critic:
        return cast(Critic, self.critics[name])

    def _bound(self, name: str) -> MutualInfoBound:
        return cast(MutualInfoBound, self.bounds[name])

    def features(self, rows: Tensor, generator: torch.Generator | None = None) -> Features:
        """Features of rows (n, ...): the code of what is left of them, the map of all."""
        whole = self.encoder(rows)
        if not self.config.occlusion:
            return whole
        seen = self.encoder(occlude(rows, self.config.occlusion, generator))
        return whole._replace(fc=seen.fc, code=seen.code)

    def scores(self, features: Features) -> dict[str, Tensor]:
        """Scores of all pairs: ``"global"`` (n, n) and ``"local"`` (n, n, l)."""
        found = {}
        local = features.local.flatten(2).transpose(1, 2)
        if "global" in self.critics:
            flat = features.local.flatten(1)
            found["global"] = self._critic("global").scores(features.code, flat).float()
        if "local" in self.critics:
            found["local"] = location_scores(self._critic("local"), features.code, local)
        return found

    def forward(self, rows: Tensor, generator: torch.Generator | None = None) -> InfoMaxTerms:
        """Losses of a batch of rows (n, ...), at least 2; the generator is one of the CPU."""
        config, features = self.config, self.features(rows, generator)
        weights = {"global": config.alpha, "local": config.beta}
        loss, parts = rows.new_zeros(()), {}
        for name, scores in self.scores(features).items():
            loss = loss + weights[name] * self._bound(name).loss(scores)
            parts[name] = self._bound(name).advantage(scores.detach())
        discriminator = None
        if self.prior is not None:
            with torch.autocast(rows.device.type, enabled=False):
                discriminator, prior = self.prior(features.code.float(), generator)
            loss, parts["prior"] = loss + config.gamma * prior, prior.detach()
        if config.delta:
            missed = self._coordinate_loss(features, generator)
            loss, parts["coordinates"] = loss + config.delta * missed, missed.detach()
        return InfoMaxTerms(loss, discriminator, parts)

    @torch.no_grad()
    def information(self, rows: Tensor) -> dict[str, Tensor]:
        """``"global"`` and ``"local"`` as in `InfoMaxTerms.parts`, of rows (n, ...)."""
        found = self.scores(self.encoder(rows))
        return {name: self._bound(name).advantage(scores) for name, scores in found.items()}

    def output(self, rows: Tensor, layer: str) -> Tensor:
        """A layer (n, d) of rows (n, ...): "conv", "fc" or "Y", in the support of the prior."""
        features = self.encoder(rows)
        if layer != "Y":
            return getattr(features, layer)
        return features.code if self.prior is None else self.prior.squash(features.code)

    def _coordinate_loss(self, features: Features, generator: torch.Generator | None) -> Tensor:
        local = features.local.flatten(2).transpose(1, 2)
        losses = []
        if "absolute" in self.coordinates:
            losses.append(self.coordinates["absolute"](features.code, local))
        if "relative" in self.coordinates:
            losses.append(self.coordinates["relative"](local, generator))
        return torch.stack(losses).sum()


def _make_bound(name: str) -> MutualInfoBound:
    # A partition averaged over batches is that of an encoder that has moved on.
    return DonskerVaradhan(rate=1.0) if name == "donsker_varadhan" else make_bound(name)
