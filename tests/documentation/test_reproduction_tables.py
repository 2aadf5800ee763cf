"""The page of the reproduction says what the rows behind it say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from coopdistill.experiments import EXPERIMENTS, as_markdown, summarise_rows

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reproduction.md"
ROWS = ROOT / "docs" / "assets" / "reproduction-rows.csv"


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    place = importlib.util.spec_from_file_location("reproduction_tables", ROOT / "docs_build/reproduction_tables.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def test_what_stands_between_marks_is_replaced_and_what_is_around_stays(tables, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "table.md").write_text("## One: a title\n\nAccuracy on the test rows in per cent.\n\n| a |\n")
    (tmp_path / "summary.md").write_text("# All\n\n## Ranks\n\n![ranks](ranks.svg)\n")
    page = (
        "Before.\n\n<!-- from one/table.md -->\nold\n<!-- end -->\n\nWhat it means.\n\n"
        "<!-- from summary.md -->\n<!-- end -->\n\n<!-- from absent.md -->\nkept\n<!-- end -->\n"
    )
    expected = (
        "Before.\n\n<!-- from one/table.md -->\n\n| a |\n\n<!-- end -->\n\nWhat it means.\n\n"
        "<!-- from summary.md -->\n\n#### Ranks\n\n"
        "![ranks](assets/reproduction-ranks.svg)\n\n<!-- end -->\n\n<!-- from absent.md -->\nkept\n"
        "<!-- end -->\n"
    )
    assert tables.with_tables(page, tmp_path) == expected
    assert tables.with_tables(expected, tmp_path) == expected


@pytest.mark.parametrize("number", EXPERIMENTS)
def test_every_line_of_a_table_is_what_the_rows_come_to(number):
    rows = pd.read_csv(ROWS).fillna({"reason": ""})
    known = {setting.name for setting in EXPERIMENTS[number].settings}
    here = rows[(rows["experiment"] == number) & rows["setting"].isin(known)]
    table = as_markdown(EXPERIMENTS[number], summarise_rows(EXPERIMENTS[number], here))
    told = PAGE.read_text(encoding="utf-8").splitlines()
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    assert len(lines) > 2
    assert [line for line in lines if line not in told] == []
