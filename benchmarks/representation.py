"""The measures of a representation that the Deep InfoMax paper has, on the digits.

Rows are raw pixels, principal components, a random encoder and the variants of Deep InfoMax of
``cases/infomax_variants.py``, fitted to 1,347 images of one split; columns are the measures of
`skmist.representation`. Probes and reconstructions are judged by the other 450 images; MINE, NDM
and MIST see the codes of all 1,797, and hold rows out from their own nets. Writes
``representation.csv`` after every row; an interrupted run goes on when it is started again.
Needs torchmetrics.
"""

from __future__ import annotations

__all__ = ["MEASURES", "main", "measure"]

import argparse
import hashlib
import inspect
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from cases.infomax_variants import LAYERS, Digits, Variant, digits, fitted, mark, variants
from harness import common
from harness.journal import Journal, sources, versions
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from skmist import BoundWarning, MINEEstimator, OutOfRangeWarning
from skmist.representation import (
    input_information,
    ks_distances,
    neural_dependency,
    probe_score,
    reconstruction_similarity,
)
from skmist.weights import DEFAULT_WEIGHTS

GROUPS = ("baseline", "main", "ablation")
MEANING = (
    "svm, knn, mlp: accuracy on 450 test images of a linear support vector machine on each layer, "
    "of 5 nearest neighbors and of a net with 200 hidden units on Y; few: that of the support "
    "vector machine with 10 labels of each digit, mean of 10 draws; ms_ssim: similarity of test "
    "images to reconstructions from Y (2 scales, window 3); mine (InfoNCE, at most log(898) = "
    "6.8), mine_dv (Donsker-Varadhan), mist: information between pixels and Y, nats; ndm: total "
    "correlation of Y, at least, nats; ks: largest Kolmogorov-Smirnov distance of a unit of Y "
    "from the prior; seconds: CPU seconds of measuring"
)


class Codes:
    """Layers of one representation for all images, and which of them judge."""

    def __init__(self, variant: Variant, seed: int) -> None:
        self.data: Digits = digits(seed)
        self.images = np.concatenate([self.data.train, self.data.test])
        self.labels = np.concatenate([self.data.y_train, self.data.y_test])
        self.test = np.arange(len(self.data.train), len(self.images))
        self.model = fitted(variant, seed)
        self.layers = self.model.features(self.images)
        self.seed = seed

    @property
    def pixels(self) -> np.ndarray:
        """Images as rows (n, 64)."""
        return self.images.reshape(len(self.images), -1)

    def probe(self, layer: str, probe: str = "linear", **options) -> float:
        """Accuracy of a probe on a layer."""
        settings = {"test_rows": self.test, "random_state": self.seed, **options}
        return probe_score(self.layers[layer], self.labels, probe, **settings)


def _separability(codes: Codes) -> dict[str, float]:
    return {
        f"svm_{layer}": codes.probe(layer) for layer in reversed(LAYERS) if layer in codes.layers
    }


def _other_probes(codes: Codes) -> dict[str, float]:
    return {
        "few_Y": codes.probe("Y", labels_per_class=10),
        "knn": codes.probe("Y", "knn"),
        "mlp": codes.probe("Y", "mlp"),
    }


def _reconstruction(codes: Codes) -> dict[str, float]:
    found = reconstruction_similarity(
        codes.images, codes.layers["Y"], test_rows=codes.test, random_state=codes.seed
    )
    return {"ms_ssim": found}


def _information(codes: Codes) -> dict[str, float]:
    sides = codes.pixels, codes.layers["Y"]
    options = {"random_state": codes.seed, "device": "cpu", "n_folds": 2}
    continuous = {"discrete_features": False, "discrete_target": False}
    mine = {
        name: MINEEstimator(objective, **options, **continuous)
        for name, objective in (("mine", "infonce"), ("mine_dv", "donsker_varadhan"))
    }
    found = {name: input_information(*sides, estimator=method) for name, method in mine.items()}
    return {**found, "mist": input_information(*sides, estimator="mist", device="cpu")}


def _dependency(codes: Codes) -> dict[str, float]:
    found = neural_dependency(codes.layers["Y"], random_state=codes.seed, device="cpu")
    return {"ndm": found}


def _match_of_prior(codes: Codes) -> dict[str, float]:
    model = codes.model.transformer
    if not getattr(model, "gamma", 0) or not model.n_iter_:
        return {}
    return {"ks": float(ks_distances(codes.layers["Y"][codes.test], model.prior).max())}


Measure = Callable[[Codes], dict[str, float]]
MEASURES: tuple[Measure, ...] = (
    _separability,
    _other_probes,
    _reconstruction,
    _information,
    _dependency,
    _match_of_prior,
)
"""Functions of `Codes`, each of some columns of the table."""


def measure(variant: Variant, seed: int) -> dict:
    """Return the row of a variant."""
    codes = Codes(variant, seed)
    start, row = time.process_time(), {"variant": variant.name, "group": variant.group}
    with warnings.catch_warnings():
        # columns say what the warnings would: which values are near what n rows can show
        for kind in (BoundWarning, OutOfRangeWarning, ConvergenceWarning):
            warnings.simplefilter("ignore", kind)
        for function in MEASURES:
            row |= function(codes)
    return {**row, "seconds": time.process_time() - start}


def _own_sources() -> str:
    """Return a hash of how representations are measured."""
    digest = hashlib.sha256((inspect.getsource(sys.modules[__name__]) + versions()).encode())
    for path in sources(
        (
            "skmist.representation",
            "skmist.estimators.mine.estimator",
            "skmist.estimators.mist.estimator",
        )
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--groups", nargs="+", default=list(GROUPS), choices=GROUPS, help="default: all")
    add("--only", nargs="+", metavar="VARIANT", help="some variants by name")
    add("--seed", type=int, default=0, help="of the split and of all draws (default: 0)")
    add("--out", type=Path, default=common.RESULTS, metavar="DIR", help="folder of the table")
    add("--fresh", action="store_true", help="forget what earlier runs have measured")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write its table."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser().parse_args(arguments)
    threadpool_limits(1)
    torch.set_num_threads(1)
    journal = Journal(common.JOURNALS / "representation.jsonl", options.fresh)
    own, known = _own_sources(), variants()
    chosen = [v for v in known.values() if v.group in options.groups]
    if options.only:
        chosen = [known[name] for name in options.only]
    provenance = common.provenance("representation.py", arguments, DEFAULT_WEIGHTS)
    rows = []
    for variant in tqdm(chosen, desc="representations", dynamic_ncols=True):
        case, key = f"{variant.name} {options.seed}", f"{own} {mark(variant, options.seed)}"
        kept = journal.known(case)
        row = kept[key] if key in kept else measure(variant, options.seed)
        journal.add(case, {key: row})
        rows.append(row)
        header = [*provenance, journal.remark(), MEANING]
        common.write_table(pd.DataFrame(rows), options.out / "representation.csv", header)
    print(pd.DataFrame(rows).round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
