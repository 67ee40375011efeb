"""Reconstruction by a bi-directional adversarial model, with and without the MI term.

    python doc/examples/ali_reconstruction.py

An encoder and a generator are trained against one discriminator of pairs (x, z): digits with
their codes against generated digits with theirs (adversarially learned inference, Dumoulin et al.
2017, arXiv:1606.00704). Where the discriminator is fooled, the two laws of pairs agree, yet an
encoder may still forget which digit it saw. With the MI term (Belghazi et al. 2018, section 5.2,
arXiv:1801.04062) the encoder maximizes I(x; z) of its pairs and the generator of its own, the
gradients clipped to the length of the adversarial ones.

The figure shows held-out digits of scikit-learn's set (8 x 8) and what the generator makes of
their codes, of the first seed; ``results/ali.csv`` has, for every seed, the squared error per
pixel on 297 held-out digits (pixels between 0 and 1), and that of the mean digit for comparison.
A full run takes some 2 minutes of one core.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from _runs import collect, one_thread, options
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.functional import softplus

from skmist.nn import MutualInfoLoss, SeparableCritic, backward_with_adaptive_clip

N_CODE = 8
N_PIXELS = 64
N_HELD_OUT = 297
N_SHOWN = 10
BATCH = 128
LEARNING_RATE = 1e-3
WEIGHTS = (0.0, 1.0)


def digits() -> tuple[Tensor, Tensor]:
    """Training and held-out digits, (n, 64), pixels between 0 and 1."""
    pixels = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
    return pixels[order[N_HELD_OUT:]], pixels[order[:N_HELD_OUT]]


def perceptron(n_in: int, n_out: int, width: int = 256) -> nn.Sequential:
    """Two hidden layers of leaky ReLU."""
    return nn.Sequential(
        nn.Linear(n_in, width), nn.LeakyReLU(0.1), nn.Linear(width, width), nn.LeakyReLU(0.1),
        nn.Linear(width, n_out),
    )  # fmt: skip


class Game:
    """Encoder, generator, discriminator and two critics in training."""

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self.encoder = perceptron(N_PIXELS, 2 * N_CODE)
        self.generator = nn.Sequential(perceptron(N_CODE, N_PIXELS), nn.Sigmoid())
        self.discriminator = perceptron(N_PIXELS + N_CODE, 1)
        self.information = nn.ModuleList(
            MutualInfoLoss(
                "infonce", SeparableCritic(N_PIXELS, N_CODE, (64, 64)), direction="maximize"
            )
            for _ in range(2)
        )
        self.shared = [*self.encoder.parameters(), *self.generator.parameters()]
        groups = (self.shared, self.discriminator.parameters(), self.information.parameters())
        self.optimizers = [
            torch.optim.Adam(list(group), LEARNING_RATE, betas=(0.5, 0.999)) for group in groups
        ]

    def encode(self, x: Tensor) -> Tensor:
        """A draw of the code of each digit, (n, 8)."""
        mean, log_spread = self.encoder(x).chunk(2, dim=-1)
        return mean + torch.exp(log_spread - 2.0) * torch.randn_like(mean)

    def step(self, x: Tensor, rate: float) -> None:
        """One step of every player, at this share of the learning rate."""
        for optimizer in self.optimizers:
            optimizer.param_groups[0]["lr"] = rate * LEARNING_RATE
            optimizer.zero_grad()
        code = torch.randn(len(x), N_CODE)
        pairs = [(x, self.encode(x)), (self.generator(code), code)]
        joint = [torch.cat(pair, 1) for pair in pairs]
        encoded, generated = (self.discriminator(pair.detach()) for pair in joint)
        (softplus(-encoded) + softplus(generated)).mean().backward()
        self.optimizers[1].step()
        encoded, generated = (self.discriminator(pair) for pair in joint)
        deceit = (softplus(encoded) + softplus(-generated)).mean()
        self._learn(deceit, pairs)
        self.optimizers[0].step()

    def _learn(self, deceit: Tensor, pairs: list) -> None:
        """Gradient of encoder and generator; step of the critics, where there are any."""
        if self.weight == 0.0:
            deceit.backward(inputs=self.shared)
            return
        terms = [term(*pair).loss for term, pair in zip(self.information, pairs, strict=True)]
        loss = self.weight * sum(terms)
        loss.backward(inputs=list(self.information.parameters()), retain_graph=True)
        backward_with_adaptive_clip(deceit, loss, self.shared)
        self.optimizers[2].step()

    @torch.no_grad()
    def reconstruct(self, x: Tensor) -> Tensor:
        """What the generator makes of the mean code, (n, 64)."""
        return self.generator(self.encoder(x)[:, :N_CODE])


def measure(weight: float, seed: int, steps: int, keep_in: Path) -> dict:
    """Train a model; the reconstructions of the first seed are kept for the figure."""
    torch.manual_seed(seed)
    trained, held_out = digits()
    game = Game(weight)
    for step in range(steps):
        rows = torch.randint(len(trained), (BATCH,))
        game.step(trained[rows], min(1.0, 2.0 * (1.0 - step / steps)))
    made = game.reconstruct(held_out)
    if seed == 0:
        np.save(_kept(keep_in, weight), made[:N_SHOWN].numpy().astype(np.float16))
    return {
        "squared_error": float(((made - held_out) ** 2).mean()),
        "of_the_mean_digit": float(((trained.mean(0) - held_out) ** 2).mean()),
    }


def _kept(folder: Path, weight: float) -> Path:
    return folder / f"ali_{weight:g}.npy"


def draw(table: pd.DataFrame, results: Path, path: Path) -> None:
    """Held-out digits over their reconstructions."""
    import matplotlib.pyplot as plt

    rows = {"digit": digits()[1][:N_SHOWN].numpy()}
    for weight, name in zip(WEIGHTS, ("without", "with MI"), strict=True):
        error = table.loc[table["weight"] == weight, "squared_error"].mean()
        rows[f"{name}\nerror {error:.3f}"] = np.load(_kept(results, weight)).astype(float)
    figure, axes = plt.subplots(3, N_SHOWN, figsize=(8.0, 2.8), layout="constrained")
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, images, strict=True):
            ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0.0, vmax=1.0)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, fontsize=8)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the example."""
    chosen = options(__doc__, arguments, seeds=3, steps=2500)
    results = chosen.out / "results"
    results.mkdir(parents=True, exist_ok=True)
    cells = [
        {"weight": weight, "seed": seed, "steps": chosen.steps}
        for seed in range(chosen.seeds) for weight in WEIGHTS
    ]  # fmt: skip
    with one_thread(flush_denormal=True):
        measured = partial(measure, keep_in=results)
        table = collect(results / "ali.csv", cells, measured, chosen.fresh)
    draw(table, results, chosen.out / "ali_reconstruction.png")
    columns = ["squared_error", "of_the_mean_digit"]
    print(table.groupby("weight")[columns].agg(["mean", "min", "max"]).round(4))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
