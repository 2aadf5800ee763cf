"""Puts the tables of a reproduction into its page: ``python docs_build/reproduction_tables.py FOLDER``.

FOLDER is what ``coopdistill reproduce all --finished --out FOLDER`` has just put together. In the page, what stands
between ``<!-- from FILE -->`` and ``<!-- end -->`` is replaced by that file of the folder; what is written around it
stays. The diagram of ranks and the rows behind all tables go to the page's assets.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pandas as pd

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "reproduction.md"
ROWS = DOCS / "assets" / "reproduction-rows.csv"
RANKS = DOCS / "assets" / "reproduction-ranks.svg"
COLUMNS = ["experiment", "setting", "method", "seed", "participant", "score", "status", "reason", "seconds"]

_PLACE = re.compile(r"(?<=<!-- from )(?P<file>\S+)(?P<mark> -->\n).*?(?=<!-- end -->)", re.DOTALL)
_TITLE = re.compile(r"\A#+ .*\n+(?:Accuracy on the test rows .*\n+)?")


def with_tables(page: str, folder: Path) -> str:
    """Return a page with its tables as a folder has them; a table that the folder lacks stays as it is."""

    def place(found: re.Match[str]) -> str:
        file = folder / found["file"]
        if not file.exists():
            return found[0]
        return f"{found['file']}{found['mark']}\n{as_section(file.read_text(encoding='utf-8'))}\n\n"

    return _PLACE.sub(place, page)


def as_section(text: str) -> str:
    """Return a file's text without its title, which the page has, and its headings below the page's."""
    deeper = re.sub(r"^## ", "#### ", _TITLE.sub("", text), flags=re.MULTILINE)
    return deeper.replace("(ranks.svg)", f"({RANKS.relative_to(DOCS).as_posix()})").strip()


def all_rows(folder: Path) -> pd.DataFrame:
    """Return the rows behind all tables of a folder."""
    return pd.concat([pd.read_csv(file)[COLUMNS] for file in sorted(folder.glob("experiment-*/rows.csv"))])


def main(folder: Path) -> None:
    """Bring the page and its assets up to a folder."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), folder), encoding="utf-8")
    all_rows(folder).to_csv(ROWS, index=False, lineterminator="\n")
    shutil.copyfile(folder / "ranks.svg", RANKS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
