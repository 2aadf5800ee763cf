"""Cooperation written anew from the layers below it, with more to choose: for variants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.model_for_each import ModelForEach
from coopdistill.counterfactuals import generate, reference_of
from coopdistill.expertise import Answers, OwnRows, answer_out_of_fold, answers_of, expertise_of
from coopdistill.learners import Model
from coopdistill.participants import Prepared
from coopdistill.schema import Alignment
from coopdistill.seeds import derive_seed


class Instances(NamedTuple):
    """What one teacher makes of one participant's rows, in the student's space."""

    X: NDArray[np.float64]
    y: NDArray[Any]


class Lessons(ModelForEach):
    """Refits every student with counterfactuals; models visit other participants' rows, which stay where they are.

    Parameters
    ----------
    random_state : int, default=0
    visits : tuple of {"teacher", "student", "others"}, default=("teacher",)
        Whose rows a teacher starts from: its own, the student's, or those of third participants.
    gate : {"lift", "student", "none"}, default="lift"
        When a teacher's being right counts: where its predictions are worth more than the base rate, as by default;
        where they are worth more than the student's on the same rows; always.
    alphas : tuple of float, default=(0.5,)
        Where none of a row's targets was reached by one, the next is tried.
    weight : float, default=1.0
        What an instance counts.
    agreement : float, default=0.0
        Share of third models that must give an instance its label.

    Attributes
    ----------
    n_sent_ : int
    """

    name = "lessons"

    def __init__(
        self,
        random_state: int = 0,
        *,
        visits: tuple[str, ...] = ("teacher",),
        gate: str = "lift",
        alphas: tuple[float, ...] = (0.5,),
        weight: float = 1.0,
        agreement: float = 0.0,
    ) -> None:
        super().__init__(random_state)
        self.visits = visits
        self.gate = gate
        self.alphas = alphas
        self.weight = weight
        self.agreement = agreement

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        self._prepared = prepared
        self._unseen = {name: _unseen(one, derive_seed(seed, "expertise", name, 1)) for name, one in prepared.items()}
        self.n_sent_ = 0
        self._take({name: self._taught(name, seed) for name in prepared}, prepared)

    def _taught(self, name: str, seed: int) -> Model:
        own = self._prepared[name]
        lessons = list(self._lessons(name, seed))
        X, y = np.vstack([own.X[:0], *(one.X for one in lessons)]), np.concatenate([own.y[:0], *(o.y for o in lessons)])
        new = _first_of_each(X, y)
        X, y = X[new], y[new]
        self.n_sent_ += len(y)
        if not len(y):
            return own.model
        weight = np.ones(len(own.y)) if own.weight is None else own.weight
        counts = None
        if own.weight is not None or self.weight != 1.0:
            counts = np.concatenate([weight, np.full(len(y), self.weight)])
        return own.model.refit(
            np.vstack([own.X, X]),
            np.concatenate([own.y, y]),
            seed=derive_seed(seed, "refit", name, 1),
            sample_weight=counts,
            n_own=len(own.y),
        )

    def _lessons(self, student: str, seed: int) -> Iterator[Instances]:
        for teacher in self._prepared:
            if teacher == student:
                continue
            for owner in self._prepared:
                role = {teacher: "teacher", student: "student"}.get(owner, "others")
                if role in self.visits:
                    yield self._lesson(teacher, student, owner, derive_seed(seed, "teach", teacher, student, owner))

    def _lesson(self, teacher: str, student: str, owner: str, seed: int) -> Instances:
        rows, learner = self._prepared[owner], self._prepared[student].model
        says = self._answers(teacher, owner)
        tolerance = float(np.median(self._unseen[student].error)) if learner.task == "regression" else 0.0
        chosen = np.flatnonzero(says.right(tolerance) & self._counts(says, self._answers(student, owner), rows.y))
        model = self._prepared[teacher].model
        if not len(chosen):
            return Instances(np.empty((0, len(learner.space))), rows.y[:0])
        X = model.read(rows.X, rows.model.space)
        found, place = self._counterfactuals(model, X, rows.y, chosen, seed)
        aligned = Alignment(model.space, learner.space).apply(found)
        kept = self._agreed(aligned, rows.y[place], teacher, student)
        return Instances(aligned[kept], rows.y[place][kept])

    def _counterfactuals(
        self, model: Model, X: NDArray[np.float64], y: NDArray[Any], chosen: NDArray[np.intp], seed: int
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        reference = reference_of(model, X, y)
        generator = "segments" if len(reference.X) > 1 else "auto"
        found, places, left = [X[:0]], [chosen[:0]], chosen
        for alpha in self.alphas:
            if len(left):
                made = generate(
                    model, X[left], y[left], alpha=alpha, generator=generator, reference=reference, seed=seed
                )
                reached = made.status == "reached"
                found.append(made.X[reached])
                places.append(left[reached])
                left = left[~reached]
        return np.vstack(found), np.concatenate(places)

    def _answers(self, model: str, owner: str) -> Answers:
        if model == owner:
            return self._unseen[model]
        rows, asked = self._prepared[owner], self._prepared[model].model
        return answers_of(asked, asked.read(rows.X, rows.model.space), rows.y)

    def _counts(self, teacher: Answers, student: Answers, y: NDArray[Any]) -> NDArray[np.bool_]:
        if self.gate == "none":
            return np.ones(len(y), dtype=bool)
        if self.gate == "lift":
            return expertise_of(teacher, y).competent
        return np.full(len(y), _loss(teacher, y) < _loss(student, y))

    def _agreed(self, X: NDArray[np.float64], y: NDArray[Any], teacher: str, student: str) -> NDArray[np.bool_]:
        space = self._prepared[student].model.space
        third = [one.model for name, one in self._prepared.items() if name not in (teacher, student)]
        if not self.agreement or not third or not len(y) or third[0].task == "regression":
            return np.ones(len(y), dtype=bool)
        votes = np.array([model.predict(model.read(X, space)) == y for model in third], dtype=float)
        knows = np.array([model.label_positions(y) >= 0 for model in third])
        return np.asarray((votes * knows).sum(axis=0) >= self.agreement * knows.sum(axis=0))


def _unseen(one: Prepared, seed: int) -> Answers:
    return answer_out_of_fold(one.model, OwnRows.untaught(one.X, one.y, one.weight), seed=seed)


def _loss(answers: Answers, y: NDArray[Any]) -> float:
    """Mean squared error, or one less balanced accuracy."""
    if answers.score is None:
        return float(np.mean(answers.error**2))
    right = answers.right(0.0)
    return 1.0 - float(np.mean([right[y == label].mean() for label in set(y.tolist())]))


def _first_of_each(X: NDArray[np.float64], y: NDArray[Any]) -> NDArray[np.intp]:
    seen: dict[tuple[bytes, object], int] = {}
    for place, (row, label) in enumerate(zip(X, y.tolist(), strict=True)):
        seen.setdefault(((row + 0.0).tobytes(), label), place)
    return np.array(sorted(seen.values()), dtype=np.intp)
