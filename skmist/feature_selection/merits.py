"""What columns were seen to add to those chosen, over many looks."""

from __future__ import annotations

__all__ = ["Merits"]

from collections.abc import Iterable

_MOST_REMEMBERED = 3


class Merits(dict[int, float]):
    """By column, the mean of the last looks at what it adds, nats.

    With each column that is chosen the others add less, or more; but where gains are small, one
    look leaps further than they change from step to step. So a look that is within the noise of
    those before is averaged with them, and one that is not replaces them.
    """

    def __init__(self) -> None:
        self._looks: dict[int, int] = {}

    def see(self, columns: Iterable[int], gains: Iterable[float], noise: float) -> None:
        """Take a look at each of some columns; `noise` is how far looks lie apart by chance."""
        for k, gain in zip(columns, gains, strict=True):
            alike = k in self and abs(gain - self[k]) <= noise
            count = min(self._looks[k], _MOST_REMEMBERED) + 1 if alike else 1
            self._looks[k] = count
            self[k] = self[k] + (gain - self[k]) / count if alike else gain

    def ranked(self, columns: Iterable[int]) -> list[int]:
        """Columns by what they add, the best first."""
        return sorted(columns, key=lambda k: -self[k])
