"""How the net of the dependency measure is trained: parameters, checked."""

from __future__ import annotations

__all__ = ["MIN_ROWS", "OBJECTIVES", "DependencePlan"]

from collections.abc import Sequence
from dataclasses import dataclass

from skmist._parameters import (
    check_choice,
    check_integer,
    check_number,
    check_widths,
    refusal,
)

OBJECTIVES = ("donsker_varadhan", "nwj", "jensen_shannon", "infonce")
"""Names of the lower bounds that can be trained and reported."""

MIN_ROWS = 20
"""Fewest rows, of which some train, some validate and some are held out."""

_LIMITS = (
    ("batch_size", 2, 32),
    ("max_iter", 0, 60),
    ("n_iter_no_change", 1, 8),
    ("n_folds", 2, 3),
)


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
        check_choice("objective", self.objective, OBJECTIVES)
        for name, least, default in _LIMITS:
            check_integer(name, getattr(self, name), least, f"{default}, the default")
        if self.n_folds > MIN_ROWS // 4:
            raise refusal("n_folds", self.n_folds, f"at most {MIN_ROWS // 4}", "3, the default")
        check_widths("hidden_layer_sizes", self.hidden_layer_sizes)
        check_number("learning_rate_init", self.learning_rate_init, (0.0, 1.0), "for example 0.01")
        return self
