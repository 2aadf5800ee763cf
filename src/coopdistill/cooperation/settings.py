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
