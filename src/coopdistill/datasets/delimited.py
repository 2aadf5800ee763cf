"""Reading a headerless delimited text file of which the number of fields and of rows is known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from coopdistill.exceptions import DatasetError

__all__ = ["read_delimited"]


def read_delimited(path: Path, columns: tuple[str, ...], *, separator: str, n_rows: int) -> pd.DataFrame:
    """Read the fields of a file as text, and make sure that none is lacking.

    Parameters
    ----------
    path : pathlib.Path
        The file, in UTF-8, without a header. Empty lines are skipped.
    columns : tuple of str
        The name of each field.
    separator : str
        What stands between two fields.
    n_rows : int
        How many rows the complete file has.

    Returns
    -------
    pandas.DataFrame of shape (n_rows, len(columns))
        The fields, each a `str` without surrounding blanks (dtype object), on a range index.

    Raises
    ------
    DatasetError
        If the file cannot be read as text, a line has too few or too many fields, or the number of rows is
        another.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{str(path)!r} cannot be read as text: {error}; replace it with a fresh copy") from error
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.strip().split(separator)]
        if len(fields) != len(columns):
            raise DatasetError(
                f"{str(path)!r}, line {number}: {len(fields)} fields instead of {len(columns)}; "
                "the file is damaged, replace it with a fresh copy"
            )
        rows.append(fields)
    if len(rows) != n_rows:
        raise DatasetError(
            f"{str(path)!r} has {len(rows)} rows instead of {n_rows}; "
            "the file is incomplete or another one, replace it with a fresh copy"
        )
    return pd.DataFrame(rows, columns=list(columns), dtype=object)
