"""What is read off the net's quantiles, and what a card says against reading them."""

from __future__ import annotations

__all__ = ["quantile_at", "range_notes"]

import numpy as np
from scipy.special import ndtri

from skmist._sample.sample import Sample
from skmist._sample.side import Side


def quantile_at(quantiles: np.ndarray, levels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Quantiles at other levels: linear on the normal scale, from the two nearest levels."""
    z, target = ndtri(levels), ndtri(asked)
    i = np.clip(np.searchsorted(z, target) - 1, 0, len(z) - 2)
    slope = (quantiles[i + 1] - quantiles[i]) / (z[i + 1] - z[i])
    return np.maximum(quantiles[i] + slope * (target - z[i]), 0.0)


def range_notes(sample: Sample, card: dict) -> tuple[str, ...]:
    """One sentence for each respect in which a sample lies outside the trained range."""
    asked = {
        "rows": (sample.n_samples, card["trained"]["n"]),
        "columns on one side": (max(sample.p, sample.q), card["trained"]["columns"]),
        "categories in one column": (_most_categories(sample), card["trained"]["categories"]),
    }
    notes = []
    for what, (value, (low, high)) in asked.items():
        if value and not low <= value <= high:
            notes.append(
                f"{value} {what}, but the net {card['name']!r} was trained on {low} to {high}: "
                "the estimate and its interval are extrapolated. Compare another method."
            )
    return tuple(notes)


def _most_categories(sample: Sample) -> int:
    """Categories of the discrete column that has most of them; 0 without discrete columns."""
    return max(side.once_in_any_order(_categories) for side in (sample.x, sample.y))


def _categories(side: Side) -> int:
    return max((len(np.unique(column)) for column in side.values.T[side.discrete]), default=0)
