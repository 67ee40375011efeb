"""The heads of a net: which answers for a sample, and how far those of learned views may go.

By data processing a view loses information and adds none, and the learned views are shown by
models that have not seen the rows. So whatever says less than they do, has lost something; and
what they hide is a matter of their errors, which more rows mend.
"""

from __future__ import annotations

import torch
from torch import Tensor

from skmist.nn.mist.evidence import LEARNED_VIEWS, N_MORE_VIEWS, in_nats
from skmist.nn.mist.learned import LearnedPairs

__all__ = ["COMPRESSED", "PAIRED", "PLAIN", "head_for", "held_back", "less_lossy"]

PLAIN = 0
"""Of samples of which nothing is learned: the head of all nets."""

COMPRESSED = 1
"""Of one compressed side, and of two that are shown by different models."""

PAIRED = 2
"""Of two sides that are shown by the same models."""

_MOST_ADDED = {COMPRESSED: 3.0, PAIRED: 5.0}
# That of some 1,000 rows.
_FULL_WEIGHT_UNIT = 0.05
_MODERATE, _STRONG = 2.5, 4.0
_MOST_LOSS = 9.0
# Numbers of neighbors, the first of which is 1: too noisy to be a bound.
_N_KS = 4


def head_for(learned: LearnedPairs | None) -> int:
    """`PLAIN`, `COMPRESSED` or `PAIRED`, by what the learned views of a sample are."""
    if learned is None:
        return PLAIN
    return PAIRED if learned.paired else COMPRESSED


def less_lossy(logits: Tensor, candidates: Tensor, unit: Tensor, n_own: int) -> Tensor:
    """Logits (B, C) of estimates in nats, lower where one says less than the learned views do.

    An estimate that lies g units below loses (g - 1)^2 / 2, as its likelihood would. Of each
    learned view the least of what it says with 3 to 10 neighbors counts.

    Parameters
    ----------
    logits, candidates : Tensor of shape (B, C)
    unit : Tensor of shape (B, 1)
        Of the error, on the compressed scale.
    n_own : int
        Number of the net's own estimates, which come last.
    """
    told = candidates.clamp_min(0.0)
    size = _N_KS * N_MORE_VIEWS
    _, more, _ = told.split([told.shape[1] - size - n_own, size, n_own], dim=1)
    more = more.unflatten(1, (_N_KS, N_MORE_VIEWS))
    learned = more[:, 1:, : len(LEARNED_VIEWS)].amin(1).amax(1, keepdim=True)
    lost = ((learned - told) / in_nats(unit, candidates) - 1.0).clamp(0.0, _MOST_LOSS)
    return logits - 0.5 * lost**2


def held_back(
    weights: Tensor, candidates: Tensor, added: Tensor, unit: Tensor, n_own: int, head: int
) -> tuple[Tensor, Tensor]:
    """Weights (B, C) and what is added (B, 1), where views say nearly all there is.

    What a net adds for what views hide is much too much where its training hid more. So the
    answer stays within a few units of the mixture, and the net's own pointwise means, whose
    errors more rows do not mend, have weights that fall as the unit squared. Of strong
    relations no local estimate says all, and there the net is free.

    Parameters
    ----------
    weights, candidates : Tensor of shape (B, C)
    added, unit : Tensor of shape (B, 1)
        In units, and the unit on the compressed scale.
    n_own : int
        Number of the net's own estimates, which come last.
    head : int
        `COMPRESSED`, of which the answer stays within three units, or `PAIRED`, within five.
    """
    classical, own = weights.tensor_split([weights.shape[-1] - n_own], dim=-1)
    told = (weights * candidates).sum(-1, keepdim=True)
    free = ((told - _MODERATE) / (_STRONG - _MODERATE)).clamp(0.0, 1.0)
    kept = torch.maximum((unit / _FULL_WEIGHT_UNIT).clamp(max=1.0).square(), free)
    share = own.sum(-1, keepdim=True)
    more = (1.0 - share * kept) / (1.0 - share).clamp_min(1e-6)
    most = _MOST_ADDED[head]
    added = torch.lerp(most * torch.tanh(added / most), added, free)
    return torch.cat([classical * more, own * kept], dim=-1), added
