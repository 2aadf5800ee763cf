"""The gradient generator: the shortest way for linear models, and a way for all that have derivatives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from coopdistill import generate_counterfactuals
from coopdistill.exceptions import OptionError


def test_a_linear_model_is_taken_the_shortest_way() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
    y = (X["a"] + 0.3 * X["b"] > 0).astype(int)
    teacher = LogisticRegression().fit(X, y)
    wide = {name: {"low": -100.0, "high": 100.0, "spread": 1.0} for name in X}
    batch = generate_counterfactuals(teacher, X, y, generator="gradient", feature_space=wide, random_state=0)
    assert (batch.status == "reached").all()
    steepest = np.abs(teacher.coef_[0]).argmax()
    missing = logit(batch.score_target) - logit(batch.score_before)
    # A step along the steepest feature is the least in L1 that adds what is missing to the log odds.
    shortest = missing / np.abs(teacher.coef_[0, steepest])
    alone = (batch.X != X).sum(axis=1).to_numpy() == 1
    assert np.allclose(batch.distance[alone], shortest[alone], rtol=1e-2)
    assert alone.mean() > 0.9


@pytest.mark.parametrize("final", [LogisticRegression(), MLPClassifier((16,), max_iter=1000, random_state=0)], ids=str)
def test_every_target_of_real_data_is_reached_with_few_changes(final) -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    teacher = make_pipeline(StandardScaler(), final).fit(X, y)
    batch = generate_counterfactuals(teacher, X, y, generator="gradient", random_state=0)
    open_ = batch.score_before < 1 - 1e-9
    assert (batch.status[open_] == "reached").mean() >= 0.99
    assert (batch.X != X).sum(axis=1)[open_].mean() <= 3


def test_values_are_met() -> None:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    batch = generate_counterfactuals(Ridge(1e-3).fit(X, y), X, y, generator="gradient", random_state=0)
    assert (batch.status == "reached").mean() >= 0.99


def test_a_tree_has_no_derivatives() -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    with pytest.raises(OptionError, match="no derivatives of DecisionTreeClassifier are known"):
        generate_counterfactuals(DecisionTreeClassifier().fit(X, y), X, y, generator="gradient")
