"""What the log says of an answer is what came of it."""

from __future__ import annotations

import logging

import pytest
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB

from coopdistill import CooperativeDistillation, Participant
from coopdistill.cooperation.acceptance import Decision
from coopdistill.cooperation.agent import student
from coopdistill.datasets import Clinics


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("convinces", [True, False])
def test_no_lesson_is_said_to_be_accepted_before_it_is(
    clinics: Clinics, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, task: str, convinces: bool
) -> None:
    def settled(decision: Decision, *_: object, **__: object) -> Decision:
        return Decision(convinces and decision.accepted, "so it was settled")

    monkeypatch.setattr(student, "confirm", settled)
    participants = [
        Participant(name, GaussianNB(), *table)
        if task == "classification"
        else Participant(name, LinearRegression(), table.X.iloc[:, 1:], table.X.iloc[:, 0])
        for name, table in clinics.train.items()
    ]
    with caplog.at_level(logging.INFO, logger="coopdistill"):
        cooperation = CooperativeDistillation(random_state=0).fit(participants)
    said = [record.getMessage() for record in caplog.records]
    assert any(" was refitted with " in sentence for sentence in said)
    for name, accepted in cooperation.accepted_.items():
        (last,) = [s for s in said if s.startswith((f"{name} accepts", f"{name} declines", f"{name} keeps"))]
        assert last.endswith("so it was settled")
        assert last.startswith(f"{name} accepts its lessons and keeps " if accepted else f"{name} declines")
    assert any(cooperation.accepted_.values()) is convinces
