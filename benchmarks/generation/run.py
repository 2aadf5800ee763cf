"""The whole benchmark: every teacher, every method, one machine, one run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread for everybody, as the searches of the peers have
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from cases import make_case
from cells import run_cell
from growth import measure_growth
from page import goals, page
from tables import TABLES
from teachers import TEACHERS

from coopdistill.counterfactuals import generator_names

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks" / "generation.md"
LIBRARIES = ("coopdistill", "numpy", "pandas", "scikit-learn", "torch", "skorch", "xgboost", "lightgbm")
PEERS = ("dice-ml", "treecf", "pyswarms")


def main() -> None:
    options = _options()
    _let_torch_use_one_thread()
    RESULTS.mkdir(parents=True, exist_ok=True)
    os.chdir(RESULTS)  # pyswarms writes a log where it stands
    began = time.perf_counter()
    cells: list[dict[str, Any]] = []
    for dataset in options.datasets:
        rows = TABLES[dataset]()
        teachers = ["torch network"] if rows.is_image else list(TEACHERS)
        for teacher in teachers:
            _say(f"{dataset}, {teacher}")
            case = make_case(rows, teacher, options.rows)
            cells += run_cell(case, options.peer_rows, options.limit, _say)
            _save(options.name, {"cells": cells})
    growth = []
    if options.sizes:
        _say("growth")
        growth = measure_growth(list(generator_names()), options.sizes, options.growth_limit)
    run = {
        "cells": cells,
        "growth": growth,
        "machine": _machine(),
        "versions": {"Python": platform.python_version(), **{name: version(name) for name in (*LIBRARIES, *PEERS)}},
        "command": "make bench-generation" + (" BENCHARGS='" + " ".join(sys.argv[1:]) + "'" if sys.argv[1:] else ""),
        "seeds": "0 for teachers, the choice of rows and our generators; the position of the row for the peers",
        "seconds": time.perf_counter() - began,
        "load": os.getloadavg()[2],
    }
    _save(options.name, run)
    Path(options.page).write_text(page(run), encoding="utf-8")
    print(goals(cells, growth))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about ten minutes on two cores")
    parser.add_argument("--datasets", nargs="+", default=list(TABLES), choices=list(TABLES))
    parser.add_argument("--rows", type=int, help="rows that our generators work on")
    parser.add_argument("--peer-rows", type=int, help="rows that a peer works on at the most")
    parser.add_argument("--limit", type=float, help="seconds that a peer has for a teacher")
    parser.add_argument("--sizes", type=int, nargs="*", help="numbers of rows for the growth")
    parser.add_argument("--growth-limit", type=float, help="seconds that one size may be expected to take")
    parser.add_argument("--page", default=str(PAGE), help="where the page goes")
    parser.add_argument("--name", default="generation", help="of the files in benchmarks/results")
    options = parser.parse_args()
    quick = options.quick
    for name, in_quick, in_full in (
        ("rows", 200, 500),
        ("peer_rows", 3, 10),
        ("limit", 8.0, 60.0),
        ("sizes", [1000, 10_000, 100_000], [1000, 10_000, 100_000, 1_000_000]),
        ("growth_limit", 30.0, 900.0),
    ):
        if getattr(options, name) is None:
            setattr(options, name, in_quick if quick else in_full)
    return options


def _let_torch_use_one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{os.cpu_count()} cores of {model}, {pages / 2**30:.0f} GiB, {platform.system()}; one thread a method"


def _save(name: str, run: dict[str, Any]) -> None:
    import pandas as pd

    (RESULTS / f"{name}.json").write_text(json.dumps(run, indent=1), encoding="utf-8")
    pd.DataFrame(run["cells"]).drop(columns="features_by_row", errors="ignore").to_csv(
        RESULTS / f"{name}.csv", index=False
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
