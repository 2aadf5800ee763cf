"""All models of a cooperation asked together, and who does better so."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB

from coopdistill import CooperativeDistillation, Participant
from coopdistill.baselines import Average
from coopdistill.cooperation.acceptance import consult
from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.consortium import Comparison, Tally
from coopdistill.cooperation.ensemble import FARTHEST, Ensemble, together
from coopdistill.datasets import make_clinics, make_label_shift
from coopdistill.datasets.bundled import load_bundled
from coopdistill.exceptions import AlignmentError, NoSharedFeatureError, OptionError, ParticipantError
from coopdistill.expertise import ALL_VALUES
from doubles import Scripted, as_model, constant

X = np.linspace(-2.0, 2.0, 24)[:, None]
Y = (X[:, 0] > 0).astype(int)
VALUES = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 4), st.just(1)), elements=st.floats(-1e6, 1e6))


def ensemble_of(**says: Any) -> Ensemble:
    models = (replace(as_model(Scripted([0, 1], said), X), name=name) for name, said in says.items())
    return Ensemble(tuple(models))


def cooperate(participants: list[Participant], **options: Any) -> CooperativeDistillation:
    return CooperativeDistillation(random_state=0, **options).fit(participants)


@pytest.fixture(scope="module")
def wines() -> tuple[list[Participant], Any]:
    """Five growers, to each of whom some wines are strange, and all who ask do better to ask together."""
    cohorts = make_label_shift(load_bundled("wine"), 5, test_size=0.4, concentration=0.5, random_state=1)
    return [Participant(name, GaussianNB(), *table) for name, table in cohorts.train.items()], cohorts.test


@given(VALUES)
def test_no_value_sways_all_others(said: Any) -> None:
    mean = together(said, are_values=True)
    median = np.median(said, axis=0)
    spread = np.median(np.abs(said - median), axis=0)
    slack = 1e-9 * (1 + np.abs(said).max())
    assert (np.abs(mean - median) <= FARTHEST * spread + slack).all()
    assert (mean >= said.min(axis=0) - slack).all()
    assert (mean <= said.max(axis=0) + slack).all()


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_models_tells_nothing(said: Any, random: Any) -> None:
    order = list(range(len(said)))
    random.shuffle(order)
    one, other = (together(part, are_values=True) for part in (said, said[order]))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_labels_are_those_of_the_greatest_mean_score() -> None:
    ensemble = ensemble_of(a=constant([0.9, 0.1]), b=constant([0.4, 0.6]), c=constant([0.3, 0.7]))
    frame = pd.DataFrame(X, columns=list(ensemble.models[0].space.columns))
    np.testing.assert_allclose(ensemble.predict_proba(frame), np.tile([1.6 / 3, 1.4 / 3], (len(X), 1)))
    assert set(ensemble.predict(frame)) == {0}
    others = replace(ensemble, models=ensemble.models[1:])
    assert set(others.predict(frame)) == {1}
    assert repr(others) == "Ensemble('b', 'c')"


def test_a_class_that_a_model_never_saw_scores_nothing() -> None:
    rows = pd.DataFrame({"x": X[:, 0]})
    labels = np.where(Y == 1, "ill", "well")
    three = np.where(X[:, 0] > 1, "very ill", labels)
    participants = [
        Participant(name, LogisticRegression(), rows, y) for name, y in (("a", labels), ("b", three), ("c", three))
    ]
    ensemble = cooperate(participants, acceptance="always", focus="wrong").ensemble_
    assert ensemble.classes_.tolist() == ["ill", "very ill", "well"]
    np.testing.assert_allclose(ensemble.predict_proba(rows).sum(axis=1), 1.0)


def test_a_host_is_never_asked_about_its_own_model(
    monkeypatch: pytest.MonkeyPatch, clinics: Any, three_kinds: Any
) -> None:
    """It knows its rows by heart: with it, all together would look better than they are."""
    asked: dict[str, tuple[str, ...]] = {}
    compare_together = Agent.compare_together

    def noted(self: Agent, visitors: Any, ensemble: Ensemble) -> Any:
        asked[self.name] = ensemble.names
        return compare_together(self, visitors, ensemble)

    monkeypatch.setattr(Agent, "compare_together", noted)
    cooperate(three_kinds(clinics))
    names = {"small", "medium", "large"}
    assert {host: set(others) for host, others in asked.items()} == {host: names - {host} for host in names}


def test_a_host_that_can_ask_but_one_other_says_nothing_of_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a model and nobody else, it is that model's own refit that would be compared."""
    table = pd.DataFrame({"x": X[:, 0], "y": np.sin(X[:, 0]), "z": np.cos(X[:, 0])})
    asked: list[str] = []
    compare_together = Agent.compare_together

    def noted(self: Agent, visitors: Any, ensemble: Ensemble) -> Any:
        asked.append(self.name)
        return compare_together(self, visitors, ensemble)

    monkeypatch.setattr(Agent, "compare_together", noted)
    columns = {"a": ["x"], "b": ["x", "y"], "c": ["y", "z"], "d": ["y", "z"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cooperation = cooperate([Participant(n, LogisticRegression(), table[c], Y) for n, c in columns.items()])
    assert cooperation.members_ == list("abcd")
    assert asked == list("bcd")
    comparisons = cooperation.disclosures_.query("what == 'comparison' and sender == 'a'")
    assert (comparisons["count"] > 0).all()
    assert len(comparisons) <= 2  # of drafts and the refitted model of b, and no third


def test_all_are_compared_with_what_each_was_before_however_many_rounds(wines: tuple[list[Participant], Any]) -> None:
    participants, _ = wines
    once, twice = (cooperate(participants, rounds=rounds) for rounds in (1, 2))
    assert twice.n_rounds_ == 2
    assert any(once.consults_.values())
    assert {name for name, asks in once.consults_.items() if asks} <= {n for n, asks in twice.consults_.items() if asks}


@pytest.mark.parametrize(
    ("won", "n_rows", "accepts"), [(30, 100, True), (6, 100, False), (6, 20, True), (6, 0, False), (0, 20, False)]
)
def test_together_all_must_be_clearly_better(won: int, n_rows: int, accepts: bool) -> None:
    found = Comparison({"ill": Tally(60, 20.0, 12.0, 3.0, won=won, lost=2)})
    decision = consult([found], n_rows=n_rows)
    assert decision.accepted == accepts
    assert ("asked for" in decision.reason) == (not accepts)


def test_with_values_hosts_that_lack_columns_must_see_less_error_than_there_is_at_home() -> None:
    found = Comparison({ALL_VALUES: Tally(100, 200.0, 100.0, 40.0)}, is_whole=False)
    assert consult([found], n_rows=100, error_at_home=1.5).accepted
    doubted = consult([found], n_rows=100, error_at_home=0.5)
    assert not doubted.accepted
    assert "others lack columns of it" in doubted.reason


def test_without_others_rows_nobody_is_asked_together() -> None:
    assert not consult([], n_rows=100).accepted


def test_each_predicts_as_it_is_told(wines: tuple[list[Participant], Any]) -> None:
    participants, (T, t) = wines
    cooperation = cooperate(participants)
    assert any(cooperation.consults_.values())
    said = cooperation.predict_each(T)
    assert list(said) == list(cooperation.learners_) == list(cooperation.consults_)
    for name, consults in cooperation.consults_.items():
        alone = cooperation.learners_[name].predict(T)
        expected = cooperation.ensemble_.predict(T) if consults else alone
        np.testing.assert_array_equal(said[name], expected)
        np.testing.assert_array_equal(cooperation.predict_for(name, T), expected)
    before = cooperation.evaluate(T, t).set_index("participant")["before"]
    assert np.mean([(said[name] == t).mean() - before[name] for name in said]) > 0.05


def test_the_same_whatever_the_order_and_the_processes(wines: tuple[list[Participant], Any]) -> None:
    participants, (T, _) = wines
    one, other = cooperate(participants), cooperate(participants[::-1], n_jobs=2)
    assert one.consults_ == other.consults_
    assert one.consult_reasons_ == other.consult_reasons_
    np.testing.assert_array_equal(one.ensemble_.predict_proba(T), other.ensemble_.predict_proba(T))


def test_a_liar_is_no_member_and_may_ask_the_others() -> None:
    clinics = make_clinics(random_state=0)
    honest = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    rows, truth = clinics.train["small"]
    lies = np.where(truth == "benign", "malignant", "benign")
    cooperation = cooperate([*honest, Participant("liar", GaussianNB(), rows, lies)], qualification="row")
    assert cooperation.consults_["liar"]
    score = (cooperation.predict_for("liar", clinics.test.X) == clinics.test.y).mean()
    assert score > 0.8


def test_of_two_nobody_asks_the_other() -> None:
    participants = [Participant(name, GaussianNB(), X + shift, Y) for name, shift in (("a", 0.0), ("b", 0.3))]
    cooperation = cooperate(participants)
    assert cooperation.consults_ == {"a": False, "b": False}
    assert "fewer than 3" in cooperation.consult_reasons_["a"]


@pytest.mark.parametrize("acceptance", ["always", "own-validation"])
def test_where_others_are_not_asked_everybody_predicts_alone(clinics: Any, three_kinds: Any, acceptance: str) -> None:
    cooperation = cooperate(three_kinds(clinics), acceptance=acceptance)
    assert not any(cooperation.consults_.values())
    rows = clinics.test.X
    for name, learner in cooperation.learners_.items():
        np.testing.assert_array_equal(cooperation.predict_for(name, rows), learner.predict(rows))


def test_values_are_close_to_the_average_of_all() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(90, 3)), columns=list("abc"))
    y = rows.sum(axis=1).to_numpy() + rng.normal(size=90)
    participants = [Participant(str(i), LinearRegression(), rows[i::3], y[i::3]) for i in range(3)]
    cooperation = cooperate(participants)
    taught = [Participant(n, m, rows[:5], y[:5]) for n, m in cooperation.learners_.items()]
    average = Average().fit(taught).predict_for("0", rows)
    said = cooperation.ensemble_.predict(rows)
    assert np.corrcoef(said, average)[0, 1] > 0.99
    with pytest.raises(OptionError, match="use predict"):
        cooperation.ensemble_.predict_proba(rows)


@pytest.fixture(scope="module")
def of_three_columns() -> tuple[Ensemble, pd.DataFrame]:
    table = pd.DataFrame({"a": X[:, 0], "b": np.sin(X[:, 0]), "c": np.cos(X[:, 0])})
    participants = [Participant(name, LogisticRegression(), table[list(name)], Y) for name in ("ab", "bc", "abc")]
    return cooperate(participants, acceptance="always").ensemble_, table


def test_who_has_none_of_the_columns_is_not_asked(of_three_columns: tuple[Ensemble, pd.DataFrame]) -> None:
    ensemble, table = of_three_columns
    readers = replace(ensemble, models=tuple(model for model in ensemble.models if "a" in model.name))
    np.testing.assert_allclose(ensemble.predict_proba(table[["a"]]), readers.predict_proba(table[["a"]]))
    with pytest.raises(NoSharedFeatureError, match="no shared feature"):
        ensemble.predict(table[["a"]].rename(columns={"a": "z"}))


def test_what_is_said_of_a_row_does_not_depend_on_the_others(of_three_columns: tuple[Ensemble, pd.DataFrame]) -> None:
    ensemble, table = of_three_columns
    rows = table.head(6).copy()
    rows.loc[0, ["b", "c"]] = np.nan
    rows.loc[1, ["a"]] = np.nan
    whole = ensemble.predict_proba(rows)
    alone = np.vstack([ensemble.predict_proba(rows.iloc[[i]]) for i in range(len(rows))])
    np.testing.assert_allclose(alone, whole)


def test_columns_that_cannot_be_told_apart_are_refused_and_not_passed_over(
    of_three_columns: tuple[Ensemble, pd.DataFrame],
) -> None:
    ensemble, table = of_three_columns
    doubled = table.rename(columns={"a": "alpha"}).assign(A=table["a"])
    with pytest.raises(AlignmentError, match="keep one"):
        ensemble.predict(doubled, feature_space={"alpha": {"synonyms": ["a"]}, "A": {"synonyms": ["a"]}})


def test_nobody_of_that_name(wines: tuple[list[Participant], Any]) -> None:
    participants, (T, _) = wines
    cooperation = cooperate(participants, acceptance="always")
    with pytest.raises(ParticipantError, match=r"'participant_9'.*did you mean"):
        cooperation.predict_for("participant_9", T)


def test_one_hot_columns_are_understood_by_all() -> None:
    rng = np.random.default_rng(0)
    colour = rng.choice(["red", "blue", "green"], 90)
    y = (colour == "red").astype(int)
    plain = pd.DataFrame({"colour": colour, "size": rng.normal(size=90)})
    hot = pd.get_dummies(plain, columns=["colour"], dtype=int)
    declared = {"colour": {"one_hot": {f"colour_{name}": name for name in ("red", "blue", "green")}}}
    participants = [
        Participant("hot", LogisticRegression(), hot[:30], y[:30], feature_space=declared),
        Participant("hotter", LogisticRegression(), hot[30:60], y[30:60], feature_space=declared),
        Participant("hottest", LogisticRegression(), hot[60:], y[60:], feature_space=declared),
    ]
    cooperation = cooperate(participants)
    np.testing.assert_allclose(
        cooperation.ensemble_.predict_proba(hot), cooperation.ensemble_.predict_proba(plain), atol=1e-12
    )


def test_it_travels_with_the_cooperation(wines: tuple[list[Participant], Any], tmp_path: Any) -> None:
    from coopdistill import load, save

    participants, (T, _) = wines
    cooperation = cooperate(participants)
    save(cooperation, tmp_path / "wines.zip")
    again = load(tmp_path / "wines.zip")
    assert again.consults_ == cooperation.consults_
    assert again.members_ == cooperation.members_
    for name, said in cooperation.predict_each(T).items():
        np.testing.assert_array_equal(again.predict_for(name, T), said)


def test_the_log_says_who_asks(wines: tuple[list[Participant], Any], caplog: pytest.LogCaptureFixture) -> None:
    participants, _ = wines
    with caplog.at_level("INFO", logger="coopdistill"):
        cooperation = cooperate(participants)
    for name, consults in cooperation.consults_.items():
        assert (f"{name} is to ask all together" in caplog.text) == consults
