"""Training of Deep InfoMax."""

from __future__ import annotations

__all__ = ["Recipe", "Trainer"]

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from skmist.nn.infomax import InfoMax
from skmist.nn.training import EarlyStopping, batches, cosine, count_batches, set_rates

_ADVERSARY_BETAS = (0.5, 0.99)
_CHUNK = 1024


@dataclass(frozen=True)
class Recipe:
    """How the nets are trained; `skmist.DeepInfoMax` has parameters of the same names."""

    learning_rate_init: float
    batch_size: int
    max_iter: int
    precision: str
    patience: int | None
    """`n_iter_no_change`, or None without early stopping."""


class Trainer:
    """Nets in training: Adam, for the discriminator of the prior apart from all others.

    Parameters
    ----------
    net : InfoMax
    recipe : Recipe
    seed : int
        Decides the order of rows, what is hidden, and the draws of the prior.

    Attributes
    ----------
    history : dict of list of float
        By epoch: ``"loss"``, the parts of `InfoMaxTerms` (means over batches), and
        ``"validation"``.
    """

    def __init__(self, net: InfoMax, recipe: Recipe, seed: int) -> None:
        self.net, self.recipe = net, recipe
        self.generator = torch.Generator().manual_seed(seed)
        others = [p for name, p in net.named_parameters() if not name.startswith("prior.")]
        groups: list[dict] = [{"params": others}]
        if net.prior is not None:
            groups.append({"params": list(net.prior.parameters()), "betas": _ADVERSARY_BETAS})
        self.optimizer = torch.optim.Adam(groups, lr=recipe.learning_rate_init)
        self.history: dict[str, list[float]] = {}
        self.n_steps = 0

    @property
    def device(self) -> torch.device:
        """Where the nets are."""
        return next(self.net.parameters()).device

    def to(self, device: str | torch.device) -> Trainer:
        """Move the nets and the optimizer's averages."""
        self.net.to(device)
        for state in self.optimizer.state.values():
            # the count of steps stays where Adam has put it
            state.update({k: v.to(device) for k, v in state.items() if k != "step"})
        return self

    def run(
        self, rows: np.ndarray, held_out: np.ndarray | None, progress: Callable[[], object]
    ) -> None:
        """Train to the end, or until the held-out rows say that it is enough.

        Parameters
        ----------
        rows : ndarray of shape (n, ...), float32
        held_out : ndarray of shape (m, ...) or None
        progress : callable
            Called after each epoch.
        """
        best = EarlyStopping(self.net, self.recipe.patience)
        total = self.recipe.max_iter * self._n_batches(len(rows))
        for _ in range(self.recipe.max_iter):
            self.epoch(rows, lambda step: cosine(step - 1, total))
            progress()
            if held_out is None:
                continue
            value = self.information(held_out)
            self.history.setdefault("validation", []).append(value)
            best.see(value)
            if best.is_over:
                break
        best.restore()
        if not total or self.net.config.occlusion:
            # means over steps without any, or over rows that were partly hidden
            self.settle(rows)

    def epoch(self, rows: np.ndarray, rate: Callable[[int], float]) -> None:
        """Pass once over rows (n, ...); the learning rate is multiplied by `rate` of the step."""
        sums: dict[str, Tensor] = {}
        self.net.train()
        for batch in self._batches(rows):
            self.n_steps += 1
            set_rates(self.optimizer, self.n_steps, rate(self.n_steps))
            for name, value in self._step(batch).items():
                sums[name] = sums.get(name, 0.0) + value
        self.net.eval()
        for name, value in sums.items():
            mean = float(value) / self._n_batches(len(rows))
            self.history.setdefault(name, []).append(mean)

    @torch.no_grad()
    def settle(self, rows: np.ndarray) -> None:
        """Let batch normalization take its means and spreads from rows (n, ...) anew."""
        norms = [m for m in self.net.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        kept = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the plain mean over batches
        self.net.train()
        for batch in self._batches(rows):
            self.net.encoder(batch)
        self.net.eval()
        for norm, momentum in zip(norms, kept, strict=True):
            norm.momentum = momentum

    def information(self, rows: np.ndarray) -> float:
        """Weighted information, nats, of rows (n, ...), in blocks of about one batch."""
        config, total = self.net.config, 0.0
        weights = {"global": config.alpha, "local": config.beta}
        for block in np.array_split(rows, self._n_batches(len(rows))):
            found = self.net.information(self._tensor(block))
            total += len(block) * sum(weights[name] * float(v) for name, v in found.items())
        return total / len(rows)

    @torch.inference_mode()
    def output(self, rows: np.ndarray, layer: str) -> np.ndarray:
        """A layer (n, d) of rows (n, ...), float32.

        Rows of tables (n, p) go through the net in double precision on the CPU, so that a row's
        answer does not depend on its place: products of single precision round the rows beside
        a block of lanes otherwise.
        """
        net = self.net
        if rows.ndim == 2 and self.device.type == "cpu":
            net, rows = copy.deepcopy(net).double(), rows.astype(np.float64)
        chunks = (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
        found = [net.output(self._tensor(chunk), layer).cpu() for chunk in chunks]
        return torch.cat(found).float().numpy()

    def _step(self, batch: Tensor) -> dict[str, Tensor]:
        self.optimizer.zero_grad(set_to_none=True)
        half = self.recipe.precision == "bfloat16"
        with torch.autocast(batch.device.type, torch.bfloat16, enabled=half):
            terms = self.net(batch, self.generator)
        loss = terms.loss if terms.discriminator is None else terms.loss + terms.discriminator
        loss.backward()
        self.optimizer.step()
        return {"loss": terms.loss.detach(), **terms.parts}

    def _n_batches(self, n: int) -> int:
        return count_batches(n, self.recipe.batch_size)

    def _batches(self, rows: np.ndarray) -> Iterator[Tensor]:
        for places in batches(len(rows), self.recipe.batch_size, self.generator):
            yield self._tensor(rows[places.numpy()])

    def _tensor(self, rows: np.ndarray) -> Tensor:
        return torch.as_tensor(rows).to(self.device, non_blocking=True)

    def __getstate__(self) -> dict:
        # older versions of torch cannot pickle a generator
        return {**self.__dict__, "generator": self.generator.get_state()}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self.generator = torch.Generator()
        self.generator.set_state(state["generator"])
