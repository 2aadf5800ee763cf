"""What would leave each participant, by the rules of the boundary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from coopdistill.cooperation import CooperativeDistillation
from coopdistill.cooperation.acceptance import asks_others
from coopdistill.cooperation.committee import FEWEST_MEMBERS
from coopdistill.cooperation.drafts import how_many_drafts
from coopdistill.cooperation.repertoire import most_of_a_row
from coopdistill.schema import Alignment, FeatureSpace

__all__ = ["Exchange", "expected_exchanges"]

EVERYONE = "everyone"


@dataclass(frozen=True)
class Exchange:
    """Something that would leave a participant, in each round.

    Parameters
    ----------
    what : str
        As in ``disclosures_`` of a cooperation.
    sender, receiver : str
    count : int
        How many of it.
    at_most : bool
        Whether it may be fewer.
    """

    what: str
    sender: str
    receiver: str
    count: int
    at_most: bool = False


def expected_exchanges(
    spaces: Mapping[str, FeatureSpace],
    n_rows: Mapping[str, int],
    n_classes: int,
    pairs: Sequence[tuple[str, str]],
    cooperation: CooperativeDistillation,
) -> list[Exchange]:
    """Say what a round of a cooperation would disclose.

    Parameters
    ----------
    spaces : mapping of str to FeatureSpace
        Of each participant.
    n_rows : mapping of str to int
        Of each participant; 0 of those that only teach.
    n_classes : int
        Of all together; 1 in regression.
    pairs : sequence of (str, str)
        Teachers and students that share a feature.
    cooperation : CooperativeDistillation
        Its options.

    Returns
    -------
    list of Exchange

    Examples
    --------
    >>> import pandas as pd
    >>> from coopdistill.schema import infer_feature_space
    >>> space = infer_feature_space(pd.DataFrame({"age": [41, 67]}))
    >>> options = CooperativeDistillation(acceptance="always")
    >>> for sent in expected_exchanges({"a": space, "b": space}, {"a": 30, "b": 40}, 2, [("a", "b")], options):
    ...     print(sent.sender, sent.receiver, sent.count, sent.what)
    b a 1 feature summary
    b a 1 model
    a b 60 virtual instances
    a b 1 change summary
    b a 2 testimony
    """
    instances_from = cooperation.instances_from
    found = [
        Exchange("category names", teacher, student, unknown)
        for teacher, student in pairs
        if (unknown := _unknown_categories(spaces[teacher], spaces[student]))
    ]
    if instances_from == "everyone":
        found.extend(Exchange("rows", name, EVERYONE, count) for name, count in n_rows.items() if count)
    n_shared = sum(n_rows.values())
    task = "regression" if n_classes == 1 else "classification"
    for teacher, student in pairs:
        if instances_from == "everyone":
            found.append(Exchange("scores", student, teacher, n_shared))
        visits_student = instances_from == "student" or (instances_from == "teacher" and not n_rows[teacher])
        sender, receiver = (teacher, student) if visits_student else (student, teacher)
        found.append(Exchange("feature summary", sender, receiver, len(spaces[sender])))
        found.append(Exchange("model", sender, receiver, 1))
        if not visits_student:
            n = n_shared if instances_from == "everyone" else n_rows[teacher]
            per_row = most_of_a_row(cooperation.instances_per_row, cooperation.generator, task, n)
            found.append(Exchange("virtual instances", teacher, student, n * per_row, at_most=True))
            # How they differ from rows, feature by feature, where that tells of no single one.
            found.append(Exchange("change summary", teacher, student, len(spaces[teacher]), at_most=True))
        if cooperation.expertise != "in-sample":
            found.append(Exchange("testimony", student, teacher, n_classes, at_most=True))
        if asks_others(cooperation.acceptance):
            found.extend(_to_be_compared(teacher, student, n_rows, n_classes, task))
    return found


def _to_be_compared(
    visitor: str, host: str, n_rows: Mapping[str, int], n_classes: int, task: str
) -> Iterator[Exchange]:
    n_times = 1 if len(n_rows) >= FEWEST_MEMBERS else 0  # with all models asked together, if there are enough
    if n_rows[visitor]:
        # Whoever has rows is a student, too, and visits those whom it teaches.
        # It comes by drafts, the more the fewer instances it is taught, and once more as it was refitted.
        yield Exchange("draft", visitor, host, how_many_drafts(0, task) + 1, at_most=True)
        n_times += 2
    if n_times:
        yield Exchange("comparison", host, visitor, n_times * n_classes, at_most=True)


def _unknown_categories(teacher: FeatureSpace, student: FeatureSpace) -> int:
    return sum(map(len, Alignment(teacher, student).unknown_categories.values()))
