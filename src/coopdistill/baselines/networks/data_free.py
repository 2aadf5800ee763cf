"""Distillation without rows: a generator invents them, and the teacher says which to trust."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.distillation.continuation import continued
from coopdistill.baselines.distillation.targets import classes_of
from coopdistill.baselines.networks.lenient_expert import Distillation, distil_without_rows
from coopdistill.baselines.networks.torch_student import as_torch, best_torch_teacher, fresh_module, matrix_of, with_net
from coopdistill.baselines.per_student import PerStudent
from coopdistill.exceptions import InapplicableError
from coopdistill.learners import Model
from coopdistill.options import check_whole
from coopdistill.participants import Prepared
from coopdistill.schema import FeatureSpace
from coopdistill.seeds import derive_seed

__all__ = ["DataFree"]


class DataFree(PerStudent):
    """Distils a network into the student's without rows of anyone; for classifiers that are `TorchModule`.

    A generator is trained to invent rows on which teacher and student disagree and which are like those that the
    teacher's batch normalisation remembers, if it has any; the student is trained to give the teacher's logits. The
    teacher is a lenient expert [1]_: it does not force classes on the generator, but only rows that it is sure of, the
    better part of a mixture of two, are learned. Weights of the losses are those of the authors' code; the smoothness
    of images is left out. Then the student is trained on its own rows, which the paper does not have.

    Generated rows lie where random rows of the teacher's feature space would. The student reads rows as its teacher
    does.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    rounds : int, default=100
        Steps of the generator; the student takes five for each.
    steps : int, default=20
        Epochs on the student's own rows afterwards; 0 keeps to the paper.

    References
    ----------
    .. [1] H. Shin, D.-W. Choi: Teacher as a Lenient Expert: Teacher-Agnostic Data-Free Knowledge Distillation. AAAI,
       2024.

    Examples
    --------
    >>> DataFree(rounds=50).steps
    20
    """

    name = "data-free"

    def __init__(self, random_state: int = 0, *, rounds: int = 100, steps: int = 20) -> None:
        super().__init__(random_state)
        self.rounds = rounds
        self.steps = steps

    def _check(self) -> None:
        check_whole("rounds", self.rounds, least=0)
        check_whole("steps", self.steps, least=0)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        own = prepared[name]
        if own.model.task == "regression":
            raise InapplicableError("how sure a teacher is tells which rows to trust, and a regressor does not say")
        distilled = self._distilled(own.model, best_torch_teacher(name, prepared), seed)
        rows = distilled.read(own.X, own.model.space)
        return continued(distilled, rows, own.y, steps=self.steps, seed=derive_seed(seed, "own"), weight=own.weight)

    def _distilled(self, own: Model, teacher: Model, seed: int) -> Model:
        """The student's module, taught without rows, behind its teacher's preprocessing."""
        import torch

        classes = classes_of([Prepared(model, np.empty((0, 0)), np.empty(0)) for model in (own, teacher)])
        centre, scale = _where_rows_lie(teacher, derive_seed(seed, "scale"))
        net = copy.copy(as_torch(own))
        net.device_ = as_torch(teacher).device_
        with torch.random.fork_rng(devices=[net.device_] if net.device_.type == "cuda" else []):
            torch.manual_seed(seed)
            student = fresh_module(net, len(centre), len(classes)).to(net.device_)
            _check_fit(_logits(student, np.arange(len(classes))), len(centre), len(classes), net.device_)
            of_student = _logits(student, np.searchsorted(classes, teacher.classes))
            from_teacher = _logits(copy.deepcopy(as_torch(teacher).module_), np.arange(len(teacher.classes)))
            plan = Distillation(self.rounds)
            distil_without_rows(from_teacher, of_student, centre, scale, plan, seed=derive_seed(seed, "mixture"))
        net.module_, net.classes_, net.n_epochs_, net.n_features_in_ = student.eval(), classes, 0, len(centre)
        net.__dict__.pop("feature_names_in_", None)
        return replace(with_net(teacher, net), name=own.name)


def _logits(module: Any, at: NDArray[np.intp]) -> Any:
    """A module that gives the logits of some classes, of mean zero, whatever the module inside gives."""
    import torch
    from torch import nn

    class Logits(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = module

        def forward(self, rows: Any) -> Any:
            outputs = self.inner(rows)
            outputs = (outputs[0] if isinstance(outputs, tuple) else outputs).reshape(len(rows), -1)
            if outputs.shape[1] == 1:
                outputs = torch.cat([-outputs / 2, outputs / 2], dim=1)
            if outputs.shape[1] > at.max():  # else it has too few, which is told elsewhere
                outputs = outputs[:, at]
            return outputs - outputs.mean(dim=1, keepdim=True)

    return Logits()


def _check_fit(student: Any, n_columns: int, n_classes: int, device: Any) -> None:
    """Refuse a module of other widths than the teacher's rows and classes."""
    import torch

    student.eval()
    try:
        with torch.no_grad():
            width = student(torch.zeros(2, n_columns, device=device)).shape[1]
    except RuntimeError as error:
        raise InapplicableError(f"the student's module does not take the teacher's {n_columns} columns") from error
    if width != n_classes:
        raise InapplicableError(f"the student's module has {width} outputs, and both know {n_classes} classes")


def _where_rows_lie(teacher: Model, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and deviation of each column over random rows of the teacher's feature space."""
    matrix = matrix_of(teacher, _random_rows(teacher.space, np.random.default_rng(seed)))
    scale = matrix.std(axis=0)
    return matrix.mean(axis=0), np.where(scale > 0, scale, 1.0).astype(np.float32)


def _random_rows(space: FeatureSpace, rng: np.random.Generator, n_rows: int = 512) -> NDArray[np.float64]:
    """Rows with numbers a few spreads around what is usual, within their range, and any category."""
    usual = np.nan_to_num(space.fill_codes())
    numbers = np.clip(usual + rng.normal(size=(n_rows, len(space))) * space.spread, space.low, space.high)
    numbers = np.where(space.integer, np.rint(numbers), numbers)
    codes = np.floor(rng.random((n_rows, len(space))) * np.maximum(space.n_categories, 1))
    return np.where(space.numeric, numbers, codes)
