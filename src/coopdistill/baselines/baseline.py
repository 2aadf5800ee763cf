"""The interface of all baselines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners import Model
from coopdistill.participants import Participant, Prepared, acquainted, check_participants, prepare
from coopdistill.seeds import run_seed

__all__ = ["Baseline"]


class Baseline(ABC):
    """What a user would do instead of cooperation, on the same participants.

    Parameters
    ----------
    random_state : int, default=0
        With the value given to `CooperativeDistillation`, models before are the same.

    Attributes
    ----------
    name : str
        How tables call it.
    alike : bool
        Whether all participants predict the same with it, so that one need be asked.
    """

    name: ClassVar[str]
    alike: ClassVar[bool] = False

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(self, participants: Sequence[Participant]) -> Baseline:
        """Do what the baseline does.

        Parameters
        ----------
        participants : list of Participant
            They are never changed.

        Returns
        -------
        Baseline
            This object.

        Raises
        ------
        InapplicableError
            If it applies to none of them; the message is the reason.
        OptionError
            If a parameter is outside of what it allows.
        """
        self._check()
        ordered = check_participants(participants)
        seed = run_seed(self.random_state)
        # As in cooperation, a model that takes new categories is not kept from them.
        self._fit(acquainted({participant.name: prepare(participant, seed=seed) for participant in ordered}), seed)
        return self

    def _check(self) -> None:  # noqa: B027  # most have no parameters of their own
        """Refuse parameters outside of what they allow."""

    @abstractmethod
    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        """Work on prepared participants, in order of their names."""

    @abstractmethod
    def predict_for(self, name: str, X: Any) -> NDArray[Any]:
        """Return what the participant of that name would predict for rows of any participant's columns.

        Parameters
        ----------
        name : str
            Of a participant that it was fitted on.
        X : DataFrame or array-like of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,)
            Labels or values.

        Raises
        ------
        InapplicableError
            If it does not apply to that participant; the message is the reason.
        ParticipantError
            If there is none of that name.
        """


def with_rows(prepared: dict[str, Prepared]) -> dict[str, Prepared]:
    """Leave out frozen participants."""
    return {name: one for name, one in prepared.items() if len(one.y)}


def models_of(prepared: dict[str, Prepared]) -> dict[str, Model]:
    """Return the fitted model of each."""
    return {name: one.model for name, one in prepared.items()}


def pooled_weight(givers: list[Prepared]) -> NDArray[np.float64] | None:
    """Put the weights of several participants' rows one after another; rows without any count 1."""
    if all(one.weight is None for one in givers):
        return None
    return np.concatenate([np.ones(len(one.y)) if one.weight is None else one.weight for one in givers])
