"""A summary as one self-contained page."""

from coopdistill.report.html.page import render_html

__all__ = ["render_html"]
