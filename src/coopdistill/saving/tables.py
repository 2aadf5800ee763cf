"""Tables as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from coopdistill.saving.dtypes import dtype_as_json, dtype_from_json

__all__ = ["is_table", "table_as_json", "table_from_json"]


def is_table(value: Any) -> bool:
    """Tell whether a value is a DataFrame, of pandas or another library.

    Examples
    --------
    >>> is_table(pd.DataFrame()), is_table({})
    (True, False)
    """
    return isinstance(nw.from_native(value, pass_through=True), nw.DataFrame)


def table_as_json(table: Any) -> dict[str, Any]:
    """Describe a table by plain values; an index of pandas is not kept.

    Parameters
    ----------
    table : DataFrame
        Of pandas, or of a library that narwhals knows; its columns have distinct names that are strings.

    Returns
    -------
    dict

    Raises
    ------
    SavingError
        If a column has a dtype that cannot be written.

    Examples
    --------
    >>> table_as_json(pd.DataFrame({"n": [1.5]}))
    {'library': 'pandas', 'n_rows': 1, 'columns': [['n', 'float64', [1.5]]]}
    """
    if isinstance(table, pd.DataFrame):
        library, columns = "pandas", [(name, column.dtype, column) for name, column in table.items()]
    else:
        other = nw.from_native(table, eager_only=True)
        library, columns = other.implementation.value, [(c.name, c.dtype, c) for c in other.iter_columns()]
    described = [[str(name), dtype_as_json(dtype), column.to_list()] for name, dtype, column in columns]
    return {"library": library, "n_rows": len(table), "columns": described}


def table_from_json(described: Mapping[str, Any]) -> Any:
    """Make the table that `table_as_json` described.

    Parameters
    ----------
    described : mapping

    Returns
    -------
    DataFrame
        Of the same library; one of pandas with the index 0, 1, …

    Raises
    ------
    ValueError
        If it describes none.

    Examples
    --------
    >>> table = pd.DataFrame({"n": np.array([1, 2], dtype=np.int8), "of": ["a", None]})
    >>> table_from_json(table_as_json(table)).equals(table)
    True
    """
    try:
        columns = {name: (dtype_from_json(dtype), values) for name, dtype, values in described["columns"]}
        n_rows, library = int(described["n_rows"]), described["library"]
        wrong = next((name for name, (_, values) in columns.items() if len(values) != n_rows), None)
        if wrong is not None:
            raise ValueError(f"column {wrong!r} has {len(columns[wrong][1])} values for {n_rows} rows")
        if library == "pandas":
            made = {name: _column(values, dtype) for name, (dtype, values) in columns.items()}
            return pd.DataFrame(made, index=pd.RangeIndex(n_rows))
        backend: Any = nw.Implementation(library)
        other = {name: nw.new_series(name, values, dtype, backend=backend) for name, (dtype, values) in columns.items()}
        # Given the library too, narwhals would take the columns for bare values and lose what an Enum may hold.
        return (nw.from_dict(other) if other else nw.from_dict({}, backend=backend)).to_native()
    except (TypeError, KeyError, AttributeError, OverflowError) as error:
        raise ValueError(f"it holds no table ({error!r})") from error


def _column(values: list[Any], dtype: Any) -> Any:
    if dtype != np.dtype(object):
        return pd.Series(values, dtype=dtype)
    held = np.empty(len(values), dtype=object)
    held[:] = values
    return pd.Series(held, dtype=object)
