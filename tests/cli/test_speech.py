"""What a command says on the way."""

from __future__ import annotations

import warnings

import pytest

from coopdistill.cli.speech import PhaseLines, Speech


def test_what_scikit_learn_says_of_many_classes_is_said_once_in_our_words() -> None:
    with Speech(quiet=True) as speech:
        for n in (30, 40):
            warnings.warn(
                f"The number of unique classes is greater than 50% of the number of samples. {n}", stacklevel=1
            )
    (note,) = speech.notes
    assert note.startswith("more than half of the rows have a class of their own")


def test_a_short_time_is_not_about(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    lines = PhaseLines(said.append, every=0.0)
    clock = iter([0.0, 20.0, 20.2])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    lines.tell("teaching", 0, 2)
    lines.tell("teaching", 1, 2)
    assert said[-1] == "teaching: 1 of 2, about 20 s left"
