"""One learner teaches another on small real data: what the interoperability matrix is made of."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from learner_cast import CAST, Entry, Side, participant
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.settings import Settings
from coopdistill.exceptions import CoopdistillError
from coopdistill.expertise import score

__all__ = ["RECIPES", "Pair", "Recipe", "pairs_of"]


@dataclass(frozen=True)
class Recipe:
    """How two participants and a test set are made of a table.

    Both lack two columns that the other has. The student calls another one by its own name and measures it in its own
    unit. One is cut into categories, and in one every ninth value is missing. The student has seen one side of a
    column, and a few rows of the other.

    Parameters
    ----------
    name : str
    load : callable
        Such as `sklearn.datasets.load_wine`.
    shift : str
        The column of which each has seen mainly one side.
    teachers_only, students_only : tuple of str
    converted : str
    binned : str
    missing : str
    task : str
    metric : str
    n_teacher, n_student : int, default=90, 60
        Rows of each; of the student without the few of the other side.
    """

    name: str
    load: Callable[..., Any]
    shift: str
    teachers_only: tuple[str, ...]
    students_only: tuple[str, ...]
    converted: str
    binned: str
    missing: str
    task: str = "classification"
    metric: str = "balanced_accuracy"
    n_teacher: int = 90
    n_student: int = 60

    def make(self, seed: int = 0, *, n_few: int = 4) -> tuple[Side, Side, Side]:
        """The teacher's rows, the student's rows, and the test rows in the student's columns."""
        data = self.load(as_frame=True)
        order = np.random.default_rng(seed).permutation(len(data.data))
        X, y = data.data.iloc[order].reset_index(drop=True), data.target.to_numpy()[order]
        if self.task == "regression":
            y = y.astype(float) / 100.0  # networks learn values of that size
        X[self.binned] = pd.Categorical(
            np.array(["low", "middle", "high"])[pd.qcut(X[self.binned].rank(method="first"), 3, labels=False)]
        )
        X.loc[::9, self.missing] = np.nan
        below = (X[self.shift] < X[self.shift].median()).to_numpy()
        few = np.zeros(len(X), dtype=bool)
        for group in np.unique(y) if self.task == "classification" else [None]:
            of_group = np.ones(len(y), dtype=bool) if group is None else y == group
            few[np.flatnonzero(of_group & ~below)[:n_few]] = True
        student = few | (below & (np.cumsum(below) <= self.n_student))
        teacher = ~student & ~below & (np.cumsum(~below & ~student) <= self.n_teacher)
        test = ~student & ~teacher
        return (
            Side(
                self.task,
                X[teacher].drop(columns=list(self.students_only)),
                y[teacher],
                self._declared(self.converted, 1),
            ),
            self._of_student(X[student], y[student]),
            self._of_student(X[test], y[test]),
        )

    def _of_student(self, X: pd.DataFrame, y: np.ndarray) -> Side:
        own_name = f"{self.converted} rescaled"
        rows = X.drop(columns=list(self.teachers_only)).rename(columns={self.converted: own_name})
        rows[own_name] = rows[own_name] / 10.0
        return Side(self.task, rows, y, self._declared(own_name, 10))

    def _declared(self, column: str, scale: int) -> dict[str, dict[str, Any]]:
        unit, other = f"{scale} units", f"{11 - scale} units"
        names = {self.converted, f"{self.converted} rescaled"} - {column}
        worth = (11 - scale) / scale
        return {column: {"unit": unit, "conversions": {other: worth}, "synonyms": tuple(names)}}


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "two classes (breast cancer)",
            load_breast_cancer,
            shift="mean radius",
            teachers_only=("mean texture", "mean symmetry"),
            students_only=("mean smoothness", "worst symmetry"),
            converted="mean area",
            binned="mean concavity",
            missing="mean compactness",
        ),
        Recipe(
            "three classes (wine)",
            load_wine,
            shift="proline",
            teachers_only=("ash", "hue"),
            students_only=("magnesium", "malic_acid"),
            converted="alcohol",
            binned="color_intensity",
            missing="flavanoids",
        ),
        Recipe(
            "values (diabetes)",
            load_diabetes,
            shift="bmi",
            teachers_only=("s1", "s4"),
            students_only=("s2", "s6"),
            converted="s5",
            binned="age",
            missing="bp",
            task="regression",
            metric="r2",
            n_teacher=150,
        ),
    )
}
"""One for each kind of task."""

_SETTINGS = Settings(
    alpha=0.5,
    tolerance=None,
    focus="all",
    instances_from="teacher",
    qualification="instance",
    expertise="out-of-fold",
    generator="auto",
    instances_per_row=None,
    imputation="hot-deck",
    acceptance="auto",
    seed=0,
)


@dataclass(frozen=True)
class Pair:
    """What became of one lesson.

    Parameters
    ----------
    recipe, teacher, student : str
    n_kept : int
        Virtual instances that the student was refitted with.
    before, after : float
        Its score on the test rows.
    seconds : float
        For the lesson and the refit.
    reason : str
        Why it could not be; empty where it could.
    """

    recipe: str
    teacher: str
    student: str
    n_kept: int = 0
    before: float = np.nan
    after: float = np.nan
    seconds: float = np.nan
    reason: str = ""

    @property
    def gain(self) -> float:
        """In points."""
        return 100.0 * (self.after - self.before)


def pairs_of(recipe: Recipe, chosen: Sequence[tuple[Entry, Entry]] | None = None) -> Iterator[Pair]:
    """Let learners teach each other.

    Each teacher finds its expertise once, and each student is fitted once, by the same agents as in a cooperation.

    Parameters
    ----------
    recipe : Recipe
    chosen : sequence of pairs of a teacher and a student, optional
        Default: every learner teaches every other that can learn.

    Yields
    ------
    Pair
    """
    teacher_side, student_side, test = recipe.make()
    if chosen is None:
        chosen = [(one, other) for one in CAST for other in CAST if not other.only_teaches]
    teachers: dict[str, Agent | str] = {}
    students: dict[str, Agent | str] = {}
    for teacher, student in chosen:
        for entry, side, role, made in (
            (teacher, teacher_side, "teacher", teachers),
            (student, student_side, "student", students),
        ):
            if entry.name not in made:
                made[entry.name] = _agent(entry, side, role)
        yield _taught(recipe, (teacher.name, teachers[teacher.name]), (student.name, students[student.name]), test)


def _agent(entry: Entry, side: Side, role: str) -> Agent | str:
    """The agent of a learner, its expertise known; or why there is none."""
    if entry.maker(side.task) is None:
        return "no such " + ("classifier" if side.task == "classification" else "regressor")
    if not entry.is_installed:
        return "not installed"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the learners, whose trainings are short on purpose
        return Agent.of(participant(entry, side, f"{role}: {entry.name}"), _SETTINGS).judge([], 1)


def _taught(recipe: Recipe, teacher: tuple[str, Agent | str], student: tuple[str, Agent | str], test: Side) -> Pair:
    names = {"recipe": recipe.name, "teacher": teacher[0], "student": student[0]}
    for _, one in (student, teacher):
        if isinstance(one, str):
            return Pair(**names, reason=one)
    teaching, learning = teacher[1], student[1]
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            frozen = teaching.is_frozen
            heard = learning.hear([teaching.model]).testimonies
            lessons = learning.study(teaching.model, heard, 1) if frozen else teaching.teach([learning.model], heard, 1)
            drafts = learning.draft(lessons, 1)
            compared = [] if frozen or drafts is None else teaching.compare([(learning.model, drafts)])
            learned = learning.learn(lessons, compared, [], 1)  # two are no committee
        except CoopdistillError as error:
            return Pair(**names, reason=str(error))
        seconds = time.perf_counter() - began
        before, after = (_score(model, recipe, test) for model in (learning.model, learned.agent.model))
    return Pair(**names, n_kept=sum(map(len, learned.kept)), before=before, after=after, seconds=seconds)


def _score(model: Any, recipe: Recipe, test: Side) -> float:
    return float(score(test.y, model.predict(model.read_table(test.X, dict(test.declared))), recipe.metric))
