"""What is read off the net's quantiles, and what a card says against reading them."""

from __future__ import annotations

__all__ = ["limit_notes", "notes_about", "quantile_at", "range_notes", "reads_order"]

import numpy as np
from scipy.special import ndtri

from skmist._sample.entropy import entropy_limit
from skmist._sample.sample import Sample
from skmist._sample.side import Side

_SHORT_OF_MOST = 1.5
_FEW, _FEW_COLUMNS = 20, 3
# The estimate for a function is more than this share of what the rows can show.
_LITTLE = 0.25
_NEARLY_ALWAYS = 0.75


def quantile_at(quantiles: np.ndarray, levels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Quantiles at other levels: linear on the normal scale, from the two nearest levels."""
    z, target = ndtri(levels), ndtri(asked)
    i = np.clip(np.searchsorted(z, target) - 1, 0, len(z) - 2)
    slope = (quantiles[i + 1] - quantiles[i]) / (z[i + 1] - z[i])
    return np.maximum(quantiles[i] + slope * (target - z[i]), 0.0)


def notes_about(sample: Sample, card: dict, mi: float) -> tuple[str, ...]:
    """A sentence for each respect in which an estimate should not be taken as it stands."""
    return range_notes(sample, card) + limit_notes(mi, sample)


def range_notes(sample: Sample, card: dict) -> tuple[str, ...]:
    """One sentence for each respect in which a sample lies outside the trained range."""
    asked = {
        "rows": (sample.n_samples, card["trained"]["n"]),
        "columns on one side": (max(sample.p, sample.q), card["trained"]["columns"]),
        "categories in one column": (
            _most_categories(sample, reads_order(card)),
            card["trained"]["categories"],
        ),
    }
    notes = []
    for what, (value, (low, high)) in asked.items():
        if value and not low <= value <= high:
            notes.append(
                f"{value} {what}, but the net {card['name']!r} was trained on {low} to {high}: "
                "the estimate and its interval are extrapolated. Compare another method."
            )
    return tuple(notes)


def limit_notes(mi: float, sample: Sample) -> tuple[str, ...]:
    """A sentence where an estimate is beyond what so few rows can show.

    Neighbors tell no more than about ``log(n)`` nats apart, whatever the truth, which is infinite
    where one side is a function of the other. In many columns much information can be made of
    little in each.
    """
    most = float(np.log(sample.n_samples))
    many = max(sample.p, sample.q) > _FEW_COLUMNS
    if many or sample.n_samples < _FEW or mi < _LITTLE * most:
        return ()
    if np.isfinite(entropy_limit(sample)):
        return ()
    sides = sample.x.values, sample.y.values
    if sample.p == sample.q == 1 and (_follows(*sides) or _follows(*sides[::-1])):
        why = f"One side is a smooth function of the other to within 1 in {sample.n_samples}"
    elif mi >= most - _SHORT_OF_MOST:
        why = f"{mi:.1f} nats is near log({sample.n_samples}) = {most:.1f}"
    else:
        return ()
    return (
        f"{why}: {sample.n_samples} rows cannot show how much information that is, which is "
        "infinite without noise. Read the estimate as a lower bound.",
    )


def _follows(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether y lies on a line between its neighbors in x, nearly always and nearly exactly."""
    x, first = np.unique(x.ravel(), return_index=True)
    y = y.ravel()[first]
    if len(x) < _FEW:
        return False
    share = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
    missed = np.abs(y[1:-1] - (1 - share) * y[:-2] - share * y[2:])
    low, high = np.quantile(y, [0.25, 0.75])
    return bool(np.quantile(missed, _NEARLY_ALWAYS) * len(y) < high - low)


def reads_order(card: dict) -> bool:
    """Whether a net takes ordered discrete columns by their ranks, and not for categories."""
    return bool(card["net"].get("extended", False))


def _most_categories(sample: Sample, ordered: bool) -> int:
    """Categories of the discrete column that has most of them; 0 without discrete columns."""
    count = _names if ordered else _categories
    return max(side.once_in_any_order(count) for side in (sample.x, sample.y))


def _categories(side: Side) -> int:
    return _most_values(side.values.T[side.discrete])


def _names(side: Side) -> int:
    return _most_values(side.values.T[side.nameless])


def _most_values(columns: np.ndarray) -> int:
    return max((len(np.unique(column)) for column in columns), default=0)
