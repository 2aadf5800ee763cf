"""Reading tables from files, and refusing what is no table."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from coopdistill.exceptions import ReadingError, TableError, nearest_name

__all__ = ["TABLE_SUFFIXES", "checked_delimiter", "checked_encoding", "read_table", "undivided_by"]

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".data")
PARQUET_SUFFIXES = (".parquet", ".pq")
TABLE_SUFFIXES = TEXT_SUFFIXES + PARQUET_SUFFIXES
DELIMITERS = (",", ";", "\t")
LINES_LOOKED_AT = 100

_NO_DELIMITERS = ('"', "\r", "\n", "\0")


def read_table(
    path: str | Path,
    *,
    delimiter: str | None = None,
    header: bool = True,
    names: Sequence[str] | None = None,
    na_values: Sequence[str] = (),
    decimal: str = ".",
    encoding: str = "utf-8",
) -> pd.DataFrame:
    r"""Read a CSV or Parquet file whose every row has a value, or a mark for none, in each named column.

    Parameters
    ----------
    path : str or Path
        The file; its suffix says what it is (`TABLE_SUFFIXES`).
    delimiter : str, optional
        What stands between two values of a text file: one character. Default: a comma, semicolon or tab, where only
        one fits.
    header : bool, default=True
        Whether the first line of a text file holds the names.
    names : sequence of str, optional
        The names, for a text file without a header.
    na_values : sequence of str, default=()
        What stands for a missing value in a text file, besides an empty one and pandas' own marks.
    decimal : {".", ","}, default="."
        What stands before the fraction of a number in a text file.
    encoding : str, default="utf-8"
        Of a text file, as Python names it, such as ``"cp1252"``. A mark of UTF-8 at its beginning is no part of it.

    Returns
    -------
    DataFrame
        On a range index; columns are typed by their values.

    Raises
    ------
    TableError
        If the file is absent, empty, ragged, of an unknown suffix or unreadable, its names are absent or not
        distinct, or there is no such delimiter or encoding. A `ReadingError` where other arguments may read it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "north.csv"
    >>> _ = path.write_text("age;sex\n41;f\n-;m\n", encoding="utf-8")
    >>> read_table(path, na_values=["-"])["age"].tolist()
    [41.0, nan]
    """
    path = Path(path)
    try:
        _check_file(path)
        if path.suffix.lower() in PARQUET_SUFFIXES:
            return _read_parquet(path)
        _check_names(path, header=header, names=names)
        encoding = checked_encoding(encoding)
        delimiter = _sniffed_delimiter(path, encoding) if delimiter is None else checked_delimiter(delimiter)
        columns = _checked_columns(path, delimiter, encoding, names)
        return _read_text(path, delimiter, columns, encoding, header=header, na_values=na_values, decimal=decimal)
    except OSError as error:
        raise TableError(
            f"{str(path)!r} cannot be read: {error.strerror or error}; see who may read it, or copy it elsewhere"
        ) from error


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise TableError(f"{str(path)!r} is a folder, not a file; name a file in it{_nearest_in(path, path.name)}")
    if not path.is_file():
        nearest = _nearest_in(path.parent, path.name) if path.parent.is_dir() else f": no folder {str(path.parent)!r}"
        raise TableError(f"there is no file {str(path)!r}{nearest}")
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise TableError(
            f"{str(path)!r}: cannot tell from the suffix {path.suffix!r} what the file is; "
            f"rename or convert it to one of {', '.join(TABLE_SUFFIXES)}"
        )
    if path.stat().st_size == 0:
        raise TableError(f"{str(path)!r} is empty; it needs a header and at least one row")


def _nearest_in(folder: Path, name: str) -> str:
    tables = sorted(f.name for f in folder.iterdir() if f.suffix.lower() in TABLE_SUFFIXES)
    return nearest_name(name, tables[:20] if len(tables) > 20 and name not in tables else tables)


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow.parquet

    try:
        names = pyarrow.parquet.read_schema(path).names
        _check_distinct(path, names)
        frame = pd.read_parquet(path, engine="pyarrow")
    # Arrow's errors derive from ValueError, OSError, KeyError or NotImplementedError, each for another kind of damage.
    except (ValueError, OSError, LookupError, NotImplementedError) as error:
        if isinstance(error, TableError):
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TableError(
            f"{str(path)!r} cannot be read as Parquet: {reason}; replace it with a fresh copy, or convert it to CSV"
        ) from error
    if frame.empty:
        raise TableError(f"{str(path)!r} has {len(frame)} rows and {frame.shape[1]} columns; it needs one of each")
    return frame.reset_index(drop=True)


def _check_names(path: Path, *, header: bool, names: Sequence[str] | None) -> None:
    if not header and not names:
        raise ReadingError(f"{str(path)!r} is said to have no header; give the names of its columns", names=["…"])
    if header and names:
        raise ReadingError(
            f"{str(path)!r}: names are for a file without a header; leave the names out, or say that it has none",
            header=False,
        )
    if names:
        _check_distinct(path, list(names))


def checked_delimiter(delimiter: str) -> str:
    """Refuse what cannot stand between two values.

    Parameters
    ----------
    delimiter : str

    Returns
    -------
    str
        The delimiter.

    Raises
    ------
    TableError
        If it is not one character of ASCII, or one that has another meaning in a table.

    Examples
    --------
    >>> checked_delimiter(";")
    ';'
    """
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in _NO_DELIMITERS:
        raise TableError(
            f"{delimiter!r} is no delimiter; it must be one character, such as a comma, a semicolon or a tab: one of "
            "ASCII, no quotation mark and no end of a line"
        )
    return delimiter


def checked_encoding(encoding: str) -> str:
    """Refuse what is no encoding of text, as Python names them.

    Parameters
    ----------
    encoding : str

    Returns
    -------
    str
        One name for all that mean the same; of UTF-8 that of the one which heeds a mark at the beginning.

    Raises
    ------
    TableError

    Examples
    --------
    >>> checked_encoding("latin1"), checked_encoding("UTF8")
    ('iso8859-1', 'utf-8-sig')
    """
    try:
        name = codecs.lookup(encoding).name
        "a".encode(encoding)  # which codecs that are no text encodings, such as base64, refuse
    except (LookupError, ValueError):
        raise TableError(f"unknown encoding {encoding!r}; such are 'utf-8', 'utf-16', 'cp1252', 'latin-1'") from None
    return "utf-8-sig" if name == "utf-8" else name


def undivided_by(names: Sequence[str]) -> str | None:
    """Return what seems to divide a header that came out as a single name; None where nothing does.

    Parameters
    ----------
    names : sequence of str
        Of all columns of a table.

    Returns
    -------
    str or None

    Examples
    --------
    >>> undivided_by(["age;dose"]), undivided_by(["age", "dose;unit"])
    (';', None)
    """
    return next((d for d in (*DELIMITERS, "|") if d in names[0]), None) if len(names) == 1 else None


def _records(path: Path, delimiter: str, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record that is no blank line, with the line it ends on."""
    with path.open(newline="", encoding=encoding) as file:
        reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
        try:
            for record in reader:
                if any(record) or len(record) > 1:
                    yield reader.line_num, record
        except csv.Error as error:
            raise TableError(
                f"{str(path)!r}, line {reader.line_num}: {error}; look for a lost quotation mark, "
                "or a file that is no text"
            ) from error
        except UnicodeError as error:
            said = encoding.removesuffix("-sig").upper()
            line = _first_line_of_other_text(path) if encoding == "utf-8-sig" else None
            raise ReadingError(
                f"{str(path)!r}{'' if line is None else f', line {line}'}: not text in {said}; save it as UTF-8, or "
                "say in which encoding it is",
                encoding="cp1252",
            ) from error


def _first_line_of_other_text(path: Path) -> int | None:
    """Which line is not in UTF-8; who reads the file in pieces learns that it is none long before its line."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return None


def _sniffed_delimiter(path: Path, encoding: str) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    widths = {
        d: [len(record) for _, record in islice(_records(path, d, encoding), LINES_LOOKED_AT)] for d in DELIMITERS
    }
    dividing = [d for d, counts in widths.items() if counts and counts[0] > 1]
    even = [d for d in dividing if len(set(widths[d])) == 1]
    fitting = even if len(dividing) > 1 and even else dividing
    if len(fitting) > 1:
        raise ReadingError(
            f"{str(path)!r} could be divided by any of {', '.join(map(repr, fitting))}; say which",
            delimiter=fitting[0],
        )
    return fitting[0] if fitting else ","


def _checked_columns(path: Path, delimiter: str, encoding: str, names: Sequence[str] | None) -> list[str]:
    records = _records(path, delimiter, encoding)
    if names is None:
        line, first = next(records, (1, []))
        if not first:
            raise TableError(f"{str(path)!r} holds blank lines only; it needs a header and at least one row")
        columns = [name.strip() for name in first]
        _check_header(path, line, columns)
    else:
        columns = list(names)
    n_rows = 0
    for line, record in records:
        n_rows += 1
        if len(record) != len(columns):
            raise TableError(
                f"{str(path)!r}, line {line}: {_counted(len(record), 'value')} for {_counted(len(columns), 'column')}; "
                f"mend that line, or name the delimiter (taken: {delimiter!r})"
            )
    if n_rows == 0:
        raise TableError(f"{str(path)!r} has a header and no row below it; it needs at least one")
    return columns


def _check_header(path: Path, line: int, columns: list[str]) -> None:
    if "" in columns:
        place = columns.index("") + 1
        raise TableError(
            f"{str(path)!r}, line {line}: column {place} has no name; name it "
            "(pandas writes such a column for the index; index=False leaves it out)"
        )
    if all(_is_number(name) for name in columns):
        raise ReadingError(
            f"{str(path)!r}, line {line}: only numbers where the names of the columns should be; add a header, or say "
            "that it has none and give the names",
            header=False,
            names=["…"],
        )
    _check_distinct(path, columns)


def _check_distinct(path: Path, names: list[str]) -> None:
    doubled = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if doubled is not None:
        raise TableError(f"{str(path)!r} has two columns named {doubled!r}; rename one")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _read_text(
    path: Path,
    delimiter: str,
    columns: list[str],
    encoding: str,
    *,
    header: bool,
    na_values: Sequence[str],
    decimal: str,
) -> pd.DataFrame:
    options: dict[str, Any] = {
        "sep": delimiter,
        "names": columns,
        "header": 0 if header else None,
        "index_col": False,
        "na_values": list(na_values),
        "skipinitialspace": True,
        "low_memory": False,
        "encoding": encoding,
        "decimal": decimal,
    }
    try:
        frame: pd.DataFrame = pd.read_csv(path, **options)
    except ValueError as error:  # pandas' parser errors derive from it
        raise TableError(f"{str(path)!r} cannot be read as CSV: {error}") from error
    return frame
