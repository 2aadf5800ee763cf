"""What a benchmark writes into its page leaves the rest of it alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from results_of_page import put_results


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# Title\n\nText\n\n<!-- results -->\n\nold\n", "# Title\n\nText\n\n<!-- results -->\n\nnew\n"),
        (
            "# Title\n\n<!-- results -->\n\nold\n\n<!-- end -->\n\nText\n",
            "# Title\n\n<!-- results -->\n\nnew\n\n<!-- end -->\n\nText\n",
        ),
        (None, "<!-- results -->\n\nnew\n"),
    ],
    ids=["to the end", "in between", "no page yet"],
)
def test_results_take_the_place_of_those_of_before(before: str | None, after: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    if before is not None:
        page.write_text(before, encoding="utf-8")
    for _ in range(2):
        put_results(page, "new")
        assert page.read_text(encoding="utf-8") == after
