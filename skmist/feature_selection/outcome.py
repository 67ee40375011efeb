"""What a search by the information of the whole set leaves for a person to read."""

from __future__ import annotations

__all__ = ["Outcome", "path_of", "redundant_of"]

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skmist.feature_selection.joint import JointSearch

if TYPE_CHECKING:
    import pandas as pd

_SAME = 0.9
_WORTH_NAMING = 0.25


class Outcome(NamedTuple):
    """Of each column its rank, gain (nats), and the interval of the gain."""

    ranking: np.ndarray
    gains: np.ndarray
    intervals: np.ndarray

    @classmethod
    def of(cls, search: JointSearch) -> Outcome:
        """Read a search that has ended."""
        p = search.information.sample.p
        gains, intervals = np.full(p, np.nan), np.full((p, 2), np.nan)
        for k, gain in search.gains.items():
            gains[k] = gain
        for step in search.steps:
            columns, each = list(step.columns), step.gain / len(step.columns)
            gains[columns], intervals[columns] = each[0], each[1:]
        relevance = search.information.relevance(range(p))[:, 0]
        left = sorted(
            set(range(p)) - set(search.chosen),
            key=lambda k: (np.isnan(gains[k]), -np.nan_to_num(gains[k]), -relevance[k], k),
        )
        ranking = np.empty(p, dtype=int)
        ranking[[*search.chosen, *left]] = np.arange(1, p + 1)
        return cls(ranking, gains, intervals)


def path_of(search: JointSearch) -> pd.DataFrame:
    """One row per step: its columns, what they add, and what the set then says; nats."""
    import pandas as pd

    names, explained = search.information.sample.x.names, search.explained()
    rows = [
        {
            "columns": " + ".join(names[k] for k in step.columns),
            **dict(zip(("gain", "gain_low", "gain_high"), step.gain, strict=True)),
            **dict(zip(("information", "low", "high"), step.information, strict=True)),
            "explained": explained[number, 0],
            "n_columns": sum(len(s.columns) for s in search.steps[: number + 1]),
        }
        for number, step in enumerate(search.steps)
    ]
    columns = ["columns", "gain", "gain_low", "gain_high", "information", "low", "high"]
    index = pd.RangeIndex(1, len(rows) + 1, name="step")
    return pd.DataFrame(rows, index=index, columns=[*columns, "explained", "n_columns"])


def redundant_of(search: JointSearch) -> pd.DataFrame:
    """Columns that were left out and say much alone, beside the chosen one that says the same.

    Two columns say the same where the informational correlation ``sqrt(1 - exp(-2 I))`` of the
    two is at least 0.9; of Gaussian columns it is that of Pearson.
    """
    import pandas as pd

    information, names = search.information, search.information.sample.x.names
    relevance = dict(
        zip(search.candidates, information.relevance(search.candidates)[:, 0], strict=True)
    )
    most = max(relevance.values(), default=0.0)
    left = [
        k
        for k in search.candidates
        if k not in search.chosen and relevance[k] > _WORTH_NAMING * most
    ]
    rows = []
    if left and search.chosen:
        shared = [information.redundancy(left, j)[:, 0] for j in search.chosen]
        nearest = np.argmax(shared, axis=0)
        for place, k in enumerate(left):
            mi = max(float(shared[nearest[place]][place]), 0.0)
            alike = math.sqrt(-math.expm1(-2.0 * mi))
            if alike >= _SAME:
                kept = names[search.chosen[nearest[place]]]
                rows.append({"column": names[k], "says_the_same_as": kept, "correlation": alike})
    return pd.DataFrame(rows, columns=["column", "says_the_same_as", "correlation"])
