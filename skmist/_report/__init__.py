"""What depends on what in a table, as one HTML page that needs nothing else."""

from __future__ import annotations

from skmist._report.call import TableReport, make_report, report
from skmist._report.page import render_report
from skmist._report.source import Source

__all__ = ["Source", "TableReport", "make_report", "render_report", "report"]
