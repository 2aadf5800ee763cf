"""Turns formulas into MathML while the site is built, so that reading them needs no script and no network."""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert
from mkdocs.exceptions import PluginError

# What pymdownx.arithmatex makes of $…$ and $$…$$ when it is asked for its generic form.
_FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)


def on_page_content(content: str, *, page: Any, **_: Any) -> str:
    """Replace each formula of a finished page; one that cannot be read ends the build."""

    def mathml(match: re.Match[str]) -> str:
        tag, bracket, formula = match.groups()
        source = html.unescape(formula).strip()
        try:
            made = convert(source, display="block" if bracket == "[" else "inline")
        except Exception as error:
            raise PluginError(f"{page.file.src_path}: the formula {source!r} cannot be read: {error!r}") from error
        return f'<{tag} class="formula">{made}</{tag}>'

    return _FORMULA.sub(mathml, content)
