"""Columns that may be what is meant to be predicted, and were passed over because not every row has them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from coopdistill.cli.proposal.file_survey import FileSurvey
from coopdistill.cli.proposal.study_plan import respelled
from coopdistill.cli.proposal.table_survey import ColumnSurvey
from coopdistill.cli.proposal.target_guess import TargetGuess, is_named_as_target, weigh
from coopdistill.plural import plural

__all__ = ["passed_over"]

_SHOWN = 3


def passed_over(files: Sequence[FileSurvey], taken: TargetGuess | None) -> tuple[str, ...]:
    """Say which columns could have been taken for the target, had all rows of all files a value there.

    Those are the columns that are named like one, and of the others those that half of the files have and that would
    have been as likely as the one that was taken.

    Parameters
    ----------
    files : sequence of FileSurvey
    taken : TargetGuess or None
        The column that was taken.

    Returns
    -------
    tuple of str
        For each, or for the likeliest where there are many, which it is, why it was not taken, and what to do.
    """
    tables = respelled(files)
    found: list[tuple[float, str]] = []
    for name in dict.fromkeys(name for table in tables for name in table.names):
        columns = [table[name] if name in table.names else None for table in tables]
        worth = _worth(name, columns, taken)
        if worth is not None:
            found.append((worth, f"{name!r} {_why(files, columns)} --target {shlex.quote(name)}"))
    found.sort(key=lambda each: -each[0])
    more = [f"{plural(len(found) - _SHOWN, 'other column')} likewise"] if len(found) > _SHOWN else []
    return (*(text for _, text in found[:_SHOWN]), *more)


def _worth(name: str, columns: Sequence[ColumnSurvey | None], taken: TargetGuess | None) -> float | None:
    """How likely a column would have been; None where that is no matter."""
    there = [column for column in columns if column is not None]
    was_weighed = len(there) == len(columns) and not any(column.n_missing for column in there)
    if was_weighed or any(column.why_identifier for column in there):
        return None
    guess = weigh(name, there)
    if guess is None or is_named_as_target(name):
        return None if guess is None else guess.worth
    if taken is None:
        return guess.worth if 2 * len(there) > len(columns) else None
    return guess.worth if 2 * len(there) >= len(columns) and guess.worth >= taken.worth else None


def _why(files: Sequence[FileSurvey], columns: Sequence[ColumnSurvey | None]) -> str:
    pairs = list(zip(files, columns, strict=True))
    absent = [f"{file.path.name!r} has no such column" for file, column in pairs if column is None]
    missing = [
        f"{file.path.name!r} has no value there in {plural(column.n_missing, 'row')} of {column.n_rows:,}"
        for file, column in pairs
        if column is not None and column.n_missing
    ]
    mending = (["add the column or leave the file out"] if absent else []) + (
        ["label or remove such rows"] if missing else []
    )
    return f"was passed over: {_listed([*absent, *missing])}; to predict it, {', '.join(mending)}, and say"


def _listed(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(texts[:_SHOWN]) + more
