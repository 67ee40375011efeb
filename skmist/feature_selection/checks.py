"""What the parameters of the selector mean, or why they mean nothing."""

from __future__ import annotations

__all__ = [
    "JOINT",
    "check_alpha",
    "check_joint",
    "feature_limit",
    "looks_at_pairs",
    "looks_together",
    "row_limit",
    "stopping_name",
]

from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from skmist._errors import InvalidSampleError
from skmist._parameters import check_choice, check_number, is_integer, is_number, refusal
from skmist.feature_selection.criteria import CRITERIA

if TYPE_CHECKING:
    from skmist.estimators.base import MutualInfoEstimator

JOINT = "joint"
"""The criterion that looks at all chosen columns together."""

_STOPPING = ("auto", "interval", "permutation")
_ROWS = 2000
_MOST_PAIRS = 500


def feature_limit(n_features: Any, max_features: Any, p: int) -> int:
    """Most columns to choose of p."""
    if max_features is not None and not is_integer(max_features, 1):
        limit = "None or an integer of at least 1"
        raise refusal("max_features", max_features, limit, "for example 10", form="=")
    if isinstance(n_features, str) and n_features == "auto":
        return p if max_features is None else min(p, int(max_features))
    if max_features is not None:
        raise ValueError(
            f"n_features={n_features!r} says how many columns to choose, and "
            f"max_features={max_features!r} how many at most. Pass one of them."
        )
    if is_integer(n_features, 1):
        if n_features > p:
            raise InvalidSampleError(
                f"n_features={n_features}, but X has {p} column(s). Pass at most {p}, a share of "
                "the columns, or 'auto'."
            )
        return int(n_features)
    if is_number(n_features, 0, 1, "]") and not isinstance(n_features, Integral):
        return max(1, round(n_features * p))
    limit = "'auto', an integer of at least 1, or a share above 0 and at most 1"
    raise refusal("n_features", n_features, limit, "for example 10 or 0.5", form="=")


def stopping_name(
    stopping: str, n_features: int | float | str, estimator: MutualInfoEstimator
) -> str:
    """How to stop: "never", "interval" or "permutation"."""
    if not isinstance(n_features, str):
        return "never"
    has_intervals = estimator.has_interval
    if stopping == "interval" and not has_intervals:
        raise ValueError(
            f"stopping='interval', but {type(estimator).__name__} has no intervals. Pass "
            "stopping='permutation', or wrap the estimator in skmist.BootstrapCI."
        )
    if stopping != "auto":
        return stopping
    return "interval" if has_intervals else "permutation"


def looks_together(pairs: str | bool) -> bool:
    """Whether a search by what all say together looks at groups of candidates."""
    if not isinstance(pairs, (bool, np.bool_)) and not (
        isinstance(pairs, str) and pairs == "auto"
    ):
        raise refusal("pairs", pairs, "'auto', True or False", "'auto', the default", form="=")
    return bool(pairs)


def looks_at_pairs(pairs: str | bool, criterion: str, p: int, stopping: str) -> bool:
    """Whether a step looks at two candidates at once."""
    reads_joint = CRITERIA[criterion].pairs == "joint"
    looks_together(pairs)
    if isinstance(pairs, str) and pairs == "auto":
        few = p * (p - 1) // 2 <= _MOST_PAIRS
        return reads_joint and few and stopping != "permutation"
    if pairs and not reads_joint:
        raise ValueError(
            f"pairs=True does not go with criterion={criterion!r}, which looks at no two columns "
            "and the target. Pass 'jmi', 'jmim' or 'cmim', or pairs='auto'."
        )
    if pairs and stopping == "permutation":
        raise ValueError(
            "pairs=True does not go with permutations: to correct for all pairs would take "
            "copies without number. Fix n_features, or use an estimator with intervals."
        )
    return bool(pairs)


def check_joint(criterion: str, stopping: str, share: Any) -> bool:
    """Whether the search looks at all chosen columns together; refuse what does not go with it."""
    check_choice("criterion", criterion, (JOINT, *CRITERIA))
    check_number("share", share, (0.0, 1.0), "0.98", form="=", closed="]")
    check_choice("stopping", stopping, _STOPPING)
    if criterion != JOINT:
        return False
    if stopping != "auto":
        raise ValueError(
            f"stopping={stopping!r} does not go with criterion='joint', which stops when the "
            "chosen columns hold `share` of the information. Pass stopping='auto', or another "
            "criterion."
        )
    return True


def row_limit(max_rows: Any, joint: bool) -> int | None:
    """Most rows to look at; None for all."""
    if isinstance(max_rows, str) and max_rows == "auto":
        return _ROWS if joint else None
    if max_rows is None or is_integer(max_rows, 5):
        return max_rows
    limit = "'auto', None or an integer of at least 5"
    raise refusal("max_rows", max_rows, limit, "for example 2000", form="=")


def check_alpha(alpha: Any) -> float:
    """Return `alpha` as a float, or refuse it where it is not between 0 and 1."""
    return check_number("alpha", alpha, (0.0, 1.0), "0.05", form="=")
