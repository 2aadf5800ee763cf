"""Whether a student keeps what it was taught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coopdistill.exceptions import OptionError, nearest_name
from coopdistill.expertise import OwnRows, answer_out_of_fold, default_metric, score
from coopdistill.learners import Model

__all__ = ["POLICIES", "Decision", "check_acceptance", "decide"]


@dataclass(frozen=True)
class Decision:
    """Whether a lesson is accepted, and why.

    Parameters
    ----------
    accepted : bool
    reason : str
    """

    accepted: bool
    reason: str


def _always(*_: object) -> Decision:
    """Accept, as the paper does."""
    return Decision(True, "every lesson is accepted")


def _own_validation(model: Model, before: OwnRows, after: OwnRows, seed: int) -> Decision:
    """Accept unless the student's own cross-validated score falls.

    Cautious: a student's own rows cannot show what it lacks.
    """
    metric = default_metric(before.y, model.task)
    scores = [score(rows.y, answer_out_of_fold(model, rows, seed=seed).predicted, metric) for rows in (before, after)]
    accepted = scores[1] >= scores[0]
    return Decision(accepted, f"own cross-validated {metric.replace('_', ' ')} {scores[0]:.3f} → {scores[1]:.3f}")


POLICIES: dict[str, Callable[[Model, OwnRows, OwnRows, int], Decision]] = {
    "auto": _always,
    "always": _always,
    "own-validation": _own_validation,
}


def check_acceptance(acceptance: object) -> None:
    """Refuse an unknown policy.

    Raises
    ------
    OptionError
        Naming the nearest.
    """
    if acceptance not in POLICIES:
        raise OptionError(f"unknown acceptance={acceptance!r}{nearest_name(acceptance, POLICIES)}")


def decide(acceptance: str, model: Model, before: OwnRows, after: OwnRows, *, seed: int) -> Decision:
    """Decide for one student.

    Parameters
    ----------
    acceptance : str
        One of `POLICIES`.
    model : Model
        The student's; refitted where the policy needs it.
    before, after : OwnRows
        Its rows without and with what it was just taught.
    seed : int

    Returns
    -------
    Decision
    """
    return POLICIES[acceptance](model, before, after, seed)
