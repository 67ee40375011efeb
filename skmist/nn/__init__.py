"""The net of MIST and the statistics that it reads; needs torch only."""

from __future__ import annotations

from skmist.nn.frame import SampleFrame
from skmist.nn.net import QUANTILE_LEVELS, Context, MISTNet, NetConfig
from skmist.nn.scores import encode_rows, normal_scores, scores_like
from skmist.nn.statistics import compress, expand, masked_rows, sample_statistics, visible_rows

__all__ = [
    "Context",
    "MISTNet",
    "NetConfig",
    "QUANTILE_LEVELS",
    "SampleFrame",
    "compress",
    "encode_rows",
    "expand",
    "masked_rows",
    "normal_scores",
    "sample_statistics",
    "scores_like",
    "visible_rows",
]
