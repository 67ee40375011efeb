"""Weights of a net for one that reads more."""

from __future__ import annotations

import torch
from torch import Tensor

from skmist.nn import MISTNet
from skmist.nn.mist.net import input_sizes

__all__ = ["transplant"]

# A new estimate starts with little of the mixture.
_NEW_GATE = -2.0


@torch.no_grad()
def transplant(old: MISTNet, new: MISTNet) -> None:
    """Give an extended net the weights of one that is not, of the same width and depth.

    What the new one reads beside counts for nothing at first, and its quantiles, which are in
    other units, are learned anew.

    Parameters
    ----------
    old, new : MISTNet

    Raises
    ------
    ValueError
        If they differ in more than what they read.
    """
    held, taken = new.state_dict(), old.state_dict()
    if {_plain(name) for name in held} != set(taken):
        raise ValueError(f"nets of {old.config} and {new.config} have other parts, not inputs")
    places = _places(old, new)
    for name, tensor in held.items():
        name = _plain(name)
        if name.startswith("quantiles."):
            continue
        outputs, inputs = places.get(name.rsplit(".", 1)[0], (None, None))
        part = taken[name]
        if tensor.ndim == 1:
            tensor.fill_(_NEW_GATE if "gate" in name else 0.0 if "bias" in name else 1.0)
            tensor[_index(outputs, part.shape[0])] = part
        elif tensor.ndim == 2:
            tensor.zero_()
            rows, columns = _index(outputs, part.shape[0]), _index(inputs, part.shape[1])
            tensor[rows[:, None], columns] = part
        else:
            tensor.copy_(part)


def _plain(name: str) -> str:
    """The head of paired sides starts as that of all others."""
    return name.removeprefix("paired.")


def _index(places: list[int] | None, count: int) -> Tensor:
    return torch.arange(count) if places is None else torch.tensor(places)


def _places(old: MISTNet, new: MISTNet) -> dict[str, tuple[list[int] | None, list[int] | None]]:
    """Of each layer whose inputs or outputs moved: the new places of the old outputs, inputs."""
    before, after = (input_sizes(net.config.extended) for net in (old, new))
    size = {name: (getattr(before, name), getattr(after, name)) for name in before._fields}
    cells = (new.config.cell_dim,) * 2
    one_set = _runs(size["set_shared"], size["set_role"], size["set_role"])
    one_row = _runs(size["row_shared"], size["row_role"], cells, size["row_role"], cells)
    mixed = _runs(size["set_candidates"], size["pointwise_means"])
    return {
        "embed_head.f.0": (None, one_set),
        "embed_set.f.0": (None, one_set),
        "embed_row.f.0": (None, one_row),
        "embed_masked.0": (None, _runs(size["masked"], cells)),
        "gate": (mixed if new.config.depth else None, None),
    }


def _runs(*sizes: tuple[int, int]) -> list[int]:
    """New places of parts that follow one another, each an old and a new size."""
    places: list[int] = []
    start = 0
    for before, after in sizes:
        places += range(start, start + before)
        start += after
    return places
