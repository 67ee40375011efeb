"""A device that is not there: tensors say that they are on a GPU, their values are on the CPU.

What a GPU would refuse is refused: tensors of two devices in one operation, `numpy` of a tensor on
the device, generators of the other. What it would compute is computed on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

__all__ = ["NAME", "OnDevice", "pretended"]

NAME = "cuda"
_DEVICE = torch.device("cuda:0")
# what torch itself is told: a kind of which this build has nothing, and whose gradients it
# computes in the calling thread
_STAND_IN = torch.device("lazy:0")
_ATEN = torch.ops.aten
_ITEMS = (torch.Tensor.__getitem__, torch.Tensor.__setitem__)
# they make tensors of Python's numbers, out of our reach
_OF_NUMBERS = (torch.tensor, torch.Tensor.new_tensor)
_COPIES = (_ATEN.copy_.default, _ATEN._to_copy.default)
_INDEXED = (_ATEN.index.Tensor, _ATEN.index_put_.default, _ATEN.index_put.default)
_WITH_NUMBERS = (_ATEN.fill_.Tensor, _ATEN.masked_fill.Tensor, _ATEN.masked_fill_.Tensor)


class OnDevice(torch.Tensor):
    """A tensor on the device; `inner` has its values."""

    inner: torch.Tensor

    @staticmethod
    def __new__(cls, inner: torch.Tensor) -> OnDevice:
        return torch.Tensor._make_wrapper_subclass(
            cls,
            inner.size(),
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=_STAND_IN,
        )

    def __init__(self, inner: torch.Tensor) -> None:
        self.inner = inner

    device = property(lambda self: _DEVICE)
    is_cuda = property(lambda self: True)
    is_cpu = property(lambda self: False)

    def __repr__(self, **_: Any) -> str:
        return f"OnDevice({self.inner})"

    def tolist(self) -> list:
        return self.inner.tolist()

    def __deepcopy__(self, memo: dict) -> torch.Tensor:
        copy = self.detach().clone()
        if isinstance(self, torch.nn.Parameter):
            copy = torch.nn.Parameter(copy, self.requires_grad)
        return memo.setdefault(id(self), copy)

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


_DEVICES = (OnDevice, torch.device)


class Generator(torch.Generator):
    """A source of random numbers that says on which device it is."""

    def __new__(cls, device: Any = "cpu") -> Generator:
        made = super().__new__(cls, "cpu")
        made.where = torch.device(device).type
        return made

    def __init__(self, device: Any = "cpu") -> None:
        pass

    device = property(lambda self: torch.device(self.where))


class _Dispatch(TorchDispatchMode):
    """All operations, those that make tensors of nothing too."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


class _Calls(TorchFunctionMode):
    """What is said in Python: devices by name, and generators."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.device:
            return func(*args, **(kwargs or {}))
        args, kwargs = _mapped(_told, args), _mapped(_told, kwargs or {})
        if func in _OF_NUMBERS and _where(args, kwargs) == NAME:
            dtype = {} if func is torch.tensor else {"dtype": args[0].dtype}
            return OnDevice(torch.tensor(args[-1], **{**dtype, **kwargs, "device": "cpu"}))
        if func in _ITEMS and isinstance(args[0], OnDevice):
            args = (args[0], _as_tensors(args[1]), *args[2:])
        generators = [a for a in _leaves((args, kwargs)) if isinstance(a, torch.Generator)]
        for generator in generators:
            if generator.device.type != (of := _where(args, kwargs)):
                raise RuntimeError(f"a generator on {generator.device} for {of}: {func}")
        return func(*args, **kwargs)


def _as_tensors(index: Any) -> Any:
    """Lists of an index as tensors on the device, which torch would make out of reach of us."""
    if isinstance(index, list):
        return OnDevice(torch.tensor(index))
    return tuple(map(_as_tensors, index)) if isinstance(index, tuple) else index


def _told(argument: Any) -> Any:
    """The stand-in for the device, under all the names that it goes by."""
    named = isinstance(argument, torch.device) and argument.type == NAME
    texts = isinstance(argument, str) and argument in (NAME, str(_DEVICE))
    return _STAND_IN if named or texts else argument


def _where(args: Any, kwargs: Any) -> str:
    """The kind of device that a call draws on."""
    leaves = [leaf for leaf in _leaves((args, kwargs)) if isinstance(leaf, _DEVICES)]
    there = any(isinstance(leaf, OnDevice) or leaf == _STAND_IN for leaf in leaves)
    return NAME if there else "cpu"


def _run(func: Any, args: Any, kwargs: dict) -> Any:
    """Compute on the values, as the device would, or refuse as it would."""
    asked = kwargs.get("device")
    on_device = _checked(func, args, kwargs) if asked is None else asked == _STAND_IN
    inner = _mapped(_inner, args), _mapped(_inner, kwargs)
    if asked == _STAND_IN:
        inner[1]["device"] = torch.device("cpu")
    found = func(*inner[0], **inner[1])
    if asked is None and inner[0] and found is inner[0][0]:
        return args[0]
    if not on_device:
        return found
    return _mapped(_outer, found)


def _inner(argument: Any) -> Any:
    return argument.inner if isinstance(argument, OnDevice) else argument


def _outer(found: Any) -> Any:
    return OnDevice(found) if isinstance(found, torch.Tensor) else found


def _mapped(function: Callable[[Any], Any], nest: Any) -> Any:
    """A function of all that lists, tuples and dictionaries hold; torch's own takes its time."""
    if type(nest) in (tuple, list):
        return type(nest)([_mapped(function, item) for item in nest])
    if type(nest) is dict:
        return {key: _mapped(function, item) for key, item in nest.items()}
    return function(nest)


def _leaves(nest: Any) -> list:
    found: list = []
    _mapped(found.append, nest)
    return found


def _checked(func: Any, args: Any, kwargs: dict) -> bool:
    """Whether the result is on the device; an error where two devices meet."""
    tensors = [a for a in _leaves((args, kwargs)) if isinstance(a, torch.Tensor)]
    there = [isinstance(tensor, OnDevice) for tensor in tensors]
    if func in _COPIES or (func in _INDEXED and there[0]):
        return there[0]
    numbers = func in _WITH_NUMBERS or torch.Tag.pointwise in func.tags
    strangers = [
        t for t, on in zip(tensors, there, strict=True) if not (on or numbers and not t.ndim)
    ]
    if any(there) and strangers:
        shapes = [tuple(stranger.shape) for stranger in strangers]
        raise RuntimeError(f"two devices in {func}: {shapes} on the CPU")
    return any(there)


@contextmanager
def pretended() -> Iterator[None]:
    """Inside, torch has a GPU, to all that skmist can see of it."""
    from skmist import _device

    _device._works.cache_clear()
    with ExitStack() as stack:
        for name, value in _PATCHES.items():
            stack.enter_context(patch(name, value))
        stack.enter_context(_Calls())
        stack.enter_context(_Dispatch())
        stack.callback(_device._works.cache_clear)
        yield


def _no_inference(mode: bool = True) -> Any:
    return torch.no_grad() if mode else nullcontext()


_PATCHES = {
    "torch.cuda.is_available": lambda: True,
    "torch.Generator": Generator,
    # its tensors cannot be wrapped
    "torch.inference_mode": _no_inference,
}
