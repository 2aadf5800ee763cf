"""Distillation inside of networks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill import Participant
from coopdistill.baselines import (
    Correlation,
    HintLayers,
    InapplicableError,
    ParameterTransfer,
    PreTraining,
    Relations,
    Untaught,
)
from coopdistill.baselines.networks.correlation import congruence_loss, kernel
from coopdistill.baselines.networks.hint_layers import hint_loss, softened_loss
from coopdistill.baselines.networks.relations import angle_loss, distance_loss
from coopdistill.baselines.networks.torch_student import Beside, represent, trained_beside
from coopdistill.learners import TorchModule
from coopdistill.participants import prepare

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 4))
Y = np.where(np.sin(2 * X[:, 0]) + X[:, 1] > 0, "b", "a").astype(object)
POINTS = torch.as_tensor(RNG.normal(size=(12, 3)))
ROTATION = torch.linalg.qr(torch.as_tensor(RNG.normal(size=(3, 3)))).Q


def net(*hidden: int, **settings: Any) -> Any:
    def module(n_features: int, n_outputs: int) -> Any:
        widths = [n_features, *hidden]
        layers: list[Any] = []
        for one, two in pairwise(widths):
            layers += [torch.nn.Linear(one, two), torch.nn.ReLU()]
        return torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], n_outputs))

    return make_pipeline(StandardScaler(), TorchModule(module, **{"learning_rate": 0.01, "max_epochs": 30, **settings}))


def company(**settings: Any) -> list[Participant]:
    return [
        Participant("big", net(16, 16), X[:100], Y[:100]),
        Participant("small", net(5, **settings), X[100:], Y[100:]),
        Participant("other", GaussianNB(), X[:50], Y[:50]),
    ]


def test_distances_are_congruent_whatever_the_scale_and_the_place() -> None:
    assert float(distance_loss(3.0 * POINTS @ ROTATION + 7, POINTS)) == pytest.approx(0, abs=1e-10)
    assert float(distance_loss(POINTS * torch.tensor([1.0, 5.0, 1.0]), POINTS)) > 1e-3


def test_angles_are_those_of_geometry() -> None:
    right = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    flat = torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])
    assert float(angle_loss(2 * POINTS @ ROTATION, POINTS)) == pytest.approx(0, abs=1e-10)
    # Cosines 0, √½, √½ against 1, −1, 1, each of them twice among the 27.
    differences = np.array([1.0, 1 + np.sqrt(0.5), 1 - np.sqrt(0.5)])
    huber = np.where(differences < 1, differences**2 / 2, differences - 0.5)
    assert float(angle_loss(right, flat)) == pytest.approx(2 * huber.sum() / 27, abs=1e-6)


def test_the_kernel_is_the_gaussian_one_to_the_second_order() -> None:
    assert float(congruence_loss(POINTS @ ROTATION * 2, POINTS)) == pytest.approx(0, abs=1e-12)
    unit = POINTS / POINTS.norm(dim=1, keepdim=True)
    exact = torch.exp(-0.4 * torch.cdist(unit, unit) ** 2)
    assert kernel(POINTS).numpy() == pytest.approx(exact.numpy(), abs=0.05)
    assert torch.diagonal(kernel(POINTS)).std() < 1e-6


def test_softened_outputs_that_agree_have_the_least_loss() -> None:
    said = POINTS.clone()
    outputs = (said + 5.0).requires_grad_()  # logits count up to a constant
    softened_loss(outputs, said, 4.0).backward()
    assert outputs.grad is not None
    assert float(outputs.grad.abs().max()) < 1e-6
    one, two = torch.tensor([[0.7]]), torch.tensor([[0.0, 0.7]])
    assert float(softened_loss(one, two, 2.0)) == pytest.approx(float(softened_loss(two, two, 2.0)))


def test_a_class_that_the_teacher_does_not_know_is_left_out() -> None:
    outputs, said = torch.randn(6, 3), torch.randn(6, 3)
    said[:, 1] = torch.nan
    among = softened_loss(outputs[:, [0, 2]], said[:, [0, 2]], 3.0)
    assert float(softened_loss(outputs, said, 3.0)) == pytest.approx(float(among))
    three = np.where(X[:, 0] > 1, "c", Y).astype(object)
    people = [Participant("two", net(8), X[Y == "a"], three[Y == "a"]), Participant("three", net(8), X, three)]
    for kind in (HintLayers, Relations, Correlation):
        assert (kind().fit(people).predict_for("three", X) == three).mean() > 0.65


def test_the_first_stage_makes_a_hidden_layer_foretell_the_teachers() -> None:
    ready = {one.name: prepare(one, seed=0) for one in company()[:2]}
    own, teacher = ready["small"], ready["big"].model
    hinted = trained_beside(own, teacher, lambda outputs, usual, beside: hint_loss(beside), seed=0, which="middle")
    wanted = represent(teacher, own.X, "middle")[1]

    def unforetold(model: Any) -> float:
        hidden = np.column_stack([represent(model, own.X, "middle")[1], np.ones(len(own.X))])
        return float(np.square(wanted - hidden @ np.linalg.lstsq(hidden, wanted, rcond=None)[0]).mean())

    assert unforetold(hinted) < 0.8 * unforetold(own.model)
    outputs, hidden = represent(teacher, own.X, "last")
    last = teacher.learner.estimator[-1].module_[-1]
    assert outputs == pytest.approx((torch.as_tensor(hidden) @ last.weight.T + last.bias).detach().numpy(), abs=1e-4)


def test_what_is_rectified_is_foretold_by_what_is() -> None:
    ready = {one.name: prepare(one, seed=0) for one in company()[:2]}
    told: list[Beside] = []

    def loss(outputs: Any, usual: Any, beside: Beside) -> Any:
        told.append(beside)
        return hint_loss(beside)

    trained_beside(ready["small"], ready["big"].model, loss, seed=0, which="middle")
    assert all((beside.regressor(beside.hidden) >= 0).all() and (beside.of_teacher >= 0).all() for beside in told)
    done = [beside.done for beside in told]
    assert done[0] == 0
    assert done == sorted(done)
    assert 0.9 < done[-1] < 1


def test_the_teachers_outputs_count_at_the_beginning_and_at_the_end() -> None:
    def taught(first: float, last: float) -> bytes:
        fitted: Any = HintLayers(weight=first, last_weight=last).fit(company())
        return bytes(fitted.models_["small"].scores(X).tobytes())

    assert len({taught(0.0, 0.0), taught(4.0, 0.0), taught(0.0, 4.0), taught(4.0, 1.0)}) == 4


def test_relations_come_closer_to_the_teachers() -> None:
    ready = {one.name: prepare(one, seed=0) for one in company()[:2]}
    own, teacher = ready["small"], ready["big"].model
    wanted = torch.as_tensor(represent(teacher, own.X)[1])
    far = []
    for weight in (0.0, 25.0):
        taught: Any = Relations(distances=weight, angles=0.0).fit(company()).models_["small"]
        far.append(float(distance_loss(torch.as_tensor(represent(taught, own.X)[1]), wanted)))
    assert far[1] < 0.8 * far[0]


@pytest.mark.parametrize("kind", [HintLayers, Relations, Correlation])
@pytest.mark.parametrize("settings", [{}, {"patience": 3}])
def test_a_student_learns_and_the_same_in_any_order(kind: Any, settings: Any) -> None:
    taught = kind().fit(company(**settings))
    before = torch.random.get_rng_state()
    again = kind().fit(company(**settings)[::-1])
    assert (torch.random.get_rng_state() == before).all()
    assert (taught.predict_for("small", X) == again.predict_for("small", X)).all()
    assert (taught.predict_for("small", X) == Y).mean() > 0.65
    with pytest.raises(InapplicableError, match="model of 'other' is no TorchModule"):
        taught.predict_for("other", X)


@pytest.mark.parametrize("kind", [HintLayers, Relations, Correlation])
def test_values_can_be_learned_so_too(kind: Any) -> None:
    values = X @ [1.0, -1.0, 0.5, 0.0]
    halves = {"one": slice(80), "two": slice(80, None)}
    people = [Participant(name, net(8, task="regression"), X[at], values[at]) for name, at in halves.items()]
    predicted = kind().fit(people).predict_for("one", X)
    assert np.corrcoef(predicted, values)[0, 1] > 0.8


def test_what_has_no_hidden_layer_has_no_hint() -> None:
    people = [Participant("flat", net(), X, Y), Participant("deep", net(4), X, Y)]
    with pytest.raises(InapplicableError, match="Sequential has no hidden layer"):
        HintLayers().fit(people)


def test_weights_of_a_module_are_transferred_and_fine_tuned() -> None:
    same = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 2))
    people = [
        Participant(name, TorchModule(same, max_epochs=20, learning_rate=0.01), X[at], Y[at])
        for name, at in {"one": slice(100), "two": slice(100, None)}.items()
    ]

    def weights(baseline: Any, name: str) -> Any:
        return baseline.models_[name].learner.estimator.module_[0].weight.detach()

    before, taken = Untaught().fit(people), ParameterTransfer(steps=0).fit(people)
    assert (weights(taken, "two") == weights(before, "one")).all()
    tuned = ParameterTransfer(steps=1).fit(people)
    change = (weights(tuned, "two") - weights(before, "one")).abs().max()
    assert 0 < float(change) < 0.1
    assert (PreTraining().fit(people).predict_for("two", X) == Y).mean() > 0.65
