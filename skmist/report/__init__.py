"""What depends on what in a table, as one HTML page that needs nothing else."""

from __future__ import annotations

from skmist.report.page import render_report
from skmist.report.source import Source

__all__ = ["Source", "render_report"]
