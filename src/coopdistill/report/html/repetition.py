"""How to repeat the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coopdistill.report.html.elements import name, safe, section
from coopdistill.report.phrases import NOTHING, repeating
from coopdistill.report.summary import Summary

__all__ = ["repetition"]


def repetition(summary: Summary) -> str:
    """Render the section.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
    """
    options = {"seed": "drawn" if summary.seed is None else summary.seed, **summary.options}
    withheld = "".join(
        f"<li>{name(model.name)}: the model is not among the files: {safe(model.withheld)}</li>"
        for model in summary.models
        if model.withheld
    )
    command, about_it = repeating(summary.command)
    how = (
        f"<pre tabindex='0' aria-label='Command'><code>{safe(command)}</code></pre>"
        f"<p class='small'>{safe(about_it)}</p>"
        if summary.command
        else ""
    )
    tables = "".join(
        _pairs(heading, values)
        for heading, values in (
            ("Options", options),
            ("Versions", summary.versions),
            ("Machine", summary.hardware),
        )
    )
    return section(
        "repeat",
        "To repeat it",
        "The same seed gives the same virtual instances, whatever the number of processes.",
        f"{how}\n<div class='columns'>{tables}</div>" + (f"<ul class='notes'>{withheld}</ul>" if withheld else ""),
    )


def _pairs(heading: str, values: Mapping[str, Any]) -> str:
    if not values:
        return ""
    lines = "".join(
        f"<tr><th scope='row'>{safe(key.replace('_', ' '))}</th>"
        f"<td>{safe(NOTHING if value is None else value)}</td></tr>"
        for key, value in values.items()
    )
    return f"<div><h3>{heading}</h3><table class='pairs'>{lines}</table></div>"
