"""A generator that misses modes, and one that is paid for the information it keeps.

    python doc/examples/gan_modes.py

A small generative adversarial net (GAN) learns 25 Gaussians on a grid and a Swiss roll. Its
generator gets noise of two parts, ``eps`` and ``c``. In the second run of each pair it also
maximizes the mutual information ``I(G(eps, c); c)`` (Belghazi et al. 2018, section 5.1,
arXiv:1801.04062): samples that tell their ``c`` apart cannot all fall into a few modes. The
gradient of that term is clipped to the length of the GAN's own, as in the paper.

The figure shows samples of the first seed beside the data; ``results/gan.csv`` has, for every
seed (5, but 1 for the roll) and out of 2,500 samples, the share of good ones (within 3 standard
deviations of the nearest mode, or of the roll), the modes covered (at least one good sample; the
roll is cut into 25 pieces of equal probability) and how unevenly the good ones fall on the modes
(Kullback-Leibler divergence from the uniform law, nats). A full run takes some 4 minutes of one
core.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from _runs import collect, one_thread, options
from torch import Tensor, nn
from torch.nn.functional import softplus

from skmist.nn import MutualInfoLoss, SeparableCritic, backward_with_adaptive_clip

N_MODES = 25
N_ASKED = 2500
N_DRAWN = 1000
BATCH = 128
N_EPS = N_C = 2
LEARNING_RATE = 2e-3
WEIGHTS = (0.0, 1.0)
SEEDS = {"25 Gaussians": 5, "Swiss roll": 1}


class Target(NamedTuple):
    """A law in the plane: a center drawn at random, plus Gaussian noise."""

    centers: Tensor
    spread: float

    def draw(self, n: int) -> Tensor:
        """Samples (n, 2)."""
        picked = self.centers[torch.randint(len(self.centers), (n,))]
        return picked + self.spread * torch.randn(n, 2)

    def rate(self, samples: Tensor) -> dict:
        """Modes covered, share of good samples, unevenness in nats, of samples (n, 2)."""
        distance, nearest = torch.cdist(samples, self.centers).min(1)
        good = distance < 3.0 * self.spread
        modes = nearest[good] * N_MODES // len(self.centers)
        share = torch.bincount(modes, minlength=N_MODES) / max(len(modes), 1)
        entropy = -torch.xlogy(share, share).sum()
        return {
            "modes": int((share > 0).sum()),
            "good": float(good.float().mean()),
            "unevenness": math.log(N_MODES) - float(entropy),
        }


def grid() -> Target:
    """25 Gaussians, 20 standard deviations apart."""
    line = torch.arange(-2.0, 3.0)
    return Target(torch.cartesian_prod(line, line), 0.05)


def swiss_roll() -> Target:
    """One and a half turns of a spiral, with noise."""
    turn = torch.linspace(1.5 * math.pi, 4.5 * math.pi, 40 * N_MODES)
    return Target(torch.stack([turn.cos(), turn.sin()], 1) * turn[:, None] / 7.0, 0.05)


TARGETS = {"25 Gaussians": grid, "Swiss roll": swiss_roll}


def perceptron(n_in: int, n_out: int, width: int = 128) -> nn.Sequential:
    """Two hidden layers of ReLU."""
    return nn.Sequential(
        nn.Linear(n_in, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
        nn.Linear(width, n_out),
    )  # fmt: skip


class Game:
    """Generator, discriminator and critic in training on one target."""

    def __init__(self, target: Target, weight: float) -> None:
        self.target, self.weight = target, weight
        self.generator = perceptron(N_EPS + N_C, 2)
        self.discriminator = perceptron(2, 1)
        self.information = MutualInfoLoss(
            "infonce", SeparableCritic(2, N_C, (64, 64)), direction="maximize"
        )
        players = (self.generator, self.discriminator, self.information)
        self.optimizers = [
            torch.optim.Adam(player.parameters(), LEARNING_RATE, betas=(0.5, 0.999))
            for player in players
        ]

    def step(self, rate: float) -> None:
        """One step of every player, at this share of the learning rate."""
        for optimizer in self.optimizers:
            optimizer.param_groups[0]["lr"] = rate * LEARNING_RATE
            optimizer.zero_grad()
        noise = torch.randn(BATCH, N_EPS + N_C)
        fake = self.generator(noise)
        on_data, on_fake = self.discriminator(self.target.draw(BATCH)), fake.detach()
        (softplus(-on_data) + softplus(self.discriminator(on_fake))).mean().backward()
        self.optimizers[1].step()
        self._generate(fake, noise[:, N_EPS:])
        self.optimizers[0].step()

    def _generate(self, fake: Tensor, c: Tensor) -> None:
        """Gradient of the generator; step of the critic, where there is one."""
        parameters = list(self.generator.parameters())
        deceit = softplus(-self.discriminator(fake)).mean()
        if self.weight == 0.0:
            deceit.backward(inputs=parameters)
            return
        loss = self.weight * self.information(fake, c).loss
        loss.backward(inputs=list(self.information.parameters()), retain_graph=True)
        backward_with_adaptive_clip(deceit, loss, parameters)
        self.optimizers[2].step()

    @torch.no_grad()
    def sample(self, n: int) -> Tensor:
        """Samples (n, 2) of the generator."""
        return self.generator(torch.randn(n, N_EPS + N_C))


def measure(data: str, weight: float, seed: int, steps: int, keep_in: Path) -> dict:
    """Train a GAN and rate it; the samples of the first seed are kept for the figure."""
    torch.manual_seed(seed)
    game = Game(TARGETS[data](), weight)
    for step in range(steps):
        game.step(min(1.0, 2.0 * (1.0 - step / steps)))
    samples = game.sample(N_ASKED)
    if seed == 0:
        np.save(_kept(keep_in, data, weight), samples[:N_DRAWN].numpy().astype(np.float16))
    return game.target.rate(samples)


def _kept(folder: Path, data: str, weight: float) -> Path:
    return folder / f"gan_{data.split()[-1].lower()}_{weight:g}.npy"


def draw(table: pd.DataFrame, results: Path, path: Path) -> None:
    """Data, samples without and samples with the MI term, a row of panels for each target."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(9.0, 6.2), layout="constrained")
    for row, (data, target) in zip(axes, TARGETS.items(), strict=True):
        torch.manual_seed(0)
        panels = {f"{data}: data": target().draw(N_DRAWN).numpy()}
        for weight, name in zip(WEIGHTS, ("GAN", "GAN with the MI term"), strict=True):
            rows = table[(table["data"] == data) & (table["weight"] == weight)]
            note = f"{rows['modes'].mean():.1f} of 25 modes, {rows['good'].mean():.0%} good"
            panels[f"{name}\n{note}"] = np.load(_kept(results, data, weight))
        for ax, (title, points) in zip(row, panels.items(), strict=True):
            ax.plot(*points.T.astype(float), ".", markersize=1.5, color="#1d3d5c")
            ax.set(title=title, xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), aspect="equal")
            ax.title.set_fontsize(9)
            ax.tick_params(labelsize=7)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the example."""
    chosen = options(__doc__, arguments, seeds=max(SEEDS.values()), steps=5000)
    results = chosen.out / "results"
    results.mkdir(parents=True, exist_ok=True)
    cells = [
        {"data": data, "weight": weight, "seed": seed, "steps": chosen.steps}
        for data, most in SEEDS.items()
        for seed in range(min(chosen.seeds, most))
        for weight in WEIGHTS
    ]
    with one_thread(flush_denormal=True):
        measured = partial(measure, keep_in=results)
        table = collect(results / "gan.csv", cells, measured, chosen.fresh)
    draw(table, results, chosen.out / "gan_modes.png")
    columns = ["modes", "good", "unevenness"]
    print(table.groupby(["data", "weight"])[columns].agg(["mean", "min", "max"]).round(2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
