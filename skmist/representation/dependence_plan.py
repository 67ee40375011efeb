"""How the net of the dependency measure is trained: parameters, checked."""

from __future__ import annotations

__all__ = ["MIN_ROWS", "OBJECTIVES", "DependencePlan"]

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real

OBJECTIVES = ("donsker_varadhan", "nwj", "jensen_shannon", "infonce")
"""Names of the lower bounds that can be trained and reported."""

MIN_ROWS = 20
"""Fewest rows, of which some train, some validate and some are held out."""


@dataclass(frozen=True)
class DependencePlan:
    """Parameters of `neural_dependency` by the same names; `check` before use."""

    objective: str
    hidden_layer_sizes: Sequence[int]
    learning_rate_init: float
    batch_size: int
    max_iter: int
    n_iter_no_change: int
    n_folds: int

    def check(self) -> DependencePlan:
        """Return the plan itself.

        Raises
        ------
        ValueError
            If a parameter is not among what it may be.
        """
        if self.objective not in OBJECTIVES:
            known = ", ".join(OBJECTIVES)
            raise ValueError(f"objective is {self.objective!r}; pass one of {known}.")
        limits = {"batch_size": 2, "max_iter": 0, "n_iter_no_change": 1, "n_folds": 2}
        for name, least in limits.items():
            _check_integer(name, getattr(self, name), least)
        if self.n_folds > MIN_ROWS // 4:
            raise ValueError(f"n_folds is {self.n_folds}, but must be at most {MIN_ROWS // 4}.")
        for size in self.hidden_layer_sizes:
            _check_integer("an entry of hidden_layer_sizes", size, 1)
        rate = self.learning_rate_init
        is_number = isinstance(rate, Real) and not isinstance(rate, bool)
        if not (is_number and 0.0 < rate < 1.0):
            raise ValueError(f"learning_rate_init is {rate!r}, but must be above 0 and below 1.")
        return self


def _check_integer(name: str, value, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} is {value!r}, but must be an integer of at least {least}.")
