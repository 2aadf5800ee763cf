"""A summary comes back from its file as it was, and a file that is none is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sklearn.naive_bayes import GaussianNB

from coopdistill import CooperativeDistillation, Participant
from coopdistill.datasets import make_clinics
from coopdistill.exceptions import OutputError
from coopdistill.report import gather, read_summary, summarise, summary_from_json, summary_to_json, write_report

RESULT = {"name": "two", "participants": {"a": {"before": 0.5, "after": 0.75, "intervals": {"gain": [0.1, 0.4]}}}}


def test_all_that_a_real_run_shows_comes_back() -> None:
    clinics = make_clinics(random_state=0)
    participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    evidence = gather(cooperation, participants, show_rows="asked", seconds={"teaching": 0.5})
    summary = summarise(RESULT, evidence)
    text = summary_to_json(summary)
    assert evidence.examples
    assert summary_from_json(text) == summary
    assert summary_to_json(summary_from_json(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 99}',
        '{"format": 1, "name": 3}',
        summary_to_json(summarise(RESULT)).replace('"seconds": 0.0', '"seconds": "0"'),
    ],
)
def test_what_is_no_summary_is_refused(text: str) -> None:
    with pytest.raises(OutputError, match="summary"):
        summary_from_json(text)


def test_a_run_without_a_summary_is_summarised(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps(RESULT), encoding="utf-8")
    assert read_summary(tmp_path) == summarise(RESULT)
    write_report(summarise({**RESULT, "name": "other"}), lambda name, text: _write(tmp_path / name, text))
    assert read_summary(tmp_path).name == "other"
    (tmp_path / "summary.json").write_text("{", encoding="utf-8")
    with pytest.raises(OutputError, match=r"summary\.json"):
        read_summary(tmp_path)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
