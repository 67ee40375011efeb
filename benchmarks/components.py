"""Independent components by the least MI of the outputs, beside FastICA.

Whitened mixtures of sources of mixed shapes (uniform, Laplace, sine, exponential, two bumps) are
turned until the outputs share least: for each pair of outputs in turn, an angle follows the
gradient of `skmist.nn.MISTLoss`, from where a look at eight angles is best. FastICA of
scikit-learn with its three contrasts, of which ``fastica_best`` is the one that happens to come
nearest. The Amari distance is 0 for a perfect separation and 1 at most. Writes
``components.csv``; an hour of one core for 20 seeds, ``--seeds 5 --sources 2`` five minutes.
"""

from __future__ import annotations

__all__ = ["amari", "main", "mixed", "separated"]

import argparse
import itertools
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from harness import common
from sklearn.decomposition import FastICA
from threadpoolctl import threadpool_limits

from skmist.nn import MISTLoss
from skmist.weights import DEFAULT_WEIGHTS, load_weights

ROWS, STEPS, SWEEPS = 1000, 12, 2
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
    pairs = list(itertools.combinations(range(len(unmixing)), 2))
    for _ in range(SWEEPS if len(pairs) > 1 else 1):
        for pair in pairs:
            turn = _turn(centered @ unmixing[list(pair)].T, term)
            unmixing[list(pair)] = turn.T @ unmixing[list(pair)]
    return unmixing.numpy()


def _rotation(angle: torch.Tensor) -> torch.Tensor:
    c, s = angle.cos(), angle.sin()
    return torch.stack([torch.stack([c, -s]), torch.stack([s, c])])


def _turn(outputs: torch.Tensor, term: MISTLoss) -> torch.Tensor:
    """The rotation (2, 2) after which two outputs share least."""
    starts = torch.arange(8, dtype=torch.float64) * np.pi / 16
    turned = torch.stack([outputs @ _rotation(start) for start in starts])
    with torch.no_grad():
        quantiles = term.information(turned[..., :1], turned[..., 1:]).quantiles
    angle = starts[int(quantiles.mean(-1).argmin())].clone().requires_grad_()
    optimizer = torch.optim.Adam([angle], lr=0.05)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / STEPS)
        optimizer.zero_grad()
        x, y = (outputs @ _rotation(angle)).T
        term(x, y).loss.backward()
        optimizer.step()
    return _rotation(angle.detach())


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--sources", type=int, nargs="+", default=(2, 3, 4))
    add("--seeds", type=int, default=20)
    add("--out", type=Path, default=common.RESULTS, metavar="DIR")
    options = parser.parse_args(arguments)
    asked = sys.argv[1:] if arguments is None else arguments
    warnings.simplefilter("ignore")
    term, rows = MISTLoss(load_weights(DEFAULT_WEIGHTS, "cpu"), maximize=False), []
    with threadpool_limits(1):
        for n_sources, seed in itertools.product(options.sources, range(options.seeds)):
            rows += ask(n_sources, seed, term)
            print(n_sources, seed, {row["way"]: round(row["amari"], 3) for row in rows[-5:]})
    groups = pd.DataFrame(rows).groupby(["sources", "way"], sort=False)
    table = groups[["amari", "seconds"]].mean().assign(error=groups["amari"].sem())
    table = table.reset_index().assign(seeds=options.seeds)
    header = common.provenance("components.py", asked, DEFAULT_WEIGHTS)
    common.write_table(table, options.out / "components.csv", header)
    print(table.round(4).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
