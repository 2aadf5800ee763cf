"""What preprocessing makes of encoded rows, found out by asking it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from coopdistill.learners import Model, as_learner
from coopdistill.learners.derivatives.design_matrix import NO_FEATURE, SEVERAL_FEATURES, design_of
from coopdistill.schema import Codec, infer_feature_space


def a_table(seed: int, n_rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    dose = 10.0 ** rng.integers(-3, 4) * rng.normal(size=n_rows) + rng.integers(-50, 50)
    return pd.DataFrame(
        {
            "dose": np.where(rng.random(n_rows) < 0.2, np.nan, dose),
            "region": rng.choice(["north", "east", "south"], n_rows),
            "age": rng.integers(18, 90, n_rows),
            "smoker": pd.Series(rng.choice(["no", "yes"], n_rows)).mask(rng.random(n_rows) < 0.1),
            "visits": rng.integers(0, 7, n_rows),
        }
    )


def a_model(front, X: pd.DataFrame) -> Model:
    y = np.arange(len(X)) % 2
    pipeline = make_pipeline(front, LogisticRegression(max_iter=1000)).fit(X, y)
    return Model("clinic", as_learner(pipeline), Codec.of(X, infer_feature_space(X)))


def a_front(scaler, *, sparse: bool = False, drop=None, indicator: bool = False):
    numbers = make_pipeline(SimpleImputer(add_indicator=indicator), scaler)
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=sparse, drop=drop)
    return ColumnTransformer(
        [("n", numbers, ["dose", "age"]), ("c", one_hot, ["region", "smoker"])],
        remainder="passthrough",
        sparse_threshold=1.0 if sparse else 0.0,
    )


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    scaler=st.sampled_from([StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler(), "passthrough"]),
    sparse=st.booleans(),
    drop=st.sampled_from([None, "if_binary"]),
    indicator=st.booleans(),
)
def test_columns_are_those_that_the_pipeline_makes(seed, scaler, sparse, drop, indicator) -> None:
    X = a_table(seed)
    model = a_model(a_front(scaler, sparse=sparse, drop=drop, indicator=indicator), X)
    design = design_of(model)
    assert not isinstance(design, str), design
    made = model.learner.estimator[:-1].transform(X)
    made = made.toarray() if hasattr(made, "toarray") else made
    rows = model.codec.encode(X)
    assert np.allclose(design.columns(rows), made, rtol=1e-9, atol=1e-9)


def test_every_column_knows_its_feature() -> None:
    X = a_table(0)
    design = design_of(a_model(a_front(StandardScaler()), X))
    assert not isinstance(design, str)
    assert design.source.tolist() == [0, 2, 1, 1, 1, 3, 3, 3, 4]


def test_columns_that_mix_features_say_so() -> None:
    X = a_table(0)[["age", "visits"]]
    design = design_of(a_model(PCA(2), X))
    assert not isinstance(design, str)
    assert (design.source == SEVERAL_FEATURES).all()


def test_a_column_of_one_value_has_no_feature() -> None:
    X = a_table(0)[["age", "visits"]]
    front = FunctionTransformer(lambda table: np.column_stack([np.ones(len(table)), table]))
    design = design_of(a_model(front, X))
    assert not isinstance(design, str)
    assert design.source.tolist() == [NO_FEATURE, 0, 1]


def test_features_that_were_dropped_are_in_no_column() -> None:
    X = a_table(0)[["age", "visits"]]
    design = design_of(a_model(SelectKBest(k=1), X))
    assert not isinstance(design, str)
    assert design.n_columns == 1


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        (FunctionTransformer(np.log1p), "'age' in proportion"),
        (KBinsDiscretizer(3, encode="ordinal", strategy="uniform"), "'age' in proportion"),
        (PolynomialFeatures(2, interaction_only=True), "act on one another"),
    ],
    ids=["logarithm", "bins", "products"],
)
def test_what_is_not_affine_is_refused_by_name(front, reason) -> None:
    X = a_table(0)[["age", "visits"]]
    found = design_of(a_model(front, X))
    assert isinstance(found, str)
    assert reason in found


def test_a_table_that_only_the_estimator_reads_is_refused() -> None:
    X = a_table(0)[["region", "age"]]
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).fit(X, np.arange(60) % 2)
    bare = Model("clinic", as_learner(pipeline), Codec.of(X, infer_feature_space(X)))
    assert isinstance(design_of(bare), str)  # ages are one-hot encoded, too: no number in proportion


def test_categories_that_the_pipeline_refuses_are_not_allowed() -> None:
    X = a_table(0)[["region", "age"]]
    space = infer_feature_space(X, {"region": {"categories": ("north", "east", "south", "west")}})
    front = ColumnTransformer([("c", OneHotEncoder(), ["region"])], remainder="passthrough")
    pipeline = make_pipeline(front, LogisticRegression(max_iter=1000)).fit(X, np.arange(60) % 2)
    design = design_of(Model("clinic", as_learner(pipeline), Codec.of(X, space)))
    assert not isinstance(design, str)
    assert design.allowed[design.category_levels].tolist() == [True, True, True, False]
    switches = design.to_switches(np.ones((1, design.n_columns)), np.array([[0.0, 40.0]]))
    assert np.isnan(switches[0]).tolist() == [False, False, False, True]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_linear_function_changes_as_its_derivatives_say(seed) -> None:
    X = a_table(seed)
    model = a_model(a_front(StandardScaler()), X)
    design, rng = design_of(model), np.random.default_rng(seed)
    assert not isinstance(design, str)
    rows = model.codec.encode(X)
    weight = rng.normal(size=(1, design.n_columns))
    gradient = np.repeat(weight, len(rows), axis=0)
    here = design.columns(rows) @ weight[0]
    slopes, switches = design.to_features(gradient), design.to_switches(gradient, rows)
    for j in np.flatnonzero(design.space.numeric):
        moved = rows.copy()
        moved[:, j] += 3.0
        there = ~np.isnan(rows[:, j])
        assert np.allclose((design.columns(moved) @ weight[0] - here)[there], 3.0 * slopes[there, j], atol=1e-8)
    for k, (j, code) in enumerate(zip(design.category_feature, design.category_code, strict=True)):
        moved = rows.copy()
        moved[:, j] = code
        assert np.allclose(design.columns(moved) @ weight[0] - here, switches[:, k], atol=1e-8)
