"""The summary of a cooperation that was run from Python, without a folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from coopdistill.cooperation import CooperativeDistillation
from coopdistill.evaluation import compare
from coopdistill.participants import Participant
from coopdistill.report.evidence.gathering import gather
from coopdistill.report.result import make_result
from coopdistill.report.summary import Summary, summarise
from coopdistill.schema import as_frame

__all__ = ["summarise_cooperation"]


def summarise_cooperation(
    cooperation: CooperativeDistillation,
    participants: Sequence[Participant],
    X: Any = None,
    y: Any = None,
    *,
    name: str = "Cooperation",
    show_rows: bool = False,
) -> Summary:
    """Summarise a cooperation as the command line does, for `render_html` and `render_markdown`.

    Parameters
    ----------
    cooperation : CooperativeDistillation
        Fitted.
    participants : sequence of Participant
        What it was fitted on.
    X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns), optional
        Test rows, that no participant has. Without them nothing says whether it helped.
    y : array-like of shape (n_rows,), optional
        Their labels or values.
    name : str, default="Cooperation"
        What it is called.
    show_rows : bool, default=False
        Whether some rows of participants are shown, as the command line does with ``--show-rows``.

    Returns
    -------
    Summary

    Raises
    ------
    InputError
        If the test rows cannot be used.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill.datasets import make_clinics
    >>> from coopdistill.report import render_html
    >>> clinics = make_clinics(random_state=0)
    >>> participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    >>> cooperation = CooperativeDistillation(random_state=0).fit(participants)
    >>> summary = summarise_cooperation(cooperation, participants, *clinics.test, name="Clinics")
    >>> "<title>Clinics" in render_html(summary)
    True
    """
    result = make_result(
        cooperation,
        participants,
        name=name,
        began=datetime.now(UTC) - timedelta(seconds=cooperation.seconds_),
        command=(),
        scores=None if X is None else compare(cooperation, participants, X, y, intervals=True),
        n_test_rows=0 if X is None else len(as_frame(X)),
    )
    return summarise(result, gather(cooperation, participants, show_rows="asked" if show_rows else None))
