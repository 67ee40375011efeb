"""Export of a trained net: safetensors and the card that describes it."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from skmist._files import replace_file
from skmist.nn import QUANTILE_LEVELS
from skmist.pretrain.trainer import Trainer
from skmist.weights.card import write_card

__all__ = ["export_weights", "write_tensors"]


def export_weights(
    trainer: Trainer,
    folder: str | Path,
    name: str | None = None,
    more: dict[str, Any] | None = None,
) -> Path:
    """Write the averaged weights of a net, ``NAME.safetensors``, and their card, ``NAME.json``.

    Parameters
    ----------
    trainer : Trainer
    folder : path-like
        Existing folder, such as ``skmist/weights``.
    name : str, optional
        Which of the run's nets; by default the run's own, not a companion.
    more : dict, optional
        Entries of the card beside, or in place of, the usual ones.

    Returns
    -------
    Path
        Of the card.
    """
    name = name or trainer.config.name
    average = trainer.learners[name].average
    path = Path(folder) / f"{name}.json"
    digest = write_tensors(average, path)
    card = _card(trainer, name, digest) | (more or {})
    write_card(path, card)
    return path


def write_tensors(net: torch.nn.Module, card: Path) -> str:
    """Write the tensors of a net beside where its card is to be; return their SHA-256."""
    tensors = {k: v.detach().float().cpu().contiguous() for k, v in net.state_dict().items()}
    data = save(tensors)
    replace_file(card.with_suffix(".safetensors"), lambda place: place.write_bytes(data))
    return hashlib.sha256(data).hexdigest()


def _card(trainer: Trainer, name: str, digest: str) -> dict[str, Any]:
    config = trainer.config
    dims = [1, trainer.prior.max_dim]
    least, most = trainer.prior.n_range
    if config.large.uses:
        most = max(most, config.large.n_usual[1], config.large.n_far[1])
    return {
        "name": name,
        "sha256": digest,
        "net": trainer.learners[name].average.config.to_dict(),
        "quantile_levels": list(QUANTILE_LEVELS),
        "trained": {"n": [least, most], "columns": dims, "categories": config.categories},
        # with what the recipe leaves to the defaults of today
        "config": config.to_dict() | {"prior": trainer.prior.describe()},
        "steps": trainer.step,
        "data_sets": trainer.data_sets,
        "training_seconds": round(trainer.seconds),
        "hardware": _hardware(trainer.world.device),
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
