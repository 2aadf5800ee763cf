"""Which column of several tables is most likely what is to be predicted, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coopdistill.cli.proposal.table_survey import ColumnSurvey, TableSurvey, name_words

__all__ = ["TargetGuess", "guess_target", "is_named_as_target", "looks_measured", "weigh"]

_NAMES = frozenset(
    (
        *("class", "condition", "diagnosed", "diagnosis", "disease", "event", "goal", "income", "label", "labels"),
        *("mortality", "outcome", "outcomes", "output", "prediction", "price", "quality", "readmitted", "response"),
        *("result", "species", "status", "survived", "target", "targets", "y"),
    )
)
"""Words by which people call what is to be predicted."""

_MOST_CLASSES = 20
_NAME, _WORD, _TWO, _FEW, _LAST, _FRACTION = 4.0, 3.0, 1.5, 1.0, 1.5, -1.0


@dataclass(frozen=True)
class TargetGuess:
    """A column, and what speaks for it.

    Parameters
    ----------
    name : str
    reasons : tuple of str
        Empty where nothing but being there speaks for it.
    worth : float
        The greater, the likelier.
    passed_over : tuple of str
        Which other columns were not taken though they could be meant, each with the reason and what to do.
    """

    name: str
    reasons: tuple[str, ...]
    worth: float
    passed_over: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """The reasons in words."""
        *most, last = self.reasons or ("nothing but that all files have it",)
        return f"{', '.join(most)} and {last}" if most else last


def guess_target(tables: Sequence[TableSurvey]) -> list[TargetGuess]:
    """Put the columns that all tables have in order, the likeliest target first.

    For a column speak a name by which people call what they predict, few different values, and that it is the last;
    against it, that it looks like an identifier, has missing values, or holds one value everywhere.

    Parameters
    ----------
    tables : sequence of TableSurvey
        One for each file.

    Returns
    -------
    list of TargetGuess
        Empty where no column is in all.

    Examples
    --------
    >>> import pandas as pd
    >>> from coopdistill.cli.proposal.table_survey import survey_table
    >>> north = survey_table(pd.DataFrame({"age": [41, 67, 52], "ill": ["no", "yes", "no"]}))
    >>> guess = guess_target([north, north])[0]
    >>> guess.name, guess.why
    ('ill', 'it has 2 values and it is the last column of every file')
    """
    shared = [name for name in tables[0].names if all(name in table.names for table in tables)]
    columns = {name: [table[name] for table in tables] for name in shared}
    guesses = [weigh(name, found) for name, found in columns.items() if not any(c.n_missing for c in found)]
    # Of two alike the later one: what is predicted tends to stand behind what it is predicted from.
    return sorted(reversed([guess for guess in guesses if guess is not None]), key=lambda guess: -guess.worth)


def looks_measured(columns: Sequence[ColumnSurvey]) -> bool:
    """Tell whether a target is a measurement, which regression predicts, rather than a class.

    Parameters
    ----------
    columns : sequence of ColumnSurvey
        The target in each file.

    Returns
    -------
    bool
    """
    if any(column.kind is not None and not column.kind.is_numeric for column in columns):
        return False
    return any(not column.whole for column in columns) or max(column.n_distinct for column in columns) > _MOST_CLASSES


def is_named_as_target(name: str) -> bool:
    """Tell whether a column is called by a word by which people call what is to be predicted, or by more than it.

    Examples
    --------
    >>> is_named_as_target("Outcome"), is_named_as_target("diagnosis_code"), is_named_as_target("age")
    (True, True, False)
    """
    words = name_words(name)
    return bool(words) and ("_".join(words) in _NAMES or words[-1] in _NAMES or words[0] in _NAMES)


def weigh(name: str, columns: Sequence[ColumnSurvey]) -> TargetGuess | None:
    """Weigh what speaks for a column, missing values aside.

    Parameters
    ----------
    name : str
    columns : sequence of ColumnSurvey
        The column in each file that has it.

    Returns
    -------
    TargetGuess or None
        None where each file holds one value of it, or none.
    """
    if all(column.is_constant for column in columns):
        return None
    words = name_words(name)
    found: list[tuple[float, str]] = []
    if "_".join(words) in _NAMES:
        found.append((_NAME, f"it is called {name!r}"))
    elif is_named_as_target(name):
        found.append((_WORD, f"its name speaks of it ({name!r})"))
    n_values = max(column.n_distinct for column in columns)
    if looks_measured(columns):
        found.append((_FRACTION if any(not column.whole for column in columns) else 0.0, ""))
    elif n_values <= _MOST_CLASSES:
        found.append((_TWO if n_values == 2 else _FEW, f"it has {n_values} values"))
    if all(column.last for column in columns):
        found.append((_LAST, "it is the last column of every file"))
    if any(column.why_identifier for column in columns):
        found.append((-10.0, ""))
    return TargetGuess(name, tuple(reason for _, reason in found if reason), sum(worth for worth, _ in found))
