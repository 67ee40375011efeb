"""Greedy search by what the chosen columns say together, and when it has found enough."""

from __future__ import annotations

__all__ = ["JointSearch"]

import math
from collections.abc import Collection, Sequence

import numpy as np
from scipy.special import ndtri

from skmist._sample.entropy import side_limit
from skmist.feature_selection.additive import Addition, AdditiveGains
from skmist.feature_selection.anything import clearly_something, says_anything
from skmist.feature_selection.candidates import find_candidates
from skmist.feature_selection.information import ColumnInformation
from skmist.feature_selection.looks import ColumnSet, Leaps, Looks
from skmist.feature_selection.merits import Merits
from skmist.feature_selection.options import Option, Step
from skmist.independence.orders import Orders

# Looks at a set, each beside another column of noise: at first, and where a decision is close.
_FEW_LOOKS, _LOOKS = 2, 6
_RACE = (2, 4)
_RUNNERS, _FEW_RUNNERS = 4, 2
_CLOSE_RACES = 3
_FEWEST_ASKED = 5
_ORDERS, _CHEAP_ORDERS = 19, 49
_GROUP_CHANCE = 0.01
_GROUPS_LATER = 8
# Two columns often add more together than one after the other, and both ways are found.
_SYNERGY = 2.0
_LIKELY_SYNERGY = 1.2
_GROUP_ERRORS = 3.0
_CLEAR = 2.0
_CHANCE_OF_ADDITION = 0.05
_MOST_STEPS = 25


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
        Whether to look less closely, for many searches.

    Attributes
    ----------
    steps : list of Step
    gains : Merits
        By column that is not chosen, what it seemed to add when it was last asked, nats.
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
        self._found = find_candidates(information, together)
        self.candidates, self._groups = self._found
        self._orders, self._rng = orders, np.random.default_rng(seed)
        self._z = float(ndtri(0.5 + level / 2))
        self._looks = Looks(information, self._draw(_FEW_LOOKS if quick else _LOOKS))
        self._leaps, self._gain_leaps = Leaps(), Leaps()
        self._additive = AdditiveGains(information.sample, self.candidates)
        self.steps: list[Step] = []
        self.gains = Merits()
        self._doubted: set[tuple[int, ...]] = set()
        self._group_gains: dict[tuple[int, ...], float] = {}

    @property
    def chosen(self) -> list[int]:
        """Columns chosen so far, in order."""
        return [k for step in self.steps for k in step.columns]

    def _draw(self, count: int) -> list[np.ndarray]:
        return [self._orders(self._rng) for _ in range(count)]

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
            self._ask(self.candidates)
            return
        while len(self.chosen) < limit:
            option = self._best(limit - len(self.chosen), share)
            if option is None:
                break
            self._take(option)
        if share is not None:
            self._cut_back()

    def _anything(self) -> bool:
        """Whether there is anything to be chosen, by the cheapest look that tells it."""
        if clearly_something(self.information.sample, self._draw(_CHEAP_ORDERS)):
            return True
        group = self._best_group(len(self.candidates), 0.0)
        if group is not None and self._worthwhile(self._option(group, _LOOKS), 2.0):
            return True
        return says_anything(self.information, self._found, self._draw(_ORDERS), self._together)

    def _cut_back(self) -> None:
        """Leave out the last steps where without them the columns said more, beyond the error.

        Not those that a regression is sure of.
        """
        if not self.steps:
            return
        most = int(np.argmax([step.held for step in self.steps]))
        sure = [number for number, step in enumerate(self.steps) if step.sure]
        most, last = max(most, *sure[-1:], 0), self.steps[-1]
        if self.steps[most].held - last.held > last.spread:
            del self.steps[most + 1 :]

    # What is there to choose --------------------------------------------------------------------

    def _remaining(self) -> list[int]:
        chosen = set(self.chosen)
        return [k for k in self.candidates if k not in chosen]

    def _held(self) -> float:
        return max(self.steps[-1].held, 0.0) if self.steps else 0.0

    def _raw(self, groups: Sequence[Collection[int]]) -> np.ndarray:
        """What columns would add to the chosen ones by one estimate each, nats."""
        if not self.steps:
            return self.information.together(groups)[:, 0]
        held, *others = self._looks([self._with(g) for g in ((), *groups)], 1)[:, 0]
        return np.array(others) - held

    def _ask(self, columns: Sequence[int]) -> None:
        self._see(columns, self._raw([(k,) for k in columns]))

    def _see(self, columns: Sequence[int], gains: np.ndarray) -> None:
        self.gains.see(columns, gains.tolist(), _CLEAR * self._leaps.common)

    def _single(self, all_: bool, count: int) -> Option:
        """The best column, after such as only a regression believes to be good.

        A net that has looked closely knows more than a regression, which does not see what the
        chosen columns say by curves and products. What it believes is then partialled out.
        """
        option = self._option(self._best_single(all_), count)
        while self.steps and option.contradicted() and option.columns not in self._doubted:
            option = self._option(option.columns, _LOOKS)
            if not option.contradicted():
                break
            self._additive.take(option.columns)
            self._doubted.add(option.columns)
            option = self._option(self._best_single(all_), count)
        return option

    def _best_single(self, all_: bool) -> tuple[int, ...]:
        """The column with which the chosen ones say most, by a closer look at some.

        After the second step only those are asked that added most when they were asked before,
        half as many each time, unless all shall be.
        """
        remaining = self._remaining()
        if len(self.steps) > 1 and not all_:
            count = max(_FEWEST_ASKED, len(self.candidates) >> (len(self.steps) - 1))
            remaining = self._ranked(remaining)[:count]
        self._ask(remaining)
        runners = self._ranked(remaining)[: _FEW_RUNNERS if self._quick else _RUNNERS]
        race = self._first_of_race if len(self.steps) < _CLOSE_RACES else self._first_seen
        return race(runners)

    def _first_seen(self, columns: list[int]) -> tuple[int, ...]:
        """The one of some columns that adds most by one look more, and all looks before."""
        held = self._looks([self._with(g) for g in ((), *((k,) for k in columns))], _FEW_LOOKS)
        self._see(columns, (held[1:] - held[0])[:, -1])
        return (self._ranked(columns)[0],)

    def _ranked(self, columns: Sequence[int]) -> list[int]:
        """Columns by what net and regression say that they add, the best first."""
        added = self._additive.of([(k,) for k in columns])
        merits = {k: self.gains[k] + a.gain for k, a in zip(columns, added, strict=True)}
        return sorted(columns, key=lambda k: -merits[k])

    def _first_of_race(self, columns: list[int]) -> tuple[int, ...]:
        """The one of some columns that adds most; those clearly behind fall out."""
        for count in _RACE:
            if len(columns) == 1 or count > self._looks.most:
                break
            held = self._looks([self._with((k,)) for k in columns], count)
            # a regression says it without noise
            held += [[a.gain] for a in self._additive.of([(k,) for k in columns])]
            best = int(held.mean(axis=1).argmax())
            behind = held[best] - held
            errors = np.array([self._leaps.error(row) for row in behind])
            near = np.flatnonzero(behind.mean(axis=1) <= _CLEAR * errors)
            columns = [columns[i] for i in sorted(near, key=lambda i: behind[i].mean())]
        return (columns[0],)

    def _with(self, columns: Collection[int], moved: tuple[int, ...] = ()) -> ColumnSet:
        return ColumnSet(tuple(sorted({*self.chosen, *columns})), moved)

    def _option(self, columns: tuple[int, ...], count: int) -> Option:
        """Set a gain beside those of copies of the columns from other rows."""
        held, copies = self._looks([self._with(columns), self._with(columns, columns)], count)
        gains = held - copies
        self._leaps.add(held)
        self._gain_leaps.add(gains)
        paired, error = float(gains.mean()), self._gain_leaps.error(gains)
        return Option(columns, held, paired, error, self._added(columns))

    def _best_group(self, room: int, single: float) -> tuple[int, ...] | None:
        """The likely group that adds most for each of its columns, if one fits.

        Only those are asked that may add more than so much for each column, as far as is known.
        """
        chosen = set(self.chosen)
        open_ = [g for g in self._groups if not chosen & set(g) and len(g) <= room]
        known = self._group_gains
        open_ = [g for g in open_ if known.get(g, math.inf) > single]
        if chosen:
            # of those still open: the groups that add most hold what is chosen first
            open_ = open_[:_GROUPS_LATER]
        if not open_:
            return None
        each = self._raw(open_) / [len(g) for g in open_]
        known.update(zip(open_, each.tolist(), strict=True))
        if not chosen:
            # ordered by what they add, so that later steps need look at few
            self._groups = [open_[i] for i in np.argsort(-each, kind="stable")]
        best = int(each.argmax())
        return open_[best] if each[best] > single else None

    def _best(self, room: int, share: float | None) -> Option | None:
        """What to add next; None where enough is held, or nothing adds anything."""
        single = self._single(all_=False, count=_FEW_LOOKS if self._gain_leaps else _LOOKS)
        alone = max(single.paired, single.added.gain, 0.0)
        together = self._together_beside(room, _LIKELY_SYNERGY * alone, _SYNERGY * alone)
        if together is not None:
            return together
        if share is None or not self.steps:
            return single
        if self._room() <= self._missing(share):
            return None
        if (missed := self._missed(single, share)) is not None:
            return missed
        if not self._sure(single):
            # two looks leap together now and then
            single = self._option(single.columns, _LOOKS)
        if self._needs(single, share):
            return single
        single = self._single(all_=True, count=_LOOKS)
        if self._needs(single, share):
            return single
        together = self._together_beside(room, 0.0, 0.0)
        if together is not None and together.paired > self._missing(share):
            return together
        return None

    def _together_beside(self, room: int, likely: float, needed: float) -> Option | None:
        """The best group, where it says more than groups would by chance.

        Of those whose columns are likely to add so much each it must add as much as is needed.
        """
        group = self._best_group(room, likely)
        if group is None:
            return None
        needed *= len(group)
        option = self._option(group, _FEW_LOOKS)
        if option.paired + _CLEAR * option.error <= needed:
            return None
        option = self._option(group, _LOOKS)
        return option if option.paired > needed and self._worthwhile(option) else None

    def _worthwhile(self, option: Option, times: float = 1.0) -> bool:
        """Whether a group says so many times more than the best of all groups would by chance."""
        p = self.information.sample.p
        rivals = math.comb(p, 2) + math.comb(p, 3)
        chance = math.log(rivals / _GROUP_CHANCE) / self.information.sample.n_samples
        return option.paired > times * (chance + _GROUP_ERRORS * option.error)

    # When it is enough --------------------------------------------------------------------------

    def _missing(self, share: float) -> float:
        """How much may be left out where the chosen columns hold this share, nats."""
        return self._held() * (1.0 - share) / share

    def _room(self) -> float:
        """How much the chosen columns leave of the entropy of the target, nats."""
        return max(side_limit(self.information.sample.y) - self._held(), 0.0)

    def _missed(self, single: Option, share: float) -> Option | None:
        """A column that a regression misses, where by it too much is left out; else nothing.

        One of many has a small p-value by chance: all that are left have to have one together,
        unless the column is sure.
        """
        rest = self._added(self._remaining())
        if rest.gain <= self._missing(share):
            return None
        for option in (single, self._option(self._surest(), _FEW_LOOKS)):
            chance = max(option.added.pvalue, rest.pvalue)
            likely = chance < _CHANCE_OF_ADDITION or self._sure(option)
            if likely and not option.contradicted():
                return option
        return None

    def _needs(self, option: Option, share: float) -> bool:
        """Whether a column surely adds something, and too much is left out without it.

        The best of many seems to add what luck gives it, so more than that counts; what all that
        are left add together has no rivals, but it leaps, and so it does not tell alone.
        """
        surely, missing = option.surely(len(self._remaining())), self._missing(share)
        return surely > 0.0 and (surely > missing or self.rest()[0] > missing)

    def _sure(self, option: Option) -> bool:
        """Whether a regression is sure that columns add something, of all there are to try."""
        return option.added.pvalue * self.information.sample.p < _CHANCE_OF_ADDITION

    def _surest(self) -> tuple[int, ...]:
        """The column that adds most to a regression."""
        remaining = self._remaining()
        added = self._additive.of([(k,) for k in remaining])
        return (remaining[int(np.argmin([a.pvalue for a in added]))],)

    def _added(self, columns: Collection[int]) -> Addition:
        """What columns add to a regression, up to what is left of the entropy of the target."""
        (added,) = self._additive.of([columns])
        room = self._room()
        return added._replace(gain=min(added.gain, room), error=min(added.error, room))

    def rest(self) -> tuple[float, float]:
        """What the columns left out add together, beyond copies of them, and its error; nats."""
        rest = self._remaining()
        if not rest:
            return 0.0, 0.0
        whole = tuple(self.candidates)
        held, copies = self._looks([ColumnSet(whole), ColumnSet(whole, tuple(rest))], _LOOKS)
        lost = held - copies
        return float(lost.mean()), self._gain_leaps.error(lost)

    def explained(self) -> np.ndarray:
        """Share of what all columns say that each step's set holds, with its interval, (t, 3).

        Where the columns left out seem to add less than copies of them, which cannot be, they may
        as well add as much more.
        """
        if not self.steps:
            return np.empty((0, 3))
        further, error = self.rest()
        further = min(max(further, self._added(self._remaining()).gain), self._room())
        ends = further + np.array([0.0, 1.0, -1.0]) * self._z * error
        ends[1] = max(ends[1], -further)
        total = np.maximum(self._held() + np.maximum(ends, 0.0), 1e-12)
        held = np.array([max(step.held, 0.0) for step in self.steps])
        return np.minimum(held[:, None] / total, 1.0)

    # Bookkeeping --------------------------------------------------------------------------------

    def _take(self, option: Option) -> None:
        information = self.information.together([{*self.chosen, *option.columns}])[0]
        relevance = self.information.relevance(option.columns)[:, 0]
        columns = [k for _, k in sorted(zip(-relevance, option.columns, strict=True))]
        held, spread = float(option.held.mean()), self._leaps.spread(option.held)
        sure = self._sure(option)
        gain = option.with_interval(self._z, self.information.sample.n_samples, sure)
        self.steps.append(Step(tuple(columns), gain, information, held, spread, sure))
        self._additive.take(option.columns)
        for k in columns:
            self.gains.pop(k, None)
