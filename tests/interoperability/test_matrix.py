"""Every learner can teach every other: a covering subset here, all pairs by ``make test-matrix``."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from learner_cast import CAST, Entry
from learner_pairs import RECIPES, Recipe, pairs_of

STUDENTS = [entry for entry in CAST if not entry.only_teaches]
BY_NAME = {entry.name: entry for entry in CAST}
each_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))


def suited(entries: Any, recipe: Recipe) -> list[Entry]:
    return [entry for entry in entries if entry.maker(recipe.task) is not None and entry.is_installed]


def assert_taught(recipe: Recipe, chosen: list[tuple[Entry, Entry]]) -> None:
    for pair in pairs_of(recipe, chosen):
        assert not pair.reason, f"{pair.teacher} cannot teach {pair.student}: {pair.reason}"
        assert np.isfinite([pair.before, pair.after]).all()
        assert pair.n_kept >= 0


@each_recipe
def test_each_learner_teaches_one_and_learns_from_one(recipe: Recipe) -> None:
    """Learners in a ring; tables of one task share it among them."""
    teachers, students = suited(CAST, recipe), suited(STUDENTS, recipe)
    assert len(students) > 10
    ring = [(one, students[(i + 1) % len(students)]) for i, one in enumerate(teachers)]
    alike = [other for other in RECIPES.values() if other.task == recipe.task]
    assert_taught(replace(recipe, n_teacher=50, n_student=30), ring[alike.index(recipe) :: len(alike)])


@pytest.mark.skipif(not os.environ.get("COOPDISTILL_MATRIX"), reason="minutes; see make test-matrix")
@each_recipe
def test_each_learner_teaches_every_other(recipe: Recipe) -> None:
    assert_taught(recipe, [(one, other) for one in suited(CAST, recipe) for other in suited(STUDENTS, recipe)])


@each_recipe
def test_spaces_overlap_and_differ_in_columns_units_and_names(recipe: Recipe) -> None:
    teacher, student, test = recipe.make()
    assert set(recipe.teachers_only) <= set(teacher.X) - set(student.X)
    assert set(recipe.students_only) <= set(student.X) - set(teacher.X)
    assert f"{recipe.converted} rescaled" in student.X
    assert list(test.X) == list(student.X)
    rows = [{tuple(row) for row in side.X.select_dtypes("number").to_numpy().tolist()} for side in (student, test)]
    assert not rows[0] & rows[1]
    for side in (teacher, student):
        assert side.X.isna().any().any()
        assert "category" in {str(dtype) for dtype in side.X.dtypes}


def test_what_is_not_for_a_task_is_said() -> None:
    recipe = RECIPES["values (diabetes)"]
    (pair,) = pairs_of(recipe, [(BY_NAME["naive Bayes"], BY_NAME["linear"])])
    assert pair.reason == "no such regressor"
