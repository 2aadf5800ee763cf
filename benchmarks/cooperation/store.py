"""A folder of results that were measured already, each under what it depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import coopdistill
from coopdistill.atomic_file import write_atomically
from cooperation.cells import Cell

HERE = Path(__file__).resolve().parent
OURS = Path(coopdistill.__file__).resolve().parent
COUNTS = (
    "baselines",
    "cooperation",
    "counterfactuals",
    "datasets",
    "expertise",
    "learners",
    "participants",
    "schema",
    "seeds.py",
)
"""What results depend on; how they are shown, saved or asked for is no part of it."""
SCENARIOS = ("rows.py", "casts.py", "scenarios.py", "cells.py", "methods.py", "paired.py")
VARIANTS = ("variants.py", "thinned.py")


class Store:
    """Keeps what cells came to.

    Parameters
    ----------
    folder : Path
    kept : iterable of str
        Names of methods whose results count whatever our code was when they were measured.
    variants : iterable of str
        Names of methods that are written in this folder, whose results depend on its code as well.
    """

    def __init__(self, folder: Path, kept: Iterable[str] = (), variants: Iterable[str] = ()) -> None:
        self.folder = folder
        self.kept = frozenset(kept)
        self.variants = frozenset(variants)

    def read(self, cell: Cell) -> list[dict[str, Any]] | None:
        """Return what a cell came to, None if it was not measured with this code."""
        path = self._path(cell)
        if not path.exists() and cell.method.name in self.kept:
            others = sorted(path.parent.glob("*.json"), key=lambda other: other.stat().st_mtime)
            path = others[-1] if others else path
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def write(self, cell: Cell, rows: list[dict[str, Any]]) -> None:
        """Keep what a cell came to; its file appears whole or not at all."""
        path = self._path(cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda to: to.write_text(json.dumps(rows), encoding="utf-8"))

    def lacking(self, cells: Iterable[Cell]) -> list[Cell]:
        """Return the cells that are still to be measured."""
        return [cell for cell in cells if self.read(cell) is None]

    def _path(self, cell: Cell) -> Path:
        what = _digest(repr((cell.scenario, cell.cast, cell.seed, cell.method)).encode(), _own_code(SCENARIOS))
        words = "".join(letter if letter.isalnum() else "-" for letter in f"{cell.scenario}-{cell.cast}-{cell.seed}")
        code = our_code(cell.method.independent_of)
        if cell.method.name in self.variants:
            code = _digest(code.encode(), _own_code(VARIANTS)).hex()
        method = "".join(letter if letter.isalnum() else "-" for letter in cell.method.name)
        return self.folder / method / f"{words}-{what.hex()[:10]}" / f"{code[:10]}.json"


@lru_cache
def our_code(without: tuple[str, ...] = ()) -> str:
    """Return a digest of the library's code that results depend on, but for some packages."""
    paths = [path for name in COUNTS if name not in without for path in _sources(OURS / name)]
    return _digest(*(str(path.relative_to(OURS)).encode() + b"\0" + path.read_bytes() for path in paths)).hex()


def _sources(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


@lru_cache
def _own_code(names: tuple[str, ...]) -> bytes:
    return _digest(*((HERE / name).read_bytes() for name in names))


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.digest()
