"""Given what: mutual information that a third set of columns does not explain."""

from __future__ import annotations

__all__ = ["PreparedConditional", "conditional_mutual_info", "prepare_conditional"]

from skmist.conditional.estimate import (
    PreparedConditional,
    conditional_mutual_info,
    prepare_conditional,
)
