"""Models trained further, as pre-training and parameter transfer do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill import Participant
from coopdistill.baselines import InapplicableError, ParameterTransfer, PreTraining, Untaught
from coopdistill.baselines.distillation.continuation import continued
from coopdistill.learners import Model, as_learner
from coopdistill.schema import Codec, infer_feature_space

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = np.where(X @ [2.0, -1.0, 0.5] > 0, "yes", "no").astype(object)
VALUES = X @ [2.0, -1.0, 0.5]
FEW, MORE = slice(0, 30), slice(30, 120)


def model_of(estimator: Any, y: Any) -> Model:
    return Model("one", as_learner(clone(estimator)), Codec.of(X, infer_feature_space(X))).refit(X[FEW], y[FEW], seed=0)


NETS = [
    make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=10, random_state=0)),
    MLPClassifier((8,), solver="lbfgs", max_iter=3, random_state=0),
    MLPClassifier((8,), max_iter=10, early_stopping=True, random_state=0),
    SGDClassifier(loss="log_loss", random_state=0, max_iter=5, tol=None),
    LogisticRegression(max_iter=1, C=100),
    HistGradientBoostingClassifier(max_iter=2, random_state=0, min_samples_leaf=5),
    GradientBoostingClassifier(n_estimators=2, random_state=0),
    GaussianNB(),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", NETS, ids=lambda e: type(e).__name__)
def test_training_goes_on_from_where_it_was(estimator: Any) -> None:
    before = model_of(estimator, Y)
    scores = before.scores(X)
    after = continued(before, X[MORE], Y[MORE], steps=30, seed=1)
    true = np.searchsorted(before.classes, Y)
    loss = [-np.log(np.clip(m.scores(X)[np.arange(120), true], 1e-12, 1)).mean() for m in (before, after)]
    assert loss[1] < loss[0]
    assert (before.scores(X) == scores).all()
    assert (continued(before, X[MORE], Y[MORE], steps=30, seed=1).scores(X) == after.scores(X)).all()
    last = [m.learner.estimator[-1] if hasattr(estimator, "steps") else m.learner.estimator for m in (before, after)]
    assert repr(last[0]) == repr(last[1])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "estimator",
    [MLPRegressor(hidden_layer_sizes=(8,), max_iter=10, random_state=0), HistGradientBoostingRegressor(max_iter=2)],
)
def test_so_does_that_of_regressors(estimator: Any) -> None:
    before = model_of(estimator, VALUES)
    after = continued(before, X[MORE], VALUES[MORE], steps=30, seed=1)
    error = [np.abs(m.predict(X) - VALUES).mean() for m in (before, after)]
    assert error[1] < error[0]


def test_naive_bayes_counts_rows_once() -> None:
    after = continued(model_of(GaussianNB(), Y), X[MORE], Y[MORE], steps=30, seed=0)
    assert after.learner.estimator.theta_ == pytest.approx(GaussianNB().fit(X, Y).theta_)


def test_boosters_add_trees() -> None:
    after = continued(model_of(HistGradientBoostingClassifier(max_iter=7), Y), X[MORE], Y[MORE], steps=5, seed=0)
    assert after.learner.estimator.n_iter_ == 12


@pytest.mark.parametrize(
    ("package", "kind"),
    [("xgboost", "XGBClassifier"), ("lightgbm", "LGBMClassifier"), ("catboost", "CatBoostClassifier")],
)
def test_so_do_those_of_other_libraries(package: str, kind: str) -> None:
    library = pytest.importorskip(package)
    before = model_of(getattr(library, kind)(n_estimators=7), Y)
    true = np.searchsorted(before.classes, Y)
    loss = [
        -np.log(continued(before, X[MORE], Y[MORE], steps=k, seed=0).scores(X)[np.arange(120), true]).mean()
        for k in (0, 1, 5)
    ]
    # One tree more is not another model: it starts from those that there are.
    assert loss[0] > loss[1] > loss[2]


def test_forests_and_closed_forms_have_nothing_to_go_on_from() -> None:
    for estimator, y in ((RandomForestClassifier(5), Y), (Ridge(), VALUES)):
        with pytest.raises(InapplicableError, match="cannot be trained further"):
            continued(model_of(estimator, y), X, y, steps=1, seed=0)
    with pytest.raises(InapplicableError, match="no output for class 'maybe'"):
        continued(model_of(GaussianNB(), Y), X[:1], np.array(["maybe"], dtype=object), steps=1, seed=0)
    with pytest.raises(InapplicableError, match="of all its classes, and there is none of 'no'"):
        continued(model_of(HistGradientBoostingClassifier(), Y), X[Y == "yes"], Y[Y == "yes"], steps=1, seed=0)


def sgd() -> Any:
    return make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss", max_iter=50, tol=None))


def test_without_fine_tuning_a_transfer_is_the_other_model() -> None:
    company = [Participant("good", sgd(), X, Y), Participant("bad", sgd(), X[FEW], Y[FEW])]
    before = Untaught().fit(company).models_
    taken = ParameterTransfer(steps=0).fit(company).models_
    for name, other in (("bad", "good"), ("good", "bad")):
        assert (taken[name].learner.estimator[-1].coef_ == before[other].learner.estimator[-1].coef_).all()
    tuned = ParameterTransfer(steps=1).fit(company).models_
    assert (tuned["bad"].learner.estimator[-1].coef_ != before["good"].learner.estimator[-1].coef_).any()


def test_architectures_must_be_the_same() -> None:
    company = [
        Participant("net", MLPClassifier((4,), random_state=0, max_iter=2000), X[FEW], Y[FEW]),
        Participant("wide", MLPClassifier((5,), random_state=0, max_iter=2000), X[MORE], Y[MORE]),
        Participant("linear", LogisticRegression(), X, Y),
        Participant("narrow", LogisticRegression(), X[:, :2], Y),
    ]
    with pytest.raises(InapplicableError) as refused:
        ParameterTransfer().fit(company)
    for part in (
        "'wide' has another 'hidden_layer_sizes'",
        "'linear' is a LogisticRegression",
        "'narrow' has other features",
    ):
        assert part in str(refused.value)


def test_pre_training_ends_with_the_students_own_labels() -> None:
    mirrored = np.where(Y == "yes", "no", "yes").astype(object)
    student = Participant("student", sgd(), X[FEW], Y[FEW])
    teacher = Participant("teacher", GaussianNB(), X[MORE], mirrored[MORE])
    accuracy = []
    for steps in (0, 200):
        taught = PreTraining(steps=steps, temperature=1.0).fit([student, teacher])
        accuracy.append((taught.predict_for("student", X) == Y).mean())
    assert accuracy[0] < 0.2
    assert accuracy[1] > 0.8


def test_what_cannot_be_trained_further_cannot_be_pre_trained() -> None:
    company = [Participant("tree", RandomForestClassifier(5), X, Y), Participant("net", sgd(), X, Y)]
    taught = PreTraining().fit(company)
    with pytest.raises(InapplicableError, match="RandomForestClassifier cannot be trained further"):
        taught.predict_for("tree", X)
    assert (taught.predict_for("net", X) == Y).mean() > 0.8
