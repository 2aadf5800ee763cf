"""XGBoost, LightGBM and CatBoost: each makes its own demands, and none of them reaches the user."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill import CooperativeDistillation, Participant
from coopdistill.exceptions import CoopdistillWarning, LearnerError, LearnerFailure
from coopdistill.learners import EncodedLabels, as_learner, learner_names, make_learner
from coopdistill.learners.boosters import BoosterLearner, has_booster
from coopdistill.learners.checks import learner_checks
from coopdistill.learners.derivatives.design_matrix import design_of
from coopdistill.learners.libraries.validation_rows import hold_out
from coopdistill.learners.model import Model
from coopdistill.schema import Codec, infer_feature_space

xgboost = pytest.importorskip("xgboost", reason="the boosters are extras; see make test-learners")
lightgbm = pytest.importorskip("lightgbm", reason="the boosters are extras; see make test-learners")
catboost = pytest.importorskip("catboost", reason="the boosters are extras; see make test-learners")

RNG = np.random.default_rng(0)
A = RNG.normal(size=(150, 3))
Y = np.array(["low", "mid", "top"], dtype=object)[np.digitize(A[:, 0], [-0.5, 0.5])]
FRAME = pd.DataFrame(A, columns=["dose", "age", "years"])
MIXED = FRAME.assign(region=pd.Categorical(np.where(A[:, 1] > 0, "north", "south")))

CLASSIFIERS: dict[str, Callable[..., Any]] = {
    "xgboost": lambda n=8, **more: xgboost.XGBClassifier(n_estimators=n, **more),
    "lightgbm": lambda n=8, **more: lightgbm.LGBMClassifier(n_estimators=n, min_child_samples=3, **more),
    "catboost": lambda n=8, **more: catboost.CatBoostClassifier(iterations=n, **more),
}
REGRESSORS: dict[str, Callable[..., Any]] = {
    "xgboost": lambda: xgboost.XGBRegressor(n_estimators=20),
    "lightgbm": lambda: lightgbm.LGBMRegressor(n_estimators=20, min_child_samples=3),
    "catboost": lambda: catboost.CatBoostRegressor(iterations=30, learning_rate=0.3),
}
STOPPING = {
    "xgboost": {"early_stopping_rounds": 2},
    "lightgbm": {"early_stopping_round": 2},
    "catboost": {"early_stopping_rounds": 2},
}
each_classifier = pytest.mark.parametrize("name", list(CLASSIFIERS))


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    yield
    assert not list(tmp_path.iterdir()), "a booster wrote files where it ran"


def inner(learner: Any) -> Any:
    estimator = learner.estimator
    estimator = estimator.estimator_ if isinstance(estimator, EncodedLabels) else estimator
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator


CHECKS = [
    pytest.param(check, id=f"{name} {task}: {promise}")
    for task, makers in (("classes", CLASSIFIERS), ("values", REGRESSORS))
    for name, make in makers.items()
    for promise, check in learner_checks(make, missing=True)
]


@pytest.mark.parametrize("check", CHECKS)
def test_a_booster_keeps_the_contract(check: Callable[[], None]) -> None:
    check()


@each_classifier
def test_a_fit_is_silent(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    as_learner(CLASSIFIERS[name](40, **STOPPING[name])).refit(FRAME, Y, seed=0).scores(FRAME)
    assert capfd.readouterr() == ("", "")


@each_classifier
@pytest.mark.parametrize("labels", [[False, True], [0.0, 1.0], [7, 3], ["b", "a"], [0, 1]])
def test_labels_come_back_as_they_were_given(name: str, labels: list[Any]) -> None:
    y = np.array(labels, dtype=object if isinstance(labels[0], str) else None)[(A[:, 0] > 0).astype(int)]
    learner = as_learner(CLASSIFIERS[name]()).refit(A, y, seed=0)
    predicted = learner.predict(A)
    assert learner.classes.tolist() == sorted(labels)
    assert type(learner.classes.tolist()[0]) is type(predicted.tolist()[0]) is type(labels[0])
    assert np.mean(predicted == y) > 0.9


def test_xgboost_stays_bare_where_it_takes_the_labels() -> None:
    y = np.digitize(A[:, 0], [-0.5, 0.5])
    learner = as_learner(xgboost.XGBClassifier(n_estimators=3))
    assert isinstance(learner.refit(A, y, seed=0).estimator, xgboost.XGBClassifier)
    lacking = learner.refit(A[y != 1], y[y != 1], seed=0)
    assert isinstance(lacking.estimator, EncodedLabels)
    assert lacking.classes.tolist() == [0, 2]
    assert isinstance(lacking.refit(A, y, seed=0).estimator, xgboost.XGBClassifier)


def test_the_wrapped_model_is_one_of_scikit_learn() -> None:
    wrapped = as_learner(xgboost.XGBClassifier(n_estimators=3)).refit(FRAME, Y, seed=0).estimator
    assert list(wrapped.feature_names_in_) == list(FRAME)
    assert wrapped.n_features_in_ == 3
    assert wrapped.score(FRAME, Y) > 0.8
    again = clone(wrapped).fit(FRAME, Y)
    assert np.array_equal(again.predict_proba(FRAME), wrapped.predict_proba(FRAME))


@each_classifier
def test_a_user_s_own_settings_stay(name: str) -> None:
    own = {
        "xgboost": {"random_state": 5, "n_jobs": 2},
        "lightgbm": {"random_state": 5, "n_jobs": 2, "verbose": -1},
        "catboost": {"random_seed": 5, "thread_count": 2, "silent": True},
    }[name]
    parameters = inner(as_learner(CLASSIFIERS[name](**own)).refit(A, Y, seed=1)).get_params()
    assert {key: parameters[key] for key in own} == own


@each_classifier
def test_the_seed_fills_what_is_open(name: str) -> None:
    sampled = {"xgboost": "subsample", "lightgbm": "subsample", "catboost": "rsm"}[name]
    more = {"subsample_freq": 1} if name == "lightgbm" else {}
    learner = as_learner(CLASSIFIERS[name](**{sampled: 0.5}, **more))
    one, same, other = (learner.refit(A, Y, seed=seed).scores(A) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@each_classifier
def test_native_categories_need_no_word(name: str) -> None:
    X = MIXED[["dose", "region"]]
    y = np.where((X["dose"] > 0) == (X["region"] == "north"), "ill", "well").astype(object)
    learner = as_learner(CLASSIFIERS[name](30)).refit(X, y, seed=0)
    assert np.mean(learner.predict(X) == y) > 0.9
    swapped = np.where(X["region"] == "north", "south", "north")
    assert np.mean(learner.predict(X.assign(region=pd.Categorical(swapped))) == y) < 0.3


def test_catboost_takes_text_as_categories_and_its_list_of_them_is_copied() -> None:
    text = MIXED.astype({"region": object})
    learner = as_learner(catboost.CatBoostClassifier(iterations=5)).refit(text, Y, seed=0)
    assert learner.estimator.get_params()["cat_features"] == ["region"]
    again = learner.refit(text, Y, seed=0)
    assert np.array_equal(again.scores(text), learner.scores(text))
    piped = make_pipeline(StandardScaler().set_output(transform="pandas"), catboost.CatBoostClassifier(iterations=5))
    piped.set_params(catboostclassifier__cat_features=[])
    assert as_learner(piped).refit(FRAME, Y, seed=0).scores(FRAME).shape == (150, 3)


def held_out_of(estimator: Any, n_own: int | None, X: Any = A, y: Any = Y, **more: Any) -> tuple[int, list[Any]]:
    """How many rows a booster was trained on, and the labels of those that it was stopped by."""
    seen: dict[str, Any] = {}
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    kind = type(last)

    def fit(self: Any, X: Any, y: Any = None, **arguments: Any) -> Any:
        seen.update(n=len(X), arguments=arguments)
        return kind.fit(self, X, y, **arguments)

    last.__class__ = type(kind.__name__, (kind,), {"fit": fit, "__module__": kind.__module__})
    learner = as_learner(estimator).refit(X, y, seed=0, n_own=n_own, **more)
    assert learner.scores(X).shape == (len(X), len(set(y)))
    held = seen["arguments"]["eval_set"]
    return seen["n"], list((held if isinstance(held, tuple) else held[0])[1])


@each_classifier
@pytest.mark.parametrize("in_pipeline", [False, True])
def test_early_stopping_looks_at_own_rows_alone(name: str, in_pipeline: bool) -> None:
    y = np.where(np.arange(150) < 60, np.where(A[:, 0] > 0, 1, 0), 2)
    estimator = CLASSIFIERS[name](40, **STOPPING[name])
    n_trained, held = held_out_of(make_pipeline(StandardScaler(), estimator) if in_pipeline else estimator, 60, y=y)
    assert 10 <= len(held) <= 12
    assert n_trained == 150 - len(held)
    assert set(held) == {0, 1}


@each_classifier
def test_early_stopping_stops(name: str) -> None:
    noise = np.random.default_rng(3).integers(0, 2, 150)
    learner = as_learner(CLASSIFIERS[name](200, **STOPPING[name])).refit(A, noise, seed=0)
    best = getattr(inner(learner), "best_iteration_" if name != "xgboost" else "best_iteration")
    assert best < 150


@each_classifier
def test_weights_go_with_the_rows_held_out(name: str) -> None:
    y = (A[:, 0] > 0).astype(int)
    estimator = CLASSIFIERS[name](40, **STOPPING[name])
    learner = as_learner(estimator).refit(A, y, seed=0, sample_weight=np.where(y, 1.0, 2.0), n_own=100)
    assert np.mean(learner.predict(A) == y) > 0.8


@each_classifier
def test_too_few_own_rows_are_all_trained_on_with_a_warning(name: str) -> None:
    learner = as_learner(CLASSIFIERS[name](**STOPPING[name]))
    with pytest.warns(CoopdistillWarning, match="without early stopping: its 8 own rows are too few"):
        fitted = learner.refit(A, Y, seed=0, n_own=8)
    assert fitted.scores(A).shape == (150, 3)


@each_classifier
def test_one_class_is_no_model(name: str) -> None:
    with pytest.raises(LearnerFailure, match="all rows are of class 'low'"):
        as_learner(CLASSIFIERS[name]()).refit(A, np.full(150, "low", dtype=object), seed=0)


def test_boosters_within_ensembles_are_found() -> None:
    votes = VotingClassifier(
        [("x", CLASSIFIERS["xgboost"]()), ("c", CLASSIFIERS["catboost"]()), ("l", LogisticRegression())], voting="soft"
    )
    search = GridSearchCV(CLASSIFIERS["xgboost"](), {"max_depth": [1, 2]}, cv=2)
    assert has_booster(votes)
    for estimator in (votes, search):
        learner = as_learner(estimator).refit(FRAME, Y, seed=0)
        assert isinstance(learner, BoosterLearner)
        assert np.mean(learner.predict(FRAME) == Y) > 0.8


def test_the_design_matrix_is_found_behind_the_labels() -> None:
    pipeline = make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=3))
    learner = as_learner(pipeline).refit(A, Y, seed=0)
    design = design_of(Model("clinic", learner, Codec.of(A, infer_feature_space(A))))
    assert not isinstance(design, str)
    assert isinstance(design.estimator, xgboost.XGBClassifier)


def test_histogram_boosting_is_stopped_by_own_rows_too() -> None:
    y = np.where(np.arange(150) < 100, A[:, 0] > 0, A[:, 1] > 0).astype(int)
    learner = as_learner(HistGradientBoostingClassifier(max_iter=50, early_stopping=True, n_iter_no_change=2))
    own, all_rows = (learner.refit(A, y, seed=0, n_own=n).estimator for n in (100, None))
    assert own.n_iter_ < 50
    assert not np.array_equal(own.validation_score_, all_rows.validation_score_)


def test_rows_held_out_are_own_and_leave_every_class_behind() -> None:
    y = np.repeat(["a", "b", "c"], [40, 16, 4])
    held = hold_out(y, 58, seed=0, by_class=True)
    assert held is not None
    assert not held[58:].any()
    assert dict(zip(*np.unique(y[held], return_counts=True), strict=True)) == {"a": 8, "b": 3}
    assert hold_out(y, 9, seed=0, by_class=True) is None
    assert hold_out(np.arange(12) // 4, None, seed=0, by_class=True) is None


@pytest.mark.filterwarnings("ignore:participant 'north' would be made worse")
@pytest.mark.parametrize("student", list(CLASSIFIERS))
def test_boosters_teach_and_learn(student: str) -> None:
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"dose": rng.normal(size=160), "age": rng.normal(size=160)})
    X["region"] = pd.Categorical(np.where(X["age"] > 0, "north", "south"))
    y = np.array(["low", "mid", "top"], dtype=object)[np.digitize(X["dose"] + 0.2 * X["age"], [-0.5, 0.5])]
    seen, other = X[y != "top"].iloc[:50], X.iloc[60:]
    teacher = {"xgboost": "lightgbm", "lightgbm": "catboost", "catboost": "xgboost"}[student]
    participants = [
        Participant("south", CLASSIFIERS[student](20), seen, y[seen.index]),
        Participant("north", CLASSIFIERS[teacher](20), other, y[other.index]),
    ]
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    assert cooperation.transfers_.query("student == 'south'")["kept"].sum() > 0
    after = cooperation.learners_["south"]
    assert set(np.asarray(after.classes_).tolist()) == {"low", "mid", "top"}
    scores = cooperation.evaluate(X, y).set_index("participant").loc["south"]
    assert scores["after"].mean() > scores["before"].mean()


@each_classifier
def test_a_registered_name_takes_a_table_as_it_comes(name: str) -> None:
    assert name in learner_names()
    text = MIXED.astype({"region": object})
    made = make_learner(name, infer_feature_space(text), {"learning_rate": 0.2})
    learner = as_learner(made).refit(text.assign(dose=text["dose"].where(A[:, 2] > -1)), Y, seed=0)
    assert learner.scores(text).shape == (150, 3)
    with pytest.raises(LearnerError, match=f"learner '{name}' has no parameter 'learning_rat'; did you mean"):
        make_learner(name, infer_feature_space(text), {"learning_rat": 0.2})


@each_classifier
def test_a_missing_library_is_named_with_its_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        LearnerError, match=rf"'{name}' needs {name}; install it by: pip install 'coopdistill\[{name}\]'"
    ):
        make_learner(name, infer_feature_space(FRAME))


@pytest.mark.parametrize(
    ("stranger", "message"),
    [
        (lambda: xgboost.Booster(), "'Booster' object .* XGBoost's own interface; use XGBClassifier"),
        (lambda: catboost.CatBoost(), "'CatBoost' object .* any task; use CatBoostClassifier"),
        (lambda: xgboost.XGBRanker(), "XGBRanker is neither a classifier nor a regressor"),
    ],
)
def test_what_is_no_classifier_is_refused_with_advice(stranger: Callable[[], Any], message: str) -> None:
    with pytest.raises(LearnerError, match=message):
        as_learner(stranger())


def test_lightgbm_writes_names_its_own_way_and_is_known_all_the_same() -> None:
    X = FRAME.rename(columns={"dose": "dose in mg"})
    participants = [Participant(name, CLASSIFIERS["lightgbm"]().fit(X, Y), X, Y) for name in ("north", "south")]
    taught = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    assert set(taught.learners_) == {"north", "south"}
    assert (taught.transfers_["kept"] > 0).all()
    assert set(taught.learners_["north"].predict(X)) <= set(Y)
    other = Participant("north", participants[0].estimator, FRAME, Y)
    with pytest.raises(LearnerError, match="'north': its model was fitted on columns"):
        CooperativeDistillation(random_state=0).fit([other, participants[1]])
