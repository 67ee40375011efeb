"""Variational bounds on mutual information, all on one matrix of critic scores."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

from skmist.nn.bound import MutualInfoBound, capped_exp, log_mean_exp, off_diagonal

__all__ = [
    "BOUNDS",
    "CLUB",
    "DonskerVaradhan",
    "InfoNCE",
    "Interpolated",
    "JensenShannon",
    "NWJ",
    "SMILE",
    "make_bound",
]


class DonskerVaradhan(MutualInfoBound):
    """The bound of Donsker and Varadhan [1]_, as in MINE [2]_.

    ``mean(diagonal) - log(mean(exp(off-diagonal)))``. The gradient of the logarithm, taken on a
    batch, is biased; `loss` divides by a moving average of the partition instead, which is
    kept as its logarithm.

    Parameters
    ----------
    rate : float, default=0.1
        Weight of the newest batch in the moving average; 1 leaves the gradient uncorrected.

    References
    ----------
    .. [1] M. D. Donsker and S. R. S. Varadhan (1983), "Asymptotic evaluation of certain Markov
       process expectations for large time, IV", Communications on Pure and Applied
       Mathematics 36, 183-212.
    .. [2] M. I. Belghazi et al. (2018), "Mutual Information Neural Estimation", ICML,
       arXiv:1801.04062.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import DonskerVaradhan
    >>> round(float(DonskerVaradhan()(torch.tensor([[2.0, 0.0], [0.0, 2.0]]))), 6)
    2.0
    """

    log_average: Tensor

    def __init__(self, rate: float = 0.1) -> None:
        super().__init__()
        if not 0.0 < rate <= 1.0:
            raise ValueError(
                f"rate is {rate!r}, but must be above 0 and at most 1. Pass for example 0.1."
            )
        self.rate = rate
        self.register_buffer("log_average", torch.tensor(math.nan))

    def _value(self, scores: Tensor) -> Tensor:
        return scores.diagonal().mean() - log_mean_exp(off_diagonal(scores))

    def _loss(self, scores: Tensor) -> Tensor:
        log_partition = log_mean_exp(off_diagonal(scores))
        self._update(log_partition.detach())
        ratio = capped_exp(log_partition - self.log_average.to(scores.dtype))
        return ratio - scores.diagonal().mean()

    def _update(self, newest: Tensor) -> None:
        if bool(self.log_average.isnan()) or self.rate == 1.0:
            self.log_average = newest
            return
        kept = self.log_average.to(newest) + math.log1p(-self.rate)
        self.log_average = torch.logaddexp(kept, newest + math.log(self.rate))


class NWJ(MutualInfoBound):
    """The bound of Nguyen, Wainwright and Jordan [1]_, MINE-f in [2]_.

    ``mean(diagonal) - mean(exp(off-diagonal - 1))``. Unbiased on a batch; its best critic is the
    log-ratio plus 1. Beyond ``exp(5)`` the second term goes on as its tangent, which keeps the
    gradient of a bad critic finite and the value a lower bound.

    References
    ----------
    .. [1] X. Nguyen, M. J. Wainwright and M. I. Jordan (2010), "Estimating divergence
       functionals and the likelihood ratio by convex risk minimization", IEEE Transactions on
       Information Theory 56, 5847-5861.
    .. [2] M. I. Belghazi et al. (2018), "Mutual Information Neural Estimation", ICML,
       arXiv:1801.04062.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import NWJ
    >>> float(NWJ()(torch.ones(3, 3)))
    0.0
    """

    offset = 1.0

    def _value(self, scores: Tensor) -> Tensor:
        return scores.diagonal().mean() - capped_exp(log_mean_exp(off_diagonal(scores)) - 1.0)


class JensenShannon(MutualInfoBound):
    """Critic by the Jensen-Shannon objective, value by NWJ [1]_.

    `loss` is the binary cross entropy of pairs against the product, whose best critic is the
    log-ratio itself; it is stable, but no estimate of the MI. The value is NWJ's at that critic.

    References
    ----------
    .. [1] B. Poole, S. Ozair, A. van den Oord, A. Alemi and G. Tucker (2019), "On variational
       bounds of mutual information", ICML, arXiv:1905.06922.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import JensenShannon
    >>> float(JensenShannon()(torch.zeros(3, 3)))
    0.0
    """

    def _value(self, scores: Tensor) -> Tensor:
        return 1.0 + scores.diagonal().mean() - capped_exp(log_mean_exp(off_diagonal(scores)))

    def advantage(self, scores: Tensor) -> Tensor:
        """Twice the Jensen-Shannon divergence, bounded from below, nats."""
        return 2.0 * math.log(2.0) - self.loss(scores)

    def _loss(self, scores: Tensor) -> Tensor:
        return _cross_entropy(scores)


class InfoNCE(MutualInfoBound):
    """The contrastive bound of van den Oord et al. [1]_: each x finds its y among n.

    ``mean(diagonal - log(mean(exp(row))))``, the row with its diagonal. Low variance, but never
    above ``log(n)``. Its best critic is the log-ratio plus any function of x.

    Where y has k parts, each x finds one of its own among all ``(n - 1) * k`` of the others: the
    bound is at most ``log((n - 1) * k + 1)``.

    References
    ----------
    .. [1] A. van den Oord, Y. Li and O. Vinyals (2018), "Representation learning with
       contrastive predictive coding", arXiv:1807.03748.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import InfoNCE
    >>> round(float(InfoNCE()(100 * torch.eye(8))), 4), round(InfoNCE().ceiling(8), 4)
    (2.0794, 2.0794)
    """

    def ceiling(self, n: int) -> float:
        """``log(n)``, nats."""
        return math.log(n)

    def _value(self, scores: Tensor) -> Tensor:
        own, others = scores.diagonal(), off_diagonal(scores)
        total = torch.logaddexp(own, torch.logsumexp(others, 1))
        return (own - total).mean() + math.log(others.shape[1] + 1)


class SMILE(MutualInfoBound):
    """The smoothed estimate of Song and Ermon [1]_: Donsker-Varadhan with a clipped partition.

    ``mean(diagonal) - log(mean(exp(clip(off-diagonal))))``, the critic trained by
    Jensen-Shannon. Clipping trades variance for a bias that can lift the value above the MI.

    Parameters
    ----------
    clip : float, default=5.0
        Scores of the partition are clipped to ``[-clip, clip]``.

    References
    ----------
    .. [1] J. Song and S. Ermon (2020), "Understanding the limitations of variational mutual
       information estimators", ICLR, arXiv:1910.06222.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import SMILE
    >>> float(SMILE(clip=1.0)(torch.full((2, 2), 3.0)))
    2.0
    """

    kind = "estimate"

    def __init__(self, clip: float = 5.0) -> None:
        super().__init__()
        if not clip > 0.0:
            raise ValueError(f"clip is {clip!r}, but must be above 0. Pass for example 5.0.")
        self.clip = clip

    def _value(self, scores: Tensor) -> Tensor:
        clipped = off_diagonal(scores).clamp(-self.clip, self.clip)
        return scores.diagonal().mean() - log_mean_exp(clipped)

    def advantage(self, scores: Tensor) -> Tensor:
        """Twice the Jensen-Shannon divergence, bounded from below, nats."""
        return 2.0 * math.log(2.0) - self.loss(scores)

    def _loss(self, scores: Tensor) -> Tensor:
        return _cross_entropy(scores)


class Interpolated(MutualInfoBound):
    """The bound of Poole et al. [1]_ between NWJ and InfoNCE.

    With the baseline ``a_y = log(alpha * mean(exp(T(x, y))) + 1 - alpha)``, its mean over n - 1
    draws of x, it is ``1 + mean(diagonal - a_y) - mean(exp(off-diagonal - a_y))``. At
    ``alpha=1`` this is InfoNCE with n - 1 draws, at ``alpha=0`` NWJ at the critic plus 1. It is
    at most ``log((n - 1) / alpha)``.

    The draws of a pair's baseline are its own x and n - 2 others, averaged over which one is
    left out; those of the product are the n - 1 x of other pairs. Takes no parts of y.

    Parameters
    ----------
    alpha : float, default=0.5
        Between 0 and 1: low for little bias, high for little variance.

    References
    ----------
    .. [1] B. Poole, S. Ozair, A. van den Oord, A. Alemi and G. Tucker (2019), "On variational
       bounds of mutual information", ICML, arXiv:1905.06922.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import Interpolated
    >>> float(Interpolated()(torch.zeros(3, 3)))
    0.0
    """

    takes_parts = False

    def __init__(self, alpha: float = 0.5) -> None:
        super().__init__()
        if not 0.0 <= alpha <= 1.0:
            raise ValueError(
                f"alpha is {alpha!r}, but must be between 0 and 1. Pass for example 0.5."
            )
        self.alpha = alpha

    def ceiling(self, n: int) -> float:
        """``log((n - 1) / alpha)``, nats; infinite at ``alpha=0``."""
        return math.log((n - 1) / self.alpha) if self.alpha > 0.0 else math.inf

    def _value(self, scores: Tensor) -> Tensor:
        others = log_mean_exp(off_diagonal(scores.T), 1)
        product = capped_exp(others - self._baseline(others)).mean()
        joint = scores.diagonal()[:, None] - self._baseline(_with_own_draw(scores))
        return 1.0 + joint.mean() - product

    def _baseline(self, log_mean: Tensor) -> Tensor:
        if self.alpha == 1.0:
            return log_mean
        if self.alpha == 0.0:
            return torch.zeros_like(log_mean)
        constant = torch.full_like(log_mean, math.log1p(-self.alpha))
        return torch.logaddexp(log_mean + math.log(self.alpha), constant)


class CLUB(MutualInfoBound):
    """The upper bound of Cheng et al. [1]_, from a conditional density as critic.

    ``mean(diagonal) - mean(off-diagonal)``, where ``scores[i, j] = log q(y_j | x_i)``. It is an
    upper bound where q is the true conditional density, and with no other kind of critic; `loss`
    fits q by likelihood. See `GaussianConditional`.

    References
    ----------
    .. [1] P. Cheng, W. Hao, S. Dai, J. Liu, Z. Gan and L. Carin (2020), "CLUB: a contrastive
       log-ratio upper bound of mutual information", ICML, arXiv:2006.12013.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import CLUB
    >>> float(CLUB()(torch.eye(4)))
    1.0
    """

    kind = "upper"

    def _value(self, scores: Tensor) -> Tensor:
        return scores.diagonal().mean() - off_diagonal(scores).mean()

    def _loss(self, scores: Tensor) -> Tensor:
        return -scores.diagonal().mean()


BOUNDS = {
    "donsker_varadhan": DonskerVaradhan,
    "nwj": NWJ,
    "jensen_shannon": JensenShannon,
    "infonce": InfoNCE,
    "smile": SMILE,
    "interpolated": Interpolated,
    "club": CLUB,
}
"""The bounds by name."""


def make_bound(bound: str | MutualInfoBound) -> MutualInfoBound:
    """A new bound of that name with its default parameters; a bound is returned as it is.

    Raises
    ------
    ValueError
        If there is no bound of that name.
    """
    if isinstance(bound, MutualInfoBound):
        return bound
    if bound not in BOUNDS:
        raise ValueError(f"bound is {bound!r}; pass one of {', '.join(BOUNDS)}, or a bound.")
    return BOUNDS[bound]()


def _cross_entropy(scores: Tensor) -> Tensor:
    return softplus(-scores.diagonal()).mean() + softplus(off_diagonal(scores)).mean()


def _with_own_draw(scores: Tensor) -> Tensor:
    """Log-mean-exp over x of each column (y) without one x that is not its own, ``(n, n - 1)``.

    A sum without one term loses all digits where that term is most of it, so the largest term
    is left out by summing the others anew.
    """
    n = len(scores)
    columns = scores.T
    own, others = columns.diagonal(), off_diagonal(columns)
    total = torch.logsumexp(columns, 1)
    largest = others.argmax(1, keepdim=True)
    is_largest = torch.zeros_like(others, dtype=torch.bool).scatter_(1, largest, True)
    anew = torch.logsumexp(others.masked_fill(is_largest, -math.inf), 1) if n > 2 else None
    anew = own if anew is None else torch.logaddexp(own, anew)
    # masked before the logarithm: its slope at the masked entry would be infinite times zero
    share = (others - total[:, None]).masked_fill(is_largest, -math.inf)
    rest = total[:, None] + torch.log1p(-torch.exp(share))
    return torch.where(is_largest, anew[:, None], rest) - math.log(n - 1)
