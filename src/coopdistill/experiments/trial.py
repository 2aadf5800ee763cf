"""Who takes part in one repetition of an experiment, and on which rows all are tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coopdistill.participants import Participant

__all__ = ["Trial"]


@dataclass(frozen=True, eq=False)
class Trial:
    """One repetition of an experiment, before anything is trained or generated.

    Parameters
    ----------
    participants : tuple of Participant
        Not fitted; each with rows of its own.
    X_test : DataFrame or ndarray of shape (n_rows, n_features)
        Rows that no participant has.
    y_test : array-like of shape (n_rows,)
        Their labels.
    public : DataFrame or ndarray of shape (n_public, n_features), optional
        Rows that neither a participant nor the test set has, without labels. Default: the data leave none.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> Trial(tuple(Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()), *clinics.test)
    Trial(3 participants, 171 test rows)
    """

    participants: tuple[Participant, ...]
    X_test: Any
    y_test: Any
    public: Any = None

    def __repr__(self) -> str:
        return f"Trial({len(self.participants)} participants, {len(self.X_test)} test rows)"
