"""What can be found out about a data file: how it is read, and what its columns look like."""

from __future__ import annotations

import codecs
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coopdistill.cli.proposal.table_survey import TableSurvey, name_words, survey_table
from coopdistill.cli.proposal.toml_value import toml_items
from coopdistill.exceptions import ReadingError, TableError
from coopdistill.schema import as_frame, read_table
from coopdistill.schema.reading import PARQUET_SUFFIXES, undivided_by

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
        If it cannot be read as a table, or none is found that could take part: its values are not divided, or a
        number is infinite.

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
        return FileSurvey(path, {}, _surveyed(path, {}))
    encoding = encoding or _encoding_of(path)
    if encoding != "utf-8":
        options["encoding"] = encoding
    table = _surveyed(path, options)
    _refuse_undivided(path, table, delimiter)
    found = _found_in(table)
    if found:
        options.update(found)
        table = _surveyed(path, options)
    return FileSurvey(path, options, table)


def _surveyed(path: Path, options: Mapping[str, Any]) -> TableSurvey:
    try:
        frame = read_table(path, **options)
    except ReadingError as error:
        raise TableError(f"{error.wrong}: {_as_options(error.arguments)}") from error
    return survey_table(as_frame(frame, what=repr(str(path))))


def _as_options(arguments: Mapping[str, Any]) -> str:
    """Say as options of `coopdistill init` what `read_table` would take, where there are such options."""
    if set(arguments) <= {"delimiter", "encoding"}:
        return " ".join(f"--{key} {shlex.quote(_typed(value))}" for key, value in arguments.items())
    return (
        f"init has no option for that, so write the study by hand, with {toml_items(arguments)} "
        "(the documentation's page 'Study files' has all that it may say)"
    )


def _refuse_undivided(path: Path, table: TableSurvey, delimiter: str | None) -> None:
    """Refuse a file that came out as one column because something else divides it."""
    found = undivided_by(table.names)
    if found is None:
        return
    finding = ""
    if delimiter is not None:
        finding = "leave --delimiter out, so that it is found out, or "
    elif path.suffix.lower() == ".tsv":
        finding = "rename the file to .csv, so that it is found out, or "
    raise TableError(
        f"{str(path)!r} came out as one column, {table.names[0]!r}; what divides it seems to be {found!r}: {finding}"
        f"say --delimiter {shlex.quote(_typed(found))}"
    )


def _typed(delimiter: str) -> str:
    return r"\t" if delimiter == "\t" else delimiter


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
