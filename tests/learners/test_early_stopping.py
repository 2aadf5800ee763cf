"""Whatever stops early is stopped by own rows, never by virtual ones."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill.exceptions import CoopdistillWarning
from coopdistill.learners import as_learner
from coopdistill.learners.libraries.epochs import ByEpochs
from coopdistill.learners.libraries.gradient_boosting import GradientBoosting, rounds_until_stop
from coopdistill.learners.libraries.validation_rows import ValidationRows

RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 3))
CLASSES = np.array(["low", "mid", "top"], dtype=object)[np.digitize(X[:, 0], [-0.5, 0.5])]
VALUES = X[:, 0] + 0.1 * RNG.normal(size=160)
N_OWN = 100

STOPPING: dict[str, tuple[Any, str]] = {
    "MLPClassifier": (MLPClassifier((8,), learning_rate_init=0.05, early_stopping=True, n_iter_no_change=5), "n_iter_"),
    "MLPRegressor": (
        MLPRegressor(hidden_layer_sizes=(8,), learning_rate_init=0.05, early_stopping=True, n_iter_no_change=5),
        "n_iter_",
    ),
    "SGDClassifier": (SGDClassifier(early_stopping=True, class_weight="balanced"), "t_"),
    "SGDRegressor": (SGDRegressor(early_stopping=True), "t_"),
    "GradientBoostingClassifier": (GradientBoostingClassifier(n_iter_no_change=3, subsample=0.7), "n_estimators_"),
    "GradientBoostingRegressor": (GradientBoostingRegressor(n_iter_no_change=3, subsample=0.7), "n_estimators_"),
}
each = pytest.mark.parametrize("name", list(STOPPING))


def labels(name: str) -> Any:
    return VALUES if name.endswith("Regressor") else CLASSES


@each
def test_virtual_rows_train_and_never_stop(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ValidationRows] = []
    for manners in (ByEpochs, GradientBoosting):

        def watched(self: Any, estimator: Any, X: Any, y: Any, weight: Any, rows: Any, fit: Any = manners.fit) -> None:
            seen.append(rows)
            assert len(y) + len(rows.y) == len(VALUES)
            fit(self, estimator, X, y, weight, rows)

        monkeypatch.setattr(manners, "fit", watched)
    y = labels(name)
    as_learner(STOPPING[name][0]).refit(X, y, seed=0, n_own=N_OWN)
    own = {tuple(row) for row in X[:N_OWN].tolist()}
    assert len(seen) == 1
    assert 7 <= len(seen[0].y) <= 10
    assert {tuple(row) for row in seen[0].X.tolist()} <= own


@each
def test_it_stops_and_learns_and_keeps_its_parameters(name: str) -> None:
    estimator, length = STOPPING[name]
    y = labels(name)
    fitted = as_learner(make_pipeline(StandardScaler(), estimator)).refit(X, y, seed=0, n_own=N_OWN).estimator[-1]
    most = estimator.get_params().get("n_estimators", 0) or estimator.max_iter * (len(y) if length == "t_" else 1)
    assert getattr(fitted, length) < most
    assert fitted.score(StandardScaler().fit_transform(X), y) > 0.7
    same = {key: value for key, value in fitted.get_params().items() if key != "random_state"}
    assert same == {key: value for key, value in estimator.get_params().items() if key != "random_state"}
    assert isinstance(fitted.random_state, int)


@each
def test_the_seed_decides(name: str) -> None:
    one, two, other = (as_learner(STOPPING[name][0]).refit(X, labels(name), seed=seed).scores(X) for seed in (1, 1, 2))
    assert one.tobytes() == two.tobytes()
    assert one.tobytes() != other.tobytes()


@each
def test_too_few_own_rows_hold_none_out(name: str) -> None:
    quick = {"max_iter": 300, "tol": 0.1} if hasattr(STOPPING[name][0], "max_iter") else {}
    learner = as_learner(clone(STOPPING[name][0]).set_params(**quick))
    with pytest.warns(CoopdistillWarning, match="without early stopping: its 8 own rows are too few"):
        assert learner.refit(X, labels(name), seed=0, n_own=8).is_fitted


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "quantile"])
def test_a_boosting_grown_in_parts_is_the_one_grown_at_once(loss: str) -> None:
    given = {"loss": loss, "subsample": 0.5, "max_features": 2, "random_state": 3}
    parts = GradientBoostingRegressor(n_iter_no_change=2, **given)
    GradientBoosting().fit(parts, X[20:], VALUES[20:], None, ValidationRows(X[:20], VALUES[:20]))
    whole = GradientBoostingRegressor(n_estimators=parts.n_estimators_, **given).fit(X[20:], VALUES[20:])
    assert 2 < parts.n_estimators_ < 100
    np.testing.assert_array_equal(parts.predict(X), whole.predict(X))


@pytest.mark.parametrize("losses", [[3.0, 2.0, 1.0], [1.0], []])
def test_what_still_falls_goes_on(losses: list[float]) -> None:
    assert rounds_until_stop(losses, patience=2, tol=0.0) is None
    assert rounds_until_stop([*losses, 9.0, 9.0, 9.0], patience=2, tol=0.0) is not None


def test_a_net_of_skorch_is_stopped_by_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch", reason="an extra; see make test-learners")
    skorch = pytest.importorskip("skorch", reason="an extra; see make test-learners")
    callbacks, helper = import_module("skorch.callbacks"), import_module("skorch.helper")
    seen: list[Any] = []
    found = helper.predefined_split
    monkeypatch.setattr(helper, "predefined_split", lambda rows: seen.append(rows) or found(rows))
    net = skorch.NeuralNetRegressor(
        torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1)),
        optimizer=torch.optim.Adam,
        lr=0.05,
        max_epochs=200,
        callbacks=[callbacks.EarlyStopping(patience=3, load_best=True)],
        verbose=0,
    )
    fitted = as_learner(net).refit(X, VALUES, seed=0, n_own=N_OWN).estimator[-1]
    assert len(fitted.history) < 200
    assert len(seen[0]) == 20
    assert {row[0] for row in seen[0].X.tolist()} <= {row[0] for row in X[:N_OWN].astype(np.float32).tolist()}
    assert type(fitted.train_split).__name__ == "ValidSplit"
    with pytest.warns(CoopdistillWarning, match="without early stopping"):
        as_learner(net.set_params(max_epochs=3)).refit(X, VALUES, seed=0, n_own=8)
