"""A model that was saved and loaded predicts what it predicted, to the last bit."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import loguniform
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.kernel_approximation import Nystroem
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV, RepeatedStratifiedKFold, ShuffleSplit
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from coopdistill import CooperativeClassifier, CooperativeRegressor
from coopdistill.exceptions import LearnerError, OutputError, SavingError
from coopdistill.learners import CallableLearner, EncodedLabels, ScriptedLearner
from coopdistill.saving import load_model, rows_inside, save_model
from coopdistill.saving.model_files import dump_files, load_files

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
TEXT = np.array(["low", "mid", "top"], dtype=object)[np.digitize(X[:, 0], [-0.5, 0.5])]
VALUES = X @ np.array([1.0, -2.0, 0.5])
FRAME = pd.DataFrame(X, columns=["dose", "age", "years"]).assign(
    region=pd.Categorical(np.where(X[:, 1] > 0, "north", "south"))
)
NEW = RNG.normal(size=(200, 3))

KEEP_NOTHING: list[Any] = [
    LogisticRegression(),
    LinearSVC(),
    SGDClassifier(random_state=0),
    GaussianNB(),
    DecisionTreeClassifier(random_state=0),
    RandomForestClassifier(5, random_state=0),
    GradientBoostingClassifier(n_estimators=4, random_state=0),
    HistGradientBoostingClassifier(max_iter=4),
    BaggingClassifier(n_estimators=3, max_features=2, random_state=0),
    MLPClassifier((4,), max_iter=500, tol=0.1, random_state=0),
    make_pipeline(StandardScaler(), LogisticRegression()),
    CalibratedClassifierCV(GaussianNB(), cv=2),
    VotingClassifier([("a", GaussianNB()), ("b", DecisionTreeClassifier(random_state=0))], voting="soft"),
    StackingClassifier([("a", GaussianNB()), ("b", DecisionTreeClassifier(random_state=0))], cv=2),
    EncodedLabels(DecisionTreeClassifier(random_state=0)),
]
KEEP_ROWS: list[Any] = [
    KNeighborsClassifier(2),
    KNeighborsClassifier(2, algorithm="ball_tree", metric="manhattan"),
    KNeighborsClassifier(2, algorithm="brute"),
    SVC(),
    GaussianProcessClassifier(),
    make_pipeline(StandardScaler(), SVC()),
    make_pipeline(Nystroem(n_components=5, random_state=0), LogisticRegression()),
    VotingClassifier([("a", GaussianNB()), ("b", KNeighborsClassifier(2))]),
    StackingClassifier([("a", GaussianNB()), ("b", KNeighborsClassifier(2))], cv=2),
    CalibratedClassifierCV(SVC(), cv=2),
    BaggingClassifier(KNeighborsClassifier(2), n_estimators=2, random_state=0),
]
REGRESSORS_THAT_KEEP_NOTHING: list[Any] = [
    Ridge(),
    DecisionTreeRegressor(random_state=0),
    ExtraTreesRegressor(4, random_state=0),
    HistGradientBoostingRegressor(max_iter=4),
    MLPRegressor(hidden_layer_sizes=(4,), max_iter=500, tol=1.0, random_state=0),
]
REGRESSORS_THAT_KEEP_ROWS: list[Any] = [
    KNeighborsRegressor(2),
    SVR(),
    GaussianProcessRegressor(RBF(2.0) + WhiteKernel(0.1), optimizer=None),
    KernelRidge(),
]


def answers_of(model: Any, rows: Any) -> list[NDArray[Any]]:
    """All that a model says of rows."""
    asked = [name for name in ("predict", "predict_proba", "decision_function") if hasattr(model, name)]
    return [np.asarray(getattr(model, name)(rows)) for name in asked]


def assert_same(model: Any, loaded: Any, rows: Any = NEW) -> None:
    assert type(loaded) is type(model)
    for before, after in zip(answers_of(model, rows), answers_of(loaded, rows), strict=True):
        assert before.dtype == after.dtype
        assert np.array_equal(before, after)


@pytest.mark.parametrize("model", [*KEEP_NOTHING, *REGRESSORS_THAT_KEEP_NOTHING], ids=str)
def test_scikit_learn_predicts_the_same(model: Any, tmp_path: Path) -> None:
    model.fit(X, VALUES if model in REGRESSORS_THAT_KEEP_NOTHING else TEXT)
    assert rows_inside(model) is None
    for name in ("model.zip", "model.skops"):
        save_model(model, tmp_path / name)
        assert_same(model, load_model(tmp_path / name))


@pytest.mark.parametrize("model", [*KEEP_ROWS, *REGRESSORS_THAT_KEEP_ROWS], ids=str)
def test_rows_inside_leave_only_on_purpose(model: Any, tmp_path: Path) -> None:
    model.fit(X, VALUES if model in REGRESSORS_THAT_KEEP_ROWS else TEXT)
    path = tmp_path / "model.zip"
    with pytest.raises(SavingError, match=r"carries rows that it was trained on, inside .*allow_rows=True"):
        save_model(model, path)
    assert list(tmp_path.iterdir()) == []
    save_model(model, path, allow_rows=True)
    assert_same(model, load_model(path))


SEARCHES = [
    GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2]}, cv=2),
    GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2]}, scoring="f1_macro", cv=KFold(2)),
    GridSearchCV(
        LogisticRegression(),
        {"C": [0.1, 1]},
        scoring=["accuracy", "neg_log_loss"],
        refit="accuracy",
        cv=ShuffleSplit(2, test_size=0.5, random_state=0),
    ),
    RandomizedSearchCV(
        GaussianNB(), {"var_smoothing": [1e-9, 1e-3]}, n_iter=1, cv=RepeatedStratifiedKFold(n_splits=2), random_state=0
    ),
]


@pytest.mark.parametrize("search", SEARCHES, ids=str)
def test_a_finished_search_predicts_and_scores_the_same(search: Any, tmp_path: Path) -> None:
    search.fit(X, TEXT)
    save_model(search, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    assert_same(search, loaded)
    assert loaded.score(X, TEXT) == search.score(X, TEXT)
    assert loaded.best_params_ == search.best_params_


def test_a_search_over_what_no_file_holds_says_what_may_be_saved(tmp_path: Path) -> None:
    search = RandomizedSearchCV(LogisticRegression(), {"C": loguniform(0.1, 1)}, n_iter=2, cv=2).fit(X, TEXT)
    with pytest.raises(SavingError, match=r"rv_continuous_frozen, .*trusted_types.*; save best_estimator_, which"):
        save_model(search, tmp_path / "model.skops")
    save_model(search.best_estimator_, tmp_path / "model.skops")


@pytest.mark.parametrize("place", ["alone", "inside"])
def test_an_ensemble_of_ours_keeps_its_members(place: str, tmp_path: Path) -> None:
    members = [("bayes", GaussianNB()), ("tree", DecisionTreeClassifier(max_depth=2))]
    ensemble: Any = CooperativeClassifier(members, weights=[1, 3], random_state=0)
    model = (ensemble if place == "alone" else make_pipeline(StandardScaler(), ensemble)).fit(X, TEXT)
    save_model(model, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    assert_same(model, loaded)
    loaded, model = (one if place == "alone" else one[-1] for one in (loaded, model))
    assert not hasattr(loaded, "cooperation_")  # which has a file of its own
    assert hasattr(model, "cooperation_")


def test_an_ensemble_of_regressors_with_a_booster_is_saved(booster: Any, tmp_path: Path) -> None:
    members = [("linear", Ridge()), ("boosting", booster("regression"))]
    model = CooperativeRegressor(members, random_state=0).fit(X, VALUES)
    save_model(model, tmp_path / "model.zip")
    assert_same(model, load_model(tmp_path / "model.zip"))


def test_an_ensemble_with_rows_inside_is_refused(tmp_path: Path) -> None:
    members = [("bayes", GaussianNB()), ("near", KNeighborsClassifier(3))]
    model = CooperativeClassifier(members, random_state=0).fit(X, TEXT)
    with pytest.raises(SavingError, match="carries rows that it was trained on, inside nearest neighbours"):
        save_model(model, tmp_path / "model.zip")


def test_categories_and_missing_values_come_along(tmp_path: Path) -> None:
    rows = FRAME.assign(dose=FRAME["dose"].mask(FRAME["dose"] > 1))
    boosting = HistGradientBoostingClassifier(max_iter=3, categorical_features="from_dtype").fit(rows, TEXT)
    encoded = make_column_transformer((OneHotEncoder(), ["region"]), remainder="passthrough")
    forest = make_pipeline(encoded, RandomForestClassifier(3, random_state=0)).fit(rows, TEXT)
    for model in (boosting, forest):
        save_model(model, tmp_path / "model.zip")
        assert_same(model, load_model(tmp_path / "model.zip"), rows)


def test_the_model_that_was_saved_stays_as_it_is(tmp_path: Path) -> None:
    model = VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression())]).fit(X, TEXT)
    inside = model.estimators_[1]
    save_model(model, tmp_path / "model.zip")
    assert model.estimators_[1] is inside


BOOSTERS = {
    "xgboost": ("XGBClassifier", "XGBRegressor", {"n_estimators": 4, "max_depth": 3, "n_jobs": 1}),
    "lightgbm": (
        "LGBMClassifier",
        "LGBMRegressor",
        {"n_estimators": 4, "min_child_samples": 3, "n_jobs": 1, "verbosity": -1},
    ),
    "catboost": (
        "CatBoostClassifier",
        "CatBoostRegressor",
        {"iterations": 4, "verbose": False, "allow_writing_files": False},
    ),
}


@pytest.fixture(params=BOOSTERS)
def booster(request: pytest.FixtureRequest) -> Any:
    """A library of boosters: a function from a task to an unfitted model."""
    library = pytest.importorskip(request.param, reason="the boosters are extras; see make test-learners")
    classifier, regressor, options = BOOSTERS[request.param]
    names = {"classification": classifier, "regression": regressor}

    def make(task: str = "classification", **more: Any) -> Any:
        return getattr(library, names[task])(**options, **more)

    return make


@pytest.mark.parametrize("n_classes", [2, 3])
def test_boosters_predict_the_same(booster: Any, n_classes: int, tmp_path: Path) -> None:
    y = np.digitize(X[:, 0], [-0.5, 0.5])
    y = np.minimum(y, n_classes - 1)
    for model in (booster().fit(X, y), booster("regression").fit(X, VALUES)):
        save_model(model, tmp_path / "model.zip")
        loaded = load_model(tmp_path / "model.zip")
        assert_same(model, loaded)
        assert {k: v for k, v in loaded.get_params().items() if v == v} == {
            k: v for k, v in model.get_params().items() if v == v
        }


def test_boosters_inside_others_predict_the_same(booster: Any, tmp_path: Path) -> None:
    codes = (X[:, 0] > 0).astype(int)
    models = [
        make_pipeline(StandardScaler(), booster()).fit(X, codes),
        EncodedLabels(booster()).fit(X, TEXT),
        EncodedLabels(make_pipeline(StandardScaler(), booster())).fit(X, TEXT),
        VotingClassifier([("a", GaussianNB()), ("b", booster())], voting="soft").fit(X, codes),
        StackingClassifier([("a", booster())], final_estimator=booster(), cv=2).fit(X, codes),
    ]
    for model in models:
        save_model(model, tmp_path / "model.zip")
        assert_same(model, load_model(tmp_path / "model.zip"))
    with pytest.raises(SavingError, match=r"ends in \.zip"):
        save_model(models[0], tmp_path / "model.skops")


def test_a_loaded_booster_can_be_fitted_again(booster: Any, tmp_path: Path) -> None:
    save_model(booster().fit(X, TEXT == "low"), tmp_path / "model.zip")
    loaded = load_model(tmp_path / "model.zip")
    assert_same(booster().fit(X, TEXT == "top"), loaded.fit(X, TEXT == "top"))


def test_early_stopping_and_categories_of_xgboost(tmp_path: Path) -> None:
    xgboost = pytest.importorskip("xgboost", reason="the boosters are extras; see make test-learners")
    codes = np.digitize(X[:, 0], [-0.5, 0.5])
    model = xgboost.XGBClassifier(n_estimators=30, early_stopping_rounds=2, enable_categorical=True, n_jobs=1)
    model.fit(FRAME, codes, eval_set=[(FRAME[:20], codes[:20])], verbose=False)
    dart = xgboost.XGBClassifier(n_estimators=3, booster="dart", rate_drop=0.5, n_jobs=1).fit(X, codes)
    linear = xgboost.XGBClassifier(n_estimators=3, booster="gblinear", n_jobs=1).fit(X, codes)
    parallel = xgboost.XGBRFClassifier(n_estimators=4, n_jobs=1).fit(X, codes)
    for each, rows in ((model, FRAME), (dart, NEW), (linear, NEW), (parallel, NEW)):
        save_model(each, tmp_path / "model.zip")
        loaded = load_model(tmp_path / "model.zip")
        assert_same(each, loaded, rows)
    assert load_files(dump_files(model)).best_iteration == model.best_iteration


def test_early_stopping_and_categories_of_lightgbm(tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="the boosters are extras; see make test-learners")
    codes = np.digitize(X[:, 1], [-0.5, 0.5])
    stopping = lightgbm.early_stopping(1, verbose=False)
    model = lightgbm.LGBMClassifier(
        n_estimators=50,
        learning_rate=0.9,
        min_child_samples=2,
        min_data_per_group=2,
        cat_smooth=0,
        n_jobs=1,
        verbosity=-1,
    )
    held_out = {"eval_set": [(FRAME[:20], codes[:20])]}
    if "eval_X" in inspect.signature(model.fit).parameters:  # 4.7 deprecates the other
        held_out = {"eval_X": (FRAME[:20],), "eval_y": (codes[:20],)}
    model.fit(FRAME, codes, callbacks=[stopping], **held_out)
    save_model(model, tmp_path / "model.zip")
    loaded = load_model(tmp_path / "model.zip")
    assert_same(model, loaded, FRAME)
    assert loaded.best_iteration_ == model.best_iteration_
    assert loaded.booster_.num_trees() == model.booster_.num_trees()


def test_categories_of_catboost(tmp_path: Path) -> None:
    catboost = pytest.importorskip("catboost", reason="the boosters are extras; see make test-learners")
    model = catboost.CatBoostClassifier(
        iterations=4, cat_features=["region"], verbose=False, allow_writing_files=False
    ).fit(FRAME, TEXT)
    save_model(model, tmp_path / "model.zip")
    assert_same(model, load_model(tmp_path / "model.zip"), FRAME)


def test_onnx_is_saved_as_it_is(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is an extra; see make test-learners")
    skl2onnx = pytest.importorskip("skl2onnx", reason="makes the models; see make test-learners")
    from coopdistill.learners import OnnxLearner

    rows = X.astype(np.float32)
    model = RandomForestClassifier(3, random_state=0).fit(rows, TEXT)
    exported = skl2onnx.to_onnx(model, rows[:1], options={id(model): {"zipmap": False}})
    forest = OnnxLearner(exported.SerializeToString())
    machine = OnnxLearner(skl2onnx.to_onnx(SVR().fit(rows, VALUES), rows[:1]).SerializeToString())
    save_model(forest, tmp_path / "model.zip")
    loaded = load_model(tmp_path / "model.zip")
    assert loaded.content == forest.content
    assert np.array_equal(loaded.scores(rows), forest.scores(rows))
    (tmp_path / "model.onnx").write_bytes(forest.content)
    assert load_model(tmp_path / "model.onnx").classes.tolist() == forest.classes.tolist()
    with pytest.raises(SavingError, match="a support vector machine"):
        save_model(machine, tmp_path / "model.zip")


class Unknown(GaussianNB):
    """A class that no file brings along."""


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (CallableLearner(lambda rows: np.zeros(len(rows))), "is a function, which only a pickle could hold"),
        (ScriptedLearner([0, 1], {None: [0.5, 0.5]}), "code of your own"),
        (Unknown().fit(X, TEXT), "Unknown, and a file makes objects only of types that are known"),
        (VotingClassifier([("a", Unknown())]).fit(X, TEXT), "Unknown, and a file"),
        (KNeighborsClassifier(weights=np.reciprocal).fit(X, TEXT), "carries rows"),
    ],
    ids=["function", "script", "class", "class inside", "ufunc"],
)
def test_code_is_refused_and_nothing_written(model: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(SavingError, match=message):
        save_model(model, tmp_path / "model.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.zip", "there is no file"),
        ("model.pkl", r"pickles are not read.*run anything"),
        ("model.joblib", r"'model\.skops' for one of scikit-learn alone.*\.onnx.*pickles are not read"),
        ("folder.zip", "is a folder"),
        ("text.zip", "no whole archive"),
        ("text.skops", r"^'[^']*text\.skops' cannot be loaded: it is damaged"),
    ],
)
def test_what_is_no_saved_model_is_refused_by_name(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder.zip").mkdir()
    for file in ("text.zip", "text.skops", "model.pkl"):
        (tmp_path / file).write_text("cos\nsystem\n", encoding="utf-8")
    with pytest.raises(SavingError, match=message) as caught:
        load_model(tmp_path / name)
    assert name in str(caught.value)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    model = GaussianNB().fit(X, TEXT)
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path / "folder.zip", tmp_path / "file" / "model.zip"):
        with pytest.raises(OutputError, match=path.name):
            save_model(model, path)
    with pytest.raises(SavingError, match=r"must end in \.zip"):
        save_model(model, tmp_path / "model.bin")


def test_an_onnx_model_that_is_refused_is_named(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is an extra; see make test-learners")
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(LearnerError, match=r"model\.onnx"):
        load_model(tmp_path / "model.onnx")
