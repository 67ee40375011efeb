"""The documented door to what :func:`skmist.mi_matrix` returns in its long form."""

from __future__ import annotations

__all__ = ["mi_matrix", "square_form"]

from skmist.frame.forms import square_form
from skmist.frame.matrix import mi_matrix
