"""A student learns what its teacher says of the student's rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB

from coopdistill import Participant
from coopdistill.baselines import InapplicableError, SoftLabels, SoftLabelsAverage
from doubles import Scripted, constant, threshold

X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
Y = [0, 0, 1, 1]


def scripted(name: str, says: Any) -> Participant:
    return Participant(name, Scripted([0, 1], says), X, Y)


def learned(baseline: Any, name: str) -> dict[float, float]:
    """The share of class 1 in what a student was fitted on, at each row."""
    rows, labels, keywords = baseline.models_[name].learner.fitted_on
    weight = keywords["sample_weight"]
    if weight is None:
        weight = np.ones(len(labels))
    at = rows[:, 0]
    return {float(x): float(weight[(at == x) & (labels == 1)].sum() / weight[at == x].sum()) for x in X[:, 0]}


RIGHT, WRONG = threshold(0, 0.0, sure=0.8), threshold(0, 0.0, sure=0.1)


def test_the_teacher_is_who_is_right_on_the_students_rows() -> None:
    company = [scripted("student", constant([0.5, 0.5])), scripted("bad", WRONG), scripted("good", RIGHT)]
    taught = SoftLabels(temperature=1.0, weight=1.0).fit(company)
    assert learned(taught, "student") == pytest.approx({-2: 0.2, -1: 0.2, 1: 0.8, 2: 0.8})


def test_labels_and_scores_are_averaged_by_the_weight() -> None:
    company = [scripted("student", constant([0.5, 0.5])), scripted("good", RIGHT)]
    taught = SoftLabels(temperature=1.0, weight=0.25).fit(company)
    assert learned(taught, "student") == pytest.approx({-2: 0.05, -1: 0.05, 1: 0.95, 2: 0.95})
    untaught = SoftLabels(weight=0.0).fit(company)
    assert learned(untaught, "student") == {-2: 0, -1: 0, 1: 1, 2: 1}


def test_an_endless_temperature_tells_nothing() -> None:
    company = [scripted("student", constant([0.5, 0.5])), scripted("good", RIGHT)]
    taught = SoftLabels(temperature=1e9, weight=1.0).fit(company)
    assert learned(taught, "student") == pytest.approx(dict.fromkeys(X[:, 0], 0.5))


def test_of_many_teachers_the_mean_counts() -> None:
    company = [scripted("student", constant([0.5, 0.5])), scripted("bad", WRONG), scripted("good", RIGHT)]
    taught = SoftLabelsAverage(temperature=1.0, weight=1.0).fit(company)
    assert learned(taught, "student") == pytest.approx({-2: 0.55, -1: 0.55, 1: 0.45, 2: 0.45})


def test_a_regressor_learns_the_teachers_values() -> None:
    one = Participant("one", LinearRegression(), X, 2 * X[:, 0])
    two = Participant("two", LinearRegression(), X, 4 * X[:, 0])
    taught = SoftLabels(weight=0.5).fit([one, two])
    assert taught.predict_for("one", [[10.0]]) == pytest.approx(30.0)


def test_a_student_whose_rows_nobody_can_read_has_a_reason() -> None:
    import pandas as pd

    here, there = pd.DataFrame({"here": X[:, 0]}), pd.DataFrame({"there": X[:, 0]})
    company = [Participant("one", GaussianNB(), here, Y), Participant("two", LogisticRegression(), there, Y)]
    with pytest.raises(InapplicableError, match="nobody can read the rows of 'one': no shared feature"):
        SoftLabels().fit(company)
