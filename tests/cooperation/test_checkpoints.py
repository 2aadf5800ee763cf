"""What agents answered is kept as arrays, and comes back as it was."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from coopdistill import CooperativeDistillation, Participant
from coopdistill.cooperation.changes import Changes
from coopdistill.cooperation.checkpoints import packed_answer, unpacked_answer
from coopdistill.cooperation.lesson import Lesson

CHANGES = Changes(np.array(["x"], dtype=object), np.array([7]), np.array([[0.5, 1.0]]), np.array([[np.nan, -0.5]]))


class StoppedError(Exception):
    pass


class Notebook:
    """Keeps what arrives as bytes without pickles; throws once it holds enough."""

    def __init__(self, *, throws_at: int | None = None) -> None:
        self.pages: dict[str, bytes] = {}
        self.recalled: list[str] = []
        self.throws_at = throws_at

    def recall(self, key: str) -> Mapping[str, Any] | None:
        if key not in self.pages:
            return None
        self.recalled.append(key)
        with np.load(io.BytesIO(self.pages[key]), allow_pickle=False) as kept:
            return dict(kept)

    def keep(self, key: str, arrays: Mapping[str, Any]) -> None:
        if len(self.pages) == self.throws_at:
            raise StoppedError
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        assert key not in self.pages
        self.pages[key] = buffer.getvalue()


def clinics() -> list[Participant]:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X, y = X.iloc[::2, :5], y.iloc[::2].map({0: "ill", 1: "well"})
    small = X["mean radius"] < 14
    return [
        Participant("small", DecisionTreeClassifier(max_depth=3), X[small], y[small]),
        Participant("large", GaussianNB(), X[~small], y[~small]),
    ]


def wards() -> list[Participant]:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    low = X["bmi"] < 0
    return [
        Participant("low", LinearRegression(), X[low], y[low]),
        Participant("high", DecisionTreeRegressor(max_depth=3), X[~low], y[~low]),
    ]


@pytest.mark.filterwarnings("ignore:participant 'large' would be made worse")  # it keeps its model
@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
@pytest.mark.parametrize("stops_after", [0, 1, 3])
def test_an_interrupted_cooperation_goes_on_to_the_same_result(instances_from: str, stops_after: int) -> None:
    options: dict[str, Any] = {"instances_from": instances_from, "rounds": 2, "random_state": 3}
    whole = CooperativeDistillation(**options).fit(clinics())
    notebook = Notebook(throws_at=stops_after)
    with pytest.raises(StoppedError):
        CooperativeDistillation(**options).fit_resumably(clinics(), notebook)
    notebook.throws_at = None
    resumed = CooperativeDistillation(**options).fit_resumably(clinics(), notebook)
    assert len(notebook.recalled) == stops_after
    same(whole, resumed)
    n_asked = len(notebook.pages)
    again = CooperativeDistillation(**options).fit_resumably(clinics(), notebook)
    assert len(notebook.pages) == n_asked
    same(whole, again)


def test_values_are_kept_to_their_last_bit() -> None:
    notebook = Notebook()
    whole = CooperativeDistillation(random_state=0).fit_resumably(wards(), notebook)
    same(whole, CooperativeDistillation(random_state=0).fit_resumably(wards(), notebook))
    assert notebook.recalled


def test_a_warning_is_heard_again() -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    rare = y.copy().astype(object)
    rare.iloc[0] = "rare"
    few = [
        Participant("one", GaussianNB(), X.iloc[:60, :3], rare.iloc[:60].astype(str)),
        Participant("two", GaussianNB(), X.iloc[60:, :3], rare.iloc[60:].astype(str)),
    ]
    notebook = Notebook()
    for _ in range(2):
        with pytest.warns(UserWarning, match="single row of class 'rare'"):
            CooperativeDistillation(random_state=0).fit_resumably(few, notebook)


def test_what_is_of_no_use_is_asked_again() -> None:
    notebook = Notebook()
    whole = CooperativeDistillation(random_state=0).fit_resumably(clinics(), notebook)
    empty = io.BytesIO()
    np.savez(empty, lessons=np.array(1))
    notebook.pages = dict.fromkeys(notebook.pages, empty.getvalue())
    notebook.keep = lambda key, arrays: None  # type: ignore[method-assign]
    same(whole, CooperativeDistillation(random_state=0).fit_resumably(clinics(), notebook))


@given(
    st.lists(st.one_of(st.text(), st.integers(-5, 5), st.booleans(), st.floats(allow_nan=False)), max_size=5),
    arrays_of.arrays(np.float64, st.tuples(st.just(5), st.integers(1, 3))),
)
def test_lessons_come_back_as_they_were(labels: list[Any], rows: Any) -> None:
    y = np.empty(len(labels), dtype=object)
    y[:] = labels
    X = rows[: len(labels)]
    values = X[:, 0]
    part = np.arange(len(y), dtype=np.int8) % 4
    lacking = np.arange(X.shape[1]) > 0
    lesson = Lesson(
        "a", "b", 9, 8, 7, X, y, values, values, values, values, np.arange(len(y)), part, CHANGES, lacking, "unheard of"
    )  # fmt: skip
    packed = packed_answer([lesson, lesson])
    assert packed is not None
    for back in unpacked_answer(packed, None):  # type: ignore[arg-type]  # no one is asked
        assert (back.teacher, back.student, back.qualified, back.generated, back.reached) == ("a", "b", 9, 8, 7)
        np.testing.assert_array_equal(back.X, X)
        np.testing.assert_array_equal(back.part, part)
        np.testing.assert_array_equal(back.lacking, lacking)
        assert back.why_not == "unheard of"
        np.testing.assert_array_equal(back.changes.mean, CHANGES.mean)
        assert back.changes.labels.tolist() == ["x"]
        assert back.y.dtype == object
        assert [(type(v), v) for v in back.y.tolist()] == [(type(v), v) for v in labels]


def test_labels_that_json_does_not_know_are_not_kept() -> None:
    y = np.empty(1, dtype=object)
    y[:] = [pd.Timestamp(0)]
    one = np.zeros(1)
    which = np.zeros(1, dtype=np.int8)
    lesson = Lesson("a", "b", 1, 1, 1, np.zeros((1, 1)), y, one, one, one, one, which, which, CHANGES, one > 0, "")
    assert packed_answer([lesson]) is None


def same(one: CooperativeDistillation, other: CooperativeDistillation) -> None:
    pd.testing.assert_frame_equal(one.virtual_instances_, other.virtual_instances_, check_exact=True)
    pd.testing.assert_frame_equal(one.changes_, other.changes_)
    pd.testing.assert_frame_equal(one.transfers_, other.transfers_)
    pd.testing.assert_frame_equal(one.disclosures_, other.disclosures_)
    assert one.accepted_ == other.accepted_
    assert one.n_rounds_ == other.n_rounds_
