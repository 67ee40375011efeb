"""Export of a trained net: safetensors and the card that describes it."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from skmist.nn import QUANTILE_LEVELS

from .trainer import Trainer

__all__ = ["export_weights"]


def export_weights(trainer: Trainer, folder: str | Path) -> Path:
    """Write ``NAME.safetensors`` and ``NAME.json``; the path of the card.

    Parameters
    ----------
    trainer : Trainer
        The averaged weights of its net are written, not those of its companions.
    folder : path-like
        Existing folder, such as ``skmist/weights``.
    """
    name = trainer.config.name
    average = trainer.learners[name].average
    tensors = {k: v.detach().float().cpu() for k, v in average.state_dict().items()}
    data = save({k: v.contiguous() for k, v in tensors.items()})
    path = Path(folder) / f"{name}.json"
    path.with_suffix(".safetensors").write_bytes(data)
    card = _card(trainer, hashlib.sha256(data).hexdigest())
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return path


def _card(trainer: Trainer, digest: str) -> dict[str, Any]:
    config = trainer.config
    n_low, n_high = trainer.prior.n_range
    widest, narrow = trainer.prior.max_dim, trainer.prior.max_dim
    return {
        "name": config.name,
        "sha256": digest,
        "net": config.net.to_dict(),
        "quantile_levels": list(QUANTILE_LEVELS),
        "trained": {"n": [n_low, n_high], "wide": [1, widest], "narrow": [1, narrow]},
        "config": config.to_dict(),
        "steps": trainer.step,
        "data_sets": trainer.data_sets,
        "training_seconds": round(trainer.seconds),
        "hardware": _hardware(trainer.device),
        "commit": _commit(),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "skmist": _version(),
        },
        "results": {},
    }


def _hardware(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} CPU, {torch.get_num_threads()} threads"


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def _version() -> str:
    try:
        return version("skmist")
    except PackageNotFoundError:
        return "source tree"
