"""The smallest piece that is measured and kept: one method on one scenario, with one cast and seed."""

from __future__ import annotations

import time
import traceback
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines import Untaught
from coopdistill.expertise import score
from coopdistill.one_thread import one_thread
from cooperation.methods import Method, predictions
from cooperation.paired import error_of_difference
from cooperation.rows import is_honest
from cooperation.scenarios import SCENARIOS


@dataclass(frozen=True)
class Cell:
    """What is to be measured.

    Parameters
    ----------
    scenario : str
    cast : {"same", "mixed"}
    seed : int
    method : Method
    """

    scenario: str
    cast: str
    seed: int
    method: Method

    def __str__(self) -> str:
        return f"{self.scenario}, {self.cast} learners, seed {self.seed}: {self.method.name}"


def measure(cell: Cell) -> list[dict[str, Any]]:
    """Teach, and compare every student with itself before.

    Everyone is fitted in each cell once more before the method begins: so both times are measured at the same load.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    list of dict
        One a participant: scenario, cast, seed, method, participant, honest, metric, n_test, before and after (None
        where the method does not apply; the reason says why), error (standard error of their difference),
        instances, rows and qualified (of all together), seconds, and seconds_of_fitting.
    """
    scenario = SCENARIOS[cell.scenario]
    trial = scenario.make(cell.cast, cell.seed)
    with one_thread(), warnings.catch_warnings():
        # Learners on a few rows say much about convergence and classes that a fold lacks.
        warnings.simplefilter("ignore")
        began = time.perf_counter()
        before = predictions(Untaught(cell.seed), trial.participants, trial.X_test)
        fitted = time.perf_counter()
        try:
            after = cell.method.teach(trial.participants, trial.X_test, cell.seed)
        except Exception as error:
            raise RuntimeError(f"{cell}: {traceback.format_exc(limit=-3)}") from error
        ended = time.perf_counter()
    truth = np.asarray(trial.y_test)
    common = {
        "scenario": cell.scenario,
        "difficulty": scenario.difficulty,
        "cast": cell.cast,
        "seed": cell.seed,
        "method": cell.method.name,
        "metric": scenario.metric,
        "n_test": len(truth),
        "instances": after.n_instances,
        "rows": after.n_rows,
        "qualified": after.n_qualified,
        "seconds": round(ended - fitted, 4),
        "seconds_of_fitting": round(fitted - began, 4),
    }
    return [
        {
            **common,
            "participant": one.name,
            "honest": is_honest(one.name),
            "n_own": len(one.y),
            "learner": type(one.estimator[-1]).__name__,
            "reason": after.missing.get(one.name, ""),
            **_compared(truth, before.predicted[one.name], after.predicted.get(one.name), scenario.metric),
        }
        for one in trial.participants
    ]


def _compared(
    truth: NDArray[Any], before: NDArray[Any], after: NDArray[Any] | None, metric: str
) -> dict[str, float | None]:
    was = score(truth, before, metric)
    if after is None:
        return {"before": was, "after": None, "error": None}
    return {
        "before": was,
        "after": score(truth, after, metric),
        "error": error_of_difference(truth, before, after, metric),
    }
