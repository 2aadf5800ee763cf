"""The contract of learners: who keeps it, and that breaking it is noticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

from coopdistill.exceptions import OptionError
from coopdistill.learners import CallableLearner, Learner, ScikitLearnLearner, ScriptedLearner
from coopdistill.learners.checks import learner_checks
from coopdistill.schema import Table

KEEPERS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "bayes": (GaussianNB, {"missing": False}),
    "linear": (lambda: make_pipeline(StandardScaler(), LogisticRegression()), {"missing": False}),
    "forest": (lambda: RandomForestClassifier(5), {"missing": None}),
    "boosting": (lambda: HistGradientBoostingClassifier(max_iter=5, early_stopping=True), {"missing": True}),
    "margins": (SVC, {}),
    "linear values": (LinearRegression, {"missing": False}),
    "tree values": (lambda: DecisionTreeRegressor(max_depth=5), {"missing": True}),
    "neighbours' values": (KNeighborsRegressor, {}),
}
CHECKS = [
    pytest.param(check, id=f"{keeper}: {name}")
    for keeper, (make, claims) in KEEPERS.items()
    for name, check in learner_checks(make, **claims)
]


@pytest.mark.parametrize("check", CHECKS)
def test_a_learner_of_scikit_learn_keeps_the_contract(check: Callable[[], None]) -> None:
    check()


def by_sign(X: Any) -> Any:
    second = np.where(np.asarray(X)[:, 0] > 2, 0.9, 0.2)
    return np.column_stack([1 - second, second])


@pytest.mark.parametrize(
    ("name", "check"),
    [
        *learner_checks(lambda: CallableLearner(by_sign, classes=["no", "yes"], feature_names=["a", "b", "c"])),
        *learner_checks(lambda: CallableLearner(lambda X: np.asarray(X)[:, 0] * 2, feature_names=["a", "b", "c"])),
    ],
)
def test_a_function_keeps_the_contract_of_those_that_only_teach(name: str, check: Callable[[], None]) -> None:
    if name != "missing values are taken as declared":
        check()


class Broken(ScikitLearnLearner):
    """Naive Bayes that breaks one promise."""


class Columns(Broken):
    def scores(self, X: Table) -> Any:
        return super().scores(X)[:, ::-1]


class Margins(Broken):
    def scores(self, X: Table) -> Any:
        return super().scores(X) * 3 - 1


class Neighbourly(Broken):
    def scores(self, X: Table) -> Any:
        scores = super().scores(X) * np.linspace(0.5, 1, len(X))[:, None]
        return scores / scores.sum(axis=1, keepdims=True) * np.linspace(0.9, 1, len(X))[:, None]


class Single(Broken):
    def scores(self, X: Table) -> Any:
        return super().scores(X).astype(np.float32)


class Permissive(Broken):
    def scores(self, X: Table) -> Any:
        return super().scores(pd.DataFrame(X).fillna(0.0))


class Speechless(Broken):
    def scores(self, X: Table) -> Any:
        rows = pd.DataFrame(X)
        return np.where(rows.isna().any(axis=1).to_numpy()[:, None], np.nan, super().scores(rows.fillna(0.0)))


class Blinkered(Broken):
    def through_front(self, X: Table) -> Any:
        return pd.DataFrame(X) * 0.0


class Pretending(Broken):
    """It claims the front of the learner that it was refitted from, and has another."""

    front = "the same"
    shift = 0.0

    def scores(self, X: Table) -> Any:
        return super().scores(pd.DataFrame(X) + self.shift)

    def predict(self, X: Table) -> Any:
        return super().predict(pd.DataFrame(X) + self.shift)

    def refit(self, X: Table, y: Any, *, seed: int, **more: Any) -> Any:
        fitted = Pretending(GaussianNB().fit(pd.DataFrame(X) + seed, y))
        fitted.shift = float(seed)
        return fitted

    def through_front(self, X: Table) -> Any:
        return pd.DataFrame(X) + self.shift

    @property
    def behind_front(self) -> Any:
        return ScikitLearnLearner(self.estimator)


class InPlace(Broken):
    def refit(self, X: Table, y: Any, **more: Any) -> Any:
        self._estimator.fit(X, y)
        return self


class Moody(Broken):
    def refit(self, X: Table, y: Any, **more: Any) -> Any:
        return Moody(GaussianNB(var_smoothing=np.random.default_rng().random()).fit(X, y))


class Seeding(Broken):
    def refit(self, X: Table, y: Any, **more: Any) -> Any:
        np.random.seed(3)  # noqa: NPY002 (what must not be done)
        return Seeding(GaussianNB().fit(X, y))


class Forgetful(Broken):
    def refit(self, X: Table, y: Any, **more: Any) -> Any:
        known = np.isin(y, list(getattr(self.estimator, "classes_", y)))
        return Forgetful(GaussianNB().fit(X[known], y[known]))


class Encoding(Broken):
    def refit(self, X: Table, y: Any, **more: Any) -> Any:
        return Encoding(GaussianNB().fit(X, np.unique(y, return_inverse=True)[1]))


class Guessing(Broken):
    def refit(self, X: Table, y: Any, **more: Any) -> Any:
        return Guessing(GaussianNB().fit(X, np.roll(y, 1)))


class Greedy(Broken):
    def scores(self, X: Table) -> Any:
        return super().scores(X) if self.is_fitted else np.full((len(X), 3), 1 / 3)

    @property
    def classes(self) -> Any:
        return super().classes if self.is_fitted else np.arange(3)


BREAKERS = [
    (Columns, "predictions are classes", "in the order of the classes"),
    (Margins, "scores lie in", "less than 0"),
    (Neighbourly, "the scores of a row depend", "depend on the order of the rows"),
    (Single, "scores are an array", "must be float64"),
    (Permissive, "missing values", "declared to take no missing values"),
    (Blinkered, "the model behind its front", "behind its front the model has other scores"),
    (Pretending, "who shares a front", "a refit shares its front, and sees other rows there"),
    (InPlace, "a refit leaves", "refit returns the learner itself"),
    (Moody, "the seed decides", "two refits of one seed"),
    (Seeding, "the seed decides", "NumPy's global random numbers"),
    (Forgetful, "a new class", "does not know {'top'}"),
    (Encoding, "labels may be", "classes [0, 1, 2]"),
    (Guessing, "a refit learns", "of its own rows"),
    (Greedy, "failures are named", "not fitted has scores"),
]


@pytest.mark.parametrize(("kind", "promise", "message"), BREAKERS, ids=[kind.__name__ for kind, *_ in BREAKERS])
def test_a_broken_promise_is_noticed(kind: Any, promise: str, message: str) -> None:
    checks = dict(learner_checks(lambda: kind(GaussianNB()), missing=False))
    check = next(check for name, check in checks.items() if name.startswith(promise))
    with pytest.raises(AssertionError) as broken:
        check()
    assert message in str(broken.value)


def test_an_answer_of_nan_where_values_are_missing_is_noticed() -> None:
    checks = dict(learner_checks(lambda: Speechless(GaussianNB())))
    with pytest.raises(AssertionError, match="must answer, or raise"):
        checks["missing values are taken as declared"]()


def test_a_learner_declared_to_take_missing_values_must() -> None:
    with pytest.raises(AssertionError, match="declared to take missing values, and raises"):
        dict(learner_checks(GaussianNB, missing=True))["missing values are taken as declared"]()


def test_what_is_checked_follows_from_task_and_capabilities() -> None:
    of_teacher = dict(learner_checks(lambda: ScriptedLearner([0, 1], lambda X: X, refits=False)))
    of_regressor = dict(learner_checks(LinearRegression))
    assert "a refit is refused by name" in of_teacher
    assert not any("refit le" in name for name in of_teacher)
    assert not any("class of" in name or "probabilities" in name for name in of_regressor)


def test_a_scripted_learner_reads_its_answers_from_a_table() -> None:
    learner = ScriptedLearner(["no", "yes"], {(1.0, "a"): [0.1, 0.9], None: [0.7, 0.3]})
    X = np.array([[1.0, "a"], [1.0, "b"]], dtype=object)
    assert learner.scores(X).tolist() == [[0.1, 0.9], [0.7, 0.3]]
    assert learner.predict(X).tolist() == ["yes", "no"]
    assert learner.classes.dtype == object


def test_a_scripted_learner_becomes_another_by_its_second_script() -> None:
    learner: Learner = ScriptedLearner([0, 1], lambda X: np.tile([1.0, 0.0], (len(X), 1)), lambda X, y: {None: [0, 1]})
    taught = learner.refit(np.ones((2, 1)), np.ones(2), seed=5, n_own=1)
    assert learner.predict(np.ones((1, 1))).tolist() == [0]
    assert taught.predict(np.ones((1, 1))).tolist() == [1]
    assert taught.estimator.fitted_on[2] == {"seed": 5, "sample_weight": None, "n_own": 1}


def test_a_scripted_regressor_has_no_classes() -> None:
    learner = ScriptedLearner([], lambda X: np.asarray(X)[:, :1] * 2, feature_names=["a"])
    assert learner.task == "regression"
    assert learner.predict(np.array([[1.0], [2.0]])).tolist() == [2.0, 4.0]
    assert learner.estimator.feature_names_in_.tolist() == ["a"]


@pytest.mark.parametrize("made", [GaussianNB(), ScikitLearnLearner(GaussianNB())])
def test_what_makes_a_learner_is_asked_for(made: Any) -> None:
    with pytest.raises(OptionError, match=f"make_learner is a {type(made).__name__}; pass what makes a new one"):
        dict(learner_checks(made))
