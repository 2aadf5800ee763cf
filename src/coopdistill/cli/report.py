"""``coopdistill report``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["report"]


@click.command(
    epilog="""\b
Example:
  coopdistill report study-run
"""
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def report(folder: Path) -> None:
    """Render a finished run again, and show it."""
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
    tell_result(read_run(folder), folder, as_json=False)
