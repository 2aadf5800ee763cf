"""Libraries that only some models need."""

from __future__ import annotations

import importlib
from typing import Any

from coopdistill.exceptions import LearnerError

__all__ = ["import_extra"]


def import_extra(module: str, extra: str, *, what: str) -> Any:
    """Import a library that is not always installed.

    Parameters
    ----------
    module : str
        Its name, as it is imported.
    extra : str
        The extra of coopdistill that installs it.
    what : str
        What needs it.

    Returns
    -------
    module

    Raises
    ------
    LearnerError
        If it is not installed; the message says how to install it.

    Examples
    --------
    >>> import_extra("json", "json", what="this example").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise LearnerError(f"{what} needs {module}; install it by: pip install 'coopdistill[{extra}]'") from error
