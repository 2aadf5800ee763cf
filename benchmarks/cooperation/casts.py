"""Which learners take part: all of one family, or each of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coopdistill.datasets import Cohorts
from coopdistill.learners import make_learner
from coopdistill.participants import Participant
from coopdistill.schema import infer_feature_space

CASTS = ("same", "mixed")
"""Learners of all participants are of one family, another one with each seed; or go through the families in turn."""

Family = tuple[str, str, Mapping[str, Any]]

FAMILIES: tuple[Family, ...] = (
    ("logistic-regression", "ridge", {}),
    ("random-forest", "random-forest", {"n_estimators": 25}),
    ("mlp", "mlp", {"hidden_layer_sizes": (16,), "max_iter": 150}),
    (
        "hist-gradient-boosting",
        "hist-gradient-boosting",
        {"max_iter": 20, "max_leaf_nodes": 8, "min_samples_leaf": 5},
    ),
    ("svm", "svm", {}),
    ("decision-tree", "decision-tree", {"min_samples_leaf": 3}),
)
"""For labels, for values, and with what: cheap, for a suite fits thousands."""


def family_of(cast: str, place: int, seed: int) -> Family:
    """Return the family of the participant in that place."""
    return FAMILIES[(seed if cast == "same" else seed + place) % len(FAMILIES)]


def participants_of(
    cohorts: Cohorts, cast: str, seed: int, *, values: bool, declared: Mapping[str, Any] | None = None
) -> tuple[Participant, ...]:
    """Give everybody a learner that is not fitted.

    Parameters
    ----------
    cohorts : Cohorts
    cast : {"same", "mixed"}
    seed : int
    values : bool
        Whether values are predicted.
    declared : mapping, optional
        For a participant, what its columns mean, where that is not read off them.
    """
    made = []
    for place, (name, (X, y)) in enumerate(cohorts.train.items()):
        for_labels, for_values, parameters = family_of(cast, place, seed)
        meaning = (declared or {}).get(name)
        task = "regression" if values else "classification"
        learner = make_learner(
            for_values if values else for_labels, infer_feature_space(X, meaning), parameters, task=task
        )
        made.append(Participant(name, learner, X, y, feature_space=meaning))
    return tuple(made)
