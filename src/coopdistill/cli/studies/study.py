"""A study as it was read: who takes part, on which rows, with which learner, and how."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from coopdistill.cli.studies.study_format import StudyFile
from coopdistill.cli.studies.study_mistakes import place_of, readable_mistakes
from coopdistill.cli.studies.toml_lines import Location, TomlLines
from coopdistill.exceptions import InputError, OutputError, StudyError, nearest_name

__all__ = ["Study", "looks_like_a_study", "parse_study", "read_study"]

_PARTICIPANTS = re.compile(r"\s*\[\[\s*participants\s*\]\]")
_STUDY = re.compile(r"\s*\[\s*study\s*\]")


@dataclass(frozen=True)
class Study:
    """A study as it was read, and where each of its keys stands.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        Its text.
    content : StudyFile
        What it says.
    """

    path: Path
    text: str
    content: StudyFile

    @property
    def name(self) -> str:
        """The name that it gives itself, else that of the file."""
        return self.content.study.name or self.path.stem

    def error(self, location: Location, message: str) -> StudyError:
        """Make the error for what stands at a location.

        Parameters
        ----------
        location : tuple of str and int
            Keys, and positions within arrays of tables.
        message : str
            What is wrong, and what to do.

        Returns
        -------
        StudyError
        """
        return StudyError(
            f"{str(self.path)!r}, {place_of(location, self.content.model_dump(), TomlLines(self.text))}: {message}"
        )

    def placed(self, error: InputError) -> InputError:
        """Say where in the study it is that something in its files cannot be used.

        Parameters
        ----------
        error : InputError
            It names a participant, unless it concerns all.

        Returns
        -------
        InputError
            A `StudyError` with the line, unless the error has its own place already.
        """
        if isinstance(error, StudyError | OutputError):
            return error
        named = [(str(error).find(repr(p.name)), i) for i, p in enumerate(self.content.participants)]
        found = [i for place, i in sorted(named) if place >= 0]
        return self.error(("participants", found[0]) if found else ("participants",), str(error))


def read_study(path: str | Path) -> Study:
    r"""Read a study file and refuse what no study can say.

    Parameters
    ----------
    path : str or Path
        A TOML file.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If the file is absent or no TOML, a key is unknown or absent, or a value is wrong: all such mistakes at
        once, each with its line.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "north.toml"
    >>> _ = path.write_text("[study]\nalhpa = 1", encoding="utf-8")
    >>> read_study(path)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    coopdistill.exceptions.StudyError: 'north.toml', line 2, [study]: unknown key 'alhpa'; did you mean 'alpha'?
    """
    path = Path(path)
    return parse_study(path, _read_text(path))


def parse_study(path: Path, text: str) -> Study:
    r"""Read the text of a study.

    Parameters
    ----------
    path : Path
        The file that it is from, or for.
    text : str
        TOML.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        As of `read_study`.

    Examples
    --------
    >>> parse_study(Path("north.toml"), "[study\n")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    coopdistill.exceptions.StudyError: 'north.toml', line 1, column 7: not valid TOML: Expected ']' …
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(_syntax_error(path, text, str(error))) from None
    try:
        content = StudyFile.model_validate(raw)
    except ValidationError as error:
        raise StudyError(readable_mistakes(str(path), text, raw, error)) from None
    return Study(path, text, content)


def _syntax_error(path: Path, text: str, message: str) -> str:
    """Put the place, which the parser says last, first."""
    place = re.search(r" \(at (line \d+, column \d+|end of document)\)$", message)
    where, what = (place[1], message[: place.start()]) if place else ("at the top", message)
    if where == "end of document":
        where = f"line {len(text.splitlines())}"
    return f"{str(path)!r}, {where}: not valid TOML: {what}; mend it there (https://toml.io says how)"


def _read_text(path: Path) -> str:
    if path.is_dir():
        raise StudyError(f"{str(path)!r} is a folder; name the study file in it{_nearest_study(path, path.name)}")
    if not path.is_file():
        near = _nearest_study(path.parent, path.name) if path.parent.is_dir() else f": no folder {str(path.parent)!r}"
        raise StudyError(f"there is no study {str(path)!r}{near}")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise StudyError(f"{str(path)!r}, line {line}: not text in UTF-8; save the study as UTF-8") from error
    except OSError as error:
        raise StudyError(f"{str(path)!r} cannot be read: {error.strerror or error}; see who may read it") from error


def _nearest_study(folder: Path, name: str) -> str:
    """Say which study of a folder may be meant, as the tail of an error message."""
    studies = sorted(path.name for path in folder.glob("*.toml") if _has_a_line(path, _PARTICIPANTS))
    if not studies:
        return "; `coopdistill init` writes one for your own files, and `coopdistill demo` needs none"
    near = nearest_name(name, studies)
    return near if "did you mean" in near else f"; there is {', '.join(map(repr, studies))}"


def looks_like_a_study(path: Path) -> bool:
    """Tell whether a file says how a cooperation goes or who takes part.

    One that is called ``.toml`` may do so in TOML that is broken, as a study is that was not finished.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bool
    """
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except (OSError, ValueError):  # ValueError: no TOML, or no text
        return path.suffix.lower() == ".toml" and _has_a_line(path, _STUDY, _PARTICIPANTS)
    return isinstance(raw.get("study"), dict) or isinstance(raw.get("participants"), list)


def _has_a_line(path: Path, *beginnings: re.Pattern[str]) -> bool:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return any(beginning.match(line) for line in file for beginning in beginnings)
    except OSError:
        return False
