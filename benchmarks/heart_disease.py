"""Long Beach, Switzerland and Hungary cooperate, tested on Cleveland: the table in docs/benchmarks/heart-disease.md.

Run it with ``make bench``, or ``python benchmarks/heart_disease.py --seeds 10 --jobs 2 --out FILE``.
"""

from __future__ import annotations

import argparse
import platform
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed
from results_of_page import put_results

from coopdistill import CooperativeDistillation, Participant, infer_feature_space
from coopdistill.baselines import Average, Pooled, RawRows
from coopdistill.datasets import load_heart_disease
from coopdistill.evaluation import compare
from coopdistill.learners import make_learner

HOSPITALS = ("va", "switzerland", "hungarian")
SETTINGS = {
    "logistic regression": ("logistic-regression",) * 3,
    "random forest": ("random-forest",) * 3,
    "MLP": ("mlp",) * 3,
    "one of each": ("logistic-regression", "random-forest", "mlp"),
}
OTHERS = ("together", "pooled", "average", "raw-rows")


def main() -> None:
    """Run all settings and seeds, print the table and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--out", type=Path, help="Markdown file to write the tables to")
    options = parser.parse_args()
    started = time.perf_counter()
    runs = Parallel(n_jobs=options.jobs)(
        delayed(one_run)(setting, seed) for setting in SETTINGS for seed in range(options.seeds)
    )
    text = "\n\n".join([by_setting(pd.concat(runs)), by_hospital(pd.concat(runs)), footnote(options.seeds, started)])
    print(text)
    if options.out:
        put_results(options.out, text)


def one_run(setting: str, seed: int) -> pd.DataFrame:
    """One cooperation by default options; with mixed learners, each seed gives them to other hospitals."""
    tables = load_heart_disease()
    learners = np.roll(SETTINGS[setting], seed)
    participants = [
        Participant(name, make_learner(learner, infer_feature_space(tables[name].X)), *tables[name])
        for name, learner in zip(HOSPITALS, learners, strict=True)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the learners: hospitals lack values in whole columns
        cooperation = CooperativeDistillation(random_state=seed).fit(participants)
        baselines = [Pooled(seed), Average(seed), RawRows(seed)]
        table = compare(cooperation, participants, *tables["cleveland"], baselines=baselines)
    return table.assign(setting=setting, seed=seed, sent=len(cooperation.virtual_instances_))


def gains(runs: pd.DataFrame, column: str) -> pd.Series:
    """Points of accuracy over the model before."""
    return 100 * (runs[column] - runs["before"])


def summary(runs: pd.DataFrame) -> dict[str, str]:
    """One line of a table."""
    gain = gains(runs, "after")
    by_seed = gain.groupby(runs["seed"]).mean()
    line = {
        "before": f"{100 * runs['before'].mean():.1f}",
        "after": f"{100 * runs['after'].mean():.1f}",
        "gain": f"{gain.mean():+.1f} ± {by_seed.std():.1f}",
        "harmed": f"{100 * (gain < -1).mean():.0f} %",
        "worst": f"{gain.min():+.1f}",
    }
    for bound in OTHERS:
        other = gains(runs, bound)
        line[bound] = f"{other.mean():+.1f} ({100 * (other < -1).mean():.0f} %)"
    return line


def markdown(lines: dict[str, dict[str, str]], first: str) -> str:
    """Lines as a Markdown table."""
    table = pd.DataFrame.from_dict(lines, orient="index")
    header = f"| {first} | " + " | ".join(table.columns) + " |"
    rule = "| --- |" + " ---: |" * len(table.columns)
    rows = [f"| {name} | " + " | ".join(row) + " |" for name, row in zip(table.index, table.to_numpy(), strict=True)]
    return "\n".join([header, rule, *rows])


def by_setting(runs: pd.DataFrame) -> str:
    """A line for each setting and one for all."""
    lines = {setting: summary(runs[runs["setting"] == setting]) for setting in SETTINGS}
    return markdown(lines | {"**all**": summary(runs)}, "learners")


def by_hospital(runs: pd.DataFrame) -> str:
    """A line for each hospital."""
    return markdown({name: summary(runs[runs["participant"] == name]) for name in HOSPITALS}, "hospital")


def footnote(n_seeds: int, started: float) -> str:
    """What was run, on what."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("coopdistill", "scikit-learn", "numpy", "pandas"))
    return (
        f"Seeds 0 to {n_seeds - 1}; {time.perf_counter() - started:.0f} s on {cpu_count()} cores; "
        f"Python {platform.python_version()}, {packages}."
    )


if __name__ == "__main__":
    main()
