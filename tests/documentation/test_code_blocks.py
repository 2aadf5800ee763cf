"""Every code block of the README and of docs/ is run, or named here with the reason why not.

Blocks of tutorials (`exec="on"`) are run by `make docs`, which shows what they print; one that fails ends the build.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stdout
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.evaluators.doctest import DocTestEvaluator
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.abstract.doctest import DocTestStringParser
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

from coopdistill.cli.studies.study_format import StudyFile
from coopdistill.datasets import make_clinics

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

NOT_RUN = {
    "make ": "builds an environment, or takes minutes; the gate runs those that it is made of",
    "python -m pip install": "changes the environment that the tests run in",
    "export COOPDISTILL_DATA": "names a folder of the reader's",
    "coopdistill reproduce": "takes minutes to hours, and data that are downloaded",
    "python benchmarks/": "takes minutes to hours",
    'load("clinics.zip", architectures=': "needs a network of the reader's own",
}
"""How a line that is not run begins, and why."""

RUN_ELSEWHERE = {
    "coopdistill demo": "tests/cli/test_commands.py",
    "coopdistill check study.toml": "docs/getting-started.md, without an estimate, which takes ten seconds",
    "coopdistill run study.toml": "docs/getting-started.md",
}
"""How lines of the README begin that are run where they stand once more."""

NUMBERS_MAY_DIFFER_BY = 0.03  # from one version of scikit-learn to another


def _why_not(line: str) -> str | None:
    return next((reason for start, reason in NOT_RUN.items() if line.startswith(start)), None)


def _run_python(example: Example) -> None:
    if _why_not(example.parsed.strip()) is None:
        printed = io.StringIO()
        with redirect_stdout(printed):
            PythonEvaluator()(example)
        example.namespace["_printed"] = printed.getvalue()


def _commands(block: str) -> list[str]:
    lines = re.sub(r"\\\n\s*", " ", block).splitlines()
    bare = (re.sub(r"(^|\s)#.*", "", line).removeprefix("$ ").strip() for line in lines)
    return [line for line in bare if line]


def _run_shell(example: Example) -> str | None:
    for command in _commands(example.parsed):
        if _why_not(command) is not None:
            continue
        if Path(example.path).name == "README.md" and command.startswith(tuple(RUN_ELSEWHERE)):
            continue
        words = shlex.split(command)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, "PATH": path, "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
        done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False, timeout=300)
        if done.returncode != 0:
            return f"{command!r} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return None


def _compare_with_printed(example: Example) -> str | None:
    """What a page says that the block above it prints is what it prints, but for the last digits."""
    number = r"\d+\.\d+"
    said, printed = example.parsed.split(), example.namespace.get("_printed", "").split()
    if [re.sub(number, "#", word) for word in said] != [re.sub(number, "#", word) for word in printed]:
        return f"the page says\n{example.parsed}\nand the block above it prints\n{example.namespace.get('_printed')}"
    far = [
        (a, b)
        for a, b in zip(said, printed, strict=True)
        if re.fullmatch(number, a) and abs(float(a) - float(b)) > NUMBERS_MAY_DIFFER_BY
    ]
    return f"numbers on the page and as printed: {far}" if far else None


def _read_study(example: Example) -> None:
    tables = tomllib.loads(example.parsed)
    if "participants" not in tables:  # a part of a study, that is whole with any two participants
        tables["participants"] = [{"name": n, "data": "x.csv", "learner": "decision-tree"} for n in "ab"]
    StudyFile.model_validate(tables)


EVALUATORS = {
    "python": _run_python,
    "py": _run_python,
    "sh": _run_shell,
    "console": _run_shell,
    "text": _compare_with_printed,
    "toml": _read_study,
}


def _every_block(document: Document) -> Iterator[Region]:
    fences = FencedCodeBlockLexer(language=".+", mapping={"language": "language", "source": "source"})
    doctests = DocTestStringParser(DocTestEvaluator(ELLIPSIS | NORMALIZE_WHITESPACE))
    for region in fences(document):
        language, source = region.lexemes["language"].strip(), region.lexemes["source"]
        if " exec=" in language:
            continue
        if language == "pycon":
            for part in doctests(source, document.path):
                part.adjust(region, source)
                yield part
        else:
            region.parsed, region.evaluator = source, EVALUATORS[language]
            yield region


@pytest.fixture
def folder_of_tables(tmp_path, monkeypatch):
    """A folder to work in, with tables as a reader would have them."""
    clinics = make_clinics(random_state=0)
    for name, (X, y) in {**clinics.train, "test": clinics.test}.items():
        X.join(y).to_csv(tmp_path / f"{name}.csv", index=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_of_a_page_works(page, folder_of_tables):
    document = Sybil(parsers=[_every_block]).parse(page)
    for example in document.examples():
        example.evaluate()


def test_every_exception_is_needed():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    blocks = "\n".join(re.findall(r"^```(?:sh|console|py|python)\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    lines = [line.removeprefix("$ ") for line in blocks.splitlines()]
    exceptions = [*NOT_RUN, *RUN_ELSEWHERE]
    assert [start for start in exceptions if not any(line.startswith(start) for line in lines)] == []
