"""``coopdistill run``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

__all__ = ["run"]


@click.command(
    epilog="""\b
Examples:
  coopdistill run study.toml
  coopdistill run study.toml --out results/monday --verbose
  coopdistill run study.toml --resume      after an interruption
"""
)
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
@click.option("--resume", is_flag=True, help="Go on with an interrupted run in that folder, if there is one.")
@click.option("--show-rows", is_flag=True, help="Show some rows of participants in the report.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else, on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@click.option("-v", "--verbose", is_flag=True, help="Say what each participant answers, pair by pair.")
def run(
    study: Path,
    out: Path | None,
    data: Path | None,
    force: bool,
    resume: bool,
    show_rows: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Run the whole job on your own files, as a study describes it.

    An interrupted run (Ctrl-C, a lost machine) goes on where it stopped with --resume, to the same result: what
    participants found out and what they taught is kept until the run is finished, and models are fitted again.
    """
    from coopdistill.cli.studies.study import read_study
    from coopdistill.exceptions import InputError

    parsed = read_study(study)
    # What takes seconds to import is not needed to refuse a study.
    from coopdistill.cli.job import do_job
    from coopdistill.cli.origin import origin_of
    from coopdistill.cli.speech import Speech
    from coopdistill.cli.studies.study_job import job_of
    from coopdistill.cli.telling import tell_result
    from coopdistill.report.run_folder import RunFolder

    target = out if out is not None else Path(f"{study.stem}-run")
    folder = RunFolder(target, force=force, resume=resume)
    command = ["coopdistill", "run", str(study), *(["--data", str(data)] if data else []), "--out", str(target)]
    command += ["--show-rows"] if show_rows else []
    with Speech(quiet=quiet, verbose=verbose) as speech:
        try:
            job = job_of(parsed, data, command)
            job = replace(job, origin=origin_of(parsed, data), show_rows="asked" if show_rows else None)
            result = do_job(job, folder, speech)
        except InputError as error:
            raise parsed.placed(error) from error
    tell_result(result, target, as_json=as_json, quiet=quiet)
