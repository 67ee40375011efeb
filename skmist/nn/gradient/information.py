"""The MI of a batch by the pretrained net, with gradients: a term for losses."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from skmist.nn.gradient.law import KnownChannel, Law, LogDensity
from skmist.nn.mist.compression import expand
from skmist.nn.mist.net import QUANTILE_LEVELS, MISTNet
from skmist.nn.mist.row_folds import keys_of_both, row_keys
from skmist.nn.mist.scores import encode_rows
from skmist.nn.mist.statistics import sample_statistics
from skmist.nn.mist.views import SampleFrame
from skmist.nn.mutual_info_loss import MutualInfoTerm

__all__ = ["BatchInformation", "MISTInformation", "MISTLoss"]

_MEDIAN = QUANTILE_LEVELS.index(0.5)
_LEAST_ROWS = 10
_MOST_CATEGORIES = 64


class BatchInformation(NamedTuple):
    """MI of each batch, shape (...), and its quantiles, (..., 11), detached; nats."""

    mi: Tensor
    quantiles: Tensor


class MISTInformation(nn.Module):
    """Mutual information of two batches by a pretrained net, with gradients.

    The value is the net's, as in `skmist.MISTRegressor`. The gradient is the one that the MI has
    by ``dI = E[grad_x log(p(x, y) / (p(x) p(y))) . v]`` where the rows of x move with velocity v,
    and likewise for y. The law in it is fitted to the batch at each call, in closed form or
    nearly: a mixture of Gaussians or of Student-t laws, or one side as a smooth function of the
    other and noise, whichever predicts the rows better. No critic is trained, and no state is
    kept between calls. Where y is x seen through a channel that is known, as the code of a noisy
    encoder is, `log_density` gives it, and only the law of y is fitted.

    Parameters
    ----------
    net : MISTNet
        Such as ``skmist.weights.load_weights("mist-3", "cpu")``. A copy is kept, frozen; `to`
        moves it.

    Notes
    -----
    The gradients of x and y are those of the MI in its population, not the derivative of the
    net's own output, which reads ranks and counts neighbors. On 16 known laws of 1,000 rows their
    cosine to the exact gradient is 0.94 to 1.00 where that of the net's pointwise MI is 0.50 to
    0.98; see ``doc/differentiable.md``. The same batch gets the same answer, in any order of its
    rows. Gradients of gradients are not offered.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import MISTInformation
    >>> from skmist.weights import load_weights
    >>> information = MISTInformation(load_weights("mist-3", "cpu"))
    >>> generator = torch.Generator().manual_seed(0)
    >>> x = torch.randn(500, 1, generator=generator)
    >>> y = x + torch.randn(500, 1, generator=generator)  # truth: log(2) / 2 = 0.347
    >>> mi, quantiles = information(x.requires_grad_(), y)
    >>> mi.backward()
    >>> bool(abs(mi - 0.347) < 0.08), x.grad.shape
    (True, torch.Size([500, 1]))
    """

    def __init__(self, net: MISTNet) -> None:
        super().__init__()
        # loaded weights are shared between callers, and `to` moves in place
        self.net = _copied(net)

    def forward(
        self, x: Tensor, y: Tensor, log_density: LogDensity | None = None
    ) -> BatchInformation:
        """MI of each batch and its quantiles.

        Parameters
        ----------
        x : Tensor of shape (n,), (n, p) or (batch, n, p)
        y : Tensor of shape (n,), (n, q) or (batch, n, q)
            Paired with x row by row; at least 10 rows. Floats are numbers; integers and bools
            are categories, of which a side that meets gradients may have 64.
        log_density : callable, optional
            ``log p(y | x)`` of rows, where it is known and both are numbers: a function of rows
            (n, p) and (n, q), in double precision and an order of their own, that returns (n,)
            nats, differentiable, up to a constant. It serves the gradient alone.

        Returns
        -------
        mi : Tensor of shape () or (batch,)
            Median of the net's distribution of the MI, nats, differentiable in x and y.
        quantiles : Tensor of shape (11,) or (batch, 11)
            At `skmist.nn.QUANTILE_LEVELS`, nats, detached.

        Raises
        ------
        ValueError
            If the shapes do not pair, values are not finite, x, y and the net are on different
            devices, there are too few rows or too many categories, or a channel is given for
            categories or does not answer for each row.
        """
        single = x.ndim < 3
        sides = _batched(x), _batched(y)
        _check(*sides, next(self.net.parameters()).device)
        if log_density is not None and not all(side.is_floating_point() for side in sides):
            raise ValueError(
                "log_density serves numbers, but a side has categories: leave it out."
            )
        with torch.autocast(x.device.type, enabled=False):
            mi, quantiles = _Information.apply(*sides, self.net, log_density)
        return BatchInformation(mi[0], quantiles[0]) if single else BatchInformation(mi, quantiles)


class MISTLoss(nn.Module):
    """Mutual information by a pretrained net, as a term to add to a loss.

    Unlike `MutualInfoLoss` it trains no critic; so there is no game between two players, and
    minimizing is as plain as maximizing.

    Parameters
    ----------
    net : MISTNet
        As in `MISTInformation`.
    maximize : bool
        What becomes of the MI. There is no default.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn import MISTLoss
    >>> from skmist.weights import load_weights
    >>> term = MISTLoss(load_weights("mist-3", "cpu"), maximize=True)
    >>> codes = torch.randn(64, 2, requires_grad=True)
    >>> loss, estimate = term(codes, torch.arange(64) % 2)
    >>> loss.backward()
    >>> estimate.requires_grad
    False
    """

    def __init__(self, net: MISTNet, *, maximize: bool) -> None:
        super().__init__()
        self.information, self.maximize = MISTInformation(net), maximize

    def forward(
        self, x: Tensor, y: Tensor, log_density: LogDensity | None = None
    ) -> MutualInfoTerm:
        """Loss and estimate of a batch, or the means over several.

        Parameters
        ----------
        x, y : Tensor
        log_density : callable, optional
            All as in `MISTInformation`.

        Returns
        -------
        loss : Tensor of shape ()
            To be minimized: minus the MI when maximizing, else the MI.
        estimate : Tensor of shape ()
            MI, nats, detached.
        """
        mi = self.information(x, y, log_density).mi.mean()
        return MutualInfoTerm(-mi if self.maximize else mi, mi.detach())


class _Information(torch.autograd.Function):
    """Values by the net; gradients by the law of each batch."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, y: Tensor, net: MISTNet, known: LogDensity | None
    ) -> tuple[Tensor, Tensor]:
        order = _order(x, y)
        mi, quantiles = _values(net, _taken(x, order), _taken(y, order))
        wanted = tuple(ctx.needs_input_grad[:2])
        batches = zip(x, y, order, strict=True)
        found = [_gradients(a, b, c, wanted, known) for a, b, c in batches]
        ctx.save_for_backward(*(torch.stack(side) for side in zip(*found, strict=True)))
        ctx.mark_non_differentiable(quantiles)
        return mi, quantiles

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, mi: Tensor, _: Any) -> tuple[Tensor | None, ...]:
        sides = zip(ctx.saved_tensors, ctx.needs_input_grad, strict=False)
        return *((mi[:, None, None] * g).to(g.dtype) if n else None for g, n in sides), None, None


def _copied(net: MISTNet) -> MISTNet:
    copy = MISTNet(net.config)
    copy.load_state_dict(net.state_dict())
    return copy.to(next(net.parameters()).device).eval().requires_grad_(False)


def _batched(side: Tensor) -> Tensor:
    return side[None, :, None] if side.ndim == 1 else side[None] if side.ndim == 2 else side


def _check(x: Tensor, y: Tensor, device: torch.device) -> None:
    if x.ndim != 3 or y.ndim != 3 or x.shape[:2] != y.shape[:2] or 0 in x.shape + y.shape:
        raise ValueError(
            f"x has shape {tuple(x.shape)} and y {tuple(y.shape)} as (batch, n, columns): give "
            "as many batches and rows of each, and at least one column."
        )
    if x.shape[1] < _LEAST_ROWS:
        raise ValueError(f"{x.shape[1]} rows, but the net needs {_LEAST_ROWS}: give more.")
    if not x.device == y.device == device:
        raise ValueError(
            f"x is on {x.device}, y on {y.device} and the net on {device}: move them to one "
            "device with .to()."
        )
    for name, side in (("x", x), ("y", y)):
        if not bool(torch.isfinite(side).all()):
            raise ValueError(f"{name} has values that are not finite: leave these rows out.")


def _order(x: Tensor, y: Tensor) -> Tensor:
    """Numbers (batch, n) of the rows in an order that only their values decide."""
    return keys_of_both(*(row_keys(side.detach().float()) for side in (x, y))).argsort(1)


def _taken(side: Tensor, order: Tensor) -> Tensor:
    return side.gather(1, order[..., None].expand(-1, -1, side.shape[-1]))


def _values(net: MISTNet, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Medians (batch,) and quantiles (batch, 11) of the MI, in the precision of the net."""
    kinds = _kinds(x), _kinds(y)
    one, other = _encoded(x, kinds[0]), _encoded(y, kinds[1])
    ordered = (False,) * len(kinds[0]), (False,) * len(kinds[1])
    frame = SampleFrame(one, other, *kinds, ordered if net.config.extended else None)
    context = net.encode(sample_statistics(frame, net.config.max_rows))
    quantiles = expand(net.quantiles_of(context))
    for side in (x, y):
        if not side.is_floating_point():
            quantiles = quantiles.minimum(_entropies(side)[:, None])
    return quantiles[:, _MEDIAN].clone(), quantiles


def _kinds(side: Tensor) -> tuple[bool, ...]:
    return (not side.is_floating_point(),) * side.shape[-1]


def _encoded(side: Tensor, kinds: tuple[bool, ...]) -> Tensor:
    values = _codes_by_column(side) if kinds[0] else side.detach().float()
    return encode_rows(values, None, kinds)


def _codes_by_column(side: Tensor) -> Tensor:
    columns = [torch.unique(c, return_inverse=True)[1] for c in side.flatten(0, 1).T]
    return torch.stack(columns, dim=-1).unflatten(0, side.shape[:2]).float()


def _codes(rows: Tensor) -> Tensor:
    """One code (n,) for each different row (n, d)."""
    return torch.unique(rows, dim=0, return_inverse=True)[1]


def _entropies(side: Tensor) -> Tensor:
    """Plug-in entropy (batch,) of the rows, the most information that they can share."""
    shares = [torch.bincount(_codes(rows)).float() / len(rows) for rows in side]
    return torch.stack([-(share * share.log()).sum() for share in shares])


def _gradients(
    x: Tensor, y: Tensor, order: Tensor, wanted: tuple[bool, ...], known: LogDensity | None
) -> tuple[Tensor, Tensor]:
    """Gradients of the MI of one batch in the rows of x and of y; 0 where none is wanted."""
    found = [torch.zeros_like(x), torch.zeros_like(y)]
    if not any(wanted):
        return found[0], found[1]
    sides = [_prepared(side[order]) for side in (x, y)]
    # a law wants numbers first, and there are some, as categories have no gradient
    turn = 1 if sides[0].dtype == torch.int64 else 0
    first, second = sides[turn], sides[1 - turn]
    law = _law(first, second, known)
    leaves = [side.requires_grad_() for side, want in zip(sides, wanted, strict=True) if want]
    with torch.enable_grad():
        mean = law.log_ratio(first, second).mean()
    gradients = iter(torch.autograd.grad(mean, leaves))
    for i, want in enumerate(wanted):
        if want:
            found[i][order] = next(gradients).to(found[i].dtype)
    return found[0], found[1]


def _law(x: Tensor, y: Tensor, known: LogDensity | None) -> Law | KnownChannel:
    generator = torch.Generator().manual_seed(0)
    return Law(x, y, generator) if known is None else KnownChannel(y, known, generator)


def _prepared(rows: Tensor) -> Tensor:
    """Numbers in double precision, or one code for each different row of categories."""
    if rows.is_floating_point():
        return rows.detach().double()
    codes = _codes(rows)
    n_categories = int(codes.max()) + 1
    if n_categories > _MOST_CATEGORIES:
        raise ValueError(
            f"a side has {n_categories} categories, but gradients need {_MOST_CATEGORIES} at "
            "most: merge rare ones, or pass numbers as floats."
        )
    return codes
