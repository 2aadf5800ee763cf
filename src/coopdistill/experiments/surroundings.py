"""On what an experiment was run."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["surroundings"]

LIBRARIES = ("coopdistill", "numpy", "scipy", "scikit-learn", "pandas", "torch")


def surroundings() -> dict[str, str]:
    """Return the versions of what computes, and the machine, as columns of a result.

    Returns
    -------
    dict of str to str
        ``python`` and each library with its version, ``""`` where it is absent; ``machine``, ``system`` and
        ``processors``.

    Examples
    --------
    >>> sorted(surroundings())[:3]
    ['coopdistill', 'machine', 'numpy']
    """
    machine = {"machine": platform.machine(), "system": platform.system(), "processors": str(os.cpu_count())}
    return {"python": platform.python_version()} | {library: _version(library) for library in LIBRARIES} | machine


@cache
def _version(library: str) -> str:
    # Kept, because it is asked for every cell and reads files.
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
