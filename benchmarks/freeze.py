"""Write down what the held-out families are, so that a test sees if one ever changes.

Writes ``cases/held_out.csv``: for each law its MI, the spread of its pointwise MI, and hashes of
samples, in nats. To be run when a family is added, and never again for it.
"""

from __future__ import annotations

__all__ = ["main"]

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from cases.blind_families import MANIFEST, blind_laws, manifest_rows
from harness.common import write_table

MEANING = "nats; pmi_std of 20,000 rows; hashes of 300 rows of x, y, pointwise MI to five digits"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=MANIFEST, metavar="CSV")
    options = parser.parse_args(arguments)
    table = pd.DataFrame(manifest_rows(blind_laws()))
    write_table(table, options.out, ["command: python benchmarks/freeze.py", MEANING])
    return 0


if __name__ == "__main__":
    sys.exit(main())
