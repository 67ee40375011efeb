"""What the trainings of nets have in common: batches, folds, learning rates, when to stop."""

from __future__ import annotations

__all__ = [
    "AveragedTrainer",
    "EarlyStopping",
    "batches",
    "cosine",
    "count_batches",
    "folds",
    "set_rates",
]

import copy
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

_WARM_UP = 20
_WEIGHT_DECAY = 1e-4
_MAX_GRADIENT = 1.0
_AVERAGING = 0.95


def folds(n: int, k: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Hold out each of k random parts of n rows in turn.

    Yields
    ------
    seen, held_out : Tensor of int64
        Row numbers, in random order.
    """
    parts = torch.randperm(n, generator=generator).tensor_split(k)
    for i, held_out in enumerate(parts):
        yield torch.cat([part for j, part in enumerate(parts) if j != i]), held_out


def count_batches(n: int, size: int) -> int:
    """How many batches of about `size` rows there are in n, each of 2 rows at least."""
    # a batch of one row has no other to be told from
    return max(1, min(round(n / size), n // 2))


def batches(
    n: int, size: int, generator: torch.Generator, device: torch.device | str | None = None
) -> Iterator[Tensor]:
    """Row numbers of n rows in random order, in batches of about `size`.

    They are on `device`, by default that of the generator.
    """
    order = torch.randperm(n, generator=generator, device=generator.device)
    yield from order.to(device or generator.device).tensor_split(count_batches(n, size))


def cosine(step: int, n_steps: int) -> float:
    """Share of the learning rate at a step: from 1 at 0 down to 0 at `n_steps`."""
    return 0.5 * (1.0 + math.cos(math.pi * step / n_steps))


def set_rates(optimizer: torch.optim.Optimizer, step: int, share: float) -> None:
    """Set the learning rates of a step, counted from 1, to a share of the full ones.

    The full rate of a group is its ``"full_lr"``, or the optimizer's.
    """
    # Adam's first steps are as long as its rate, whatever the gradient
    share *= min(1.0, step / _WARM_UP)
    for group in optimizer.param_groups:
        group["lr"] = group.get("full_lr", optimizer.defaults["lr"]) * share


class EarlyStopping:
    """The best state of a net by its values on validation rows, and whether to stop.

    Parameters
    ----------
    net : nn.Module
    patience : int or None
        How many values in turn may be no better than the best; None never stops, and keeps no
        state.
    tol : float
        How much a value must exceed the best to be better.

    Attributes
    ----------
    value : float
        The best so far, at first minus infinity.
    """

    def __init__(self, net: nn.Module, patience: int | None, tol: float = 0.0) -> None:
        self.net, self.patience, self.tol = net, patience, tol
        self.value, self._waited = -math.inf, 0
        self._state: dict[str, Tensor] | None = None

    def see(self, value: float) -> None:
        """Take note of the value of the net as it is now."""
        self._waited += 1
        if value > self.value + self.tol:
            self.value, self._waited = value, 0
            if self.patience is not None:
                self._state = copy.deepcopy(self.net.state_dict())

    @property
    def is_over(self) -> bool:
        """Whether nothing better came for so long that training should stop."""
        return self.patience is not None and self._waited >= self.patience

    def restore(self) -> None:
        """Set the net back to its best state, where one was kept."""
        if self._state is not None:
            self.net.load_state_dict(self._state)


class AveragedTrainer:
    """AdamW with a cosine schedule; the net that counts is the moving average of weights.

    Subclasses implement `loss`.

    Parameters
    ----------
    net : nn.Module
    plan : object
        With ``learning_rate_init``, ``batch_size`` and ``max_iter``.
    generator : torch.Generator
        Source of the order of rows.

    Attributes
    ----------
    average : nn.Module
        A copy of the net, with the averaged weights.
    """

    def __init__(self, net: nn.Module, plan: Any, generator: torch.Generator) -> None:
        self.net, self.plan, self.generator = net, plan, generator
        self.average = copy.deepcopy(net)

    def loss(self, rows: Tensor) -> Tensor:
        """Loss, shape (), of the batch that has these row numbers."""
        raise NotImplementedError

    def groups(self) -> list[dict[str, Any]]:
        """What is trained, as groups of parameters; all alike where not overridden."""
        return [{"params": list(self.net.parameters())}]

    def epochs(self, n: int) -> Iterator[float]:
        """Train on n rows; the mean loss of each epoch."""
        plan, device = self.plan, next(self.net.parameters()).device
        rate, n_batches = plan.learning_rate_init, count_batches(n, plan.batch_size)
        optimizer = torch.optim.AdamW(
            self.groups(), lr=rate, weight_decay=_WEIGHT_DECAY, foreach=True
        )
        step, n_steps = 0, plan.max_iter * n_batches
        for _ in range(plan.max_iter):
            total = torch.zeros((), dtype=torch.float64, device=device)
            for rows in batches(n, plan.batch_size, self.generator, device):
                step += 1
                set_rates(optimizer, step, cosine(step, n_steps))
                total += self._step(optimizer, rows, step)
            yield float(total) / n_batches

    def _step(self, optimizer: torch.optim.Optimizer, rows: Tensor, step: int) -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        loss = self.loss(rows)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), _MAX_GRADIENT)
        optimizer.step()
        newest = 1.0 - min(_AVERAGING, step / (step + 1.0))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.net.parameters(), strict=True):
                mean.lerp_(value, newest)
        return loss.detach()
