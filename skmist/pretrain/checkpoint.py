"""Checkpoints: weights, their average and the optimizer's moments, a file each.

Separate files keep each below the size that comes back from a lent machine.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

__all__ = ["load_checkpoints", "save_checkpoints"]

Learned: TypeAlias = tuple[nn.Module, nn.Module, torch.optim.Optimizer]
"""A net, the average of its weights, and its optimizer."""

_STATE = "state.json"
_PARTIAL, _FORMER = ".partial", ".former"
_MOMENTS = ("exp_avg", "exp_avg_sq")


def save_checkpoints(held: Sequence[tuple[Path, Learned]], state: dict[str, Any]) -> None:
    """Write the checkpoints of nets that are trained together; ``state`` must be JSON.

    All files are written beside the folders and then put in their places, so that a run that is
    killed meanwhile leaves checkpoints of one step for all nets, these or those before.

    Parameters
    ----------
    held : sequence of (Path, Learned)
        Folder of each net; and the net, its average and its optimizer.
    state : dict
        Holds the number of steps done, ``step``.
    """
    folders = [folder for folder, _ in held]
    for folder, learned in held:
        _write(_beside(folder, _PARTIAL), learned, state)
    for folder in folders:
        former = _beside(folder, _FORMER)
        if folder.exists():
            shutil.rmtree(former, ignore_errors=True)
            folder.rename(former)
        _beside(folder, _PARTIAL).rename(folder)
    for folder in folders:
        shutil.rmtree(_beside(folder, _FORMER), ignore_errors=True)


def _write(folder: Path, learned: Learned, state: dict[str, Any]) -> None:
    net, average, optimizer = learned
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    save_file(_plain(net.state_dict()), folder / "net.safetensors")
    save_file(_plain(average.state_dict()), folder / "average.safetensors")
    named = dict(net.named_parameters())
    for moment in _MOMENTS:
        held = {k: optimizer.state[p][moment] for k, p in named.items() if p in optimizer.state}
        save_file(_plain(held), folder / f"{moment}.safetensors")
    (folder / _STATE).write_text(json.dumps(state, indent=1))


def load_checkpoints(held: Sequence[tuple[Path, Learned]]) -> dict[str, Any] | None:
    """Resume nets from their checkpoints, all from those of one step.

    Parameters
    ----------
    held : sequence of (Path, Learned)
        As of `save_checkpoints`.

    Returns
    -------
    dict or None
        The state; None where no folder holds a checkpoint.

    Raises
    ------
    ValueError
        If the nets have no step in common, or a file is damaged.
    """
    found = [_steps(folder) for folder, _ in held]
    if not any(found):
        return None
    common = set.intersection(*map(set, found))
    if not common:
        named = ", ".join(
            f"{folder.name} {sorted(steps) or 'none'}"
            for (folder, _), steps in zip(held, found, strict=True)
        )
        raise ValueError(
            f"the checkpoints in {held[0][0].parent} are not of one step ({named}), so that the "
            "nets would not have learned from the same data. Restore those that belong together, "
            "or train in another folder."
        )
    step = max(common)
    for (_, learned), steps in zip(held, found, strict=True):
        state = _load(steps[step], learned)
    return state


def _steps(folder: Path) -> dict[int, Path]:
    """The folders that hold checkpoints of a net, by the number of steps done."""
    found = {}
    for place in (_beside(folder, _FORMER), folder):
        if (place / _STATE).exists():
            found[_state(place)["step"]] = place
    return found


def _state(folder: Path) -> dict[str, Any]:
    try:
        return _with_step(json.loads((folder / _STATE).read_text()))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _damaged(folder, error) from error


def _with_step(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "step": int(state["step"])}


def _damaged(folder: Path, error: Exception) -> ValueError:
    return ValueError(
        f"the checkpoint {folder} is damaged ({error}). Restore it, or remove the folder to start "
        "the net anew."
    )


def _load(folder: Path, learned: Learned) -> dict[str, Any]:
    net, average, optimizer = learned
    state = _state(folder)
    try:
        net.load_state_dict(load_file(folder / "net.safetensors"))
        average.load_state_dict(load_file(folder / "average.safetensors"))
        moments = {m: load_file(folder / f"{m}.safetensors") for m in _MOMENTS}
    except (OSError, RuntimeError, SafetensorError) as error:
        raise _damaged(folder, error) from error
    for name, parameter in net.named_parameters():
        if name in moments["exp_avg"]:
            held = {m: moments[m][name].to(parameter.device) for m in _MOMENTS}
            # On the device: the fused kernel reads the number of steps there.
            step = torch.tensor(float(state["step"]), device=parameter.device)
            optimizer.state[parameter] = {"step": step, **held}
    return state


def _beside(folder: Path, suffix: str) -> Path:
    return folder.with_name(folder.name + suffix)


def _plain(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
