"""A run as plain data, and its renderings."""

from coopdistill.report.console import console_table
from coopdistill.report.evidence import Evidence, gather
from coopdistill.report.html import render_html
from coopdistill.report.markdown import render_markdown
from coopdistill.report.phase_clock import PhaseClock
from coopdistill.report.result import make_result
from coopdistill.report.run_folder import RunFolder, read_run
from coopdistill.report.summary import Summary, summarise
from coopdistill.report.summary_file import read_summary, summary_from_json, summary_to_json
from coopdistill.report.writing import write_report

__all__ = [
    "Evidence",
    "PhaseClock",
    "RunFolder",
    "Summary",
    "console_table",
    "gather",
    "make_result",
    "read_run",
    "read_summary",
    "render_html",
    "render_markdown",
    "summarise",
    "summary_from_json",
    "summary_to_json",
    "write_report",
]
