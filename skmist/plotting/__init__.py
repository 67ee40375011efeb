"""Plots of skmist results, in the form of scikit-learn's ``*Display`` classes.

matplotlib is imported when a plot is drawn, never when skmist is imported.
"""

from __future__ import annotations

from skmist.plotting.lags import MutualInfoLagsDisplay
from skmist.plotting.matrix import MutualInfoMatrixDisplay
from skmist.plotting.pointwise import PointwiseInformationDisplay
from skmist.plotting.ranking import MutualInfoRankingDisplay
from skmist.plotting.selection import MutualInfoSelectionDisplay

__all__ = [
    "MutualInfoLagsDisplay",
    "MutualInfoMatrixDisplay",
    "MutualInfoRankingDisplay",
    "MutualInfoSelectionDisplay",
    "PointwiseInformationDisplay",
]
