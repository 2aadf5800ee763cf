"""One run from participants to its folder, however the command came by them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from coopdistill.cli.speech import Speech
from coopdistill.cooperation import CooperativeDistillation
from coopdistill.exceptions import SavingError
from coopdistill.participants import Participant
from coopdistill.report.evidence.gathering import gather
from coopdistill.report.file_names import file_names
from coopdistill.report.phase_clock import PhaseClock
from coopdistill.report.result import make_result
from coopdistill.report.run_files import COOPERATION, MODELS
from coopdistill.report.run_folder import UNFINISHED, RunFolder
from coopdistill.report.summary import summarise
from coopdistill.report.writing import write_report
from coopdistill.saving import cooperation_file, model_file, rows_inside
from coopdistill.saving.checkpoint_folder import CheckpointFolder

__all__ = ["Job", "do_job"]


@dataclass(frozen=True)
class Job:
    """All that a run needs.

    Parameters
    ----------
    name : str
        What the run is called.
    participants : list of Participant
    cooperation : CooperativeDistillation
        Not yet fitted.
    X_test, y_test : DataFrame and array, or None
        Rows that no participant has.
    command : list of str
        What repeats the run.
    notes : list of str
        What the user should know already.
    origin : mapping of str to str, optional
        What the answers of participants depend on; with it they are kept until the run is finished.
    show_rows : {"asked", "public"}, optional
        Why the report may show rows of participants, if it may.
    """

    name: str
    participants: list[Participant]
    cooperation: CooperativeDistillation
    X_test: pd.DataFrame | None = None
    y_test: Any | None = None
    command: Sequence[str] = ()
    notes: Sequence[str] = field(default_factory=tuple)
    origin: Mapping[str, str] | None = None
    show_rows: str | None = None


def do_job(job: Job, folder: RunFolder, speech: Speech) -> dict[str, Any]:
    """Let the participants cooperate, and write what came of it.

    Parameters
    ----------
    job : Job
    folder : RunFolder
        Not yet entered.
    speech : Speech
        Entered.

    Returns
    -------
    dict
        The result, as in ``result.json``.

    Raises
    ------
    InputError
        If something that was handed in cannot be used; the folder is as before, unless answers were kept already.
    RunError
        If the work failed or cannot be written; the folder says that it is unfinished.
    """
    for note in job.notes:
        speech.note(note)
    try:
        with folder:
            return _done(job, folder, speech)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_interruption(job, folder)) from None


def _done(job: Job, folder: RunFolder, speech: Speech) -> dict[str, Any]:
    clock = PhaseClock(speech.progress)
    checkpoints = None if job.origin is None else CheckpointFolder(folder.checkpoints, job.origin)
    cooperation = job.cooperation.set_params(progress=clock).fit_resumably(job.participants, checkpoints)
    scores = _compared(job, cooperation, clock)
    seconds = clock.seconds
    speech.progress("writing", 0, 1)
    models = _write_models(cooperation.learners_, folder)
    result = make_result(
        cooperation,
        job.participants,
        name=job.name,
        began=folder.began,
        command=job.command,
        scores=scores,
        n_test_rows=0 if job.X_test is None else len(job.X_test),
        models=models,
        file=_write_cooperation(cooperation, models, folder),
        notes=speech.notes,
    )
    folder.write_tables(cooperation.transfers_, cooperation.virtual_instances_)
    evidence = gather(cooperation, job.participants, show_rows=job.show_rows, seconds=seconds)
    write_report(summarise(result, evidence), folder.write_text)
    folder.finish(result)
    speech.progress("writing", 1, 1)
    return result


def _compared(job: Job, cooperation: CooperativeDistillation, progress: PhaseClock) -> pd.DataFrame | None:
    if job.X_test is None:
        return None
    from coopdistill.evaluation import compare

    progress("scoring", 0, 1)
    scores: pd.DataFrame = compare(cooperation, job.participants, job.X_test, job.y_test, intervals=True)
    progress("scoring", 1, 1)
    return scores


def _write_models(models: dict[str, Any], folder: RunFolder) -> dict[str, dict[str, str]]:
    """Write each model that may be, and say of each where it is or why it is not."""
    written = {}
    for name, stem in file_names(models).items():
        carrier = rows_inside(models[name])
        if carrier is not None:
            written[name] = {"withheld": f"it carries rows that it was trained on, inside {carrier}"}
            continue
        try:
            suffix, content = model_file(models[name])
        except SavingError as error:
            written[name] = {"withheld": str(error)}
        else:
            written[name] = {"file": f"{MODELS}/{stem}{suffix}"}
            folder.write_bytes(written[name]["file"], content)
    return written


def _write_cooperation(
    cooperation: CooperativeDistillation, models: Mapping[str, Mapping[str, str]], folder: RunFolder
) -> dict[str, str]:
    """Write all models together, so that they can be asked, or say why not; instances have a file of their own."""
    alone = [name for name, model in models.items() if "withheld" in model]
    if alone:
        return {"withheld": f"the models of {', '.join(map(repr, alone))} are not saved"}
    try:
        content = cooperation_file(cooperation, instances=False)
    except SavingError as error:
        return {"withheld": str(error)}
    folder.write_bytes(COOPERATION, content)
    return {"file": COOPERATION}


def _interruption(job: Job, folder: RunFolder) -> str:
    """Say what is left, and how to go on with it."""
    if job.origin is not None and folder.checkpoints.is_dir():
        return f"Interrupted; {shlex.join([*job.command, '--resume'])} goes on from here."
    if (folder.path / UNFINISHED).exists():
        return f"Interrupted; {str(folder.path)!r} says that it is unfinished."
    return f"Interrupted; {str(folder.path)!r} is as before."
