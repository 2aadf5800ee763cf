"""Drafts of a student are compared on others' rows, each on those that have no part in it."""

from __future__ import annotations

import warnings
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB

from coopdistill import CooperativeDistillation, Participant
from coopdistill.cooperation.acceptance import FEW_ROWS, Decision, asks_others, confirm, decide
from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.consortium import Comparison, Tally, compare, parts_of
from coopdistill.cooperation.drafts import FEW_INSTANCES, N_PARTS, Drafts
from coopdistill.exceptions import CoopdistillWarning
from coopdistill.expertise import ALL_VALUES, OwnRows, answers_of
from coopdistill.learners import CallableLearner, Model
from coopdistill.schema import Table
from doubles import Scripted, as_model, constant, default_settings, threshold

X = np.linspace(-2.0, 2.0, 24)[:, None]
Y = (X[:, 0] > 0).astype(int)
NAMES = st.text(max_size=8)
TALLIES = st.builds(
    Tally,
    st.integers(1, 50),
    st.floats(0, 50, allow_subnormal=False),
    st.floats(0, 50, allow_subnormal=False),
    st.floats(1e-3, 50),
    st.integers(0, 50),
    st.integers(0, 50),
)
COMPARISONS = st.builds(Comparison, st.dictionaries(st.sampled_from(["ill", "well", "unsure"]), TALLIES, min_size=1))
PERFECT, GUESS = threshold(0, 0.0, sure=0.95), constant([0.5, 0.5])


def model_of(says: Any) -> Model:
    return as_model(Scripted([0, 1], says), X)


def compared(before: Any, *drafts: Any, y: Any = Y, part: Any = None) -> Comparison:
    own = model_of(before)
    part = parts_of(len(X), seed=0, owner="host") if part is None else part
    return compare(answers_of(own, X, y), Drafts(tuple(map(model_of, drafts))).answers(own.see(X), y, part), y)


def decision_of(*comparisons: Comparison, acceptance: str = "consortium", n_rows: int = 48) -> Decision:
    rows = OwnRows.untaught(np.resize(X, (n_rows, 1)), np.resize(Y, n_rows))
    return decide(acceptance, model_of(GUESS), rows, rows, list(comparisons), seed=0)


def confirmed(decision: Decision, *comparisons: Comparison, n_rows: int = 48) -> Decision:
    return confirm(decision, list(comparisons), n_rows=n_rows)


@given(st.integers(0, 200), st.integers(0, 9), NAMES)
def test_parts_are_as_large_as_can_be_and_stay_so(n_rows: int, seed: int, owner: str) -> None:
    part = parts_of(n_rows, seed=seed, owner=owner)
    assert part.tolist() == parts_of(n_rows, seed=seed, owner=owner).tolist()
    for n_parts in (2, N_PARTS):
        sizes = np.bincount(part % n_parts, minlength=n_parts)
        assert (sizes.sum(), len(sizes)) == (n_rows, n_parts)
        assert sizes.max() - sizes.min() <= 1


def test_parts_are_drawn_anew_for_each_owner_and_seed() -> None:
    drawn = [parts_of(40, seed=seed, owner=owner).tobytes() for seed in (0, 1) for owner in ("a", "b")]
    assert len(set(drawn)) == 4


@given(st.lists(st.floats(0.05, 0.95), min_size=24, max_size=24))
def test_drafts_that_say_the_same_are_no_better(scores: list[float]) -> None:
    known = {x: score for (x,), score in zip(X.tolist(), scores, strict=True)}

    def says(rows: Table) -> NDArray[np.float64]:
        second = np.array([known[x] for (x,) in np.asarray(rows, dtype=float).tolist()])
        return np.column_stack([1 - second, second])

    same = compared(says, says, says)
    assert (same.before, same.standard_errors) == (same.after, 0.0)
    decision = decision_of(same)
    assert not decision.accepted
    assert not decision.harmful


def test_what_is_better_is_accepted_and_what_is_worse_is_harmful() -> None:
    better, worse = compared(GUESS, PERFECT, PERFECT), compared(PERFECT, GUESS, GUESS)
    assert better.standard_errors == pytest.approx(-worse.standard_errors)
    assert better.before == pytest.approx(24 * 0.25)
    assert better.after == pytest.approx(24 * 0.05**2)
    accepted, declined = decision_of(better), decision_of(worse)
    assert (accepted.accepted, accepted.harmful) == (True, False)
    assert (declined.accepted, declined.harmful) == (False, True)
    for decision in (accepted, declined):
        assert decision.reason.startswith("squared error on 24 rows of others 0.")
    assert "(-99%)" in accepted.reason
    assert declined.reason.endswith("; asked for: -10%, 1 standard error both ways, 1 of its labels")


def test_what_is_better_only_because_a_class_is_frequent_is_not_accepted() -> None:
    """Another place has its classes in other proportions."""
    y = (np.arange(24) >= 20).astype(int)
    found = compared(GUESS, *[constant([0.9, 0.1])] * 2, y=y)
    assert found.standard_errors > 1.5
    assert found.standard_errors_alike == pytest.approx((0.24 - 0.56) / (0.24**2 / 20 + 0.56**2 / 4) ** 0.5)
    decision = decision_of(found)
    assert not decision.accepted
    assert "with classes counted alike worse by 1.1" in decision.reason


@pytest.mark.parametrize(
    ("well", "ill", "lost", "harmful"),
    [(1.0, -2.0, 1, False), (-0.1, -2.0, 1, True), (-0.1, -2.0, 0, False), (1.0, 1.0, 0, False)],
)
def test_clearly_worse_is_what_no_class_balance_speaks_for_and_is_wrong_more_often(
    well: float, ill: float, lost: int, harmful: bool
) -> None:
    def tally(n_rows: int, gained: float) -> Tally:
        """Of rows that gain as much each."""
        return Tally(n_rows, gained * n_rows, 0.0, gained**2 * n_rows, 0, lost)

    found = Comparison({"well": tally(90, well), "ill": tally(10, ill)})
    assert decision_of(found).harmful == harmful


def test_a_refitted_model_that_is_surer_and_says_the_same_is_not_accepted() -> None:
    found = compared(threshold(0, 0.0, sure=0.6), PERFECT, PERFECT)
    assert min(found.standard_errors, found.standard_errors_alike) > 1.5
    assert found.standard_errors_of_hits == 0.0
    declined = confirmed(decision_of(found), found)
    assert (declined.accepted, declined.harmful) == (False, False)
    assert declined.reason.endswith("; asked for: -15%, 1.5 standard errors both ways, 1.5 of its labels")


def test_what_is_surely_better_by_little_is_not_accepted() -> None:
    """What is little here is lost in chance elsewhere."""
    little, enough = (
        Comparison({label: Tally(500, 100.0, after, (100.0 - after) ** 2 / 500, won=60) for label in ("ill", "well")})
        for after in (91.0, 89.0)
    )
    assert little.standard_errors > 20
    assert not decision_of(little).accepted
    assert not decision_of(little).harmful
    assert decision_of(enough).accepted
    assert not confirmed(decision_of(enough), enough).accepted  # more is asked of what was refitted
    most = Comparison({label: Tally(500, 100.0, 84.0, 0.5, won=60) for label in ("ill", "well")})
    assert confirmed(decision_of(most), most).accepted


@given(st.lists(st.floats(0.05, 0.95), min_size=24, max_size=24), st.integers(1, 4))
def test_how_often_a_class_is_seen_does_not_tip_the_scales(scores: list[float], times: int) -> None:
    known = {x: score for (x,), score in zip(X.tolist(), scores, strict=True)}

    def says(rows: Table) -> NDArray[np.float64]:
        second = np.array([known[x] for (x,) in np.asarray(rows, dtype=float).tolist()])
        return np.column_stack([1 - second, second])

    once = compared(GUESS, says, says)
    assert once.standard_errors_alike == pytest.approx(once.standard_errors)  # twelve rows of each class
    ill = Comparison({1: once.tallies[1]})
    often = sum([ill] * (times - 1), start=once)
    assert np.sign(often.standard_errors_alike) == np.sign(once.standard_errors_alike)
    assert np.sign(often.standard_errors_of_hits) == np.sign(once.standard_errors_of_hits)


def test_values_are_compared_as_they_come() -> None:
    before, after = (as_model(CallableLearner(lambda rows, v=v: np.full(len(rows), v)), X) for v in (0.0, 1.0))
    y, part = np.ones(len(X)), parts_of(len(X), seed=0, owner="host")
    found = compare(answers_of(before, X, y), Drafts.of_one(after).answers(before.see(X), y, part), y)
    assert not found.is_of_labels
    assert (found.n_rows, found.before, found.after) == (len(X), len(X), 0.0)
    decision = decision_of(found)
    assert decision.accepted
    assert "alike" not in decision.reason


def test_of_values_the_refitted_model_decides_and_not_its_drafts() -> None:
    worse, better, hardly = (Comparison({ALL_VALUES: Tally(10, 1.0, after, 0.01)}) for after in (3.0, 0.7, 0.85))
    of_drafts = decision_of(worse)
    assert of_drafts.accepted
    kept = confirmed(of_drafts, better)
    assert kept.accepted
    assert kept.reason == (
        f"{of_drafts.reason}; the refitted model: squared error on 10 rows of others 0.1 → 0.07 (-30%), "
        "better by 3.0 standard errors"
    )
    refused, harmful = confirmed(of_drafts, hardly), confirmed(of_drafts, worse)
    assert (refused.accepted, refused.harmful) == (False, False)
    assert (harmful.accepted, harmful.harmful) == (False, True)
    assert refused.reason.startswith("its drafts: squared error on 10 rows of others 0.1 → 0.3")
    assert refused.reason.endswith(
        "the refitted model does not convince: squared error on 10 rows of others 0.1 → 0.085 (-15%), "
        "better by 1.5 standard errors; asked for: -20%, 1 standard error"
    )


@given(
    st.integers(1, 50), st.floats(0.01, 50), st.floats(0, 50), st.floats(1e-3, 50), st.floats(0, 2), st.integers(1, 80)
)
def test_where_hosts_lack_columns_less_is_believed(
    n_rows: int, before: float, after: float, squares: float, error: float, n_own: int
) -> None:
    of_drafts = Decision(True, "its drafts say so")
    whole = Comparison({ALL_VALUES: Tally(n_rows, before, after, squares)})
    in_part = replace(whole, is_whole=False)
    unknown = confirmed(of_drafts, in_part, n_rows=n_own)
    known = confirm(of_drafts, [in_part], n_rows=n_own, error_at_home=error)
    assert known.accepted == (unknown.accepted and after < error * n_rows)
    assert ("must err less there than the model before at home" in known.reason) == (after >= error * n_rows)
    assert unknown.accepted <= confirmed(of_drafts, whole, n_rows=n_own).accepted
    # Whoever has all columns sees what there is to see.
    assert confirm(of_drafts, [whole], n_rows=n_own, error_at_home=error) == confirmed(of_drafts, whole, n_rows=n_own)


@pytest.mark.parametrize(
    ("options", "labels", "fits"),
    [
        pytest.param({}, Y, ["draft"] * 4, id="others tell of all classes"),
        pytest.param({"focus": "wrong"}, Y, ["fold"] * 2 + ["draft"] * 4, id="lessons depend on what is right at home"),
        pytest.param({}, np.where(X[:, 0] > 1, 2, Y), ["fold"] * 2 + ["draft"] * 4, id="nobody else has the class"),
        pytest.param({"expertise": "in-sample", "acceptance": "always"}, Y, ["refit"], id="taken at its own word"),
    ],
)
def test_a_model_is_fitted_no_more_often_than_something_hangs_on_it(
    options: dict[str, Any], labels: NDArray[np.int_], fits: list[str]
) -> None:
    counted = []

    def learns(rows: Table, y: NDArray[Any]) -> Any:
        counted.append(len(y))
        return unsure if set(y.tolist()) == {0, 1} else three

    def three(rows: Table) -> NDArray[np.float64]:
        return np.column_stack([0.8 * unsure(rows), np.full(len(rows), 0.2)])

    classes = sorted(set(labels.tolist()))
    counting = Participant("counting", Scripted(classes, learns(X, labels), learns), X, labels)
    other = Participant("other", GaussianNB(), X + 0.3, Y)
    counted.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoopdistillWarning)
        # As many instances as rows, so that a fit is known by how many it is of.
        CooperativeDistillation(instances_per_row=1, random_state=0, **options).fit([counting, other])
    # It is as good as the other, keeps its model, and so is not refitted in the end.
    kinds = {len(X) // 2: "fold", 2 * len(X): "refit"}
    assert [kinds.get(n_rows, "draft") for n_rows in counted] == fits


@pytest.mark.parametrize(("n_rows", "is_enough"), [(FEW_ROWS - 1, True), (FEW_ROWS, False)])
def test_of_a_model_of_few_rows_less_is_asked(n_rows: int, is_enough: bool) -> None:
    """Of labels and of values, which have few others' rows to be told by as well."""
    labels = Comparison({"ill": Tally(20, 5.0, 4.3, 1.0, won=2, lost=1), "well": Tally(20, 5.0, 4.3, 1.0)})
    values = Comparison({ALL_VALUES: Tally(40, 10.0, 8.6, 4.0)})
    assert decision_of(labels, n_rows=n_rows).accepted == is_enough
    for found in (labels, values):
        convinced = Decision(True, "its drafts convince")
        assert confirmed(convinced, found, n_rows=n_rows).accepted == is_enough
        in_part = replace(found, is_whole=False)  # whoever sees a part of its columns cannot tell as well
        assert not confirmed(convinced, found, in_part, n_rows=n_rows).accepted
        assert not found.is_of_labels or not decision_of(found, in_part, n_rows=n_rows).accepted


def test_what_is_no_better_is_not_accepted_of_any_rows() -> None:
    hits_less = Comparison({"ill": Tally(20, 5.0, 3.0, 1.0, won=1, lost=1)})
    hardly = Comparison({"ill": Tally(20, 5.0, 4.6, 0.1, won=2)})
    for found in (hits_less, hardly, compared(GUESS, GUESS)):
        decision = decision_of(found, n_rows=1)
        assert not decision.accepted
        assert decision.reason.endswith("; asked for: -10%, 0 standard errors both ways, 0 of its labels")


@pytest.mark.parametrize("columns", [["seen", "hidden"], ["hidden", "more", "seen"], ["seen", "more"]])
def test_a_host_says_whether_it_has_all_columns_of_its_visitor(columns: list[str]) -> None:
    table = pd.DataFrame({"seen": X[:, 0], "hidden": np.cos(X[:, 0]), "more": np.sin(X[:, 0])})
    visitor, host = (
        Agent.of(Participant(name, LinearRegression(), table[names], X[:, 0]), default_settings())
        for name, names in (("visitor", ["seen", "hidden"]), ("host", columns))
    )
    (found,) = host.compare([(visitor.model, Drafts.of_one(visitor.model))])
    assert found.is_whole == ("hidden" in columns)


def test_what_a_model_was_taught_before_counts_as_its_rows() -> None:
    untaught = agent("student")
    known = replace(untaught.rows, taught_X=X[:20], taught_y=Y[:20])
    little = Comparison({"ill": Tally(20, 5.0, 4.3, 1.0, won=2, lost=1)})
    for student, accepts in ((untaught, True), (replace(untaught, rows=known), False)):
        settled = student.settle(Decision(True, "its drafts convince"), [little])
        assert settled.accepted == accepts


def test_one_row_is_better_by_chance() -> None:
    """Its difference is its own standard error."""
    before, drafts = model_of(GUESS), Drafts.of_one(model_of(PERFECT))
    half = np.zeros(1, dtype=np.int8)
    one = compare(answers_of(before, X[:1], Y[:1]), drafts.answers(before.see(X[:1]), Y[:1], half), Y[:1])
    assert one.standard_errors == pytest.approx(1.0)
    assert not decision_of(one).accepted


@given(st.lists(COMPARISONS, min_size=1, max_size=4), st.integers(0, 9))
def test_comparisons_of_several_hosts_add_up_in_any_order(parts: list[Comparison], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(parts))
    one, other = (sum(these, start=Comparison()) for these in (parts, [parts[i] for i in order]))
    assert one.n_rows == other.n_rows == sum(part.n_rows for part in parts)
    for what in ("standard_errors", "standard_errors_alike", "standard_errors_of_hits"):
        assert getattr(one, what) == pytest.approx(getattr(other, what), abs=1e-9)
    gained = sum(part.before - part.after for part in parts)
    squares = sum(tally.squares for tally in one.tallies.values())
    assert one.standard_errors * squares**0.5 == pytest.approx(gained, abs=1e-9)


@given(st.integers(1, 23), st.integers(0, 9))
def test_rows_of_two_hosts_are_compared_as_those_of_one_would_be(n_first: int, seed: int) -> None:
    y = np.random.default_rng(seed).integers(0, 2, len(X))
    part = parts_of(len(X), seed=seed, owner="host")
    before, drafts = model_of(GUESS), Drafts((model_of(PERFECT), model_of(constant([0.3, 0.7]))))
    parts = [
        compare(answers_of(before, X[rows], y[rows]), drafts.answers(before.see(X[rows]), y[rows], part[rows]), y[rows])
        for rows in (slice(n_first), slice(n_first, None))
    ]
    together, whole = parts[0] + parts[1], compared(GUESS, PERFECT, constant([0.3, 0.7]), y=y, part=part)
    assert together.tallies.keys() == whole.tallies.keys()
    for label, tally in whole.tallies.items():
        assert astuple(together.tallies[label]) == pytest.approx(astuple(tally))


def test_a_refitted_model_must_convince_as_its_drafts_do() -> None:
    better, worse = compared(GUESS, PERFECT, PERFECT), compared(PERFECT, GUESS, GUESS)
    decision = decision_of(better)
    assert confirmed(decision, better) is decision
    assert confirmed(decision) is decision
    barely = Comparison({"ill": Tally(20, 5.0, 1.0, 1.0, won=2)})
    assert decision_of(barely).accepted
    assert not confirmed(decision, barely).accepted  # rows that taught it speak for it
    declined = confirmed(decision, worse)
    assert (declined.accepted, declined.harmful) == (False, True)
    assert declined.reason.startswith(f"its drafts convince ({decision.reason}), the refitted model does not: squared")


@pytest.mark.filterwarnings("ignore:participant 'unlucky' would be made worse")
@pytest.mark.parametrize("is_lucky", [True, False])
def test_whoever_is_unlucky_in_its_last_fit_keeps_its_model(is_lucky: bool) -> None:
    """Its drafts have learned from a part of the instances; whoever gets all of them may still be fitted badly."""
    before, wrong = threshold(0, 1.0, sure=0.95), threshold(0, 0.0, sure=0.3)

    def learns(rows: Table, y: NDArray[Any]) -> Any:
        return PERFECT if len(y) < 3 * len(X) or is_lucky else wrong  # its rows, and of the others' some or all

    name = "lucky" if is_lucky else "unlucky"
    rng = np.random.default_rng(0)
    student = Participant(name, Scripted([0, 1], before, learns), X, Y)
    others = [Participant(f"other {i}", GaussianNB(), X + rng.normal(0, 0.1, X.shape), Y) for i in range(2)]
    cooperation = CooperativeDistillation(instances_per_row=1, random_state=0).fit([student, *others])
    assert cooperation.accepted_[name] == is_lucky
    taught = cooperation.virtual_instances_["student"].eq(name)
    assert taught.any() == is_lucky
    assert cooperation.transfers_.query("student == @name")["kept"].sum() == taught.sum()
    assert ("the refitted model does not" in cooperation.reasons_[name]) != is_lucky
    says = PERFECT if is_lucky else before
    assert cooperation.learners_[name].scores(X).tolist() == says(X).tolist()


def test_where_nobody_else_has_rows_everything_is_accepted() -> None:
    for comparisons in ([], [Comparison()]):
        assert decision_of(*comparisons) == Decision(True, "nobody else has rows to compare on")


def test_others_are_asked_by_default_and_by_name_alone() -> None:
    assert [name for name in ("auto", "consortium", "always", "own-validation") if asks_others(name)] == [
        "auto",
        "consortium",
    ]
    worse = compared(PERFECT, GUESS, GUESS)
    assert decision_of(worse, acceptance="auto") == decision_of(worse)
    assert decision_of(worse, acceptance="always") == Decision(True, "every lesson is accepted")


def unsure(rows: Table) -> NDArray[np.float64]:
    """Right about the sign, and of each row another score."""
    second = 0.5 + 0.1 * np.tanh(np.asarray(rows, dtype=float)[:, 0])
    return np.column_stack([1.0 - second, second])


def agent(name: str, says: Any = unsure, learns: Any = None, per_row: int = 1) -> Agent:
    learner = Scripted([0, 1], says, learns or (lambda rows, y: says))
    settings = replace(default_settings(), instances_per_row=per_row)
    return Agent.of(Participant(name, learner, X, Y), settings).judge([], 1)


@pytest.mark.parametrize("per_row", [1, 3])
def test_of_each_instance_it_is_known_in_which_part_its_row_was(per_row: int) -> None:
    teacher, student = agent("teacher", per_row=per_row), agent("student")
    [lesson] = teacher.teach([student.model], student.hear([teacher.model]).testimonies, 1)
    scores = unsure(X)[np.arange(len(X)), Y]
    pairs = zip(lesson.before, lesson.y, strict=True)
    rows = np.array([np.flatnonzero(np.isclose(scores, before) & (y == Y))[0] for before, y in pairs])
    of_rows = parts_of(len(X), seed=0, owner="teacher")
    assert rows[: len(X)].tolist() == list(range(len(X)))
    assert lesson.part.tolist() == of_rows[rows].tolist()
    assert set(lesson.part.tolist()) == set(range(N_PARTS))
    assert (len(lesson) > len(X)) == (per_row > 1)


@pytest.mark.parametrize(("few", "n_drafts"), [(FEW_INSTANCES, 4), (1, 2)])
def test_a_draft_is_taught_all_that_was_not_made_from_its_part(
    few: int, n_drafts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coopdistill.cooperation.drafts.FEW_INSTANCES", few)
    taught: list[list[tuple[float, int]]] = []

    def learns(rows: Table, y: NDArray[Any]) -> Any:
        taught.append(list(zip(np.asarray(rows, dtype=float)[:, 0].tolist(), y.tolist(), strict=True)))
        return unsure

    teacher, student = agent("teacher"), agent("student", learns=learns)
    lessons = teacher.teach([student.model], student.hear([teacher.model]).testimonies, 1)
    taught.clear()
    assert student.draft(lessons, 1) is not None
    for place, rows in enumerate(taught):
        lesson = lessons[0].only(lessons[0].part % n_drafts != place)
        expected = [*zip(X[:, 0].tolist(), Y.tolist(), strict=True), *zip(lesson.X[:, 0], lesson.y, strict=True)]
        assert sorted(rows) == sorted(expected)
    assert len(taught) == n_drafts
    assert agent("other").draft([lesson.only(np.zeros(len(lesson), dtype=bool)) for lesson in lessons], 1) is None


def test_an_agent_compares_by_parts_of_its_own() -> None:
    host, guest = agent("host"), model_of(GUESS)
    drafts = Drafts((model_of(PERFECT), guest))
    assert host.compare([(guest, drafts)] * 2) == [compared(GUESS, PERFECT, GUESS)] * 2
