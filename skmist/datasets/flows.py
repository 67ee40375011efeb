"""Families seen through normalising flows that look like a user's own columns."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from skmist.datasets.families.wrappers import Transformed
from skmist.datasets.parts.family import Family, as_batch
from skmist.datasets.parts.maps import InvertibleMap

__all__ = ["FlowMap", "FlowTransformed", "fit_flow", "load_flow", "save_flow"]

_FEWEST_ROWS = 100
_WIDTH, _TRANSFORMS = 64, 3
_STEPS, _ROWS, _RATE = 3000, 256, 2e-3
# Training looks at the held-out rows every so many steps, and stops after so many looks in vain.
_LOOK, _PATIENCE = 25, 8
_HELD_OUT, _JITTER = 0.15, 1e-3
_TOLERANCE, _TRIED = 1e-4, 1000


class FlowMap(InvertibleMap):
    """A normalising flow as a map from standard normal columns to columns of data.

    Parameters
    ----------
    flow : zuko.flows.Flow
        Calling it gives a distribution whose ``transform`` maps data to normal columns.
    center, scale : Tensor of shape (d,) or None, default=None
        The flow is of ``(x - center) / scale``; of x itself by default.
    """

    def __init__(
        self,
        flow: Callable[..., Any],
        center: Tensor | None = None,
        scale: Tensor | None = None,
    ) -> None:
        self.center = torch.zeros(1) if center is None else center
        self.scale = torch.ones(1) if scale is None else scale
        self._flows: dict[torch.device, Any] = {}
        # double: a float32 spline is inverted to 1e-3 only where it is steep
        self._flow: Any = copy.deepcopy(flow).double().eval()  # type: ignore[attr-defined]

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """Data of normal columns x (B, n, d)."""
        raw = self._transform(x.device).inv(x.double())
        return (self.center.to(raw) + self.scale.to(raw) * raw).to(x.dtype)

    @torch.no_grad()
    def inverse(self, x: Tensor) -> Tensor:
        """Normal columns of data x (B, n, d)."""
        raw = (x.double() - self.center.to(x.device)) / self.scale.to(x.device)
        return self._transform(x.device)(raw).to(x.dtype)

    @property
    def state(self) -> dict[str, Tensor]:
        """The parameters and buffers of the flow."""
        return dict(self._flow.state_dict())

    def _transform(self, device: torch.device) -> Any:
        if device not in self._flows:
            self._flows[device] = copy.deepcopy(self._flow).to(device)
        return self._flows[device]().transform


class FlowTransformed(Transformed):
    """A family of standard normal columns seen through flows; MI and pointwise MI stay exact.

    Where each side of the family is a standard normal vector by itself, and the flows are fitted
    to X and to Y, each side looks like the user's, and what they share is known.

    Parameters
    ----------
    family : Family
        Its columns should be standard normal, and independent within a side.
    x_flow, y_flow : FlowMap, InvertibleMap, zuko.flows.Flow or None, default=None
        Of the continuous columns of each side; None leaves the side as it is. To a net that reads
        ranks a single column looks the same through any flow.

    Raises
    ------
    ValueError
        If a flow has another number of columns than its side, or is not invertible to 1e-4 on
        1,000 rows of the family.

    See Also
    --------
    fit_flow : Fits a flow to columns.

    References
    ----------
    Papamakarios et al. (2021), Normalizing flows for probabilistic modeling and inference,
    Journal of Machine Learning Research 22.

    Examples
    --------
    >>> from skmist.datasets import CorrelatedGaussian, Monotone
    >>> family = FlowTransformed(CorrelatedGaussian(0.8), x_flow=Monotone("exp"))
    >>> round(family.mutual_information, 4)
    0.5108
    """

    name = "flow_transformed"

    def __init__(self, family: Family, x_flow: Any = None, y_flow: Any = None) -> None:
        super().__init__(family, _as_map(x_flow), _as_map(y_flow))
        generator = torch.Generator(self.device).manual_seed(0)
        rows = family.draw(_TRIED, generator, torch.float64)
        flags = self.x_discrete, self.y_discrete
        for side, flow, values, discrete in zip(
            "xy", (self.x_map, self.y_map), rows, flags, strict=True
        ):
            if flow is not None:
                kept = [j for j, flag in enumerate(discrete) if not flag]
                _check_inverse(flow, values[..., kept], f"{side}_flow")

    def redrawn(self, batch: int, generator: torch.Generator, rng: random.Random) -> Family:
        """Another draw of the family, through the same flows."""
        # without the check of the flows, which are the same
        drawn = type(self).__new__(type(self))
        Transformed.__init__(
            drawn, self.base.redrawn(batch, generator, rng), self.x_map, self.y_map
        )
        return drawn


def _as_map(flow: Any) -> InvertibleMap | None:
    return flow if flow is None or isinstance(flow, InvertibleMap) else FlowMap(flow)


def _check_inverse(flow: InvertibleMap, values: Tensor, name: str) -> None:
    try:
        back = flow.inverse(flow.forward(values))
    except (RuntimeError, IndexError) as error:
        raise ValueError(
            f"{name} does not take the {values.shape[-1]} columns of its side: {error}"
        ) from error
    off = float((back - values).abs().max()) if back.shape == values.shape else float("nan")
    if not off <= _TOLERANCE:
        raise ValueError(
            f"{name} is not invertible: its inverse misses rows of the family by up to {off:.2g}, "
            f"{_TOLERANCE:.0e} is allowed. Use a flow with an exact inverse, in float64, fitted "
            "for longer or with fewer transforms."
        )


def fit_flow(X: ArrayLike | Tensor, *, max_seconds: float = 60.0, seed: int = 0) -> FlowMap:
    """Fit a neural spline flow to columns, by maximum likelihood.

    Parameters
    ----------
    X : array-like of shape (n, d)
        At least 100 rows of numbers.
    max_seconds : float, default=60.0
        Most time that it may take; it ends sooner when rows held out no longer gain.
    seed : int, default=0
        Of the first parameters, the rows held out and the batches.

    Returns
    -------
    FlowMap
        From standard normal columns to columns like those of X.

    Raises
    ------
    ImportError
        If zuko is not installed: ``pip install skmist[flows]``.
    ValueError
        If X has another shape, fewer rows, or values that are not finite.

    References
    ----------
    Durkan et al. (2019), Neural spline flows, NeurIPS 32.
    """
    rows = as_batch(X, 2, "X")
    if len(rows) != 1 or rows.shape[1] < _FEWEST_ROWS:
        raise ValueError(
            f"X has {rows.shape[1]} rows of shape {tuple(rows.shape[2:])}; pass one array (n, d) "
            f"of at least {_FEWEST_ROWS} rows"
        )
    center, scale = rows[0].mean(0), rows[0].std(0).clamp_min(1e-12)
    scaled = ((rows[0] - center) / scale).float()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        flow = _new_flow(scaled.shape[1])
        _train(flow, scaled, time.monotonic() + max_seconds)
    return FlowMap(flow, center, scale)


def save_flow(flow: FlowMap, path: Path) -> None:
    """Keep a flow that `fit_flow` has fitted, as tensors alone.

    Parameters
    ----------
    flow : FlowMap
    path : Path
        Of the file in the safetensors format.
    """
    from safetensors.torch import save_file

    save_file({**flow.state, "center": flow.center, "scale": flow.scale}, path)


def load_flow(path: Path) -> FlowMap:
    """Read what `save_flow` has kept.

    Parameters
    ----------
    path : Path

    Returns
    -------
    FlowMap

    Raises
    ------
    ValueError
        If the file is damaged, or holds something else.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = load_file(path)
        center, scale = state.pop("center"), state.pop("scale")
        flow = _new_flow(len(center)).double()
        flow.load_state_dict(state)
    except (SafetensorError, KeyError, RuntimeError) as error:
        raise ValueError(f"{path} holds no flow that fit_flow has fitted: {error}") from error
    return FlowMap(flow, center, scale)


def _new_flow(d: int) -> Any:
    try:
        import zuko
    except ImportError as error:
        raise ImportError(
            "normalising flows need the package zuko: pip install skmist[flows]"
        ) from error
    # couplings: both directions take one pass of each net, whatever the number of columns
    more = {} if d == 1 else {"passes": 2}
    width = (_WIDTH, _WIDTH)
    return zuko.flows.NSF(d, transforms=_TRANSFORMS, hidden_features=width, **more)


def _train(flow: Any, rows: Tensor, end: float) -> None:
    """Adam until the likelihood of rows held out stands still; the best parameters are kept."""
    order = torch.randperm(len(rows))
    held_out, seen = rows[order].tensor_split([int(_HELD_OUT * len(rows))])
    optimizer = torch.optim.Adam(flow.parameters(), lr=_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, _STEPS)
    best, kept, vain = float("inf"), copy.deepcopy(flow.state_dict()), 0
    for step in range(_STEPS):
        batch = seen[torch.randint(len(seen), (_ROWS,))]
        # a little noise: ties and rows on a curve would be fitted by endless densities
        loss = -flow().log_prob(batch + _JITTER * torch.randn_like(batch)).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(flow.parameters(), 10.0)
        optimizer.step()
        schedule.step()
        if step % _LOOK == 0:
            with torch.no_grad():
                value = -float(flow().log_prob(held_out).mean())
            if value < best:
                best, kept, vain = value, copy.deepcopy(flow.state_dict()), 0
            vain += 1
            if vain > _PATIENCE or time.monotonic() > end:
                break
    flow.load_state_dict(kept)
