"""The errors and warnings of coopdistill, one tree.

.. code-block:: text

    CoopdistillError
    ├── InputError (also a ValueError)      what the caller handed in cannot be used; nothing was done
    │   ├── OptionError                     a parameter outside what it allows
    │   ├── TableError                      rows that cannot be read or do not fit their feature space
    │   │   └── AlignmentError              two feature spaces that cannot be expressed in one another
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

from collections.abc import Iterable
from difflib import get_close_matches

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
    "OptionError",
    "OutputError",
    "ParticipantError",
    "RunError",
    "SavingError",
    "StudyError",
    "TableError",
    "nearest_name",
]


class CoopdistillError(Exception):
    """Root of every error that coopdistill raises on purpose."""


class InputError(CoopdistillError, ValueError):
    """What the caller handed in cannot be used; nothing was done with it."""


class OptionError(InputError):
    """A parameter has a value outside of what it allows."""


class TableError(InputError):
    """Rows cannot be read, or do not fit their feature space."""


class AlignmentError(TableError):
    """Rows of one feature space cannot be expressed in another."""


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
    """
    names = [str(name) for name in allowed]
    close = get_close_matches(str(wrong), names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; allowed: {', '.join(repr(name) for name in names)}" if names else ""
