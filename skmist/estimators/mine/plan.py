"""How the critics of MINE are trained: parameters, checked."""

from __future__ import annotations

__all__ = ["MIN_TRAINING_ROWS", "OBJECTIVES", "Plan"]

from collections.abc import Sequence
from dataclasses import dataclass

from skmist._parameters import check_choice, check_integer, check_number, check_widths

OBJECTIVES = (
    "donsker_varadhan",
    "nwj",
    "jensen_shannon",
    "infonce",
    "smile",
    "interpolated",
)
"""Names of the bounds that can be trained and reported."""

MIN_TRAINING_ROWS = 16
"""Fewest rows, validation included, to train a critic on; with fewer it knows nothing."""

_CRITICS = ("separable", "joint")
_MANY_ROWS = 2000
_LEAST_VALIDATION = 64
_FEW_FOLDS, _MANY_FOLDS = 2, 5
_ROWS_PER_PAIR = 8


@dataclass(frozen=True)
class Plan:
    """The parameters of `skmist.MINEEstimator` by the same names; `check` before use."""

    objective: str
    critic: str
    hidden_layer_sizes: Sequence[int]
    gaussian_start: bool
    learning_rate_init: float
    batch_size: int
    max_iter: int
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: int
    tol: float
    n_folds: str | int

    def check(self) -> Plan:
        """Return the plan itself.

        Raises
        ------
        ValueError
            If a parameter is not among what it may be.
        """
        check_choice("objective", self.objective, OBJECTIVES)
        check_choice("critic", self.critic, _CRITICS)
        check_widths("hidden_layer_sizes", self.hidden_layer_sizes, 1)
        check_integer("batch_size", self.batch_size, 2, "256, the default")
        check_integer("max_iter", self.max_iter, 1, "60, the default")
        check_integer("n_iter_no_change", self.n_iter_no_change, 1, "10, the default")
        if self.n_folds != "auto":
            check_integer("n_folds", self.n_folds, 2, "'auto', the default")
        for name, default in (("learning_rate_init", 0.005), ("validation_fraction", 0.1)):
            remedy = f"{default}, the default"
            check_number(name, getattr(self, name), (0.0, 1.0), remedy, noun="")
        return self

    def folds(self, n: int, a: int, b: int) -> int:
        """Number of folds for n rows of a and b columns, so that each has 2 at least.

        A critic of t rows misses ``a * b / (2 * t)`` nats of even a Gaussian: the rows of a half
        do not do where columns are many.
        """
        if isinstance(self.n_folds, str):
            enough = n >= max(_MANY_ROWS, _ROWS_PER_PAIR * a * b)
            wanted = _FEW_FOLDS if enough else _MANY_FOLDS
        else:
            wanted = self.n_folds
        return max(2, min(wanted, n // 2))

    def validation_rows(self, n: int) -> int:
        """How many of the n rows outside a fold are set aside for validation."""
        if not self.early_stopping:
            return 0
        least = min(_LEAST_VALIDATION, n // 4)
        return min(n - 2, max(2, least, round(self.validation_fraction * n)))
