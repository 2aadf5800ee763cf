"""The job that a study describes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coopdistill.cli.job import Job
from coopdistill.cli.studies.study import Study
from coopdistill.cli.studies.study_rows import read_rows
from coopdistill.cooperation import CooperativeDistillation

__all__ = ["job_of"]


def job_of(study: Study, data: Path | None = None, command: Sequence[str] = ()) -> Job:
    """Read a study's files and make its job.

    Parameters
    ----------
    study : Study
    data : Path, optional
        What paths in it start from. Default: its folder.
    command : sequence of str, default=()
        What repeats the run.

    Returns
    -------
    Job

    Raises
    ------
    InputError
        If a file cannot be used.
    """
    rows = read_rows(study, data)
    given = study.content.study
    return Job(
        name=study.name,
        participants=rows.participants,
        cooperation=CooperativeDistillation(
            given.alpha,
            focus=given.focus,
            qualification=given.qualification,
            instances_from=given.instances_from,
            expertise=given.expertise,
            generator=given.generator,
            instances_per_row=given.instances_per_row,
            imputation=given.imputation,
            tolerance=given.tolerance,
            rounds=given.rounds,
            acceptance=given.acceptance,
            n_jobs=given.n_jobs,
            random_state=given.seed,
        ),
        X_test=rows.X_test,
        y_test=rows.y_test,
        command=command,
        notes=rows.notes,
    )
