import numpy as np
import pytest

from coopdistill.counterfactuals import Generator, Proposal, SearchGenerator, generator_names
from coopdistill.counterfactuals.checks import generator_checks
from coopdistill.counterfactuals.choice import _GENERATORS
from coopdistill.exceptions import OptionError


def all_checks():
    for name in generator_names():
        if name == "auto":
            continue
        for check_name, check in generator_checks(_GENERATORS[name]):
            yield pytest.param(check, id=f"{name} {check_name}")


@pytest.mark.parametrize("check", list(all_checks()))
def test_our_own_generators_keep_the_contract(check):
    check()


class Scripted(Generator):
    """Breaks one promise, as a check has to notice."""

    name = "scripted"

    def __init__(self, change):
        self.change = change

    def refusal(self, problem):
        return None

    def propose(self, problem):
        return self.change(problem, SearchGenerator().propose(problem))


def out_of_range(problem, proposal):
    may_change = problem.space.mutable & problem.space.numeric
    return Proposal(np.where(may_change, proposal.X + 1e4, proposal.X), proposal.score, proposal.reason)


def name_no_category(problem, proposal):
    return Proposal(problem.X + 100, proposal.score, proposal.reason)


def answer_nothing(problem, proposal):
    return None


def answer_too_few(problem, proposal):
    return Proposal(proposal.X[:2], proposal.score[:2], proposal.reason[:2])


def fail(problem, proposal):
    raise KeyError("no such thing")


def ask_about_no_category(problem, proposal):
    problem.ask(problem.X + 100, np.arange(len(problem.X)))
    return proposal


def touch_immutables(problem, proposal):
    return Proposal(proposal.X + 1e-3 * ~problem.space.mutable, proposal.score, proposal.reason)


def boast(problem, proposal):
    return Proposal(proposal.X, np.ones(len(proposal.X)), proposal.reason)


def copy_real_rows(problem, proposal):
    return Proposal(problem.reference.X[: len(problem.X)], proposal.score, proposal.reason)


def lose_values(problem, proposal):
    return Proposal(np.full_like(proposal.X, np.nan), proposal.score, proposal.reason)


def give_up(problem, proposal):
    return Proposal(problem.X, problem.before, np.full(len(problem.X), "no wish to", dtype=object))


def ask_without_end(problem, proposal):
    for _ in range(100):
        problem.ask(problem.X, np.arange(len(problem.X)))
    return proposal


def draw_anew(problem, proposal):
    rows = np.arange(len(problem.X))
    moved = problem.within(rows, problem.X[:, None, :] + np.random.default_rng().normal(size=problem.X.shape)[:, None])
    return Proposal(moved[:, 0], proposal.score, proposal.reason)


def look_at_the_whole_chunk(problem, proposal):
    return Proposal(np.where(len(problem.X) < 10, problem.X, proposal.X), proposal.score, proposal.reason)


def write_into_the_rows(problem, proposal):
    problem.X[:, 0] = 0.0
    problem.reference.X[:, 0] = 0.0
    return proposal


@pytest.mark.parametrize(
    ("change", "check", "complaint"),
    [
        (out_of_range, "keeps constraints", "above its range"),
        (
            name_no_category,
            "keeps constraints",
            "'scripted' proposed 10.\\.0 for 'region', which is the code of no category",
        ),
        (name_no_category, "brings rows to their target", "the code of no category"),
        (answer_nothing, "keeps constraints", "'scripted' returned NoneType; its propose must return a Proposal"),
        (
            answer_too_few,
            "keeps constraints",
            r"'scripted': X of its Proposal must be an array of .*, got shape \(2, 6\)",
        ),
        (fail, "works on an empty problem", "'scripted' failed on 0 rows: KeyError: 'no such thing'"),
        (ask_about_no_category, "keeps constraints", "the teacher cannot answer what it is asked"),
        (touch_immutables, "keeps constraints", "immutable"),
        (lose_values, "keeps constraints", "lost"),
        (boast, "says what the teacher says", "not the teacher's own"),
        (give_up, "brings rows to their target", "on an easy problem only"),
        (copy_real_rows, "never returns a row that there is", "real row"),
        (draw_anew, "is determined by the seed", "another result"),
        (look_at_the_whole_chunk, "is independent of chunks", "in chunks of 9 rows"),
        (ask_without_end, "keeps to its budget", "of 0 allowed"),
        (ask_without_end, "keeps to its deadline", "after the deadline"),
        (write_into_the_rows, "leaves its input alone", "in place"),
    ],
)
def test_a_broken_promise_is_noticed(change, check, complaint):
    checks = dict(generator_checks(lambda: Scripted(change)))
    with pytest.raises(AssertionError, match=complaint):
        checks[f"{check} [forest, two classes]"]()


def test_one_that_refuses_everything_does_not_pass():
    class Refusing(Scripted):
        def refusal(self, problem):
            return "never"

    checks = dict(generator_checks(lambda: Refusing(give_up)))
    with pytest.raises(AssertionError, match="refuses every teacher"):
        checks["takes at least one of the teachers"]()


def test_own_teachers_can_be_given():
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    columns = make_column_transformer((OneHotEncoder(), ["region", "smoker"]), remainder="passthrough")
    boosting = make_pipeline(columns, HistGradientBoostingClassifier(max_iter=10, random_state=0))
    checks = dict(generator_checks(SearchGenerator, teachers={"boosting": boosting}))
    checks["keeps constraints [boosting, three classes]"]()
    checks["keeps constraints [boosting, values]"]()  # it predicts no values, so nothing is asked of it


def test_what_makes_a_generator_is_asked_for():
    with pytest.raises(
        OptionError, match=r"is a SearchGenerator; pass what makes .*: generator_checks\(SearchGenerator\)"
    ):
        dict(generator_checks(SearchGenerator()))
