"""A folder with one file for each finished cell."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from coopdistill.atomic_file import write_atomically
from coopdistill.exceptions import OutputError
from coopdistill.experiments.cell import Cell

__all__ = ["CellStore"]

FOLDER = "cells"


class CellStore:
    """Keeps what cells came to; a file appears whole or not at all.

    Parameters
    ----------
    folder : Path
        Of a reproduction: absent, empty, or one that was begun earlier.

    Raises
    ------
    OutputError
        If something else is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER
        try:
            if not self.folder.is_dir() and folder.exists() and any(folder.iterdir()):
                raise OutputError(
                    f"{str(folder)!r} is not empty and holds no reproduction; choose another folder: --out"
                )
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{str(folder)!r} cannot be written: {error.strerror or error}; choose another folder: --out"
            ) from error

    def read(self, cell: Cell) -> dict[str, Any] | None:
        """Return what a cell came to, or None where it was not run.

        Parameters
        ----------
        cell : Cell

        Raises
        ------
        OutputError
            If its file is damaged.
        """
        try:
            found: dict[str, Any] = json.loads(self._path(cell).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise OutputError(
                f"{str(self._path(cell))!r} is damaged: {error}; remove it, and its cell is run again"
            ) from error
        return found

    def write(self, cell: Cell, found: dict[str, Any]) -> None:
        """Keep what a cell came to.

        Parameters
        ----------
        cell : Cell
        found : dict
            Plain data.
        """
        text = json.dumps(found, ensure_ascii=False)
        write_atomically(self._path(cell), lambda path: path.write_text(text, encoding="utf-8"))

    def seeds(self) -> list[int]:
        """Return the seeds of all files, in order."""
        # A name ends in the seed and the digest; see `Cell.key`.
        return sorted({int(path.stem.rsplit("-", 2)[1]) for path in self.folder.glob("*.json")})

    def lacking(self, cells: Iterable[Cell]) -> list[Cell]:
        """Return the cells that were not run, or failed when they were."""
        return [cell for cell in cells if _is_to_run(self.read(cell))]

    def has(self, cell: Cell) -> bool:
        """Tell whether a cell was run."""
        return self._path(cell).exists()

    def _path(self, cell: Cell) -> Path:
        return self.folder / f"{cell.key}.json"


def _is_to_run(found: dict[str, Any] | None) -> bool:
    return found is None or any(row["status"] == "failed" for row in found["rows"])
