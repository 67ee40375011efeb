"""How the critics of MINE are trained: parameters, checked."""

from __future__ import annotations

__all__ = ["MIN_TRAINING_ROWS", "OBJECTIVES", "Plan"]

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real

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
        _check_choice("objective", self.objective, OBJECTIVES)
        _check_choice("critic", self.critic, _CRITICS)
        _check_layers(self.hidden_layer_sizes)
        _check_integer("batch_size", self.batch_size, 2)
        _check_integer("max_iter", self.max_iter, 1)
        _check_integer("n_iter_no_change", self.n_iter_no_change, 1)
        if self.n_folds != "auto":
            _check_integer("n_folds", self.n_folds, 2)
        _check_between("learning_rate_init", self.learning_rate_init, 0.0, 1.0)
        _check_between("validation_fraction", self.validation_fraction, 0.0, 1.0)
        return self

    def folds(self, n: int) -> int:
        """Number of folds for n rows, so that each has 2 at least."""
        if self.n_folds == "auto":
            wanted = _FEW_FOLDS if n >= _MANY_ROWS else _MANY_FOLDS
        else:
            wanted = self.n_folds
        return max(2, min(wanted, n // 2))

    def validation_rows(self, n: int) -> int:
        """How many of the n rows outside a fold are set aside for validation."""
        if not self.early_stopping:
            return 0
        least = min(_LEAST_VALIDATION, n // 4)
        return min(n - 2, max(2, least, round(self.validation_fraction * n)))


def _check_choice(name: str, value, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} is {value!r}; pass one of {', '.join(known)}.")


def _check_integer(name: str, value, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} is {value!r}, but must be an integer of at least {least}.")


def _check_between(name: str, value, low: float, high: float) -> None:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not (is_number and low < value < high):
        raise ValueError(f"{name} is {value!r}, but must be above {low:g} and below {high:g}.")


def _check_layers(sizes) -> None:
    is_sequence = isinstance(sizes, Sequence) and not isinstance(sizes, str) and len(sizes) > 0
    if not is_sequence:
        raise ValueError(
            f"hidden_layer_sizes is {sizes!r}, but must be a sequence of at least 1 width, such "
            "as (64, 64)."
        )
    for size in sizes:
        _check_integer("an entry of hidden_layer_sizes", size, 1)
