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

    Writes report.html, summary.md and summary.json anew, in the form of this version, from what summary.json holds.
    """
    from coopdistill.atomic_file import write_atomically
    from coopdistill.cli.telling import tell_result
    from coopdistill.exceptions import OutputError
    from coopdistill.report.run_folder import REPORT, SUMMARY, read_run
    from coopdistill.report.summary_file import read_summary
    from coopdistill.report.writing import write_report

    result, summary = read_run(folder), read_summary(folder)
    if not (folder / SUMMARY).is_file() and (folder / REPORT).is_file():
        raise OutputError(
            f"{str(folder / SUMMARY)!r} is missing, and the result alone makes a page without lessons, map and "
            f"quality; {REPORT} stays as it is; run again with --force, or move it away for such a page"
        )
    try:
        write_report(
            summary,
            lambda name, text: write_atomically(folder / name, lambda path: path.write_text(text, encoding="utf-8")),
        )
    except OSError as error:
        raise OutputError(f"{str(folder)!r} cannot be written: {error.strerror or error}") from error
    tell_result(result, folder, as_json=as_json)
