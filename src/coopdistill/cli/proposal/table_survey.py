"""What can be found out about a table by looking at it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coopdistill.schema import Kind, infer_feature_space

__all__ = ["ColumnSurvey", "TableSurvey", "has_decimal_commas", "name_words", "survey_table"]

_IDENTIFIER_WORDS = frozenset({"id", "ids", "uuid", "guid", "identifier", "key", "nr", "number", "ssn", "mrn"})
_WITH_COMMA = re.compile(r"\s*[-+]?\d+(,\d+)?\s*")
_ROWS_LOOKED_AT = 1000
_FEW_ROWS = 20
"""Of fewer rows nothing is said about how their values repeat."""


@dataclass(frozen=True)
class ColumnSurvey:
    """What a column looks like.

    Parameters
    ----------
    name : str
    kind : Kind or None
        None where it holds no value.
    n_rows, n_missing, n_distinct : int
        Rows, those without a value, and different values among the others.
    examples : tuple of str
        Some of its values: all of them where they are few.
    last : bool
        Whether no column comes after it.
    whole : bool
        Whether it holds text or whole numbers only, as classes and identifiers are.
    decimal_commas : bool
        Whether it is text that reads as numbers with decimal commas.
    marks : tuple of str
        What stands in it where no value was taken, such as ``"?"`` among numbers.
    """

    name: str
    kind: Kind | None
    n_rows: int
    n_missing: int
    n_distinct: int
    examples: tuple[str, ...]
    last: bool
    whole: bool
    decimal_commas: bool
    marks: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers, be they codes or amounts."""
        return self.kind is not None and (self.kind.is_numeric or all(map(_reads_as_number, self.examples)))

    @property
    def is_constant(self) -> bool:
        """Whether all its values are the same, or it has none."""
        return self.n_distinct <= 1

    @property
    def why_identifier(self) -> str | None:
        """Why it looks like the name of a row rather than a property of it; None where it does not.

        Examples
        --------
        >>> survey_table(pd.DataFrame({"patient_id": range(100, 130)})).columns[0].why_identifier
        'its name, and no value occurs twice'
        """
        if not self.whole or self.decimal_commas or self.is_constant:
            return None
        distinct = self.n_distinct == self.n_rows - self.n_missing
        if distinct and _IDENTIFIER_WORDS & set(name_words(self.name)):
            return "its name, and no value occurs twice"
        if self.n_rows < _FEW_ROWS:
            return None
        if self.kind in (Kind.CATEGORICAL, Kind.BINARY) and self.n_distinct > (self.n_rows - self.n_missing) / 2:
            return f"text, of which {self.n_distinct:,} of {self.n_rows - self.n_missing:,} values are different"
        return None


@dataclass(frozen=True)
class TableSurvey:
    """What a table looks like.

    Parameters
    ----------
    n_rows : int
    columns : tuple of ColumnSurvey
        In order.
    """

    n_rows: int
    columns: tuple[ColumnSurvey, ...]

    def __getitem__(self, name: str) -> ColumnSurvey:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)


def survey_table(frame: pd.DataFrame) -> TableSurvey:
    """Look at a table.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        As `read_table` gives it.

    Returns
    -------
    TableSurvey

    Examples
    --------
    >>> survey = survey_table(pd.DataFrame({"age": [41, 67, None], "ill": ["no", "yes", "no"]}))
    >>> survey["age"].n_missing, str(survey["age"].kind), survey["ill"].examples
    (1, 'integer', ('no', 'yes'))
    """
    names = [str(name) for name in frame.columns]
    named = frame.set_axis(names, axis="columns")
    return TableSurvey(len(frame), tuple(_survey(named[name], last=name == names[-1]) for name in names))


def name_words(name: str) -> tuple[str, ...]:
    """Divide the name of a column into words.

    Examples
    --------
    >>> name_words("PatientID"), name_words("blood-pressure (mm Hg)")
    (('patient', 'id'), ('blood', 'pressure', 'mm', 'hg'))
    """
    divided = re.sub(r"(?<=[a-zß-ÿ0-9])(?=[A-ZÀ-Þ])", " ", name)
    return tuple(word.lower() for word in re.split(r"[\W_]+", divided) if word)


def has_decimal_commas(column: pd.Series[Any]) -> bool:
    """Tell whether a column is text that reads as numbers with decimal commas.

    Parameters
    ----------
    column : Series

    Returns
    -------
    bool

    Examples
    --------
    >>> has_decimal_commas(pd.Series(["1,5", "2"])), has_decimal_commas(pd.Series(["1", "a,b"]))
    (True, False)
    """
    if column.dtype != object and not isinstance(column.dtype, pd.StringDtype):
        return False
    texts = [str(value) for value in column.dropna().head(_ROWS_LOOKED_AT)]
    return any("," in text for text in texts) and all(_WITH_COMMA.fullmatch(text) for text in texts)


def _survey(column: pd.Series[Any], *, last: bool) -> ColumnSurvey:
    present = column.dropna()
    distinct = present.unique()
    kind = None if present.empty else infer_feature_space(column.to_frame()).features[0].kind
    is_text = present.dtype == object or isinstance(present.dtype, pd.StringDtype)
    return ColumnSurvey(
        name=str(column.name),
        kind=kind,
        n_rows=len(column),
        n_missing=len(column) - len(present),
        n_distinct=len(distinct),
        examples=_examples(distinct.tolist()),
        last=last,
        whole=kind is not Kind.CONTINUOUS,
        decimal_commas=has_decimal_commas(column),
        marks=_marks(distinct.tolist()) if is_text else (),
    )


def _marks(values: list[Any]) -> tuple[str, ...]:
    """What is no number among values that mostly are: at most two marks."""
    others = [str(value) for value in values if not _reads_as_number(str(value))]
    return tuple(sorted(others)) if 0 < len(others) <= 2 and len(values) >= 3 * len(others) + 1 else ()


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _examples(values: list[Any], *, most: int = 6) -> tuple[str, ...]:
    try:
        values = sorted(values)
    except TypeError:
        values = sorted(values, key=str)
    shown = values if len(values) <= most else [*values[: most - 1], values[-1]]
    return tuple(f"{value:g}" if isinstance(value, float) else str(value) for value in shown)
