"""Every public definition says what it is."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

MODULES = (
    "skmist",
    "skmist.conditional",
    "skmist.datasets",
    "skmist.feature_selection",
    "skmist.matrix",
    "skmist.nn",
    "skmist.nn.infomax",
    "skmist.plotting",
    "skmist.representation",
    "skmist.weights",
)


def ours(function):
    return (getattr(function, "__module__", None) or "").startswith("skmist")


def unwrapped(member):
    """The function behind a method, a property, or a method that is there on a condition."""
    for name in ("__func__", "fget", "fn", "func"):
        member = getattr(member, name, None) or member
    return member


def methods(cls):
    """Public methods and properties of ours, each as the class that defines it wrote it."""
    for base in cls.__mro__:
        for name, member in vars(base).items():
            function = unwrapped(member)
            if not name.startswith("_") and inspect.isfunction(function) and ours(function):
                yield f"{base.__module__}.{base.__qualname__}.{name}", function


def definitions(module_name):
    module = import_module(module_name)
    for name in module.__all__:
        thing = getattr(module, name)
        if ours(thing) and (inspect.isclass(thing) or inspect.isfunction(thing)):
            yield f"{module_name}.{name}", thing
            if inspect.isclass(thing):
                yield from methods(thing)


def summary(thing):
    """The first line of a docstring that the definition has of its own."""
    held = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    return (held or "").strip().partition("\n")[0]


@pytest.mark.parametrize("module_name", MODULES)
def test_every_public_definition_has_a_docstring(module_name):
    found = dict(definitions(module_name))
    assert found
    # a dataclass or a tuple without one gets its signature, "Name(field: type)"
    told = {name: summary(thing) for name, thing in found.items()}
    bare = [n for n, line in told.items() if not line or line.startswith(f"{n.split('.')[-1]}(")]
    assert not bare


def test_an_inherited_docstring_is_none_of_its_own():
    class Base:
        def method(self):
            """Say so."""

    class Silent(Base):
        def method(self):
            return 1

    Base.__module__ = Silent.__module__ = "skmist.test"
    for cls in (Base, Silent):
        cls.method.__module__ = "skmist.test"
    assert [bool(function.__doc__) for _, function in methods(Silent)] == [False, True]


@pytest.mark.parametrize("name", import_module("skmist.datasets").__all__)
def test_summaries_of_data_sets_end_as_sentences(name):
    module = import_module("skmist.datasets")
    thing = getattr(module, name)
    told = {name: thing} | (dict(methods(thing)) if inspect.isclass(thing) else {})
    open_ends = [n for n, t in told.items() if summary(t)[-1:] not in (".", ":", "?")]
    assert not open_ends
