"""Modules of PyTorch: weights in the file, code never."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill import CooperativeDistillation, Participant, load, save
from coopdistill.exceptions import LearnerError, SavingError
from coopdistill.learners import TorchModule
from coopdistill.saving import load_model, save_model
from coopdistill.saving.model_files import MAIN, dump_files, load_files
from coopdistill.saving.skops_file import dump_skops, load_skops

torch = pytest.importorskip("torch", reason="PyTorch is an extra; see make test-learners")
pytest.importorskip("safetensors", reason="comes with the extra torch; see make test-learners")
skorch = pytest.importorskip("skorch", reason="comes with the extra torch; see make test-learners")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).astype(np.float32)
TEXT = np.array(["no", "yes"], dtype=object)[(X[:, 0] > 0).astype(int)]
CODES = (X[:, 0] > 0).astype(np.int64)


def layers(width: int = 4) -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, width),
        torch.nn.BatchNorm1d(width),
        torch.nn.Sequential(torch.nn.LeakyReLU(0.1), torch.nn.Dropout(0.2), torch.nn.LayerNorm(width)),
        torch.nn.Linear(width, 2, bias=False),
    )


class Own(torch.nn.Module):
    """Code of the user's."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.inside = layers(width)

    def forward(self, rows: Any) -> Any:
        return self.inside(rows) * 2


def trained(module: Any, **more: Any) -> TorchModule:
    return TorchModule(module, max_epochs=2, device="cpu", random_state=0, **more).fit(X, TEXT)


@pytest.mark.parametrize(
    "model",
    [
        trained(layers()),
        trained(layers(), criterion=torch.nn.CrossEntropyLoss, optimizer=torch.optim.SGD, learning_rate=0.1),
        TorchModule(layers(), classes=["no", "yes"], device="cpu").initialize(["a", "b", "c"]),
    ],
    ids=["defaults", "known loss and optimiser", "taken as it is"],
)
def test_known_layers_need_no_code(model: Any, tmp_path: Path) -> None:
    save_model(model, tmp_path / "model.zip")
    loaded = load_model(tmp_path / "model.zip")
    assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert np.array_equal(loaded.predict(X), model.predict(X))
    again = [each.fit(X, TEXT).predict_proba(X) for each in (loaded, model)]
    assert again[0].shape == again[1].shape
    assert loaded.optimizer is model.optimizer


def test_a_regressor_and_a_pipeline(tmp_path: Path) -> None:
    net = TorchModule(torch.nn.Sequential(torch.nn.Linear(3, 1)), task="regression", max_epochs=2, random_state=0)
    model = make_pipeline(StandardScaler(), net).fit(X, X[:, 0])
    save_model(model, tmp_path / "model.zip")
    assert np.array_equal(load_model(tmp_path / "model.zip").predict(X), model.predict(X))


@pytest.mark.parametrize(
    ("module", "more"),
    [
        (Own(), {}),
        (lambda n_features, n_outputs: Own(), {}),
        (layers(), {"optimizer": functools.partial(torch.optim.SGD, lr=0.1)}),
        (layers(), {"criterion": torch.nn.CrossEntropyLoss(label_smoothing=0.1)}),
    ],
    ids=["class", "function", "partial", "loss with a setting"],
)
def test_code_is_given_again(module: Any, more: Any, tmp_path: Path) -> None:
    model = make_pipeline(StandardScaler(), trained(module, **more)).fit(X, TEXT)
    save_model(model, tmp_path / "model.zip")
    with pytest.raises(SavingError, match="give the unfitted TorchModule again"):
        load_model(tmp_path / "model.zip")
    for unfitted in (TorchModule(module, **more), make_pipeline(StandardScaler(), TorchModule(module, **more))):
        loaded = load_model(tmp_path / "model.zip", architecture=unfitted)
        assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))
        assert loaded.steps[-1][1].max_epochs == 2
        assert not hasattr(unfitted, "module_")


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    save_model(trained(Own()), tmp_path / "model.zip")
    with pytest.raises(SavingError, match=r"'0\.safetensors'.*\(4, 3\) in the file and .*\(5, 3\) in the arch"):
        load_model(tmp_path / "model.zip", architecture=TorchModule(Own(5)))
    with pytest.raises(SavingError, match="StandardScaler where a TorchModule was saved"):
        load_model(tmp_path / "model.zip", architecture=StandardScaler())


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inside = layers()

    def forward(self, X: Any) -> Any:
        return torch.softmax(self.inside(X), dim=-1)


def test_nets_of_skorch_are_given_again(tmp_path: Path) -> None:
    def net() -> Any:
        return skorch.NeuralNetClassifier(Net, max_epochs=2, verbose=0, train_split=None)

    model = net().fit(X, CODES)
    save_model(model, tmp_path / "model.zip")
    with pytest.raises(SavingError, match="give the unfitted net again"):
        load_model(tmp_path / "model.zip")
    loaded = load_model(tmp_path / "model.zip", architecture=net())
    assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert loaded.classes_.tolist() == [0, 1]


def test_a_cooperation_of_nets(tmp_path: Path) -> None:
    def nets() -> dict[str, Any]:
        own = TorchModule(Own(), max_epochs=3, device="cpu", random_state=0)
        net = skorch.NeuralNetClassifier(Net, max_epochs=3, verbose=0, train_split=None, classes=[0, 1])
        return {"described": trained_later(), "own": own, "net": net}

    def trained_later() -> TorchModule:
        return TorchModule(layers(), max_epochs=3, device="cpu", random_state=0)

    rows = X.astype(np.float64)
    participants = [Participant(name, model, rows, CODES) for name, model in nets().items()]
    cooperation = CooperativeDistillation(random_state=0, generator="segments", acceptance="always").fit(participants)
    save(cooperation, tmp_path / "nets.zip")
    with pytest.raises(SavingError, match=r"'net'.*skorch|'own'.*TorchModule"):
        load(tmp_path / "nets.zip")
    with pytest.raises(SavingError, match="names 'ouwn', who took no part; did you mean 'own'"):
        load(tmp_path / "nets.zip", architectures={"ouwn": nets()["own"]})
    given = {name: model for name, model in nets().items() if name != "described"}
    loaded = load(tmp_path / "nets.zip", architectures=given)
    for name, model in cooperation.learners_.items():
        assert np.array_equal(loaded.learners_[name].predict_proba(rows), model.predict_proba(rows))
    assert loaded.evaluate(rows, CODES).equals(cooperation.evaluate(rows, CODES))


def described_as(description: Any) -> dict[str, bytes]:
    """The files of a net whose description somebody changed."""
    files = dump_files(trained(layers()))
    placeholder = load_skops(files[MAIN])
    placeholder.state["described"][0] = description
    return {**files, MAIN: dump_skops(placeholder)}


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (["Transformer", {}], "'Transformer' is no layer"),
        (["Module", {}], "'Module' is no layer"),
        (["Linear", {"in_features": 3, "out_features": 2, "device": "cuda"}], "takes no 'device'"),
        (["Linear", {"in_features": 10**6, "out_features": 10**6, "bias": True}], "on one side only"),
        (["Sequential", [["Linear", {"in_features": 10**9, "out_features": 10**9, "bias": True}]]], "on one side"),
        ("Linear", "damaged or was changed"),
    ],
    ids=["other", "base", "setting", "huge", "huge inside", "text"],
)
def test_a_description_builds_known_layers_of_the_size_of_the_weights(description: Any, message: str) -> None:
    with pytest.raises(SavingError, match=message):
        load_files(described_as(description))


@pytest.mark.parametrize("content", [b"x", b"\xff" * 40, (2**60).to_bytes(8, "little") + b"{}"])
def test_damaged_weights_are_named(content: bytes) -> None:
    with pytest.raises(SavingError, match=r"'0\.safetensors' cannot be loaded"):
        load_files({**dump_files(trained(layers())), "0.safetensors": content})


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    files = dump_files(trained(layers()))
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(LearnerError, match=r"coopdistill\[torch\]"):
        load_files(files)
