"""A scenario: one kind of trouble on one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from coopdistill.datasets import Cohorts
from coopdistill.experiments import Trial
from cooperation.casts import participants_of

BAD_TEACHERS = ("noisy labels", "hopeless", "adversarial")
"""Difficulties in which one participant's labels are false."""


@dataclass(frozen=True)
class Scenario:
    """One kind of trouble on one table.

    Parameters
    ----------
    name : str
    difficulty : str
        What is difficult; in both halves.
    divide : callable
        From a seed to `Cohorts`.
    metric : {"accuracy", "balanced_accuracy", "r2"}
    declare : callable, optional
        From a participant's name and its rows to what its columns mean.
    quick : bool
        Whether it is in the small setting.
    """

    name: str
    difficulty: str
    divide: Callable[[int], Cohorts]
    metric: str = "accuracy"
    declare: Callable[[str, Any], Mapping[str, Any]] | None = None
    quick: bool = False

    def make(self, cast: str, seed: int) -> Trial:
        """Make the trial of a seed, with learners of one family or of many."""
        cohorts = self.divide(seed)
        declared = None
        if self.declare is not None:
            declared = {name: self.declare(name, X) for name, (X, _) in cohorts.train.items()}
        who = participants_of(cohorts, cast, seed, values=self.metric == "r2", declared=declared)
        return Trial(who, *cohorts.test)
