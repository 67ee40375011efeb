"""A Sphinx extension: pages of the source tree become pages of the site.

- Links to files of the tree lead to the page that is made of them; to files that no page is made
  of, they offer the file.
- ``<!-- page: ../CONTRIBUTING.md -->`` stands for the text of that file,
  ``<!-- model card -->`` for the card of the shipped weights, ``<!-- errors by width -->`` for a
  table of the benchmark.
- Formulas are MathML, which browsers draw without a script from elsewhere.
- Of classes, only what this package wrote is documented; signs in its running text are no markup.
"""

from __future__ import annotations

__all__ = ["setup"]

import os
import re
from pathlib import Path
from typing import Any

from docutils.utils.math.latex2mathml import tex2mathml
from draw_site import errors_by_width
from model_card import model_card

HERE = Path(__file__).parent
# Files of the tree that are pages under another name.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
}
LINK = re.compile(r"(?<=\]\()(?!https?:|#|mailto:)([^)\s]+)(?=\))")
WHOLE = re.compile(r"\[([^\]]*)\]\((\.\./[^)\s]+)\)")
INCLUDE = re.compile(r"<!-- page: (\S+) -->")


def setup(app: Any) -> dict[str, bool]:
    """Register what this extension does."""
    app.connect("source-read", read_page)
    app.connect("autodoc-skip-member", skip_member)
    app.connect("autodoc-process-docstring", escape_signs, priority=400)  # before numpydoc
    app.connect("doctree-read", trim_code)
    app.add_html_math_renderer("mathml", (inline_formula, None), (formula, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def trim_code(app: Any, doctree: Any) -> None:
    """The blank line that ends the last example of a block for doctest is none of the page."""
    from docutils.nodes import Text, literal_block

    for block in doctree.findall(literal_block):
        if block.rawsource == block.astext():  # else it has markup of its own
            block.rawsource = block.rawsource.rstrip()
            block.children = [Text(block.rawsource)]


def read_page(app: Any, name: str, source: list[str]) -> None:
    """Turn a page of the tree into one of the site."""
    page = HERE / f"{name}.md"
    if not page.exists():
        return
    text = source[0].replace("<!-- model card -->", model_card())
    text = text.replace("<!-- errors by width -->", _errors())
    text = INCLUDE.sub(lambda found: _included(page.parent / found[1], page.parent), text)
    source[0] = _with_links(text, page.parent, page.parent)


def _errors() -> str:
    names = {"mist": "MIST", "ksg_k3": "KSG, k = 3", "gaussian_copula": "Gaussian copula"}
    rows = ["| columns | " + " | ".join(names.values()) + " |", "|---" * 4 + "|"]
    for width, errors in errors_by_width().items():
        rows.append(f"| {width} | " + " | ".join(f"{errors[e]:.3f}" for e in names) + " |")
    return "\n".join(rows)


def _included(path: Path, to: Path) -> str:
    return _with_links(path.read_text(encoding="utf-8"), path.parent, to)


def _with_links(text: str, home: Path, to: Path) -> str:
    """The text of a page that lies in one folder, as it must read in another."""
    text = LINK.sub(lambda found: _target(found[1], home, to), text)
    return WHOLE.sub(_without_folders(to), text)


def _target(link: str, home: Path, to: Path) -> str:
    path, hash_, anchor = link.partition("#")
    file = (home / path).resolve()
    name = PAGES.get(os.path.relpath(file, HERE.parent))
    if name is not None:
        file = HERE / name
    if file.parent == HERE / "gallery":
        stem = "index" if file.stem == "README" else file.stem
        file = HERE / "auto_gallery" / f"{stem}.rst"
    return os.path.relpath(file, to) + hash_ + anchor


def _without_folders(home: Path) -> Any:
    """A folder, or a page of the tree that is none of the site, is named and not linked."""

    def named(found: re.Match) -> str:
        file = (home / found[2].partition("#")[0]).resolve()
        inside = HERE in file.parents
        return found[0] if inside or file.suffix in {".csv", ".json", ".toml"} else found[1]

    return named


def skip_member(app: Any, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool:
    """What scikit-learn, torch and Python wrote is documented there."""
    thing = getattr(thing, "fget", None) or thing
    module = getattr(thing, "__module__", None)
    ours = str(module).startswith("skmist") and not isinstance(thing, type)
    return skip or (what == "class" and bool(module) and not ours)


def escape_signs(app: Any, what: str, name: str, thing: Any, options: Any, lines: list) -> None:
    """In running text, ``n_iter_`` is a name and no link, ``|x|`` a size and no substitution."""
    for i, line in enumerate(lines):
        head, sep, text = line.rpartition(" : ")
        if "`" not in text and ">>>" not in text and (sep or " " in text.strip()):
            text = re.sub(r"(\w)_(?=[\s,.;:)]|$)", r"\1\\_", text)
            lines[i] = head + sep + re.sub(r"\|(?=\w)", r"\|", text)


def inline_formula(self: Any, node: Any) -> None:
    """Draw a formula within a line."""
    self.body.append(_mathml(node, as_block=False))
    raise _skip_node()


def formula(self: Any, node: Any) -> None:
    """Draw a formula on a line of its own."""
    self.body.append(f'<div class="math">{_mathml(node, as_block=True)}</div>')
    raise _skip_node()


def _mathml(node: Any, as_block: bool) -> str:
    # docutils knows the dots by one of their names only
    return tex2mathml(node.astext().replace(r"\dots", r"\ldots"), as_block=as_block)


def _skip_node() -> Exception:
    from docutils.nodes import SkipNode

    return SkipNode()
