"""Which versions of libraries are installed."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

__all__ = ["library_versions"]


def library_versions(libraries: Iterable[str]) -> dict[str, str]:
    """Return the version of Python and of each library that is installed.

    Parameters
    ----------
    libraries : iterable of str
        By the names under which they are distributed.

    Returns
    -------
    dict of str to str
        ``python`` first, then the libraries in their order, without those that are absent.

    Examples
    --------
    >>> list(library_versions(["numpy", "no-such-library"]))
    ['python', 'numpy']
    """
    found = {"python": platform.python_version()}
    for library in libraries:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
