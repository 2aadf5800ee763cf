"""Bare modules of PyTorch as students and teachers."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill import CooperativeDistillation, Participant
from coopdistill.exceptions import LearnerError, OptionError
from coopdistill.learners import Model, TorchModule, as_learner
from coopdistill.learners.checks import learner_checks
from coopdistill.learners.derivatives.gradients import differentiable
from coopdistill.schema import Codec, infer_feature_space

torch = pytest.importorskip("torch", reason="PyTorch is an extra; see make test-learners")
nn = torch.nn

RNG = np.random.default_rng(0)
A = RNG.normal(size=(150, 3))
Y = np.array(["low", "mid", "top"], dtype=object)[np.digitize(A[:, 0], [-0.5, 0.5])]
FRAME = pd.DataFrame(A, columns=["dose", "age", "years"])


def small(n_outputs: int = 3) -> Any:
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, n_outputs))


def made(n_features: int, n_outputs: int) -> Any:
    return nn.Sequential(nn.Linear(n_features, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, n_outputs))


def net(module: Any = made, **more: Any) -> TorchModule:
    return TorchModule(module, **{"learning_rate": 0.05, "max_epochs": 15, "device": "cpu", **more})


CHECKS = [
    pytest.param(check, id=f"{name}: {promise}")
    for name, make in {
        "function": net,
        "module": lambda: net(small()),
        "pipeline": lambda: make_pipeline(StandardScaler(), net(patience=5)),
        "values": lambda: net(task="regression", max_epochs=40),
    }.items()
    for promise, check in learner_checks(make, missing=False)
]


def skorch_net() -> Any:
    skorch = pytest.importorskip("skorch", reason="skorch is an extra; see make test-learners")
    return skorch.NeuralNetClassifier(
        small(),
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=0.05,
        max_epochs=15,
        classes=[0, 1, 2],
        train_split=None,
        verbose=0,
    )


CHECKS += [
    pytest.param(check, id=f"skorch: {promise}")
    for promise, check in learner_checks(skorch_net, missing=False, any_labels=False)
]


@pytest.mark.parametrize("check", CHECKS)
def test_a_module_keeps_the_contract(check: Callable[[], None]) -> None:
    check()


def test_it_is_what_its_task_says() -> None:
    assert is_classifier(net())
    assert is_regressor(net(task="regression"))
    assert not hasattr(net(task="regression"), "predict_proba")
    assert clone(net(patience=3)).get_params()["patience"] == 3


def test_one_output_is_enough_for_two_classes() -> None:
    learner = as_learner(net(small(1))).refit(A, A[:, 0] > 0, seed=0)
    assert learner.classes.tolist() == [False, True]
    assert np.mean(learner.predict(A) == (A[:, 0] > 0)) > 0.9


@pytest.mark.parametrize("criterion", [nn.CrossEntropyLoss, nn.CrossEntropyLoss(label_smoothing=0.1), nn.NLLLoss()])
def test_losses_of_torch_are_taken(criterion: Any) -> None:
    module = nn.Sequential(nn.Linear(3, 3), nn.LogSoftmax(dim=1))
    fitted = net(module, criterion=criterion, random_state=0).fit(A, Y)
    assert np.mean(fitted.predict(A) == Y) > 0.8


def test_a_loss_may_be_any_function() -> None:
    def squared(outputs: Any, target: Any) -> Any:
        return ((outputs.softmax(dim=1) - nn.functional.one_hot(target, 3)) ** 2).sum(dim=1)

    fitted = net(criterion=squared, random_state=0).fit(A, Y)
    assert np.mean(fitted.predict(A) == Y) > 0.8
    with pytest.raises(LearnerError, match="cannot weight rows, because it has no 'reduction'"):
        net(criterion=squared).fit(A, Y, sample_weight=np.ones(150))


def test_weights_count() -> None:
    noise = np.arange(150) % 2
    often = net(random_state=0).fit(A, noise, sample_weight=np.where(noise, 9.0, 1.0)).predict_proba(A)
    assert often[:, 1].mean() > 0.8


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, functools.partial(torch.optim.SGD, momentum=0.9)])
def test_optimisers_are_made_for_the_copy(optimizer: Any) -> None:
    module = small()
    before = [weights.clone() for weights in module.parameters()]
    fitted = net(module, optimizer=optimizer, random_state=0).fit(A, Y)
    assert all(torch.equal(one, other) for one, other in zip(before, module.parameters(), strict=True))
    assert not torch.equal(before[0], next(fitted.module_.parameters()))


def test_training_stops_early_and_keeps_the_best() -> None:
    noise = np.random.default_rng(3).integers(0, 2, 150)
    fitted = net(max_epochs=200, patience=3, random_state=0).fit(A, noise)
    assert fitted.n_epochs_ < 100


def test_virtual_rows_never_stop_it() -> None:
    seen: dict[str, Any] = {}

    class Watched(TorchModule):
        def fit(self, X: Any, y: Any, sample_weight: Any = None, **more: Any) -> Any:
            seen.update(n=len(X), held=more["y_val"])
            return super().fit(X, y, sample_weight, **more)

    y = np.where(np.arange(150) < 60, "own", "virtual").astype(object)
    y[:60:2] = "other"
    as_learner(Watched(made, patience=2, max_epochs=3, device="cpu")).refit(A, y, seed=0, n_own=60)
    assert seen["n"] == 138
    assert set(seen["held"].tolist()) == {"own", "other"}


def test_the_random_numbers_of_torch_stay_where_they_are() -> None:
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    as_learner(net()).refit(A, Y, seed=0)
    assert torch.equal(torch.rand(1), expected)


def test_weights_of_a_trained_module_do_not_leak_into_a_refit() -> None:
    module = small()
    trained = net(module, random_state=1).fit(A, Y).module_
    one = as_learner(net(module)).refit(A[:20], Y[:20], seed=0)
    other = as_learner(net(trained)).refit(A[:20], Y[:20], seed=0)
    assert np.array_equal(one.scores(A), other.scores(A))


def test_a_class_that_rows_lack_stays_known() -> None:
    learner = as_learner(net(small())).refit(A, Y, seed=0)
    assert learner.refit(A[Y != "mid"], Y[Y != "mid"], seed=0).classes.tolist() == ["low", "mid", "top"]
    assert learner.estimator.classes is None


def test_a_trained_module_teaches_as_it_is() -> None:
    module = net(small(), random_state=0).fit(A, Y).module_
    taken = TorchModule(module, classes=["low", "mid", "top"], device="cpu").initialize(["dose", "age", "years"])
    learner = as_learner(taken)
    assert learner.is_fitted
    assert np.mean(learner.predict(FRAME) == Y) > 0.7
    assert list(taken.feature_names_in_) == list(FRAME)


def test_derivatives_are_those_of_the_module() -> None:
    learner = as_learner(make_pipeline(StandardScaler(), net(small()))).refit(FRAME, Y, seed=0)
    model = Model("bank", learner, Codec.of(FRAME, infer_feature_space(FRAME)))
    found = differentiable(model)
    assert not isinstance(found, str), found
    assert np.allclose(found.scores(A), model.scores(A), atol=1e-5)


def test_modules_teach_and_learn() -> None:
    few = Y != "top"
    participants = [
        Participant("south", net(), FRAME[few].iloc[:50], Y[few][:50]),
        Participant("north", make_pipeline(StandardScaler(), net(max_epochs=40)), FRAME.iloc[50:], Y[50:]),
    ]
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    assert cooperation.transfers_.query("student == 'south'")["kept"].sum() > 0
    assert cooperation.learners_["south"].classes_.tolist() == ["low", "mid", "top"]
    scores = cooperation.evaluate(FRAME, Y).set_index("participant").loc["south"]
    assert scores["after"].mean() > scores["before"].mean()


class Own(nn.Module):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3, 3))

    def forward(self, rows: Any) -> Any:
        return rows @ self.weight


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"module": Own()}, r"Own \(the module itself\) has weights and no reset_parameters\(\).*pass a function"),
        ({"module": small(2)}, r"returns 2 outputs a row, and there are 3 classes \['low', 'mid', 'top'\]"),
        ({"module": 3}, r"module=3 must be a torch.nn.Module, or a function"),
        ({"module": lambda n, k: n}, r"returned int; it must return a module"),
        ({"module": small(), "task": "regression"}, r"returns 3 outputs a row; in regression it must return one"),
        ({"criterion": nn.BCELoss}, r"BCELoss takes probabilities.*BCEWithLogitsLoss"),
        ({"optimizer": torch.optim.Adam(small().parameters())}, r"made for another module's weights; pass its class"),
        ({"classes": ["low", "mid"]}, r"y holds 'top', which is not among classes=\['low', 'mid'\]"),
        ({"device": "gpu"}, r"device='gpu' is no device of PyTorch"),
    ],
)
def test_what_cannot_be_trained_is_named(more: dict[str, Any], message: str) -> None:
    y = A[:, 0] if more.get("task") == "regression" else Y
    with pytest.raises(LearnerError, match=message):
        net(**more).fit(A, y)


@pytest.mark.parametrize("more", [{"patience": 0}, {"max_epochs": 1.5}, {"batch_size": -1}, {"task": "ranking"}])
def test_parameters_outside_of_what_they_allow_are_named(more: dict[str, Any]) -> None:
    (name, value) = next(iter(more.items()))
    with pytest.raises(OptionError, match=f"{name}={value!r} must be"):
        net(**more).fit(A, Y)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_named() -> None:
    with pytest.raises(LearnerError, match=r"device='cuda', and there are 0 GPUs.*device='auto'"):
        net(device="cuda").fit(A, Y)
    assert net(device="auto").fit(A, Y).device_.type == "cpu"
    with pytest.raises(LearnerError, match=r"device='cuda', and there are 0 GPUs"):
        as_learner(make_pipeline(StandardScaler(), skorch_net().set_params(device="cuda")))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_gpu_gives_what_the_processor_gives() -> None:
    learner = as_learner(net(device="auto")).refit(A, Y, seed=0)
    assert learner.estimator.device_.type == "cuda"
    again = as_learner(net(device="cuda")).refit(A, Y, seed=0)
    assert np.array_equal(learner.scores(A), again.scores(A))
    assert np.mean(learner.predict(A) == Y) > 0.8
    module = learner.estimator.module_.cpu()
    there = TorchModule(module, classes=learner.classes.tolist(), device="cpu").initialize()
    assert np.allclose(as_learner(there).scores(A), again.scores(A), atol=1e-5)


def test_a_bare_module_is_refused_with_advice() -> None:
    with pytest.raises(
        LearnerError, match=r"'Sequential' object .* bare module; pass coopdistill.learners.TorchModule"
    ):
        as_learner(small())


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        LearnerError, match=r"TorchModule needs torch; install it by: pip install 'coopdistill\[torch\]'"
    ):
        net().fit(A, Y)


def test_classes_of_a_trained_module_must_be_told() -> None:
    with pytest.raises(OptionError, match="classes=None: a module that is trained already cannot say"):
        net(small()).initialize()
    with pytest.raises(LearnerError, match="makes a module; only a module"):
        net(made, classes=["a", "b"]).initialize()


def test_outputs_that_are_no_numbers_fail() -> None:
    learner = as_learner(net(small())).refit(A, Y, seed=0)
    with pytest.raises(ValueError, match="returned an output that is NaN or infinite"):
        learner.predict(np.where(A > 1, np.nan, A))
