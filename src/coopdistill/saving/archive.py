"""One file that holds many, and is refused unless it is exactly what was written."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from coopdistill.atomic_file import write_atomically
from coopdistill.exceptions import OutputError, SavingError, nearest_name
from coopdistill.saving.manifest import MANIFEST, check_file, check_names, make_manifest, read_manifest
from coopdistill.saving.skops_file import MAX_BYTES

__all__ = ["packed", "read_archive", "read_file", "unpacked", "write_file"]

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_SEAL = 64
_LARGEST_MANIFEST = 2**26
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)*")


def packed(kind: str, files: Mapping[str, bytes]) -> bytes:
    """Pack files, with a manifest of their checksums, into a zip archive.

    The archive's comment is the checksum of all bytes before it, so that none can change unnoticed, not even those
    that no file in it consists of.

    Parameters
    ----------
    kind : str
        What they are together.
    files : mapping of str to bytes
        Names are of letters, digits and ``._-/``.

    Returns
    -------
    bytes

    Examples
    --------
    >>> unpacked(packed("model", {"a/b.txt": b"hello"}), "model")
    {'a/b.txt': b'hello'}
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in {MANIFEST: make_manifest(kind, files), **files}.items():
            member = zipfile.ZipInfo(name, date_time=_LONG_AGO)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
        archive.comment = bytes(_SEAL)
    unsealed = buffer.getvalue()[:-_SEAL]
    return unsealed + _seal(unsealed)


def unpacked(content: bytes, kind: str, *, max_bytes: int = MAX_BYTES) -> dict[str, bytes]:
    """Take all files out of an archive; nothing of it is written anywhere.

    Parameters
    ----------
    content : bytes
    kind : str
        What it must hold.
    max_bytes : int, default=4294967296
        How large all files together may be.

    Returns
    -------
    dict of str to bytes
        Without the manifest.

    Raises
    ------
    SavingError
        If it is not exactly what was written; the message names the file that is not.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception as error:  # zipfile fails in many ways on what is no archive
        raise SavingError(
            f"it is no whole archive ({error}); it was cut off, or never saved by coopdistill; copy it again"
        ) from error
    with archive:
        members = archive.infolist()
        _check_members(members, max_bytes)
        names = [member.filename for member in members]
        if MANIFEST not in names:
            raise SavingError(f"{MANIFEST!r} is missing in it; it was not saved by coopdistill")
        if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
            raise SavingError(f"{MANIFEST!r} in it is larger than any that coopdistill writes")
        manifest = read_manifest(_read(archive, MANIFEST), kind)
        check_names(manifest, names)
        files = {}
        for name in manifest["files"]:
            files[name] = _read(archive, name)
            check_file(manifest, name, files[name])
    if content[-_SEAL:] != _seal(content[:-_SEAL]):
        raise SavingError("bytes between the files in it were changed or added after it was saved; save it again")
    return files


def read_archive(path: str | Path, kind: str, *, max_bytes: int = MAX_BYTES) -> dict[str, bytes]:
    """Take all files out of an archive on disk; errors say which archive.

    Parameters
    ----------
    path : str or Path
    kind : str
    max_bytes : int, default=4294967296

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    SavingError
        If it is absent, or not exactly what was written.
    """
    content = read_file(path, max_bytes=max_bytes)
    try:
        return unpacked(content, kind, max_bytes=max_bytes)
    except SavingError as error:
        raise SavingError(f"{str(path)!r} cannot be loaded: {error}") from error


def read_file(path: str | Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a file that was saved.

    Parameters
    ----------
    path : str or Path
    max_bytes : int, default=4294967296

    Returns
    -------
    bytes

    Raises
    ------
    SavingError
        If it is absent, a folder, cannot be read, or is too large.
    """
    path = Path(path)
    if path.is_dir():
        raise SavingError(f"{str(path)!r} is a folder; name the file that was saved in it")
    if not path.is_file():
        folder = path.parent
        near = nearest_name(path.name, sorted(f.name for f in folder.iterdir())) if folder.is_dir() else ""
        raise SavingError(f"there is no file {str(path)!r}{near if near.startswith('; did') else ''}")
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise SavingError(f"{str(path)!r} cannot be read: {error.strerror or error}") from error
    if len(content) > max_bytes:
        raise SavingError(f"{str(path)!r} is larger than the {max_bytes} bytes that are read; raise max_bytes")
    return content


def write_file(path: str | Path, content: bytes) -> None:
    """Write a file, whole or not at all; it takes the place of an earlier one.

    Parameters
    ----------
    path : str or Path
    content : bytes

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    path = Path(path)
    if path.is_dir():
        raise OutputError(f"{str(path)!r} is a folder; name a file in it, such as {str(path / 'models.zip')!r}")
    try:
        write_atomically(path, lambda partial: partial.write_bytes(content))
    except OSError as error:
        raise OutputError(
            f"{str(path)!r} cannot be written: {error.strerror or error}; choose another place"
        ) from error


def _check_members(members: list[zipfile.ZipInfo], max_bytes: int) -> None:
    names = [member.filename for member in members]
    for name in names:
        if not _NAME.fullmatch(name):
            raise SavingError(f"{name!r} in it leads elsewhere, or is no name that coopdistill writes")
    doubled = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if doubled is not None:
        raise SavingError(f"{doubled!r} is in it twice")
    size = 0
    for member in members:
        size += member.file_size
        if size > max_bytes:
            raise SavingError(
                f"{member.filename!r} in it brings what it unpacks to beyond the {max_bytes} bytes that are read; "
                "if you trust it, raise max_bytes"
            )


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except Exception as error:  # a damaged archive fails in any way
        raise SavingError(f"{name!r} in it is damaged ({error}); copy it again, or save it again") from error


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
