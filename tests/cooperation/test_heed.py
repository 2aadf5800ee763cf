"""What hosts cannot see must still matter to a refitted model of values, or they take its unlearning for progress."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression

from coopdistill import CooperativeDistillation, Participant
from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.drafts import Drafts
from coopdistill.cooperation.heed import Heed, heed_of
from coopdistill.expertise import OwnRows
from coopdistill.learners import CallableLearner, Model
from coopdistill.schema import FeatureSpace
from doubles import Scripted, as_model, constant, default_settings

NUMBERS = st.floats(0, 100, allow_subnormal=False)
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(RNG.normal(size=(50, 3)), columns=["seen", "hidden", "rare"])
OWN = OwnRows.untaught(TABLE.to_numpy(), TABLE["seen"].to_numpy())


def linear(**weights: float) -> Model:
    return as_model(CallableLearner(lambda rows: sum(w * rows[name] for name, w in weights.items())), TABLE)


def space_of(*names: str) -> FeatureSpace:
    return as_model(CallableLearner(lambda rows: rows.iloc[:, 0]), TABLE[list(names)]).space


@given(NUMBERS, NUMBERS, NUMBERS)
def test_whoever_heeds_as_much_as_before_has_unlearned_nothing(before: float, more: float, variance: float) -> None:
    assert Heed(before, before + more, variance).is_kept


@given(NUMBERS, NUMBERS, NUMBERS, st.floats(1e-3, 1e3))
def test_the_unit_of_values_does_not_matter(before: float, after: float, variance: float, unit: float) -> None:
    # Away from the two bounds, where the last digit decides.
    clear = all(abs(after - bound) > 1e-6 * (1 + bound) for bound in (0.1 * variance, 0.3 * before))
    same = Heed(before * unit, after * unit, variance * unit)
    assert same.is_kept == Heed(before, after, variance).is_kept or not clear


@given(st.floats(-3, 3), st.floats(-3, 3), st.integers(0, 9))
def test_a_linear_model_heeds_a_feature_by_the_square_of_its_weight(before: float, after: float, seed: int) -> None:
    models = (linear(seen=1.0, hidden=weight) for weight in (before, after))
    heed = heed_of(*models, OWN, [space_of("seen", "rare")], seed=seed)
    one = heed_of(linear(hidden=1.0), linear(hidden=1.0), OWN, [space_of("seen", "rare")], seed=seed)
    assert heed is not None
    assert one is not None
    assert (heed.before, heed.after) == pytest.approx((before**2 * one.before, after**2 * one.before), abs=1e-9)
    assert heed.variance == pytest.approx(TABLE["seen"].var(ddof=0))


def test_each_host_counts_by_what_it_lacks_and_none_by_its_place() -> None:
    models = linear(seen=1.0, hidden=2.0, rare=3.0), linear(seen=1.0, hidden=1.0)
    lacks_one, lacks_another, lacks_nothing = space_of("seen", "rare"), space_of("seen", "hidden"), space_of(*TABLE)
    alone = [heed_of(*models, OWN, [space], seed=0) for space in (lacks_one, lacks_another)]
    both = heed_of(*models, OWN, [lacks_one, lacks_another, lacks_nothing], seed=0)
    turned = heed_of(*models, OWN, [lacks_nothing, lacks_another, lacks_one], seed=0)
    assert both is not None
    assert turned is not None
    assert both.before == pytest.approx(np.mean([one.before for one in alone if one]))
    assert both.after == pytest.approx(np.mean([one.after for one in alone if one]))
    assert (both.before, both.after) == pytest.approx((turned.before, turned.after))


def test_nothing_is_asked_where_nobody_lacks_anything_or_classes_are_predicted() -> None:
    assert heed_of(linear(seen=1.0), linear(hidden=1.0), OWN, [space_of(*TABLE)], seed=0) is None
    classifier = as_model(Scripted([0, 1], constant([0.5, 0.5])), TABLE)
    assert heed_of(classifier, classifier, OWN, [space_of("seen")], seed=0) is None


@pytest.mark.parametrize("columns", [["seen", "hidden", "rare"], ["rare", "seen", "hidden", "more"], ["seen", "rare"]])
def test_a_host_says_whether_it_has_all_columns_of_its_visitor(columns: list[str]) -> None:
    y = TABLE["seen"]
    tables = TABLE, TABLE.assign(more=1.5 * TABLE["rare"])[columns]
    visitor, host = (
        Agent.of(Participant(name, LinearRegression(), X, y), default_settings())
        for name, X in zip(("visitor", "host"), tables, strict=True)
    )
    (found,) = host.compare([(visitor.model, Drafts.of_one(visitor.model))])
    assert found.is_whole == ("hidden" in columns)


class Settled(RegressorMixin, BaseEstimator):
    """Weights that depend on nothing but whether there are more rows than its own."""

    def __init__(self, n_own: int, seen: float, hidden: float) -> None:
        self.n_own = n_own
        self.seen = seen
        self.hidden = hidden

    def fit(self, X: pd.DataFrame, y: Any) -> Settled:
        self.weights_ = (2.5, 2.0) if len(X) <= self.n_own else (self.seen, self.hidden)
        return self

    def predict(self, X: pd.DataFrame) -> Any:
        return X["seen"] * self.weights_[0] + X["hidden"] * self.weights_[1]


@pytest.mark.parametrize(("hidden", "is_kept"), [(2.0, True), (0.0, False)])
def test_whoever_unlearns_what_others_lack_keeps_its_model(hidden: float, is_kept: bool) -> None:
    """Hosts find both better than before: of what they lack they see a typical value."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(180, 2)), columns=["seen", "hidden"])
    y = X["seen"] + 2 * X["hidden"]
    student = Participant("student", Settled(60, 1.0, hidden), X[:60], y[:60])
    hosts = [
        Participant(f"host {i}", LinearRegression(), X[["seen"]][i * 60 : (i + 1) * 60], y[i * 60 : (i + 1) * 60])
        for i in (1, 2)
    ]
    cooperation = CooperativeDistillation(random_state=0).fit([student, *hosts])
    assert cooperation.accepted_["student"] == is_kept
    reason = cooperation.reasons_["student"]
    assert "the refitted model" in reason
    assert f"what others lack is {'heeded still' if is_kept else 'unlearned'}: it moves predictions by" in reason
    assert ("does not convince" in reason) != is_kept
