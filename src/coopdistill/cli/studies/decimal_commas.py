"""Text that reads as numbers with decimal commas, where other files have numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from coopdistill.cli.proposal.table_survey import has_decimal_commas
from coopdistill.cli.proposal.toml_value import toml_items
from coopdistill.schema import FeatureSpace

__all__ = ["NamedTable", "comma_clash", "comma_hint"]

_SAY = f"say {toml_items({'decimal': ','})}"


@dataclass(frozen=True)
class NamedTable:
    """Rows, or a feature space without rows, and what a message calls them.

    Parameters
    ----------
    name : str
        As a message has it.
    X : DataFrame or None
    space : FeatureSpace or None
        What the columns mean, if that is known.
    as_said : collection of str
        Columns that were said to hold categories.
    """

    name: str
    X: pd.DataFrame | None
    space: FeatureSpace | None = None
    as_said: Collection[str] = ()

    def _called(self, column: str) -> Iterable[str]:
        return self.space[column].names if self.space is not None and column in self.space.names else {column}

    def _numeric(self) -> list[str]:
        if self.X is not None:
            numeric = [name for name in self.X.columns if pd.api.types.is_numeric_dtype(self.X[name])]
            return [name for name in numeric if name not in self.as_said]
        return [] if self.space is None else [feature.name for feature in self.space if feature.kind.is_numeric]

    @property
    def numbers(self) -> dict[str, str]:
        """The table's name for all that its columns of numbers are called."""
        return {called: self.name for column in self._numeric() for called in self._called(column)}

    def clash(self, numbers: Mapping[str, str]) -> str | None:
        """Say which column holds text that other tables' numbers, by their name, cannot meet."""
        X = pd.DataFrame() if self.X is None else self.X
        for column in X.columns:
            other = next((numbers[called] for called in self._called(column) if called in numbers), None)
            if other is not None and column not in self.as_said and has_decimal_commas(X[column]):
                example = next(str(value) for value in X[column].dropna() if "," in str(value))
                return (
                    f"{self.name}: column {column!r} is text that reads as numbers with decimal commas "
                    f"({example!r}), and {other} has numbers there; {_SAY}, or "
                    f"{toml_items({'kind': 'categorical'})} of that feature if it is no number"
                )
        return None


def comma_clash(tables: Sequence[NamedTable]) -> tuple[int, str] | None:
    """Find a table that was read without its decimal commas, so that its text meets numbers.

    Parameters
    ----------
    tables : sequence of NamedTable

    Returns
    -------
    tuple of int and str, or None
        Its position, and what is wrong.

    Examples
    --------
    >>> north, south = pd.DataFrame({"dose": ["1,5", "2"]}), pd.DataFrame({"dose": [1.5, 2.0]})
    >>> comma_clash([NamedTable("south", south), NamedTable("north", north)])[0]
    1
    """
    numbers: dict[str, str] = {}
    for table in tables:
        numbers = {**table.numbers, **numbers}
    clashes = ((i, table.clash(numbers)) for i, table in enumerate(tables))
    return next(((i, clash) for i, clash in clashes if clash is not None), None)


def comma_hint(X: pd.DataFrame, message: str) -> str:
    """Return what may be added to a message about a column that reads as numbers with decimal commas.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    message : str
        Of an error.

    Returns
    -------
    str
        Empty where it names no such column.
    """
    named = any(repr(name) in message and has_decimal_commas(X[name]) for name in X.columns)
    return f"; it reads as numbers with decimal commas: {_SAY}" if named else ""
