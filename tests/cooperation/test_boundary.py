"""Rows stay with their agent: the coordinator asks, and only disclosures travel."""

from __future__ import annotations

import pickle
from dataclasses import astuple
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

from coopdistill import CooperativeDistillation, Participant, infer_feature_space
from coopdistill.cooperation import coordinator
from coopdistill.cooperation.agent import Agent, Heard, Learned
from coopdistill.datasets import Clinics

declines = pytest.mark.filterwarnings("ignore:participant '.*' would be made worse")
"""One keeps its model, which is not what the test is about."""
ANSWERS = {
    "teach",
    "study",
    "judge_shared",
    "teach_shared",
    "share",
    "draft",
    "compare",
    "settle",
    "compare_together",
    "consult",
    "score",
}


class Guarded:
    """An agent that answers questions, hands out nothing else, and keeps what travelled."""

    travelled: list[tuple[str, str, Any]] = []  # noqa: RUF012  # of the class: all agents write to it

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    @classmethod
    def of(cls, *given: Any) -> Guarded:
        return cls(Agent.of(*given))

    @property
    def name(self) -> str:
        return self._agent.name

    @property
    def model(self) -> Any:
        return self._agent.model

    @property
    def as_teacher(self) -> Any:
        return self._agent.as_teacher

    @property
    def alone(self) -> Guarded:
        return Guarded(self._agent.alone)

    @property
    def is_frozen(self) -> bool:
        return self._agent.is_frozen

    def meet(self, *given: Any) -> Guarded:
        Guarded.travelled.append((self.name, "meet", given))
        return Guarded(self._agent.meet(*given))

    def judge(self, *given: Any) -> Guarded:
        return Guarded(self._agent.judge(*given))

    def hear(self, *given: Any) -> Any:
        agent, testimonies = self._agent.hear(*given)
        Guarded.travelled.append((self.name, "hear", (given, testimonies)))
        return Heard(Guarded(agent), testimonies)  # type: ignore[arg-type]  # as the coordinator sees it

    def learn(self, *given: Any) -> Any:
        Guarded.travelled.append((self.name, "learn", given))
        agent, *rest = self._agent.learn(*given)
        return Learned(Guarded(agent), *rest)  # type: ignore[arg-type]  # as the coordinator sees it

    def __getattr__(self, name: str) -> Any:
        if name not in ANSWERS:
            raise AssertionError(f"the coordinator reached for {name!r} of an agent")
        method = getattr(self._agent, name)

        def ask(*given: Any) -> Any:
            answer = method(*given)
            Guarded.travelled.append((self.name, name, (given, answer)))
            return answer

        return ask


def participants_of(clinics: Clinics) -> list[Participant]:
    """Models that keep no row inside."""
    return [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]


@declines
@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
def test_the_coordinator_asks_and_never_reads(
    monkeypatch: pytest.MonkeyPatch, clinics: Clinics, instances_from: str
) -> None:
    options: dict[str, Any] = {"instances_from": instances_from, "rounds": 2, "random_state": 0}
    free = CooperativeDistillation(**options).fit(participants_of(clinics))
    monkeypatch.setattr(Guarded, "travelled", [])
    monkeypatch.setattr(coordinator, "Agent", Guarded)
    guarded = CooperativeDistillation(**options).fit(participants_of(clinics))
    pd.testing.assert_frame_equal(free.virtual_instances_, guarded.virtual_instances_, check_exact=True)
    pd.testing.assert_frame_equal(free.disclosures_, guarded.disclosures_)
    assert {name for name, _, _ in Guarded.travelled} == set(clinics.train)


@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
def test_no_row_travels_unless_everyone_shares(
    monkeypatch: pytest.MonkeyPatch, clinics: Clinics, instances_from: str
) -> None:
    monkeypatch.setattr(Guarded, "travelled", [])
    monkeypatch.setattr(coordinator, "Agent", Guarded)
    CooperativeDistillation(instances_from=instances_from, random_state=0).fit(participants_of(clinics))
    asked = {question for _, question, _ in Guarded.travelled}
    assert asked >= {"draft", "compare", "learn", *(["share"] if instances_from == "everyone" else ["hear"])}
    wire = pickle.dumps(Guarded.travelled)
    rows = np.vstack([table.X.to_numpy() for table in clinics.train.values()])
    # Six neighbouring values, wherever in a message they stand together; of a feature a range does travel.
    seen = sum(row[i : i + 6].tobytes() in wire for row in rows for i in (0, 12, 24))
    assert (seen > 0) == (instances_from == "everyone")


def test_testimonies_and_comparisons_are_sums_however_many_rows_there_are(
    monkeypatch: pytest.MonkeyPatch, clinics: Clinics
) -> None:
    monkeypatch.setattr(Guarded, "travelled", [])
    monkeypatch.setattr(coordinator, "Agent", Guarded)
    left = CooperativeDistillation(random_state=0).fit(participants_of(clinics)).disclosures_
    # A refitted model visits alone, and its drafts as a pair.
    refitted = left.loc[(left["what"] == "draft") & (left["count"] == 1), "sender"].nunique()
    answers: dict[str, list[Any]] = {"hear": [], "compare": []}
    for _, question, told in Guarded.travelled:
        if question in answers:
            answers[question].append(told[1])
    n_students = len(clinics.train)
    assert [len(one) for one in answers["hear"]] == [n_students - 1] * n_students
    for testimony in (testimony for several in answers["hear"] for testimony in several):
        assert [value.shape for value in vars(testimony).values()] == [(2,)] * 3
    comparisons = [comparison for several in answers["compare"] for comparison in several]
    assert len(comparisons) == (n_students + refitted) * (n_students - 1)
    for comparison in comparisons:
        assert set(comparison.tallies) == {"benign", "malignant"}
        for tally in comparison.tallies.values():
            assert [type(value) for value in astuple(tally)] == [int, float, float, float, int, int]


def what_left(clinics: Clinics, instances_from: str, **more: Any) -> pd.DataFrame:
    options: dict[str, Any] = {"instances_from": instances_from, "random_state": 0, **more}
    disclosures = CooperativeDistillation(**options).fit(participants_of(clinics)).disclosures_
    assert list(disclosures.columns) == ["round", "what", "sender", "receiver", "count"]
    assert (disclosures["sender"] != disclosures["receiver"]).all()
    return disclosures


def test_by_default_models_go_to_teachers_and_instances_come_back(clinics: Clinics) -> None:
    cooperation = CooperativeDistillation(random_state=0).fit(participants_of(clinics))
    left = cooperation.disclosures_
    assert "rows" not in set(left["what"])
    pairs = [(a, b) for a in clinics.train for b in clinics.train if a != b]
    for what in ("model", "feature summary", "testimony", "virtual instances", "draft", "comparison"):
        sent = left[left["what"] == what].drop_duplicates(["sender", "receiver"])
        assert sorted(zip(sent["sender"], sent["receiver"], strict=True)) == sorted(pairs)
    counts = left.groupby("what")["count"].agg(set)
    # Of two classes each; a draft without each quarter, and once more as refitted.
    assert (counts["testimony"], counts["comparison"], counts["draft"]) == ({2}, {2}, {4, 1})
    instances = left[left["what"] == "virtual instances"].set_index(["sender", "receiver"])["count"]
    reached = cooperation.transfers_.set_index(["teacher", "student"])["reached"]
    assert (instances.sort_index() <= reached.sort_index()).all()
    assert instances.sum() >= cooperation.transfers_["kept"].sum() > 0


def test_from_the_student_only_models_travel(clinics: Clinics) -> None:
    left = what_left(clinics, "student")
    assert "model" in set(left["what"])
    assert not {"rows", "virtual instances"} & set(left["what"])


def test_what_is_accepted_at_its_own_word_asks_for_no_word_of_others(clinics: Clinics) -> None:
    left = what_left(clinics, "teacher", expertise="in-sample", acceptance="always")
    assert set(left["what"]) == {"model", "feature summary", "virtual instances", "change summary"}


def test_from_everyone_rows_are_shared_and_the_record_says_so(clinics: Clinics) -> None:
    left = what_left(clinics, "everyone")
    rows = left[left["what"] == "rows"].set_index("sender")
    assert set(rows["receiver"]) == {"everyone"}
    assert rows["count"].to_dict() == {name: len(table.y) for name, table in clinics.train.items()}
    assert "virtual instances" in set(left["what"])


@declines
def test_every_round_is_recorded(clinics: Clinics) -> None:
    left = what_left(clinics, "teacher", rounds=2)
    assert set(left["round"]) == {1, 2}
    again = left[left["what"] != "change summary"]  # of the first round alone
    again = again.drop_duplicates(["round", "what", "sender", "receiver"])  # refitted models come after their drafts
    assert (again["round"] == 1).sum() == (again["round"] == 2).sum()


@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
def test_of_a_frozen_teacher_its_model_or_its_instances_are_recorded(clinics: Clinics, instances_from: str) -> None:
    X, y = clinics.train["large"]
    model = GaussianNB().fit(X, y)
    cooperation = CooperativeDistillation(instances_from=instances_from, random_state=0).fit(
        [
            Participant("frozen", model, feature_space=infer_feature_space(X)),
            Participant("small", GaussianNB(), *clinics.train["small"]),
        ]
    )
    sent = cooperation.disclosures_[cooperation.disclosures_["sender"] == "frozen"]
    expected = "virtual instances" if instances_from == "everyone" else "model"
    assert expected in set(sent["what"])
    assert "rows" not in set(sent["what"])


@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
def test_which_row_an_instance_was_made_from_is_kept_nowhere(clinics: Clinics, instances_from: str) -> None:
    cooperation = CooperativeDistillation(instances_from=instances_from, acceptance="always", random_state=0)
    kept = pickle.loads(pickle.dumps(cooperation.fit(participants_of(clinics))))._kept
    assert sum(map(len, kept)) == len(cooperation.virtual_instances_) > 0
    assert all((lesson.source == -1).all() for lesson in kept)
