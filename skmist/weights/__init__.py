"""The shipped weights of the net, loaded offline and checked against their card."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skmist._errors import WeightsError

if TYPE_CHECKING:
    from skmist.nn import MISTNet

__all__ = ["DEFAULT_WEIGHTS", "list_weights", "load_card", "load_weights"]

DEFAULT_WEIGHTS = "mist-2"
"""Name of the shipped weights that estimators take when none are asked for."""

_FOLDER = Path(__file__).parent


def list_weights() -> list[str]:
    """Names of the weights that the package ships.

    Examples
    --------
    >>> from skmist.weights import list_weights
    >>> "mist-0" in list_weights()
    True
    """
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


def _resolve(name: str) -> Path:
    """Path, without suffix, of weights given by a shipped name or a path to a card."""
    if name.endswith(".json"):
        return Path(name).with_suffix("")
    return _FOLDER / name


def load_card(name: str) -> dict[str, Any]:
    """The model card of weights: how they were trained, on what ranges, how they measured.

    Parameters
    ----------
    name : str
        A shipped name such as ``"mist-0"``, or the path of a card (``.json``) with its
        ``.safetensors`` beside it.

    Returns
    -------
    dict

    Raises
    ------
    WeightsError
        If there is no such card, or it cannot be read.
    """
    path = _resolve(name).with_suffix(".json")
    if not path.exists():
        known = ", ".join(list_weights()) or "none"
        raise WeightsError(
            f"weights={name!r}: there is no card {path}. Shipped weights: {known}; or pass the "
            "path of a card (.json)."
        )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise WeightsError(f"{path} is not a model card: {error}. Reinstall skmist.") from error


@lru_cache(maxsize=4)
def load_weights(name: str, device: str) -> MISTNet:
    """The net with its weights, ready to run.

    Parameters
    ----------
    name : str
        As in `load_card`.
    device : str
        A torch device such as ``"cpu"`` or ``"cuda"``.

    Returns
    -------
    net : skmist.nn.MISTNet
        In evaluation mode, float32. Shared between callers: do not change it.

    Raises
    ------
    WeightsError
        If the file is missing, or its SHA-256 is not the card's.
    """
    from safetensors.torch import load

    from skmist.nn import MISTNet, NetConfig

    card = load_card(name)
    path = _resolve(name).with_suffix(".safetensors")
    if not path.exists():
        raise WeightsError(f"weights={name!r}: {path} is missing. Reinstall skmist.")
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != card["sha256"]:
        raise WeightsError(
            f"weights={name!r}: the SHA-256 of {path} is {digest}, its card says "
            f"{card['sha256']}: the file was altered. Reinstall skmist."
        )
    net = MISTNet(NetConfig(**card["net"]))
    net.load_state_dict(load(data))
    return net.to(device).eval().requires_grad_(False)
