"""The lines of a TOML text on which its keys stand, which its parser does not tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

__all__ = ["Location", "TomlLines"]

Location: TypeAlias = tuple[str | int, ...]

_PART = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_DOTTED})\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(rf"^\s*({_DOTTED})\s*=")


class TomlLines:
    r"""Finds the line of a key by reading headers and keys at the start of lines.

    What it does not see (keys within inline tables) is found by the line of what encloses it.

    Parameters
    ----------
    text : str
        TOML that its parser accepts.

    Examples
    --------
    >>> lines = TomlLines("[study]\nalpha = 0.5\n\n[[participants]]\nname = 'north'\n")
    >>> lines.line_of(("study", "alpha"))
    2
    >>> lines.line_of(("participants", 0, "learner"))
    4
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Location, int] = {}
        counts: dict[Location, int] = {}
        table: Location = ()
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                path = _in_arrays(_parts(header[2]), counts)
                if header[1] == "[[":
                    counts[path] = counts.get(path, -1) + 1
                    path = (*path, counts[path])
                table = path
                for end in range(1, len(table) + 1):
                    # A table that has only tables in it has the line of the first; an array, none of its own.
                    if table[:end] not in counts:
                        self._lines.setdefault(table[:end], number)
            elif key := _KEY.match(line):
                parts = _parts(key[1])
                for end in range(1, len(parts) + 1):
                    self._lines.setdefault((*table, *parts[:end]), number)

    def line_of(self, location: Sequence[str | int]) -> int | None:
        """Return the line of a key, or of the nearest thing that encloses it, or None.

        Parameters
        ----------
        location : sequence of str and int
            Keys, and positions within arrays of tables.

        Returns
        -------
        int or None
        """
        for end in range(len(location), 0, -1):
            line = self._lines.get(tuple(location[:end]))
            if line is not None:
                return line
        return None


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_PART, dotted)]


def _in_arrays(parts: list[str], counts: dict[Location, int]) -> Location:
    """Put the position in for each array of tables that the path passes through."""
    path: Location = ()
    for i, part in enumerate(parts):
        path = (*path, part)
        if path in counts and i < len(parts) - 1:
            path = (*path, counts[path])
    return path
