"""A summary as JSON, and back."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from coopdistill.exceptions import OutputError
from coopdistill.report.run_folder import SUMMARY, read_run
from coopdistill.report.summary import Summary, summarise

__all__ = ["read_summary", "summary_from_json", "summary_to_json"]

FORMAT = 1
"""Grows when the meaning of a key changes."""


@cache
def _adapter() -> TypeAdapter[Summary]:
    return TypeAdapter(Summary)


def summary_to_json(summary: Summary) -> str:
    """Write a summary as JSON.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
        One object, without NaN; ``format`` says which version of its keys.

    Examples
    --------
    >>> summary = summarise({"name": "two", "participants": {"a": {"before": 0.5, "after": 0.75}}})
    >>> summary_from_json(summary_to_json(summary)) == summary
    True
    """
    return json.dumps({"format": FORMAT, **summary.as_dict()}, ensure_ascii=False, allow_nan=False)


def summary_from_json(text: str) -> Summary:
    """Read what `summary_to_json` wrote.

    Parameters
    ----------
    text : str

    Returns
    -------
    Summary

    Raises
    ------
    OutputError
        If it is no summary, or of another format.
    """
    try:
        content: Any = json.loads(text)
    except ValueError as error:
        raise OutputError(f"this is not the summary of a run ({error}); run again") from error
    found = content.pop("format", None) if isinstance(content, dict) else None
    if found != FORMAT:
        other = "" if found is None else f", but of format {found!r}"
        raise OutputError(f"this is no summary of format {FORMAT}{other}; run again, or use the version that wrote it")
    try:
        return _adapter().validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise OutputError(f"this is not the summary of a run ({where}: {first['msg']}); run again") from error


def read_summary(folder: str | Path) -> Summary:
    """Read the summary of a finished run.

    Parameters
    ----------
    folder : str or Path
        The run's.

    Returns
    -------
    Summary
        Where the folder holds none, what the result of the run gives: counts and scores.

    Raises
    ------
    OutputError
        If the folder holds no finished run, or a damaged one.
    """
    result = read_run(folder)
    path = Path(folder) / SUMMARY
    if not path.is_file():
        return summarise(result)
    try:
        return summary_from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(f"{str(path)!r} is damaged: {error}; run again with --force") from error
    except OutputError as error:
        raise OutputError(f"{str(path)!r}: {error}") from error
