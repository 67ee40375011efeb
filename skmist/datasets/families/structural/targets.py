"""Targets by name: numbers, several of them, classes, counts, ordered steps."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor

from skmist.datasets.families.structural.continuous import ContinuousTarget
from skmist.datasets.families.structural.several import SeveralTargets, TwoSignals
from skmist.datasets.families.structural.tables import ClassTarget, CountTarget, StepTarget

__all__ = ["draw_target"]


def draw_target(
    kind: str,
    outputs: int,
    inputs: Tensor,
    generator: torch.Generator,
    rng: random.Random,
    whole: bool = False,
) -> Any:
    """A target of some columns (B, M, a), whose law is that of their M rows.

    Parameters
    ----------
    kind : {"several", "continuous", "far", "classes", "counts", "steps"}
    outputs : int
        Number of its columns; more than one of numbers alone.
    inputs, generator, rng, whole
        As of `ContinuousTarget`.
    """
    if kind == "several":
        return SeveralTargets(TwoSignals(inputs, generator, rng), outputs, generator, rng)
    if kind not in ("continuous", "far"):
        made: Any = {"classes": ClassTarget, "counts": CountTarget, "steps": StepTarget}[kind]
        return made(inputs, generator, rng)
    base: Any = ContinuousTarget(inputs, generator, rng, kind == "far", whole)
    return SeveralTargets(base, outputs, generator, rng) if outputs > 1 else base
