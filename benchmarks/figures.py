"""Draw the pictures and write the tables of the documentation from the CSVs of the results.

Nothing is measured here. The text between a page's markers is written anew, the rest stays.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harness import common
from harness.pages import FIGURES, PAGES, fill
from harness.plots import PLOTS, save


def main(arguments: Sequence[str] | None = None) -> int:
    """Write pictures and tables, or check that the tables are those of the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--results", type=Path, default=common.RESULTS, metavar="DIR")
    add("--pages", type=Path, default=common.ROOT / "doc", metavar="DIR", help="folder of pages")
    add("--check", action="store_true", help="write nothing; 1 if a page would change")
    options = parser.parse_args(arguments)
    paths = [path for name in PAGES if (path := options.pages / name).exists()]
    old = {path: path.read_text(encoding="utf-8") for path in paths}
    new = {path: fill(text, options.results) for path, text in old.items()}
    if options.check:
        return int(new != old)
    for name, (source, _) in FIGURES.items():
        if (options.results / source).exists():
            save(PLOTS[name](options.results), options.pages / "benchmark" / f"{name}.png")
    for path, text in new.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
