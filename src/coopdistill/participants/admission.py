"""Who is let in: what can be refused before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import LabelError, LearnerError, ParticipantError, shown
from coopdistill.participants.participant import Participant
from coopdistill.participants.preparation import as_named_frame, learner_of
from coopdistill.schema import as_labels

__all__ = ["check_participants", "task_of"]


def check_participants(participants: object) -> list[Participant]:
    """Refuse participants that cannot cooperate, before any work is done.

    Parameters
    ----------
    participants : sequence of Participant

    Returns
    -------
    list of Participant
        In order of their names, so that the order given plays no part.

    Raises
    ------
    ParticipantError
        If there are fewer than two, two of one name, none with rows, or something else among them.
    LearnerError
        If a model is of no use, or some predict classes and others values.
    LabelError
        If labels are missing, of different types, or of one class only everywhere.
    """
    if isinstance(participants, Participant) or not isinstance(participants, Sequence):
        raise ParticipantError(f"participants must be a list of Participant, got {type(participants).__name__}")
    for participant in participants:
        if not isinstance(participant, Participant):
            raise ParticipantError(f"participants must hold Participant objects, got {shown(participant)}")
        name: object = participant.name
        if not isinstance(name, str) or not name:
            raise ParticipantError(f"a participant's name must be a string that is not empty, got {name!r}")
    names = [participant.name for participant in participants]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ParticipantError(f"two participants are named {doubled[0]!r}; names must be distinct")
    if len(names) < 2:
        raise ParticipantError(f"cooperation needs at least two participants, got {len(names)}")
    with_rows = [participant for participant in participants if not participant.is_frozen]
    if not with_rows:
        raise ParticipantError("no participant has rows, so nobody can learn; give X and y to at least one")
    _check_students(with_rows)
    if task_of(participants) == "classification":
        _check_classes(with_rows)
        _check_frozen_classes(participants, with_rows)
    else:
        for participant in with_rows:
            _check_values(participant)
    return sorted(participants, key=lambda participant: participant.name)


def _check_students(with_rows: Sequence[Participant]) -> None:
    for participant in with_rows:
        if not learner_of(participant).capabilities.refits:
            raise LearnerError(
                f"participant {participant.name!r} has rows, and {participant.estimator!r} cannot be fitted anew, so "
                "it cannot learn; leave out X and y and give feature_space=FeatureSpace(…), and it only teaches"
            )


def task_of(participants: Sequence[Participant]) -> str:
    """Return the one task of all participants' models: ``"classification"`` or ``"regression"``."""
    tasks = {participant.name: learner_of(participant).task for participant in participants}
    if len(set(tasks.values())) > 1:
        one, other = (next(name for name, task in tasks.items() if task == t) for t in sorted(set(tasks.values())))
        raise LearnerError(f"the model of {one!r} predicts classes and that of {other!r} values; they need one task")
    return next(iter(tasks.values()))


def _labels_of(participant: Participant) -> NDArray[Any]:
    if participant.y is None:
        raise LabelError(f"participant {participant.name!r} has rows and no labels; give y, or leave out X too")
    return as_labels(participant.y, len(as_named_frame(participant)), whose=participant.name)


def _check_values(participant: Participant) -> None:
    values = _labels_of(participant)
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        raise LabelError(f"participant {participant.name!r}: its model predicts values, so y must hold finite numbers")


def _check_classes(with_rows: list[Participant]) -> None:
    classes: set[Any] = set()
    for participant in with_rows:
        labels = _labels_of(participant)
        _refuse_measurements(labels, participant.name)
        classes |= set(labels.tolist())
    kinds = {"text" if isinstance(label, str) else "number" for label in classes}
    if len(kinds) > 1:
        raise LabelError(
            f"some participants label by text and others by number ({sorted(map(str, classes))[:4]}…); "
            "use the same labels everywhere"
        )
    if len(classes) < 2:
        raise LabelError(
            f"every label of every participant is {next(iter(classes))!r}; there must be two classes at least"
        )


def _check_frozen_classes(participants: Sequence[Participant], with_rows: list[Participant]) -> None:
    """Refuse a model without rows that knows no class of anyone's: it could teach nobody."""
    labels = {label for participant in with_rows for label in _labels_of(participant).tolist()}
    for participant in participants:
        learner = learner_of(participant)
        if not participant.is_frozen or not learner.is_fitted:
            continue
        try:
            classes = learner.classes.tolist()
        except LearnerError as error:
            raise LearnerError(f"participant {participant.name!r}: {error}") from error
        if not labels & set(classes):
            knows, have = (", ".join(map(repr, sorted(some, key=str)[:5])) for some in (classes, labels))
            raise LearnerError(
                f"participant {participant.name!r}: its model predicts {knows}, and the labels of the others are "
                f"{have}; use the same labels everywhere"
            )


def _refuse_measurements(labels: NDArray[Any], name: str) -> None:
    fractions = labels[labels != np.rint(labels)] if labels.dtype.kind == "f" else labels[:0]
    if len(fractions):
        raise LabelError(
            f"participant {name!r}: y holds {float(fractions[0])!r}, which is a measurement; it must hold classes"
        )
