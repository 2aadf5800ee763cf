"""A tiny experiment that processes of their own can import, with a method that says when it is at work."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from coopdistill.datasets import make_random_subsets
from coopdistill.experiments import Cooperation, Experiment, Method, Outcome, Setting, Trial, Verdict
from coopdistill.participants import Participant

SLOW = "COOPDISTILL_TEST_SLOW"
"""Where this names a file, each cell is told there, and all but the first two wait to be killed."""

LEARNERS = {"participant_1": DecisionTreeClassifier(), "participant_2": GaussianNB()}


def make_tiny(seed: int) -> Trial:
    cohorts = make_random_subsets("iris", n_participants=2, random_state=seed)
    participants = [Participant(name, LEARNERS[name], *table) for name, table in cohorts.train.items()]
    return Trial(tuple(participants), *cohorts.test)


@dataclass(frozen=True)
class Broken(Method):
    """Fails as no method should."""

    def apply(self, trial: Trial, seed: int) -> Outcome:
        raise ZeroDivisionError("nothing to divide by")


@dataclass(frozen=True)
class Waiting(Method):
    """Gives the seed as a score; waits where a test is to kill it."""

    def apply(self, trial: Trial, seed: int) -> Outcome:
        if SLOW in os.environ:
            log = Path(os.environ[SLOW])
            with log.open("a") as lines:
                lines.write(f"{seed}\n")
            if len(log.read_text().splitlines()) > 2:
                time.sleep(600)
        return Outcome(tuple(Verdict(one.name, seed / 100) for one in trial.participants))


TINY = Experiment(
    number=9,
    title="Iris",
    settings=(Setting("iris", make_tiny, {"defaults": {"participant_1": 95.0}}),),
    small=(),
    cooperations=(Cooperation("defaults"),),
    rivals=("pooled",),
)
