"""What an agent is and knows, whatever it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.consortium import parts_of
from coopdistill.cooperation.settings import Settings
from coopdistill.cooperation.visits import Visit
from coopdistill.exceptions import RunError
from coopdistill.expertise import Answers, OwnRows, Testimony, answers_of
from coopdistill.learners import Model, with_new_categories
from coopdistill.participants import Participant, prepare
from coopdistill.schema import FeatureSpace

__all__ = ["Resident"]


@dataclass(frozen=True, eq=False)
class Resident:
    """Whoever lives where the rows are: an agent before it is a host, a teacher and a student.

    Parameters
    ----------
    settings : Settings
    model : Model
        The participant's model as it stands.
    rows : OwnRows
        Its rows; they never leave but through `share`.
    answers : Answers, optional
        What it says of its own rows without having seen them, once `judge` was asked and found that it matters.
    visitors : dict of str to Visit
        Of models that visited in this round.
    vouched : Testimony, optional
        What their scores say of its labels, taken together.
    known : FeatureSpace, optional
        What its model knew before it met categories of others. Default: what it knows.
    """

    settings: Settings
    model: Model
    rows: OwnRows
    answers: Answers | None = None
    visitors: dict[str, Visit] = field(default_factory=dict)
    vouched: Testimony | None = None
    known: FeatureSpace | None = None

    @classmethod
    def of(cls, participant: Participant, settings: Settings) -> Self:
        """Prepare a participant: encode its rows, fit its model where it is not fitted."""
        prepared = prepare(participant, seed=settings.seed)
        return cls(settings, prepared.model, OwnRows.untaught(prepared.X, prepared.y, prepared.weight))

    @property
    def name(self) -> str:
        """The participant's."""
        return self.model.name

    @property
    def is_frozen(self) -> bool:
        """Whether it has no rows, and so only teaches."""
        return len(self.rows.y) == 0

    @property
    def alone(self) -> Self:
        """Itself without what it knows of visitors, which is much to send to a process where none of it is asked."""
        return replace(self, visitors={})

    def meet(self, spaces: list[FeatureSpace]) -> Self:
        """Answer: these are others' feature spaces; read their categories as they are, where your model takes them."""
        model = with_new_categories(self.model, spaces, self.rows.X)
        return replace(self, model=model, known=self.model.space)

    @property
    def _judged(self) -> Answers:
        if self.answers is None:
            raise RunError(f"agent {self.name!r} was asked before it judged its own rows")
        return self.answers

    @property
    def _part(self) -> NDArray[np.int8]:
        return parts_of(len(self.rows.y), seed=self.settings.seed, owner=self.name)

    def _said_by(self, visitor: Model) -> Answers:
        """What a visiting model says of own rows; whoever was here in this round is not asked again."""
        if visitor.name in self.visitors:
            return self.visitors[visitor.name].answers
        return answers_of(visitor, visitor.read(self.rows.X, self.model.space), self.rows.y)

    @property
    def _was_taught(self) -> bool:
        return len(self.rows.taught_y) > 0
