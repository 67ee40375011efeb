"""What depends on what in a table, as one HTML page that needs nothing else."""

from __future__ import annotations

from skmist._html_report.page import render_report
from skmist._html_report.source import Source

__all__ = ["Source", "render_report"]
