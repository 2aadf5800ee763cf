"""How the gain falls as two markets of used cars share ever fewer columns: the table in docs/benchmarks/overlap.md.

Run it with ``python benchmarks/overlap.py --out docs/benchmarks/overlap.md``.
"""

from __future__ import annotations

import argparse
import platform
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from joblib import Parallel, cpu_count, delayed

from coopdistill import CooperativeDistillation
from coopdistill.experiments.used_cars import SHARED, make_markets

NETWORK = ("mlp", {"hidden_layer_sizes": (64,), "max_iter": 30})
MARK = "<!-- results -->"


def main() -> None:
    """Run all overlaps and seeds, print the table and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--out", type=Path, help="Markdown file to write the table to")
    options = parser.parse_args()
    began = time.perf_counter()
    tasks = [(n, seed, options.rows) for n in range(len(SHARED), 0, -1) for seed in range(options.seeds)]
    runs = pd.concat(Parallel(n_jobs=options.jobs)(delayed(one_run)(*task) for task in tasks))
    slope = runs["gain"].corr(runs["shared"])
    text = "\n\n".join(
        [
            table(runs),
            f"Correlation of gain and number of shared columns over all {len(runs)} models: {slope:+.2f}.",
            f"{options.rows} cars a market, seeds 0 to {options.seeds - 1}; {time.perf_counter() - began:.0f} s on "
            f"{cpu_count()} cores; Python {platform.python_version()}, coopdistill {version('coopdistill')}, "
            f"scikit-learn {version('scikit-learn')}.",
        ]
    )
    print(text)
    if options.out:
        head, _, _ = options.out.read_text(encoding="utf-8").partition(MARK)
        options.out.write_text(f"{head}{MARK}\n\n{text}\n", encoding="utf-8")


def one_run(n_shared: int, seed: int, n_rows: int) -> pd.DataFrame:
    """One cooperation of two markets that share so many columns."""
    trial = make_markets(seed, learners={"auction": NETWORK, "craigslist": NETWORK}, n_shared=n_shared, n_rows=n_rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the networks: so few epochs end before they converge
        cooperation = CooperativeDistillation(random_state=seed).fit(list(trial.participants))
        scores = cooperation.evaluate(trial.X_test, trial.y_test, metric="accuracy")
    gain = 100 * (scores["after"] - scores["before"])
    return scores.assign(shared=n_shared, seed=seed, gain=gain, sent=len(cooperation.virtual_instances_) / 2)


def table(runs: pd.DataFrame) -> str:
    """A line for each number of shared columns."""
    header = ["shared columns", "before", "after", "gain", "auction", "craigslist", "harmed", "worst", "instances"]
    lines = []
    for n, some in runs.groupby("shared", sort=False):
        by_seed = some.groupby("seed")["gain"].mean()
        by_market = some.groupby("participant")["gain"].mean()
        lines.append(
            [
                f"{n} of {len(SHARED)}",
                f"{100 * some['before'].mean():.1f}",
                f"{100 * some['after'].mean():.1f}",
                f"{by_seed.mean():+.1f} ± {by_seed.std():.1f}",
                *(f"{by_market[market]:+.1f}" for market in ("auction", "craigslist")),
                f"{100 * (some['gain'] < -1).mean():.0f} %",
                f"{some['gain'].min():+.1f}",
                f"{some['sent'].mean():.0f}",
            ]
        )
    rule = ["---", *(["---:"] * (len(header) - 1))]
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, rule, *lines])


if __name__ == "__main__":
    main()
