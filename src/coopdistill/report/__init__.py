"""A run as plain data, and its renderings."""

from coopdistill.report.console import console_table
from coopdistill.report.html import render_html
from coopdistill.report.result import make_result
from coopdistill.report.run_folder import RunFolder, read_run
from coopdistill.report.summary import Summary, summarise

__all__ = ["RunFolder", "Summary", "console_table", "make_result", "read_run", "render_html", "summarise"]
