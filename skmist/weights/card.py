"""Model cards: read, checked in every respect that an answer depends on, and written."""

from __future__ import annotations

__all__ = ["read_card", "write_card"]

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from skmist._errors import WeightsError
from skmist._files import replace_file
from skmist._parameters import is_integer, is_number

_DIGEST = "card_sha256"
_LARGEST = 4096  # of the sizes of a net: no card may ask for a net that fills the memory
_SIZES = {"dim", "depth", "heads", "cell_dim", "cell_heads", "max_rows"}
_RANGES = ("n", "columns", "categories")


def read_card(path: Path) -> dict[str, Any]:
    """Read a model card.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    FileNotFoundError
        If there is none.
    WeightsError
        If it cannot be read, lacks what answers depend on, or was altered.
    """
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise _refused(path, f"cannot be read as one ({error})") from error
    wrong = _fault(card)
    if wrong:
        raise _refused(path, wrong)
    return card


def write_card(path: Path, card: dict[str, Any]) -> None:
    """Write a model card with a digest of its own, by which `read_card` sees what was altered.

    Parameters
    ----------
    path : Path
    card : dict
    """
    signed = {**card, _DIGEST: _digest(card)}
    text = json.dumps(signed, indent=2) + "\n"
    replace_file(path, lambda place: place.write_text(text, encoding="utf-8"))


def _refused(path: Path, wrong: str) -> WeightsError:
    return WeightsError(
        f"{path} is not a model card: it {wrong}. Reinstall skmist, or export the weights anew."
    )


def _digest(card: dict[str, Any]) -> str:
    said = {key: value for key, value in card.items() if key != _DIGEST}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _fault(card: Any) -> str:
    """What is wrong with a card, as a predicate; empty where nothing is."""
    if not isinstance(card, dict):
        return f"holds a {type(card).__name__} and no fields"
    checks = {
        "name": lambda value: isinstance(value, str) and value,
        "sha256": lambda value: isinstance(value, str) and value,
        "net": _is_net,
        "quantile_levels": _are_levels,
        "trained": _are_ranges,
    }
    for key, is_right in checks.items():
        if key not in card:
            return f"has no field {key!r}"
        if not is_right(card[key]):
            return f"has {str(card[key])[:60]!r} for {key!r}, which no net has"
    # cards of before have no digest
    if card.get(_DIGEST, "") not in ("", _digest(card)):
        return (
            f"was altered: its digest is {_digest(card)}, and it says {card[_DIGEST]} itself; "
            f"whoever changed it writes it by skmist.weights.card.write_card"
        )
    return ""


def _is_net(net: Any) -> bool:
    # a size that is not there would be the default of today
    if not isinstance(net, dict) or not net.keys() >= _SIZES:
        return False
    sizes = [value for value in net.values() if not isinstance(value, bool)]
    if not all(is_integer(size, 0) and size <= _LARGEST for size in sizes):
        return False
    pairs = (net["dim"], net["heads"]), (net["cell_dim"], net["cell_heads"])
    return all(heads and dim % heads == 0 for dim, heads in pairs)


def _are_levels(levels: Any) -> bool:
    """Whether it is a list of two numbers or more between 0 and 1, each above the one before."""
    if not isinstance(levels, list) or not all(is_number(v, 0.0, 1.0) for v in levels):
        return False
    return len(levels) > 1 and all(a < b for a, b in pairwise(levels))


def _are_ranges(trained: Any) -> bool:
    if not isinstance(trained, dict):
        return False
    ranges = [trained.get(key) for key in _RANGES]
    return all(
        isinstance(ends, list)
        and len(ends) == 2
        and all(is_integer(end, 1) for end in ends)
        and ends[0] <= ends[1]
        for ends in ranges
    )
