"""What counterfactuals keep in any feature space, by every generator, of teachers fitted on random tables."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from coopdistill import generate_counterfactuals
from coopdistill.counterfactuals import Budget, Generated, generate, generator_names, reference_of
from coopdistill.exceptions import OptionError
from coopdistill.learners import Model, as_learner
from coopdistill.schema import Codec, FeatureSpace, infer_feature_space

CLASSIFIERS = {
    "linear": LogisticRegression(),
    "network": MLPClassifier((4,), max_iter=20, random_state=0),
    "machine": SVC(),
    "tree": DecisionTreeClassifier(min_samples_leaf=4, random_state=0),
}
REGRESSORS = {
    "linear": Ridge(),
    "network": MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0),
    "machine": SVR(),
    "tree": DecisionTreeRegressor(min_samples_leaf=4, random_state=0),
}
GENERATORS = [name for name in generator_names() if name != "auto"]
SUITED = {"linear": "gradient", "tree": "trees"}
KINDS = ("continuous", "integer", "categorical", "binary")
SOME_ROWS = 24

few = settings(max_examples=10)


@dataclass
class Table:
    """A table with a feature space, and a teacher fitted on it."""

    model: Model
    rows: np.ndarray
    y: np.ndarray

    @property
    def space(self) -> FeatureSpace:
        return self.model.space

    def made(self, generator: str, **options: Any) -> Generated | None:
        """Counterfactuals; None where the generator refuses this teacher."""
        reference = reference_of(self.model, self.rows, self.y)
        given_ = {"alpha": 0.5, "seed": 0, "reference": reference, **options}
        try:
            return generate(self.model, self.rows, self.y, generator=generator, **given_)
        except OptionError:
            return None


def column(kind: str, rng: np.random.Generator, missing: float) -> pd.Series:
    if kind in ("continuous", "integer"):
        values = 10.0 ** rng.integers(-2, 4) * rng.normal(size=SOME_ROWS)
        numbers = np.rint(5 * rng.normal(size=SOME_ROWS)) if kind == "integer" else values
        return pd.Series(np.where(rng.random(SOME_ROWS) < missing, np.nan, numbers))
    values_ = rng.choice(["a", "b", "c"] if kind == "categorical" else ["no", "yes"], SOME_ROWS).astype(object)
    return pd.Series(np.where(rng.random(SOME_ROWS) < missing, None, values_), dtype=object)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))
    teacher, is_classifier = draw(st.sampled_from(sorted(CLASSIFIERS))), draw(st.booleans())
    missing = draw(st.sampled_from([0.0, 0.2]))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    frame = pd.DataFrame({f"f{j}": column(kind, rng, missing) for j, kind in enumerate(kinds)})
    declared: dict[str, dict[str, Any]] = {}
    for name, kind in zip(frame, kinds, strict=True):
        declared[name] = {"mutable": bool(rng.random() > 0.2), "fillable": bool(rng.random() < 0.5)}
        if kind in ("continuous", "integer"):
            declared[name]["direction"] = [None, "increase", "decrease"][rng.integers(3)]
    space = infer_feature_space(frame, declared)
    codes = Codec.of(frame, space).encode(frame)
    worth = np.nan_to_num((codes - np.nanmean(codes, axis=0)) / np.maximum(np.nanstd(codes, axis=0), 1e-9))
    value = worth @ rng.normal(size=len(kinds)) + 0.5 * rng.normal(size=SOME_ROWS)
    y = (value > np.median(value)).astype(int) if is_classifier else value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = make_pipeline(front(space), (CLASSIFIERS if is_classifier else REGRESSORS)[teacher]).fit(frame, y)
    return Table(Model("teacher", as_learner(fitted), Codec.of(frame, space)), codes, y)


def front(space: FeatureSpace) -> Any:
    numbers = [name for name, numeric in zip(space.names, space.numeric, strict=True) if numeric]
    others = [name for name in space.names if name not in numbers]
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_column_transformer((make_pipeline(SimpleImputer(), StandardScaler()), numbers), (one_hot, others))


def same(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    return (A == B) | (np.isnan(A) & np.isnan(B))


@pytest.mark.parametrize("generator", GENERATORS)
@few
@given(table=tables())
def test_constraints_hold(generator: str, table: Table) -> None:
    made = table.made(generator)
    if made is None:
        return
    space, start, X = table.space, table.rows, made.X
    present = ~np.isnan(X)
    assert same(X, start)[:, ~space.mutable].all()
    assert not (np.isnan(X) & ~np.isnan(start)).any()
    assert not (np.isnan(start) & present & ~space.fillable).any()
    assert (np.fmin(space.low, start) <= X)[present].all()
    assert (np.fmax(space.high, start) >= X)[present].all()
    step = np.nan_to_num(X - start)
    directions = np.array([feature.direction or "" for feature in space])
    assert (step[:, directions == "decrease"] <= 0.0).all()
    assert (step[:, directions == "increase"] >= 0.0).all()
    whole = present & ~same(X, start) & (space.integer | ~space.numeric)
    assert (X[whole] == np.rint(X[whole])).all()


@pytest.mark.parametrize("generator", GENERATORS)
@few
@given(table=tables())
def test_reached_means_that_the_teacher_says_so_when_asked_again(generator: str, table: Table) -> None:
    made = table.made(generator)
    if made is None:
        return
    is_value = table.model.task == "regression"
    column_ = 0 if is_value else table.model.label_positions(table.y)
    said = table.model.scores(made.X)[np.arange(len(made.X)), column_]
    np.testing.assert_allclose(made.after, said, rtol=1e-9, atol=1e-9)
    reached = made.status == "reached"
    if is_value:
        residual = np.abs(table.y - made.before)
        assert (np.abs(said - made.target) <= 0.02 * residual + 1e-6)[reached].all()
    else:
        assert (said >= made.target - 1e-6)[reached].all()
    assert not same(made.X, table.rows).all(axis=1)[reached].any()
    assert same(made.X, table.rows)[made.status == "failed"].all()


@pytest.mark.parametrize("generator", GENERATORS)
@settings(max_examples=5)
@given(table=tables(), chunk_rows=st.integers(5, 20))
def test_chunks_and_threads_change_nothing(generator: str, table: Table, chunk_rows: int) -> None:
    whole = table.made(generator)
    if whole is None:
        return
    parts = table.made(generator, chunk_rows=chunk_rows, n_jobs=2)
    assert parts is not None
    assert whole.status.tolist() == parts.status.tolist()
    np.testing.assert_allclose(parts.X, whole.X, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("generator", GENERATORS)
@settings(max_examples=4)
@given(table=tables())
def test_a_budget_returns_what_was_reached_and_says_so_of_the_rest(generator: str, table: Table) -> None:
    for budget in (Budget(rows_each=0), Budget(rows_each=9), Budget(deadline=0.0)):
        made = table.made(generator, budget=budget)
        if made is None:
            return
        reached = made.status == "reached"
        assert ((made.reason == "") == reached).all()
        if budget.rows_each != 9:
            assert not reached.any()


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("fixed", ["immutable", "one point"])
@pytest.mark.parametrize("kind", ["linear", "tree"])
def test_where_nothing_may_change_nothing_does(generator: str, fixed: str, kind: str) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=SOME_ROWS), "b": rng.normal(size=SOME_ROWS)})
    if fixed == "one point":
        X[:] = [[1.0, 2.0]]
    y = np.arange(SOME_ROWS) % 2
    teacher = CLASSIFIERS[kind].fit(X, y)
    declared = {name: {"mutable": False} for name in X} if fixed == "immutable" else None
    options = {"feature_space": declared, "random_state": 0, "max_evaluations": 50}
    refused = {"gradient": "no derivatives", "trees": "tree"}.get(generator, "") if generator != SUITED[kind] else ""
    if fixed == "immutable" and generator != "segments":
        refused = "no feature may change|" + (refused or "nothing")
    if refused:
        with pytest.raises(OptionError, match=refused):
            generate_counterfactuals(teacher, X, y, generator=generator, **options)
        return
    batch = generate_counterfactuals(teacher, X, y, generator=generator, **options)
    assert (batch.status == "failed").all()
    assert set(batch.reason) == {"none of its features may change"}
    pd.testing.assert_frame_equal(batch.X, X)
    assert (batch.distance == 0.0).all()


@pytest.mark.parametrize("generator", ["segments", "search", "gradient"])
def test_a_row_whose_every_value_is_missing_or_fixed_stays_and_the_others_move(generator: str) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=SOME_ROWS), "b": rng.normal(size=SOME_ROWS)})
    y = (X["a"] + 0.3 * rng.normal(size=SOME_ROWS) > 0).astype(int)
    X.loc[::4, "a"] = np.nan
    teacher = make_pipeline(SimpleImputer(), LogisticRegression()).fit(X, y)
    batch = generate_counterfactuals(
        teacher, X, y, generator=generator, feature_space={"b": {"mutable": False}}, random_state=0
    )
    assert (batch.status[::4] == "failed").all()
    assert (batch.reason[::4] == "none of its features may change").all()
    assert batch.X["a"].isna()[::4].all()
    assert (batch.status == "reached").sum() > SOME_ROWS / 3
