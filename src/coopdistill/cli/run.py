"""``coopdistill run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from coopdistill.cli.job import Job
    from coopdistill.cli.study import Study

__all__ = ["run"]


@click.command()
@click.argument("study", type=click.Path(path_type=Path), metavar="STUDY.toml")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the results.  [default: NAME-run, of the study's file]",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="What paths in the study start from.  [default: the study's folder]",
)
@click.option("--force", is_flag=True, help="Replace an earlier run in that folder.")
@click.option("--show-rows", is_flag=True, help="Show some rows of participants in the report.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else, on stdout.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
def run(
    study: Path, out: Path | None, data: Path | None, force: bool, show_rows: bool, as_json: bool, quiet: bool
) -> None:
    """Run the whole job on your own files, as a study describes it."""
    from coopdistill.cli.job import do_job
    from coopdistill.cli.speech import Speech
    from coopdistill.cli.study import read_study
    from coopdistill.cli.telling import tell_result
    from coopdistill.report.run_folder import RunFolder

    parsed = read_study(study)
    target = out if out is not None else Path(f"{study.stem}-run")
    folder = RunFolder(target, force=force)
    command = ["coopdistill", "run", str(study), *(["--data", str(data)] if data else []), "--out", str(target)]
    command += ["--show-rows"] if show_rows else []
    with Speech(quiet=quiet) as speech:
        result = do_job(_job(parsed, data, command, show_rows=show_rows), folder, speech)
    tell_result(result, target, as_json=as_json, quiet=quiet)


def _job(study: Study, data: Path | None, command: list[str], *, show_rows: bool) -> Job:
    from coopdistill.cli.job import Job
    from coopdistill.cli.study_rows import read_rows
    from coopdistill.cooperation import CooperativeDistillation

    rows = read_rows(study, data)
    given = study.content.study
    return Job(
        name=study.name,
        participants=rows.participants,
        cooperation=CooperativeDistillation(
            given.alpha,
            focus=given.focus,
            instances_from=given.instances_from,
            expertise=given.expertise,
            generator=given.generator,
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
        show_rows=show_rows,
    )
