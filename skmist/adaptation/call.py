"""Adapt the net to data like a sample, in one call."""

from __future__ import annotations

__all__ = ["adapt"]

import hashlib
import time
import warnings
from os import PathLike
from pathlib import Path

from numpy.typing import ArrayLike

from skmist._errors import InvalidSampleError
from skmist._sample.sample import Sample, make_sample
from skmist.adaptation.report import Adaptation, objections
from skmist.weights import DEFAULT_WEIGHTS, load_card

_FEWEST_ROWS = 64
_FLOW_SHARE, _MOST_FLOW_SECONDS = 0.05, 60.0


def adapt(
    X: ArrayLike,
    y: ArrayLike,
    *,
    folder: str | PathLike[str],
    weights: str | PathLike[str] = DEFAULT_WEIGHTS,
    max_minutes: float = 20.0,
    discrete_features: ArrayLike = "auto",
    discrete_target: ArrayLike = "auto",
    device: str = "auto",
    workers: int = 0,
    seed: int = 0,
) -> Adaptation:
    """Train the net on with data like yours, and keep the result only where it is better.

    The net learns from your rows of X with random functions of their columns, and of latent
    coordinates, as y, where the information is known; from your rows of both sides, brought
    together by random cells of them; from pairs of known information seen through
    normalising flows that are fitted to your columns (with ``pip install skmist[flows]``); and, in
    more than half of its data sets, from what it was trained on before. What X and y in fact share
    it does not see. Error and intervals are measured on fresh draws of all of that, before and
    after; new weights that are worse are refused.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n,) or (n, p)
        Numbers, booleans, text or categories; n is at least 64.
    y : array-like or DataFrame of shape (n,) or (n, q)
        Paired with X row by row.
    folder : path-like
        Where weights and card are written, beside checkpoint and log. A run that was interrupted
        goes on when it is called again with the same data.
    weights : str or path-like, default="mist-3"
        Where to start: a shipped name or the path of a card.
    max_minutes : float, default=20.0
        Most time that it takes, measuring included. In a few minutes little is gained.
    discrete_features, discrete_target : "auto", "ordered", bool, or array-like, default="auto"
        Which columns of X and y are discrete; see :func:`skmist.mutual_info`.
    device : {"auto", "cpu", "cuda", ...}, default="auto"
        Where nets run; ``"auto"`` takes a GPU where there is one.
    workers : int, default=0
        Processes that draw data; on a machine with two cores one of them helps.
    seed : int, default=0
        Of flows and data sets.

    Returns
    -------
    adaptation : Adaptation
        ``weights`` is what to pass as ``weights=`` of :func:`skmist.mutual_info` and
        :class:`skmist.MISTRegressor`; ``report`` has the figures before and after.

    Raises
    ------
    InvalidSampleError
        If the data cannot be used, or there are fewer than 64 rows.
    WeightsError
        If the weights are missing or altered.
    ValueError
        If `max_minutes` is not positive, or the folder holds a run on other data.

    Warns
    -----
    UserWarning
        If the new weights were refused.

    See Also
    --------
    skmist.mutual_info : Estimates with the weights that come out.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skmist import adapt, mutual_info
    >>> X, y = load_wine(return_X_y=True)
    >>> adapted = adapt(X, y, folder="runs/wine")  # doctest: +SKIP
    >>> mutual_info(X, y, weights=adapted.weights)  # doctest: +SKIP
    """
    from skmist.adaptation.families import families_like
    from skmist.pretrain import fine_tune

    start = time.monotonic()
    kinds = {"discrete_features": discrete_features, "discrete_target": discrete_target}
    sample = make_sample(X, y, **kinds)
    if sample.n_samples < _FEWEST_ROWS:
        raise InvalidSampleError(
            f"X has {sample.n_samples} rows that differ, and {_FEWEST_ROWS} are needed to tell "
            "what it looks like. Collect more rows."
        )
    folder = Path(folder)
    _claim(folder, sample)
    seconds = min(_MOST_FLOW_SECONDS, _FLOW_SHARE * 60.0 * max_minutes)
    prior, notes = families_like(sample, folder, seconds, seed)
    left = max(max_minutes - (time.monotonic() - start) / 60.0, 0.5 * max_minutes)
    card = fine_tune(
        weights, prior, folder=folder, max_minutes=left, device=device, workers=workers, seed=seed
    )
    return _judged(card, str(weights), notes)


def _claim(folder: Path, sample: Sample) -> None:
    """Write whose folder it is, and refuse that of other data."""
    digest = hashlib.sha256(sample.x.values.tobytes() + sample.y.values.tobytes()).hexdigest()
    path = folder / "sample.sha256"
    if path.exists() and path.read_text(encoding="utf-8") != digest:
        raise ValueError(f"{folder} holds an adaptation to other data; pass another folder")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(digest, encoding="utf-8")


def _judged(path: Path, started: str, notes: list[str]) -> Adaptation:
    """The new weights, or the old ones where these are better; then the new ones are removed."""
    figures = load_card(path)["results"]["fine_tuning"]
    reasons = objections(figures["before"], figures["after"])
    taken = str(path)
    if reasons:
        path.unlink()
        path.with_suffix(".safetensors").unlink()
        taken = started
        warnings.warn(
            f"the adapted weights were refused, and {started} stays: {'; '.join(reasons)}. Give "
            "the training more minutes, or more rows.",
            UserWarning,
            stacklevel=3,
        )
    return Adaptation(
        taken, not reasons, reasons, tuple(notes), figures["before"], figures["after"]
    )
