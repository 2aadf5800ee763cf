"""PyTorch modules that are trained beside a teacher's representation of the same rows."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.distillation.continuation import last_estimator
from coopdistill.baselines.distillation.teacher import best_teacher
from coopdistill.exceptions import InapplicableError
from coopdistill.learners import Model, TorchModule
from coopdistill.participants import Prepared

__all__ = [
    "Beside",
    "as_torch",
    "best_torch_teacher",
    "fresh_module",
    "hidden_layers",
    "matrix_of",
    "represent",
    "trained_beside",
    "with_net",
]


@dataclass(frozen=True, eq=False)
class Beside:
    """What a loss sees of a batch beside the module's outputs.

    Parameters
    ----------
    hidden : Tensor of shape (n_rows, n_units)
        The student's representation of the rows, by the chosen layer.
    of_teacher : Tensor of shape (n_rows, n_teacher_units)
        The teacher's.
    said : Tensor of shape (n_rows, n_outputs)
        The teacher's outputs, for the student's classes; NaN of a class that it does not know.
    regressor : torch.nn.Module
        From the student's representation to one of the teacher's width, trained along: a linear map, then rectified
        where the teacher's representation is.
    done : float
        How far the training is, from 0 to 1.
    """

    hidden: Any
    of_teacher: Any
    said: Any
    regressor: Any
    done: float


_Loss: TypeAlias = Callable[[Any, Any, Beside], Any]


def as_torch(model: Model) -> Any:
    """Return the `TorchModule` at the end of a model.

    Raises
    ------
    InapplicableError
        If there is none.
    """
    last = last_estimator(model)
    if not isinstance(last, TorchModule):
        raise InapplicableError(f"it works inside of networks, and the model of {model.name!r} is no TorchModule")
    return last


def best_torch_teacher(name: str, prepared: dict[str, Prepared]) -> Model:
    """Return the network that predicts a student's own rows best.

    Raises
    ------
    InapplicableError
        If the student is no network, or no other is.
    """
    as_torch(prepared[name].model)
    networks = {
        other: one
        for other, one in prepared.items()
        if other == name or isinstance(last_estimator(one.model), TorchModule)
    }
    if len(networks) == 1:
        raise InapplicableError(f"it works inside of networks, and beside that of {name!r} there is no TorchModule")
    return prepared[best_teacher(name, networks)].model


def hidden_layers(module: Any) -> list[Any]:
    """Return a module's layers that read a hidden representation: all linear and convolutional ones but the first.

    Raises
    ------
    InapplicableError
        If there is none.
    """
    from torch import nn

    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    layers = [part for part in module.modules() if isinstance(part, kinds)]
    if len(layers) < 2:
        raise InapplicableError(f"{type(module).__name__} has no hidden layer")
    return layers[1:]


def _layer(module: Any, which: str) -> Any:
    layers = hidden_layers(module)
    return layers[(len(layers) - 1) // 2] if which == "middle" else layers[-1]


def _ask(module: Any, rows: Any, which: str) -> tuple[Any, Any]:
    """A module's outputs, and what its chosen layer reads."""
    seen: list[Any] = []
    hook = _layer(module, which).register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0]))
    try:
        outputs = module(rows)
    finally:
        hook.remove()
    outputs = outputs[0] if isinstance(outputs, tuple) else outputs
    return outputs.reshape(len(rows), -1), seen[-1].reshape(len(rows), -1)


def matrix_of(model: Model, rows: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return encoded rows as the module at the end of a model takes them, shape (n_rows, n_columns)."""
    table: Any = model.codec.decode(rows)
    estimator = model.learner.estimator
    if hasattr(estimator, "named_steps"):
        for _, part in estimator.steps[:-1]:
            table = table if part is None or part == "passthrough" else part.transform(table)
    return np.ascontiguousarray(table.toarray() if hasattr(table, "toarray") else table, dtype=np.float32)


def represent(
    model: Model, rows: NDArray[np.float64], which: str = "last"
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Ask a fitted network for its outputs and for a hidden representation.

    Parameters
    ----------
    model : Model
        With a `TorchModule` at its end.
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded in its space.
    which : {"last", "middle"}, default="last"
        The representation that its last layer reads, or the one half way.

    Returns
    -------
    outputs : ndarray of shape (n_rows, n_outputs), float32
    hidden : ndarray of shape (n_rows, n_units), float32
    """
    import torch

    net = as_torch(model)
    net.module_.eval()
    with torch.no_grad():
        outputs, hidden = _ask(net.module_, torch.as_tensor(matrix_of(model, rows), device=net.device_), which)
    return outputs.cpu().numpy(), hidden.cpu().numpy()


def trained_beside(
    own: Prepared,
    teacher: Model,
    loss: _Loss,
    *,
    seed: int,
    which: str = "last",
    start: Model | None = None,
) -> Model:
    """Train a student's module anew by a loss that also sees what the teacher makes of each row.

    Epochs, batches, optimiser and early stopping are those of the student's `TorchModule`.

    Parameters
    ----------
    own : Prepared
        The student, with rows; its model has a `TorchModule` at its end.
    teacher : Model
        Another.
    loss : callable
        From outputs, the module's own loss and `Beside` to a loss. Held-out rows are scored by the module's own.
    seed : int
    which : {"last", "middle"}, default="last"
        See `represent`.
    start : Model, optional
        Whose weights to start from. Default: fresh ones.

    Returns
    -------
    Model

    Raises
    ------
    InapplicableError
        If the rows have weights.
    """
    if own.weight is not None:
        raise InapplicableError("it compares rows with each other, and takes no sample weights")
    student, net = own.model, as_torch(own.model)
    said, of_teacher = represent(teacher, teacher.read(own.X, student.space), which)
    fitting = _Fitting(net, _for_classes(said, student, teacher), of_teacher, which, loss)
    # A last column tells a batch which rows it holds.
    matrix = matrix_of(student, own.X)
    numbered = np.column_stack([matrix, np.arange(len(matrix), dtype=np.float32)])
    guided = TorchModule(**{**net.get_params(), "module": fitting.module, "criterion": fitting.criterion})
    guided.set_params(random_state=seed, classes=None if net.task == "regression" else net.classes_.tolist())
    fitting.start = None if start is None else as_torch(start).module_
    guided.fit(numbered, own.y)
    return _with_module(student, guided)


def fresh_module(net: Any, n_features: int, n_outputs: int) -> Any:
    """Return a module as a `TorchModule` would train it, with fresh weights; draw them under a seed.

    Parameters
    ----------
    net : TorchModule
    n_features, n_outputs : int
        Where it is made, and not copied, of these widths.
    """
    from torch import nn

    from coopdistill.learners.networks.torch_training import reset_weights

    if not isinstance(net.module, nn.Module):
        return net.module(n_features, n_outputs)
    module = copy.deepcopy(net.module)
    reset_weights(module)
    return module


class _Fitting:
    """The module and the criterion of one fit: the criterion sees what the module has just made."""

    def __init__(self, net: Any, said: Any, of_teacher: Any, which: str, loss: _Loss) -> None:
        self.net, self.said, self.of_teacher, self.which, self.loss = net, said, of_teacher, which, loss
        self.start: Any = None
        self.guided: Any = None

    def module(self, n_features: int, n_outputs: int) -> Any:
        """Return the student's module, in one that also asks for the hidden representation."""
        import torch

        student = self._fresh(n_features - 1, n_outputs)
        with torch.no_grad():
            student.eval()
            width = _ask(student, torch.zeros(2, n_features - 1), self.which)[1].shape[1]
        n_shown = self.net.max_epochs * len(self.said)
        self.guided = _guided(student, width, self.said, self.of_teacher, self.which, n_shown=n_shown)
        return self.guided

    def _fresh(self, n_features: int, n_outputs: int) -> Any:
        return fresh_module(self.net, n_features, n_outputs) if self.start is None else copy.deepcopy(self.start).cpu()

    @property
    def criterion(self) -> Callable[[Any, Any], Any]:
        """The loss, as a function, which no copy of a criterion parts from its module."""
        from torch import nn

        given = self.net.criterion
        made = given() if isinstance(given, type) else given

        def value(outputs: Any, target: Any) -> Any:
            usual = made
            if usual is None and self.net.task == "regression":
                usual = nn.MSELoss()
            elif usual is None:
                usual = nn.BCEWithLogitsLoss() if outputs.shape[1] == 1 else nn.CrossEntropyLoss()
            if not self.guided.training:
                return usual(outputs, target)
            return self.loss(outputs, usual(outputs, target), self.guided.beside)

        return value


def _guided(student: Any, width: int, said: Any, of_teacher: Any, which: str, *, n_shown: int) -> Any:
    """A module around the student's that knows what the teacher made of each row; it will be shown so many."""
    import torch
    from torch import nn

    class Guided(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.student = student
            linear = nn.Linear(width, of_teacher.shape[1])
            self.regressor = nn.Sequential(linear, nn.ReLU()) if (of_teacher >= 0).all() else linear
            self.seen = 0
            self.said: Any
            self.of_teacher: Any
            self.register_buffer("said", torch.as_tensor(said), persistent=False)
            self.register_buffer("of_teacher", torch.as_tensor(of_teacher), persistent=False)
            self.beside: Any = None

        def forward(self, rows: Any) -> Any:
            outputs, hidden = _ask(self.student, rows[:, :-1], which)
            if self.training:
                at = rows[:, -1].long()
                done = self.seen / n_shown
                self.beside = Beside(hidden, self.of_teacher[at], self.said[at], self.regressor, done)
                self.seen += len(rows)
            return outputs

    return Guided()


def _for_classes(said: NDArray[np.float32], student: Model, teacher: Model) -> NDArray[np.float32]:
    """The teacher's logits for the student's classes, NaN of one that it does not know; its values in regression."""
    if student.task == "regression":
        return said
    if said.shape[1] == 1:
        said = np.column_stack([np.zeros_like(said), said])
    at = teacher.label_positions(student.classes)
    return np.where(at >= 0, said[:, at], np.nan).astype(np.float32)


def _with_module(student: Model, guided: Any) -> Model:
    """The student's model with the module that was trained."""
    net = copy.copy(as_torch(student))
    net.module_, net.n_epochs_, net.device_ = guided.module_.student, guided.n_epochs_, guided.device_
    return with_net(student, net)


def with_net(model: Model, net: Any) -> Model:
    """Return a model with another `TorchModule` in place of its own; preprocessing stays.

    Parameters
    ----------
    model : Model
    net : TorchModule
        Fitted on rows as the preprocessing makes them.
    """
    estimator = model.learner.estimator
    if hasattr(estimator, "named_steps"):
        fresh = copy.copy(estimator)
        fresh.steps = [*estimator.steps[:-1], (estimator.steps[-1][0], net)]
        net = fresh
    learner: Any = type(model.learner)
    return replace(model, learner=learner(net))
