"""Stacking finds out whom to trust."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from coopdistill import Participant
from coopdistill.baselines import InapplicableError, Stacking

RNG = np.random.default_rng(1)
X = RNG.normal(size=(300, 2))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
NEW = RNG.normal(size=(200, 2))
TRUTH = (NEW.sum(axis=1) > 0).astype(int)


def test_it_recovers_the_better_of_two_models() -> None:
    good = Participant("good", LogisticRegression(), X[:150], Y[:150])
    useless = Participant("useless", DummyClassifier(strategy="uniform", random_state=0), X[150:], Y[150:])
    stacking = Stacking().fit([good, useless])
    for name in ("good", "useless"):
        assert (stacking.predict_for(name, NEW) == TRUTH).mean() > 0.95


def test_a_model_is_not_trusted_for_what_it_learned_by_heart() -> None:
    noise = RNG.permutation(Y[:150])
    heart = Participant(
        "heart", DecisionTreeClassifier(random_state=0), X[:150], np.where(RNG.random(150) < 0.4, noise, Y[:150])
    )
    good = Participant("good", LogisticRegression(), X[150:], Y[150:])
    taught = Stacking().fit([heart, good])
    alone = DecisionTreeClassifier(random_state=0).fit(heart.X, heart.y)
    assert (taught.predict_for("heart", NEW) == TRUTH).mean() > (alone.predict(NEW) == TRUTH).mean() + 0.1


def test_of_values_no_model_counts_less_than_nothing() -> None:
    values = X @ [1.0, 2.0]
    right = Participant("right", LinearRegression(), X[:150], values[:150])
    mirrored = Participant("mirrored", LinearRegression(), X[150:], -values[150:])
    stacking = Stacking().fit([right, mirrored])
    assert stacking.predict_for("right", NEW) == pytest.approx(NEW @ [1.0, 2.0])
    assert (stacking.models_["right"].second.coef_ >= 0).all()


def test_one_class_tells_no_model_from_another() -> None:
    one = Participant("one", DecisionTreeClassifier(), X[Y == 1][:20], Y[Y == 1][:20])
    stacking = Stacking().fit([one, Participant("both", LogisticRegression(), X, Y)])
    with pytest.raises(InapplicableError, match="one class only"):
        stacking.predict_for("one", NEW)
