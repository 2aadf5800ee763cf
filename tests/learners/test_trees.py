"""Trees of any library as arrays: they say what the library says, to the last bit of a threshold."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import is_classifier
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from coopdistill.learners import as_learner
from coopdistill.learners.trees.ensemble import TreeEnsemble, tree_ensemble_of
from coopdistill.learners.trees.leaves import leaves_of
from coopdistill.learners.trees.readers import read_trees
from coopdistill.learners.trees.structure import UnreadableError, linked
from doubles import as_model

few = settings(max_examples=8)
seeds = st.integers(0, 2**16)

SCIKIT_LEARN: dict[str, Callable[[], Any]] = {
    "tree": lambda: DecisionTreeClassifier(random_state=0),
    "regression tree": lambda: DecisionTreeRegressor(max_depth=4, random_state=0),
    "forest": lambda: RandomForestClassifier(5, random_state=0),
    "weighted forest": lambda: RandomForestClassifier(5, class_weight="balanced", random_state=0),
    "regression forest": lambda: RandomForestRegressor(5, random_state=0),
    "extra trees": lambda: ExtraTreesClassifier(5, random_state=0),
    "regression extra trees": lambda: ExtraTreesRegressor(5, random_state=0),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=5, random_state=0),
    "boosting by exponential loss": lambda: GradientBoostingClassifier(n_estimators=5, loss="exponential"),
    "boosting from zero": lambda: GradientBoostingClassifier(n_estimators=5, init="zero", random_state=0),
    "regression boosting": lambda: GradientBoostingRegressor(n_estimators=5, random_state=0),
    "histogram boosting": lambda: HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=3),
    "regression histogram boosting": lambda: HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=3),
    "histogram boosting of counts": lambda: HistGradientBoostingRegressor("poisson", max_iter=5, min_samples_leaf=3),
}
QUIET = {"verbose": 0, "thread_count": 1, "allow_writing_files": False}
TAKE_MISSING = [name for name in SCIKIT_LEARN if name.endswith(("tree", "forest", "histogram boosting"))]


def xgboost(**more: Any) -> Any:
    library = pytest.importorskip("xgboost", reason="the boosters are extras; see make test-learners")
    return library.XGBClassifier(**{"n_estimators": 5, "n_jobs": 1, **more})


def lightgbm(**more: Any) -> Any:
    library = pytest.importorskip("lightgbm", reason="the boosters are extras; see make test-learners")
    return library.LGBMClassifier(**{"n_estimators": 5, "min_child_samples": 3, "n_jobs": 1, "verbose": -1, **more})


def catboost(**more: Any) -> Any:
    library = pytest.importorskip("catboost", reason="the boosters are extras; see make test-learners")
    return library.CatBoostClassifier(**{**QUIET, "iterations": 5, **more})


def xgboost_regressor(**more: Any) -> Any:
    return pytest.importorskip("xgboost").XGBRegressor(n_estimators=5, n_jobs=1, **more)


def lightgbm_regressor(**more: Any) -> Any:
    library = pytest.importorskip("lightgbm")
    return library.LGBMRegressor(n_estimators=5, min_child_samples=3, n_jobs=1, verbose=-1, **more)


def catboost_regressor() -> Any:
    return pytest.importorskip("catboost").CatBoostRegressor(**QUIET, iterations=5)


BOOSTERS: dict[str, Callable[[], Any]] = {
    "xgboost": xgboost,
    "xgboost, stopped early": lambda: xgboost(n_estimators=30, early_stopping_rounds=1),
    "xgboost, several trees a round": lambda: xgboost(num_parallel_tree=2, subsample=0.7),
    "xgboost, values": xgboost_regressor,
    "xgboost, counts": lambda: xgboost_regressor(objective="count:poisson"),
    "lightgbm": lightgbm,
    "lightgbm, forest": lambda: lightgbm(boosting_type="rf", subsample=0.7, subsample_freq=1),
    "lightgbm, dart": lambda: lightgbm(boosting_type="dart"),
    "lightgbm, values": lightgbm_regressor,
    "lightgbm, counts": lambda: lightgbm_regressor(objective="poisson"),
    "catboost": catboost,
    "catboost, values": catboost_regressor,
    "catboost, missing on top": lambda: catboost(nan_mode="Max"),
}


def table(seed: int, n_classes: int, missing: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers with many ties, classes, and values, none of them negative."""
    rng = np.random.default_rng(seed)
    X = np.round(rng.normal(size=(60, 3)) * [1.0, 10.0, 1000.0], 1)
    signal = X @ [1.0, 0.1, 0.001] + rng.normal(scale=0.5, size=60)
    X[rng.random(X.shape) < missing] = np.nan
    y = np.digitize(signal, np.quantile(signal, np.arange(1, n_classes) / n_classes))
    return X, y, np.round(np.exp(signal / 2), 3)


def fitted(estimator: Any, X: Any, y: np.ndarray, values: np.ndarray) -> Any:
    known = y if is_classifier(estimator) else values
    more = {"eval_set": [(X, known)], "verbose": False} if getattr(estimator, "early_stopping_rounds", None) else {}
    return estimator.fit(X, known, **more)


def asked_about(X: np.ndarray, thresholds: np.ndarray, columns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows drawn at random, many of whose values are thresholds or next to one."""
    rows = rng.permuted(np.vstack([X, 2.0 * X, np.zeros((1, X.shape[1]))]), axis=0)
    for j in range(X.shape[1]):
        own = thresholds[(columns == j) & np.isfinite(thresholds)]
        if own.size:
            near = np.concatenate([own, np.nextafter(own, np.inf), np.nextafter(own, -np.inf)])
            at = rng.random(len(rows)) < 0.7
            rows[at, j] = rng.choice(near, at.sum())
    return rows


def said_by(estimator: Any, rows: Any) -> np.ndarray:
    if is_classifier(estimator):
        return estimator.predict_proba(rows)
    return np.asarray(estimator.predict(rows)).reshape(-1, 1)


def assert_read_exactly(estimator: Any, X: np.ndarray, rng: np.random.Generator) -> None:
    read = read_trees(estimator)
    trees = read.trees
    rows = asked_about(X, trees.threshold, trees.column, rng)
    scores = linked(trees.link, trees.outputs(read.matrix(rows)), classification=is_classifier(estimator))
    np.testing.assert_allclose(scores, said_by(estimator, rows), rtol=10 * read.noise, atol=10 * read.noise)


@pytest.mark.parametrize("name", list(SCIKIT_LEARN))
@few
@given(seed=seeds, n_classes=st.integers(2, 3))
def test_trees_of_scikit_learn_say_what_it_says(name: str, seed: int, n_classes: int) -> None:
    X, y, values = table(seed, 2 if "exponential" in name else n_classes, 0.0)
    assert_read_exactly(fitted(SCIKIT_LEARN[name](), X, y, values), X, np.random.default_rng(seed))


@pytest.mark.parametrize("name", TAKE_MISSING)
@few
@given(seed=seeds)
def test_missing_values_go_where_scikit_learn_sends_them(name: str, seed: int) -> None:
    X, y, values = table(seed, 2, 0.3)
    assert_read_exactly(fitted(SCIKIT_LEARN[name](), X, y, values), X, np.random.default_rng(seed))


@pytest.mark.parametrize("name", list(BOOSTERS))
@settings(max_examples=5)
@given(seed=seeds, n_classes=st.integers(2, 3), missing=st.sampled_from([0.0, 0.3]))
def test_trees_of_boosters_say_what_these_say(name: str, seed: int, n_classes: int, missing: float) -> None:
    X, y, values = table(seed, n_classes, missing)
    assert_read_exactly(fitted(BOOSTERS[name](), X, y, values), X, np.random.default_rng(seed))


def mixed(seed: int, dtype: str = "object") -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X, y, values = table(seed, 2, 0.0)
    frame = pd.DataFrame(X, columns=["dose", "age", "years"]).assign(age=rng.integers(20, 60, len(X)))
    region = rng.choice(["north", "south", "west", "east"], len(X))
    frame["region"] = pd.Series(region, dtype=object).astype(dtype)
    return frame, np.where(np.isin(region, ["west", "east"]), 1, y), values


def assert_ensemble_agrees(estimator: Any, frame: Any) -> TreeEnsemble:
    """Asked at every cut, and at the next number above it, where the library's own answer may differ."""
    model = as_model(as_learner(estimator), frame)
    rows = model.codec.encode(frame)
    ensemble = tree_ensemble_of(model, rows)
    assert isinstance(ensemble, TreeEnsemble), ensemble
    rng = np.random.default_rng(0)
    cuts = [np.concatenate([c, np.nextafter(c, np.inf)]) for c in ensemble.cuts]
    asked = rng.permuted(np.repeat(rows, 3, axis=0), axis=0)
    for j, near in enumerate(cuts):
        at = rng.random(len(asked)) < 0.7
        # The teacher takes whole numbers as they are: a cut between them stays one.
        if len(near) and not model.space.integer[j]:
            asked[at, j] = rng.choice(near, at.sum())
    tolerance = max(1e-9, 10 * ensemble.noise)
    np.testing.assert_allclose(ensemble.scores(asked), model.scores(asked), rtol=tolerance, atol=tolerance)
    return ensemble


FRONTS: dict[str, Callable[[], Any]] = {
    "scaled": StandardScaler,
    "falling": lambda: FunctionTransformer(_falling),
    "bent": lambda: QuantileTransformer(n_quantiles=10),
    "twice": lambda: make_pipeline(StandardScaler(), FunctionTransformer(_falling)),
}


def _falling(X: Any) -> Any:
    return -(np.asarray(X) ** 3)


@pytest.mark.parametrize("front", list(FRONTS))
@pytest.mark.parametrize("forest", [RandomForestClassifier, HistGradientBoostingClassifier])
def test_what_stands_in_front_of_the_trees_moves_their_cuts(front: str, forest: Any) -> None:
    X, y, _ = table(0, 2, 0.0)
    final = forest(5, random_state=0) if forest is RandomForestClassifier else forest(max_iter=5, min_samples_leaf=3)
    ensemble = assert_ensemble_agrees(make_pipeline(FRONTS[front](), final).fit(X, y), X)
    assert all(len(cuts) for cuts in ensemble.cuts)


@few
@given(seed=seeds)
def test_one_hot_columns_are_one_category_again(seed: int) -> None:
    frame, y, _ = mixed(seed)
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["region"]), remainder="passthrough")
    ensemble = assert_ensemble_agrees(
        make_pipeline(encoder, RandomForestClassifier(5, random_state=0)).fit(frame, y), frame
    )
    assert ensemble.n_cells[3] == 4


NATIVE: dict[str, Callable[[], Any]] = {
    "histogram boosting": lambda: HistGradientBoostingClassifier(
        max_iter=5, min_samples_leaf=3, categorical_features="from_dtype"
    ),
    "xgboost": lambda: xgboost(enable_categorical=True, tree_method="hist"),
    "xgboost, sets of categories": lambda: xgboost(enable_categorical=True, tree_method="hist", max_cat_to_onehot=1),
    "lightgbm": lambda: lightgbm(min_data_per_group=1, cat_smooth=0.0, cat_l2=0.0, max_cat_to_onehot=1),
}


@pytest.mark.parametrize("name", list(NATIVE))
@pytest.mark.parametrize("seed", [0, 1])
def test_native_categories_are_read(name: str, seed: int) -> None:
    frame, y, _ = mixed(seed, "category")
    ensemble = assert_ensemble_agrees(NATIVE[name]().fit(frame, y), frame)
    assert (ensemble.code_set >= 0).any()


def test_a_single_leaf_says_the_same_everywhere() -> None:
    X, y, _ = table(0, 2, 0.0)
    ensemble = assert_ensemble_agrees(RandomForestClassifier(3, max_depth=1, min_samples_leaf=50).fit(X, y), X)
    assert len(leaves_of(ensemble).tree) == 3
    assert (ensemble.n_cells == 1).all()


@few
@given(seed=seeds, missing=st.booleans())
def test_leaves_part_the_space(seed: int, missing: bool) -> None:
    X, y, _ = table(seed, 3, 0.3 if missing else 0.0)
    model = as_model(as_learner(HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=3).fit(X, y)), X)
    rows = model.codec.encode(X)
    ensemble = tree_ensemble_of(model, rows)
    assert isinstance(ensemble, TreeEnsemble)
    leaves = leaves_of(ensemble)
    cells = ensemble.cells(rows)
    here = cells[:, leaves.feature]
    takes = np.where(
        here == ensemble.n_cells[leaves.feature], leaves.missing, (leaves.low <= here) & (here < leaves.high)
    )
    n_taken = np.add.reduceat(takes, leaves.first_pair[:-1], axis=1)
    is_in = n_taken == np.diff(leaves.first_pair)
    for tree in np.unique(leaves.tree):
        assert (is_in[:, leaves.tree == tree].sum(axis=1) == 1).all()
    said = ensemble.trees.offset + is_in @ leaves.value
    np.testing.assert_allclose(said, ensemble.outputs(cells), atol=1e-9)


def two_outputs(X: np.ndarray, y: np.ndarray) -> Any:
    return RandomForestRegressor(3).fit(X, np.column_stack([y, y]))


UNREADABLE: dict[str, tuple[Callable[[np.ndarray, np.ndarray], Any], str]] = {
    "linear": (lambda X, y: LogisticRegression().fit(X, y), "not a decision tree"),
    "trees in a bag": (lambda X, y: BaggingClassifier().fit(X, y), "not a decision tree"),
    "several outputs": (two_outputs, "several outputs"),
    "from another model": (
        lambda X, y: GradientBoostingClassifier(n_estimators=2, init=LogisticRegression()).fit(X, y),
        "start from a LogisticRegression",
    ),
    "xgboost, dart": (lambda X, y: xgboost(booster="dart").fit(X, y), "its booster is 'dart'"),
    "xgboost, linear": (lambda X, y: xgboost(booster="gblinear").fit(X, y), "its booster is 'gblinear'"),
    "xgboost, own objective": (lambda X, y: xgboost(objective="binary:hinge").fit(X, y), "objective 'binary:hinge'"),
    "lightgbm, linear leaves": (lambda X, y: lightgbm(linear_tree=True).fit(X, y), "linear models"),
    "lightgbm, zeros missing": (lambda X, y: lightgbm(zero_as_missing=True).fit(X, y), "zeros count as missing"),
    "lightgbm, one against all": (lambda X, y: lightgbm(objective="multiclassova").fit(X, y), "'multiclassova"),
    "catboost, not symmetric": (lambda X, y: catboost(grow_policy="Depthwise").fit(X, y), "not symmetric"),
    "catboost, own loss": (lambda X, y: catboost(loss_function="MultiClassOneVsAll").fit(X, y), "'MultiClassOneVsAll'"),
}


@pytest.mark.parametrize("name", list(UNREADABLE))
def test_what_cannot_be_read_says_why(name: str) -> None:
    make, why = UNREADABLE[name]
    X, y, _ = table(0, 3 if name.startswith(("lightgbm, one", "catboost, own")) else 2, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = make(X, y)
    with pytest.raises(UnreadableError, match=why):
        read_trees(estimator)


def test_categories_and_text_of_catboost_are_not_read() -> None:
    frame, y, _ = mixed(0)
    teacher = catboost(cat_features=["region"], one_hot_max_size=2).fit(frame, y)
    with pytest.raises(UnreadableError, match="categories or text"):
        read_trees(teacher)


class Renamed(RandomForestClassifier):
    """Says something else than its trees do."""

    def predict_proba(self, X: Any) -> np.ndarray:
        return super().predict_proba(X)[:, ::-1]


def test_trees_that_do_not_say_what_the_model_says_are_refused() -> None:
    X, y, _ = table(0, 2, 0.0)
    model = as_model(as_learner(Renamed(5, random_state=0).fit(X, y)), X)
    assert "does not give its own scores" in str(tree_ensemble_of(model, X))


@pytest.mark.parametrize(
    ("front", "why"),
    [
        (PolynomialFeatures(interaction_only=True), "mixes features"),
        (FunctionTransformer(np.square), "goes up and down with feature"),
    ],
)
def test_columns_that_are_not_of_one_feature_are_refused(front: Any, why: str) -> None:
    X, y, _ = table(0, 2, 0.0)
    model = as_model(as_learner(make_pipeline(front, RandomForestClassifier(5, random_state=0)).fit(X, y)), X)
    assert why in str(tree_ensemble_of(model, X))
