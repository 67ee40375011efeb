"""Draw the pictures of doc/differentiable.md: ``python doc/make_differentiable.py``, 5 minutes."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import train_test_split

from skmist import MutualInformationProjection
from skmist.datasets import SingleIndexRegression
from skmist.nn import MISTInformation
from skmist.weights import load_weights

PICTURES = Path(__file__).with_name("pictures")
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))


def save(figure, name: str) -> None:
    """Save a picture in few colors."""
    from make_pictures import _shrink

    figure.savefig(PICTURES / name, dpi=90)
    _shrink(PICTURES / name)


def draw_field() -> None:
    """Exact gradients of a wave, and those found, as arrows along x."""
    from gradients import Held, exact, query
    from matplotlib import pyplot as plt

    family = SingleIndexRegression(lambda z: torch.sin(2 * z), 0.3)
    x, y = family.draw(1000, torch.Generator().manual_seed(0), torch.float64)
    net = load_weights("mist-3", "cpu")
    leaf = x[0].clone().requires_grad_()
    found = 1000 * torch.autograd.grad(MISTInformation(net)(leaf, y[0]).mi, leaf)[0]
    with torch.no_grad():
        asked = query(Held(net, x, y, False), x[0])
    ways = {
        "exact": exact(family, x, y, 0),
        "MISTInformation": found,
        "net, differences": asked,
    }
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
    for ax, (title, gradient) in zip(axes, ways.items(), strict=True):
        dots = ax.scatter(
            x[0, :, 0], y[0, :, 0], c=gradient[:, 0], s=7, cmap="RdBu", vmin=-20, vmax=20
        )
        ax.set(title=title, xlabel="x")
    axes[0].set_ylabel("y")
    figure.colorbar(dots, ax=axes, label="gradient by x, nats")
    save(figure, "gradient_field.png")


def draw_projections() -> None:
    """Two components of rings, of which means say nothing, and of digits."""
    from matplotlib import pyplot as plt

    rng = np.random.default_rng(0)
    z, ring = rng.normal(size=(600, 8)), rng.integers(3, size=600)
    angle = rng.uniform(0, 2 * np.pi, 600)
    z[:, :2] = (0.5 + ring)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    z[:, :2] += 0.12 * rng.normal(size=(600, 2))
    turned = z @ np.linalg.qr(rng.normal(size=(8, 8)))[0]
    digits = load_digits(return_X_y=True)
    chosen = rng.permutation(1797)[:900]
    tables = {
        "rings among 8 columns": (turned, ring),
        "digits, 64 columns": (digits[0][chosen], digits[1][chosen]),
    }
    figure, axes = plt.subplots(2, 3, figsize=(11, 7), layout="constrained")
    for row, (name, (X, y)) in zip(axes, tables.items(), strict=True):
        models = {
            "principal components": PCA(2),
            "discriminant analysis": LinearDiscriminantAnalysis(n_components=2),
            "information": MutualInformationProjection(2, device="cpu"),
        }
        for ax, (title, model) in zip(row, models.items(), strict=True):
            coordinates = model.fit(X, y).transform(X)
            ax.scatter(*coordinates.T, c=y, cmap="tab10", s=6)
            ax.set(title=title, xticks=[], yticks=[], ylabel=name if ax is row[0] else None)
    save(figure, "projections.png")


def draw_codes() -> None:
    """Digits that were left out, in codes of two columns that were to tell the label."""
    from image_codes import codes_of, images, trained
    from matplotlib import pyplot as plt

    X, y = images(None)
    one, two, labels, asked = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)
    ways = {
        "information": ("mist", 0.0),
        "information, noise 0.3 in training": ("mist", 0.3),
        "cross-entropy, noise 0.3 in training": ("cross-entropy", 0.3),
    }
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained")
    for ax, (title, (way, noise)) in zip(axes, ways.items(), strict=True):
        encoder = trained(way, (one, labels), 0, 300, noise, n_columns=2)
        ax.scatter(*codes_of(encoder, two).T, c=asked, cmap="tab10", s=8)
        ax.set(title=title, xticks=[], yticks=[])
    save(figure, "codes.png")


def main() -> None:
    """Draw all pictures."""
    matplotlib.use("Agg")
    torch.set_num_threads(1)
    sys.path.insert(0, str(Path(__file__).parent))
    draw_field()
    draw_projections()
    draw_codes()


if __name__ == "__main__":
    main()
