"""Write doc/api.md from the docstrings of all public names.

Run ``python doc/make_api.py`` after a change of a public docstring or signature;
``tests/test_docs.py`` compares the file with what this script would write.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

__all__ = ["main", "render"]

MODULES = ("skmist", "skmist.datasets")
TARGET = Path(__file__).with_name("api.md")
HEAD = """# API reference

Written by `python doc/make_api.py` from the docstrings; do not edit. All information is in nats
unless a line says otherwise.
"""
_LISTS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns")
_ROLE = re.compile(r":(?:func|class|meth|mod|attr):`~?([^`]*)`")


def main():
    """Write the reference."""
    TARGET.write_text(render(), encoding="utf-8")


def render() -> str:
    """Return the reference as Markdown."""
    parts = [HEAD]
    for module_name in MODULES:
        module = import_module(module_name)
        names = sorted((n for n in module.__all__ if not n.startswith("_")), key=str.lower)
        summary = inspect.getdoc(module).split("\n\n")[0].replace("\n", " ")
        parts.append(f"## `{module_name}`\n\n{_inline(summary)}\n")
        parts += [_entry(name, getattr(module, name)) for name in names]
    return "\n".join(parts)


def _entry(name, thing) -> str:
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return f"### `{name}`\n\nA {type(thing).__name__}.\n"
    parts = [f"### `{name}{_signature(thing)}`\n", _markdown(inspect.getdoc(thing) or "")]
    if inspect.isclass(thing) and not issubclass(thing, BaseException):
        parts += [_method(attribute, getattr(thing, attribute)) for attribute in _methods(thing)]
    return "\n".join(parts)


def _signature(thing) -> str:
    if inspect.isclass(thing) and issubclass(thing, BaseException):
        return ""
    signature = inspect.signature(thing)
    # annotations are written differently by every version of Python; the text has the types
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    bare = [p for p in bare if p.name != "self"]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def _methods(cls):
    for name in sorted(dir(cls)):
        thing = getattr(cls, name, None)
        ours = str(getattr(thing, "__module__", "")).startswith("skmist")
        if not name.startswith("_") and ours and callable(thing) and inspect.getdoc(thing):
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
            parts.append(_list(lines))
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


def _list(lines) -> str:
    items = []
    for line in lines:
        if not line.strip():
            continue
        if line.startswith(" "):
            items[-1] += " " + line.strip()
        else:
            name, _, kind = line.partition(" : ")
            items.append(f"- `{name}`" + (f" ({kind.strip()}):" if kind else ":"))
    return _inline("\n".join(item.rstrip(":") if item.endswith("`:") else item
                             for item in items)) + "\n"


def _inline(text) -> str:
    text = _ROLE.sub(r"`\1`", text)
    text = re.sub(r":math:`([^`]*)`", r"$\1$", text)
    text = re.sub(r"^\.\. math:: (.*)$", r"$$\1$$", text, flags=re.MULTILINE)
    text = re.sub(r"^\.\. \[(\d+)\] ", r"\1. ", text, flags=re.MULTILINE)
    text = re.sub(r"\[(\d+)\]_", r"[\1]", text)
    return text.replace("``", "`")


if __name__ == "__main__":
    main()
