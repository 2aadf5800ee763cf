"""Test rows, read as they will be when models are scored on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import AlignmentError, InputError, LabelError, ParticipantError, TableError
from coopdistill.learners import Model
from coopdistill.participants import Participant
from coopdistill.participants.preparation import learner_of, space_of
from coopdistill.schema import Codec, as_frame, merge_one_hot

__all__ = ["check_scored_rows"]


def check_scored_rows(X: pd.DataFrame, y: NDArray[Any], participants: Sequence[Participant], task: str) -> None:
    """Refuse test rows on which some participant's model could not be scored, before any model is fitted.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    y : ndarray of shape (n_rows,)
        Labels or values.
    participants : sequence of Participant
        Their feature spaces are known.
    task : {"classification", "regression"}

    Raises
    ------
    TableError
        If rows hold what no model reads, or what a participant's cannot.
    LabelError
        If what is to be predicted are no values.
    ParticipantError
        If a participant has nothing in common with them, and others have.
    """
    frame = as_frame(X, what="the test table")
    if task == "regression" and (y.dtype.kind not in "biuf" or not np.isfinite(y).all()):
        raise LabelError("the target holds what is no finite number, and the models predict values; mend those rows")
    spaces = [space_of(participant) for participant in participants]
    unrelated: dict[str, AlignmentError] = {}
    for participant, space in zip(participants, spaces, strict=True):
        model = Model(participant.name, learner_of(participant), Codec.unseen(space))
        try:
            # As `CooperativeDistillation.evaluate` does.
            model.read_table(merge_one_hot(frame, spaces, keep=space.columns))
        except AlignmentError as error:
            unrelated[participant.name] = error
        except InputError as error:
            raise TableError(f"participant {participant.name!r} cannot be scored on it: {error}") from error
    for name, why in unrelated.items():
        if len(unrelated) == len(participants):
            raise TableError(f"no participant can be scored on it: {why}") from why
        raise ParticipantError(f"participant {name!r} cannot be scored on the test rows: {why}") from why
