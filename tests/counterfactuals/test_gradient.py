"""The gradient generator: the shortest way for linear models, and a way for all that have derivatives."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from coopdistill import generate_counterfactuals
from coopdistill.counterfactuals import generate
from coopdistill.exceptions import OptionError
from coopdistill.learners import as_learner
from doubles import as_model


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


def test_hardly_a_change_is_left_that_was_not_needed() -> None:
    X, y = load_digits(return_X_y=True, as_frame=True)
    teacher = make_pipeline(StandardScaler(), MLPClassifier((32,), alpha=1.0, max_iter=60, random_state=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        teacher.fit(X, y)
    some, labels = X[::8].astype(float), y[::8].to_numpy()
    batch = generate_counterfactuals(teacher, some, labels, generator="gradient", random_state=0)
    start, made = some.to_numpy(), batch.X.to_numpy()
    several = (batch.status == "reached") & ((made != start).sum(axis=1) > 1) & (batch.score_before < 1 - 1e-6)
    needed = []
    for row in np.flatnonzero(several):
        features = np.flatnonzero(made[row] != start[row])
        without = np.repeat(made[[row]], len(features), axis=0)
        without[np.arange(len(features)), features] = start[row, features]
        said = teacher.predict_proba(pd.DataFrame(without, columns=X.columns))[:, labels[row]]
        needed += (said < batch.score_target[row] - 1e-9).tolist()
    assert len(needed) > 100
    assert np.mean(needed) > 0.95


def test_rows_that_miss_their_target_end_where_the_teacher_is_surest() -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    teacher = make_pipeline(StandardScaler(), SVC()).fit(X, y)
    batch = generate_counterfactuals(teacher, X, y, generator="gradient", random_state=0)
    missed = batch.status == "improved"
    assert (batch.status == "reached").mean() >= 0.97
    for label in (0, 1):
        # Higher than its peak a machine of radial kernels is nowhere: no target was missed for want of trying.
        of_class = (y == label).to_numpy()
        assert (batch.score_after[missed & of_class] >= 0.995 * batch.score_after[of_class].max()).all()


def test_single_precision_is_no_reason_to_miss_a_target() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    from coopdistill.learners import TorchModule

    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    rows = StandardScaler().fit_transform(X).astype(np.float32)
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(30, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    teacher = TorchModule(module, max_epochs=4, device="cpu", random_state=0).fit(rows, y.to_numpy())
    batch = generate_counterfactuals(teacher, rows, y, generator="gradient", random_state=0)
    assert batch.X.dtype == np.float32
    open_ = batch.score_before < 1 - 1e-6
    assert (batch.status[open_] == "reached").mean() >= 0.99


def test_without_other_rows_derivatives_lead_alone() -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    model = as_model(as_learner(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)), X)
    rows, labels = model.codec.encode(X)[:40], y[:40].to_numpy()
    made = generate(model, rows, labels, alpha=0.5, generator="gradient", reference=None, seed=0)
    assert (made.status[made.before < 1 - 1e-6] == "reached").all()


def test_a_tree_has_no_derivatives() -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    with pytest.raises(OptionError, match="no derivatives of DecisionTreeClassifier are known"):
        generate_counterfactuals(DecisionTreeClassifier().fit(X, y), X, y, generator="gradient")
