"""Results as files have them: a table for people, CSV and JSON for programs, pages, workbooks."""

from __future__ import annotations

from skmist.cli.text.estimate import estimate_answer, verdict_answer
from skmist.cli.text.lags import lags_answer
from skmist.cli.text.pairs import format_pairs, pairs_answer
from skmist.cli.text.ranking import format_ranking, ranking_answer
from skmist.cli.text.selection import selection_answer
from skmist.cli.text.styles import STYLES, written

__all__ = [
    "STYLES",
    "estimate_answer",
    "format_pairs",
    "format_ranking",
    "lags_answer",
    "pairs_answer",
    "ranking_answer",
    "selection_answer",
    "verdict_answer",
    "written",
]
