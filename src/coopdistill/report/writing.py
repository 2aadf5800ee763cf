"""All renderings of a summary, in the folder of its run."""

from __future__ import annotations

from collections.abc import Callable

from coopdistill.report.html import render_html
from coopdistill.report.markdown import render_markdown
from coopdistill.report.run_folder import REPORT, SUMMARY, SUMMARY_TEXT
from coopdistill.report.summary import Summary
from coopdistill.report.summary_file import summary_to_json

__all__ = ["write_report"]


def write_report(summary: Summary, write_text: Callable[[str, str], None]) -> None:
    """Write the summary as JSON, as Markdown and as a page.

    Parameters
    ----------
    summary : Summary
        From `summarise`.
    write_text : callable
        Takes a file's name and its text, such as `RunFolder.write_text`.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> written = {}
    >>> write_report(summarise({"name": "two", "participants": {}}), written.__setitem__)
    >>> list(written)
    ['summary.json', 'summary.md', 'report.html']
    """
    write_text(SUMMARY, summary_to_json(summary) + "\n")
    write_text(SUMMARY_TEXT, render_markdown(summary))
    write_text(REPORT, render_html(summary))
