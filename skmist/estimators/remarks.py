"""What is to be said of a sample whoever estimates it: few rows for each label, and functions."""

from __future__ import annotations

__all__ = [
    "LabelCounts",
    "Remarks",
    "few_rows",
    "have_few_rows",
    "label_counts",
    "limit_notes",
    "may_have_remarks",
    "remarks",
    "with_remarks",
]

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skmist._result import MIEstimate
from skmist._sample.entropy import information_limit, row_counts, side_limit
from skmist._sample.functions import followers
from skmist._sample.notes import ColumnDoubt
from skmist._sample.sample import Sample
from skmist._sample.side import Side
from skmist._sample.side_pairs import SidePairs

_MIN_ROWS_PER_LABEL = 4
_FEW_LABELS, _MOST_CHANCE = 3, 0.02
_TOO_FEW = "too few to tell information from chance"
_SHORT_OF_MOST = 1.5
_FEW, _FEW_COLUMNS, _LOOKED_AT = 20, 3, 40
# The estimate for a function is more than this share of what the rows can show.
_LITTLE = 0.25
_NEARLY_ALWAYS = 0.75
_NORMAL_RATIO = 0.16
# With fewer, combinations agree by chance.
_ROWS_PER_COLUMN = 20
# ... and of the entropy of what is a function.
_MUCH = 0.5


class LabelCounts(NamedTuple):
    """How many labels a side has; none where a column is continuous."""

    all: int
    rare: int  # those of very few rows


_NO_LABELS = LabelCounts(0, 0)


class Remarks(NamedTuple):
    """What speaks against an estimate or explains it, but for the names of the sides."""

    n_samples: int
    n_labels: tuple[LabelCounts, LabelCounts]
    follows: tuple[bool, bool] = (False, False)  # whether x is a function of y, and y of x
    entropies: tuple[float, float] = (0.0, 0.0)  # nats, of what is a function
    beyond: tuple[str, ...] = ()

    @property
    def are_none(self) -> bool:
        """Whether nothing is to be said, whatever the names."""
        return not (self.beyond or any(self.follows) or any(c.all for c in self.n_labels))

    def in_words(self, x: str, y: str) -> tuple[str, ...]:
        """A sentence for each, with what the sides are called."""
        # a function is no chance, however few the rows
        return self.functions(x, y) or self.doubts(x, y, rare=True)

    def doubts(self, x: str, y: str, rare: bool = False) -> tuple[str, ...]:
        """Those that speak against the estimate; with `rare`, also that some labels are."""
        if any(self.follows):
            return ()
        sides = zip((x, y), self.n_labels, strict=True)
        few = ((title, few_rows(counts, self.n_samples, rare)) for title, counts in sides)
        said = (ColumnDoubt(f"{title} {why}: {_TOO_FEW}") for title, why in few if why)
        return (*said, *self.beyond)

    def functions(self, x: str, y: str) -> tuple[str, ...]:
        """Those that explain it."""
        if not any(self.follows):
            return ()
        if all(self.follows):
            return (
                f"{x} and {y} say the same, value for value: the information is their entropy, "
                f"{min(self.entropies):.3f} nats",
            )
        (title, other), entropy = ((x, y), self.entropies[0])
        if self.follows[1]:
            (title, other), entropy = ((y, x), self.entropies[1])
        return (
            f"{title} is a function of {other} in all rows: the information is the entropy of "
            f"{title}, {entropy:.3f} nats",
        )


def remarks(sample: Sample, mi: float, *, thorough: bool = True) -> Remarks:
    """What is to be said of a sample whose MI was estimated.

    Parameters
    ----------
    sample : Sample
    mi : float
        Nats.
    thorough : bool, default=True
        Look for functions of continuous columns even where the estimate is low, as that of an
        estimator may be that does not see curves.

    Returns
    -------
    Remarks
    """
    found = Remarks(sample.n_samples, label_counts(sample))
    informative = sample.informative()
    if not (informative.p and informative.q):
        return found
    limit = information_limit(informative)
    if math.isinf(limit):
        beyond = limit_notes(mi, informative, thorough=thorough)
        return found._replace(beyond=beyond) if beyond else found
    if mi < _MUCH * limit:
        return found
    of_x, of_y = (f is not None and f.by_values for f in followers(informative))
    entropies = side_limit(informative.x), side_limit(informative.y)
    return found._replace(follows=(of_x, of_y), entropies=entropies)


def may_have_remarks(pairs: SidePairs, mi: np.ndarray) -> np.ndarray:
    """Of which samples, whose MI was estimated, `remarks` may have something to say.

    Parameters
    ----------
    pairs : SidePairs
    mi : ndarray of shape (m,)
        Nats.

    Returns
    -------
    ndarray of bool, shape (m,)
        False only where `remarks`, not thorough, has no words.
    """
    limit = pairs.of_sides(_varying_limit).min(axis=0)
    most = np.log(pairs.of_sides(len)[0])
    # also where the estimate is no number
    much = ~(mi < np.where(np.isinf(limit), _LITTLE * most, _MUCH * limit))
    return much | have_few_rows(pairs)


def _varying_limit(side: Side) -> float:
    """What a side can carry, nats; infinite where it is constant, of which there are no words."""
    varying = side.varying()
    return side_limit(varying) if varying.width else math.inf


def have_few_rows(pairs: SidePairs) -> np.ndarray:
    """Which samples have labels of few rows each, shape (m,) of bool."""
    x, y = pairs.of_sides(lambda side: bool(few_rows(_count_labels(side), len(side))))
    return x | y


def with_remarks(
    answer: MIEstimate, sample: Sample, *, sees_curves: bool = True
) -> tuple[MIEstimate, tuple[str, ...]]:
    """An estimate with the remarks about its sample, and what of its notes to say aloud.

    That a side of labels is a function of the other explains the estimate, which needs no warning.
    An estimator that does not see curves may give little where a side is a function of the other.
    """
    said = remarks(sample, answer.mi, thorough=not sees_curves)
    if said.are_none and not answer.warnings:
        return answer, ()
    titles = _title(sample.x, "X"), _title(sample.y, "y")
    if answer.warnings:
        # an estimator that has notes of its own says itself what it cannot show
        said = said._replace(beyond=())
    aloud = tuple(dict.fromkeys(answer.warnings + said.doubts(*titles)))
    notes = aloud + said.functions(*titles)
    return replace(answer, warnings=notes) if notes != answer.warnings else answer, aloud


def _title(side: Side, name: str) -> str:
    return f"column {side.names[0]!r}" if side.width == 1 else name


def label_counts(sample: Sample) -> tuple[LabelCounts, LabelCounts]:
    """How many labels either side has."""
    return _count_labels(sample.x), _count_labels(sample.y)


def _count_labels(side: Side) -> LabelCounts:
    if not side.is_discrete:
        return _NO_LABELS
    rows = row_counts(side)
    return LabelCounts(len(rows), int((rows < _MIN_ROWS_PER_LABEL).sum()))


def few_rows(labels: LabelCounts, n: int, rare: bool = True) -> str:
    """What is to be said where labels have too few of n rows to tell information from chance.

    Where not all of them do, but some: that is told with `rare`.
    """
    if labels.all > 2 and n < _MIN_ROWS_PER_LABEL * labels.all:
        return (
            f"has {labels.all} labels in {n} rows, fewer than {_MIN_ROWS_PER_LABEL} rows per label"
        )
    # each rare label adds about 1 / 2n nats of chance
    if rare and labels.rare > max(_FEW_LABELS, n * _MOST_CHANCE):
        return (
            f"has {labels.rare} labels of fewer than {_MIN_ROWS_PER_LABEL} rows each in {n} rows"
        )
    return ""


def limit_notes(mi: float, sample: Sample, *, thorough: bool = False) -> tuple[str, ...]:
    """A sentence where an estimate is beyond what so few rows can show.

    Neighbors tell no more than about ``log(n)`` nats apart, whatever the truth, which is infinite
    where one side is a function of the other. In many columns much information can be made of
    little in each.
    """
    most = math.log(sample.n_samples)
    many, little = max(sample.p, sample.q) > _FEW_COLUMNS, mi < _LITTLE * most
    if sample.n_samples < _FEW or (little and not thorough):
        return ()
    if math.isfinite(information_limit(sample)):
        return ()
    sides = sample.x.values, sample.y.values
    same = np.array_equal(*sides)
    told = f"{mi:.1f} nats is"
    if not little and sample.p + sample.q > 2 and not same:
        linear = _linear_information(*(s.values[:, ~s.discrete] for s in (sample.x, sample.y)))
        if linear > mi:
            mi, told = linear, f"Linear combinations of the columns share {linear:.1f} nats,"
            many = many and linear < most
    if many and not same:
        return ()
    if same:
        why = "Both sides are the same"
    elif sample.p == sample.q == 1 and (_follows(*sides) or _follows(*sides[::-1])):
        why = f"One side is a smooth function of the other to within 1 in {sample.n_samples}"
    elif mi >= most - _SHORT_OF_MOST:
        why = f"{told} near log({sample.n_samples}) = {most:.1f}"
    else:
        return ()
    return (
        f"{why}: {sample.n_samples} rows cannot show how much information that is, which is "
        "infinite without noise. Read the estimate as a lower bound.",
    )


def _linear_information(x: np.ndarray, y: np.ndarray) -> float:
    """The information, nats, of linear combinations that agree, whatever a few rows say.

    Rows and ranks resolve combinations of columns less well than single columns, so it may be
    much more than an estimate by neighbors.
    """
    columns = x.shape[1], y.shape[1]
    if not min(columns) or len(x) <= _ROWS_PER_COLUMN * sum(columns):
        return 0.0
    with np.errstate(all="ignore"):
        scaled = [(side - side.mean(0)) / side.std(0) for side in (x, y)]
    if not all(np.isfinite(side).all() for side in scaled):
        return 0.0  # at the ends of float64
    bases = [np.linalg.qr(side)[0] for side in scaled]
    left, _, right = np.linalg.svd(bases[0].T @ bases[1], full_matrices=False)
    a, b = bases[0] @ left, bases[1] @ right.T
    low, high = np.quantile(a, [0.25, 0.75], axis=0)
    missed = np.quantile(np.abs(a - b), _NEARLY_ALWAYS, axis=0)
    # what the ratio is where both are normal and the one is the other with noise
    with np.errstate(divide="ignore"):  # half of the rows alike: nothing is known
        pairs = np.log((high - low) / np.maximum(missed, 1e-12 * (high - low) + 1e-300))
    return float((pairs - _NORMAL_RATIO).clip(min=0.0).sum())


@np.errstate(under="ignore", over="ignore")  # at the ends of float64 nothing is near
def _follows(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether y lies on a line between its neighbors in x, nearly always and nearly exactly."""
    x, y = x.ravel(), y.ravel()
    order = np.argsort(x)
    # a few rows show that it is far from any line
    middle = np.linspace(1, len(x) - 2, _LOOKED_AT).astype(int)
    missed = _off_line(*(side[order[middle + np.array([[-1], [0], [1]])]] for side in (x, y)))
    if 2 * np.count_nonzero(missed * len(y) > y.max() - y.min()) > _LOOKED_AT:
        return False
    x, first = np.unique(x, return_index=True)
    y = y[first]
    if len(x) < _FEW:
        return False
    missed = _off_line(*(np.stack([side[:-2], side[1:-1], side[2:]]) for side in (x, y)))
    low, high = np.quantile(y, [0.25, 0.75])
    return bool(np.quantile(missed, _NEARLY_ALWAYS) * len(y) < high - low)


def _off_line(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How far the second of three points (3, m) is from the line of the others; 0 at equal x."""
    wide = x[2] - x[0]
    share = (x[1] - x[0]) / np.where(wide > 0.0, wide, 1.0)
    missed = np.abs(y[1] - (1.0 - share) * y[0] - share * y[2])
    return np.where(wide > 0.0, missed, 0.0)
