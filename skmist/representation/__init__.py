"""Measures of a representation: what a code of the data is worth, and in which respect.

Linear and nonlinear probes, the information that the code keeps about its input, how much its
components depend on each other, how well they follow a prior, and what can be reconstructed
from them: the measures of Hjelm et al. (2019), arXiv:1808.06670. `representation_report` makes
one table of them.
"""

from __future__ import annotations

__all__ = [
    "MEASURES",
    "input_information",
    "ks_distances",
    "ms_ssim",
    "neural_dependency",
    "probe_score",
    "reconstruction_similarity",
    "representation_report",
]

from skmist.representation.dependence import neural_dependency
from skmist.representation.information import input_information
from skmist.representation.prior import ks_distances
from skmist.representation.probes import probe_score
from skmist.representation.reconstruction import ms_ssim, reconstruction_similarity
from skmist.representation.report import MEASURES, representation_report
