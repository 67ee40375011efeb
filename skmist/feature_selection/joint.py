"""Greedy search by what the chosen columns say together, and when it has found enough."""

from __future__ import annotations

__all__ = ["JointSearch", "Step"]

import math
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from skmist.feature_selection.candidates import Candidates, find_candidates
from skmist.feature_selection.information import ColumnInformation
from skmist.independence.orders import Orders

# Estimates of a set, each beside another column of noise.
_BESIDE, _FEW_BESIDE = 6, 2
_SHORTLIST, _FEW_LISTED = 4, 2
_FIRST_COLUMNS, _FIRST_COPIES = 8, 8
_PERMUTATIONS = 19
_CLEARLY = 6.0
_GROUP_CHANCE = 0.01
_GROUPS_LATER = 8
# Two columns often add more together than one after the other, and both ways are found.
_SYNERGY = 2.0
_GROUP_ERRORS = 3.0
_CLEAR = 2.0
_MOST_STEPS = 25


class Step(NamedTuple):
    """What a step of the search chose.

    ``gain`` and ``information`` of the set so far are an estimate with the ends of its interval,
    nats; ``explained`` is the share of what all columns say, likewise. ``held`` is the
    information of the set beside noise, and ``spread`` how far one estimate of it leaps; nats.
    """

    columns: tuple[int, ...]
    gain: np.ndarray
    information: np.ndarray
    explained: np.ndarray
    held: float
    spread: float


class _Option(NamedTuple):
    """What some columns would add: beyond copies of them from other rows, and with what error.

    ``held`` holds m estimates of the whole set beside noise.
    """

    columns: tuple[int, ...]
    held: np.ndarray
    paired: float
    error: float

    def surely(self, rivals: int) -> float:
        """Gain left when the best of so many rivals has had its luck."""
        return min(self.paired, self.paired - self.error * math.sqrt(2.0 * math.log(rivals + 1)))


class JointSearch:
    """Greedy search by the information of the whole set.

    Parameters
    ----------
    information : ColumnInformation
    orders : Orders
        Draws orders of the rows, for copies that say nothing.
    seed : int
    level : float
        Probability of the intervals.
    together : bool, default=True
        Whether to look at groups, too, whose members may say nothing alone.
    quick : bool, default=False
        Whether to look less closely, for many searches: a third of the time.

    Attributes
    ----------
    steps : list of Step
    gains : dict
        By column that is not chosen, what it would add at the last step, nats.
    """

    def __init__(
        self,
        information: ColumnInformation,
        orders: Orders,
        seed: int,
        level: float,
        together: bool = True,
        quick: bool = False,
    ) -> None:
        self.information, self._together, self._quick = information, together, quick
        self.candidates, self._groups = find_candidates(information, together)
        self._orders = orders
        self._rng = np.random.default_rng(seed)
        self._z = float(ndtri(0.5 + level / 2))
        self._beside = self._draw(_FEW_BESIDE if quick else _BESIDE)
        self._rest = 0.0, 0.0
        self.steps: list[Step] = []
        self.gains: dict[int, float] = {}
        self._seen: dict[tuple[int, ...], np.ndarray] = {}

    @property
    def chosen(self) -> list[int]:
        """Columns chosen so far, in order."""
        return [k for step in self.steps for k in step.columns]

    @cached_property
    def _whole(self) -> np.ndarray:
        """Information of all candidates beside noise, (m,)."""
        return self.information.beside_noise(self.candidates, self._beside)

    # What is there to choose --------------------------------------------------------------------

    def run(self, limit: int, share: float | None) -> None:
        """Choose columns.

        Parameters
        ----------
        limit : int
            Most columns; after 25 the search ends anyhow.
        share : float or None
            Stop when the chosen ones hold this share of what all columns say; None never stops.
        """
        limit = min(limit, len(self.candidates), _MOST_STEPS)
        if limit and share is not None and not self._anything():
            self._best_single()
            return
        while len(self.chosen) < limit:
            option = self._best(limit - len(self.chosen), share)
            if option is None:
                break
            self._take(option)
            if not self._quick:
                self._explain()
        if share is not None:
            self._cut_back()

    def _cut_back(self) -> None:
        """Leave out the last steps where without them the columns said more, beyond the error."""
        if not self.steps:
            return
        most = int(np.argmax([step.held for step in self.steps]))
        last = self.steps[-1]
        if self.steps[most].held - last.held > last.spread:
            del self.steps[most + 1 :]

    def _remaining(self) -> list[int]:
        chosen = set(self.chosen)
        return [k for k in self.candidates if k not in chosen]

    def _held(self) -> float:
        return self.steps[-1].held if self.steps else 0.0

    def _raw(self, groups: Sequence[Collection[int]]) -> np.ndarray:
        """What columns would add to the chosen ones by one estimate each, nats."""
        chosen = self.chosen
        held = self.information.together([chosen])[0, 0] if chosen else 0.0
        return self.information.together([{*chosen, *g} for g in groups])[:, 0] - held

    def _best_single(self) -> tuple[int, ...]:
        """The column with which the chosen ones say most, by a closer look at some."""
        remaining = self._remaining()
        raw = self._raw([(k,) for k in remaining])
        self.gains = dict(zip(remaining, raw.tolist(), strict=True))
        some = np.argsort(-raw, kind="stable")[: _FEW_LISTED if self._quick else _SHORTLIST]
        if len(some) == 1:
            return (remaining[some[0]],)
        closer = [self._beside_noise((remaining[i],)).mean() for i in some]
        return (remaining[some[int(np.argmax(closer))]],)

    def _beside_noise(self, columns: tuple[int, ...]) -> np.ndarray:
        """Information of some columns with the chosen ones, beside noise, (m,)."""
        both = tuple(sorted({*self.chosen, *columns}))
        if both not in self._seen:
            self._seen[both] = self.information.beside_noise(both, self._beside)
        return self._seen[both]

    def _best_group(self, room: int) -> tuple[int, ...] | None:
        """The likely group that adds most for each of its columns, if one fits."""
        chosen = set(self.chosen)
        open_ = [g for g in self._groups if not chosen & set(g) and len(g) <= room]
        if not open_:
            return None
        each = self._raw(open_) / [len(g) for g in open_]
        if not chosen:
            # ordered by what they add, so that later steps need look at few
            self._groups = [open_[i] for i in np.argsort(-each, kind="stable")][:_GROUPS_LATER]
        return open_[int(each.argmax())]

    def _option(self, columns: tuple[int, ...]) -> _Option:
        """Set a gain beside those of copies of the columns from other rows."""
        held = self._beside_noise(columns)
        both = {*self.chosen, *columns}
        copies = self.information.beside_noise(both, self._beside, columns)
        gains = held - copies
        return _Option(columns, held, float(gains.mean()), _error(gains))

    def _draw(self, count: int) -> list[np.ndarray]:
        return [self._orders(self._rng) for _ in range(count)]

    def _best(self, room: int, share: float | None) -> _Option | None:
        """What to add next; None where enough is held, or nothing adds anything."""
        n_left = len(self._remaining())
        single = self._option(self._best_single())
        group = self._best_group(room)
        together = None if group is None else self._option(group)
        if together is not None and not self._worthwhile(together):
            together = None
        if together is not None and together.paired > _SYNERGY * len(together.columns) * max(
            single.paired, 0.0
        ):
            return together
        if share is None or not self.steps:
            return single
        if self._enough(single, together, share):
            return None
        return single if together is None or single.surely(n_left) > 0.0 else together

    def _enough(self, single: _Option, together: _Option | None, share: float) -> bool:
        """Whether the chosen columns hold their share, or nothing that is left adds anything.

        What is left is the most of what the best column or group seems to add, and of what all
        that are left may add within its error: each by itself is seen too low now and then.
        """
        rest, error = self._rest
        group = 0.0 if together is None else together.paired
        held = max(self._held(), 0.0)
        if held >= share * (held + max(rest + error, group, single.paired)):
            return True
        return single.paired <= single.error and group <= 0.0 and rest < _CLEAR * error

    def _worthwhile(self, option: _Option, times: float = 1.0) -> bool:
        """Whether a group says so many times more than the best of all groups would by chance."""
        p = self.information.sample.p
        rivals = math.comb(p, 2) + math.comb(p, 3)
        chance = math.log(rivals / _GROUP_CHANCE) / self.information.sample.n_samples
        return option.paired > times * (chance + _GROUP_ERRORS * option.error)

    # How much is there --------------------------------------------------------------------------

    def _explain(self) -> None:
        """Work out what the columns left out add together, beyond copies of them."""
        rest = self._remaining()
        self._rest = 0.0, 0.0
        if rest:
            copies = self.information.beside_noise(self.candidates, self._beside, rest)
            lost = self._whole - copies
            self._rest = float(lost.mean()), _error(lost)
        held, (further, error) = max(self._held(), 0.0), self._rest
        ends = further + np.array([0.0, 1.0, -1.0]) * self._z * error
        share = held / np.maximum(held + np.maximum(ends, 0.0), 1e-12)
        self.steps[-1] = self.steps[-1]._replace(explained=share)

    def _anything(self) -> bool:
        """Whether some column, some group, or all columns together say anything.

        Clear cases need few copies. For the others the target is permuted, and the same search
        for the best column and group made anew each time: a test of level 1 in 20.
        """
        found = Candidates(self.candidates, self._groups)
        strength = _strength(self.information, found)
        some = self._rng.permutation(self.candidates)[:_FIRST_COLUMNS].tolist()
        draws = self._draw(_FIRST_COPIES)
        copies = np.concatenate([self.information.shuffled([k], [k], draws) for k in some])
        if strength[0] > _CLEARLY * _reached_by_chance(copies, 0.05 / self.information.sample.p):
            return True
        group = self._best_group(len(self.candidates))
        if group is not None and self._worthwhile(self._option(group), 2.0):
            return True
        others = (self.information.permuted(order) for order in self._draw(_PERMUTATIONS))
        return all(
            _strength(other, find_candidates(other, self._together)).sum() < strength.sum()
            for other in others
        )

    # Bookkeeping --------------------------------------------------------------------------------

    def _take(self, option: _Option) -> None:
        information = self.information.together([{*self.chosen, *option.columns}])[0]
        relevance = self.information.relevance(option.columns)[:, 0]
        columns = [k for _, k in sorted(zip(-relevance, option.columns, strict=True))]
        gain, unknown = self._with_interval(option), np.full(3, np.nan)
        held, spread = float(option.held.mean()), float(option.held.std(ddof=1))
        self.steps.append(Step(tuple(columns), gain, information, unknown, held, spread))

    def _with_interval(self, option: _Option) -> np.ndarray:
        """A gain with its interval: of the copies' spread, and of the rows that are no others.

        The variance of the pointwise information of a Gaussian column is ``1 - exp(-2 gain)``.
        """
        own = -math.expm1(-2.0 * max(option.paired, 0.0)) / self.information.sample.n_samples
        width = self._z * math.hypot(option.error, math.sqrt(own))
        return option.paired + np.array([0.0, -width, width])


def _error(values: np.ndarray) -> float:
    """Standard error of a mean."""
    return float(values.std(ddof=1)) / math.sqrt(len(values))


def _strength(information: ColumnInformation, candidates: Candidates) -> np.ndarray:
    """Information, nats, of the best column, of the best likely group, and of all candidates."""
    columns, groups = candidates
    sets: list[Sequence[Collection[int]]] = [[(k,) for k in columns], groups, [columns]]
    return np.array([information.together(s)[:, 0].max() if len(s) else 0.0 for s in sets])


def _reached_by_chance(nothing: np.ndarray, chance: float) -> float:
    """The value that information of nothing exceeds with a probability, from some draws of it.

    Its tail is taken for that of an exponential distribution; that of an estimate from n rows is
    about as light.
    """
    top = np.sort(nothing)[-max(3, len(nothing) // 4) :]
    excess = max(float((top - top[0]).mean()), 1e-6)
    return float(top[0] + excess * math.log(max(len(top) / len(nothing) / chance, 1.0)))
