"""Where nets run, and under which of torch's settings."""

from __future__ import annotations

__all__ = ["halves_pay", "own_settings", "resolve_device"]

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any

_KINDS = ("cpu", "cuda")


def resolve_device(device: str) -> str:
    """The device that a `device` parameter means: with "auto" a GPU where there is one.

    Raises
    ------
    ValueError
        If it is none, or names one that torch does not find.
    """
    import torch

    has_gpu = torch.cuda.is_available()
    if isinstance(device, str) and device == "auto":
        return "cuda" if has_gpu else "cpu"
    kind = _kind(device)
    if kind == "cuda" and not has_gpu:
        raise ValueError(
            f"device={device!r}, but torch finds 0 CUDA devices. Pass device='auto' or "
            "device='cpu'."
        )
    if not _works(kind, str(device)):
        raise ValueError(
            f"device={device!r} is not a device that nets can run on here: it has to exist and to "
            "know float64, which 'mps' does not. Pass device='auto', device='cpu' or, with a "
            "GPU of CUDA, device='cuda'."
        )
    return str(device)


@lru_cache(maxsize=16)
def halves_pay(kind: str) -> bool:
    """Whether a kind of device multiplies matrices faster in bfloat16 than in float32.

    GPUs do. Of CPUs only those with instructions for it: others take up to thirty times as long,
    so it is measured, once in a process and in a few milliseconds.
    """
    import torch

    if kind != "cpu":
        return True
    single, half = (_seconds_of_a_product(d) for d in (torch.float32, torch.bfloat16))
    return half < single


def _seconds_of_a_product(dtype: Any) -> float:
    import torch

    a = torch.ones(128, 128, dtype=dtype)
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        torch.mm(a, a)
        taken.append(time.perf_counter() - start)
    return min(taken)


def _kind(device: Any) -> str:
    """The part before the number, such as "cuda" of "cuda:1"; empty of what is no device."""
    import torch

    try:
        return torch.device(device).type if isinstance(device, (str, torch.device)) else ""
    except RuntimeError:
        return ""


@lru_cache(maxsize=16)
def _works(kind: str, device: str) -> bool:
    import torch

    if kind in ("", "meta"):
        return False
    try:
        zero = torch.zeros(1, dtype=torch.float64, device=device)
        return zero.item() == 0.0
    except (RuntimeError, AssertionError, NotImplementedError, TypeError):
        return False


_EXACT = "highest"  # of the products of float32, which others may allow to be rounded


class _Precision:
    """What is one setting for all threads is ours while any needs it: default dtype, products."""

    def __init__(self) -> None:
        self.lock, self.users = threading.Lock(), 0
        self.former: Any = None

    def enter(self) -> bool:
        """Take part, where there is something to put right; whether so."""
        import torch

        with self.lock:
            if not self.users:
                now = torch.get_default_dtype(), torch.get_float32_matmul_precision()
                if now == (torch.float32, _EXACT):
                    return False
                self.former = now
                torch.set_default_dtype(torch.float32)
                torch.set_float32_matmul_precision(_EXACT)
            self.users += 1
            return True

    def leave(self, took_part: bool) -> None:
        """The last one puts back what was there."""
        import torch

        with self.lock:
            self.users -= took_part
            if took_part and not self.users:
                torch.set_default_dtype(self.former[0])
                torch.set_float32_matmul_precision(self.former[1])


_PRECISION = _Precision()


@contextmanager
def own_settings() -> Iterator[None]:
    """Run nets under the settings that they are made for, whatever the caller's are.

    float32, gradients where they are asked for, no autocast, tensors on the CPU unless told
    otherwise. As a decorator, of every call.
    """
    import torch

    took_part = _PRECISION.enter()
    try:
        with ExitStack() as stack:
            stack.enter_context(torch.inference_mode(False))
            stack.enter_context(torch.enable_grad())
            for kind in _KINDS:
                # the casts that autocast keeps are let go of at the end of the outermost one:
                # inside, weights would never be seen to change
                stack.enter_context(torch.autocast(kind, enabled=False, cache_enabled=False))
            if torch.empty(0).device.type != "cpu":
                stack.enter_context(torch.device("cpu"))
            yield
    finally:
        _PRECISION.leave(took_part)
