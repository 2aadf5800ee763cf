"""Who takes part, and what they bring."""

from coopdistill.participants.admission import check_participants, task_of
from coopdistill.participants.participant import Participant
from coopdistill.participants.preparation import Prepared, acquainted, as_named_frame, prepare, space_of

__all__ = [
    "Participant",
    "Prepared",
    "acquainted",
    "as_named_frame",
    "check_participants",
    "prepare",
    "space_of",
    "task_of",
]
