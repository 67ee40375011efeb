"""Encoders of Deep InfoMax: a trunk that keeps locations, and a head that sees all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = [
    "TRUNKS",
    "BlockTrunk",
    "ConvLayer",
    "ConvTrunk",
    "Features",
    "InfoMaxEncoder",
    "TrunkSpec",
    "conv_trunk",
]


class Features(NamedTuple):
    """What an encoder makes of n rows.

    Attributes
    ----------
    local : Tensor of shape (n, c, h, w)
        The map whose locations the code is to know about.
    conv : Tensor of shape (n, d)
        The last map, flattened.
    fc : Tensor of shape (n, d)
        The last hidden layer.
    code : Tensor of shape (n, k)
        Y, linear.
    """

    local: Tensor
    conv: Tensor
    fc: Tensor
    code: Tensor


@dataclass(frozen=True)
class ConvLayer:
    """A convolution with batch normalization and ReLU; `pool` adds a 3 x 3 maximum, stride 2."""

    width: int
    kernel: int
    stride: int
    padding: int
    pool: bool = False

    def build(self, n_in: int) -> nn.Sequential:
        """The layer for an input of n_in channels."""
        layers: list[nn.Module] = [
            # the normalization that follows has a constant of its own
            nn.Conv2d(n_in, self.width, self.kernel, self.stride, self.padding, bias=False),
            nn.BatchNorm2d(self.width),
            nn.ReLU(),
        ]
        return nn.Sequential(*layers, *([nn.MaxPool2d(3, 2)] if self.pool else []))


@dataclass(frozen=True)
class TrunkSpec:
    """A trunk by its numbers.

    Attributes
    ----------
    layers : tuple of ConvLayer
    local : int
        Index of the layer whose map is the local one.
    hidden : tuple of int
        Widths of the head's hidden layers.
    side : int
        Shortest side of an image that it is meant for, pixels.
    """

    layers: tuple[ConvLayer, ...]
    local: int
    hidden: tuple[int, ...]
    side: int


TRUNKS = {
    "small8": TrunkSpec(
        (ConvLayer(32, 3, 1, 1), ConvLayer(64, 3, 2, 1), ConvLayer(64, 3, 1, 1)),
        local=1,
        hidden=(256,),
        side=1,
    ),
    "small28": TrunkSpec(
        (ConvLayer(64, 5, 2, 2), ConvLayer(128, 5, 2, 2)),
        local=1,
        hidden=(1024,),
        side=16,
    ),
    "dcgan32": TrunkSpec(
        (ConvLayer(64, 4, 2, 1), ConvLayer(128, 4, 2, 1), ConvLayer(256, 4, 2, 1)),
        local=1,
        hidden=(1024,),
        side=30,
    ),
    "alexnet64": TrunkSpec(
        (
            ConvLayer(96, 3, 1, 1, pool=True),
            ConvLayer(192, 3, 1, 1, pool=True),
            ConvLayer(384, 3, 1, 1),
            ConvLayer(384, 3, 1, 1),
            ConvLayer(192, 3, 1, 1, pool=True),
        ),
        local=2,
        hidden=(4096, 4096),
        side=48,
    ),
}
"""The trunks by name: two small ones, and those of Hjelm et al. (2019) for 32 x 32 (as the
discriminator of DCGAN) and 64 x 64 (as AlexNet)."""


def conv_trunk(name: str, n_channels: int, side: int) -> tuple[ConvTrunk, tuple[int, ...]]:
    """Trunk of that name, and the widths of the hidden layers that go with it.

    Parameters
    ----------
    name : str
        A name in `TRUNKS`, or ``"auto"`` for the largest that is meant for images so small.
    n_channels : int
    side : int
        Shortest side of the images, pixels.

    Raises
    ------
    ValueError
        If there is no trunk of that name.
    """
    if name == "auto":
        name = [known for known, spec in TRUNKS.items() if spec.side <= side][-1]
    if name not in TRUNKS:
        raise ValueError(
            f"encoder is {name!r}; pass 'auto', one of {', '.join(TRUNKS)}, or a torch module."
        )
    spec = TRUNKS[name]
    return ConvTrunk(n_channels, spec.layers, spec.local), spec.hidden


class ConvTrunk(nn.Module):
    """Convolutions, of which one gives the local map and the last one the features.

    Parameters
    ----------
    n_channels : int
    layers : sequence of ConvLayer
    local : int
        Index of the layer of the local map.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn.infomax_encoders import TRUNKS, ConvTrunk
    >>> spec = TRUNKS["dcgan32"]
    >>> local, last = ConvTrunk(3, spec.layers, spec.local)(torch.zeros(2, 3, 32, 32))
    >>> local.shape, last.shape
    (torch.Size([2, 128, 8, 8]), torch.Size([2, 256, 4, 4]))
    """

    def __init__(self, n_channels: int, layers: Sequence[ConvLayer], local: int) -> None:
        super().__init__()
        widths = [n_channels, *(layer.width for layer in layers)]
        built = [layer.build(n_in) for layer, n_in in zip(layers, widths, strict=False)]
        self.below = nn.Sequential(*built[: local + 1])
        self.above = nn.Sequential(*built[local + 1 :])

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Local map (n, c, h, w) and last map of images (n, n_channels, height, width)."""
        local = self.below(images)
        return local, self.above(local)


class BlockTrunk(nn.Module):
    """Blocks of columns, each with a perceptron of its own, as the locations of a table.

    Parameters
    ----------
    n_columns : int
    n_blocks : int
        Neighboring columns form a block; sizes differ by at most 1.
    width : int, default=64
        Units of either layer of a block.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn.infomax_encoders import BlockTrunk
    >>> local, last = BlockTrunk(10, 4, width=16)(torch.zeros(2, 10))
    >>> local.shape
    torch.Size([2, 16, 1, 4])
    """

    columns: Tensor
    real: Tensor

    def __init__(self, n_columns: int, n_blocks: int, width: int = 64) -> None:
        super().__init__()
        blocks = torch.arange(n_columns).tensor_split(n_blocks)
        longest = max(map(len, blocks))
        # short blocks read their last column with weight 0
        columns = [torch.cat([b, b[-1:].expand(longest - len(b))]) for b in blocks]
        real = [torch.arange(longest) < len(b) for b in blocks]
        self.register_buffer("columns", torch.stack(columns))
        self.register_buffer("real", torch.stack(real).float())
        self.first = nn.Parameter(torch.randn(n_blocks, longest, width) * longest**-0.5)
        self.second = nn.Parameter(torch.randn(n_blocks, width, width) * (2.0 / width) ** 0.5)
        self.norms = nn.ModuleList(nn.BatchNorm1d(n_blocks * width) for _ in range(2))

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Local map (n, width, 1, n_blocks), twice, of rows (n, n_columns)."""
        blocks = rows[:, self.columns] * self.real
        for weight, norm in zip((self.first, self.second), self.norms, strict=True):
            mixed = torch.einsum("nbi,bio->nbo", blocks, weight)
            blocks = norm(mixed.flatten(1)).view_as(mixed).relu()
        local = blocks.transpose(1, 2)[:, :, None]
        return local, local


class InfoMaxEncoder(nn.Module):
    """A trunk, hidden layers above its last map, and a linear code.

    Parameters
    ----------
    trunk : torch.nn.Module
        Returns a map (n, c, h, w), or a pair of the local map and of features (n, ...).
    example : Tensor of shape (2, ...)
        Two rows as the trunk takes them; they tell the sizes.
    hidden : sequence of int
        Widths of the hidden layers, each with batch normalization and ReLU.
    n_components : int
        Units of the code.
    spread : float or None, default=None
        Spread that batch normalization gives to every unit of the code; None leaves the code as
        it is.

    Attributes
    ----------
    sizes : dict
        Width of ``"conv"``, ``"fc"`` and ``"Y"``.
    grid : tuple of int
        Height and width of the local map, in locations.
    n_local : int
        Channels of the local map.

    Raises
    ------
    ValueError
        If the trunk returns something else.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn.infomax_encoders import BlockTrunk, InfoMaxEncoder
    >>> encoder = InfoMaxEncoder(BlockTrunk(10, 4), torch.zeros(2, 10), [32], 5)
    >>> encoder(torch.zeros(3, 10)).code.shape
    torch.Size([3, 5])
    """

    def __init__(
        self,
        trunk: nn.Module,
        example: Tensor,
        hidden: Sequence[int],
        n_components: int,
        spread: float | None = None,
    ) -> None:
        super().__init__()
        self.trunk = trunk
        training = trunk.training
        with torch.no_grad():
            local, conv = self._maps(example, trunk.eval())
        trunk.train(training)
        self.n_local, self.grid = local.shape[1], (local.shape[2], local.shape[3])
        widths = [conv.shape[1], *hidden]
        self.sizes = {"conv": widths[0], "fc": widths[-1], "Y": n_components}
        layers = []
        for n_in, n_out in zip(widths, widths[1:], strict=False):
            layers += [nn.Linear(n_in, n_out, bias=False), nn.BatchNorm1d(n_out), nn.ReLU()]
        self.hidden = nn.Sequential(*layers)
        self.code = nn.Linear(widths[-1], n_components)
        self.spread = spread
        self.norm = nn.Identity() if spread is None else nn.BatchNorm1d(n_components, affine=False)

    @staticmethod
    def _maps(rows: Tensor, trunk: nn.Module) -> tuple[Tensor, Tensor]:
        found = trunk(rows)
        local, last = found if isinstance(found, (tuple, list)) else (found, found)
        if local.ndim != 4 or len(local) != len(rows):
            raise ValueError(
                f"encoder returns a map of shape {tuple(local.shape)} for {len(rows)} rows, but "
                "must return (n, channels, height, width), or a pair of such a map and of "
                "features (n, ...)."
            )
        return local, last.flatten(1)

    def forward(self, rows: Tensor) -> Features:
        """All layers for rows (n, ...)."""
        local, conv = self._maps(rows, self.trunk)
        fc = self.hidden(conv)
        code = self.norm(self.code(fc))
        return Features(local, conv, fc, code if self.spread is None else self.spread * code)
