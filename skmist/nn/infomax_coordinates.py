"""Where is it? Prediction of the coordinates of a local feature, absolute and relative."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

__all__ = ["AbsoluteCoordinates", "RelativeCoordinates"]


def _classifier(n_in: int, width: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(n_in, width), nn.ReLU(), nn.Linear(width, n_out))


def _grid(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Row and column (h * w,) of each location."""
    places = torch.arange(height * width, device=device)
    return places // width, places % width


class AbsoluteCoordinates(nn.Module):
    """Predict row and column of a local feature from it and the code [1]_.

    The loss is ``-log p(row, column | code, feature)``, mean over locations, the two
    independent given the features.

    Parameters
    ----------
    n_code, n_local : int
        Units of the code, and channels of the map.
    grid : tuple of int
        Height and width of the map.
    n_hidden : int, default=128
        Width of the hidden layer.

    References
    ----------
    .. [1] R. D. Hjelm et al. (2019), "Learning deep representations by mutual information
       estimation and maximization", ICLR, arXiv:1808.06670.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn.infomax_coordinates import AbsoluteCoordinates
    >>> task = AbsoluteCoordinates(5, 8, (4, 4))
    >>> task(torch.zeros(2, 5), torch.zeros(2, 16, 8)).shape
    torch.Size([])
    """

    def __init__(
        self, n_code: int, n_local: int, grid: tuple[int, int], n_hidden: int = 128
    ) -> None:
        super().__init__()
        self.grid = grid
        self.net = _classifier(n_code + n_local, n_hidden, sum(grid))

    def forward(self, code: Tensor, local: Tensor) -> Tensor:
        """Loss, nats.

        Parameters
        ----------
        code : Tensor of shape (n, n_code)
        local : Tensor of shape (n, h * w, n_local)
            Locations row by row.
        """
        n, places, _ = local.shape
        both = torch.cat([code[:, None].expand(-1, places, -1), local], -1)
        logits = self.net(both).float().flatten(0, 1)
        row, column = (part.repeat(n) for part in _grid(*self.grid, local.device))
        height = self.grid[0]
        return cross_entropy(logits[:, :height], row) + cross_entropy(logits[:, height:], column)


class RelativeCoordinates(nn.Module):
    """Predict the displacement between two local features of an image from these two [1]_.

    Every location is paired with one drawn at random. The loss is the negative log-likelihood
    of the displacements in rows and in columns, mean over pairs.

    Parameters
    ----------
    n_local : int
        Channels of the map.
    grid : tuple of int
        Height and width of the map.
    n_hidden : int, default=128
        Width of the hidden layer.

    References
    ----------
    .. [1] R. D. Hjelm et al. (2019), "Learning deep representations by mutual information
       estimation and maximization", ICLR, arXiv:1808.06670.

    Examples
    --------
    >>> import torch
    >>> from skmist.nn.infomax_coordinates import RelativeCoordinates
    >>> task = RelativeCoordinates(8, (4, 4))
    >>> task(torch.zeros(2, 16, 8), torch.Generator().manual_seed(0)).shape
    torch.Size([])
    """

    def __init__(self, n_local: int, grid: tuple[int, int], n_hidden: int = 128) -> None:
        super().__init__()
        self.grid = grid
        self.net = _classifier(2 * n_local, n_hidden, 2 * sum(grid) - 2)

    def partners(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """A location (n, h * w) for each location of n images; the generator is of the CPU."""
        height, width = self.grid
        return torch.randint(height * width, (n, height * width), generator=generator)

    def forward(self, local: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Loss, nats, of local features (n, h * w, n_local), locations row by row."""
        height, width = self.grid
        partners = self.partners(len(local), generator).to(local.device)
        other = local.gather(1, partners[..., None].expand_as(local))
        logits = self.net(torch.cat([local, other], -1)).float().flatten(0, 1)
        row, column = _grid(height, width, local.device)
        # the lowest displacement is class 0
        down = (row[partners] - row + height - 1).flatten()
        right = (column[partners] - column + width - 1).flatten()
        split = 2 * height - 1
        return cross_entropy(logits[:, :split], down) + cross_entropy(logits[:, split:], right)
