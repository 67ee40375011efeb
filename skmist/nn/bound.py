"""What all bounds on mutual information share: one matrix of critic scores."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["MutualInfoBound", "capped_exp", "log_mean_exp", "off_diagonal"]

_LINEAR_ABOVE = 5.0


def off_diagonal(scores: Tensor) -> Tensor:
    """Entries (n, n - 1) of a square matrix (n, n) without its diagonal, row by row.

    Of scores (n, n, k) all k entries of each place: (n, (n - 1) * k).
    """
    n = len(scores)
    return scores.flatten(0, 1)[1:].unflatten(0, (n - 1, n + 1))[:, :-1].reshape(n, -1)


def log_mean_exp(values: Tensor, dim: int | None = None) -> Tensor:
    """``log(mean(exp(values)))``, over one dimension or over all, without overflow."""
    if dim is None:
        values, dim = values.flatten(), 0
    return torch.logsumexp(values, dim) - math.log(values.shape[dim])


def capped_exp(log_value: Tensor) -> Tensor:
    """``exp``, continued by its tangent above 5, so that neither it nor its slope explodes.

    One batch with a slope of ``exp(50)`` would stop Adam for good. A bound from which the tangent
    is subtracted stays a lower bound, as the tangent lies above ``1 + log_value`` there.
    """
    excess = (log_value - _LINEAR_ABOVE).clamp_min(0.0)
    return torch.exp(log_value.clamp_max(_LINEAR_ABOVE)) * (1.0 + excess)


def _check_scores(scores: Tensor, takes_parts: bool) -> None:
    most = 3 if takes_parts else 2
    square = 2 <= scores.ndim <= most and scores.shape[0] == scores.shape[1]
    if not square or len(scores) < 2 or scores.numel() == 0:
        raise ValueError(
            f"scores have shape {tuple(scores.shape)}, but a bound needs a square matrix of at "
            "least 2 rows, with the critic of (x_i, y_j) at [i, j]. Call critic.scores(x, y) on "
            "a batch of at least 2 pairs."
        )


class MutualInfoBound(nn.Module):
    """Base class of the bounds; all values are in nats.

    A critic gives every pair of a batch a score; ``scores[i, j]`` is that of x_i with y_j. The
    diagonal are pairs that were drawn together, everything else stands for the product of the
    margins. Calling a bound on the matrix returns its value, differentiable.

    Where y_j has k parts (the locations of an image), ``scores[i, j, l]`` is that of x_i with
    part l of y_j. The value is then of the MI of x with a part that is drawn at random, which is
    at most the mean over parts of their MI with x. All parts of all other y are negatives; the
    parts of a y_i among themselves are not.

    Attributes
    ----------
    kind : {"lower", "upper", "estimate"}
        What the value is in expectation, for any critic; ``"estimate"`` is neither bound.
    offset : float
        What the best critic exceeds ``log p(x, y) / (p(x) p(y))`` by.
    takes_parts : bool
        Whether scores may be of shape (n, n, k).
    """

    kind = "lower"
    offset = 0.0
    takes_parts = True

    def forward(self, scores: Tensor) -> Tensor:
        """Value of the bound.

        Parameters
        ----------
        scores : Tensor of shape (n, n) or (n, n, k)
            At least 2 rows.

        Returns
        -------
        value : Tensor of shape ()
            Nats.

        Raises
        ------
        ValueError
            If the scores are not a square matrix of at least 2 rows.
        """
        _check_scores(scores, self.takes_parts)
        return self._value(scores)

    def loss(self, scores: Tensor) -> Tensor:
        """What a critic minimizes to make the bound tight, of shape ().

        Minus the value, unless the bound says otherwise.
        """
        _check_scores(scores, self.takes_parts)
        return self._loss(scores)

    def advantage(self, scores: Tensor) -> Tensor:
        """How much better than a critic that knows nothing this one is, of shape (), nats.

        At most 0 where the critic is of no use; the value, unless the bound says otherwise.
        """
        return self(scores)

    def ceiling(self, n: int) -> float:
        """Largest value, nats, that a batch of n pairs can give; infinite for most bounds."""
        return math.inf

    def _value(self, scores: Tensor) -> Tensor:
        raise NotImplementedError

    def _loss(self, scores: Tensor) -> Tensor:
        return -self._value(scores)
