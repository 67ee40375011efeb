"""The bytes of a file, unpacked, hashed and counted as they pass."""

from __future__ import annotations

__all__ = ["Stream", "file_digest", "opened", "packing"]

import gzip
import hashlib
import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from skmist._sample.shown import shortened
from skmist.cli.errors import UsageError

_MOST_BYTES = 4_000_000_000
_PACKED = (".gz", ".zip")


class Stream(NamedTuple):
    """What a file holds, as it is read."""

    content: io.BufferedReader
    digest: Callable[[], str | None]  # SHA-256 of the file's bytes read so far


def packing(path: str) -> str:
    """The ending that says how a file is packed; empty where it is not."""
    suffix = Path(path).suffix.lower()
    return suffix if suffix in _PACKED else ""


@contextmanager
def opened(path: str) -> Iterator[Stream]:
    """Open a file, packed or not, or the standard input, which is called -."""
    if path == "-":
        yield Stream(io.BufferedReader(_Counted(_standard_input(), path)), lambda: None)
        return
    with open(path, "rb", buffering=0) as file:
        passed = hashlib.sha256()
        if packing(path) == ".zip":
            # its list of members is at its end, so that it cannot be hashed as it passes
            whole = file_digest(path)
            with _only_member(file, path) as member:
                yield Stream(io.BufferedReader(_Counted(member, path)), lambda: whole)
            return
        raw = _Counted(file, path, passed)
        if packing(path) == ".gz":
            unpacked = gzip.GzipFile(fileobj=io.BufferedReader(raw), mode="rb")
            yield Stream(io.BufferedReader(_Counted(unpacked, path)), passed.hexdigest)
            return
        yield Stream(io.BufferedReader(raw), passed.hexdigest)


def file_digest(path: str) -> str:
    """SHA-256 of all bytes of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _only_member(file: BinaryIO, path: str) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(file) as archive:
        # the finder of macOS adds folders of its own
        names = [n for n in archive.namelist() if not n.endswith("/") and "__MACOSX" not in n]
        if len(names) != 1:
            shown = ", ".join(shortened(name) for name in names[:5])
            raise UsageError(
                f"{path!r} holds {len(names)} files ({shown}), and 1 is read; unpack the one "
                "that is meant."
            )
        try:
            member = archive.open(names[0])
        except (RuntimeError, NotImplementedError) as error:  # of a password, or a rare method
            raise UsageError(f"cannot unpack {path!r}: {error}; unpack it yourself.") from error
        with member:
            yield member


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise UsageError("standard input is closed; name a file.")
    raw = getattr(sys.stdin, "buffer", None)
    return io.BytesIO(sys.stdin.read().encode()) if raw is None else raw


class _Counted(io.RawIOBase):
    """Bytes that are counted, and hashed, as they pass: memory holds neither file nor copy."""

    def __init__(self, file, path: str, digest=None) -> None:
        self._file, self._path, self._digest, self._left = file, path, digest, _MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        size = self._file.readinto(buffer)
        self._left -= size
        if self._left < 0:
            raise UsageError(
                f"{self._path!r} has more than {_MOST_BYTES:,} bytes; take a part of its rows, or "
                "read it with pandas, which can choose columns, and pass the table to "
                "skmist.mi_with or skmist.mi_matrix."
            )
        if self._digest is not None:
            self._digest.update(memoryview(buffer)[:size])
        return size
