"""The protocols of Afonin and Karimireddy, on ridge regression, where every step is a matrix; and FedMD."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from coopdistill import Participant
from coopdistill.baselines import (
    AlternatingDistillation,
    AveragedDistillation,
    EnsembledDistillation,
    FedMD,
    InapplicableError,
    ParallelDistillation,
)

RNG = np.random.default_rng(0)
X1, X2 = RNG.normal(size=(25, 3)), RNG.normal(size=(30, 3)) * [1.0, 0.3, 2.0]
Y1, Y2 = X1 @ [1.0, 2.0, -1.0] + RNG.normal(size=25), X2 @ [1.0, 1.5, -1.0] + RNG.normal(size=30)
PENALTY = 5.0
NEW = RNG.normal(size=(10, 3))


def ridges() -> list[Participant]:
    return [
        Participant("one", Ridge(alpha=PENALTY, fit_intercept=False), X1, Y1),
        Participant("two", Ridge(alpha=PENALTY, fit_intercept=False), X2, Y2),
    ]


def ridge(X: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.solve(X.T @ X + PENALTY * np.eye(3), X.T @ y))


def test_alternating_each_fits_what_the_last_one_said() -> None:
    taught = AlternatingDistillation(rounds=2).fit(ridges())
    first = ridge(X1, Y1)
    second = ridge(X2, X2 @ first)
    third = ridge(X1, X1 @ second)
    fourth = ridge(X2, X2 @ third)
    assert taught.predict_for("one", NEW) == pytest.approx(NEW @ third)
    assert taught.predict_for("two", NEW) == pytest.approx(NEW @ fourth)


def test_alternating_forgets() -> None:
    long = AlternatingDistillation(rounds=60).fit(ridges())
    assert np.abs(long.predict_for("one", NEW)).max() < 1e-3 * np.abs(NEW @ ridge(X1, Y1)).max()


def test_in_parallel_all_fit_the_mean_of_all_models() -> None:
    taught = ParallelDistillation(rounds=2).fit(ridges())
    one, two = ridge(X1, Y1), ridge(X2, Y2)
    for _ in range(2):
        one, two = ridge(X1, X1 @ (one + two) / 2), ridge(X2, X2 @ (one + two) / 2)
    assert taught.predict_for("one", NEW) == pytest.approx(NEW @ one)
    assert taught.predict_for("two", NEW) == pytest.approx(NEW @ two)


def test_averaged_labels_and_the_other_weigh_the_same() -> None:
    taught = AveragedDistillation(rounds=2).fit(ridges())
    one, two = ridge(X1, Y1), ridge(X2, Y2)
    for _ in range(2):
        one, two = ridge(X1, (Y1 + X1 @ two) / 2), ridge(X2, (Y2 + X2 @ one) / 2)
    assert taught.predict_for("one", NEW) == pytest.approx(NEW @ one)
    assert taught.predict_for("two", NEW) == pytest.approx(NEW @ two)


def test_averaged_with_an_equal_model_is_self_distillation() -> None:
    model = LogisticRegression(C=0.1)
    labels = (Y1 > 0).astype(int)
    company = [Participant(name, model, X1, labels) for name in ("one", "two")]
    taught = AveragedDistillation(rounds=1).fit(company)
    itself = model.fit(X1, labels)
    mean = (itself.predict_proba(X1) + np.eye(2)[labels]) / 2
    distilled = LogisticRegression(C=0.1).fit(
        np.vstack([X1, X1]), np.repeat([0, 1], 25), sample_weight=np.concatenate([mean[:, 0], mean[:, 1]])
    )
    for name in ("one", "two"):
        assert (taught.predict_for(name, NEW) == distilled.predict(NEW)).all()
        assert taught.models_[name].learner.estimator.coef_ == pytest.approx(distilled.coef_, abs=1e-3)


def test_the_ensemble_of_both_chains_converges_to_a_fit_on_all_rows() -> None:
    both = ridge(np.vstack([X1, X2]), np.concatenate([Y1, Y2]))
    error = [
        np.abs(EnsembledDistillation(steps=steps).fit(ridges()).predict_for("one", NEW) - NEW @ both).max()
        for steps in (1, 5, 80)
    ]
    assert error[0] > error[1] > error[2]
    assert error[2] < 1e-4


def test_the_ensemble_is_of_two() -> None:
    with pytest.raises(InapplicableError, match="two participants with rows, not 3"):
        EnsembledDistillation().fit([*ridges(), Participant("three", Ridge(), X1, Y1)])


def test_who_cannot_learn_soft_labels_breaks_a_chain_but_no_round() -> None:
    labels = [(Y > 0).astype(int) for Y in (Y1, Y2)]
    company = [
        Participant("near", KNeighborsClassifier(), X1, labels[0]),
        Participant("smooth", GaussianNB(), X2, labels[1]),
    ]
    with pytest.raises(InapplicableError, match="chain breaks at 'near': KNeighborsClassifier takes neither"):
        AlternatingDistillation().fit(company)
    taught = AveragedDistillation().fit(company)
    assert len(taught.predict_for("smooth", NEW)) == len(NEW)
    with pytest.raises(InapplicableError, match="crowd out"):
        taught.predict_for("near", NEW)


def test_the_consensus_is_the_mean_of_all_models_on_the_public_rows() -> None:
    public = RNG.normal(size=(12, 3))
    taught = FedMD(public=public, rounds=2).fit(ridges())
    one, two = ridge(X1, Y1), ridge(X2, Y2)
    for _ in range(2):
        agreed = public @ (one + two) / 2
        one, two = (ridge(np.vstack([X, public]), np.concatenate([y, agreed])) for X, y in ((X1, Y1), (X2, Y2)))
    assert taught.predict_for("one", NEW) == pytest.approx(NEW @ one)
    assert taught.predict_for("two", NEW) == pytest.approx(NEW @ two)


def test_without_public_rows_there_is_no_consensus() -> None:
    with pytest.raises(InapplicableError, match="pass public="):
        FedMD().fit(ridges())


def test_a_public_class_is_learned_that_was_never_seen() -> None:
    X = np.array([[0.0], [0.5], [1.0], [5.0], [5.5], [6.0], [9.0], [9.5], [10.0]])
    y = np.repeat(["a", "b", "c"], 3)
    company: list[Any] = [
        Participant("ab", GaussianNB(), X[:6], y[:6]),
        Participant("bc", GaussianNB(), X[3:], y[3:]),
        Participant("all", GaussianNB(), X, y),
    ]
    taught = FedMD(public=np.linspace(0, 10, 21)[:, None]).fit(company)
    assert taught.predict_for("ab", np.array([[0.5], [5.5], [9.8]])).tolist() == ["a", "b", "c"]
