"""Check the links of the built site: ``python doc/check_links.py doc/_build/html``.

Every link to another page, to a place on a page, and every picture, style and script must be
there; and what a page needs to be shown must not come from elsewhere, so that it reads without a
network. Links to other hosts are not followed.
"""

from __future__ import annotations

__all__ = ["broken_links", "main"]

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """Places and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = {"", "top"}
        self.links: list[str] = []
        self.needs: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names and what it leads to."""
        found = {key: value or "" for key, value in attrs}
        self.places |= {found[key] for key in ("id", "name") if key in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in ("img", "script", "iframe") and "src" in found:
            self.needs.append(found["src"])
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.needs.append(found["href"])


def broken_links(site: Path) -> list[str]:
    """What is wrong, a line each; empty where nothing is."""
    # what the theme has in _static are templates, and no pages
    files = [p for p in sorted(site.rglob("*.html")) if "_static" not in p.relative_to(site).parts]
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in files}
    wrong = []
    for path, page in pages.items():
        where = path.relative_to(site)
        wrong += [f"{where}: needs {need}" for need in page.needs if urlsplit(need).netloc]
        for link in [*page.links, *page.needs]:
            if not _leads_somewhere(link, path, pages):
                wrong.append(f"{where}: {link}")
    return wrong


def _leads_somewhere(link: str, path: Path, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target not in pages:
        return target.is_file()
    return unquote(parts.fragment) in pages[target].places


def main(site: str) -> int:
    """Print what is wrong; 1 where something is."""
    wrong = broken_links(Path(site).resolve())
    print("\n".join(wrong) if wrong else "All links lead somewhere.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
