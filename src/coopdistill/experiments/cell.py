"""The smallest piece of an experiment that is run, kept and taken up again: one method on one trial."""

from __future__ import annotations

import hashlib
import time
import warnings
from dataclasses import asdict, dataclass
from typing import Any

from coopdistill.baselines import InapplicableError
from coopdistill.experiments.experiment import Setting
from coopdistill.experiments.fitted_trial import fitted_trial
from coopdistill.experiments.method import METRIC, Method, Outcome, Verdict
from coopdistill.experiments.surroundings import surroundings
from coopdistill.experiments.trial import Trial
from coopdistill.one_thread import one_thread

__all__ = ["Cell", "run_cell"]


@dataclass(frozen=True)
class Cell:
    """One method on one trial.

    Parameters
    ----------
    experiment : int or str
        The number, or what stands for one.
    setting : Setting
    method : Method
    seed : int
    """

    experiment: int | str
    setting: Setting
    method: Method
    seed: int

    @property
    def key(self) -> str:
        """A name for its file: readable, and another where the method's options or our version are others."""
        version = surroundings()["coopdistill"]
        about = (repr(self.experiment), repr(self.setting.name), self.method.identity, repr(self.seed), repr(version))
        described = f"({', '.join(about)})"
        digest = hashlib.blake2b(described.encode(), digest_size=6).hexdigest()
        words = f"{self.experiment}-{self.setting.name}-{self.method.name}-{self.seed}"
        return "".join(letter if letter.isalnum() else "-" for letter in words) + f"-{digest}"

    def __str__(self) -> str:
        experiment = f"experiment {self.experiment}" if isinstance(self.experiment, int) else self.experiment
        return f"{experiment}, {self.setting.name}: {self.method.name}, seed {self.seed}"


def run_cell(cell: Cell) -> dict[str, Any]:
    """Run a method on a trial; what goes wrong there is a result, too.

    All methods of a trial start from the same models, which are fitted once and not counted among a method's seconds.
    Numerical libraries get one thread, so that the result does not depend on how many cells run at once.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    dict
        ``rows``, one a participant: experiment, setting, method, seed, participant, metric, score, status, reason,
        seconds, and what it was run on; ``transfers``; and ``picture``, on the first seed.

    Raises
    ------
    InputError
        If the trial cannot be made, for instance because its data are absent.
    """
    trial = fitted_trial(cell.setting.make, cell.seed)
    with one_thread(), warnings.catch_warnings():
        # Learners on a few rows say much about convergence and classes that a fold lacks.
        warnings.simplefilter("ignore")
        began = time.perf_counter()
        outcome = _outcome(cell, trial)
        seconds = time.perf_counter() - began
    named = {
        "experiment": cell.experiment,
        "setting": cell.setting.name,
        "method": cell.method.name,
        "seed": cell.seed,
    }
    rows = [
        {**named, "metric": METRIC, **asdict(verdict), "seconds": round(seconds, 3), **surroundings()}
        for verdict in outcome.verdicts
    ]
    transfers = [{**named, **transfer} for transfer in outcome.transfers]
    return {"rows": rows, "transfers": transfers, "picture": outcome.picture}


def _outcome(cell: Cell, trial: Trial) -> Outcome:
    try:
        return cell.method.apply(trial, cell.seed)
    except InapplicableError as error:
        status, reason = "inapplicable", str(error)
    except Exception as error:  # one method that fails must not cost the results of all others
        status, reason = "failed", f"{type(error).__name__}: {error}"
    return Outcome(tuple(Verdict(one.name, None, status, reason) for one in trial.participants))
