"""The interface of all generators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from coopdistill.counterfactuals.problem import Problem, Proposal

__all__ = ["Generator"]


class Generator(ABC):
    """Finds, for each row, a near point on which the teacher is as sure of the class as the target asks.

    A generator keeps the constraints by construction: values within ranges, integers whole, categories known,
    immutable features and missing values untouched. It works alone, on one teacher and some rows.

    Attributes
    ----------
    name : str
        By which ``generator=`` asks for it.
    finds_several : bool
        Whether it finds another point for each `way` of a problem.
    only_surer : bool
        Whether a point counts only where the teacher is surer of it than of the row.
    """

    name: ClassVar[str]
    finds_several: ClassVar[bool] = False
    only_surer: ClassVar[bool] = True

    @abstractmethod
    def refusal(self, problem: Problem) -> str | None:
        """Say why it cannot work on a problem, None if it can."""

    @abstractmethod
    def propose(self, problem: Problem) -> Proposal:
        """Return the best point found for each row.

        Parameters
        ----------
        problem : Problem
            All rows are worked on together; each round of questions is one call of the teacher.

        Returns
        -------
        Proposal
        """
