"""What a report shows of rows: none unless they may be seen, and then the right ones."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill import CoopdistillWarning, CooperativeDistillation, Participant
from coopdistill.datasets import make_clinics
from coopdistill.report import Evidence, PhaseClock, gather, render_html, summarise
from coopdistill.report.evidence.changes import changes_of
from coopdistill.report.evidence.tables import read_tables


def clinics(**options: Any) -> tuple[CooperativeDistillation, list[Participant]]:
    models = (make_pipeline(StandardScaler(), LogisticRegression()), GaussianNB(), RandomForestClassifier(20))
    train = make_clinics(random_state=0).train
    participants = [Participant(name, model, *train[name]) for name, model in zip(train, models, strict=True)]
    return CooperativeDistillation(acceptance="always", random_state=0, **options).fit(participants), participants


@pytest.fixture(scope="module")
def fitted() -> tuple[CooperativeDistillation, list[Participant]]:
    return clinics()


@pytest.fixture(scope="module")
def shown(fitted: tuple[CooperativeDistillation, list[Participant]]) -> Evidence:
    return gather(*fitted, show_rows="asked")


def test_no_row_is_kept_unless_it_may_be_seen(fitted: tuple[CooperativeDistillation, list[Participant]]) -> None:
    evidence = gather(*fitted)
    assert evidence.rows_shown is None
    assert evidence.examples == ()
    assert evidence.map is not None
    assert evidence.map.rows.x == ()
    cloud = evidence.map.cloud
    assert cloud is not None
    assert min(cloud.count) >= cloud.least
    assert sum(cloud.count) <= evidence.map.n_rows


def test_rows_that_were_pooled_may_be_seen() -> None:
    evidence = gather(*clinics(instances_from="everyone"))
    assert evidence.rows_shown == "pooled"
    assert evidence.examples
    assert evidence.map is not None
    assert evidence.map.cloud is None


def test_an_example_stands_beside_a_row_of_its_owner(
    fitted: tuple[CooperativeDistillation, list[Participant]], shown: Evidence
) -> None:
    cooperation, participants = fitted
    rows = {participant.name: participant for participant in participants}
    made = cooperation.virtual_instances_
    assert len({(example.teacher, example.student) for example in shown.examples}) == 6
    for example in shown.examples:
        assert example.owner == example.teacher
        own = rows[example.owner].X[np.asarray(rows[example.owner].y).astype(str) == example.label]
        lesson = made[(made["teacher"] == example.teacher) & (made["student"] == example.student)]
        for there, side in ((own, "before"), (lesson, "after")):
            fits = np.ones(len(there), dtype=bool)
            for value in example.changed:
                told = there[value.feature].map(lambda number: f"{number:,.0f}" if number >= 1e4 else f"{number:.4g}")
                fits &= (told == getattr(value, side)).to_numpy()
            assert fits.any()
        assert example.n_changed + example.n_same == rows[example.owner].X.shape[1]
        # Of two classes: its teacher is right about it.
        assert example.sureness[1] >= 0.5


def test_rows_of_students_are_found_where_instances_come_from_them() -> None:
    evidence = gather(*clinics(instances_from="student"), show_rows="asked")
    assert evidence.examples
    assert all(example.owner == example.student for example in evidence.examples)


def test_what_is_shown_of_generation_is_what_was_made(
    fitted: tuple[CooperativeDistillation, list[Participant]], shown: Evidence
) -> None:
    made = fitted[0].virtual_instances_
    for one in shown.generation:
        part = made[(made["teacher"] == one.teacher) & (made["student"] == one.student)]
        assert sum(one.labels.values()) == len(part)
        assert one.distance[2] == pytest.approx(part["distance"].median(), abs=1e-4)
    assert shown.map is not None
    assert shown.map.n_instances == len(made)


def test_the_same_seed_shows_the_same(shown: Evidence) -> None:
    cooperation, participants = clinics()
    again = gather(cooperation, participants, show_rows="asked")
    assert again == shown


def test_columns_of_the_names_of_our_own_do_not_clash() -> None:
    train = make_clinics(random_state=0).train
    participants = [
        Participant(name, GaussianNB(), X.rename(columns={"mean radius": "distance"}), y)
        for name, (X, y) in train.items()
    ]
    tables = read_tables(CooperativeDistillation(random_state=0).fit(participants), participants)
    for (_, student), taught in tables.taught.items():
        at = tables.spaces[student].names.index("distance")
        assert not np.array_equal(taught.X[:, at], taught.about["distance"].to_numpy())


def test_pictures_are_shown_as_pictures() -> None:
    X, y = load_digits(return_X_y=True, as_frame=True)
    few = np.isin(y, (3, 8)) & (np.arange(len(y)) < 700)
    X, y = X[few], y[few]
    parts = [
        Participant(name, LogisticRegression(max_iter=500), X[part], y[part])
        for name, part in (("a", np.arange(len(y)) % 2 == 0), ("b", np.arange(len(y)) % 2 == 1))
    ]
    taught = CooperativeDistillation(acceptance="always", random_state=0).fit(parts)
    evidence = gather(taught, parts, show_rows="asked")
    example = evidence.examples[0]
    assert example.shape == (8, 8)
    row = np.frombuffer(base64.b64decode(example.pictures[0]), dtype=np.uint8)
    own = parts[["a", "b"].index(example.owner)].X.to_numpy()
    assert (np.rint(own * 255 / 16).astype(np.uint8) == row).all(axis=1).any()
    assert {portrait.label for portrait in evidence.portraits} <= {"3", "8"}
    assert evidence.changes == ()


def test_a_run_in_which_nothing_was_taught_has_a_report() -> None:
    X, y = np.array([[1.0, 2.0], [3.0, 4.0]] * 3), ["x", "z"] * 3
    twins = [Participant(name, GaussianNB(), X, y) for name in ("one", "two")]
    with pytest.warns(CoopdistillWarning, match="nobody can teach"):
        cooperation = CooperativeDistillation(focus="wrong", random_state=0).fit(twins)
    assert len(cooperation.virtual_instances_) == 0
    evidence = gather(cooperation, twins, show_rows="asked")
    assert (evidence.examples, evidence.map, evidence.generation) == ((), None, ())
    transfers = cooperation.transfers_.to_dict("records")
    result = {"name": "twins", "participants": {"one": {}, "two": {}}, "transfers": transfers}
    assert "nothing was taught" in render_html(summarise(result, evidence))


def test_labels_that_are_equal_are_one_class_of_the_map() -> None:
    rng = np.random.default_rng(0)
    participants = []
    for name, kind in (("one", np.int64), ("two", np.float64), ("three", np.bool_)):
        X = rng.normal(size=(40, 2))
        participants.append(Participant(name, GaussianNB(), X, (X[:, 0] > 0).astype(kind)))
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    shown = gather(cooperation, participants).map
    assert shown is not None
    assert len(shown.labels) == 2


def test_values_to_be_predicted_are_no_classes() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(80, 3)), columns=["a", "b", "c"])
    y = X["a"] * 2 + X["b"] ** 2
    parts = [
        Participant("low", LinearRegression(), X[:40], y[:40]),
        Participant("high", LinearRegression(), X[40:], y[40:]),
    ]
    evidence = gather(CooperativeDistillation(random_state=0).fit(parts), parts)
    assert evidence.task == "regression"
    assert all(one.labels == {} for one in evidence.generation)
    assert evidence.map is None or evidence.map.labels == ()


def test_changes_of_all_pairs_are_weighted_by_their_size() -> None:
    lines = [("a", "b", "ill", "age", 30, 1.0, 1.0), ("b", "a", "ill", "age", 10, 0.0, 0.0)]
    columns = ["teacher", "student", "label", "feature", "n", "share_changed", "mean_change"]
    overall, pair = changes_of(pd.DataFrame(lines, columns=columns))
    assert (overall.teacher, overall.n, overall.share, overall.mean) == ("", 40, 0.75, 0.75)
    assert (pair.teacher, pair.share) == ("a", 1.0)


def test_a_phase_lasts_until_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 13.0, 14.0, 20.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(now))
    told: list[tuple[str, int, int]] = []
    clock = PhaseClock(lambda *what: told.append(what))
    clock("fitting", 0, 2)
    clock("fitting", 1, 2)
    clock("teaching", 0, 1)
    clock("fitting", 0, 1)
    assert clock.seconds == {"fitting": 3.0 + 6.0, "teaching": 1.0}
    assert len(told) == 4
