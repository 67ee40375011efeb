"""The user's cache: small arrays that are dear to compute, kept between calls.

It lies in ``$SKMIST_CACHE``, else in ``$XDG_CACHE_HOME/skmist``, else in ``~/.cache/skmist``;
``SKMIST_CACHE=off`` keeps nothing. What cannot be read or written is as if it were not there.
"""

from __future__ import annotations

__all__ = ["keep_array", "kept_array"]

import contextlib
import hashlib
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

_OFF = ("", "0", "off")
_MOST_FILES = 1000


def kept_array(key: str) -> np.ndarray | None:
    """The array of a key, or None where there is none that can be used."""
    path = _path(key)
    if path is None:
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            named, array = str(file["key"]), file["array"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    usable = named == key and array.ndim == 1 and array.dtype == float
    return array if usable and np.isfinite(array).all() else None


def keep_array(key: str, array: np.ndarray) -> None:
    """Keep the array (k,) of a key, in place of a former one.

    Whoever reads meanwhile sees the former or the new one, never a part. The files longest
    unchanged go where there are too many.
    """
    path = _path(key)
    if path is None:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            np.savez(file, key=np.array(key), array=np.asarray(array, dtype=float))
        os.replace(file.name, path)
        _prune(path.parent)


def _path(key: str) -> Path | None:
    folder = _folder()
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    return None if folder is None else folder / f"{name}.npz"


def _folder() -> Path | None:
    chosen = os.environ.get("SKMIST_CACHE")
    if chosen is not None:
        return None if chosen.lower() in _OFF else Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "skmist"


def _prune(folder: Path) -> None:
    """Leave the files that were written last."""
    files = [*folder.glob("*.npz"), *folder.glob("*.part")]
    if len(files) > _MOST_FILES:
        files.sort(key=lambda path: path.stat().st_mtime)
        for path in files[: len(files) - _MOST_FILES]:
            path.unlink(missing_ok=True)
