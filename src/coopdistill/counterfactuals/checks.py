"""The contract of generators, as checks that anyone can run on theirs.

Each check is a plain function of no arguments that raises `AssertionError` and says what does not hold. None needs a
test framework.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.counterfactuals.aim import reference_of
from coopdistill.counterfactuals.generation import Generated, generate, proposal_of
from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.problem import Budget, Problem, Proposal, Reference
from coopdistill.exceptions import LearnerFailure, OptionError, RunError
from coopdistill.learners import Model, as_learner, make_learner
from coopdistill.schema import Codec, FeatureSpace, infer_feature_space

__all__ = ["generator_checks"]

_SLACK = 1e-6
_TASKS = ("two classes", "three classes", "values")
_N_ROWS = 90
_N_ASKED = 24
_CHUNK = 9


def generator_checks(
    make_generator: Callable[[], Generator], *, teachers: Mapping[str, Any] | None = None
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the checks that a generator has to pass, as pairs of a name and a callable.

    Every check works on small mixed tables (numbers, whole numbers, categories, missing values, an immutable feature
    and one that only grows) with two classes, three classes and values to predict. Where the generator refuses a
    teacher, the check asks no more of it; it must take at least one.

    Parameters
    ----------
    make_generator : callable
        Returns a new generator.
    teachers : mapping of str to estimator, optional
        Unfitted classifiers and regressors, each able to take the raw table (a DataFrame of the columns ``dose``,
        ``age``, ``years``, ``region``, ``smoker``, ``height``). Default: a linear model and a forest behind encoders.

    Yields
    ------
    name : str
        Of the check and of the teacher.
    check : callable
        Raises AssertionError where the contract is broken.

    Raises
    ------
    OptionError
        If a generator is given in place of what makes one.

    Examples
    --------
    With pytest, ``@pytest.mark.parametrize(("name", "check"), generator_checks(MyGenerator))`` over a test that calls
    ``check()``. By hand:

    >>> from coopdistill.counterfactuals import SegmentGenerator
    >>> checks = dict(generator_checks(SegmentGenerator))
    >>> checks["works on an empty problem [forest, two classes]"]()
    """
    given: object = make_generator
    if isinstance(given, Generator) or not callable(given):
        kind = type(given).__name__
        raise OptionError(
            f"make_generator is a {kind}; pass what makes a new generator, such as its class: generator_checks({kind})"
        )
    makers = _default_makers() if teachers is None else {name: partial(_given, one) for name, one in teachers.items()}
    yield "takes at least one of the teachers", partial(_takes_one, make_generator, makers)
    for teacher, make in makers.items():
        for task in _TASKS:
            for name, check in _CHECKS.items():
                yield f"{name} [{teacher}, {task}]", partial(_run, check, make_generator, make, task)


@dataclass(eq=False)
class _Case:
    """A teacher, its rows, and a generator to be checked on them."""

    make_generator: Callable[[], Generator]
    model: Model
    rows: NDArray[np.float64]
    labels: NDArray[Any]
    reference: Reference

    def made(self, generator: Generator | None = None, **options: Any) -> Generated:
        given = {"alpha": 0.5, "seed": 0, "reference": self.reference, **options}
        model, rows, labels = given.pop("model", self.model), given.pop("rows", self.rows), self.labels
        chosen = generator or self.make_generator()
        return generate(model, rows, labels[: len(rows)], generator=chosen, **given)

    def watched(self, **options: Any) -> tuple[_Watch, Generated]:
        watch = _Watch(self.make_generator())
        return watch, self.made(watch, **options)


@dataclass(eq=False)
class _Watch(Generator):
    """Passes everything on to a generator, and remembers what it was asked, asked itself and answered."""

    inner: Generator
    pause: float = 0.0
    seen: list[tuple[Problem, Proposal]] = field(default_factory=list)
    asked: dict[int, int] = field(default_factory=dict)
    moments: list[float] = field(default_factory=list)

    name: ClassVar[str] = "watched"

    def refusal(self, problem: Problem) -> str | None:
        return self.inner.refusal(problem)

    def propose(self, problem: Problem) -> Proposal:
        def ask(points: NDArray[np.float64], of: NDArray[np.intp]) -> NDArray[np.float64]:
            self.moments.append(time.perf_counter())
            for row in problem.row_ids[of].tolist():
                self.asked[row] = self.asked.get(row, 0) + 1
            time.sleep(self.pause)
            return problem.ask(points, of)

        proposal = proposal_of(self.inner, replace(problem, ask=ask))
        self.seen.append((problem, proposal))
        return proposal


def _given(estimator: Any, _: FeatureSpace, task: str) -> Any:
    from sklearn.base import clone, is_regressor

    return clone(estimator) if is_regressor(estimator) == (task == "values") else None


def _default_makers() -> dict[str, Callable[[FeatureSpace, str], Any]]:
    return {"linear model": _linear_model, "forest": _forest}


def _linear_model(space: FeatureSpace, task: str) -> Any:
    if task != "values":
        return make_learner("logistic-regression", space)
    from sklearn.linear_model import Ridge

    return _with_end(make_learner("logistic-regression", space), Ridge())


def _forest(space: FeatureSpace, task: str) -> Any:
    forest = make_learner("random-forest", space, {"n_estimators": 8, "min_samples_leaf": 3, "random_state": 0})
    if task != "values":
        return forest
    from sklearn.ensemble import RandomForestRegressor

    return _with_end(forest, RandomForestRegressor(8, min_samples_leaf=3, random_state=0))


def _with_end(pipeline: Any, estimator: Any) -> Any:
    from sklearn.pipeline import make_pipeline

    return make_pipeline(*(step for _, step in pipeline.steps[:-1]), estimator)


@cache
def _table(task: str) -> tuple[pd.DataFrame, NDArray[Any], FeatureSpace]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "dose": rng.normal(size=_N_ROWS),
            "age": rng.integers(20, 80, _N_ROWS),
            "years": rng.integers(0, 12, _N_ROWS).astype(np.float64),
            "region": rng.choice(["north", "south", "west"], _N_ROWS),
            "smoker": rng.choice(["no", "yes"], _N_ROWS),
            "height": rng.normal(170.0, 10.0, _N_ROWS),
        }
    )
    risk = frame["dose"] + (frame["age"] - 50) / 20 + 1.5 * (frame["region"] == "west") + 0.2 * frame["years"]
    noisy = (risk + rng.normal(scale=0.7, size=_N_ROWS)).to_numpy(dtype=np.float64)
    frame.loc[::7, "years"] = np.nan
    frame.loc[::9, "dose"] = np.nan
    y: NDArray[Any] = noisy
    if task != "values":
        cuts = np.quantile(noisy, [0.5] if task == "two classes" else [1 / 3, 2 / 3])
        y = np.array(["low", "middle", "high"], dtype=object)[np.searchsorted(cuts, noisy)]
    declared: dict[str, dict[str, Any]] = {
        "age": {"direction": "increase"},
        "height": {"mutable": False},
        "years": {"fillable": True},
    }
    return frame, y, infer_feature_space(frame, declared)


def _case(make_generator: Callable[[], Generator], make: Callable[[FeatureSpace, str], Any], task: str) -> _Case | None:
    frame, y, space = _table(task)
    estimator = make(space, task)
    if estimator is None:
        return None
    codec = Codec.of(frame, space)
    model = Model("teacher", as_learner(estimator.fit(frame, y)), codec)
    rows = codec.encode(frame)
    case = _Case(make_generator, model, rows[:_N_ASKED], y[:_N_ASKED], reference_of(model, rows, y))
    return case if make_generator().refusal(_problem(case)) is None else None


def _problem(case: _Case) -> Problem:
    """The problem that `generate` hands to a generator, of the rows on which the teacher is not certain."""
    spy = _Spy()
    case.made(spy)
    assert spy.problem is not None
    return spy.problem


class _Spy(Generator):
    """Takes any problem, and does nothing about it."""

    name: ClassVar[str] = "spy"

    def __init__(self) -> None:
        self.problem: Problem | None = None

    def refusal(self, problem: Problem) -> str | None:
        return None

    def propose(self, problem: Problem) -> Proposal:
        self.problem = problem
        return Proposal(problem.X.copy(), problem.before.copy(), np.full(len(problem.X), "only looked", dtype=object))


def _run(
    check: Callable[[_Case], None],
    make_generator: Callable[[], Generator],
    make: Callable[[FeatureSpace, str], Any],
    task: str,
) -> None:
    case = _case(make_generator, make, task)
    if case is None:
        return
    try:
        check(case)
    except LearnerFailure as error:
        raise AssertionError(f"the teacher cannot answer what it is asked: {error}") from error
    except RunError as error:
        raise AssertionError(str(error)) from error


def _takes_one(
    make_generator: Callable[[], Generator], makers: Mapping[str, Callable[[FeatureSpace, str], Any]]
) -> None:
    cases = (_case(make_generator, make, task) for make in makers.values() for task in _TASKS)
    assert any(case is not None for case in cases), f"it refuses every teacher: {', '.join(makers)}"


def _same(A: NDArray[Any], B: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray((A == B) | (np.isnan(A) & np.isnan(B)))


def _assert_constraints(space: FeatureSpace, start: NDArray[np.float64], made: NDArray[np.float64]) -> None:
    """Assert what the feature space promises about a counterfactual."""
    assert made.shape == start.shape, f"{start.shape} was asked for, {made.shape} came"
    was_missing, is_missing = np.isnan(start), np.isnan(made)
    assert not (is_missing & ~was_missing).any(), "a value was lost: NaN where there was none"
    assert not (was_missing & ~is_missing & ~space.fillable).any(), "a missing value was filled that may not be"
    assert _same(made, start)[:, ~space.mutable].all(), "an immutable feature was touched"
    low, high = space.bounds_around(start)
    present = ~is_missing
    assert (made >= low)[present].all(), "a value is below its range, or shrank where it only grows"
    assert (made <= high)[present].all(), "a value is above its range, or grew where it only shrinks"
    whole = (space.integer | ~space.numeric) & present & ~_same(made, start)
    assert (made == np.rint(made))[whole].all(), "an integer or a category is between two"


def _keeps_constraints(case: _Case) -> None:
    problem = _problem(case)
    # What the generator itself proposes, before anything else could stumble over it.
    _assert_constraints(problem.space, problem.X, proposal_of(case.make_generator(), problem).X)
    _assert_constraints(case.model.space, case.rows, case.made().X)


def _says_what_the_teacher_says(case: _Case) -> None:
    watch, made = case.watched()
    for problem, proposal in watch.seen:
        said = problem.ask(proposal.X, np.arange(len(problem.X)))
        moved = ~_same(problem.X, proposal.X).all(axis=1)
        assert np.allclose(proposal.score[moved], said[moved], atol=_SLACK), "a score is not the teacher's own"
        assert np.allclose(proposal.score[~moved], problem.before[~moved], atol=_SLACK), "a row that stayed has a score"
    asked_again = case.model.scores(made.X)
    position = 0 if case.model.task == "regression" else case.model.label_positions(case.labels)
    after = asked_again[np.arange(len(made.X)), position]
    assert np.allclose(made.after, after, atol=_SLACK), "the score after is not what the teacher says"


def _brings_rows_to_their_target(case: _Case) -> None:
    status = case.made().status
    moved = float(np.isin(status, ("reached", "improved")).mean())
    assert moved >= 0.5, f"on an easy problem only {moved:.0%} of the rows came any nearer to their target"


def _never_returns_a_row_that_there_is(case: _Case) -> None:
    watch, made = case.watched()
    reached = made.status == "reached"
    assert not _same(made.X[reached], case.rows[reached]).all(axis=1).any(), (
        "a row itself is said to have reached its target"
    )
    assert not case.reference.contains(made.X[made.status != "failed"]).any(), "a copy of a real row came out"
    for problem, proposal in watch.seen:
        moved = ~_same(problem.X, proposal.X).all(axis=1)
        assert not case.reference.contains(proposal.X[moved]).any(), "a copy of a real row was proposed"


def _gives_a_reason_for_every_failure(case: _Case) -> None:
    watch, made = case.watched()
    assert np.isfinite(made.after).all(), "a score is NaN or infinite"
    assert np.isfinite(made.distance).all(), "a distance is NaN or infinite"
    assert ((made.reason == "") == (made.status == "reached")).all(), (
        "a reason where there is success, or none where not"
    )
    for problem, proposal in watch.seen:
        assert np.isfinite(proposal.score).all(), "a proposed score is NaN or infinite"
        assert (proposal.score >= problem.before - _SLACK).all(), "a row was made worse than it was"


def _is_determined_by_the_seed(case: _Case) -> None:
    first, second = case.made(seed=3), case.made(seed=3)
    assert _same(first.X, second.X).all(), "the same seed gave another result"
    assert (first.reason == second.reason).all(), "the same seed gave other reasons"


def _leaves_its_input_alone(case: _Case) -> None:
    rows, reference = case.rows.copy(), case.reference.X.copy()
    case.made()
    assert _same(rows, case.rows).all(), "the rows were changed in place"
    assert _same(reference, case.reference.X).all(), "the reference rows were changed in place"


def _is_independent_of_chunks(case: _Case) -> None:
    whole = case.made()
    parts = case.made(chunk_rows=_CHUNK)
    assert (whole.status == parts.status).all(), f"in chunks of {_CHUNK} rows some end in another status"
    near = np.isclose(whole.X, parts.X, rtol=0.0, atol=_SLACK, equal_nan=True)
    assert near.all(), f"in chunks of {_CHUNK} rows the result is another"


def _is_independent_of_threads(case: _Case) -> None:
    one, two = case.made(chunk_rows=_CHUNK, n_jobs=1), case.made(chunk_rows=_CHUNK, n_jobs=2)
    assert _same(one.X, two.X).all(), "with two threads the result is another"


def _keeps_to_its_budget(case: _Case) -> None:
    for rows_each in (0, 1, 30):
        watch, made = case.watched(budget=Budget(rows_each=rows_each))
        most = max(watch.asked.values(), default=0)
        assert most <= rows_each, f"the teacher was asked about {most} points for a row, of {rows_each} allowed"
        assert ((made.reason == "") == (made.status == "reached")).all(), "what the budget stopped does not say so"


def _keeps_to_its_deadline(case: _Case) -> None:
    watch, made = case.watched(budget=Budget(deadline=time.perf_counter() - 1.0))
    assert not watch.moments, "the teacher was asked after the deadline"
    assert (made.reason != "").all(), "what the deadline stopped does not say so"
    slow = _Watch(case.make_generator(), pause=0.05)
    deadline = time.perf_counter() + 0.2
    case.made(slow, budget=Budget(deadline=deadline))
    late = [moment for moment in slow.moments if moment > deadline]
    assert len(late) <= 1, f"the teacher was asked {len(late)} times after the deadline"


def _works_on_one_row(case: _Case) -> None:
    made = case.made(rows=case.rows[:1])
    _assert_constraints(case.model.space, case.rows[:1], made.X)


def _works_on_an_empty_problem(case: _Case) -> None:
    problem = _problem(case)
    none = np.empty(0, dtype=np.intp)
    empty = replace(
        problem,
        X=problem.X[none],
        label=problem.label[none],
        before=problem.before[none],
        target=problem.target[none],
        ids=none,
        promise=None,
    )
    proposal = proposal_of(case.make_generator(), empty)
    assert proposal.X.shape == empty.X.shape, "no rows were asked for, and some came"
    assert len(proposal.score) == len(proposal.reason) == 0, "no rows were asked for, and scores came"


def _touches_nothing_where_nothing_may_change(case: _Case) -> None:
    fixed = FeatureSpace(tuple(replace(feature, mutable=False) for feature in case.model.space))
    model = replace(case.model, codec=replace(case.model.codec, space=fixed))
    problem = replace(_problem(case), teacher=model, space=fixed)
    generator = case.make_generator()
    if generator.refusal(problem) is not None:
        return
    proposal = proposal_of(generator, problem)
    assert _same(proposal.X, problem.X).all(), "nothing may change, and something did"
    assert (proposal.reason != "").all(), "nothing may change, and a row is said to have reached its target"


def _works_without_reference_rows(case: _Case) -> None:
    problem = replace(_problem(case), reference=None, promise=None)
    generator = case.make_generator()
    if generator.refusal(problem) is None:
        _assert_constraints(problem.space, problem.X, proposal_of(generator, problem).X)


_CHECKS: dict[str, Callable[[_Case], None]] = {
    "keeps constraints": _keeps_constraints,
    "says what the teacher says": _says_what_the_teacher_says,
    "brings rows to their target": _brings_rows_to_their_target,
    "never returns a row that there is": _never_returns_a_row_that_there_is,
    "gives a reason for every failure": _gives_a_reason_for_every_failure,
    "is determined by the seed": _is_determined_by_the_seed,
    "leaves its input alone": _leaves_its_input_alone,
    "is independent of chunks": _is_independent_of_chunks,
    "is independent of threads": _is_independent_of_threads,
    "keeps to its budget": _keeps_to_its_budget,
    "keeps to its deadline": _keeps_to_its_deadline,
    "works on one row": _works_on_one_row,
    "works on an empty problem": _works_on_an_empty_problem,
    "touches nothing where nothing may change": _touches_nothing_where_nothing_may_change,
    "works without reference rows, or refuses": _works_without_reference_rows,
}
