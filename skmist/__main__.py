"""``python -m skmist`` is the command ``skmist``."""

from __future__ import annotations

import sys

from skmist.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
