"""What all agents of a cooperation agree on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coopdistill.cooperation.acceptance import check_acceptance
from coopdistill.counterfactuals import Generator, check_alpha, check_generator
from coopdistill.exceptions import OptionError, nearest_name
from coopdistill.expertise import FOCUSES, QUALIFICATIONS
from coopdistill.options import check_whole

__all__ = ["Settings", "check_settings"]

_CHOICES = {
    "focus": FOCUSES,
    "qualification": QUALIFICATIONS,
    "instances_from": ("teacher", "student", "everyone"),
    "expertise": ("out-of-fold", "in-sample"),
    "imputation": ("hot-deck", "fill"),
}


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
    instances_per_row : int or None
        At the most; None: what does best for the task.
    imputation : str
        ``"hot-deck"`` or ``"fill"``.
    acceptance : str
    seed : int
        The run's.
    common_rows : bool, default=False
        Whether participants may have rows in common, as members of an ensemble have. What others' rows say of a model
        may then be its memory.
    """

    alpha: float
    tolerance: float | None
    focus: str
    instances_from: str
    qualification: str
    expertise: str
    generator: str | Generator
    instances_per_row: int | None
    imputation: str
    acceptance: str
    seed: int
    common_rows: bool = False

    @property
    def asks_own_rows(self) -> bool:
        """Whether it always counts what a participant is right about on its own rows, whatever others' rows say."""
        by_row = self.focus != "all" or self.qualification == "row" or self.instances_from == "everyone"
        return by_row or not self.hears_others

    @property
    def hears_others(self) -> bool:
        """Whether others' rows are asked about a model; in-sample expertise, as published, is its own word."""
        return self.expertise != "in-sample" and not self.common_rows


def check_settings(settings: Settings) -> None:
    """Refuse options that nobody knows.

    Raises
    ------
    OptionError
        Naming the parameter, its value, and what is allowed.
    """
    check_alpha(settings.alpha)
    check_generator(settings.generator)
    if settings.instances_per_row is not None:
        check_whole("instances_per_row", settings.instances_per_row, least=1)
    check_acceptance(settings.acceptance)
    for parameter, allowed in _CHOICES.items():
        value = getattr(settings, parameter)
        if value not in allowed:
            raise OptionError(f"unknown {parameter}={value!r}{nearest_name(value, allowed)}")
    tolerance: object = settings.tolerance
    if tolerance is not None and (not isinstance(tolerance, int | float | np.number) or not tolerance > 0):
        raise OptionError(f"tolerance={tolerance!r} must be None or a positive number, in the unit of y")
