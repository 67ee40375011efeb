"""The net of MIST and what it reads; bounds, critics and losses for MI; needs torch only."""

from __future__ import annotations

from skmist.nn.bound import MutualInfoBound
from skmist.nn.bounds import (
    BOUNDS,
    CLUB,
    NWJ,
    SMILE,
    DonskerVaradhan,
    InfoNCE,
    Interpolated,
    JensenShannon,
    make_bound,
)
from skmist.nn.critic_parts import GaussianShortcut
from skmist.nn.critics import (
    CompressedCritic,
    Critic,
    GaussianConditional,
    JointCritic,
    SeparableCritic,
    chunked_scores,
)
from skmist.nn.gradient.information import BatchInformation, MISTInformation, MISTLoss
from skmist.nn.mist.compression import compress, expand
from skmist.nn.mist.net import QUANTILE_LEVELS, Context, MISTNet, NetConfig
from skmist.nn.mist.scores import (
    encode_rows,
    normal_scores,
    scores_like,
    scores_of_counts,
    with_codes,
)
from skmist.nn.mist.statistics import (
    masked_rows,
    sample_statistics,
    visible_rows,
)
from skmist.nn.mist.views import SampleFrame
from skmist.nn.mutual_info_loss import (
    MutualInfoLoss,
    MutualInfoTerm,
    adaptive_clip,
    backward_with_adaptive_clip,
)

__all__ = [
    "BOUNDS",
    "BatchInformation",
    "CLUB",
    "CompressedCritic",
    "Context",
    "Critic",
    "DonskerVaradhan",
    "GaussianConditional",
    "GaussianShortcut",
    "InfoNCE",
    "Interpolated",
    "JensenShannon",
    "JointCritic",
    "MISTInformation",
    "MISTLoss",
    "MISTNet",
    "MutualInfoBound",
    "MutualInfoLoss",
    "MutualInfoTerm",
    "NWJ",
    "NetConfig",
    "QUANTILE_LEVELS",
    "SMILE",
    "SampleFrame",
    "SeparableCritic",
    "adaptive_clip",
    "backward_with_adaptive_clip",
    "chunked_scores",
    "compress",
    "encode_rows",
    "expand",
    "make_bound",
    "masked_rows",
    "normal_scores",
    "sample_statistics",
    "scores_like",
    "scores_of_counts",
    "visible_rows",
    "with_codes",
]
