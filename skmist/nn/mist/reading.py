"""A net's reading of a sample, with nets of the sample's own where these tell more than it."""

from __future__ import annotations

from collections.abc import Callable

import torch

from skmist.nn.mist.compression import expand
from skmist.nn.mist.net import QUANTILE_LEVELS, Context, MISTNet
from skmist.nn.mist.statistics import sample_statistics
from skmist.nn.mist.views import SampleFrame

__all__ = ["read_sample"]

_MEDIAN = QUANTILE_LEVELS.index(0.5)


def read_sample(
    net: MISTNet, frame_of: Callable[[bool], SampleFrame], refine: bool
) -> tuple[SampleFrame, Context]:
    """Hold a sample, refined where that shows that the net reads too little without.

    What local estimates say of refined pairs is a lower bound. Where the answer without them lies
    above it, nets have found no more than the net expects to be hidden, and it answers alone; but
    more than they have gained it does not add.

    Parameters
    ----------
    net : MISTNet
    frame_of : callable
        ``frame_of(refined)`` is the frame of the sample; of one sample, if it may be refined.
    refine : bool

    Returns
    -------
    frame : SampleFrame
    context : Context
    """
    frame = frame_of(False)
    context = net.encode(sample_statistics(frame, net.config.max_rows))
    if not (refine and frame.refinable):
        return frame, context
    other = frame_of(True)
    told, gained = other.refined_by
    sample = context.statistics.sample._replace(gained=gained)
    context = context._replace(statistics=context.statistics._replace(sample=sample))
    median = expand(net.quantiles_of(context))[:, _MEDIAN : _MEDIAN + 1]
    if bool(torch.all(told <= median)):
        return frame, context
    return other, net.encode(sample_statistics(other, net.config.max_rows))
