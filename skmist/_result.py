"""The answer of the function twins: an estimate with its interval."""

from __future__ import annotations

__all__ = ["MIEstimate"]

import math
from dataclasses import dataclass, replace
from html import escape

_NATS_PER_BIT = math.log(2.0)


@dataclass(frozen=True, repr=False)
class MIEstimate:
    """An estimate of mutual information.

    Parameters
    ----------
    mi : float
        The estimate, in nats unless `unit` says otherwise.
    low, high : float or None
        Bounds of the interval, in the same unit; None where the method has no interval.
    level : float or None
        Probability that an interval is meant to hold the true value, between 0 and 1; None without
        interval.
    method : str
        Name of the estimator.
    n_samples : int
        Number of rows n.
    warnings : tuple of str, default=()
        What speaks against the estimate, in words.
    unit : {"nats", "bits"}, default="nats"
        Unit of `mi`, `low` and `high`.

    Examples
    --------
    >>> from skmist import MIEstimate
    >>> estimate = MIEstimate(0.4123, 0.371, 0.455, 0.9, "mist", 500)
    >>> estimate
    MIEstimate(0.412 nats, 90% interval [0.371, 0.455], method='mist', n=500)
    >>> estimate.bits
    MIEstimate(0.595 bits, 90% interval [0.535, 0.656], method='mist', n=500)
    >>> float(estimate)
    0.4123
    >>> f"{estimate:.2f}"
    '0.41'
    """

    mi: float
    low: float | None
    high: float | None
    level: float | None
    method: str
    n_samples: int
    warnings: tuple[str, ...] = ()
    unit: str = "nats"

    @property
    def bits(self) -> MIEstimate:
        """The same estimate in bits (1 bit = ln 2 nats)."""
        return self if self.unit == "bits" else self._scaled(1.0 / _NATS_PER_BIT, "bits")

    @property
    def nats(self) -> MIEstimate:
        """The same estimate in nats."""
        return self if self.unit == "nats" else self._scaled(_NATS_PER_BIT, "nats")

    def _scaled(self, factor: float, unit: str) -> MIEstimate:
        low = None if self.low is None else self.low * factor
        high = None if self.high is None else self.high * factor
        return replace(self, mi=self.mi * factor, low=low, high=high, unit=unit)

    def __float__(self) -> float:
        return float(self.mi)

    def __format__(self, spec: str) -> str:
        return format(self.mi, spec) if spec else repr(self)

    def _repr_html_(self) -> str:
        """The estimate as a notebook shows it."""
        lines = [f"<b>{self.mi:.3f} {self.unit}</b>"]
        if self.low is not None and self.high is not None:
            level = "" if self.level is None else f"{100 * self.level:g}% "
            lines[0] += f", {level}interval [{self.low:.3f}, {self.high:.3f}]"
        lines.append(f"<small>{escape(self.method)}, {self.n_samples} rows</small>")
        lines += [f"<small>{escape(note)}</small>" for note in self.warnings]
        return f"<div>{'<br>'.join(lines)}</div>"

    def __repr__(self) -> str:
        parts = [f"{self.mi:.3f} {self.unit}"]
        if self.low is not None and self.high is not None:
            level = "" if self.level is None else f"{100 * self.level:g}% "
            parts.append(f"{level}interval [{self.low:.3f}, {self.high:.3f}]")
        parts += [f"method={self.method!r}", f"n={self.n_samples}"]
        if self.warnings:
            parts.append(f"warnings={list(self.warnings)}")
        return f"MIEstimate({', '.join(parts)})"
