"""The examples of the guide run, in their order, as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "saving.md"


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    known: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(block, str(GUIDE), "exec"), known)
    assert (
        known["loaded"].evaluate(*known["clinics"].test).equals(known["cooperation"].evaluate(*known["clinics"].test))
    )
    assert "carries rows that it was trained on" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["clinics.zip", "large.zip"]
