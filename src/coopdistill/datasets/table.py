"""What a loader returns: rows with their labels, alone or of several participants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coopdistill.exceptions import DatasetError

__all__ = ["Cohorts", "LabelledTable"]


@dataclass(frozen=True, eq=False, repr=False)
class LabelledTable:
    """Rows and the label of each; unpacks as ``X, y = table``.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_rows, n_features)
        The rows. The label is not among the columns.
    y : pandas.Series of shape (n_rows,)
        One label a row, on the same index as `X`, without missing values.

    Raises
    ------
    DatasetError
        If `X` and `y` do not share their index, a label is missing, or a column name occurs twice.

    Examples
    --------
    >>> import pandas as pd
    >>> table = LabelledTable(pd.DataFrame({"age": [63.0, 41.0]}), pd.Series([1, 0], name="disease"))
    >>> table
    LabelledTable(2 rows, 1 column, y='disease')
    >>> X, y = table
    >>> y.tolist()
    [1, 0]
    """

    X: pd.DataFrame
    y: pd.Series

    def __post_init__(self) -> None:
        if not self.X.index.equals(self.y.index):
            raise DatasetError(
                f"X with {len(self.X)} rows and y with {len(self.y)} labels do not share one index; "
                "give y the index of X"
            )
        if not self.X.columns.is_unique:
            twice = list(self.X.columns[self.X.columns.duplicated()])
            raise DatasetError(f"the column names of X occur more than once: {twice!r}; rename them")
        if self.y.isna().any():
            raise DatasetError(f"{int(self.y.isna().sum())} labels are missing; drop those rows")

    def __iter__(self) -> Iterator[Any]:
        # Any: an iterator cannot say that its first item is a frame and its second a series.
        yield self.X
        yield self.y

    def __repr__(self) -> str:
        n_rows, n_columns = self.X.shape
        columns = "column" if n_columns == 1 else "columns"
        return f"{type(self).__name__}({n_rows} rows, {n_columns} {columns}, y={self.y.name!r})"


@dataclass(frozen=True, eq=False)
class Cohorts:
    """The rows of several participants, and test rows that none of them has.

    Parameters
    ----------
    train : dict of str to LabelledTable
        The rows of each participant, by its name. No two share a row.
    test : LabelledTable
        Rows held out before the participants got theirs, with all columns.

    Examples
    --------
    >>> from coopdistill.datasets import make_random_subsets
    >>> cohorts = make_random_subsets("iris", n_participants=2, random_state=0)
    >>> cohorts.train["participant_1"]
    LabelledTable(57 rows, 4 columns, y='species')
    >>> cohorts.test
    LabelledTable(36 rows, 4 columns, y='species')
    """

    train: dict[str, LabelledTable]
    test: LabelledTable
