"""The errors and warnings of coopdistill, one tree.

.. code-block:: text

    CoopdistillError
    ├── InputError (also a ValueError)      what the caller handed in cannot be used; nothing was done
    │   ├── OptionError                     a parameter outside what it allows
    │   ├── TableError                      rows that cannot be read or do not fit their feature space
    │   │   ├── ReadingError                a file that other arguments of `read_table` may read
    │   │   └── AlignmentError              two feature spaces that cannot be expressed in one another
    │   │       └── NoSharedFeatureError    because they have no feature in common
    │   ├── LabelError                      labels that are missing, of one class only, or of the wrong length
    │   ├── ParticipantError                participants that cannot cooperate: too few, or two of one name
    │   ├── LearnerError                    a model that no adapter takes, or that contradicts its rows
    │   ├── DisplayError                    a picture that cannot be drawn: what it shows is absent, or what draws it
    │   ├── DatasetError                    a data set that is unknown, absent or damaged
    │   ├── StudyError                      a study file with an unknown key, a missing file, a wrong value
    │   ├── InapplicableError               a baseline that cannot be had from these participants; it says why
    │   ├── OutputError                     a folder that cannot be written, or already holds a run
    │   └── SavingError                     what cannot be saved without code, or a saved file that is not to be trusted
    └── RunError (also a RuntimeError)      the input was fine and the work failed all the same
        └── LearnerFailure                  a participant's model raised while it was fitted or asked

    CoopdistillWarning (a UserWarning)      the work goes on, but not quite as asked
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from difflib import get_close_matches
from textwrap import shorten
from types import FrameType

__all__ = [
    "AlignmentError",
    "CoopdistillError",
    "CoopdistillWarning",
    "DatasetError",
    "DisplayError",
    "InapplicableError",
    "InputError",
    "LabelError",
    "LearnerError",
    "LearnerFailure",
    "NoSharedFeatureError",
    "OptionError",
    "OutputError",
    "ParticipantError",
    "ReadingError",
    "RunError",
    "SavingError",
    "StudyError",
    "TableError",
    "line_outside",
    "nearest_name",
    "shown",
    "warn",
]


_MOST_SHOWN = 80

_FILES_ALIKE = 0.75
"""How alike names of files must be: they are short, and many in a folder."""


class CoopdistillError(Exception):
    """Root of every error that coopdistill raises on purpose."""


class InputError(CoopdistillError, ValueError):
    """What the caller handed in cannot be used; nothing was done with it."""


class OptionError(InputError):
    """A parameter has a value outside of what it allows."""


class TableError(InputError):
    """Rows cannot be read, or do not fit their feature space."""


class ReadingError(TableError):
    """A file cannot be read as it was asked for, and other arguments of `read_table` may read it.

    A command line, or a study, says them in a way of its own.

    Parameters
    ----------
    wrong : str
        What is wrong, and what to do.
    **arguments : object
        What says it to `read_table`, such as ``encoding="cp1252"``.

    Examples
    --------
    >>> print(ReadingError("it is not text in UTF-8; say in which encoding it is", encoding="cp1252"))
    it is not text in UTF-8; say in which encoding it is: encoding='cp1252'
    """

    def __init__(self, wrong: str, **arguments: object) -> None:
        shown = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        super().__init__(f"{wrong}: {shown}" if shown else wrong)
        self.wrong = wrong
        self.arguments = arguments


class AlignmentError(TableError):
    """Rows of one feature space cannot be expressed in another."""


class NoSharedFeatureError(AlignmentError):
    """Two feature spaces have no feature in common."""


class LabelError(InputError):
    """Labels are missing, of one class only, or not one for each row."""


class ParticipantError(InputError):
    """The participants cannot cooperate as they were given."""


class LearnerError(InputError):
    """No adapter takes this model, or the model contradicts its rows."""


class DatasetError(InputError):
    """A data set is unknown, absent or damaged."""


class DisplayError(InputError):
    """A picture cannot be drawn: there is nothing to be shown, or the library that draws it is absent."""


class StudyError(InputError):
    """A study file has an unknown key, names a missing file or holds a wrong value."""


class InapplicableError(InputError):
    """A baseline cannot be had from these participants, or for one of them; the message is the reason."""


class OutputError(InputError):
    """A folder cannot be written, or already holds a run."""


class SavingError(InputError):
    """A model or cooperation cannot be saved, or a saved one is absent, damaged or not to be trusted."""


class RunError(CoopdistillError, RuntimeError):
    """The input was fine and the work failed all the same."""


class LearnerFailure(RunError):
    """A participant's model raised while it was fitted or asked for scores."""


class CoopdistillWarning(UserWarning):
    """The work goes on, but not quite as it was asked for."""


def warn(message: str) -> None:
    """Warn that the work goes on, but not quite as it was asked for; the warning points to who called the library.

    Parameters
    ----------
    message : str

    Warns
    -----
    CoopdistillWarning
    """
    level, _ = _outside()
    warnings.warn(message, CoopdistillWarning, stacklevel=level)


def line_outside() -> tuple[str, int]:
    """Return the file and the line that called the library, for a warning that was heard somewhere else.

    Examples
    --------
    >>> line_outside()[0].endswith("doctest.py")
    True
    """
    _, frame = _outside()
    return frame.f_code.co_filename, frame.f_lineno


def _outside() -> tuple[int, FrameType]:
    """Return how many levels above the caller the library was called, and the frame that called it."""
    level, frame = 1, sys._getframe(1)
    found = level, frame
    while frame.f_back is not None:
        level, caller = level + 1, frame.f_back
        # The outermost of the library's own counts, since frames of joblib may stand between two of them.
        if str(frame.f_globals.get("__name__")).partition(".")[0] == __name__.partition(".")[0]:
            found = level, caller
        frame = caller
    return found


def shown(value: object) -> str:
    """Render a value for a message, which may be a whole table, in 80 characters at the most.

    Examples
    --------
    >>> shown(("red", "green")), len(shown("a long story " * 100))
    ("('red', 'green')", 80)
    """
    return shorten(repr(value), _MOST_SHOWN, placeholder=" …")


def nearest_name(wrong: object, allowed: Iterable[object]) -> str:
    """Say which allowed name is meant, as the tail of an error message.

    Parameters
    ----------
    wrong : object
        The name that was given.
    allowed : iterable of object
        The names that exist.

    Returns
    -------
    str
        ``"; did you mean 'x'?"`` where one name is close, else ``"; allowed: …"``.

    Examples
    --------
    >>> nearest_name("alhpa", ["alpha", "rounds"])
    "; did you mean 'alpha'?"
    >>> nearest_name("nosuch.csv", ["south.csv"])
    "; allowed: 'south.csv'"
    """
    names = [str(name) for name in allowed]
    word, dot, ending = str(wrong).rpartition(".")
    # An ending such as .csv, which every file has, makes none like another.
    of_kind = {name.removesuffix(dot + ending): name for name in names if word and name.endswith(dot + ending)}
    close = [of_kind[stem] for stem in get_close_matches(word, of_kind, n=1, cutoff=_FILES_ALIKE)]
    close = close or get_close_matches(str(wrong), [name for name in names if name not in of_kind.values()], n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; allowed: {', '.join(repr(name) for name in names)}" if names else ""
