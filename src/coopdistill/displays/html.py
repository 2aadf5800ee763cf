"""Small tables for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["html_table"]

_TABLE = "border-collapse:collapse;margin:.4em 0;font-size:.92em"
_CELL = "padding:.15em .7em;border-bottom:1px solid rgba(128,128,128,.35);text-align:"


def html_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str = "") -> str:
    """Render a table; every value is escaped.

    Parameters
    ----------
    headers : sequence of str
    rows : iterable of sequence
        Numbers stand to the right.
    caption : str, default=""

    Returns
    -------
    str

    Examples
    --------
    >>> "<script>" in html_table(["feature"], [["<script>"]])
    False
    """
    rows = [list(row) for row in rows]
    right = [bool(rows) and all(isinstance(row[j], int | float) for row in rows) for j in range(len(headers))]
    side = ["right" if numbers else "left" for numbers in right]
    head = "".join(
        f'<th scope="col" style="{_CELL}{at}">{escape(text)}</th>' for text, at in zip(headers, side, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_CELL}{at}">{_text(value)}</td>' for value, at in zip(row, side, strict=True))
        + "</tr>"
        for row in rows
    )
    told = (
        f'<caption style="text-align:left;font-weight:600;white-space:nowrap">{escape(caption)}</caption>'
        if caption
        else ""
    )
    return f'<table style="{_TABLE}">{told}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return escape(f"{value:.3g}" if isinstance(value, float) else str(value))
