"""How near gradients of the MI come to exact ones, row by row, on laws whose score is known.

Ways: ``law`` is `skmist.nn.MISTInformation` (a law fitted to the batch); ``query`` takes central
differences of the net's pointwise MI of the rows against the batch, 0.3 in normal scores, times
the slope of smoothed ranks; ``surrogate`` fits the net's pointwise MI of the rows by ridge on
random features of the columns, and differentiates that; ``limit``, of the mixtures only, is the
gradient of the true family with its numbers fitted to the batch by maximum likelihood from the
true ones on, which nobody can know: what the rows hold. (The net's statistics count neighbors,
so no gradient passes through the whole net.) The cosine is of all numbers of a batch together,
``row_cosine`` the mean over rows (of one column: how often the sign agrees), ``norm`` the length
over the exact one's. Writes ``gradients_nN.csv`` for
each number of rows N; 15 minutes of one core.
"""

from __future__ import annotations

__all__ = ["FAMILIES", "exact", "main", "measure"]

import argparse
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from harness import common
from sklearn.mixture import GaussianMixture
from torch import Tensor
from tqdm import tqdm

from skmist import datasets
from skmist.nn import (
    MISTInformation,
    MISTNet,
    SampleFrame,
    encode_rows,
    normal_scores,
    sample_statistics,
    visible_rows,
)
from skmist.weights import DEFAULT_WEIGHTS, load_weights

SIZES = (500, 1000, 3000)
WAYS = ("law", "query", "surrogate", "limit")
STEP = 0.3
FEATURES, SCALES = 600, (0.25, 0.5, 1.0)
PENALTIES = tuple(10.0**k for k in range(-3, 4))
MEANING = (
    "side: whose gradient; cosine, row_cosine, norm: see the script, mean over draws, _error: "
    "standard error; seconds: processor time"
)


def _covariance(correlations: Sequence[float], seed: int = 0) -> np.ndarray:
    rng, d = np.random.default_rng(seed), len(correlations)
    turns = [np.linalg.qr(rng.normal(size=(d, d)))[0] for _ in range(2)]
    between = turns[0] @ np.diag(correlations) @ turns[1].T
    return np.block([[np.eye(d), np.abs(between) if d == 1 else between], [between.T, np.eye(d)]])


def _mixture(p: int, k: int, seed: int, spread: float) -> datasets.Family:
    rng = np.random.default_rng(seed)
    means = spread * rng.normal(size=(k, 2 * p))
    roots = 0.5 * rng.normal(size=(k, 2 * p, 2 * p))
    covariances = roots @ roots.transpose(0, 2, 1) + 0.3 * np.eye(2 * p)
    return datasets.GaussianMixture(np.ones(k) / k, means, covariances, p)


def _classes(means: Sequence, covariances: Sequence) -> datasets.Family:
    return datasets.GaussianClasses(np.ones(len(means)) / len(means), means, covariances)


FIVE = (0.8, 0.7, 0.5, 0.4, 0.2)
FAMILIES = {
    "gaussian 1+1, 0.7": lambda: datasets.CorrelatedGaussian(0.7),
    "gaussian 1+1, 0.95": lambda: datasets.CorrelatedGaussian(0.95),
    "gaussian 3+3": lambda: datasets.Gaussian(_covariance((0.8, 0.5, 0.3)), 3),
    "gaussian 5+5": lambda: datasets.Gaussian(_covariance(FIVE), 5),
    "student 1+1": lambda: datasets.StudentT(_covariance((0.6,)), 3.0, 1),
    "student 2+2": lambda: datasets.StudentT(_covariance((0.7, 0.4)), 5.0, 2),
    "student 5+5": lambda: datasets.StudentT(_covariance(FIVE), 5.0, 5),
    "mixture 1+1": lambda: _mixture(1, 4, 1, 1.5),
    "mixture 2+2": lambda: _mixture(2, 4, 2, 1.5),
    "mixture 3+3": lambda: _mixture(3, 3, 3, 1.0),
    "sine 1+1": lambda: datasets.SingleIndexRegression(lambda z: torch.sin(2 * z), 0.5),
    "sine 5+1": lambda: datasets.SingleIndexRegression(torch.sin, 0.3, (1.0, -1.0, 0.5, 0, 0)),
    "square 3+1": lambda: datasets.SingleIndexRegression(torch.square, 0.5, (1.0, 1.0, 0.0)),
    "product 3+1": lambda: datasets.MultiIndexRegression(
        lambda u: u[..., 0] * u[..., 1], 2, 0.5, p=3
    ),
    "classes 2+1": lambda: _classes(
        [[-1.0, 0], [1, 0], [0, 1.5]], [np.eye(2) * s for s in (0.6, 0.4, 1.0)]
    ),
    "spreads 5+1": lambda: _classes(
        np.zeros((2, 5)), [np.diag([s, 1, 1, 1, 1]) for s in (0.3, 2.0)]
    ),
}


def exact(family: datasets.Family, x: Tensor, y: Tensor, side: int, step: float = 1e-4) -> Tensor:
    """Gradient (n, d) of the true pointwise MI in one side, by central differences."""
    found = torch.zeros_like((x, y)[side])
    for j in range(found.shape[-1]):
        moved = [x.clone(), y.clone()], [x.clone(), y.clone()]
        moved[0][side][..., j] += step
        moved[1][side][..., j] -= step
        above, below = (family.log_ratio(*pair) for pair in moved)
        found[..., j] = (above - below) / (2 * step)
    return found[0]


class Held:
    """A batch as the net holds it."""

    def __init__(self, net: MISTNet, x: Tensor, y: Tensor, labelled: bool):
        self.net = net
        kinds = (False,) * x.shape[-1], (labelled,) * y.shape[-1]
        self.x, self.y = (encode_rows(s, None, k) for s, k in zip((x, y), kinds, strict=True))
        nothing = (False,) * x.shape[-1], (False,) * y.shape[-1]
        self.frame = SampleFrame(self.x, self.y, *kinds, nothing if net.config.extended else None)
        self.context = net.encode(sample_statistics(self.frame, net.config.max_rows))

    def pointwise(self, x: Tensor) -> Tensor:
        """Pointwise MI (n,) of rows whose scores in x are these."""
        found = self.net.score_rows(self.context, visible_rows(self.frame, x, self.y))[0]
        return found.double()


def _slopes(x: Tensor) -> Tensor:
    """Slopes (n, p) of a local linear fit of each column's scores to its values."""
    scores, found = normal_scores(x[None])[0].double(), []
    for values, own in zip(x.T, scores.T, strict=True):
        apart = (values[:, None] - values) / (1.06 * values.std() * len(x) ** -0.2)
        near = torch.softmax(-0.5 * apart.square(), dim=1)
        mean = near @ values
        spread = near @ values.square() - mean.square()
        together = near @ (values * own) - mean * (near @ own)
        found.append(together / spread.clamp_min(1e-9 * values.var()))
    return torch.stack(found, dim=1)


def query(held: Held, x: Tensor) -> Tensor:
    """Gradient (n, p) by differences of the net's pointwise MI at query rows."""
    found = torch.zeros_like(x)
    for j in range(x.shape[1]):
        moved = torch.zeros_like(held.x)
        moved[..., j] = STEP
        apart = held.pointwise(held.x + moved) - held.pointwise(held.x - moved)
        found[:, j] = apart / (2 * STEP)
    return found * _slopes(x)


class Features:
    """Squares, products and random waves of whitened columns."""

    def __init__(self, z: Tensor, generator: torch.Generator):
        self.center, self.scale = z.mean(0), z.std(0)
        directions = torch.randn(FEATURES, z.shape[1], generator=generator, dtype=z.dtype)
        lengths = torch.randn(FEATURES, 2, generator=generator, dtype=z.dtype).norm(dim=1)
        scales = z.new_tensor(SCALES).repeat(FEATURES // len(SCALES)) * math.sqrt(2)
        self.waves = torch.nn.functional.normalize(directions) * (lengths * scales)[:, None]
        self.phases = torch.rand(FEATURES, generator=generator, dtype=z.dtype) * 2 * math.pi

    def __call__(self, z: Tensor) -> Tensor:
        """Features (n, f) of rows."""
        z = (z - self.center) / self.scale
        i, j = torch.triu_indices(z.shape[1], z.shape[1])
        weight = FEATURES**0.5  # so that waves are shrunk and polynomials hardly
        waves = torch.cos(z @ self.waves.T + self.phases) / weight * 5
        return torch.cat([z, z[:, i] * z[:, j], waves], dim=1)


def surrogate(held: Held, x: Tensor, y: Tensor, generator: torch.Generator) -> Tensor:
    """Gradient (n, p) of a ridge fit to the net's pointwise MI, its penalty left-one-out."""
    target, leaf = held.pointwise(held.x), x.clone().requires_grad_()
    features = Features(torch.cat([x, y], dim=1), generator)
    design = features(torch.cat([x, y], dim=1))
    center = design.mean(0)
    u, s, vh = torch.linalg.svd(design - center, full_matrices=False)
    best, weights = math.inf, torch.zeros(0)
    for penalty in PENALTIES:
        kept = s.square() / (s.square() + penalty)
        seen = target - target.mean() - u @ (kept * (u.T @ (target - target.mean())))
        out = seen / (1 - (u.square() * kept).sum(1) - 1 / len(x))
        if float(out.square().mean()) < best:
            best = float(out.square().mean())
            weights = vh.T @ (kept / s * (u.T @ (target - target.mean())))
    with torch.enable_grad():
        value = (features(torch.cat([leaf, y], dim=1)) - center) @ weights
        return torch.autograd.grad(value.sum(), leaf)[0]


def limit(family: datasets.GaussianMixture, x: Tensor, y: Tensor) -> list[Tensor]:
    """Gradients by both sides of the mixture that is likeliest near the true one."""
    true, rows = family.parameters(), torch.cat([x[0], y[0]], dim=1).numpy()
    model = GaussianMixture(
        len(true["weights"]),
        weights_init=true["weights"],
        means_init=true["means"],
        precisions_init=np.linalg.inv(true["covariances"]),
        max_iter=3000,
        tol=1e-8,
    ).fit(rows)
    numbers = model.weights_, model.means_, model.covariances_
    fitted = datasets.GaussianMixture(*numbers, x.shape[-1])
    return [exact(fitted, x, y, side) for side in (0, 1)]


def measure(found: Tensor, truth: Tensor) -> dict[str, float]:
    """Agreement of two gradients (n, d)."""
    found, truth = found.double(), truth.double()
    return {
        "cosine": float((found * truth).sum() / (found.norm() * truth.norm())),
        "row_cosine": float(torch.nn.functional.cosine_similarity(found, truth).mean()),
        "norm": float(found.norm() / truth.norm()),
    }


def ask(family: datasets.Family, n: int, seed: int, net: MISTNet, ways: Sequence[str]) -> list:
    """All measures on one draw."""
    x, y = family.draw(n, torch.Generator().manual_seed(seed), torch.float64)
    labelled, rows = family.y_discrete[0], []
    truths = [exact(family, x, y, side) for side in ((0,) if labelled else (0, 1))]
    mixed = isinstance(family, datasets.GaussianMixture)
    for way in ways if mixed else [way for way in ways if way != "limit"]:
        start = time.process_time()
        if way == "law":
            leaf, other = x.clone().requires_grad_(), y.long() if labelled else y.clone()
            leaves = [leaf] if labelled else [leaf, other.requires_grad_()]
            value = MISTInformation(net)(leaf[0], other[0, :, 0] if labelled else other[0]).mi
            found = [n * g[0] for g in torch.autograd.grad(value, leaves)]
        elif way == "limit":
            found = limit(family, x, y)
        else:
            with torch.no_grad():
                held, seeded = Held(net, x, y, labelled), torch.Generator().manual_seed(0)
                one = query(held, x[0]) if way == "query" else None
                found = [surrogate(held, x[0], y[0], seeded) if one is None else one]
        seconds = time.process_time() - start
        for side, (a, b) in enumerate(zip(found, truths, strict=False)):
            rows.append({"way": way, "side": "xy"[side], **measure(a, b), "seconds": seconds})
    return rows


def table(options: argparse.Namespace, n: int) -> pd.DataFrame:
    """Means and standard errors over draws."""
    net, rows = load_weights(options.weights, "cpu"), []
    for name in tqdm(options.families, desc=f"n = {n}", disable=None):
        family = FAMILIES[name]()
        for seed in range(options.draws):
            found = ask(family, n, seed, net, options.ways)
            rows += [{"family": name, "seed": seed, **row} for row in found]
    groups = pd.DataFrame(rows).groupby(["family", "way", "side"], sort=False)
    mean = groups[["cosine", "row_cosine", "norm", "seconds"]].mean()
    errors = groups[["cosine", "norm"]].sem().add_suffix("_error")
    return mean.join(errors).reset_index().assign(draws=options.draws)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write a table for each number of rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--weights", default=DEFAULT_WEIGHTS)
    add("--n", type=int, nargs="+", default=SIZES)
    add("--families", nargs="+", default=list(FAMILIES), choices=list(FAMILIES), metavar="NAME")
    add("--ways", nargs="+", default=WAYS, choices=WAYS)
    add("--draws", type=int, default=3)
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    asked = sys.argv[1:] if arguments is None else arguments
    for n in options.n:
        found = table(options, n)
        header = [*common.provenance("gradients.py", asked, options.weights), MEANING]
        common.write_table(found, options.out / f"gradients_n{n}.csv", header)
        print(found.round(3).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
