"""Pieces of markup that all sections share; whatever comes from users' data goes through `safe`."""

from __future__ import annotations

import json
from html import escape
from typing import Any

__all__ = ["embedded_json", "name", "pair_id", "safe", "section", "shortened"]


def safe(value: object) -> str:
    """Escape a value for text and attributes.

    Examples
    --------
    >>> safe("<b>'")
    '&lt;b&gt;&#x27;'
    """
    return escape(str(value), quote=True)


def name(given: str) -> str:
    """Render a user's name so that its direction of writing stays its own affair."""
    return f"<bdi>{safe(given)}</bdi>"


def shortened(given: str, most: int = 16) -> str:
    """Cut a name that would not fit, and escape it.

    Examples
    --------
    >>> shortened("a name without an end", 8)
    'a name …'
    """
    return safe(given if len(given) <= most else f"{given[: most - 1]}…")


def section(anchor: str, heading: str, lead: str, content: str) -> str:
    """Render a section under its heading."""
    about = f"<p class='lead'>{lead}</p>\n" if lead else ""
    return (
        f"<section id='{anchor}' aria-labelledby='{anchor}-heading'>\n<h2 id='{anchor}-heading'>{heading}</h2>\n"
        f"{about}{content}\n</section>"
    )


def pair_id(teacher: int, student: int) -> str:
    """Name the lesson of a pair within the page, by the positions of both."""
    return f"lesson-{teacher}-{student}"


def embedded_json(data: Any) -> str:
    r"""Write data so that no text in it can end the script element that it stands in.

    Examples
    --------
    >>> embedded_json(["</script>", "\u2028"])
    '["\\u003c/script\\u003e","\\u2028"]'
    """
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
