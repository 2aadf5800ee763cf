"""Small cooperations of many kinds, to compare options: the figures in the decision records come from here.

For example ``python benchmarks/scenarios.py --focus wrong all --least-lift 0.1 none --seeds 2``.
"""

from __future__ import annotations

import argparse
import itertools
import time
import warnings
from collections.abc import Callable

import pandas as pd
from joblib import Parallel, delayed

from coopdistill import CooperativeDistillation, Participant, infer_feature_space
from coopdistill.cooperation import agent
from coopdistill.counterfactuals import Generator, SegmentGenerator
from coopdistill.datasets import (
    Cohorts,
    load_german_credit,
    load_heart_disease,
    make_clinics,
    make_covariate_shift,
    make_label_shift,
    make_missing_classes,
)
from coopdistill.exceptions import InputError
from coopdistill.learners import make_learner

LINEAR = ("logistic-regression", {"max_iter": 300})
FOREST = ("random-forest", {"n_estimators": 25})
TREE = ("decision-tree", {"min_samples_leaf": 3})
LEARNERS = {"linear": (LINEAR,), "mixed": (LINEAR, FOREST, TREE)}
GENERATORS: dict[str, str | Generator] = {
    "auto": "auto",
    "search": "search",
    **{f"segments-{k}": SegmentGenerator(k, 16 if k == 1 else 8) for k in (1, 3, 5, 10)},
}


def heart_disease(_seed: int) -> Cohorts:
    """Three hospitals, tested on a fourth; the same rows for each seed."""
    hospitals = load_heart_disease()
    return Cohorts({name: hospitals[name] for name in ("va", "switzerland", "hungarian")}, hospitals["cleveland"])


SCENARIOS: dict[str, Callable[[int], Cohorts]] = {
    "heart disease": heart_disease,
    "clinics": lambda seed: make_clinics(share_of_others=0.0, random_state=seed),
    "German credit, label shift": lambda seed: make_label_shift(
        load_german_credit(), 4, concentration=1.0, test_size=0.5, random_state=seed
    ),
    "wine, label shift": lambda seed: make_label_shift("wine", 3, concentration=0.5, random_state=seed),
    "breast cancer, covariate shift": lambda seed: make_covariate_shift("breast_cancer", 4, random_state=seed),
    "digits, missing classes": lambda seed: make_missing_classes("digits", 5, n_missing=2, random_state=seed),
}


def one_run(
    scenario: str, learners: str, seed: int, focus: str, generator: str, least_lift: float | None
) -> pd.DataFrame:
    """One cooperation; empty where the seed gives a participant a single class."""
    agent.LEAST_LIFT = least_lift  # type: ignore[assignment]  # an option of this comparison alone
    try:
        cohorts = SCENARIOS[scenario](seed)
    except InputError:
        return pd.DataFrame()
    kinds = LEARNERS[learners]
    participants = []
    for i, (name, (X, y)) in enumerate(cohorts.train.items()):
        kind, parameters = kinds[(i + seed) % len(kinds)]
        participants.append(Participant(name, make_learner(kind, infer_feature_space(X), parameters), X, y))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the learners: columns without a value, steps at the limit
        cooperation = CooperativeDistillation(focus=focus, generator=GENERATORS[generator], random_state=seed)
        table = cooperation.fit(participants).evaluate(*cohorts.test, metric="accuracy")
    sent = len(cooperation.virtual_instances_) / len(participants)
    return table.assign(scenario=scenario, seed=seed, sent=sent, gain=100 * (table["after"] - table["before"]))


def main() -> None:
    """Print a line for each combination of options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--focus", nargs="+", default=["all"])
    parser.add_argument("--generator", nargs="+", default=["auto"], choices=GENERATORS)
    parser.add_argument("--least-lift", nargs="+", default=["0.1"], help="numbers, or none")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=-1)
    options = parser.parse_args()
    for focus, generator, lift in itertools.product(options.focus, options.generator, options.least_lift):
        started = time.perf_counter()
        runs = pd.concat(
            Parallel(n_jobs=options.jobs)(
                delayed(one_run)(scenario, learners, seed, focus, generator, None if lift == "none" else float(lift))
                for scenario in SCENARIOS
                for learners in LEARNERS
                for seed in range(options.seeds)
            )
        )
        by_scenario = runs.groupby("scenario")["gain"].mean()
        print(
            f"focus={focus} generator={generator} least_lift={lift}: gain {by_scenario.mean():+.1f}, harmed "
            f"{100 * (runs['gain'] < -1).mean():.0f} %, worst {runs['gain'].min():+.1f}, "
            f"{runs['sent'].mean():.0f} sent a student, {time.perf_counter() - started:.0f} s;",
            ", ".join(f"{name} {gain:+.1f}" for name, gain in by_scenario.items()),
            flush=True,
        )


if __name__ == "__main__":
    main()
