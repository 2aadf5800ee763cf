"""Before and after, beside what could be done instead."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

from coopdistill import CooperativeDistillation, Participant, infer_feature_space
from coopdistill.baselines import Average, Pooled, RawRows, make_baseline
from coopdistill.datasets import make_clinics
from coopdistill.evaluation import compare
from coopdistill.exceptions import InapplicableError, LabelError, OptionError

CLINICS = make_clinics(random_state=0)


class Named(Average):
    name = "together"


@pytest.fixture(scope="module")
def participants() -> list[Participant]:
    return [Participant(name, GaussianNB(), *table) for name, table in CLINICS.train.items()]


def test_every_number_is_what_its_model_scores(participants: list[Participant]) -> None:
    X, y = CLINICS.test
    cooperation = CooperativeDistillation(random_state=3).fit(participants)
    table = compare(cooperation, participants, X, y).set_index("participant")
    assert list(table.columns) == ["metric", "before", "after", "accepted", "together", "pooled", "average"]
    for participant in participants:
        row = table.loc[participant.name]
        assert row["before"] == pytest.approx(GaussianNB().fit(participant.X, participant.y).score(X, y))
        assert row["after"] == pytest.approx(cooperation.learners_[participant.name].score(X, y))
        assert row["accepted"] == cooperation.accepted_[participant.name]
        together = cooperation.predict_for(participant.name, X)
        assert row["together"] == pytest.approx((together == y).mean())
        for baseline in (Pooled(3), Average(3)):
            predicted = baseline.fit(participants).predict_for(participant.name, X)
            assert row[baseline.name] == pytest.approx((predicted == y).mean())


def test_other_baselines_and_metrics_may_be_asked_for(participants: list[Participant]) -> None:
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    table = compare(
        cooperation, participants, *CLINICS.test, metric="balanced_accuracy", baselines=[RawRows(), Pooled()]
    )
    assert list(table.columns)[-2:] == ["raw-rows", "pooled"]
    assert set(table["metric"]) == {"balanced_accuracy"}
    assert table["pooled"].between(0.8, 1).all()


def test_where_a_baseline_does_not_apply_the_reason_stands_in_attrs(participants: list[Participant]) -> None:
    class Picky(Pooled):
        name = "picky"

        def _teach(self, name: str, prepared: Any, seed: int) -> Any:
            if name == "small":
                raise InapplicableError("too small")
            return super()._teach(name, prepared, seed)

    class Never(Pooled):
        name = "never"

        def _teach(self, name: str, prepared: Any, seed: int) -> Any:
            raise InapplicableError("for nobody")

    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    table = compare(cooperation, participants, *CLINICS.test, baselines=[Picky(), Never()]).set_index("participant")
    assert table["picky"].isna().to_dict() == {name: name == "small" for name in table.index}
    assert table["never"].isna().all()
    assert table.attrs["reasons"] == {
        "picky": {"small": "too small"},
        "never": dict.fromkeys(table.index, "for nobody"),
    }


@pytest.mark.filterwarnings("ignore:participant 'small' would be made worse")
def test_a_frozen_participant_has_no_bounds(participants: list[Participant]) -> None:
    X, y = CLINICS.train["large"]
    frozen = Participant("frozen", GaussianNB().fit(X, y), feature_space=infer_feature_space(X))
    company = [frozen, *participants[:2]]
    cooperation = CooperativeDistillation(random_state=0).fit(company)
    table = compare(cooperation, company, *CLINICS.test).set_index("participant")
    assert table.loc["frozen", ["accepted", "pooled"]].isna().all()
    assert table.loc["frozen", "before"] == table.loc["frozen", "after"]
    assert pd.notna(table.loc["small", "pooled"])


def test_labels_that_no_model_knows_are_refused(participants: list[Participant]) -> None:
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    X, y = CLINICS.test
    with pytest.raises(LabelError, match="no model knows any of the labels in y"):
        compare(cooperation, participants, X, [f"{label}." for label in y])


@pytest.mark.parametrize(
    ("baselines", "message"),
    [
        (["pooled"], r"baselines=\['pooled'\] must be a list of baselines, such as \[make_baseline\('pooled'\)\]"),
        ("pooled", "baselines='pooled' must be a list"),
        (Pooled(), "must be a list of baselines"),
        ([Named()], "cannot be named 'together'"),
        ([make_baseline("munge", times=1), make_baseline("munge", times=9)], "two baselines are named 'munge'"),
    ],
)
def test_baselines_are_a_list_of_distinct_ones(participants: list[Participant], baselines: Any, message: str) -> None:
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    with pytest.raises(OptionError, match=message):
        compare(cooperation, participants, *CLINICS.test, baselines=baselines)
