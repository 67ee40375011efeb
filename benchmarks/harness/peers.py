"""The estimators that the benchmarks compare.

Every number is in nats. Only the public names of ``skmist`` are used.
"""

from __future__ import annotations

__all__ = [
    "LEVELS",
    "MIST",
    "NEIGHBORS",
    "Answer",
    "Case",
    "Peer",
    "ask",
    "build_peers",
    "default_names",
    "interval_columns",
    "peer_names",
]

import hashlib
import math
import time
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from scipy.special import ndtri
from scipy.stats import rankdata
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

import skmist

NEIGHBORS = (1, 3, 5, 10)
LEVELS = (0.5, 0.9)
MIST = "mist"
SKLEARN_NEIGHBORS = 3
OBJECTIVES = {"mine_dv": "donsker_varadhan", "mine_nwj": "nwj", "mine_infonce": "infonce"}


class Case(NamedTuple):
    """One sample, x (n, p) and y (n, q), with masks of its discrete columns.

    Where the ``kinds`` of both sides' columns are known ("continuous", "ordinal",
    "categorical"), `told` hands them on.
    """

    x: np.ndarray
    y: np.ndarray
    x_discrete: tuple[bool, ...] | bool = False
    y_discrete: tuple[bool, ...] | bool = False
    kinds: tuple[tuple[str, ...], tuple[str, ...]] | None = None

    def masks(self) -> dict:
        """Return the masks as an estimator takes them."""
        return {"discrete_features": self.x_discrete, "discrete_target": self.y_discrete}

    def told(self) -> tuple:
        """Return both sides as a user has them who knows which columns have an order."""
        if self.kinds is None:
            return self.x, self.y
        return tuple(_frame(*side) for side in zip((self.x, self.y), self.kinds, strict=True))

    def mapped(self, function: Callable[[np.ndarray], np.ndarray]) -> Case:
        """Return the case with ``function`` applied to its continuous columns."""
        x = np.where(self.x_discrete, self.x, function(self.x))
        y = np.where(self.y_discrete, self.y, function(self.y))
        return self._replace(x=x, y=y)

    def digest(self) -> str:
        """Return what tells this sample from any other: a hash of its numbers and masks."""
        digest = hashlib.sha256(repr((self.x.shape, self.y.shape, *self[2:4])).encode())
        for a in self[:2]:
            digest.update(np.ascontiguousarray(a, dtype=float).tobytes())
        return digest.hexdigest()[:16]


def _frame(values: np.ndarray, kinds: tuple[str, ...]) -> pd.DataFrame:
    """Columns of which categories are named, and steps are ordered categories."""
    columns = {}
    for j, (column, kind) in enumerate(zip(values.T, kinds, strict=True)):
        whole = pd.Series(column)
        if kind != "continuous":
            whole = whole.astype(pd.CategoricalDtype(np.unique(column), kind == "ordinal"))
            if kind == "categorical":
                whole = whole.cat.rename_categories([f"c{c}" for c in whole.cat.categories])
        columns[f"column{j}"] = whole
    return pd.DataFrame(columns)


class Answer(NamedTuple):
    """What one peer says about one sample: MI, (level, low, high) of intervals, remarks."""

    mi: float
    intervals: tuple[tuple[float, float, float], ...] = ()
    warnings: str = ""
    error: str = ""
    seconds: float = math.nan

    def row(self) -> dict:
        """Return the answer as the columns of a result table."""
        columns = {
            column: value
            for level, *bounds in self.intervals
            for column, value in zip(interval_columns(level), bounds, strict=True)
        }
        remarks = {"seconds": self.seconds, "warnings": self.warnings, "error": self.error}
        return {"mi": self.mi, **columns, **remarks}


def _always(case: Case) -> bool:
    return True


class Peer(NamedTuple):
    """A named estimator: ``estimate(case)`` answers the cases that ``applies(case)`` names.

    Its answers depend on ``modules`` of ours, and where they do so, on ``weights`` and ``device``.
    """

    name: str
    estimate: Callable[[Case], Answer]
    applies: Callable[[Case], bool] = _always
    modules: tuple[str, ...] = ()
    weights: str = ""
    device: str = ""

    def uses_gpu(self) -> bool:
        """Return whether the estimator computes on a GPU."""
        auto = self.device == "auto" and torch.cuda.is_available()
        return auto or self.device.startswith("cuda")


def interval_columns(level: float) -> tuple[str, str]:
    """Return the column names of the interval of a level, such as ``low_90``, ``high_90``."""
    percent = round(100 * level)
    return f"low_{percent}", f"high_{percent}"


def _standardized(a: np.ndarray) -> np.ndarray:
    """Scale columns to unit spread, as scikit-learn does before its own KSG estimate."""
    spread = a.std(axis=0)
    return a / np.where(spread > 0, spread, 1.0)


def _normal_scores(a: np.ndarray) -> np.ndarray:
    """Replace each column by the normal scores of its ranks; MI does not change."""
    return ndtri(rankdata(a, axis=0) / (len(a) + 1))


def _ksg(k: int, prepare: Callable[[np.ndarray], np.ndarray], case: Case) -> Answer:
    prepared = case.mapped(prepare)
    ksg = skmist.KSGEstimator(n_neighbors=k, n_jobs=1, **case.masks())
    return Answer(ksg.fit(prepared.x, prepared.y).mi_)


def _copula(case: Case) -> Answer:
    return Answer(skmist.GaussianCopulaEstimator(**case.masks()).fit(case.x, case.y).mi_)


def _mist(device: str, weights: str, case: Case) -> Answer:
    net = skmist.MISTRegressor(weights=weights, device=device, **case.masks())
    net.fit(*case.told())
    intervals = tuple((level, *net.interval(level)) for level in LEVELS)
    return Answer(net.mi_, intervals, "; ".join(net.warnings_))


def _mine(objective: str, device: str, case: Case) -> Answer:
    settings = {"objective": objective, "device": device, "random_state": 0}
    return Answer(skmist.MINEEstimator(**settings, **case.masks()).fit(case.x, case.y).mi_)


def _pair_of_columns(case: Case) -> bool:
    return case.x.shape[1] == case.y.shape[1] == 1


def _sklearn(case: Case) -> Answer:
    x_discrete, y_discrete = (bool(np.all(mask)) for mask in case[2:4])
    estimate = mutual_info_classif if y_discrete else mutual_info_regression
    y = case.y[:, 0].astype(int) if y_discrete else case.y[:, 0]
    options = {"n_neighbors": SKLEARN_NEIGHBORS, "random_state": 0, "n_jobs": 1}
    return Answer(float(estimate(case.x, y, discrete_features=[x_discrete], **options)[0]))


def default_names() -> list[str]:
    """Return the names of the peers that are quick; the max rules are derived from them."""
    raw = [f"ksg_k{k}" for k in NEIGHBORS]
    scores = [f"ksg_scores_k{k}" for k in NEIGHBORS]
    return [f"sklearn_k{SKLEARN_NEIGHBORS}", *raw, *scores, "gaussian_copula", MIST]


def peer_names() -> list[str]:
    """Return the names of all peers that can be run: the quick ones, and our MINE family."""
    return [*default_names(), *OBJECTIVES]


def build_peers(names: Iterable[str], device: str, weights: str) -> list[Peer]:
    """Build the peers of the given names, which are some of `peer_names`."""
    ksg, net = ("skmist.estimators.ksg.estimator",), ("skmist.estimators.mist.estimator",)
    sklearn = Peer(f"sklearn_k{SKLEARN_NEIGHBORS}", _sklearn, _pair_of_columns)
    copula = Peer("gaussian_copula", _copula, modules=("skmist.estimators.copula.estimator",))
    mist = Peer(MIST, partial(_mist, device, weights), _always, net, weights, device)
    known = {peer.name: peer for peer in (sklearn, copula, mist)}
    for k in NEIGHBORS:
        for name, prepare in (("ksg", _standardized), ("ksg_scores", _normal_scores)):
            known[f"{name}_k{k}"] = Peer(f"{name}_k{k}", partial(_ksg, k, prepare), modules=ksg)
    for name, objective in OBJECTIVES.items():
        estimate = partial(_mine, objective, device)
        known[name] = Peer(
            name, estimate, modules=("skmist.estimators.mine.estimator",), device=device
        )
    return [known[name] for name in names]


def ask(peer: Peer, case: Case) -> Answer:
    """Ask a peer about a case, and time it; a failure becomes an answer with the message.

    The time is that of the processor, which other work on the machine does not lengthen; on a
    GPU it is the time of day.
    """
    clock = time.perf_counter if peer.uses_gpu() else time.process_time
    start = clock()
    try:
        with warnings.catch_warnings():
            # Remarks go into the table, row by row.
            warnings.simplefilter("ignore", UserWarning)
            answer = peer.estimate(case)
    except Exception as error:  # a benchmark outlives whatever a peer may raise
        answer = Answer(math.nan, error=f"{type(error).__name__}: {error}")
    return answer._replace(seconds=clock() - start)
