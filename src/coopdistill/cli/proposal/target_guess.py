"""Which column of several tables is most likely what is to be predicted, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coopdistill.cli.proposal.table_survey import ColumnSurvey, TableSurvey, name_words

__all__ = ["TargetGuess", "guess_target", "looks_measured"]

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
    """

    name: str
    reasons: tuple[str, ...]
    worth: float

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
    guesses = [_weighed(name, [table[name] for table in tables]) for name in shared]
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


def _weighed(name: str, columns: list[ColumnSurvey]) -> TargetGuess | None:
    if any(column.n_missing for column in columns) or all(column.is_constant for column in columns):
        return None
    words = name_words(name)
    found: list[tuple[float, str]] = []
    if "_".join(words) in _NAMES:
        found.append((_NAME, f"it is called {name!r}"))
    elif words and (words[-1] in _NAMES or words[0] in _NAMES):
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
