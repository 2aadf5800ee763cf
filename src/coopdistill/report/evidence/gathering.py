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
    show_rows: str | None = None,
    seconds: Mapping[str, float] | None = None,
) -> Evidence:
    """Gather what a report shows beyond counts and scores.

    Parameters
    ----------
    cooperation : CooperativeDistillation
        Fitted.
    participants : sequence of Participant
        What it was fitted on.
    show_rows : {"asked", "public"}, optional
        Why rows may be shown. Without it they are only where the cooperation pooled them, which everybody has seen
        then; else the map shows in which cells of a grid they are many, and there are no examples.
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
    >>> cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    >>> evidence = gather(cooperation, participants)
    >>> evidence.examples, evidence.map.rows.x
    ((), ())
    """
    tables = read_tables(cooperation, participants)
    task = task_of(participants)
    regression = task == "regression"
    reason = "pooled" if cooperation.instances_from == "everyone" else show_rows
    changes = cooperation.changes_
    portraits = portraits_of(changes, next(iter(tables.spaces.values()), None))
    return Evidence(
        task=task,
        rows_shown=reason,
        # Of pictures, a pixel alone says nothing.
        changes=() if portraits else changes_of(changes),
        portraits=portraits,
        examples=examples_of(tables, cooperation.instances_from) if reason else (),
        map=map_of(tables, show_rows=reason is not None, regression=regression),
        generation=generation_of(tables, regression=regression),
        seconds=dict(seconds) if seconds else None,
    )
