"""Methods that start from models fitted beforehand come to the same as those that fit them first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from coopdistill.baselines import baseline_names
from coopdistill.cooperation import preset
from coopdistill.exceptions import InapplicableError
from coopdistill.experiments import Cooperation, PublicRows, Rival, Trial, run_cell
from coopdistill.experiments.cell import Cell
from coopdistill.experiments.experiment import Setting
from coopdistill.experiments.fitted_trial import fitted_trial
from coopdistill.learners import TorchModule
from coopdistill.participants import Participant
from experiments.tiny import make_tiny

OPTIONS = {"fedmd": {"public": PublicRows(), "rounds": 2}, "data-free": {"rounds": 2, "steps": 2}}
INSIDE_OF_NETWORKS = ("hint-layers", "relations", "correlation", "data-free", "parameter-transfer", "pre-training")
COOPERATIONS = (Cooperation("paper", preset("paper")), Cooperation("defaults"))


def rivals(names: Iterable[str]) -> tuple[Rival, ...]:
    return tuple(Rival(name, OPTIONS.get(name, {})) for name in names)


def with_public_rows(seed: int) -> Trial:
    trial = make_tiny(seed)
    return replace(trial, X_test=trial.X_test[20:], y_test=trial.y_test[20:], public=trial.X_test[:20])


def of_networks(seed: int) -> Trial:
    torch = pytest.importorskip("torch")

    def module(n_features: int, n_outputs: int):
        return torch.nn.Sequential(torch.nn.Linear(n_features, 6), torch.nn.ReLU(), torch.nn.Linear(6, n_outputs))

    rng = np.random.default_rng(seed)
    X = rng.normal(size=(160, 3))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    parts = {"one": slice(50), "two": slice(50, 100)}
    net = TorchModule(module, classes=[0, 1], learning_rate=0.02, max_epochs=4, device="cpu")
    return Trial(
        tuple(Participant(name, net, X[at], y[at]) for name, at in parts.items()), X[100:], y[100:], public=X[:20]
    )


def outcome_of(method, trial, seed):
    try:
        return method.apply(trial, seed)
    except InapplicableError as error:
        return str(error)


@pytest.mark.filterwarnings("ignore:participant '.*' would be made worse")
@pytest.mark.filterwarnings("ignore:nobody can teach anybody anything")
@pytest.mark.parametrize(
    ("make", "methods"),
    [
        # CTGAN trains for half a minute, or is absent.
        (with_public_rows, (*rivals(set(baseline_names()) - {"gan", *INSIDE_OF_NETWORKS}), *COOPERATIONS)),
        (of_networks, (*rivals(INSIDE_OF_NETWORKS), *COOPERATIONS)),
    ],
)
def test_what_is_fitted_beforehand_changes_no_result(make, methods):
    trial = fitted_trial(make, 1)
    before = [np.asarray(one.estimator.scores(one.X)) for one in trial.participants]
    for method in methods:
        assert outcome_of(method, trial, 1) == outcome_of(method, make(1), 1), method
    # Nor are the models, which all methods share, changed by one.
    after = [np.asarray(one.estimator.scores(one.X)) for one in trial.participants]
    assert all((old == new).all() for old, new in zip(before, after, strict=True))


def test_a_trial_is_made_once_and_another_anew():
    assert fitted_trial(make_tiny, 0) is fitted_trial(make_tiny, 0)
    assert fitted_trial(make_tiny, 1) is not fitted_trial(make_tiny, 0)
    made = [lambda seed, k=k: replace(make_tiny(seed), public=np.full((1, 4), k)) for k in range(2)]
    assert [fitted_trial(make, 0).public[0, 0] for make in made] == [0, 1]


def test_a_model_that_cannot_be_fitted_fails_with_each_method():
    def broken(seed: int) -> Trial:
        trial = make_tiny(seed)
        first, *others = trial.participants
        cannot = Participant(first.name, DecisionTreeClassifier(max_depth=-1), first.X, first.y)
        return replace(trial, participants=(cannot, *others))

    rows = run_cell(Cell(9, Setting("broken", broken), Rival("untaught"), 0))["rows"]
    assert {row["status"] for row in rows} == {"failed"}
    assert "max_depth" in rows[0]["reason"]
