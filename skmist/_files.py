"""Files that are whole, or what they were: written beside their place, and moved there."""

from __future__ import annotations

__all__ = ["replace_file"]

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def replace_file(path: str | os.PathLike[str], write: Callable[[Path], object]) -> None:
    """Have a file written beside its place, and moved there when it is whole.

    A device or a pipe, such as /dev/stdout, is written itself; of a link, what it leads to.

    Parameters
    ----------
    path : str or path-like
    write : callable
        Writes to the path that it is given.

    Raises
    ------
    OSError
        If it cannot be written; what was there is there then.
    """
    path = Path(path)
    is_direct = path.exists() and not path.is_file()
    place = path if is_direct else Path(os.path.realpath(path))
    beside = None
    try:
        beside = None if is_direct else _beside(place)
        write(place if beside is None else beside)
        if beside is not None:
            os.replace(beside, place)
            beside = None
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def _beside(place: Path) -> Path | None:
    """An empty file in the same folder, with the rights of the one that it replaces."""
    try:
        number, name = tempfile.mkstemp(suffix=place.suffix, prefix=".skmist-", dir=place.parent)
    except PermissionError:
        return None  # in a folder that takes no new file an old one may be written all the same
    os.close(number)
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(name, place.stat().st_mode & 0o7777 if place.exists() else 0o666 & ~mask)
    return Path(name)
