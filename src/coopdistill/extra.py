"""Libraries that only some models and pictures need."""

from __future__ import annotations

import importlib
from typing import Any

from coopdistill.exceptions import InputError, LearnerError

__all__ = ["import_extra"]


def import_extra(module: str, extra: str, *, what: str, error: type[InputError] = LearnerError) -> Any:
    """Import a library that is not always installed.

    Parameters
    ----------
    module : str
        Its name, as it is imported.
    extra : str
        The extra of coopdistill that installs it.
    what : str
        What needs it.
    error : type, default=LearnerError
        What is raised where it is not installed.

    Returns
    -------
    module

    Raises
    ------
    InputError
        That error, if it is not installed; the message says how to install it.

    Examples
    --------
    >>> import_extra("json", "json", what="this example").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as absent:
        library = module.partition(".")[0]
        raise error(f"{what} needs {library}; install it by: pip install 'coopdistill[{extra}]'") from absent
