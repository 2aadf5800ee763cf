"""How time and memory grow with the rows, each size in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["measure_growth"]

N_FEATURES = 50
_FITTED_ON = 2000


def measure_growth(generators: list[str], sizes: list[int], limit: float) -> list[dict[str, Any]]:
    """Measure each generator at each size; a size that would take longer than the limit is left out, and says so."""
    measured = []
    for generator in generators:
        last: dict[str, Any] | None = None
        for n in sizes:
            expected = 0.0 if last is None else last["seconds"] * n / last["rows"]
            if expected > limit:
                measured.append({"generator": generator, "rows": n, "note": f"left out: about {expected:.0f} s"})
                continue
            row = _in_own_process(generator, n, 3 * limit)
            measured.append(row)
            last = row if "seconds" in row else last
    return measured


def _in_own_process(generator: str, n: int, limit: float) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).resolve()), generator, str(n)]
    about = {"generator": generator, "rows": n}
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return {**about, "note": f"not within {limit:.0f} s"}
    if ran.returncode:
        return {**about, "note": (ran.stderr.strip().splitlines() or ["it died"])[-1]}
    return {**about, **json.loads(ran.stdout.strip().splitlines()[-1])}


def _measure(generator: str, n: int) -> dict[str, Any]:
    from coopdistill import generate_counterfactuals

    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, N_FEATURES))
    weights = rng.normal(size=N_FEATURES) / 4
    y = (X @ weights + rng.logistic(size=n) > 0).astype(int)
    few = min(n, _FITTED_ON)
    teacher = _teacher(generator).fit(X[:few], y[:few])
    generate_counterfactuals(teacher, X[:50], y[:50], generator=generator, random_state=0)  # what is imported late
    began = time.perf_counter()
    teacher.predict_proba(X)
    teacher_seconds = time.perf_counter() - began
    held = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    began = time.perf_counter()
    batch = generate_counterfactuals(teacher, X, y, generator=generator, random_state=0)
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "mebibytes": (_memory("VmHWM") - held) / 1024,
        "input_mebibytes": X.nbytes / 2**20,
        "reached": float((batch.status == "reached").mean()),
        "teacher_seconds": teacher_seconds,
    }


def _teacher(generator: str) -> Any:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    if generator == "trees":
        return RandomForestClassifier(20, max_depth=8, random_state=0)
    return LogisticRegression(max_iter=1000)


def _memory(field: str) -> int:
    """Kibibytes, as Linux counts them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))
