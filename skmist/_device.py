"""Where nets run."""

from __future__ import annotations

__all__ = ["resolve_device"]


def resolve_device(device: str) -> str:
    """The device that a `device` parameter means: with "auto" a GPU where there is one.

    Raises
    ------
    ValueError
        If it names a GPU and torch finds none.
    """
    import torch

    has_gpu = torch.cuda.is_available()
    if device == "auto":
        return "cuda" if has_gpu else "cpu"
    if str(device).startswith("cuda") and not has_gpu:
        raise ValueError(
            f"device={device!r}, but torch finds 0 CUDA devices. Pass device='auto' or "
            "device='cpu'."
        )
    return str(device)
