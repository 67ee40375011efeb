"""One table of the measures of several representations."""

from __future__ import annotations

__all__ = ["MEASURES", "representation_report"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_consistent_length

from skmist.representation.dependence import neural_dependency
from skmist.representation.information import input_information
from skmist.representation.prior import ks_distances
from skmist.representation.probes import PROBES, probe_score
from skmist.representation.reconstruction import reconstruction_similarity
from skmist.representation.rows import read_rows_flat, rows_that_judge

_FEW_LABELS = 10


@dataclass(frozen=True)
class _Case:
    """A representation, its data, and how it is to be measured."""

    code: np.ndarray
    X: Any
    y: np.ndarray | None
    prior: Any
    test_rows: np.ndarray
    labels_per_class: int
    image_shape: tuple[int, ...] | None
    seed: int
    device: str


Measure = Callable[[_Case], float]


def _probe(name: str) -> Measure:
    def measure(case: _Case) -> float:
        return probe_score(
            case.code, case.y, name, test_rows=case.test_rows, random_state=case.seed
        )

    return measure


def _few_labels(case: _Case) -> float:
    return probe_score(
        case.code,
        case.y,
        labels_per_class=case.labels_per_class,
        test_rows=case.test_rows,
        random_state=case.seed,
    )


def _information(name: str) -> Measure:
    def measure(case: _Case) -> float:
        return input_information(
            case.X, case.code, estimator=name, random_state=case.seed, device=case.device
        )

    return measure


def _dependency(case: _Case) -> float:
    return neural_dependency(case.code, random_state=case.seed, device=case.device)


def _distance(case: _Case) -> float:
    return float(ks_distances(case.code, case.prior).max())


def _reconstruction(case: _Case) -> float:
    return reconstruction_similarity(
        case.X,
        case.code,
        image_shape=case.image_shape,
        test_rows=case.test_rows,
        random_state=case.seed,
    )


_FUNCTIONS: dict[str, Measure] = {
    **{name: _probe(name) for name in PROBES},
    "few_labels": _few_labels,
    "ms_ssim": _reconstruction,
    "mine": _information("mine"),
    "mist": _information("mist"),
    "ndm": _dependency,
    "ks": _distance,
}
_OF_LABELS = (*PROBES, "few_labels")

MEASURES = tuple(_FUNCTIONS)
"""Names of the measures that `representation_report` knows, in the order of its columns."""


def representation_report(
    codes: Mapping[str, Any],
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    measures: str | Sequence[str] = "auto",
    test_rows: float | ArrayLike = 0.25,
    labels_per_class: int | None = _FEW_LABELS,
    prior: str | Callable[[np.ndarray], np.ndarray] | None = None,
    image_shape: Sequence[int] | None = None,
    random_state: int | np.random.RandomState | None = None,
    device: str = "auto",
) -> pd.DataFrame:
    """Measure several representations of the same rows, all alike, and return one table.

    Parameters
    ----------
    codes : dict of {str: array-like of shape (n, d) or fitted transformer}
        Representations by name: codes of the rows of X, or what makes them of X by
        ``transform``. Axes of codes beyond the first are flattened.
    X : array-like of shape (n, p) or images of shape (n, h, w), (n, h, w, c) or (n, c, h, w)
        The input.
    y : array-like of shape (n,) or (n, q) or None, default=None
        Classes or numbers, for probes.
    measures : "auto" or sequence of str, default="auto"
        Columns of the table:

        - ``"linear"``, ``"knn"``, ``"mlp"``: `probe_score`;
        - ``"few_labels"``: that of the linear probe with few labels of each class;
        - ``"ms_ssim"``: `reconstruction_similarity`; needs torchmetrics;
        - ``"mine"``, ``"mist"``: `input_information`, nats;
        - ``"ndm"``: `neural_dependency`, nats;
        - ``"ks"``: the largest of `ks_distances`.

        ``"auto"`` takes the probes that y allows, ``"mine"``, ``"mist"``, ``"ndm"``, and
        ``"ks"`` where a prior is given.
    test_rows : float or array-like, default=0.25
        Rows that judge probes and reconstructions: their share, drawn evenly of all classes, or
        indices or a mask. Name those that no transformer was fitted to.
    labels_per_class : int, default=10
        Of ``"few_labels"``.
    prior : {"uniform", "gaussian"}, callable or None, default=None
        Of ``"ks"``.
    image_shape : tuple of int or None, default=None
        Shape of an image, where X is flat, for ``"ms_ssim"``.
    random_state : int, RandomState instance or None, default=None
        Source of the split, of draws of labels and of first weights; the same for all
        representations.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.

    Returns
    -------
    report : pandas.DataFrame of shape (n_codes, n_measures)
        Index = names of representations, in their order.

    Raises
    ------
    ValueError
        If a measure is unknown or lacks what it needs, or the data cannot be used.
    ImportError
        If ``"ms_ssim"`` is asked for and torchmetrics is not installed.

    Warns
    -----
    BoundWarning, OutOfRangeWarning
        See `input_information` and `neural_dependency`.

    See Also
    --------
    skmist.DeepInfoMax : Learns representations.

    References
    ----------
    .. [1] R. D. Hjelm et al. (2019), "Learning deep representations by mutual information
       estimation and maximization", ICLR, arXiv:1808.06670.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.decomposition import PCA
    >>> from skmist.representation import representation_report
    >>> X, y = load_iris(return_X_y=True)
    >>> codes = {"raw": X, "PCA 1": PCA(1).fit(X)}
    >>> report = representation_report(codes, X, y, measures=["linear", "knn"], random_state=0)
    >>> list(report.columns), list(report.index)
    (['linear', 'knn'], ['raw', 'PCA 1'])
    >>> bool((report > 0.9).all(axis=None))
    True
    """
    y = None if y is None else np.asarray(y)
    asked = _asked(measures, y, prior)
    n = len(read_rows_flat(X, "X"))
    if y is not None:
        check_consistent_length(X, y)
    rng = check_random_state(random_state)
    test = rows_that_judge(test_rows, n, y if _has_classes(y) else None, rng)[1]
    settings = {
        "X": X,
        "y": y,
        "prior": prior,
        "test_rows": test,
        "labels_per_class": labels_per_class,
        "image_shape": image_shape,
        "seed": rng.randint(np.iinfo(np.int32).max),
        "device": device,
    }
    cases = {name: _Case(code=code, **settings) for name, code in _read(codes, X, n).items()}
    rows = {name: [_FUNCTIONS[key](case) for key in asked] for name, case in cases.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(asked))


def _asked(
    measures: str | Sequence[str],
    y: np.ndarray | None,
    prior: str | Callable[[np.ndarray], np.ndarray] | None,
) -> Sequence[str]:
    if isinstance(measures, str) and measures == "auto":
        lacking = {"ms_ssim"}
        lacking |= set() if y is not None else set(_OF_LABELS)
        lacking |= set() if _has_classes(y) else {"few_labels"}
        lacking |= set() if prior is not None else {"ks"}
        return [name for name in MEASURES if name not in lacking]
    asked = [measures] if isinstance(measures, str) else list(measures)
    for name in asked:
        if name not in _FUNCTIONS:
            raise ValueError(f"measures has {name!r}; pass some of {', '.join(MEASURES)}.")
        if name in _OF_LABELS and y is None:
            raise ValueError(f"{name!r} needs a target, but y is None. Pass y.")
        if name == "ks" and prior is None:
            raise ValueError("'ks' needs a prior, but prior is None. Pass prior='uniform'.")
    return asked


def _has_classes(y: np.ndarray | None) -> bool:
    return y is not None and type_of_target(y, input_name="y") in ("binary", "multiclass")


def _read(codes: Mapping[str, Any], X: ArrayLike, n: int) -> dict[str, np.ndarray]:
    if not isinstance(codes, Mapping) or not codes:
        raise ValueError(
            f"codes is {type(codes).__name__} with nothing in it to measure by name. Pass "
            "representations as {'name': code}."
        )
    found = {}
    for name, code in codes.items():
        array = code.transform(X) if hasattr(code, "transform") else code
        found[name] = read_rows_flat(array, f"codes[{name!r}]")
        if len(found[name]) != n:
            raise ValueError(
                f"codes[{name!r}] has {len(found[name])} rows and X has {n}, and the numbers must "
                "be equal."
            )
    return found
