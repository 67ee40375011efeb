"""The processes of a data-parallel run that ``torchrun`` has started, or the only one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from types import TracebackType

import torch
from torch import distributed

__all__ = ["World"]


class World:
    """This process among those that train one net together.

    Every process draws its share of the micro-batches of a step and sums its gradients with
    those of the others, so that the net is the one that a single process would train. Use as a
    context manager.

    Parameters
    ----------
    device : str
        ``"cpu"`` or ``"cuda"``, which becomes the GPU of this process.

    Attributes
    ----------
    rank, size : int
        Number of this process, and how many there are.
    device : torch.device
    """

    def __init__(self, device: str) -> None:
        self.rank = int(os.environ.get("RANK", "0"))
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        if self.size > 1 and device == "cuda":
            device = f"cuda:{os.environ['LOCAL_RANK']}"
        self.device = torch.device(device)

    def __enter__(self) -> World:
        if self.size > 1:
            backend = "nccl" if self.device.type == "cuda" else "gloo"
            distributed.init_process_group(backend)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.size > 1:
            distributed.destroy_process_group()

    @property
    def leads(self) -> bool:
        """Whether this process writes the files."""
        return self.rank == 0

    def sum_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace every gradient by its sum over the processes."""
        if self.size == 1:
            return
        held = list(parameters)
        flat = torch.cat([_gradient(p).flatten() for p in held])
        distributed.all_reduce(flat)
        for p, part in zip(held, flat.split([p.numel() for p in held]), strict=True):
            p.grad = part.view_as(p)

    def sum(self, *values: float) -> list[float]:
        """Sums of numbers over the processes."""
        if self.size == 1:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.all_reduce(total)
        return total.tolist()


def _gradient(parameter: torch.nn.Parameter) -> torch.Tensor:
    """A gradient; zero where the share of this process has not touched the parameter."""
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
