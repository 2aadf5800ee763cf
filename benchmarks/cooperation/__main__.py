"""Measures cooperation on many kinds of trouble, and writes a page: docs/benchmarks/cooperation.md is one.

``make bench-cooperation``, or from the folder above ``python -m cooperation --quick``. What was measured with the
present code is not measured again, so that an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shlex
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # processes are what runs side by side
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pandas as pd
from joblib import Parallel, delayed

from cooperation.casts import CASTS
from cooperation.cells import Cell, measure
from cooperation.figure import draw_curve
from cooperation.measures import of_labels, renewed
from cooperation.methods import CURVE, IN_QUICK, USUAL, Method, method_of
from cooperation.page import INTRODUCTION, RESULTS, page
from cooperation.scenarios import PARTS, SCENARIOS
from cooperation.store import Store
from cooperation.variants import VARIANTS

FOLDER = Path(__file__).resolve().parents[1] / "results"


def main() -> None:
    """Measure what is lacking, then write tables and figure."""
    options = _options()
    methods = [method_of(text, VARIANTS) for text in _methods(options)]
    cells = _cells(options, methods)
    store = Store(options.store, kept=options.keep, variants=VARIANTS)
    began = time.perf_counter()
    run(cells, store, options.jobs)
    rows = pd.DataFrame([row for cell in cells for row in store.read(cell) or ()])
    _say(f"{len(cells)} cells, {time.perf_counter() - began:.0f} s")
    if options.beside is not None:
        rows = renewed(pd.read_csv(options.beside).fillna({"reason": ""}), rows)
    options.csv.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(options.csv, index=False)
    _write_page(rows, options.page)
    _say(f"rows: {options.csv}; page: {options.page}")


def _write_page(rows: pd.DataFrame, path: Path) -> None:
    figure = path.with_suffix(".svg")
    if importlib.util.find_spec("matplotlib") is None:
        _say("no figure: install matplotlib")
        drawn = None
    elif of_labels(rows).empty:
        drawn = None
    else:
        draw_curve(rows, figure)
        drawn = figure.name
    command = shlex.join(["python", "-m", "cooperation", *sys.argv[1:]])
    head = path.read_text(encoding="utf-8").partition(RESULTS)[0].rstrip() if path.exists() else INTRODUCTION
    path.write_text(page(rows, command=command, machine=_machine(), figure=drawn, head=head), encoding="utf-8")


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("coopdistill", "scikit-learn", "numpy", "pandas"))
    return f"{os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, {packages}."


def run(cells: Sequence[Cell], store: Store, n_jobs: int) -> None:
    """Measure the cells that a store lacks, each written there as soon as it is done."""
    lacking = store.lacking(cells)
    began = time.perf_counter()
    finished = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(delayed(_into)(store, one) for one in lacking)
    for done, cell in enumerate(finished, start=1):
        left = (time.perf_counter() - began) / done * (len(lacking) - done)
        _say(f"{done}/{len(lacking)}, {left:.0f} s left: {cell}")


def _into(store: Store, cell: Cell) -> Cell:
    store.write(cell, measure(cell))
    return cell


def _cells(options: argparse.Namespace, methods: Sequence[Method]) -> list[Cell]:
    parts = PARTS if options.part == "both" else (options.part,)
    scenarios = options.scenarios or [one.name for part in parts for one in PARTS[part]]
    if options.quick:
        scenarios = [name for name in scenarios if SCENARIOS[name].quick]
    return [
        Cell(scenario, cast, seed, method)
        for seed in range(options.first_seed, options.first_seed + options.seeds)
        for scenario in scenarios
        for cast in options.casts
        for method in methods
    ]


def _methods(options: argparse.Namespace) -> list[str]:
    usual = IN_QUICK if options.quick else USUAL
    named = options.methods or [*usual, *(() if options.quick else CURVE)]
    return list(dict.fromkeys([*named, *options.also]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cooperation", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer scenarios, methods and seeds: less than 5 minutes")
    parser.add_argument("--part", choices=[*PARTS, "both"], default="report", help="tune only to choose options")
    parser.add_argument("--seeds", type=int, help="how many; default 10, with --quick 1")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--casts", nargs="+", choices=CASTS, default=list(CASTS))
    parser.add_argument("--scenarios", nargs="+", choices=list(SCENARIOS), metavar="NAME", help="default: all of it")
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME", help="names, variants, or options such as focus=wrong,alpha=0.9"
    )
    parser.add_argument("--also", nargs="+", default=[], metavar="NAME", help="methods beside the usual ones")
    parser.add_argument(
        "--keep", nargs="+", default=[], metavar="NAME", help="methods not to be measured again though code changed"
    )
    parser.add_argument("--beside", type=Path, help="rows of other methods, a CSV file that was written before")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", type=Path, default=FOLDER / "cooperation")
    parser.add_argument("--csv", type=Path, default=FOLDER / "cooperation.csv")
    parser.add_argument(
        "--page", type=Path, default=FOLDER / "cooperation.md", help="Markdown file; its figure goes beside it"
    )
    options = parser.parse_args()
    if options.seeds is None:
        options.seeds = 1 if options.quick else 10
    return options


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
