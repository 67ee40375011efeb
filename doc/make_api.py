"""Write doc/api.md from the docstrings of all public names.

Run ``python doc/make_api.py`` after a change of a public docstring or signature;
``tests/house/test_docs.py`` compares the file with what this script would write.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

__all__ = ["main", "render"]

MODULES = ("skmist", "skmist.datasets", "skmist.representation")
TARGET = Path(__file__).with_name("api.md")
HEAD = """# API reference

Written by `python doc/make_api.py` from the docstrings; do not edit. All information is in nats
unless a line says otherwise.
"""
_LISTS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns", "See Also")
_ROLE = re.compile(r":(?:func|class|meth|mod|attr):`~?([^`]*)`")


def main():
    """Write the reference."""
    TARGET.write_text(render(), encoding="utf-8")


def render() -> str:
    """Return the reference as Markdown."""
    parts, described = [HEAD], set()
    for module_name in MODULES:
        module = import_module(module_name)
        public = (n for n in module.__all__ if not n.startswith("_") and n not in described)
        names = sorted(public, key=str.lower)
        described.update(names)
        summary = inspect.getdoc(module).split("\n\n")[0].replace("\n", " ")
        parts.append(f"## `{module_name}`\n\n{_inline(summary)}\n")
        documented = {getattr(module, name) for name in names}
        entries = [_entry(name, getattr(module, name), documented) for name in names]
        parts += [_with_imports(entry, module_name, names) for entry in entries]
    return "\n".join(parts)


def _with_imports(entry, module_name, names) -> str:
    """Let examples that run inside their module import what they use from it."""
    start, fence, rest = entry.partition("```python\n")
    code = [row for row in rest.partition("```")[0].splitlines() if row.startswith((">>>", "..."))]
    known = " ".join(row for row in code if " import " in row)
    missing = [
        name
        for name in names
        if re.search(rf"\b{name}\b", "\n".join(code)) and not re.search(rf"\b{name}\b", known)
    ]
    if not missing:
        return entry
    return f"{start}{fence}>>> from {module_name} import {', '.join(missing)}\n{rest}"


def _entry(name, thing, documented) -> str:
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return f"### `{name}`\n\nA {type(thing).__name__}.\n"
    parts = [f"### `{name}{_signature(thing)}`\n", _markdown(inspect.getdoc(thing) or "")]
    if inspect.isclass(thing) and not issubclass(thing, BaseException):
        parts += [_method(name, getattr(thing, name)) for name in _methods(thing, documented)]
    return "\n".join(parts)


def _signature(thing) -> str:
    if inspect.isclass(thing) and issubclass(thing, BaseException):
        return ""
    signature = inspect.signature(thing)
    # annotations are written differently by every version of Python; the text has the types
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    bare = [p for p in bare if p.name != "self"]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def _methods(cls, documented):
    """Names of the methods that are described here and not with a base class."""
    for name in sorted(dir(cls)):
        owner = next(base for base in cls.__mro__ if name in vars(base))
        method, available = getattr(cls, name, None), getattr(vars(owner)[name], "check", None)
        if name.startswith("_") or not callable(method) or not inspect.getdoc(method):
            continue
        if not method.__module__.startswith("skmist") or owner in documented - {cls}:
            continue
        if available is None or available(cls):
            yield name


def _method(name, method) -> str:
    signature = _signature(method)
    return f"#### `{name}{signature}`\n\n{_markdown(inspect.getdoc(method))}"


# numpydoc to Markdown --------------------------------------------------------------------


def _markdown(doc) -> str:
    parts = []
    for title, lines in _sections(doc):
        if title:
            parts.append(f"**{title}**\n")
        if title in _LISTS:
            parts.append(_list(lines, has_types=title != "See Also"))
        elif title == "Examples":
            # doctest takes all up to an empty line for the result, the closing fence too
            parts.append("```python\n" + "\n".join(lines).strip("\n") + "\n\n```\n")
        else:
            parts.append(_inline("\n".join(lines).strip("\n")) + "\n")
    return "\n".join(parts)


def _sections(doc):
    title, lines = "", []
    rows = doc.splitlines() + ["", ""]
    skip = False
    for row, following in zip(rows, rows[1:], strict=False):
        if skip:
            skip = False
        elif row and set(following) == {"-"} and len(following) == len(row):
            yield title, lines
            title, lines, skip = row, [], True
        else:
            lines.append(row)
    yield title, lines


def _list(lines, has_types) -> str:
    items = []
    for line in filter(str.strip, lines):
        if line.startswith(" "):
            items[-1].append(line.strip())
            continue
        name, _, rest = line.partition(" : ")
        items.append([f"- `{name}`" + (f" ({rest.strip()})" if rest and has_types else "")])
        if rest and not has_types:
            items[-1].append(rest.strip())
    rows = [head + (f": {' '.join(tail)}" if tail else "") for head, *tail in items]
    return _inline("\n".join(rows)) + "\n"


def _inline(text) -> str:
    text = _ROLE.sub(r"`\1`", text)
    text = re.sub(r":math:`([^`]*)`", r"$\1$", text)
    text = re.sub(r"^\.\. math:: (.*)$", r"$$\1$$", text, flags=re.MULTILINE)
    text = re.sub(r"^\.\. \[(\d+)\] ", r"\1. ", text, flags=re.MULTILINE)
    text = re.sub(r"\[(\d+)\]_", r"[\1]", text)
    return text.replace("``", "`")


if __name__ == "__main__":
    main()
