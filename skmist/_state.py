"""What pickles hold: a number of their form, by which older ones are told."""

from __future__ import annotations

__all__ = ["STATE", "VersionedState"]

import inspect
import warnings
from typing import Any

STATE = 2
"""Form of what fitted estimators hold; every change after which old ones would fail raises it."""

_KEY = "_skmist_state"


class VersionedState:
    """Mixin of estimators, before ``BaseEstimator``: a pickle of another form comes back unfitted.

    With its parameters, and a warning: it would fail later, or answer wrongly.
    """

    def __getstate__(self) -> dict[str, Any]:
        state: Any = super().__getstate__()
        return {**state, _KEY: STATE}

    def __setstate__(self, state: dict[str, Any]) -> None:
        held = dict(state)
        number = held.pop(_KEY, 0)
        if number != STATE:
            parameters = self._parameters(held)
            if _is_fitted(held):
                warnings.warn(
                    f"This {type(self).__name__} was pickled by another version of skmist (form "
                    f"{number} of what it holds; this version has form {STATE}), so its fit is "
                    "not taken over. Fit it again.",
                    stacklevel=2,
                )
            held = parameters
        self.__dict__.update(held)

    def _parameters(self, held: dict[str, Any]) -> dict[str, Any]:
        """The parameters of today, as they were, or as they are by default."""
        known = inspect.signature(type(self).__init__).parameters.values()
        wanted = [p for p in known if p.name != "self" and p.kind is not p.VAR_KEYWORD]
        return {
            p.name: held.get(p.name, None if p.default is p.empty else p.default) for p in wanted
        }


def _is_fitted(held: dict[str, Any]) -> bool:
    return any(name.endswith("_") and not name.startswith("_") for name in held)
