"""What tells rows and categories apart that their own values do not: colour refinement."""

from __future__ import annotations

__all__ = ["Colours"]

import numpy as np

from skmist._sample.splitmix import GOLDEN, mix

_MOST_STEPS = 64
_MOST_CHOICES = 256


class Colours:
    """Colours of rows, columns and categories that no order and no name of them changes.

    A row is coloured by the colours of its cells and columns, a column by its rows, a category by
    its rows, and so on until no more are told apart [1]_. What is then alike is so by a symmetry
    of the sample (but for contrived designs in which all meet all alike): one of its columns or
    categories is chosen, and colours are refined again until all rows differ. Which one is chosen
    does not matter, as the symmetry turns the one choice into the other. Parts of the sample that
    nothing links are chosen in all at once.

    Parameters
    ----------
    numbers : ndarray of int, shape (u, d)
        Different rows; of continuous columns, what stands for their values.
    codes : ndarray of int, shape (u, d)
        Of discrete columns, their categories.
    discrete : ndarray of bool, shape (d,)
    n_x : int
        How many of the columns are those of the first side.
    times : ndarray of int, shape (u,)
        How often each row occurs.

    Attributes
    ----------
    rows : ndarray of uint64, shape (u,)
        No two alike.
    levels : dict
        By discrete column, the colours (L,) of its categories.

    References
    ----------
    .. [1] B. Weisfeiler and A. Leman (1968), "The reduction of a graph to canonical form and the
       algebra which appears therein", NTI Series 2, 12-16.
    """

    def __init__(
        self,
        numbers: np.ndarray,
        codes: np.ndarray,
        discrete: np.ndarray,
        n_x: int,
        times: np.ndarray,
    ) -> None:
        self._fixed, self._codes, self._n_x = mix(numbers), codes, n_x
        # a category that no row has is in no part of the sample
        self._used = {j: np.unique(codes[:, j]) for j in np.flatnonzero(discrete).tolist()}
        self._times = times.astype(np.uint64)
        self.names = np.zeros(len(discrete), dtype=np.uint64)
        self.levels = {j: self._sums(j, self._times) for j in np.flatnonzero(discrete).tolist()}
        self._refine()
        for _ in range(_MOST_CHOICES):
            if self._done:
                return
            self._choose()
            self._refine()

    @property
    def _done(self) -> bool:
        return len(np.unique(self.rows)) == len(self.rows)

    def _refine(self) -> None:
        """Until no more are told apart."""
        known = 0
        for _ in range(_MOST_STEPS):
            self._step()
            parts = self.rows, self.names, *self.levels.values()
            found = sum(len(np.unique(part)) for part in parts)
            if found == known:
                break
            known = found

    def _step(self) -> None:
        cells = self._fixed.copy()
        for j, level in self.levels.items():
            cells[:, j] = level[self._codes[:, j]]
        named, cut = mix(cells ^ self.names), self._n_x
        sides = named[:, :cut].sum(1, dtype=np.uint64), named[:, cut:].sum(1, dtype=np.uint64)
        self.rows = mix(mix(sides[0]) + mix(sides[1]) + mix(self._times))
        seen = mix(cells ^ self.rows[:, None]) * self._times[:, None]
        names = mix(mix(self.names) + seen.sum(0, dtype=np.uint64))
        for side in (slice(None, cut), slice(cut, None)):
            names[side] = mix(names[side] ^ mix(names[side].sum(keepdims=True, dtype=np.uint64)))
        self.names = names
        colours = mix(self.rows) * self._times
        for j, level in self.levels.items():
            self.levels[j] = mix(mix(level) + self._sums(j, colours) + names[j])

    def _sums(self, j: int, colours: np.ndarray) -> np.ndarray:
        """Sums over the rows of each category of a column."""
        total = np.zeros(int(self._codes[:, j].max()) + 1, dtype=np.uint64)
        np.add.at(total, self._codes[:, j], colours)
        return total

    def _choose(self) -> None:
        """Give some of the columns or categories that are alike another colour."""
        columns = _smallest_class(self.names)
        if len(columns):
            self.names[columns[:1]] = mix(self.names[columns[:1]] + GOLDEN)
            return
        part, parts = self._parts()
        of_part = np.zeros(part.max() + 1, dtype=np.uint64)
        np.add.at(of_part, part, mix(self.rows) * self._times)
        for j, level in self.levels.items():
            self.levels[j] = mix(level + np.where(parts[j] < 0, 0, of_part[parts[j]]))
        classes = {j: u[_smallest_class(self.levels[j][u])] for j, u in self._used.items()}
        sizes = {j: (len(found), int(self.names[j])) for j, found in classes.items() if len(found)}
        if sizes:
            self._tell_apart(min(sizes, key=sizes.__getitem__), classes, parts)

    def _tell_apart(
        self, j: int, classes: dict[int, np.ndarray], parts: dict[int, np.ndarray]
    ) -> None:
        """One category of a class in each part of the sample; the parts too, if that is all."""
        level, alike = self.levels[j], classes[j]
        chosen = alike[np.unique(parts[j][alike], return_index=True)[1]]
        step = np.ones(len(chosen), dtype=np.uint64)
        if len(chosen) == len(alike):
            step = np.arange(1, len(chosen) + 1).astype(np.uint64)
        level[chosen] = mix(level[chosen] + GOLDEN * step)

    def _parts(self) -> tuple[np.ndarray, dict[int, np.ndarray]]:
        """Rows linked by categories that have others like them: parts that may be exchanged.

        Returns
        -------
        of_row : ndarray of int, shape (u,)
        of_level : dict
            By column, the parts (L,) of its categories; -1 of one that is like no other.
        """
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        u, tied, start = len(self.rows), {}, {}
        total, links = u, []
        for j, level in self.levels.items():
            used = self._used[j]
            counts = np.unique(level[used], return_inverse=True, return_counts=True)
            tied[j], start[j] = np.zeros(len(level), dtype=bool), total
            tied[j][used] = counts[2][counts[1]] > 1
            rows = np.flatnonzero(tied[j][self._codes[:, j]])
            links.append(np.stack([rows, total + self._codes[rows, j]]))
            total += len(level)
        first, second = np.concatenate(links, axis=1)
        graph = coo_array((np.ones(len(first)), (first, second)), shape=(total, total))
        part = connected_components(graph, directed=False)[1]
        of_level = {
            j: np.where(tied[j], part[start[j] : start[j] + len(tied[j])], -1) for j in tied
        }
        return part[:u], of_level


def _smallest_class(colours: np.ndarray) -> np.ndarray:
    """Positions of the fewest that are alike, of these chosen by colour; none if none are."""
    found, counts = np.unique(colours, return_counts=True)
    alike = np.flatnonzero(counts > 1)
    if not len(alike):
        return alike
    return np.flatnonzero(colours == found[alike[np.argmin(counts[alike])]])
