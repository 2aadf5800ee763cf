"""Saved files as an attacker would change them: with every checksum made right again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from coopdistill.saving.archive import packed
from coopdistill.saving.manifest import MANIFEST

__all__ = ["contents", "rewritten", "skops_schema", "with_schema"]


def contents(archive: bytes) -> dict[str, bytes]:
    """All files in an archive but its manifest."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist() if name != MANIFEST}


def rewritten(archive: bytes, changed: Mapping[str, bytes | None]) -> bytes:
    """The archive with some files changed, added or (None) left out, and a manifest that agrees with them."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        kind = json.loads(opened.read(MANIFEST))["kind"]
    files = {**contents(archive), **changed}
    return packed(kind, {name: content for name, content in files.items() if content is not None})


def skops_schema(content: bytes) -> Any:
    """What a file of skops says that it makes."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return json.loads(opened.read("schema.json"))


def with_schema(content: bytes, change: Callable[[Any], Any]) -> bytes:
    """The file of skops with another schema."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as opened, zipfile.ZipFile(buffer, "w") as made:
        for name in opened.namelist():
            if name == "schema.json":
                made.writestr(name, json.dumps(change(json.loads(opened.read(name)))))
            else:
                made.writestr(name, opened.read(name))
    return buffer.getvalue()
