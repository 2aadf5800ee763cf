"""How tables and figures of a tutorial look on its page.

Tutorials print `shown(…)`: tables as HTML, figures as SVG whose text is text and whose ink takes the page's colour, so
that one picture serves light and dark.
"""

from __future__ import annotations

import itertools
import os
import sys
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

# A colour that nothing else has, and that becomes the colour of the page's text.
_INK = "#0a0b0c"
# Colours that change with the theme, as the style sheet names them.
_NAMED = {"#1d6f80": "var(--teacher)", "#b4562a": "var(--student)", "#0072b2": "var(--blue)"}
_RIGHT = ' align="right"'
_SITE = "COOPDISTILL_SITE"
_numbers = itertools.count()


def on_startup(**_: Any) -> None:
    """Let tutorials import this file by its name."""
    folder = str(Path(__file__).parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)


def on_pre_build(*, config: Any, **_: Any) -> None:
    """Tell tutorials, which run in this process, where the site is written."""
    os.environ[_SITE] = config.site_dir


def framed(page: str, name: str, label: str) -> str:
    """Write a whole page into the site, and return the HTML that shows it on the page of a tutorial.

    Parameters
    ----------
    page : str
        HTML.
    name : str
        The file's, at the top of the site.
    label : str
        What it is.
    """
    folder = Path(os.environ[_SITE])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(page, encoding="utf-8")
    address = f"../../{name}"
    return (
        f'<p class="framed"><iframe src="{address}" title="{escape(label)}" loading="lazy"></iframe>'
        f'<a href="{address}">Open it as a page of its own</a></p>'
    )


def shown(value: Any, *, rows: int | None = None, digits: int = 3, label: str = "", on_paper: bool = False) -> str:
    """Return the HTML of a table, of matplotlib axes or of a figure.

    Parameters
    ----------
    value : DataFrame, Axes or Figure
    rows : int, optional
        How many rows of a table to show. Default: all.
    digits : int, default=3
        Digits behind the point.
    label : str, default=""
        What the figure shows, for those who cannot see it.
    on_paper : bool, default=False
        Whether the figure keeps its own ink, on white: where some of its text stands on colours of its own.
    """
    if hasattr(value, "itertuples"):
        return _table(value if rows is None else value.head(rows), digits)
    return _svg(getattr(value, "figure", value), label, on_paper=on_paper)


def use_page_style() -> None:
    """Set matplotlib to the page's ink, without a ground, and seeded so that a build is repeatable."""
    import matplotlib as mpl

    mpl.use("agg")
    inks = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    mpl.rcParams.update(
        {
            **dict.fromkeys(inks, _INK),
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "legend.framealpha": 0,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "font.size": 11,
            "svg.fonttype": "none",
        }
    )


def _table(table: Any, digits: int) -> str:
    """Write a table whose numbers stand below each other."""

    def cell(tag: str, value: object, *, right: bool) -> str:
        text = f"{value:.{digits}f}" if isinstance(value, float) else str(value)
        return f"<{tag}{_RIGHT if right else ''}>{escape(text)}</{tag}>"

    numbers = [kind in "iuf" for kind in (dtype.kind for dtype in table.dtypes)]
    rows = [("th", table.columns), *(("td", row) for row in table.itertuples(index=False, name=None))]
    lines = ["".join(cell(tag, v, right=r) for v, r in zip(row, numbers, strict=True)) for tag, row in rows]
    head, *body = (f"<tr>{line}</tr>" for line in lines)
    return f'<div class="output"><table><thead>{head}</thead><tbody>{"".join(body)}</tbody></table></div>'


def _svg(figure: Any, label: str, *, on_paper: bool) -> str:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from coopdistill.displays.canvas import INK, RULE

    buffer = StringIO()
    # Names inside an SVG are shared by the whole page, so each figure salts its own.
    with mpl.rc_context({"svg.hashsalt": f"figure {next(_numbers)}"}):
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    text = buffer.getvalue()
    svg = text[text.index("<svg") :]
    if not on_paper:
        for color, name in {**_NAMED, _INK: "currentColor", INK: "currentColor", RULE: "var(--line)"}.items():
            svg = svg.replace(color, name)
    kind = "output paper" if on_paper else "output"
    return f'<figure class="{kind}" role="img" aria-label="{escape(label)}">{svg}</figure>'
