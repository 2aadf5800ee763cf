"""Soft labels, and how any learner is fitted on them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given as with_drawn
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from coopdistill.baselines.distillation.targets import fit_on_targets, given, said, softened
from coopdistill.exceptions import InapplicableError
from coopdistill.learners import as_learner
from doubles import Scripted, as_model, constant

AB = np.array(["a", "b"], dtype=object)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
SOFT = np.column_stack([1 - expit(2 * X[:, 0]), expit(2 * X[:, 0])])


def fitted(estimator: Any) -> Any:
    return as_model(as_learner(estimator.fit(X, np.where(X[:, 1] > 0, "b", "a"))), X)


@with_drawn(st.lists(st.floats(0.01, 1), min_size=2, max_size=5), st.floats(1, 20))
def test_a_temperature_keeps_the_order_and_brings_probabilities_together(scores: list[float], T: float) -> None:
    p = np.array([scores]) / sum(scores)
    q = softened(p, T)
    assert q.sum() == pytest.approx(1)
    assert (np.diff(q[0, np.argsort(p[0])]) >= -1e-12).all()
    assert np.ptp(q) <= np.ptp(p) + 1e-12


def test_at_temperature_one_the_scores_themselves_and_in_the_limit_all_alike() -> None:
    p = np.array([[0.7, 0.2, 0.1], [1.0, 0.0, 0.0]])
    assert (softened(p, 1) == p).all()
    assert softened(p, 1e9) == pytest.approx(1 / 3)


def test_at_a_temperature_they_are_the_softmax_of_divided_logits() -> None:
    logits = RNG.normal(size=(5, 3))
    p, q = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) for z in (logits, logits / 4))
    assert softened(p, 4) == pytest.approx(q)


def test_weighted_rows_have_the_loss_of_soft_labels() -> None:
    def loss(w: Any) -> Any:
        z = X @ w[:2] + w[2]
        return 0.5 * w[:2] @ w[:2] + (SOFT[:, 1] * np.logaddexp(0, -z) + SOFT[:, 0] * np.logaddexp(0, z)).sum()

    wanted = minimize(loss, np.zeros(3), tol=1e-10).x
    model = fit_on_targets(fitted(LogisticRegression(tol=1e-8)), X, SOFT, AB, seed=0)
    got = model.learner.estimator
    assert np.append(got.coef_[0], got.intercept_) == pytest.approx(wanted, abs=2e-3)


def test_hard_targets_are_a_plain_refit() -> None:
    y = np.where(X[:, 0] > 0, "b", "a").astype(object)
    learner = Scripted(["a", "b"], constant([0.5, 0.5]))
    refitted: Any = fit_on_targets(as_model(learner, X), X, given(y, AB), AB, seed=3).learner
    rows, labels, keywords = refitted.fitted_on
    assert (rows == X).all()
    assert (labels == y).all()
    assert keywords == {"seed": 3, "sample_weight": None, "n_own": None}


def test_every_row_counts_as_much_as_it_did_and_own_rows_come_first() -> None:
    weight = RNG.uniform(0.5, 2, size=60)
    model = as_model(Scripted(["a", "b"], constant([0.5, 0.5])), X)
    refitted: Any = fit_on_targets(model, X, SOFT, AB, seed=0, weight=weight, n_own=40).learner
    rows, labels, keywords = refitted.fitted_on
    assert (rows[:60] == X).all()
    assert keywords["n_own"] == 40
    for i in (0, 17, 59):
        mine = (rows == X[i]).all(axis=1)
        assert keywords["sample_weight"][mine].sum() == pytest.approx(weight[i])
        share_of_b = keywords["sample_weight"][mine & (labels == "b")].sum() / weight[i]
        assert share_of_b == pytest.approx(SOFT[i, 1], abs=2e-3)


def test_a_learner_without_weights_gets_copies_in_proportion() -> None:
    targets = np.array([[0.62, 0.38], [1.0, 0.0], [0.04, 0.96]])
    seen: dict[str, Any] = {}

    class Remembering(LinearDiscriminantAnalysis):
        def fit(self, X: Any, y: Any) -> Any:
            seen.update(X=X, y=y)
            return super().fit(X, y)

    fit_on_targets(fitted(Remembering()), X[:3], targets, AB, seed=0)
    counts = [[int(((seen["X"] == X[i]).all(axis=1) & (seen["y"] == label)).sum()) for label in AB] for i in range(3)]
    assert counts == [[6, 4], [10, 0], [0, 10]]


def test_neighbours_cannot_be_copied() -> None:
    model = fitted(KNeighborsClassifier())
    with pytest.raises(InapplicableError, match="neither soft labels nor weights"):
        fit_on_targets(model, X, SOFT, AB, seed=0)
    hard = fit_on_targets(model, X, np.rint(SOFT), AB, seed=0)
    assert (hard.predict(X) == AB[SOFT.argmax(axis=1)]).mean() > 0.8


def test_a_class_that_a_model_never_saw_gets_no_share() -> None:
    model = as_model(Scripted(["a", "c"], constant([0.25, 0.75])), X)
    assert said(model, X[:1], np.array(["a", "b", "c"], dtype=object)).tolist() == [[0.25, 0.0, 0.75]]
