"""Checkpoints: weights, their average and the optimizer's moments, a file each.

Separate files keep each below the size that comes back from a lent machine.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

__all__ = ["load_checkpoint", "save_checkpoint"]

_STATE = "state.json"
_PARTIAL, _FORMER = ".partial", ".former"
_MOMENTS = ("exp_avg", "exp_avg_sq")


def save_checkpoint(
    folder: str | Path,
    net: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Optimizer,
    state: dict[str, Any],
) -> None:
    """Write a checkpoint; ``state`` must be JSON and hold the number of steps done.

    The files are written beside the folder and then put in its place, so that a run that is
    killed meanwhile leaves the checkpoint before.
    """
    folder = Path(folder)
    partial, former = _beside(folder, _PARTIAL), _beside(folder, _FORMER)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_file(_plain(net.state_dict()), partial / "net.safetensors")
    save_file(_plain(average.state_dict()), partial / "average.safetensors")
    named = dict(net.named_parameters())
    for moment in _MOMENTS:
        held = {k: optimizer.state[p][moment] for k, p in named.items() if p in optimizer.state}
        save_file(_plain(held), partial / f"{moment}.safetensors")
    (partial / _STATE).write_text(json.dumps(state, indent=1))
    if folder.exists():
        shutil.rmtree(former, ignore_errors=True)
        folder.rename(former)
    partial.rename(folder)
    shutil.rmtree(former, ignore_errors=True)


def load_checkpoint(
    folder: str | Path,
    net: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> dict[str, Any] | None:
    """Resume from a checkpoint; its state, or None where the folder holds none."""
    folder = Path(folder)
    former = _beside(folder, _FORMER)
    if former.exists() and not folder.exists():
        folder = former
    if not (folder / _STATE).exists():
        return None
    state = json.loads((folder / _STATE).read_text())
    net.load_state_dict(load_file(folder / "net.safetensors"))
    average.load_state_dict(load_file(folder / "average.safetensors"))
    moments = {m: load_file(folder / f"{m}.safetensors") for m in _MOMENTS}
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
