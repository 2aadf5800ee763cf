"""What an archive says of itself: its format, who wrote it, and what each file in it must be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from coopdistill.exceptions import SavingError
from coopdistill.library_versions import library_versions

__all__ = ["FORMAT", "MANIFEST", "check_file", "check_names", "make_manifest", "read_manifest"]

FORMAT = 1
"""Grows when what an archive holds changes in such a way that an earlier version of coopdistill misreads it."""

MANIFEST = "manifest.json"

_LIBRARIES = (
    *("coopdistill", "numpy", "pandas", "scipy", "scikit-learn", "skops"),
    *("xgboost", "lightgbm", "catboost", "torch", "skorch", "safetensors", "onnx", "onnxruntime"),
)


def make_manifest(kind: str, files: Mapping[str, bytes]) -> bytes:
    """Describe files.

    Parameters
    ----------
    kind : str
        What they are together: ``"cooperation"`` or ``"model"``.
    files : mapping of str to bytes

    Returns
    -------
    bytes
        JSON.

    Examples
    --------
    >>> read_manifest(make_manifest("model", {"a": b"1"}), "model")["files"]["a"]["bytes"]
    1
    """
    described = {
        "format": FORMAT,
        "kind": kind,
        "versions": library_versions(_LIBRARIES),
        "files": {name: {"bytes": len(content), "sha256": _sha256(content)} for name, content in files.items()},
    }
    return json.dumps(described, indent=2).encode()


def read_manifest(content: bytes, kind: str) -> dict[str, Any]:
    """Read a manifest.

    Parameters
    ----------
    content : bytes
    kind : str
        What is wanted.

    Returns
    -------
    dict

    Raises
    ------
    SavingError
        If it is damaged, of a newer format, or of another kind.
    """
    try:
        manifest = json.loads(content)
        written, found = manifest["format"], manifest["kind"]
        if type(written) is not int or written < 1:
            raise ValueError(f"format {written!r}")
        files = manifest["files"] if written == FORMAT else {}
        if not all(type(f["bytes"]) is int and type(f["sha256"]) is str for f in files.values()):
            raise ValueError("files without a checksum")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SavingError(f"{MANIFEST!r} in it is damaged ({error!r}); save it again") from error
    if written > FORMAT:
        writer = manifest.get("versions", {}).get("coopdistill", "a later version")
        raise SavingError(
            f"it is of format {written}, written by coopdistill {writer}, and this version reads formats up to "
            f"{FORMAT}; install that version, or save it again with this one"
        )
    if found != kind:
        raise SavingError(f"it holds a {found!r} where a {kind} is wanted{_OTHERS.get(str(found), '')}")
    return dict(manifest)


def check_names(manifest: Mapping[str, Any], present: Iterable[str]) -> None:
    """Refuse files that are missing, or that nobody wrote.

    Raises
    ------
    SavingError
        The message names one.
    """
    expected, found = {MANIFEST, *manifest["files"]}, set(present)
    missing, more = sorted(expected - found), sorted(found - expected)
    if missing:
        raise SavingError(f"{missing[0]!r} is missing in it; save it again")
    if more:
        raise SavingError(f"{more[0]!r} in it was added after it was saved; save it again")


def check_file(manifest: Mapping[str, Any], name: str, content: bytes) -> None:
    """Refuse a file that is other than it was when it was saved.

    Raises
    ------
    SavingError
        The message names it.
    """
    expected = manifest["files"][name]
    if len(content) != expected["bytes"] or _sha256(content) != expected["sha256"]:
        raise SavingError(f"{name!r} in it is damaged or was changed: it has another checksum; save it again")


_OTHERS = {
    "cooperation": "; coopdistill.load reads it",
    "model": "; coopdistill.saving.load_model reads it",
}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
