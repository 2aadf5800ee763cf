"""From a finished cooperation to what its report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coopdistill.cooperation import CooperativeDistillation
from coopdistill.participants import Participant, task_of
from coopdistill.report.evidence.changes import changes_of, portraits_of
from coopdistill.report.evidence.examples import examples_of
from coopdistill.report.evidence.projection import map_of
from coopdistill.report.evidence.quality import generation_of
from coopdistill.report.evidence.records import Evidence
from coopdistill.report.evidence.tables import read_tables

__all__ = ["gather"]


def gather(
    cooperation: CooperativeDistillation,
    participants: Sequence[Participant],
    *,
    show_rows: bool = False,
    seconds: Mapping[str, float] | None = None,
) -> Evidence:
    """Gather what a report shows beyond counts and scores.

    Parameters
    ----------
    cooperation : CooperativeDistillation
        Fitted.
    participants : sequence of Participant
        What it was fitted on.
    show_rows : bool, default=False
        Whether rows may be shown. Without it they are only where the cooperation pooled them, which everybody has
        seen then; else the map shows in which cells of a grid they are many, and there are no examples.
    seconds : mapping of str to float, optional
        Wall-clock time of each phase.

    Returns
    -------
    Evidence

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    >>> evidence = gather(CooperativeDistillation(random_state=0).fit(participants), participants)
    >>> evidence.examples, evidence.map.rows.x
    ((), ())
    """
    tables = read_tables(cooperation, participants)
    regression = task_of(participants) == "regression"
    pooled = cooperation.instances_from == "everyone"
    shown = show_rows or pooled
    changes = getattr(cooperation, "changes_", None)
    return Evidence(
        rows_shown="pooled" if pooled else "asked" if show_rows else None,
        changes=changes_of(changes),
        portraits=portraits_of(changes, next(iter(tables.spaces.values()), None)),
        examples=examples_of(tables, cooperation.instances_from) if shown else (),
        map=map_of(tables, show_rows=shown, regression=regression),
        generation=generation_of(tables, regression=regression),
        seconds=dict(seconds) if seconds else None,
    )
