"""Compile the kernel beside this file: ``python skmist/_neighbors/build.py``.

The installation does the same. Imports nothing of ours, and nothing that must be installed.
"""

from __future__ import annotations

__all__ = ["build", "library_path"]

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

_SOURCES = ("kernel.c", "batched.c", "lines.c")
# No fused operation: a distance must not depend on the processor.
_FLAGS = ("-O3", "-std=c11", "-shared", "-s", "-ffp-contract=off", "-fvisibility=hidden")


def library_path(variant: str = "") -> Path:
    """Where the library lies; the variant "v3" is for x86-64 processors with AVX2.

    Python takes what ends in .so for a module of its own, hence the ending.
    """
    return Path(__file__).with_name(f"libkernel{variant and '_' + variant}.library")


def build() -> str:
    """Compile all variants.

    Returns
    -------
    str
        Empty, or why there is no library: what is missing is done by numpy and scipy.
    """
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    for variant in ("", "v3") if x86 else ("",):
        command = _compiler(variant)
        if not command:
            return "no C compiler: pip install ziglang, or set CC"
        path = library_path(variant)
        fresh = path.with_name(f"{path.name}.new")
        sources = [str(Path(__file__).with_name(name)) for name in _SOURCES]
        done = subprocess.run(
            [*command, *_FLAGS, *sources, "-o", str(fresh)], capture_output=True, text=True
        )
        if done.returncode:
            return f"{' '.join(command)} failed: {done.stderr}"
        # a process that has the old file loaded keeps it
        fresh.replace(path)
    return ""


def _compiler(variant: str) -> list[str]:
    """Command of the compiler that CC names, of ziglang, or of the system."""
    pic = [] if sys.platform == "win32" else ["-fPIC"]
    march = ["-march=x86-64-v3"] if variant else []
    if os.environ.get("CC"):
        return [*os.environ["CC"].split(), *march, *pic]
    if importlib.util.find_spec("ziglang"):
        # not for the processor that happens to build, and for every glibc since 2014
        target = [f"-mcpu={'x86_64_v3' if variant else 'baseline'}"]
        if platform.libc_ver()[0] == "glibc":
            target += ["-target", f"{platform.machine()}-linux-gnu.2.17"]
        return [sys.executable, "-m", "ziglang", "cc", *target, *pic]
    found = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    return [found, *march, *pic] if found else []


if __name__ == "__main__":
    raise SystemExit(build() or None)
