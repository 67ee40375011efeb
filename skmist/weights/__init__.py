"""The shipped weights of the net, loaded offline and checked against their card."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from skmist._device import own_settings
from skmist._errors import WeightsError
from skmist.weights.card import read_card

if TYPE_CHECKING:
    from torch import Tensor

    from skmist.nn import MISTNet

__all__ = [
    "DEFAULT_WEIGHTS",
    "NullTable",
    "list_weights",
    "load_card",
    "load_null",
    "load_weights",
]

DEFAULT_WEIGHTS = "mist-3"
"""Name of the shipped weights that estimators take when none are asked for."""

_FOLDER = Path(__file__).parent


def list_weights() -> list[str]:
    """Names of the weights that the package ships.

    Examples
    --------
    >>> from skmist.weights import list_weights
    >>> "mist-3" in list_weights()
    True
    """
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


def _resolve(name: str | os.PathLike[str]) -> Path:
    """Path, without suffix, of weights given by a shipped name or a path to a card."""
    if not isinstance(name, (str, os.PathLike)) or not str(name) or "\0" in str(name):
        raise WeightsError(
            f"weights is {name!r}; pass one of {_known()}, or the path of a card (.json)."
        )
    path = Path(name)
    return path.with_suffix("") if path.suffix in (".json", ".safetensors") else _FOLDER / path


def _known() -> str:
    return ", ".join(list_weights()) or "none"


def load_card(name: str | os.PathLike[str]) -> dict[str, Any]:
    """The model card of weights: how they were trained, on what ranges, how they measured.

    Parameters
    ----------
    name : str or path-like
        A shipped name such as ``"mist-3"``, or the path of a card (``.json``) with its
        ``.safetensors`` beside it.

    Returns
    -------
    dict
        Shared between callers: do not change it.

    Raises
    ------
    WeightsError
        If there is no such card, or it cannot be used.
    """
    path = _resolve(name).with_suffix(".json")
    try:
        card = _read_card(path, path.stat().st_mtime_ns)
    except OSError as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(
            f"weights={str(name)!r}: there is no card {path}. Shipped weights: {_known()}; or "
            "pass the path of a card (.json)."
        ) from error
    if path.parent == _FOLDER and card["name"] != path.stem:
        raise WeightsError(
            f"weights={str(name)!r}: {path} is the card of {card['name']!r}. Reinstall skmist."
        )
    return card


@lru_cache(maxsize=8)
def _read_card(path: Path, _: int) -> dict[str, Any]:
    """Read a card; the file's time makes one that has changed be read again."""
    return read_card(path)


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


def load_null(name: str | os.PathLike[str]) -> NullTable | None:
    """What is known of the weights' statistic under independence; None where nothing is.

    Parameters
    ----------
    name : str or path-like
        As in `load_card`.

    Returns
    -------
    NullTable or None
        Of these very weights; a table of others counts as none.

    Raises
    ------
    WeightsError
        If the file of the table is damaged.
    """
    path = _resolve(name).with_suffix(".null.npz")
    if not path.exists():
        return None
    return _read_null(path, load_card(name)["sha256"], path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read_null(path: Path, sha256: str, _: int) -> NullTable | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["sha256"]) != sha256:
                return None
            table = NullTable(file["sizes"], file["quantiles"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise WeightsError(f"{path} cannot be read: {error}. Reinstall skmist.") from error
    if table.quantiles.shape[:1] != table.sizes.shape or not (table.quantiles > 0).all():
        raise WeightsError(f"{path} holds no table of quantiles. Reinstall skmist.")
    return table


def load_weights(name: str | os.PathLike[str], device: str) -> MISTNet:
    """The net with its weights, ready to run.

    Parameters
    ----------
    name : str or path-like
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
        If the file is missing or damaged, or its SHA-256 is not the card's.
    """
    # by its digest: a path may come to hold other weights
    return _load_weights(_resolve(name), load_card(name)["sha256"], device)


@lru_cache(maxsize=4)
@own_settings()
def _load_weights(path: Path, sha256: str, device: str) -> MISTNet:
    import torch

    from skmist.nn import MISTNet, NetConfig

    card = load_card(path.with_suffix(".json"))
    path = path.with_suffix(".safetensors")
    weights = _read_weights(path, sha256)
    try:
        with torch.device("meta"):
            net = MISTNet(NetConfig(**card["net"]))
        net.load_state_dict(weights, assign=True)
    except (TypeError, ValueError, ArithmeticError, AssertionError, RuntimeError) as error:
        raise WeightsError(
            f"{path} does not fit the net of its card, {card['net']}: {error}. Reinstall skmist, "
            "or export the weights anew."
        ) from error
    _check_numbers(net, path, len(card["quantile_levels"]))
    return net.to(device).eval().requires_grad_(False)


load_weights.cache_clear = _load_weights.cache_clear  # type: ignore[attr-defined]


def _read_weights(path: Path, sha256: str) -> dict[str, Tensor]:
    """The tensors of a file that is the one which the card is about."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        # read once: what is hashed is what is loaded, whatever becomes of the file meanwhile, and
        # later, when a mapped one would take the process with it
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != sha256:
            raise WeightsError(
                f"the SHA-256 of {path} is {digest}, its card says {sha256}: the file was "
                "altered. Reinstall skmist, or export the weights anew."
            )
        # where torch puts tensors itself: products of others differ by where these begin
        return {name: tensor.clone() for name, tensor in load(content).items()}
    except FileNotFoundError:
        raise WeightsError(f"{path} is missing. Reinstall skmist.") from None
    except (OSError, SafetensorError) as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(f"{path} cannot be read: {error}. Reinstall skmist.") from error


def _check_numbers(net: MISTNet, path: Path, n_levels: int) -> None:
    """Refuse weights that are no numbers, and levels that are not those of the net."""
    import torch

    from skmist.nn import QUANTILE_LEVELS

    if n_levels != len(QUANTILE_LEVELS):
        raise WeightsError(
            f"the card of {path} has {n_levels} quantile_levels, but the net answers with "
            f"{len(QUANTILE_LEVELS)}. Reinstall skmist, or export the weights anew."
        )
    for name, tensor in net.state_dict().items():
        if not torch.isfinite(tensor).all():
            raise WeightsError(
                f"{path} holds NaN or infinite numbers in {name!r}: its training went wrong, or "
                "the file was altered. Take other weights."
            )
