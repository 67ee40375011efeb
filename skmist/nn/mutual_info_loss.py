"""Mutual information as a loss term of a training loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from skmist.nn.bound import MutualInfoBound
from skmist.nn.bounds import make_bound
from skmist.nn.critics import Critic

__all__ = [
    "MutualInfoLoss",
    "MutualInfoTerm",
    "adaptive_clip",
    "backward_with_adaptive_clip",
]

_DIRECTIONS = ("maximize", "minimize")


class MutualInfoTerm(NamedTuple):
    """Loss term, shape (), and the estimate of the MI beside it, detached, shape (), nats."""

    loss: Tensor
    estimate: Tensor


class _Scaled(torch.autograd.Function):
    """The identity, its gradient times a weight that may be set until the backward pass."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, weight: Tensor) -> Tensor:
        ctx.weight = weight
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient * ctx.weight, None


class MutualInfoLoss(nn.Module):
    """Mutual information between two batches, as a term to add to a loss.

    One backward pass serves two players. The critic always gets the gradient that makes the bound
    tight. What feeds x and y (an encoder, a generator) gets the gradient that raises the MI with
    ``direction="maximize"`` and that lowers it with ``"minimize"``; so give all of them, critic
    included, to an optimizer that minimizes the sum of the terms.

    ``loss`` is minus the estimate when maximizing and the estimate when minimizing, up to what
    the bound's own loss adds to the gradient: it falls when the direction is followed.

    Parameters
    ----------
    bound : str or MutualInfoBound
        Name in `skmist.nn.BOUNDS`, or a bound.
    critic : Critic
        For ``"club"`` one that is a log conditional density, such as `GaussianConditional`.
    direction : {"maximize", "minimize"}
        What becomes of the MI. There is no default.

    Raises
    ------
    ValueError
        If the bound or the direction is unknown, or an upper bound is to be maximized: its growth
        would say nothing about the MI.

    Notes
    -----
    Minimizing a lower bound is a game: the encoder lowers what the critic raises, and an estimate
    near 0 can mean a poor critic as well as independence. Give the critic a higher learning rate
    or more steps, or use ``"club"``, and check the result with a fresh estimator. Where the critic
    is worse than none (`MutualInfoBound.advantage` is at most 0), the encoder gets no gradient: it
    would make the critic worse yet, which can raise the MI. ``"infonce"`` is the most stable.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import MutualInfoLoss, SeparableCritic
    >>> term = MutualInfoLoss("infonce", SeparableCritic(2, 2), direction="maximize")
    >>> x = torch.randn(16, 2, requires_grad=True)
    >>> loss, estimate = term(x, x.detach())
    >>> loss.backward()
    >>> estimate.requires_grad
    False
    """

    def __init__(self, bound: str | MutualInfoBound, critic: Critic, *, direction: str) -> None:
        super().__init__()
        if direction not in _DIRECTIONS:
            raise ValueError(
                f"direction is {direction!r}; pass 'maximize' to raise the MI or 'minimize' to "
                "lower it."
            )
        self.bound, self.critic, self.direction = make_bound(bound), critic, direction
        if self.bound.kind == "upper" and direction == "maximize":
            raise ValueError(
                f"{type(self.bound).__name__} is an upper bound, and raising it need not raise "
                "the MI. Pass direction='minimize', or a lower bound such as 'infonce'."
            )

    def forward(self, x: Tensor, y: Tensor) -> MutualInfoTerm:
        """Loss and estimate of a batch.

        Parameters
        ----------
        x : Tensor of shape (n, n_x)
        y : Tensor of shape (n, n_y)
            Paired with x row by row; at least 2 rows.

        Returns
        -------
        loss : Tensor of shape ()
            To be minimized, with the critic's parameters among those that are optimized.
        estimate : Tensor of shape ()
            Value of the bound on this batch, nats, detached.
        """
        if self.bound.kind == "upper":
            return self._minimized_upper(x, y)
        weight = x.new_ones(())
        scores = self.critic.scores(_Scaled.apply(x, weight), _Scaled.apply(y, weight))
        gradient = self.bound.loss(scores)
        estimate = self.bound(scores.detach())
        if self.direction == "minimize":
            weight.neg_().mul_(self.bound.advantage(scores.detach()) > 0.0)
        value = estimate if self.direction == "minimize" else -estimate
        return MutualInfoTerm(gradient + (value - gradient).detach(), estimate)

    def _minimized_upper(self, x: Tensor, y: Tensor) -> MutualInfoTerm:
        """The encoder lowers the bound under a fixed critic; the critic fits itself."""
        frozen = {name: p.detach() for name, p in self.critic.named_parameters()}
        weight = x.new_ones(())
        sides = _Scaled.apply(x, weight), _Scaled.apply(y, weight)
        scores = torch.func.functional_call(_AllPairs(self.critic), _renamed(frozen), sides)
        value = self.bound(scores)
        weight.mul_(self.bound.advantage(scores.detach()) > 0.0)
        fit = self.bound.loss(self.critic.scores(x.detach(), y.detach()))
        return MutualInfoTerm(value + (fit - fit.detach()), value.detach())


class _AllPairs(nn.Module):
    """A critic whose call scores all pairs."""

    def __init__(self, critic: Critic) -> None:
        super().__init__()
        self.critic = critic

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.critic.scores(x, y)


def _renamed(parameters: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"critic.{name}": parameter for name, parameter in parameters.items()}


def adaptive_clip(main: Sequence[Tensor], information: Sequence[Tensor]) -> list[Tensor]:
    """Shorten the gradient of an MI term to the length of the main loss's gradient.

    The adaptive clipping of MINE [1]_: ``g_mi * min(1, |g_main| / |g_mi|)``, the lengths taken
    over all tensors. The MI is unbounded, and its gradient would drown the main loss's.

    Parameters
    ----------
    main, information : sequence of Tensor
        Gradients of the two losses by the same parameters.

    Returns
    -------
    list of Tensor
        The gradient of the MI term, shortened.

    References
    ----------
    .. [1] M. I. Belghazi et al. (2018), "Mutual Information Neural Estimation", ICML,
       arXiv:1801.04062.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import adaptive_clip
    >>> adaptive_clip([torch.tensor([1.0, 0.0])], [torch.tensor([0.0, 5.0])])
    [tensor([0., 1.])]
    """
    length, limit = _length(information), _length(main)
    scale = torch.where(length > limit, limit / length, torch.ones_like(length))
    return [gradient * scale for gradient in information]


def backward_with_adaptive_clip(
    main_loss: Tensor, information_loss: Tensor, parameters: Iterable[Tensor]
) -> None:
    """Add to ``.grad`` the main loss's gradient and the clipped one of the MI term.

    Gradients flow to `parameters` only: those of the encoder or generator. The critic's own
    step needs a backward pass of its own.

    Parameters
    ----------
    main_loss, information_loss : Tensor of shape ()
    parameters : iterable of Tensor
        Those that both losses share; one that a loss does not reach counts as gradient 0.
    """
    parameters = [p for p in parameters if p.requires_grad]
    main, information = (
        torch.autograd.grad(
            loss, parameters, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        for loss in (main_loss, information_loss)
    )
    clipped = adaptive_clip(main, information)
    for parameter, first, second in zip(parameters, main, clipped, strict=True):
        gradient = first + second
        parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient


def _length(gradients: Sequence[Tensor]) -> Tensor:
    return torch.stack([gradient.norm() for gradient in gradients]).norm()
