"""Representations of the digits that are compared, as fitted models kept on disk."""

from __future__ import annotations

__all__ = ["LAYERS", "SEEDS", "Digits", "Model", "Variant", "digits", "fitted", "mark", "variants"]

import hashlib
import pickle
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from harness.common import ROOT
from harness.journal import processor, sources, versions
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import FunctionTransformer

from skmist import DeepInfoMax

LAYERS = ("Y", "fc", "conv")
SEEDS = (0, 1, 2)
MODELS = ROOT / "runs" / "benchmarks" / "infomax_models"
_TEST_SHARE = 0.25


class Digits(NamedTuple):
    """1,347 images (n, 8, 8) to learn from, 450 to judge by, and their labels."""

    train: np.ndarray
    y_train: np.ndarray
    test: np.ndarray
    y_test: np.ndarray


def digits(seed: int) -> Digits:
    """Return scikit-learn's digits, split by the seed and evenly by label."""
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8)
    split = train_test_split(
        images, labels, test_size=_TEST_SHARE, random_state=seed, stratify=labels
    )
    train, test, y_train, y_test = split
    return Digits(train, y_train, test, y_test)


@dataclass(frozen=True)
class Variant:
    """A representation by name.

    Attributes
    ----------
    name : str
        In the tables.
    group : {"baseline", "main", "ablation"}
    seeds : tuple of int
        Those of a plain run.
    model : transformer
        Of images (n, 8, 8); its `random_state` is set to the seed.
    """

    name: str
    group: str
    seeds: tuple[int, ...]
    model: Any


class Model(NamedTuple):
    """A fitted variant: the transformer, and CPU seconds of its fit."""

    transformer: Any
    seconds: float

    def features(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Return the layers of the images, (n, d) each; a baseline has "Y" only."""
        if not isinstance(self.transformer, DeepInfoMax):
            return {"Y": self.transformer.transform(images.reshape(len(images), -1))}
        asked = self.transformer.layer
        found = {}
        for layer in LAYERS:
            self.transformer.layer = layer
            found[layer] = self.transformer.transform(images)
        self.transformer.layer = asked
        return found


def _dim(**parameters) -> DeepInfoMax:
    return DeepInfoMax(**{"max_iter": 40, "device": "cpu", **parameters})


def _random(n_components: int) -> DeepInfoMax:
    return _dim(n_components=n_components, max_iter=0, gamma=0.0)


_OBJECTIVES = {"JSD": "jensen_shannon", "InfoNCE": "infonce", "DV": "donsker_varadhan"}
_TERMS: dict[str, dict[str, float]] = {
    "DIM(L)": {"alpha": 0.0, "beta": 1.0},
    "DIM(G)": {"alpha": 1.0, "beta": 0.0},
    "DIM(L+G)": {"alpha": 0.5, "beta": 1.0},
}


def variants() -> dict[str, Variant]:
    """Return all that is compared, by name, in the order of the tables."""
    found = [
        Variant("raw pixels", "baseline", SEEDS, FunctionTransformer()),
        Variant("PCA 16", "baseline", SEEDS, PCA(16)),
        Variant("PCA 40", "baseline", SEEDS, PCA(40)),
        Variant("random encoder 16", "baseline", SEEDS, _random(16)),
        Variant("random encoder 64", "baseline", SEEDS, _random(64)),
    ]
    for term, weights in _TERMS.items():
        for short, objective in _OBJECTIVES.items():
            model = _dim(objective=objective, gamma=0.1, **weights)
            main = term == "DIM(L)" or short != "DV"
            group, seeds = ("main", SEEDS) if main else ("ablation", (0,))
            found.append(Variant(f"{term} {short}", group, seeds, model))
    found.append(Variant("DIM(L) JSD, no prior", "main", SEEDS, _dim(gamma=0.0)))
    for short in ("JSD", "InfoNCE"):
        few = {"n_components": 16, "objective": _OBJECTIVES[short]}
        found.append(
            Variant(f"DIM(L) {short} 16, no prior", "main", SEEDS, _dim(gamma=0.0, **few))
        )
        found.append(Variant(f"DIM(L) {short} 16", "ablation", (0,), _dim(gamma=0.1, **few)))
    found += [Variant(name, "ablation", (0,), model) for name, model in _ablations()]
    return {variant.name: variant for variant in found}


def _ablations() -> list[tuple[str, DeepInfoMax]]:
    """Each changes one thing of "DIM(L) JSD"."""
    changes: dict[str, dict] = {
        "prior x 10": {"gamma": 1.0},
        "Gaussian prior": {"prior": "gaussian"},
        "absolute coordinates": {"coordinates": "absolute"},
        "relative coordinates": {"coordinates": "relative"},
        "occlusion": {"occlusion": 0.25},
        "occlusion, absolute coordinates": {"occlusion": 0.25, "coordinates": "absolute"},
        "concatenate and convolve": {"critic": "concat", "critic_hidden_layer_sizes": (32,)},
        "DIM(G), no prior": {"alpha": 1.0, "beta": 0.0, "gamma": 0.0},
    }
    return [(name, _dim(**{"gamma": 0.1, **change})) for name, change in changes.items()]


def fitted(variant: Variant, seed: int) -> Model:
    """Return the variant fitted to the images of that seed; from disk where it is there.

    A model on disk counts where the sources, the versions, the processor and its parameters are
    the same.
    """
    path = MODELS / f"{mark(variant, seed)}.pkl"
    if path.exists():
        with path.open("rb") as file:
            return pickle.load(file)
    model = _fit(variant, seed)
    MODELS.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        pickle.dump(model, file)
    partial.replace(path)
    return model


def mark(variant: Variant, seed: int) -> str:
    """Return a hash of all that a fitted model depends on."""
    parameters = sorted(variant.model.get_params().items())
    told = [versions(), processor(), type(variant.model).__name__, parameters, seed]
    digest = hashlib.sha256("\n".join(map(str, told)).encode())
    for path in sources(("skmist.infomax.estimator",)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _fit(variant: Variant, seed: int) -> Model:
    model, images = clone(variant.model), digits(seed).train
    if "random_state" in model.get_params():
        model.set_params(random_state=seed)
    if not isinstance(model, DeepInfoMax):
        images = images.reshape(len(images), -1)
    start = time.process_time()
    model.fit(images)
    return Model(model, time.process_time() - start)
