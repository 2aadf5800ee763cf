"""Counterfactuals by the structure of trees: exact about every move, sparse, and as far as the trees go."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from coopdistill import generate_counterfactuals
from coopdistill.counterfactuals import generate, reference_of
from coopdistill.counterfactuals.problem import Budget, Problem
from coopdistill.counterfactuals.trees.atlas import Atlas, atlas_of
from coopdistill.counterfactuals.trees.cells import CellGrid
from coopdistill.counterfactuals.trees.climb import climb
from coopdistill.counterfactuals.trees.landscape import Landscape, landscape_of
from coopdistill.counterfactuals.trees.moves import TreeMoves
from coopdistill.counterfactuals.trees.peaks import Peaks
from coopdistill.counterfactuals.trees.polish import polish
from coopdistill.exceptions import OptionError
from coopdistill.learners import Model, as_learner, make_learner
from coopdistill.learners.trees.ensemble import TreeEnsemble, tree_ensemble_of
from coopdistill.learners.trees.structure import linked
from coopdistill.schema import Codec, infer_feature_space
from worlds import World, worlds

few = settings(max_examples=12)
seeds = st.integers(0, 2**16)
NO_LIMIT = Budget()

TEACHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "forest": ("random-forest", {"n_estimators": 6, "random_state": 0}),
    "histogram boosting": ("hist-gradient-boosting", {"max_iter": 25, "min_samples_leaf": 3}),
}


def patients(seed: int, n_classes: int = 2) -> tuple[pd.DataFrame, np.ndarray]:
    """Numbers, whole numbers, categories and missing values."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "dose": rng.normal(size=60),
            "age": rng.integers(20, 60, 60),
            "region": rng.choice(["north", "south", "west", "east"], 60),
            "years": rng.normal(5.0, 2.0, 60),
        }
    )
    risk = frame["dose"] + (frame["age"] - 40) / 10 + 2.0 * (frame["region"] == "west") + rng.normal(size=60)
    frame.loc[rng.random(60) < 0.2, "dose"] = np.nan
    return frame, np.digitize(risk.fillna(0.0), np.quantile(risk.dropna(), np.arange(1, n_classes) / n_classes))


def numbers(seed: int, n_classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, 3))
    return X, np.digitize(X @ [1.0, -1.0, 0.5] + 0.5 * rng.normal(size=60), [0.0, 1.0][: n_classes - 1])


def model_of(teacher: Any, X: Any, declared: Any = None) -> Model:
    return Model("teacher", as_learner(teacher), Codec.of(X, infer_feature_space(X, declared)))


def moves_of(model: Model, rows: np.ndarray) -> TreeMoves:
    ensemble = tree_ensemble_of(model, rows)
    assert isinstance(ensemble, TreeEnsemble), ensemble
    return TreeMoves(ensemble)


def problem_of(model: Model, rows: np.ndarray, y: np.ndarray, alpha: float = 0.5) -> Problem:
    label = model.label_positions(y)
    before = model.scores(rows)[np.arange(len(rows)), label]
    return Problem(
        teacher=model,
        ask=lambda points, of: model.scores(points)[np.arange(len(of)), label[of]],
        space=model.space,
        X=rows,
        label=label,
        before=before,
        target=before + alpha * (1.0 - before),
        reference=reference_of(model, rows, y),
        seed=0,
    )


def n_changed(batch: Any, X: pd.DataFrame) -> np.ndarray:
    return ((batch.X != X) & ~(batch.X.isna() & X.isna())).sum(axis=1).to_numpy()


def single_moves(model: Model, moves: TreeMoves, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every row with one feature moved into each cell that it may be in, and the positions of these on the grid."""
    grid = CellGrid(moves.ensemble, moves.first_cell, None)
    cells = np.setdiff1d(np.arange(len(grid.feature)), grid.invalid)
    feature = grid.feature[cells]
    moved = np.repeat(rows[:, None, :], len(cells), axis=1)
    for row, points in zip(rows, moved, strict=True):
        points[np.arange(len(cells)), feature] = grid.values(row[feature], cells)
    return moved, cells


@pytest.mark.parametrize("name", list(TEACHERS))
@few
@given(seed=seeds, n_classes=st.integers(2, 3))
def test_every_move_of_one_feature_is_scored_as_by_the_teacher(name: str, seed: int, n_classes: int) -> None:
    frame, y = patients(seed, n_classes)
    learner, options = TEACHERS[name]
    model = model_of(make_learner(learner, infer_feature_space(frame), options).fit(frame, y), frame)
    rows = model.codec.encode(frame)
    moves = moves_of(model, rows)
    few_rows = rows[:6]
    outputs = moves.outputs(moves.ensemble.cells(few_rows), None)
    moved, cells = single_moves(model, moves, few_rows)
    read = linked(
        moves.ensemble.trees.link,
        np.moveaxis(outputs[:, :, cells], 0, -1).reshape(-1, len(outputs)),
        classification=True,
    )
    np.testing.assert_allclose(read, model.scores(moved.reshape(-1, rows.shape[1])), atol=1e-9)
    unmoved = linked(moves.ensemble.trees.link, outputs[:, :, -1].T, classification=True)
    np.testing.assert_allclose(unmoved, model.scores(few_rows), atol=1e-9)


@pytest.mark.parametrize("name", list(TEACHERS))
def test_large_ensembles_are_worked_on_in_blocks_to_the_same_end(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frame, y = patients(0, 3)
    learner, options = TEACHERS[name]
    model = model_of(make_learner(learner, infer_feature_space(frame), options).fit(frame, y), frame)
    rows = model.codec.encode(frame)
    whole = moves_of(model, rows)
    monkeypatch.setattr("coopdistill.counterfactuals.trees.moves._BLOCK_LEAVES", 64)
    monkeypatch.setattr("coopdistill.counterfactuals.trees.moves._TABLE_VALUES", 0)
    parts = moves_of(model, rows)
    cells = whole.ensemble.cells(rows)
    np.testing.assert_allclose(parts.outputs(cells, None), whole.outputs(cells, None), atol=1e-12)


@pytest.mark.parametrize("name", list(TEACHERS))
@pytest.mark.parametrize("seed", [0, 1])
def test_where_one_feature_is_enough_one_is_changed(name: str, seed: int) -> None:
    frame, y = patients(seed)
    learner, options = TEACHERS[name]
    teacher = make_learner(learner, infer_feature_space(frame), options).fit(frame, y)
    batch = generate_counterfactuals(teacher, frame, y, generator="trees", random_state=0)
    model = model_of(teacher, frame)
    rows = model.codec.encode(frame)
    moved, _ = single_moves(model, moves_of(model, rows), rows)
    scores = model.scores(moved.reshape(-1, rows.shape[1])).reshape(*moved.shape[:2], -1)
    # A missing value stays missing here.
    scores[(np.isnan(rows[:, None, :]) & ~np.isnan(moved)).any(axis=2)] = 0.0
    best = scores[np.arange(len(rows)), :, y].max(axis=1)
    open_ = batch.score_before < 1 - 1e-9
    enough = open_ & (best >= batch.score_target - 1e-9)
    assert enough.any()
    assert (batch.status[enough] == "reached").all()
    assert (n_changed(batch, frame)[enough] == 1).all()
    assert (n_changed(batch, frame)[open_ & ~enough & (batch.status == "reached")] > 1).all()


def all_cells(ensemble: TreeEnsemble) -> np.ndarray:
    grid = CellGrid(ensemble, np.concatenate([[0], np.cumsum(ensemble.n_cells)]), None)
    valid = [np.setdiff1d(np.arange(a, b), grid.invalid) - a for a, b in itertools.pairwise(grid.first)]
    return np.stack(np.meshgrid(*valid, indexing="ij"), axis=-1).reshape(-1, len(valid))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_highest_peak_is_the_highest_point_there_is(seed: int, n_classes: int) -> None:
    X, y = numbers(seed, n_classes)
    moves = moves_of(model_of(GradientBoostingClassifier(n_estimators=8, random_state=0).fit(X, y), X), X)
    peaks, link = Peaks(moves), moves.ensemble.trees.link
    everywhere = linked(link, moves.ensemble.outputs(all_cells(moves.ensemble)), classification=True)
    for label in range(n_classes):
        outputs = moves.ensemble.outputs(peaks.of(label, NO_LIMIT)[:1])
        highest = linked(link, outputs, classification=True)[0, label]
        assert highest == pytest.approx(everywhere[:, label].max(), abs=1e-9)


def test_peaks_cut_short_are_not_kept() -> None:
    X, y = numbers(0)
    model = model_of(GradientBoostingClassifier(n_estimators=8, random_state=0).fit(X, y), X)
    peaks, untouched = Peaks(moves_of(model, X)), Peaks(moves_of(model, X))
    assert peaks.of(0, Budget(deadline=0.0)).shape[1] == 3
    np.testing.assert_array_equal(peaks.of(0, NO_LIMIT), untouched.of(0, NO_LIMIT))
    assert peaks.of(0, NO_LIMIT) is peaks.of(0, NO_LIMIT)


@pytest.mark.parametrize("alpha", [0.3, 0.5, 0.7])
def test_every_target_is_reached_that_can_be_reached(alpha: float) -> None:
    X, y = numbers(3)
    teacher = GradientBoostingClassifier(n_estimators=40, max_depth=2, random_state=0).fit(X, y)
    batch = generate_counterfactuals(teacher, X, y, alpha=alpha, generator="trees", random_state=0)
    moves = moves_of(model_of(teacher, X), X)
    outputs = moves.ensemble.outputs(all_cells(moves.ensemble))
    highest = linked(moves.ensemble.trees.link, outputs, classification=True).max(axis=0)
    can = batch.score_target <= highest[y]
    assert 0 < can.sum() < len(X)
    assert ((batch.status == "reached") == can).all()


def tree_model(world: World, name: str) -> Model:
    assume(len(np.unique(world.y)) == 2)
    learner, options = TEACHERS[name]
    space = world.model.space
    assume(space.mutable.any())
    estimator = make_learner(learner, space, {**options, "min_samples_leaf": 1}).fit(world.frame, world.y)
    return Model("teacher", as_learner(estimator), world.model.codec)


@few
@given(worlds(), st.sampled_from(list(TEACHERS)), st.sampled_from([0.1, 0.5, 1.0]))
def test_constraints_hold_and_reached_means_by_the_teacher(world: World, name: str, alpha: float) -> None:
    model, rows = tree_model(world, name), world.rows
    space = model.space
    reference = reference_of(model, rows, world.y)
    made = generate(model, rows, world.y, alpha=alpha, generator="trees", reference=reference, seed=0)
    np.testing.assert_array_equal(made.X[:, ~space.mutable], rows[:, ~space.mutable])
    np.testing.assert_array_equal(np.isnan(made.X), np.isnan(rows))
    present = ~np.isnan(rows)
    low, high = np.minimum(rows, space.low), np.maximum(rows, space.high)
    assert ((low <= made.X) & (high >= made.X))[present].all()
    whole = present & (space.integer | ~space.numeric)
    assert (made.X[whole] == np.rint(made.X[whole])).all()
    after = model.scores(made.X)[np.arange(len(rows)), world.y]
    np.testing.assert_array_equal(made.after, after)
    assert (after[made.status == "reached"] >= made.target[made.status == "reached"] - 1e-9).all()


@few
@given(worlds(), st.sampled_from(list(TEACHERS)), st.integers(1, 5))
def test_chunks_and_threads_change_nothing(world: World, name: str, chunk_rows: int) -> None:
    model, rows = tree_model(world, name), world.rows
    options: dict[str, Any] = {"alpha": 0.9, "generator": "trees", "reference": reference_of(model, rows, world.y)}
    whole = generate(model, rows, world.y, seed=0, **options)
    parts = generate(model, rows, world.y, seed=0, chunk_rows=chunk_rows, n_jobs=2, **options)
    assert whole.X.tobytes() == parts.X.tobytes()
    assert whole.status.tolist() == parts.status.tolist()


def test_a_feature_that_only_grows_does_and_an_immutable_stays_also_on_the_way_to_a_peak() -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    teacher = HistGradientBoostingClassifier(random_state=0).fit(X, y)
    declared = {"worst area": {"direction": "increase"}, "worst texture": {"mutable": False}}
    batch = generate_counterfactuals(teacher, X, y, feature_space=declared, generator="trees", random_state=0)
    assert (batch.X["worst texture"] == X["worst texture"]).all()
    assert (batch.X["worst area"] >= X["worst area"]).all()
    assert (batch.status == "reached").mean() > 0.8


def landscape(seed: int) -> Landscape:
    X, y = numbers(seed)
    model = model_of(RandomForestClassifier(6, min_samples_leaf=2, random_state=0).fit(X, y), X)
    atlas = atlas_of(model, X)
    assert isinstance(atlas, Atlas)
    return landscape_of(problem_of(model, X, y), atlas)


@few
@given(seed=seeds)
def test_what_is_taken_back_leaves_targets_reached_and_costs_less(seed: int) -> None:
    land = landscape(seed)
    reached, best = climb(land, land.starting(np.arange(len(land.problem.X))), 4, 3)
    assert not np.isin(best.row, reached.row).any()
    _, first = np.unique(reached.row, return_index=True)
    reached = reached.take(first)
    polished = polish(land, reached)
    assert (land.worth(polished)[1] >= land.goal.target[polished.row]).all()
    assert (polished.cost <= reached.cost).all()
    said = land.problem.ask(land.values(polished.row, polished.cells), polished.row)
    assert (said >= land.problem.target[polished.row] - 1e-9).all()


def test_nothing_is_needed_that_was_changed() -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    teacher = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(X, y)
    batch = generate_counterfactuals(teacher, X, y, generator="trees", random_state=0)
    reached = np.flatnonzero(batch.status == "reached")
    for name in X:
        back = batch.X.iloc[reached].copy()
        was_changed = (back[name] != X.iloc[reached][name]).to_numpy()
        back[name] = X.iloc[reached][name]
        scores = teacher.predict_proba(back)[np.arange(len(reached)), y.iloc[reached]]
        alone = n_changed(batch, X)[reached] == 1
        assert (scores[was_changed & ~alone] < batch.score_target[reached][was_changed & ~alone]).all()


@pytest.mark.parametrize(
    ("load", "teacher", "most"),
    [
        (load_breast_cancer, HistGradientBoostingClassifier(random_state=0), 2.4),
        (load_breast_cancer, RandomForestClassifier(random_state=0), 1.6),
        (load_wine, RandomForestClassifier(50, random_state=0), 1.5),
        (load_diabetes, RandomForestRegressor(random_state=0), 2.0),
    ],
    ids=["histogram boosting", "forest", "three classes", "values"],
)
def test_targets_of_real_data_are_reached_by_few_changes(load: Any, teacher: Any, most: float) -> None:
    X, y = load(return_X_y=True, as_frame=True)
    batch = generate_counterfactuals(teacher.fit(X, y), X, y, generator="trees", random_state=0)
    open_ = np.ones(len(X), dtype=bool) if load is load_diabetes else batch.score_before < 1 - 1e-9
    assert (batch.status[open_] == "reached").mean() >= 0.99
    assert n_changed(batch, X)[open_].mean() <= most


@pytest.mark.parametrize("teacher", [DecisionTreeClassifier(random_state=0), ExtraTreesClassifier(20, random_state=0)])
def test_what_a_teacher_is_certain_of_it_stays_certain_of(teacher: Any) -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    batch = generate_counterfactuals(teacher.fit(X, y), X, y, generator="trees", random_state=0)
    assert (batch.score_before == 1.0).all()
    assert (batch.score_after == 1.0).all()
    assert (batch.status == "reached").mean() > 0.8


class Opinion(ClassifierMixin, BaseEstimator):
    """Somebody's own classifier, with trees inside that nobody knows of."""

    def fit(self, X: Any, y: Any) -> Opinion:
        self.forest_ = RandomForestClassifier(5, random_state=0).fit(X, y)
        self.classes_ = self.forest_.classes_
        return self

    def predict(self, X: Any) -> Any:
        return self.forest_.predict(X)

    def predict_proba(self, X: Any) -> Any:
        return self.forest_.predict_proba(X)


@pytest.mark.parametrize("teacher", [LogisticRegression(), BaggingClassifier(random_state=0), Opinion()])
def test_what_cannot_be_read_is_refused_and_left_to_others(teacher: Any) -> None:
    X, y = numbers(0)
    teacher.fit(X, y)
    with pytest.raises(OptionError, match=r"'trees' cannot work here: it is not a decision tree.*generator='auto'"):
        generate_counterfactuals(teacher, X, y, generator="trees", random_state=0)
    batch = generate_counterfactuals(teacher, X, y, random_state=0)
    assert "not 'trees', as it is not a decision tree" in batch.why
    assert (batch.status == "reached").any()


def test_a_booster_that_drops_trees_is_refused() -> None:
    xgboost = pytest.importorskip("xgboost", reason="the boosters are extras; see make test-learners")
    X, y = numbers(0)
    teacher = xgboost.XGBClassifier(n_estimators=5, booster="dart").fit(X, y)
    with pytest.raises(OptionError, match=r"its booster is 'dart', not 'gbtree'"):
        generate_counterfactuals(teacher, X, y, generator="trees", random_state=0)


@pytest.mark.parametrize("name", ["xgboost", "lightgbm", "catboost"])
def test_targets_are_reached_on_boosters(name: str) -> None:
    library = pytest.importorskip(name, reason="the boosters are extras; see make test-learners")
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    teacher = {
        "xgboost": lambda: library.XGBClassifier(n_jobs=1),
        "lightgbm": lambda: library.LGBMClassifier(n_jobs=1, verbose=-1),
        "catboost": lambda: library.CatBoostClassifier(iterations=100, verbose=0, allow_writing_files=False),
    }[name]()
    batch = generate_counterfactuals(teacher.fit(X, y), X, y, generator="trees", random_state=0)
    said = teacher.predict_proba(batch.X)[np.arange(len(X)), y]
    reached = batch.status == "reached"
    assert (said[reached] >= batch.score_target[reached] - 1e-9).all()
    assert reached.mean() >= 0.95


def test_no_feature_that_may_change_is_said() -> None:
    X, y = numbers(0)
    declared = {f"x{j}": {"mutable": False} for j in range(3)}
    with pytest.raises(OptionError, match="no feature may change"):
        generate_counterfactuals(
            RandomForestClassifier(5).fit(X, y), X, y, feature_space=declared, generator="trees", random_state=0
        )
