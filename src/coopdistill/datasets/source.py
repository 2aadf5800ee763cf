"""Where the files of a data set come from: a local folder, or a download that is checked and cached."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from coopdistill.exceptions import DatasetError

__all__ = ["DATA_VARIABLE", "SourceFile", "locate", "locate_local"]

DATA_VARIABLE = "COOPDISTILL_DATA"
"""The environment variable that names a folder with the data sets."""

APPLICATION = "coopdistill"
"""The name of the cache, in the place where the operating system keeps caches."""


@dataclass(frozen=True)
class SourceFile:
    """One file of a data set.

    Parameters
    ----------
    path : str
        Where it lies in the local folder and in the cache, with ``/`` between the parts.
    url : str
        Where it is downloaded from.
    sha256 : str
        The checksum of what `url` serves, in hexadecimal digits.
    """

    path: str
    url: str
    sha256: str


def locate(file: SourceFile) -> Path:
    """Find a file on this machine, and download it where that is needed.

    Where the environment variable ``COOPDISTILL_DATA`` is set, the file is taken from that folder as it is:
    nothing is downloaded, and its checksum may be another (a cleaned copy is as good). Otherwise it is
    downloaded once, checked, and kept in the operating system's cache folder; a cached file whose
    checksum is wrong is downloaded again.

    Parameters
    ----------
    file : SourceFile
        What to find.

    Returns
    -------
    pathlib.Path
        An existing file.

    Raises
    ------
    DatasetError
        If the folder lacks the file, or the download fails or is not what it should be. No part of a file
        is left behind.
    """
    folder = os.environ.get(DATA_VARIABLE)
    if folder:
        return _in_folder(file, Path(folder))
    return _downloaded(file)


def locate_local(path: str, *, origin: str) -> Path:
    """Find a file that nobody but the user can download, because that needs an account.

    Parameters
    ----------
    path : str
        Where it lies in the local folder, with ``/`` between the parts.
    origin : str
        Where the user gets it.

    Returns
    -------
    pathlib.Path
        An existing file.

    Raises
    ------
    DatasetError
        If ``COOPDISTILL_DATA`` is not set, or that folder lacks the file.
    """
    named = os.environ.get(DATA_VARIABLE)
    found = Path(named).expanduser() / path if named else None
    if found is not None and found.is_file():
        return found
    where = f"{DATA_VARIABLE}={named!r} has no file {path!r}" if named else f"{DATA_VARIABLE} is not set"
    raise DatasetError(
        f"{where}; {path!r} cannot be downloaded without an account: get it from {origin}, put it at {path!r} in a "
        f"folder and set {DATA_VARIABLE} to that folder"
    )


def _in_folder(file: SourceFile, folder: Path) -> Path:
    path = folder.expanduser() / file.path
    if not path.is_file():
        raise DatasetError(
            f"{DATA_VARIABLE}={str(folder)!r} has no file {file.path!r}; "
            f"put it there (from {file.url}), or unset {DATA_VARIABLE} to download it"
        )
    return path


def _downloaded(file: SourceFile) -> Path:
    import pooch  # imports an HTTP client, which only a download needs

    inside = PurePosixPath(file.path)
    try:
        folder = Path(pooch.os_cache(APPLICATION)) / inside.parent
        # Pooch writes beside the target, checks there, and moves the file only when it is right.
        found = pooch.retrieve(url=file.url, known_hash=f"sha256:{file.sha256}", fname=inside.name, path=folder)
    # OSError: no network, no such page, no room (requests' errors are among them); ValueError: the checksum.
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"{file.path!r} could not be downloaded from {file.url}: {error}; "
            f"try again later, or get the file elsewhere, put it at {file.path!r} in a folder "
            f"and set {DATA_VARIABLE} to that folder"
        ) from error
    return Path(found)
