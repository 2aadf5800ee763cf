"""The examples of the guide give what they say."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "feature-spaces.md"


def test_the_examples_give_what_they_say() -> None:
    blocks = re.findall(r"```pycon\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    page = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, GUIDE.name, str(GUIDE), 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    result = runner.run(page, out=said.append)
    assert result.attempted > 20
    assert not result.failed, "".join(said)
