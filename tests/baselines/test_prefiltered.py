"""Wrong labels are dropped before rows are handed over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from coopdistill import Participant
from coopdistill.baselines import Pooled, Prefiltered
from coopdistill.baselines.rows import prefiltered

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 2))
TRUE = np.where(X[:, 0] + X[:, 1] > 0, "yes", "no").astype(object)
CLEAR = np.abs(X.sum(axis=1)) > 0.7
PLANTED = np.flatnonzero(CLEAR[:100])[:10]
WRONG = TRUE[:100].copy()
WRONG[PLANTED] = np.where(WRONG[PLANTED] == "yes", "no", "yes")


def company(noisy: Any = WRONG) -> list[Participant]:
    return [
        Participant("clean", GaussianNB(), X[100:], TRUE[100:]),
        Participant("noisy", DecisionTreeClassifier(max_depth=4, random_state=0), X[:100], noisy),
        Participant("third", LogisticRegression(), X[100:150], TRUE[100:150]),
    ]


def test_planted_wrong_labels_are_what_is_dropped() -> None:
    filtered = Prefiltered(share=0.1).fit(company())
    dropped = np.flatnonzero(~filtered.kept_["noisy"])
    assert len(dropped) <= 10
    assert len(np.intersect1d(dropped, PLANTED)) >= 9
    # Of rows that are labelled right, those at the border look doubtful.
    assert not CLEAR[100:][~filtered.kept_["clean"]].any()


def test_with_no_share_to_drop_it_is_pooling() -> None:
    filtered, pooled = Prefiltered(share=0.0).fit(company()), Pooled().fit(company())
    for name in ("clean", "noisy", "third"):
        assert filtered.predict_for(name, X).tolist() == pooled.predict_for(name, X).tolist()


def test_the_students_own_rows_stay_whole() -> None:
    class Counting(GaussianNB):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            self.rows_ = pd.DataFrame(X)
            return super().fit(X, y, sample_weight)

    people = company()
    people[1] = Participant("noisy", Counting(), X[:100], WRONG)
    filtered: Any = Prefiltered(share=0.1).fit(people)
    own = filtered.models_["noisy"].learner.estimator.rows_
    kept = filtered.kept_
    assert len(own) == 100 + kept["clean"].sum() + kept["third"].sum()
    assert not kept["noisy"].all()


def test_of_values_the_greatest_errors_are_dropped() -> None:
    y = X @ [1.0, -1.0]
    y[[3, 17]] += 50
    people = [
        Participant("one", LinearRegression(), X[:100], y[:100]),
        Participant("two", LinearRegression(), X[100:], y[100:]),
    ]
    filtered = Prefiltered(share=0.02).fit(people)
    assert np.flatnonzero(~filtered.kept_["one"]).tolist() == [3, 17]
    assert filtered.predict_for("two", X) == pytest.approx(X @ [1.0, -1.0])


def test_a_learner_that_cannot_be_fitted_there_is_passed_over() -> None:
    class Picky(GaussianNB):
        """Refuses a column of one value."""

        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            if (np.ptp(np.asarray(X), axis=0) == 0).any():
                raise ValueError("a column of one value")
            return super().fit(X, y, sample_weight)

    three = np.column_stack([X, X[:, 0]])
    picky = Participant("picky", Picky(), pd.DataFrame(three[100:], columns=["a", "b", "c"]), TRUE[100:])
    noisy = Participant("noisy", GaussianNB(), pd.DataFrame(X[:100], columns=["a", "b"]), WRONG)
    filtered = Prefiltered().fit([picky, noisy])
    assert 0 < (~filtered.kept_["noisy"]).sum() <= 10


def test_learners_of_one_kind_are_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def said_out_of_fold(own: Any, classes: Any, *, seed: int) -> Any:
        asked.append(own.model.name)
        return np.full((len(own.y), len(classes)), 1 / len(classes))

    monkeypatch.setattr(prefiltered, "said_out_of_fold", said_out_of_fold)
    # Fitted, each bears a seed of its own.
    trees = [Participant(name, make_pipeline(StandardScaler(), DecisionTreeClassifier()), X, TRUE) for name in "abc"]
    Prefiltered().fit(trees)
    assert asked == ["a", "a", "a"]
    asked.clear()
    Prefiltered().fit([*trees[:2], Participant("c", DecisionTreeClassifier(max_depth=2), X, TRUE)])
    assert asked == ["a", "c"] * 3
