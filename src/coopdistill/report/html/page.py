"""A summary as one page that needs nothing else: no network, no other file."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from coopdistill.report.html.departures import departures
from coopdistill.report.html.elements import embedded_json, name, safe
from coopdistill.report.html.generation import generation
from coopdistill.report.html.map_plot import map_data
from coopdistill.report.html.plot_library import plot_library
from coopdistill.report.html.repetition import repetition
from coopdistill.report.html.row_map import row_map
from coopdistill.report.html.scores import scores
from coopdistill.report.html.taught import taught
from coopdistill.report.html.teaching import teaching
from coopdistill.report.phrases import answer, duration, plural
from coopdistill.report.summary import Summary

__all__ = ["render_html"]

_TITLES = {
    "scores": "Scores",
    "teaching": "Who taught whom",
    "taught": "What was taught",
    "map": "Map",
    "generation": "Quality",
    "departures": "What left",
    "repeat": "Repeat",
}


def render_html(summary: Summary) -> str:
    """Render a summary as a page of its own.

    What can be chosen on it works by links and a small script; without script all is there, as drawings and tables.
    The page's policy allows nothing but its own styles, its own scripts (by their hash) and pictures within it.

    Parameters
    ----------
    summary : Summary
        From `summarise`. All that comes from users' data is escaped.

    Returns
    -------
    str
        HTML, less than 3 MB.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> page = render_html(summarise({"name": "<script>", "participants": {}}))
    >>> "<title>&lt;script&gt;" in page
    True
    """
    library = plot_library() if summary.evidence.map is not None else None
    sections = {
        "scores": scores(summary),
        "teaching": teaching(summary),
        "taught": taught(summary),
        "map": row_map(summary, interactive=library is not None),
        "generation": generation(summary),
        "departures": departures(summary),
        "repeat": repetition(summary),
    }
    there = {anchor: text for anchor, text in sections.items() if text}
    data = ""
    if library is not None and summary.evidence.map is not None:
        data = f"<script type='application/json' id='map-data'>{embedded_json(map_data(summary.evidence.map))}</script>"
    scripts = [script for script in (library, _asset("script.js")) if script is not None]
    return _PAGE.format(
        title=safe(summary.name),
        policy="; ".join(
            (
                "default-src 'none'",
                "style-src 'unsafe-inline'",
                "img-src data:",
                f"script-src {' '.join(map(_hash, scripts))}",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
        style=_asset("style.css"),
        navigation=_navigation(there),
        body="\n".join([_header(summary), *there.values()]),
        scripts="\n".join([data, *(f"<script>{script}</script>" for script in scripts)]),
    )


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title} · coopdistill</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
{navigation}
<main id="content">
{body}
</main>
{scripts}
</body>
</html>
"""


def _asset(file: str) -> str:
    return files("coopdistill.report.html").joinpath(file).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode('ascii')}'"


def _navigation(there: dict[str, str]) -> str:
    links = "".join(f"<li><a href='#{anchor}'>{_TITLES[anchor]}</a></li>" for anchor in there)
    return (
        f"<nav aria-label='Sections'><ul>{links}</ul>"
        "<button type='button' id='theme' hidden aria-label='Switch colours'>Dark</button></nav>"
    )


def _header(summary: Summary) -> str:
    facts = [
        plural(len(summary.models), "participant"),
        plural(summary.n_virtual_instances, "virtual instance"),
        plural(summary.rounds, "round"),
        duration(summary.seconds),
        safe(summary.began[:16].replace("T", " ") + " UTC") if summary.began else "",
    ]
    items = "".join(f"<li>{fact}</li>" for fact in facts if fact)
    notes = "".join(f"<li>{safe(note)}</li>" for note in summary.notes)
    return (
        f"<header>\n<p class='overline'>{name(summary.name)}</p>\n<h1>{safe(answer(summary))}</h1>\n"
        f"<ul class='facts'>{items}</ul>\n" + (f"<ul class='notes'>{notes}</ul>\n" if notes else "") + "</header>"
    )
