"""``coopdistill report``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["report"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def report(folder: Path) -> None:
    """Render a finished run again, and show it."""
    from coopdistill.cli.telling import tell_result
    from coopdistill.exceptions import OutputError
    from coopdistill.report.html import render_html
    from coopdistill.report.run_folder import REPORT, read_run
    from coopdistill.report.summary import summarise
    from coopdistill.saving.atomic_file import write_atomically

    result = read_run(folder)
    page = render_html(summarise(result))
    try:
        write_atomically(folder / REPORT, lambda path: path.write_text(page, encoding="utf-8"))
    except OSError as error:
        raise OutputError(f"{str(folder / REPORT)!r} cannot be written: {error.strerror or error}") from error
    tell_result(result, folder, as_json=False)
