"""Every learner teaches every other: the tables in docs/interoperability.md.

Run it with ``make matrix``, or ``python benchmarks/interoperability.py --out FILE``.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as many cooperations at once as there are cores
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed
from learner_cast import CAST
from learner_pairs import RECIPES, Pair, pairs_of
from results_of_page import put_results

PACKAGES = ("coopdistill", "scikit-learn", "xgboost", "lightgbm", "catboost", "torch", "skorch", "onnxruntime")


def main() -> None:
    """Run all pairs, print the tables and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--out", type=Path, help="Markdown file to write the tables to")
    options = parser.parse_args()
    began = time.perf_counter()
    parts = Parallel(n_jobs=options.jobs)(delayed(one_recipe)(recipe) for recipe in RECIPES)
    pairs = [pair for part in parts for pair in part]
    sections = [section(recipe, [pair for pair in pairs if pair.recipe == recipe]) for recipe in RECIPES]
    text = "\n\n".join([overview(pairs), *sections, reasons(pairs), footnote(began)])
    print(text)
    if options.out:
        put_results(options.out, text)


def one_recipe(recipe: str) -> list[Pair]:
    """All pairs on one table."""
    pairs = []
    for pair in pairs_of(RECIPES[recipe]):
        pairs.append(pair)
        print(
            recipe, pair.teacher, pair.student, f"{pair.gain:+.1f}", pair.reason, sep="\t", file=sys.stderr, flush=True
        )
    return pairs


def overview(pairs: list[Pair]) -> str:
    """What each learner gains as a student, and gives as a teacher."""
    runs = pd.DataFrame([vars(pair) | {"gain": pair.gain} for pair in pairs if not pair.reason])
    lines = []
    for entry in CAST:
        line = [entry.name]
        for role in ("student", "teacher"):
            of_role = runs[runs[role] == entry.name]
            line += summary(of_role) if len(of_role) else ["–"] * 3
        lines.append([*line, f"{runs.loc[runs['teacher'] == entry.name, 'seconds'].median():.2f}"])
    lines.append(["**all**", *summary(runs), *["–"] * 3, f"{runs['seconds'].median():.2f}"])
    header = ["learner", "gain as student", "harmed", "worst", "gain as teacher", "harms", "worst", "seconds"]
    return table(header, lines)


def summary(runs: pd.DataFrame) -> list[str]:
    """Mean gain, share of lessons that cost more than a point, and the worst of them."""
    gain = runs["gain"]
    return [f"{gain.mean():+.1f}", f"{100 * (gain < -1).mean():.0f} %", f"{gain.min():+.1f}"]


def section(recipe: str, pairs: list[Pair]) -> str:
    """The matrix of one table: a line for each student, a column for each teacher."""
    by_names = {(pair.teacher, pair.student): pair for pair in pairs}
    students = [entry.name for entry in CAST if not entry.only_teaches]
    numbers = {entry.name: number for number, entry in enumerate(CAST, 1)}
    lines = []
    for student in students:
        row = [by_names[entry.name, student] for entry in CAST]
        before = next((f"{100 * pair.before:.0f}" for pair in row if not pair.reason), "–")
        lines.append([f"{numbers[student]} {student}", before, *map(cell, row)])
    metric = RECIPES[recipe].metric.replace("_", " ")
    header = ["student", "before", *(f"{numbers[entry.name]}" for entry in CAST)]
    return f"## {recipe[0].upper()}{recipe[1:]}\n\nBefore: {metric} in per cent.\n\n" + table(header, lines)


def cell(pair: Pair) -> str:
    """Gain in points and seconds, or why there is none."""
    if pair.reason:
        return "–"
    return f"{pair.gain:+.0f} ({pair.seconds:.1f} s)" if pair.n_kept else f"nothing ({pair.seconds:.1f} s)"


def reasons(pairs: list[Pair]) -> str:
    """Why some pairs cannot be."""
    found: dict[str, set[str]] = {}
    for pair in pairs:
        if pair.reason:
            found.setdefault(pair.reason, set()).add(f"{pair.teacher} → {pair.student} ({pair.recipe})")
    lines = [f"- {reason}: {len(who)} pairs, such as {min(who)}." for reason, who in sorted(found.items())]
    return "\n".join(["## Pairs that cannot be", "", *(lines or ["None."])])


def table(header: list[str], lines: list[list[str]]) -> str:
    """Lines as a Markdown table."""
    rule = ["---", *(["---:"] * (len(header) - 1))]
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, rule, *lines])


def footnote(began: float) -> str:
    """What was run, on what."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES if name == "coopdistill" or _installed(name))
    return (
        f"{time.perf_counter() - began:.0f} s on {cpu_count()} cores; Python {platform.python_version()}, {versions}, "
        f"numpy {np.__version__}."
    )


def _installed(name: str) -> bool:
    try:
        version(name)
    except ModuleNotFoundError:
        return False
    return True


if __name__ == "__main__":
    main()
