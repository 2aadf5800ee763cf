"""How a finished run is told on stdout."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

__all__ = ["tell_json", "tell_result"]


def tell_json(content: Any) -> None:
    """Print JSON for a machine; characters that stdout cannot hold are escaped, for a mark instead would be another.

    Parameters
    ----------
    content : object
        Plain data without NaN.
    """
    from coopdistill.report.run_folder import as_json

    text = as_json(content)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(content, indent=2, allow_nan=False)
    click.echo(text)


def tell_result(result: dict[str, Any], folder: Path, *, as_json: bool, quiet: bool = False) -> None:
    """Print the result: for a machine, for a person, or not at all.

    Parameters
    ----------
    result : dict
        As in ``result.json``.
    folder : Path
        Where it lies.
    as_json : bool
        Whether to print it as JSON and nothing else.
    quiet : bool, default=False
        Whether to print nothing for a person.
    """
    if as_json:
        tell_json(result)
    elif not quiet:
        from rich.console import Console

        from coopdistill.report.console import console_table
        from coopdistill.report.run_folder import REPORT
        from coopdistill.report.summary import summarise

        Console().print(console_table(summarise(result)))
        click.echo(f"\nReport: {folder / REPORT}")
