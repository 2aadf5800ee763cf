"""``coopdistill check``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from coopdistill.cli.forecast.trial import Estimate

__all__ = ["check"]


@click.command(
    epilog="""\b
Examples:
  coopdistill check study.toml
  coopdistill check study.toml --data /srv/clinics --json
"""
)
@click.argument("study", type=click.Path(path_type=Path), metavar="STUDY.toml")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="What paths in the study start from.  [default: the study's folder]",
)
@click.option("--no-estimate", is_flag=True, help="Do not find out how long a run would take.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON, and nothing else, on stdout.")
def check(study: Path, data: Path | None, no_estimate: bool, as_json: bool) -> None:
    """Say what a study would do, without doing it.

    Reads all files and refuses what `run` would refuse. Says who has which rows, classes and features, what any two
    have in common, what would leave whom, and how long it would take, which is tried out with few rows for some ten
    seconds. Nothing is written.
    """
    from coopdistill.cli.studies.study import read_study
    from coopdistill.exceptions import InputError

    parsed = read_study(study)
    # What takes seconds to import is not needed to refuse a study.
    from coopdistill.cli.forecast.outlook import look_ahead
    from coopdistill.cli.forecast.trial import estimate_time
    from coopdistill.cli.studies.study_job import job_of

    notes: Sequence[str] = ()
    try:
        job = job_of(parsed, data)
        notes = job.notes
        outlook = look_ahead(job)
    except InputError as error:
        for note in notes:
            click.echo(f"note: {note}", err=True)
        raise parsed.placed(error) from error
    estimate = None if no_estimate else estimate_time(job)
    if as_json:
        from coopdistill.cli.telling import tell_json

        tell_json({**outlook.as_dict(), "estimate": _plain(estimate)})
    else:
        from rich.console import Console

        from coopdistill.cli.forecast.outlook_tables import outlook_tables

        Console().print(outlook_tables(outlook, estimate))
        following = ["coopdistill", "run", str(study), *(["--data", str(data)] if data is not None else [])]
        click.echo(f"\nNext: {shlex.join(following)}")


def _plain(estimate: Estimate | str | None) -> dict[str, Any] | None:
    if isinstance(estimate, str):
        return {"low": None, "high": None, "method": estimate}
    return None if estimate is None else asdict(estimate)
