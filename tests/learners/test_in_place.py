"""Estimators that work on their rows in place, as several of scikit-learn's may, change nobody else's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from coopdistill import CooperativeDistillation, Participant, generate_counterfactuals
from coopdistill.learners import Model, as_learner
from doubles import as_model

MAKERS: dict[str, Any] = {
    "scaler": lambda: make_pipeline(StandardScaler(copy=False), LogisticRegression()),
    "components": lambda: make_pipeline(PCA(2, copy=False), LogisticRegression()),
    "within a search": lambda: GridSearchCV(
        make_pipeline(StandardScaler(copy=False), LogisticRegression()), {"logisticregression__C": [0.1, 1.0]}, cv=2
    ),
    "margins": lambda: make_pipeline(StandardScaler(copy=False), SVC()),
    "values": lambda: LinearRegression(copy_X=False),
}
N_EACH = 80


def rows_of(seed: int, *, values: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(5.0, 3.0, size=(N_EACH, 3)) + [4.0 * seed, 0.0, 0.0]
    target = X @ [1.0, -1.0, 0.5]
    return X, target if values else np.where(target > np.median(target), "ill", "well")


def participants_with(name: str, contain: Any) -> list[Participant]:
    tables = [rows_of(seed, values=name == "values") for seed in (0, 1)]
    return [Participant(f"site {k}", MAKERS[name](), contain(X), y) for k, (X, y) in enumerate(tables)]


@pytest.mark.filterwarnings("ignore:nobody can teach")  # values that a linear model knows
@pytest.mark.parametrize(
    ("name", "contain"), [*((name, np.asarray) for name in MAKERS), ("scaler", pd.DataFrame), ("margins", pd.DataFrame)]
)
def test_a_cooperation_changes_no_row_and_ends_alike_in_one_process_and_in_two(name: str, contain: Any) -> None:
    ends = []
    for n_jobs in (1, 2):
        participants = participants_with(name, contain)
        cooperation = CooperativeDistillation(random_state=0, acceptance="always", n_jobs=n_jobs).fit(participants)
        for k, participant in enumerate(participants):
            np.testing.assert_array_equal(np.asarray(participant.X), rows_of(k, values=name == "values")[0])
        test, y = rows_of(2, values=name == "values")
        after = cooperation.evaluate(contain(test), y)
        np.testing.assert_array_equal(test, rows_of(2, values=name == "values")[0])
        assert cooperation.transfers_["kept"].sum() > 0 or name == "values"
        ends.append((cooperation.transfers_, after))
    for one, other in zip(*ends, strict=True):
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("name", MAKERS)
def test_what_a_model_says_of_rows_is_what_it_says_of_them_the_next_time(name: str) -> None:
    X, y = rows_of(0, values=name == "values")
    model: Model = as_model(as_learner(MAKERS[name]().fit(X.copy(), y)), X)
    sight = model.see(X)
    scores, labels = model.scores_and_labels(sight)
    for again in (model.scores_of(sight), model.scores(X)):
        np.testing.assert_array_equal(again, scores)
    if name == "values":
        np.testing.assert_array_equal(labels, scores[:, 0])
    else:
        assert labels.tolist() == model.classes[scores.argmax(axis=1)].tolist()
    np.testing.assert_array_equal(X, rows_of(0, values=name == "values")[0])


@pytest.mark.parametrize("contain", [np.asarray, pd.DataFrame])
def test_generation_changes_no_row(contain: Any) -> None:
    X, y = rows_of(0, values=False)
    teacher = MAKERS["scaler"]().fit(X.copy(), y)
    given = contain(X)
    generate_counterfactuals(teacher, given, y, random_state=0)
    np.testing.assert_array_equal(np.asarray(given), rows_of(0, values=False)[0])
