"""What can be found out about a data file: how it is read, and what its columns look like."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coopdistill.cli.proposal.table_survey import TableSurvey, name_words, survey_table
from coopdistill.schema import read_table
from coopdistill.schema.reading import PARQUET_SUFFIXES

__all__ = ["FileSurvey", "survey_file"]

_PIECE = 2**20
_WORDS_OF_TESTS = frozenset({"test", "tests", "testing", "holdout", "heldout", "eval", "evaluation", "unseen"})


@dataclass(frozen=True, eq=False)
class FileSurvey:
    """What a data file looks like.

    Parameters
    ----------
    path : Path
    options : mapping of str to object
        Those of ``[files]`` that it is read with: decimal, delimiter, encoding, na_values, where they are not the
        usual ones.
    table : TableSurvey
    """

    path: Path
    options: Mapping[str, Any]
    table: TableSurvey

    @property
    def stem(self) -> str:
        """The file's name without what follows its last point."""
        return self.path.stem

    @property
    def is_test(self) -> bool:
        """Whether its name says that it is for testing.

        Examples
        --------
        >>> FileSurvey(Path("data/all-test.csv"), {}, TableSurvey(0, ())).is_test
        True
        """
        return bool(_WORDS_OF_TESTS & set(name_words(self.stem)))


def survey_file(path: Path, *, delimiter: str | None = None, encoding: str | None = None) -> FileSurvey:
    r"""Find out how a file is read, and look at what it holds.

    Decimal commas, marks for missing values and another encoding than UTF-8 are recognised.

    Parameters
    ----------
    path : Path
        A CSV or Parquet file.
    delimiter, encoding : str, optional
        Where they are known. Default: found out.

    Returns
    -------
    FileSurvey

    Raises
    ------
    TableError
        If it cannot be read as a table.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "nord.csv"
    >>> _ = path.write_text("Größe;Ort\n1,75;Köln\n1,6;Ulm\n", encoding="cp1252")
    >>> survey_file(path).options
    {'encoding': 'cp1252', 'decimal': ','}
    """
    options: dict[str, Any] = {} if delimiter is None else {"delimiter": delimiter}
    if path.suffix.lower() in PARQUET_SUFFIXES:
        return FileSurvey(path, {}, survey_table(read_table(path)))
    encoding = encoding or _encoding_of(path)
    if encoding != "utf-8":
        options["encoding"] = encoding
    table = survey_table(read_table(path, **options))
    found = _found_in(table)
    if found:
        options.update(found)
        table = survey_table(read_table(path, **options))
    return FileSurvey(path, options, table)


def _found_in(table: TableSurvey) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if any(column.decimal_commas for column in table.columns):
        found["decimal"] = ","
    marks = sorted({mark for column in table.columns for mark in column.marks if not column.decimal_commas})
    return {**found, "na_values": marks} if marks else found


def _encoding_of(path: Path) -> str:
    """UTF-8 where all of it is, else by its first bytes UTF-16, else what Windows writes in Western Europe."""
    try:
        with path.open("rb") as file:
            first = file.read(_PIECE)
            if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            decoder = codecs.getincrementaldecoder("utf-8")()
            piece = first
            while piece:
                if b"\0" in piece:
                    return "utf-8"  # no text at all, which reading it will say
                decoder.decode(piece)
                piece = file.read(_PIECE)
    except UnicodeDecodeError:
        return "cp1252"
    except OSError:
        pass  # which reading it will say, too
    return "utf-8"
