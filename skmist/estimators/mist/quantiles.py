"""What is read off the net's quantiles, and what a card says against reading them."""

from __future__ import annotations

__all__ = ["most_rows", "notes_about", "of_functions", "quantile_at", "reads_order"]

import numpy as np
from scipy.special import ndtri, xlogy

from skmist._sample.entropy import entropy_limit
from skmist._sample.functions import Follower, followers
from skmist._sample.sample import Sample
from skmist._sample.side import Side
from skmist.estimators.remarks import limit_notes

_FEWEST_MOST_ROWS = 40_000


def quantile_at(quantiles: np.ndarray, levels: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Quantiles at other levels: linear on the normal scale, from the two nearest levels."""
    z, target = ndtri(levels), ndtri(asked)
    i = np.clip(np.searchsorted(z, target) - 1, 0, len(z) - 2)
    slope = (quantiles[i + 1] - quantiles[i]) / (z[i + 1] - z[i])
    return np.maximum(quantiles[i] + slope * (target - z[i]), 0.0)


def of_functions(sample: Sample, levels: np.ndarray) -> np.ndarray:
    """Quantiles of the MI that it has at least where a side is a function of the other, nats.

    Where no row shows a side of labels or codes to be anything but a function of the other (see
    `followers`), its entropy is the estimate and the upper end. The lower end allows that a share
    of the rows is drawn anew, each value at its own frequency, and that no row happens to show
    it: all shares are as likely beforehand.

    Parameters
    ----------
    sample : Sample
    levels : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (k,)
        0 where neither side is a function of the other.
    """
    limit, least = entropy_limit(sample, ndtri(levels)), np.zeros(len(levels))
    for follower in followers(sample):
        if follower is not None:
            least = np.maximum(least, limit * _kept_shares(follower, levels))
    return least


def _kept_shares(follower: Follower, levels: np.ndarray) -> np.ndarray:
    """Which part of its entropy a function keeps if a share of the rows is drawn anew."""
    p = follower.counts / follower.counts.sum()
    alike, tests = float(p @ p), follower.n_tests + 1
    below = 1.0 - (1.0 - np.minimum(levels, 0.5)) * (1.0 - alike**tests)
    anew = np.where(levels < 0.5, (1.0 - below ** (1.0 / tests)) / (1.0 - alike), 0.0)
    same = 1.0 - anew[:, None] * (1.0 - p)
    information = (same * np.log(same / p)) @ p + (1.0 - alike) * xlogy(anew, anew)
    return information / -(p @ np.log(p))


def notes_about(sample: Sample, card: dict, mi: float) -> tuple[str, ...]:
    """A sentence for each respect in which an estimate should not be taken as it stands."""
    return _part_notes(sample, card) + _range_notes(sample, card) + limit_notes(mi, sample)


def most_rows(card: dict) -> int:
    """How many rows of a sample are asked about at most; of more, a part stands for all."""
    return max(card["trained"]["n"][1], _FEWEST_MOST_ROWS)


def _part_notes(sample: Sample, card: dict) -> tuple[str, ...]:
    n, most = sample.n_samples, most_rows(card)
    if n <= most:
        return ()
    return (
        f"{most} of {n} rows, drawn at random, stand for all: estimate and interval are those of "
        f"so few, as the net {card['name']!r} was trained on no more than "
        f"{card['trained']['n'][1]}.",
    )


def _range_notes(sample: Sample, card: dict) -> tuple[str, ...]:
    """One sentence for each respect in which a sample lies outside the trained range."""
    asked = {
        "rows": (min(sample.n_samples, most_rows(card)), card["trained"]["n"]),
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
