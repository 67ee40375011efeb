"""Independent components by the least MI of the outputs, beside FastICA.

Whitened mixtures of sources of mixed shapes (uniform, Laplace, sine, exponential, two bumps) are
turned until the outputs share least: pairs of outputs by turns, first to the best of sixteen
angles by the value of `skmist.nn.MISTLoss`, then to where its gradient is 0, until no pair moves.
FastICA of scikit-learn with its three contrasts, of which ``fastica_best`` is for each mixture the
one that happens to come nearest, which nobody can know. The Amari distance is 0 for a perfect
separation and 1 at most. Writes ``components.csv``; a quarter of an hour of one core, and a run
that was interrupted goes on when it is started again.
"""

from __future__ import annotations

__all__ = ["amari", "main", "mixed", "separated"]

import argparse
import itertools
import math
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from harness import common
from harness.journal import Journal, script_mark, weights_line
from sklearn.decomposition import FastICA
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from skmist.nn import MISTLoss
from skmist.weights import DEFAULT_WEIGHTS, load_weights

ROWS, ANGLES, MOST_SWEEPS = 1000, 16, 4
MOVED, STEP, ENOUGH, SECANTS = 0.02, 0.06, 0.005, 4  # the first three in radians
CONTRASTS = ("logcosh", "exp", "cube")


def mixed(n_sources: int, seed: int, n: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Observed rows (n, k) and the mixing matrix (k, k)."""
    rng = np.random.default_rng([seed, n_sources])
    shapes = {
        "uniform": rng.uniform(-1, 1, n),
        "laplace": rng.laplace(size=n),
        "sine": np.sin(rng.uniform(0, 2 * np.pi, n)),
        "exponential": rng.exponential(size=n),
        "bumps": rng.choice([-1.5, 1.5], n) + 0.5 * rng.normal(size=n),
    }
    names = rng.permutation(list(shapes))[:n_sources]
    sources = np.column_stack([shapes[name] / shapes[name].std() for name in names])
    mixing = rng.normal(size=(n_sources, n_sources))
    return sources @ mixing.T, mixing


def amari(unmixing: np.ndarray, mixing: np.ndarray) -> float:
    """Distance of a product from a scaled permutation, from 0 to 1."""
    p = np.abs(unmixing @ mixing)
    k = len(p)
    rows = (p.sum(1) / p.max(1) - 1).sum() + (p.sum(0) / p.max(0) - 1).sum()
    return float(rows / (2 * k * (k - 1)))


def separated(rows: np.ndarray, term: MISTLoss) -> np.ndarray:
    """Unmixing matrix (k, k): pairs of white outputs turned to where they share least."""
    centered = torch.as_tensor(rows - rows.mean(0))
    values, vectors = torch.linalg.eigh(torch.cov(centered.T))
    unmixing = (vectors / values.sqrt()).T
    for turn in (_looked, _descended):
        _swept(centered, unmixing, lambda outputs, turn=turn: turn(outputs, term))
    return unmixing.numpy()


def _swept(
    rows: torch.Tensor, unmixing: torch.Tensor, turn: Callable[[torch.Tensor], float]
) -> None:
    """Turn pairs of outputs in place until none of them moves."""
    pairs, still = list(itertools.combinations(range(len(unmixing)), 2)), set()
    for pair in pairs * MOST_SWEEPS:
        if pair in still:
            continue
        both = list(pair)
        angle = turn(rows @ unmixing[both].T)
        unmixing[both] = _rotation(torch.tensor(angle, dtype=torch.float64)).T @ unmixing[both]
        if abs(angle) > MOVED:
            still = {other for other in still if not set(other) & set(pair)}
        still.add(pair)


def _rotation(angle: torch.Tensor) -> torch.Tensor:
    c, s = angle.cos(), angle.sin()
    return torch.stack([torch.stack([c, -s]), torch.stack([s, c])])


def _looked(outputs: torch.Tensor, term: MISTLoss) -> float:
    """Of equally spaced angles, that after which two outputs share least."""
    angles = (torch.arange(ANGLES, dtype=torch.float64) / ANGLES - 0.5) * np.pi / 2
    turned = torch.stack([outputs @ _rotation(angle) for angle in angles])
    with torch.no_grad():
        quantiles = term.information(turned[..., :1], turned[..., 1:]).quantiles
    return float(angles[int(quantiles.mean(-1).argmin())])


def _descended(outputs: torch.Tensor, term: MISTLoss) -> float:
    """The angle, near 0, at which the gradient of what two outputs share is 0."""

    def slope(value: float) -> float:
        """Of the information that the outputs share, by the angle."""
        angle = torch.tensor(value, dtype=torch.float64, requires_grad=True)
        x, y = (outputs @ _rotation(angle)).T
        (found,) = torch.autograd.grad(term(x, y).loss, angle)
        return float(found)

    return _lowest(slope)


def _lowest(slope: Callable[[float], float]) -> float:
    """Where a slope crosses 0 from below, by secants from 0."""
    before, steep_before = 0.0, slope(0.0)
    angle = -math.copysign(STEP, steep_before)
    for _ in range(SECANTS):
        steep = slope(angle)
        curvature = (steep - steep_before) / (angle - before)
        step = -steep / curvature if curvature > 0 else -math.copysign(STEP, steep)
        step = min(max(step, -STEP), STEP)
        before, steep_before, angle = angle, steep, angle + step
        if abs(step) < ENOUGH:
            break
    return angle


def ask(n_sources: int, seed: int, term: MISTLoss) -> list[dict]:
    """Amari distances on one mixture."""
    rows, mixing = mixed(n_sources, seed)
    start = time.process_time()
    found = {"mist": amari(separated(rows, term), mixing)}
    seconds = {"mist": time.process_time() - start}
    for contrast in CONTRASTS:
        ica = FastICA(fun=contrast, whiten="unit-variance", max_iter=1000, random_state=0)
        found[f"fastica_{contrast}"] = amari(ica.fit(rows).components_, mixing)
    found["fastica_best"] = min(found[f"fastica_{contrast}"] for contrast in CONTRASTS)
    return [
        {
            "sources": n_sources,
            "seed": seed,
            "way": way,
            "amari": value,
            "seconds": seconds.get(way),
        }
        for way, value in found.items()
    ]


def _answer(n_sources: int, seed: int, term: MISTLoss) -> dict[str, list[dict]]:
    return {"rows": ask(n_sources, seed, term)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--sources", type=int, nargs="+", default=(2, 3, 4))
    add("--seeds", type=int, default=20)
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    add("--fresh", action="store_true", help="forget what earlier runs have left")
    options = parser.parse_args(arguments)
    asked = sys.argv[1:] if arguments is None else arguments
    warnings.simplefilter("ignore")
    term, rows = MISTLoss(load_weights(DEFAULT_WEIGHTS, "cpu"), maximize=False), []
    journal = Journal(common.JOURNALS / "components.jsonl", options.fresh)
    modules = ("skmist.nn.gradient.information",)
    mark = script_mark(__file__, modules, weights_line(DEFAULT_WEIGHTS))
    with threadpool_limits(1):
        for cell in tqdm(list(itertools.product(options.sources, range(options.seeds)))):
            rows += journal.answer(str(cell), mark, partial(_answer, *cell, term))["rows"]
    groups = pd.DataFrame(rows).groupby(["sources", "way"], sort=False)
    table = groups[["amari", "seconds"]].mean().assign(error=groups["amari"].sem())
    table = table.reset_index().assign(seeds=options.seeds)
    header = [*common.provenance("components.py", asked, DEFAULT_WEIGHTS), journal.remark()]
    common.write_table(table, options.out / "components.csv", header)
    print(table.round(4).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
