"""What an agent remembers of a model that visited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coopdistill.expertise import Answers
from coopdistill.learners import Sight

__all__ = ["Visit"]

MOST_BYTES = 2**26
"""Of all sights that an agent keeps in a round."""


@dataclass(frozen=True, eq=False)
class Visit:
    """What a model that visited said of an agent's rows, and how it saw them.

    Parameters
    ----------
    answers : Answers
    sight : Sight, optional
        None: not kept, for it is large. What the model becomes sees the rows anew then.
    """

    answers: Answers
    sight: Sight | None

    @classmethod
    def of(cls, answers: Answers, sight: Sight, n_visitors: int) -> Visit:
        """Remember one of some visits, and its sight if that of each may be as large."""
        return cls(answers, sight if n_visitors * sight.n_bytes <= MOST_BYTES else None)

    def __getstate__(self) -> dict[str, Any]:
        # Eyes are known by who they are, and in another process nobody is.
        return {"answers": self.answers, "sight": None}
