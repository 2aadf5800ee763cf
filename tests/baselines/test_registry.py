"""What holds of every baseline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from coopdistill import Participant, infer_feature_space
from coopdistill.baselines import InapplicableError, baseline_names, make_baseline
from coopdistill.datasets import make_clinics
from coopdistill.exceptions import OptionError, ParticipantError

CLINICS = make_clinics(random_state=0, fewer_columns=True)
X_TEST, Y_TEST = CLINICS.test


def classifiers() -> list[Participant]:
    estimators = (GaussianNB(), LogisticRegression(max_iter=5000), DecisionTreeClassifier(max_depth=4))
    company = [
        Participant(name, estimator, table.X.iloc[:60], table.y.iloc[:60])
        for (name, table), estimator in zip(CLINICS.train.items(), estimators, strict=True)
    ]
    X, y = CLINICS.train["large"]
    return [*company, Participant("frozen", GaussianNB().fit(X, y), feature_space=infer_feature_space(X))]


def regressors() -> list[Participant]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    y = X @ [1.0, -2.0, 0.5]
    return [
        Participant("left", LinearRegression(), X[:45], y[:45]),
        Participant("right", DecisionTreeRegressor(max_depth=3), X[45:], y[45:]),
    ]


def answers(name: str, company: list[Participant], X: Any, **options: Any) -> dict[str, Any]:
    """A baseline's predictions for each participant, or the reason why there are none."""
    baseline = make_baseline(name, random_state=4, **options)
    try:
        baseline.fit(company)
    except InapplicableError as error:
        return dict.fromkeys([one.name for one in company], str(error))
    said: dict[str, Any] = {}
    for one in company:
        try:
            said[one.name] = baseline.predict_for(one.name, X).tolist()
        except InapplicableError as error:
            said[one.name] = str(error)
    return said


@pytest.mark.parametrize("name", baseline_names())
def test_of_classes_it_answers_or_says_why_not_and_the_same_in_any_order(name: str) -> None:
    said = answers(name, classifiers(), X_TEST)
    for answer in said.values():
        if isinstance(answer, str):
            assert len(answer) > 10
        else:
            assert len(answer) == len(X_TEST)
            assert set(answer) <= set(Y_TEST)
    assert said == answers(name, classifiers()[::-1], X_TEST)


@pytest.mark.parametrize("name", baseline_names())
def test_of_values_it_answers_or_says_why_not_and_the_same_in_any_order(name: str) -> None:
    X = np.random.default_rng(1).normal(size=(7, 3))
    said = answers(name, regressors(), X)
    for answer in said.values():
        assert len(answer) > 10 if isinstance(answer, str) else np.isfinite(answer).all() and len(answer) == 7
    assert said == answers(name, regressors()[::-1], X)


def test_what_is_unknown_is_refused_with_the_nearest() -> None:
    with pytest.raises(OptionError, match="did you mean 'pooled'"):
        make_baseline("poolde")
    with pytest.raises(OptionError, match="no option 'random_sate'; did you mean 'random_state'"):
        make_baseline("pooled", random_sate=1)
    with pytest.raises(ParticipantError, match="no participant is named 'smal'; did you mean 'small'"):
        make_baseline("untaught").fit(classifiers()).predict_for("smal", X_TEST)
