"""The shipped weights of the net, loaded offline and checked against their card."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skmist._device import own_settings
from skmist._errors import WeightsError

if TYPE_CHECKING:
    from skmist.nn import MISTNet

__all__ = [
    "DEFAULT_WEIGHTS",
    "NullTable",
    "list_weights",
    "load_card",
    "load_null",
    "load_weights",
]

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
        Shared between callers: do not change it.

    Raises
    ------
    WeightsError
        If there is no such card, or it cannot be read.
    """
    path = _resolve(name).with_suffix(".json")
    try:
        return _read_card(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        known = ", ".join(list_weights()) or "none"
        raise WeightsError(
            f"weights={name!r}: there is no card {path}. Shipped weights: {known}; or pass the "
            "path of a card (.json)."
        ) from None


@lru_cache(maxsize=8)
def _read_card(path: Path, _: int) -> dict[str, Any]:
    """Read a card; the file's time makes one that has changed be read again."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise WeightsError(f"{path} is not a model card: {error}. Reinstall skmist.") from error


class NullTable(NamedTuple):
    """Quantiles of the statistic of two independent columns without ties, by rows.

    Parameters
    ----------
    sizes : ndarray of int, shape (k,)
        Numbers of rows, ascending.
    quantiles : ndarray of shape (k, m)
        Of the mean of the net's quantiles, nats, at the levels ``1 / (m + 1) ... m / (m + 1)``.
    """

    sizes: np.ndarray
    quantiles: np.ndarray

    def at(self, n: int, count: int) -> np.ndarray | None:
        """Quantiles at the levels ``1 / (count + 1) ...``, shape (count,), ascending.

        Between two sizes the logarithms of the quantiles are interpolated in that of n. None
        beyond the sizes, and where there are more levels than the table has.
        """
        levels = self.quantiles.shape[1]
        if not self.sizes[0] <= n <= self.sizes[-1] or count > levels:
            return None
        above = int(np.searchsorted(self.sizes, n))
        below = above - int(self.sizes[above] != n)
        logs = np.log(self.quantiles[[below, above]].astype(float))
        if below != above:
            step = np.log(n / self.sizes[below]) / np.log(self.sizes[above] / self.sizes[below])
            logs[0] += step * (logs[1] - logs[0])
        wanted = np.arange(1, count + 1) / (count + 1)
        return np.exp(np.interp(wanted, np.arange(1, levels + 1) / (levels + 1), logs[0]))


@lru_cache(maxsize=4)
def load_null(name: str) -> NullTable | None:
    """What is known of the weights' statistic under independence; None where nothing is.

    Parameters
    ----------
    name : str
        As in `load_card`.

    Returns
    -------
    NullTable or None
        Of these very weights; a table of others counts as none.
    """
    path = _resolve(name).with_suffix(".null.npz")
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as file:
        if str(file["sha256"]) != load_card(name)["sha256"]:
            return None
        return NullTable(file["sizes"], file["quantiles"])


@lru_cache(maxsize=4)
@own_settings()
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
    import torch
    from safetensors.torch import load_file

    from skmist.nn import MISTNet, NetConfig

    card = load_card(name)
    path = _resolve(name).with_suffix(".safetensors")
    _check_weights(name, path, card["sha256"])
    with torch.device("meta"):
        net = MISTNet(NetConfig(**card["net"]))
    # mapped: processes share the pages, and nothing is drawn only to be overwritten
    net.load_state_dict(load_file(path), assign=True)
    return net.to(device).eval().requires_grad_(False)


def _check_weights(name: str, path: Path, sha256: str) -> None:
    """Refuse a file that is missing, or is not the one that the card is about."""
    if not path.exists():
        raise WeightsError(f"weights={name!r}: {path} is missing. Reinstall skmist.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256:
        raise WeightsError(
            f"weights={name!r}: the SHA-256 of {path} is {digest}, its card says "
            f"{sha256}: the file was altered. Reinstall skmist."
        )
