"""Families that look like a sample: its own rows with functions of them, and flow draws."""

from __future__ import annotations

__all__ = ["families_like"]

import importlib.util
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skmist.datasets import (
    CoupledRows,
    EmpiricalRegression,
    FamilyPrior,
    FlowTransformed,
    RotatedPairs,
    Swapped,
    fit_flow,
)
from skmist.datasets.flows import load_flow, save_flow

if TYPE_CHECKING:
    from skmist._sample.sample import Sample
    from skmist._sample.side import Side

_FEWEST_FLOW_ROWS, _MOST_FLOW_COLUMNS = 200, 16
_FEWEST_DISTINCT = 0.5
_OBSERVED, _TURNED, _COUPLED, _LATENT, _DRAWN = 0.25, 0.1, 0.45, 0.1, 0.1
_MOST_ROWS, _FEWEST_ROWS = 3000, 30


def families_like(
    sample: Sample, folder: Path, flow_seconds: float, seed: int
) -> tuple[FamilyPrior, list[str]]:
    """A prior of data sets like a sample, and what was left out of it.

    Parameters
    ----------
    sample : Sample
    folder : Path
        Where fitted flows are kept, for a run that goes on.
    flow_seconds : float
        Most time for the flow of each side.
    seed : int

    Returns
    -------
    prior : FamilyPrior
        Of the rows with functions of observed columns; of latent coordinates; the same with the
        sides exchanged; of rows of both sides that cells of them bring together; and of pairs of
        known information seen through flows.
    notes : list of str
    """
    families: list[tuple[float, Any]] = _of_rows(sample, seed)
    flows, notes = _flows(sample, folder, flow_seconds, seed)
    families += _of_flows(sample, flows, seed)
    n = min(sample.n_samples, _MOST_ROWS)
    weights, members = zip(*families, strict=True)
    return FamilyPrior(members, (max(_FEWEST_ROWS, n // 5), n), weights=weights), notes


def _of_rows(sample: Sample, seed: int) -> list[tuple[float, Any]]:
    """Functions of the rows of X, and of those of Y where these are several numbers."""
    x, y = sample.x, sample.y
    found: list[tuple[float, Any]] = [
        (_OBSERVED / len(_targets(y)), _regression(x.values, x, y, target, seed))
        for target in _targets(y)
    ]
    if y.values.shape[1] > 1 and not x.discrete.any():
        back = Swapped(_regression(y.values, y, x, "any", seed))
        found.append((_TURNED, back))
    found.append((_COUPLED, _coupled(x, y, seed)))
    return found


def _targets(side: Side) -> tuple[str, ...]:
    """What a random function that is to look like this side should be."""
    if side.values.shape[1] > 1:
        return ("any",)
    if not side.discrete.any():
        return ("continuous",)
    return ("classes", "steps") if side.ordered.any() else ("classes",)


def _coupled(x: Side, y: Side, seed: int) -> CoupledRows:
    """The rows of both sides, brought together by cells."""
    kinds = {}
    for name, side in (("x", x), ("y", y)):
        kinds[f"{name}_discrete"] = side.discrete.tolist()
        kinds[f"{name}_ordered"] = (side.discrete & side.ordered).tolist()
    return CoupledRows(_coded(x.values, x), _coded(y.values, y), seed=seed, **kinds)


def _coded(values: np.ndarray, side: Side) -> np.ndarray:
    """Discrete columns as whole numbers from 0."""
    coded = values.copy()
    for j in np.flatnonzero(side.discrete):
        coded[:, j] = np.unique(values[:, j], return_inverse=True)[1]
    return coded


def _regression(values: np.ndarray, side: Side, other: Side, target: str, seed: int) -> Any:
    """Random functions of rows; discrete columns are declared as they are of the side."""
    return EmpiricalRegression(
        _coded(values, side),
        other.values.shape[1],
        target=target,
        seed=seed,
        x_discrete=side.discrete.tolist(),
        x_ordered=(side.discrete & side.ordered).tolist(),
    )


def _flows(sample: Sample, folder: Path, seconds: float, seed: int) -> tuple[list[Any], list[str]]:
    """A flow of each side, None where it has none, and why."""
    if importlib.util.find_spec("zuko") is None:
        return [None, None], ["without flows: pip install skmist[flows] adds them"]
    flows: list[Any] = []
    notes = []
    for name, side in (("X", sample.x), ("y", sample.y)):
        reason = _no_flow(side)
        flows.append(None if reason else _kept_flow(folder / f"{name}.flow", side, seconds, seed))
        if reason and side.values.shape[1] > 1:
            notes.append(f"without a flow of {name}: {reason}")
    return flows, notes


def _kept_flow(path: Path, side: Side, seconds: float, seed: int) -> Any:
    """The flow that an earlier call has fitted, or a new one: fits end by the clock.

    One whose file is damaged is fitted anew.
    """
    with suppress(FileNotFoundError, ValueError):
        return load_flow(path)
    flow = fit_flow(side.values, max_seconds=seconds, seed=seed)
    save_flow(flow, path)
    return flow


def _no_flow(side: Side) -> str:
    """Why a side has no flow; nothing where it has."""
    n, columns = side.values.shape
    if columns == 1:
        return "one column, of which the net reads ranks"
    if n < _FEWEST_FLOW_ROWS:
        return f"{n} rows, {_FEWEST_FLOW_ROWS} are needed"
    if columns > _MOST_FLOW_COLUMNS:
        return f"{columns} columns, at most {_MOST_FLOW_COLUMNS} are fitted"
    distinct = min(len(np.unique(column)) for column in side.values.T)
    if side.discrete.any() or distinct < _FEWEST_DISTINCT * n:
        return "a column holds categories, or few distinct values"
    return ""


def _of_flows(sample: Sample, flows: list[Any], seed: int) -> list[tuple[float, Any]]:
    x_flow, y_flow = flows
    found: list[tuple[float, Any]] = []
    if x_flow is not None:
        latent = x_flow.inverse(torch.as_tensor(sample.x.values).unsqueeze(0))[0]
        for target in _targets(sample.y):
            base = _regression(latent.numpy(), sample.x, sample.y, target, seed)
            found.append((_LATENT / len(_targets(sample.y)), FlowTransformed(base, x_flow)))
    if (x_flow or y_flow) and not (sample.x.discrete.any() or sample.y.discrete.any()):
        base = RotatedPairs([0.5], sample.x.values.shape[1], sample.y.values.shape[1])
        found.append((_DRAWN, FlowTransformed(base, x_flow, y_flow)))
    return found
