"""What all agents of a cooperation agree on."""

from __future__ import annotations

from dataclasses import dataclass

from coopdistill.counterfactuals import Generator

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """What all agents of a cooperation agree on.

    Parameters
    ----------
    alpha : float
    tolerance : float or None
        In regression, up to which error a prediction counts as right; None: each one's median error.
    focus : str
        ``"wrong"``, ``"unsure"`` or ``"all"``.
    instances_from : str
        ``"teacher"``, ``"student"`` or ``"everyone"``.
    qualification : str
        ``"instance"`` or ``"row"``.
    expertise : str
        ``"out-of-fold"`` or ``"in-sample"``.
    generator : str or Generator
    acceptance : str
    seed : int
        The run's.
    """

    alpha: float
    tolerance: float | None
    focus: str
    instances_from: str
    qualification: str
    expertise: str
    generator: str | Generator
    acceptance: str
    seed: int
