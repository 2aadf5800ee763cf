"""What is wrong in a study, each mistake with its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from coopdistill.cli.studies.toml_lines import Location, TomlLines
from coopdistill.exceptions import nearest_name

__all__ = ["place_of", "readable_mistakes"]

_NO_PARTICIPANTS = "cooperation takes two or more participants; begin each with a line [[participants]]"


def readable_mistakes(path: str, text: str, raw: Mapping[str, Any], error: ValidationError) -> str:
    """Say all that is wrong in a study.

    Parameters
    ----------
    path : str
        Of its file.
    text : str
        Its text.
    raw : mapping
        The tables in it.
    error : ValidationError
        What the validation found.

    Returns
    -------
    str
        One line, or one for each of several mistakes.
    """
    lines = TomlLines(text)
    mistakes = list(dict.fromkeys(_mistake(details, raw, lines) for details in _one_aplace_of(error.errors(), raw)))
    if len(mistakes) == 1:
        return f"{path!r}, {mistakes[0]}"
    return "\n  ".join([f"{path!r} has {len(mistakes)} mistakes:", *mistakes])


def _one_aplace_of(errors: list[ErrorDetails], raw: Mapping[str, Any]) -> list[ErrorDetails]:
    """Keep one error of each value that fits no member of a union."""
    first: dict[Location, ErrorDetails] = {}
    for details in errors:
        first.setdefault(_within(details["loc"], raw), details)
    return list(first.values())


def _mistake(details: ErrorDetails, raw: Mapping[str, Any], lines: TomlLines) -> str:
    location = _within(details["loc"], raw)
    kind, context = details["type"], details.get("ctx", {})
    if kind == "unknown_key":
        return f"{place_of((*location, context['key']), raw, lines)}: {context['message']}"
    if kind == "placed":
        return f"{place_of(context['location'], raw, lines)}: {context['message']}"
    if location in ((), ("participants",)) and details["loc"] == ("participants",):
        return f"{place_of(('participants',), raw, lines)}: {_NO_PARTICIPANTS}"
    if kind == "model_type":
        return (
            f"{place_of(location, raw, lines)} = {_shown(details['input'])}: it should be a table, with keys of its own"
        )
    if kind == "missing":
        key = str(details["loc"][-1])
        return f"{place_of((*location, key), raw, lines)}: {key} is missing; add it"
    if kind == "value_error":
        return f"{place_of(location, raw, lines, with_key=True)}: {context['error']}"
    message = details["msg"].replace("Input should be", "it should be")
    near = nearest_name(details["input"], _literals(context)) if kind == "literal_error" else ""
    near = near if near.startswith("; did") else ""
    return f"{place_of(location, raw, lines, with_key=True)} = {_shown(details['input'])}: {message}{near}"


def _literals(context: Mapping[str, Any]) -> list[str]:
    return [word.strip("'") for word in str(context.get("expected", "")).replace(" or ", ", ").split(", ")]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _within(location: tuple[str | int, ...], raw: Any) -> Location:
    """Keep of a location what the file holds, without the names that the validation puts in."""
    kept: list[str | int] = []
    here = raw
    for step in location:
        there = _inside(here, step)
        if there is not None:
            kept.append(step)
            here = there
    return tuple(kept)


def _inside(here: Any, step: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(step)
    return here[step] if isinstance(here, list) and isinstance(step, int) and step < len(here) else None


def place_of(location: Location, raw: Mapping[str, Any], lines: TomlLines, *, with_key: bool = False) -> str:
    r"""Say where something stands: the line, and the table.

    Parameters
    ----------
    location : tuple of str and int
        Keys, and positions within arrays of tables.
    raw : mapping
        The tables.
    lines : TomlLines
    with_key : bool, default=False
        Whether to name the key, too.

    Returns
    -------
    str

    Examples
    --------
    >>> text = "[study]\nalpha = 2"
    >>> place_of(("study", "alpha"), {"study": {"alpha": 2}}, TomlLines(text), with_key=True)
    'line 2, [study] alpha'
    """
    line = lines.line_of(location)
    where = [] if line is None else [f"line {line}"]
    table, key = _table_and_key(location, raw)
    name = f"{table} {key}" if with_key and key else table
    return ", ".join([*where, *([name] if name else [])]) or "at the top"


def _table_and_key(location: Location, raw: Mapping[str, Any]) -> tuple[str, str]:
    if not location:
        return "", ""
    if location[0] == "participants" and len(location) > 1:
        given = raw["participants"][location[1]]
        name = given.get("name") if isinstance(given, dict) else None
        rest = [str(step) for step in location[2:]]
        return f"[[participants]] {name if name is not None else location[1]!r}", ".".join(rest)
    depth = 2 if location[0] == "features" and len(location) > 1 else 1
    return f"[{'.'.join(map(str, location[:depth]))}]", ".".join(map(str, location[depth:]))
