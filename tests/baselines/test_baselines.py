"""Each baseline does exactly what its name says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill import Participant, infer_feature_space
from coopdistill.baselines import Average, Pooled, RawRows
from coopdistill.datasets import make_clinics
from coopdistill.exceptions import ParticipantError

CLINICS = make_clinics(random_state=0)
X_TEST, Y_TEST = CLINICS.test


def three(estimator: Any) -> list[Participant]:
    return [Participant(name, estimator, *table) for name, table in CLINICS.train.items()]


def test_pooled_is_a_fit_on_all_rows() -> None:
    pooled = Pooled().fit(three(GaussianNB()))
    tables = CLINICS.train.values()
    expected = GaussianNB().fit(pd.concat([t.X for t in tables]), pd.concat([t.y for t in tables]))
    for name in CLINICS.train:
        assert (pooled.predict_for(name, X_TEST) == expected.predict(X_TEST)).all()


def test_pooled_knows_classes_that_a_participant_never_saw() -> None:
    X = np.array([[0.0], [0.5], [5.0], [5.5], [9.0], [9.5]])
    pooled = Pooled().fit(
        [
            Participant("ab", GaussianNB(), X[:4], ["a", "a", "b", "b"]),
            Participant("bc", GaussianNB(), X[2:], ["b", "b", "c", "c"]),
        ]
    )
    assert pooled.predict_for("ab", np.array([[0.2], [5.2], [9.2]])).tolist() == ["a", "b", "c"]


def test_the_average_of_one_model_and_itself_is_the_model() -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(*CLINICS.train["large"])
    average = Average().fit(three(model))
    for name in CLINICS.train:
        assert (average.predict_for(name, X_TEST) == model.predict(X_TEST)).all()


def test_the_average_adds_scores_class_by_class() -> None:
    X = np.array([[0.0], [0.5], [5.0], [5.5], [9.0], [9.5]])
    left, right = GaussianNB().fit(X[:4], list("aabb")), GaussianNB().fit(X[2:], list("bbcc"))
    average = Average().fit(
        [Participant("left", left, X[:4], list("aabb")), Participant("right", right, X[2:], list("bbcc"))]
    )
    rows = np.linspace(-1, 11, 25)[:, None]
    total = np.hstack([left.predict_proba(rows), np.zeros((25, 1))])
    total[:, 1:] += right.predict_proba(rows)
    assert average.predict_for("left", rows).tolist() == [list("abc")[i] for i in total.argmax(axis=1)]


def test_raw_rows_sends_just_the_rows_where_a_teacher_is_qualified() -> None:
    class Counting(GaussianNB):
        """Remembers how many rows it was fitted on."""

        def fit(self, X: Any, y: Any) -> Any:
            self.n_rows_ = len(X)
            self.rows_ = X
            return super().fit(X, y)

    raw = RawRows().fit(three(Counting()))
    for name in CLINICS.train:
        own = CLINICS.train[name].X
        fitted_on = raw.models_[name].learner.estimator
        sent = fitted_on.rows_.to_numpy()[len(own) :]
        assert (fitted_on.rows_.to_numpy()[: len(own)] == own.to_numpy()).all()
        before = Counting().fit(*CLINICS.train[name])
        others = [CLINICS.train[other] for other in CLINICS.train if other != name]
        wrong = {
            tuple(row)
            for table in others
            for row in table.X.to_numpy()[(before.predict(table.X) != table.y).to_numpy()].tolist()
        }
        assert 0 < len(sent) <= len(wrong)
        assert set(map(tuple, sent.tolist())) <= wrong


@pytest.mark.parametrize("baseline", [Pooled, Average, RawRows])
def test_a_frozen_participant_gives_no_rows(baseline: Any) -> None:
    X, y = CLINICS.train["large"]
    frozen = Participant("frozen", GaussianNB().fit(X, y), feature_space=infer_feature_space(X))
    fitted = baseline().fit([frozen, *three(GaussianNB())[:2]])
    assert (fitted.predict_for("small", X_TEST) == Y_TEST).mean() > 0.8


@pytest.mark.parametrize("baseline", [Pooled, Average, RawRows])
def test_baselines_refuse_what_cooperation_refuses(baseline: Any) -> None:
    with pytest.raises(ParticipantError, match="at least two"):
        baseline().fit(three(GaussianNB())[:1])


def test_columns_that_differ_are_aligned() -> None:
    clinics = make_clinics(random_state=0, fewer_columns=True)
    participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    for baseline in (Pooled(), Average(), RawRows()):
        baseline.fit(participants)
        assert (baseline.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8
