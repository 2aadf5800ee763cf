"""Drafts of what a student may become: each is asked about the part that it was not taught from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from coopdistill import Participant
from coopdistill.cooperation.drafts import FEW_INSTANCES, N_PARTS, Drafts, how_many_drafts
from coopdistill.datasets import make_clinics
from coopdistill.learners import Model, make_learner
from coopdistill.participants import prepare
from coopdistill.schema import Table, infer_feature_space
from doubles import Scripted, as_model, constant, threshold

X = np.linspace(-2.0, 2.0, 12)[:, None]
CLASSES = np.array([0, 1])


def model_of(says: Any, classes: tuple[int, ...] = (0, 1)) -> Model:
    return as_model(Scripted(list(classes), says), X)


@given(st.lists(st.integers(0, N_PARTS - 1), min_size=12, max_size=12), st.sampled_from([2, N_PARTS]))
def test_a_draft_is_asked_about_its_part_alone(parts: list[int], n_drafts: int) -> None:
    part = np.array(parts, dtype=np.int8)
    asked: list[set[float]] = [set() for _ in range(n_drafts)]

    def listening(place: int) -> Any:
        def says(rows: Table) -> NDArray[np.float64]:
            asked[place].update(np.asarray(rows, dtype=float)[:, 0].tolist())
            return np.tile([1 - place / 8, place / 8], (len(rows), 1))

        return says

    drafts = Drafts(tuple(model_of(listening(place)) for place in range(n_drafts)))
    for heard in asked:
        heard.clear()  # of what was asked when the models were made
    scores = drafts.scores(drafts.see(X, drafts.first.space), part, CLASSES)
    for place in range(n_drafts):
        assert asked[place] == set(X[part % n_drafts == place, 0].tolist())
    assert scores[:, 1].tolist() == (part % n_drafts / 8).tolist()


@pytest.mark.parametrize(
    ("n_instances", "task", "n_drafts"),
    [(FEW_INSTANCES - 1, "classification", 4), (FEW_INSTANCES, "classification", 2), (1, "regression", 2)],
)
def test_few_instances_with_a_label_make_more_drafts(n_instances: int, task: str, n_drafts: int) -> None:
    assert how_many_drafts(n_instances, task) == n_drafts
    assert N_PARTS % n_drafts == 0


def test_scores_are_of_the_classes_asked_for_and_nothing_of_those_unknown() -> None:
    drafts = Drafts((model_of(constant([0.4, 0.6]), (0, 1)), model_of(constant([0.1, 0.2, 0.7]), (0, 1, 2))))
    half = np.array([0, 1] * 6, dtype=np.int8)
    said = drafts.scores(drafts.see(X, drafts.first.space), half, np.array([1, 2, 5]))
    assert said[half == 0].tolist() == [[0.6, 0.0, 0.0]] * 6
    assert said[half == 1].tolist() == [[0.2, 0.7, 0.0]] * 6
    assert drafts.classes.tolist() == [0, 1, 2]


def test_an_untaught_model_is_asked_once_about_all() -> None:
    calls: list[int] = []

    def says(rows: Table) -> NDArray[np.float64]:
        calls.append(len(rows))
        return threshold(0, 0.0)(rows)

    drafts = Drafts.of_one(model_of(says))
    calls.clear()
    drafts.scores(drafts.see(X, drafts.first.space), np.array([0, 1] * 6, dtype=np.int8), CLASSES)
    assert calls == [12]


@pytest.mark.parametrize("name", ["logistic-regression", "svm", "random-forest"])
def test_refits_send_rows_once_through_the_preprocessing_that_they_share(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, y = next(iter(make_clinics(random_state=0).train.values()))
    X = pd.DataFrame(table)
    learner = make_learner(name, infer_feature_space(X))
    own = prepare(Participant("clinic", learner, X, y, refit_preprocessing=False), seed=0)
    first, second = (own.model.refit(own.X[start:], own.y[start:], seed=1) for start in (0, 5))
    half = np.arange(len(y), dtype=np.int8) % 2
    apart = np.empty((len(y), 2))
    for place, draft in enumerate((first, second)):
        apart[half == place] = draft.scores(own.X[half == place])
    sent: list[int] = []
    transform = StandardScaler.transform

    def counted(self: StandardScaler, rows: Any, *args: Any, **kwargs: Any) -> Any:
        sent.append(len(rows))
        return transform(self, rows, *args, **kwargs)

    monkeypatch.setattr(StandardScaler, "transform", counted)
    drafts = Drafts((first, second))
    together = drafts.scores(drafts.see(own.X, own.model.space), half, own.model.classes)
    np.testing.assert_allclose(together, apart, rtol=0, atol=1e-12)
    assert sent == [len(y)]
