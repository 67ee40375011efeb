"""What an adaptation came to: figures before and after, and whether it is taken."""

from __future__ import annotations

__all__ = ["Adaptation", "objections"]

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_MOST_WORSE, _MOST_LOST = 0.10, 0.03
_WANTED = 0.9


@dataclass(frozen=True)
class Adaptation:
    """The outcome of :func:`skmist.adapt`.

    Parameters
    ----------
    weights : str
        What to pass as `weights`: the path of the new card; where the new weights were refused,
        those that the adaptation started from.
    accepted : bool
        Whether the new weights were taken.
    reasons : tuple of str
        Why they were not.
    notes : tuple of str
        What was left out of the data that the net was adapted to.
    before, after : dict
        Figures on fresh draws, nats, of the ``"general"`` prior and of the ``"own"`` one.
    """

    weights: str
    accepted: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def report(self) -> pd.DataFrame:
        """Error, efficient error, coverage and width of 90 % intervals, a row per prior and time.

        Error in nats, and `relative` in units of 0.1 nats + MI; the efficient error is that of the
        mean of the true pointwise MI.
        """
        import pandas as pd

        shown = ("error", "relative", "efficient", "coverage", "width", "draws", "data_sets")
        rows = {
            (prior, when): [figures[prior][name] for name in shown]
            for prior in ("general", "own")
            for when, figures in (("before", self.before), ("after", self.after))
        }
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(shown))
        frame.index = pd.MultiIndex.from_tuples(frame.index, names=["prior", "when"])
        return frame

    def __str__(self) -> str:
        shown = self.report[["error", "efficient", "coverage", "width"]]
        lines = [shown.to_string(float_format=lambda value: f"{value:.3f}")]
        lines.append(f"taken: weights={self.weights!r}" if self.accepted else "refused:")
        return "\n".join([*lines, *self.reasons, *self.notes])


def objections(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """Why new weights should not be taken; nothing where they should.

    Parameters
    ----------
    before, after : dict
        Figures of the ``"general"`` prior and the ``"own"`` one, on the same draws.
    """
    found = []
    for prior, allowed in (("general", _MOST_WORSE), ("own", 0.0)):
        old, new = before[prior]["relative"], after[prior]["relative"]
        if not new <= (1.0 + allowed) * old:
            found.append(
                f"the error on {prior} data rose from {old:.3f} to {new:.3f} of 0.1 nats + MI; "
                f"{100 * allowed:.0f} % are allowed"
            )
        least = min(before[prior]["coverage"], _WANTED) - _MOST_LOST
        covered = after[prior]["coverage"]
        if not covered >= least:
            found.append(
                f"90 % intervals on {prior} data hold the truth in {100 * covered:.0f} %, before "
                f"in {100 * before[prior]['coverage']:.0f} %; {100 * least:.0f} % are needed"
            )
    return tuple(found)
