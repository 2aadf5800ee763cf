"""`generate_counterfactuals` as its users meet it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from coopdistill import CounterfactualBatch, Generator, generate_counterfactuals
from coopdistill.counterfactuals import MeteredTeacher, NearGenerator, Problem, Proposal
from coopdistill.exceptions import LearnerError, LearnerFailure, OptionError, RunError, TableError
from doubles import Scripted, threshold


@pytest.fixture(scope="module")
def cancer() -> tuple[pd.DataFrame, pd.Series]:
    return load_breast_cancer(return_X_y=True, as_frame=True)


def mixed_rows(n_rows: int = 60) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({
        "dose": rng.normal(size=n_rows),
        "age": rng.integers(20, 80, n_rows),
        "ward": pd.Categorical(rng.choice(["a", "b", "c"], n_rows)),
        "smokes": rng.random(n_rows) < 0.5,
    })  # fmt: skip
    X.index = pd.Index([f"patient {i}" for i in range(n_rows)])
    y = np.where((X["age"] + 20 * X["smokes"] + 5 * X["dose"] + rng.normal(0, 5, n_rows)) > 58, "ill", "well")
    return X, y


def mixed_teacher(X: pd.DataFrame, y: np.ndarray) -> Any:
    columns = make_column_transformer(
        (StandardScaler(), ["dose", "age"]), (OneHotEncoder(sparse_output=False), ["ward", "smokes"])
    )
    return make_pipeline(columns, LogisticRegression()).fit(X, y)


@pytest.mark.parametrize("generator", ["search", "auto"])
@pytest.mark.parametrize("kind", ["logistic regression", "forest"])
def test_nearly_every_row_of_real_data_is_reached(cancer: Any, kind: str, generator: str) -> None:
    X, y = cancer
    if kind == "forest":
        teacher: Any = RandomForestClassifier(20, random_state=0).fit(X, y)
    else:
        teacher = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    some, labels = X[::2], y[::2]
    batch = generate_counterfactuals(teacher, some, labels, generator=generator, random_state=0)
    assert (batch.status == "reached").mean() >= 0.995
    at = np.arange(len(some)), labels
    np.testing.assert_allclose(teacher.predict_proba(batch.X)[at], batch.score_after)
    reached = batch.status == "reached"
    assert (batch.score_after >= batch.score_target - 1e-9)[reached].all()


def test_search_stays_nearer_than_segments_and_changes_less(cancer: Any) -> None:
    X, y = cancer
    teacher = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    search, segments = (
        generate_counterfactuals(teacher, X[:80], y[:80], generator=g, random_state=0) for g in ("search", "segments")
    )
    changed = [(batch.X.to_numpy() != X[:80].to_numpy()).sum(axis=1).mean() for batch in (search, segments)]
    assert changed[0] < 0.5 * changed[1]
    assert search.distance.mean() < segments.distance.mean()


def test_a_frame_comes_back_with_its_index_columns_and_dtypes() -> None:
    X, y = mixed_rows()
    before = X.copy()
    batch = generate_counterfactuals(mixed_teacher(X, y), X, y, random_state=0)
    assert (batch.status == "reached").any()
    assert batch.X.index.equals(X.index)
    assert (batch.X.dtypes == X.dtypes).all()
    pd.testing.assert_frame_equal(X, before)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_an_array_comes_back_as_an_array(dtype: str) -> None:
    rng = np.random.default_rng(0)
    X = (10 * rng.normal(size=(40, 3))).astype(dtype)
    y = (X[:, 0] > 0).astype(int)
    batch = generate_counterfactuals(LogisticRegression().fit(X, y), X, y, random_state=0)
    assert isinstance(batch.X, np.ndarray)
    assert batch.X.dtype == dtype


def test_an_object_array_comes_back_as_one() -> None:
    X, y = mixed_rows()
    rows = X.to_numpy(dtype=object)
    columns = make_column_transformer((StandardScaler(), [0, 1]), (OneHotEncoder(sparse_output=False), [2, 3]))
    teacher = make_pipeline(columns, LogisticRegression()).fit(rows, y)
    batch = generate_counterfactuals(teacher, rows, y, random_state=0)
    assert batch.X.dtype == object
    assert set(batch.X[:, 2]) <= {"a", "b", "c"}
    assert (batch.status == "reached").any()


def test_what_is_declared_is_kept() -> None:
    X, y = mixed_rows()
    declared = {"age": {"mutable": False}, "smokes": {"mutable": False}, "dose": {"low": -1.0, "high": 1.0}}
    batch = generate_counterfactuals(mixed_teacher(X, y), X, y, feature_space=declared, random_state=0)
    assert (batch.X["age"] == X["age"]).all()
    assert (batch.X["smokes"] == X["smokes"]).all()
    inside = X["dose"].between(-1, 1)
    assert batch.X["dose"][inside].between(-1, 1).all()


def test_a_whole_column_declared_continuous_may_take_fractions() -> None:
    X = pd.DataFrame({"age": [20, 30, 40, 50, 60, 70, 21, 69]})
    y = (X["age"] > 45).astype(int)
    teacher = LogisticRegression().fit(X, y)
    batch = generate_counterfactuals(
        teacher, X, y, feature_space={"age": {"kind": "continuous"}}, generator="search", random_state=0
    )
    np.testing.assert_allclose(teacher.predict_proba(batch.X)[np.arange(8), y], batch.score_after)
    assert not set(batch.X["age"][batch.status == "reached"]) & set(X["age"])


@pytest.mark.parametrize("generator", ["auto", "segments", "search"])
def test_random_state_and_jobs_decide_every_bit(generator: str) -> None:
    X, y = mixed_rows()
    teacher = mixed_teacher(X, y)
    one, two, parallel = (
        generate_counterfactuals(teacher, X, y, generator=generator, random_state=3, n_jobs=n_jobs)
        for n_jobs in (None, 1, 2)
    )
    pd.testing.assert_frame_equal(one.X, two.X, check_exact=True)
    pd.testing.assert_frame_equal(one.X, parallel.X, check_exact=True)


def test_a_class_that_the_teacher_never_saw_is_a_failure_with_a_reason() -> None:
    X, y = mixed_rows()
    y = y.astype(object)
    teacher = mixed_teacher(X, y)
    y[:2] = "dead"
    batch = generate_counterfactuals(teacher, X, y, random_state=0)
    assert batch.status[:2].tolist() == ["failed", "failed"]
    assert "never saw" in batch.reason[0]
    pd.testing.assert_frame_equal(batch.X.iloc[:2], X.iloc[:2])


def test_no_class_that_the_teacher_saw_is_all_failures() -> None:
    X = np.array([[0.0], [1.0], [2.0]])
    batch = generate_counterfactuals(Scripted(["a", "b"], threshold(0, 1.5)), X, ["c", "c", "d"], random_state=0)
    assert batch.status.tolist() == ["failed"] * 3


def test_a_tree_that_is_certain_gives_a_more_central_row_of_its_class(cancer: Any) -> None:
    X, y = cancer
    teacher = DecisionTreeClassifier(random_state=0).fit(X, y)
    batch = generate_counterfactuals(teacher, X[:100], y[:100], random_state=0)
    assert (batch.score_before == 1.0).all()
    reached = batch.status == "reached"
    assert reached.mean() > 0.9
    assert (teacher.predict(batch.X)[reached] == y[:100][reached]).all()
    centre = X[:100].groupby(y[:100]).transform("mean")
    spread = X[:100].std()
    off = [((rows - centre) / spread).abs().sum(axis=1)[reached].mean() for rows in (X[:100], batch.X)]
    assert off[1] < off[0]


def test_a_single_row_and_duplicates_do_no_harm() -> None:
    teacher = Scripted([0, 1], threshold(0, 0.5))
    alone = generate_counterfactuals(teacher, np.array([[1.0, 2.0]]), [1], random_state=0)
    assert alone.status.tolist() == ["failed"]
    twins = generate_counterfactuals(teacher, np.array([[1.0, 2.0]] * 5), [1] * 5, random_state=0)
    assert twins.status.tolist() == ["failed"] * 5


@pytest.mark.parametrize("alpha", [0, -0.1, 1.01, float("nan"), "half", None, True])
def test_alpha_is_a_share(alpha: Any) -> None:
    with pytest.raises(OptionError, match=r"alpha=.*must be in \(0, 1\]"):
        generate_counterfactuals(LogisticRegression(), [[0.0], [1.0]], [0, 1], alpha=alpha)


@pytest.mark.parametrize(("generator", "hint"), [("serch", "did you mean 'search'"), (3, "allowed: 'auto'")])
def test_an_unknown_generator_is_refused(generator: Any, hint: str) -> None:
    with pytest.raises(OptionError, match=f"unknown generator=.*{hint}"):
        generate_counterfactuals(LogisticRegression(), [[0.0], [1.0]], [0, 1], generator=generator)


def test_a_teacher_that_is_not_fitted_is_refused() -> None:
    with pytest.raises(LearnerError, match="LogisticRegression is not fitted; fit it first"):
        generate_counterfactuals(LogisticRegression(), [[0.0], [1.0]], [0, 1])


def test_a_column_that_is_declared_and_absent_is_refused() -> None:
    X, y = mixed_rows()
    with pytest.raises(TableError, match=r"'agee' is declared.*did you mean 'age'"):
        generate_counterfactuals(mixed_teacher(X, y), X, y, feature_space={"agee": {"mutable": False}})


def test_where_nothing_may_change_the_search_says_so() -> None:
    X = np.array([[0.0], [1.0], [2.0]])
    with pytest.raises(OptionError, match=r"generator='search' cannot work here: no feature may change"):
        generate_counterfactuals(
            Scripted([0, 1], threshold(0, 1.5)), X, [0, 1, 1], generator="search",
            feature_space={"x0": {"mutable": False}},
        )  # fmt: skip


class Boastful(Generator):
    """Claims to reach every target, from the row itself or from a worse point."""

    name = "boastful"

    def __init__(self, shift: float) -> None:
        self.shift = shift

    def refusal(self, problem: Problem) -> str | None:
        return None

    def propose(self, problem: Problem) -> Proposal:
        return Proposal(problem.X + self.shift, problem.target.copy(), np.full(len(problem.X), "", dtype=object))


@pytest.mark.parametrize("shift", [0.0, -5.0])
def test_what_a_generator_claims_is_checked_by_the_teacher(shift: float) -> None:
    X = np.array([[0.5], [1.0], [2.0]])
    batch = generate_counterfactuals(
        Scripted([0, 1], threshold(0, 0.0)), X, [1, 1, 1], generator=Boastful(shift), random_state=0
    )
    assert isinstance(batch, CounterfactualBatch)
    assert batch.status.tolist() == ["failed"] * 3
    assert (batch.reason != "").all()
    assert (batch.X == X).all()
    assert (batch.score_after == batch.score_before).all()
    assert (batch.distance == 0).all()


def test_points_that_are_no_surer_are_counted_as_moved(cancer: tuple[pd.DataFrame, pd.Series]) -> None:
    X, y = cancer[0][:100], cancer[1][:100]
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    batch = generate_counterfactuals(forest, X, y, generator=NearGenerator(closest=0.2, farthest=0.5), random_state=0)
    moved = batch.status == "moved"
    assert moved.any()
    assert (batch.score_after[moved] <= batch.score_before[moved] + 1e-9).all()
    assert (batch.distance[moved] > 0).all()
    assert f"{moved.sum()} moved" in repr(batch)
    assert ">moved</td>" in batch._repr_html_()


class Own(Generator):
    """Somebody's own, which answers as a function says."""

    name = "own"

    def __init__(self, answer: Callable[[Problem], Any]) -> None:
        self.answer = answer

    def refusal(self, problem: Problem) -> str | None:
        return None

    def propose(self, problem: Problem) -> Proposal:
        answer: Proposal = self.answer(problem)
        return answer


def of_all(problem: Problem, X: Any) -> Proposal:
    return Proposal(X, problem.before, np.full(len(X), "", dtype=object))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda problem: None, "generator 'own' returned NoneType; its propose must return a Proposal"),
        (
            lambda problem: of_all(problem, problem.X[:2]),
            r"'own': X of its Proposal must be .* \(60, 4\), got shape \(2, 4\)",
        ),
        (lambda problem: of_all(problem, problem.X.tolist()), "got list"),
        (lambda problem: of_all(problem, problem.X + 50), r"'own' proposed 5.\.0 for 'ward', which is the code of no"),
        (lambda problem: {}["x"], "generator 'own' failed on 60 rows: KeyError: 'x'"),
    ],
    ids=["nothing", "too few", "a list", "no category", "an error"],
)
def test_a_generator_that_fails_is_named(answer: Any, message: str) -> None:
    X, y = mixed_rows()
    with pytest.raises(RunError, match=message):
        generate_counterfactuals(mixed_teacher(X, y), X, y, generator=Own(answer))


def test_what_a_teacher_fails_at_is_not_the_generators() -> None:
    X, y = mixed_rows()
    asking = Own(lambda problem: of_all(problem, problem.ask(problem.X + 50, np.arange(len(problem.X)))))
    with pytest.raises(LearnerFailure, match="model of 'teacher'"):
        generate_counterfactuals(mixed_teacher(X, y), X, y, generator=asking)


@pytest.mark.parametrize("generator", ["segments", "search"])
@pytest.mark.parametrize("limit", [1, 5, 20])
def test_a_limit_holds_for_each_row_and_is_made_use_of(cancer: Any, generator: str, limit: int) -> None:
    X, y = cancer[0][:60], cancer[1][:60]
    meter = MeteredTeacher(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y))
    batch = generate_counterfactuals(meter, X, y, generator=generator, random_state=0, max_evaluations=limit)
    # Each row is asked about twice, and its counterfactual once more.
    assert meter.rows <= (limit + 3) * len(X)
    assert (batch.status == "reached").any()


@pytest.mark.parametrize("generator", ["segments", "search", "gradient", "trees"])
@pytest.mark.parametrize("limit", [1, 5])
def test_what_a_limit_stopped_says_so(cancer: Any, generator: str, limit: int) -> None:
    X, y = cancer[0][:60], cancer[1][:60]
    kind = RandomForestClassifier(20, random_state=0) if generator == "trees" else LogisticRegression()
    teacher = make_pipeline(StandardScaler(), kind).fit(X, y)
    limited, free = (
        generate_counterfactuals(teacher, X, y, generator=generator, random_state=0, max_evaluations=most)
        for most in (limit, None)
    )
    stopped = (limited.status != "reached") & (free.status == "reached")
    assert set(limited.reason[stopped]) <= {"what may be spent was used up"}


def test_certain_rows_have_the_same_limit(cancer: Any) -> None:
    X, y = cancer[0][:60], cancer[1][:60]
    meter = MeteredTeacher(KNeighborsClassifier(1).fit(X, y))
    batch = generate_counterfactuals(meter, X, y, generator="segments", random_state=0, max_evaluations=1)
    assert (batch.score_before == 1.0).all()
    assert meter.rows <= 4 * len(X)
    assert set(batch.reason[batch.status == "failed"]) == {"what may be spent was used up"}


@pytest.mark.parametrize("limit", [0, -1, 1.5, True])
def test_a_limit_is_a_whole_number(limit: Any) -> None:
    X, y = mixed_rows()
    with pytest.raises(OptionError, match=f"max_evaluations={limit!r} must be a whole number, 1 or more"):
        generate_counterfactuals(mixed_teacher(X, y), X, y, max_evaluations=limit)
    with pytest.raises(OptionError, match="max_seconds=nan must be a number, 0 or more"):
        generate_counterfactuals(mixed_teacher(X, y), X, y, max_seconds=float("nan"))


def test_reasons_speak_of_values_where_these_are_predicted() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    y = X[:, 0] + np.where(np.arange(40) % 2, 0.5, 9.0)
    teacher = Scripted([], lambda rows: np.asarray(rows)[:, :1])
    far = generate_counterfactuals(teacher, X, np.where(X[:, 0] == X[:, 0].max(), 99.0, y), generator="segments")
    assert "no row's prediction lies towards its value" in set(far.reason)
    exact = generate_counterfactuals(teacher, X, X[:, 0], generator="segments")
    reasons = {reason for batch in (far, exact) for reason in batch.reason if reason}
    assert not any("class" in reason or "surer" in reason or "certain" in reason for reason in reasons)
