"""``coopdistill report``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["report"]


@click.command(
    epilog="""\b
Examples:
  coopdistill report study-run
  coopdistill report study-run --json
"""
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else, on stdout.")
def report(folder: Path, as_json: bool) -> None:
    """Render a finished run again, and show it.

    Writes report.html, summary.md and summary.json anew, in the form of this version.
    """
    from coopdistill.atomic_file import write_atomically
    from coopdistill.cli.telling import tell_result
    from coopdistill.exceptions import OutputError
    from coopdistill.report.run_folder import read_run
    from coopdistill.report.summary_file import read_summary
    from coopdistill.report.writing import write_report

    summary = read_summary(folder)
    try:
        write_report(
            summary,
            lambda name, text: write_atomically(folder / name, lambda path: path.write_text(text, encoding="utf-8")),
        )
    except OSError as error:
        raise OutputError(f"{str(folder)!r} cannot be written: {error.strerror or error}") from error
    tell_result(read_run(folder), folder, as_json=as_json)
