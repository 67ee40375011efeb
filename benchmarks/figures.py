"""Draw the pictures and write the tables of ``doc/benchmark.md`` from the CSVs of the results.

Nothing is measured here. The text between the page's markers is written anew, the rest stays.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harness import common
from harness.pages import FIGURES, fill
from harness.plots import PLOTS, save

PAGE = common.ROOT / "doc" / "benchmark.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write pictures and tables, or check that the tables are those of the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=common.RESULTS, metavar="DIR")
    parser.add_argument("--page", type=Path, default=PAGE, metavar="MD")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it would change")
    options = parser.parse_args(arguments)
    old = options.page.read_text(encoding="utf-8")
    new = fill(old, options.results)
    if options.check:
        return int(new != old)
    for name, (source, _) in FIGURES.items():
        if (options.results / source).exists():
            save(PLOTS[name](options.results), options.page.parent / "benchmark" / f"{name}.png")
    options.page.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
