"""Versions are named alike wherever they are written down."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

from coopdistill.cli.origin import origin_of
from coopdistill.cli.studies.study import parse_study
from coopdistill.library_versions import library_versions

STUDY = """\
[[participants]]
name = "north"
data = "north.csv"
learner = "decision-tree"

[[participants]]
name = "south"
data = "north.csv"
learner = "decision-tree"
"""


def test_python_goes_first_and_the_absent_are_left_out() -> None:
    found = library_versions(["pandas", "no-such-library", "numpy"])
    assert list(found.items()) == [
        ("python", platform.python_version()),
        ("pandas", version("pandas")),
        ("numpy", version("numpy")),
    ]


def test_an_origin_names_them_as_a_sentence_does(tmp_path: Path) -> None:
    (tmp_path / "north.csv").write_text("a,y\n1,no\n", encoding="utf-8")
    origin = origin_of(parse_study(tmp_path / "study.toml", STUDY))
    assert origin["the version of Python"] == platform.python_version()
    assert origin["the version of numpy"] == version("numpy")
