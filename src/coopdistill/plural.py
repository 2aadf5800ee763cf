"""Counts with what is counted."""

from __future__ import annotations

__all__ = ["plural"]


def plural(count: int, noun: str) -> str:
    """Render a count and what is counted.

    Examples
    --------
    >>> plural(1, "row"), plural(12000, "row")
    ('1 row', '12,000 rows')
    """
    return f"{count:,} {noun}" + ("" if count == 1 or noun.endswith("s") else "s")
