"""One net in training: its loss, its update, its average, its running figures."""

from __future__ import annotations

import copy
import math
from collections import defaultdict

import torch

from skmist._device import halves_pay
from skmist.nn import QUANTILE_LEVELS, MISTNet, NetConfig, expand
from skmist.pretrain.checkpoint import Learned
from skmist.pretrain.config import TrainingConfig
from skmist.pretrain.losses import Losses, total_losses
from skmist.pretrain.reading import TrainingBatch
from skmist.pretrain.transplant import transplant
from skmist.pretrain.world import World

__all__ = ["Learner", "learning_rate"]

_N_BUCKETS = (100, 300, 1000, 3000, 10_000)
_MEDIAN = QUANTILE_LEVELS.index(0.5)
_LOW, _HIGH = QUANTILE_LEVELS.index(0.05), QUANTILE_LEVELS.index(0.95)


class Learner:
    """A net, its optimizer and the average of its weights.

    Parameters
    ----------
    net : NetConfig
    training : TrainingConfig
    world : World
        The processes that train this net together.

    Attributes
    ----------
    precision : torch.dtype
        Of the attention blocks, as the device computes faster.
    """

    def __init__(self, net: NetConfig, training: TrainingConfig, world: World) -> None:
        torch.manual_seed(training.seed)
        self.training, self.world = training, world
        wanted = training.precision == "bfloat16" and halves_pay(world.device.type)
        self.precision = torch.bfloat16 if wanted else torch.float32
        self.net = MISTNet(net).to(world.device)
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        plain = [p for p in self.net.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": training.weight_decay},
                {"params": plain, "weight_decay": 0.0},
            ],
            lr=training.learning_rate,
            betas=(0.9, 0.98),
            fused=True,
        )
        self.figures = _Figures()

    def start_from(self, net: MISTNet) -> None:
        """Take over the weights of a net of the same sizes, or of one that reads less."""
        for own in (self.net, self.average):
            if own.config.extended and not net.config.extended:
                transplant(net, own)
            else:
                own.load_state_dict(net.state_dict())

    def learn(self, batches: list[TrainingBatch], step: int) -> None:
        """One optimizer step; these batches are this process's share of those of the step."""
        self.optimizer.zero_grad(set_to_none=True)
        for batch in batches:
            losses, quantiles = self._losses(batch)
            (losses.total * batch.weight).backward()
            self.figures.add(batch, losses, quantiles)
        self.world.sum_gradients(self.net.parameters())
        self._update(step)

    def _losses(self, batch: TrainingBatch) -> tuple[Losses, torch.Tensor]:
        training = self.training
        masked = batch.masked if self.net.config.depth else None
        with torch.autocast(
            self.world.device.type, dtype=torch.bfloat16, enabled=self.precision == torch.bfloat16
        ):
            quantiles, pointwise, hidden = self.net(batch.statistics, masked)
        losses = total_losses(
            quantiles,
            pointwise,
            hidden,
            (batch.mi, batch.pointwise, batch.masked_pointwise),
            (training.pointwise_weight, training.masked_weight),
            batch.statistics.sample.unit,
        )
        return losses, quantiles.detach()

    def _update(self, step: int) -> None:
        training = self.training
        norm = torch.nn.utils.clip_grad_norm_(self.net.parameters(), training.gradient_clip)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(training, step)
        # Deciding on the host would wait for the device every step, so a non-finite
        # gradient becomes a zero one there, and the log counts it.
        broken = ~torch.isfinite(norm)
        self.figures.broken.append(broken)
        for p in self.net.parameters():
            if p.grad is not None:
                p.grad.masked_fill_(broken, 0.0)
        self.optimizer.step()
        keep = min(training.average, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.parameters()), list(self.net.parameters()), 1 - keep
            )

    @property
    def learned(self) -> Learned:
        """What a checkpoint holds."""
        return self.net, self.average, self.optimizer


def learning_rate(training: TrainingConfig, step: int) -> float:
    """The learning rate of a step."""
    if step < training.warmup_steps:
        return training.learning_rate * (step + 1) / training.warmup_steps
    most = max(1, training.steps - training.warmup_steps)
    length = most if training.decay_steps is None else min(training.decay_steps, most)
    done = max(0.0, 1.0 - (training.steps - step) / length)
    low, high = training.final_learning_rate, training.learning_rate
    return low + (high - low) * 0.5 * (1 + math.cos(math.pi * done))


class _Figures:
    """Losses, error in nats and coverage since the last line; the data are always fresh."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, torch.Tensor]] = []
        self.broken: list[torch.Tensor] = []

    def add(self, batch: TrainingBatch, losses: Losses, quantiles: torch.Tensor) -> None:
        nats = expand(quantiles)
        error = (nats[:, _MEDIAN] - batch.mi).abs().mean()
        inside = (nats[:, _LOW] <= batch.mi) & (batch.mi <= nats[:, _HIGH])
        values = [error, inside.float().mean(), losses.quantile, losses.pointwise, losses.masked]
        self.entries.append((batch.n, torch.stack([v.detach() for v in values])))

    def flush(self) -> str:
        """One line of text; starts anew."""
        groups: dict[int, list[torch.Tensor]] = defaultdict(list)
        for n, values in self.entries:
            groups[sum(n > b for b in _N_BUCKETS)].append(values)
        everything = torch.stack([v for _, v in self.entries]).mean(0).tolist()
        line = "pinball {2:.4f} pointwise {3:.3f} masked {4:.3f} cover {1:.3f}".format(*everything)
        names = [f"n<={b}" for b in _N_BUCKETS] + [f"n>{_N_BUCKETS[-1]}"]
        errors = [
            f"{names[i]} {torch.stack(groups[i]).mean(0)[0].item():.3f}" for i in sorted(groups)
        ]
        broken = int(torch.stack(self.broken).sum())
        if broken:
            errors.append(f"{broken} steps without a finite gradient")
        self.entries, self.broken = [], []
        return " | ".join([line, "error " + " ".join(errors)])
