"""A network is distilled without rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill import Participant
from coopdistill.baselines import DataFree, InapplicableError
from coopdistill.baselines.networks.lenient_expert import clean_rows, js_divergence
from coopdistill.learners import TorchModule

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3)) * [1.0, 10.0, 1.0] + [0.0, 50.0, 0.0]
Y = np.where(X[:, 0] + (X[:, 1] - 50) / 10 > 0, "b", "a").astype(object)


def module(n_features: int, n_outputs: int) -> Any:
    return torch.nn.Sequential(
        torch.nn.Linear(n_features, 16), torch.nn.BatchNorm1d(16), torch.nn.ReLU(), torch.nn.Linear(16, n_outputs)
    )


def net(maker: Any = module, **options: Any) -> Any:
    return make_pipeline(StandardScaler(), TorchModule(maker, max_epochs=30, learning_rate=0.01, **options))


def company(n_own: int = 12, **options: Any) -> list[Participant]:
    # Labels of the student's few rows tell nothing.
    return [
        Participant("teacher", net(), X[:200], Y[:200]),
        Participant("student", net(**options), X[200 : 200 + n_own], RNG.permutation(["a", "b"] * (n_own // 2))),
        Participant("other", GaussianNB(), X[:50], Y[:50]),
    ]


def test_without_rows_a_student_learns_what_its_teacher_knows() -> None:
    taught = DataFree(steps=0).fit(company())
    assert (taught.predict_for("student", X[212:]) == Y[212:]).mean() > 0.85
    untaught = DataFree(steps=0, rounds=0).fit(company())
    assert (untaught.predict_for("student", X[212:]) == Y[212:]).mean() < 0.85
    with pytest.raises(InapplicableError, match="'other' is no TorchModule"):
        taught.predict_for("other", X)


def test_nobody_else_is_changed_and_the_same_seed_gives_the_same_student() -> None:
    before = torch.random.get_rng_state()
    people = company()
    one, two = (DataFree(rounds=5).fit(order) for order in (people, people[::-1]))
    assert (torch.random.get_rng_state() == before).all()
    assert (one.predict_for("student", X) == two.predict_for("student", X)).all()


@given(st.integers(0, 10_000))
@settings(max_examples=20)
def test_of_two_kinds_of_rows_the_surer_is_clean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sure, unsure = rng.uniform(0.0, 0.1, rng.integers(3, 40)), rng.uniform(0.9, 1.0, rng.integers(3, 40))
    assert clean_rows(np.concatenate([sure, unsure]), seed=0).tolist() == [True] * len(sure) + [False] * len(unsure)
    assert clean_rows(np.full(9, 0.3), seed=0).all()


def test_the_divergence_is_zero_for_equals_symmetric_and_bounded() -> None:
    one, two = torch.as_tensor(RNG.normal(size=(5, 3))), torch.as_tensor(RNG.normal(size=(5, 3)))
    assert float(js_divergence(one, one + 4)) == pytest.approx(0, abs=1e-7)
    assert float(js_divergence(one, two)) == pytest.approx(float(js_divergence(two, one)))
    far = torch.tensor([[900.0, 0.0]])
    assert float(js_divergence(far, -far)) == pytest.approx(np.log(2), abs=1e-4)


def test_a_class_of_the_students_own_joins_the_teachers() -> None:
    third = X[:, 2] > 1.5
    own = np.where(third, "c", "a").astype(object)
    people = [
        Participant("teacher", net(), X[~third], Y[~third]),
        Participant("student", net(), X[third | (Y == "a")], own[third | (Y == "a")]),
    ]
    before, after = (DataFree(rounds=60, steps=steps).fit(people) for steps in (0, 20))
    assert after.models_["student"].classes.tolist() == ["a", "b", "c"]  # type: ignore[attr-defined]
    assert ((before.predict_for("student", X) == "b") == (Y == "b")).mean() > 0.75
    assert (after.predict_for("student", X)[third] == "c").mean() > 0.8


def test_a_module_of_other_widths_has_a_reason() -> None:
    wide = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    more = np.column_stack([X, X[:, 0]])
    people = [Participant("teacher", net(), X, Y), Participant("student", net(wide), more, Y)]
    taught = DataFree(rounds=1)
    taught.fit(people)
    with pytest.raises(InapplicableError, match="does not take the teacher's 3 columns"):
        taught.predict_for("student", more)
    values = X @ [1.0, 0.0, 0.0]
    with pytest.raises(InapplicableError, match="a regressor does not say"):
        DataFree().fit([Participant(name, net(task="regression"), X, values) for name in ("one", "two")])
