"""Puts what a benchmark measured into its page, of which the rest is written by hand."""

from __future__ import annotations

from pathlib import Path

__all__ = ["put_results"]

BEGIN, END = "<!-- results -->", "<!-- end -->"


def put_results(page: Path, text: str) -> None:
    """Put tables in the place of those of before.

    Parameters
    ----------
    page : Path
        Markdown. What stands before the first mark stays, and what stands after the last, where there is one. Where
        the page or its mark is absent, the tables come to its end.
    text : str
    """
    head, _, rest = (page.read_text(encoding="utf-8") if page.exists() else "").partition(BEGIN)
    _, end, after = rest.partition(END)
    kept = f"\n{end}{after}" if end else ""
    page.write_text(f"{head}{BEGIN}\n\n{text}\n{kept}", encoding="utf-8")
