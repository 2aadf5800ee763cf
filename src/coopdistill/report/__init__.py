"""A run as plain data, and its renderings."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from coopdistill.report.console import console_table
from coopdistill.report.evidence import Evidence
from coopdistill.report.html import render_html
from coopdistill.report.markdown import render_markdown
from coopdistill.report.phase_clock import PhaseClock
from coopdistill.report.run_folder import RunFolder, read_run
from coopdistill.report.summary import Summary, summarise
from coopdistill.report.summary_file import read_summary, summary_from_json, summary_to_json
from coopdistill.report.writing import write_report

if TYPE_CHECKING:
    from coopdistill.report.cooperation_summary import summarise_cooperation
    from coopdistill.report.evidence.gathering import gather
    from coopdistill.report.result import make_result

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
    "summarise_cooperation",
    "summary_from_json",
    "summary_to_json",
    "write_report",
]

_HOMES = {
    "gather": "evidence.gathering",
    "make_result": "result",
    "summarise_cooperation": "cooperation_summary",
}


def __getattr__(name: str) -> Any:
    # What reads a cooperation takes seconds to import; a finished run is rendered without it.
    if name not in _HOMES:
        raise AttributeError(f"module 'coopdistill.report' has no attribute {name!r}")
    return getattr(import_module(f"coopdistill.report.{_HOMES[name]}"), name)
