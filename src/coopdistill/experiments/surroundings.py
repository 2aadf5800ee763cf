"""On what an experiment was run."""

from __future__ import annotations

import os
import platform
from functools import cache

from coopdistill.library_versions import library_versions

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
    return dict.fromkeys(("python", *LIBRARIES), "") | _versions() | machine


@cache
def _versions() -> dict[str, str]:
    # Kept, because they are asked for with every cell, and found by reading files.
    return library_versions(LIBRARIES)
