"""Values and keys as TOML has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["toml_items", "toml_value"]


def toml_value(value: Any) -> str:
    r"""Write a text, number, truth or list as TOML has it.

    Examples
    --------
    >>> toml_value(["Größe", 'say "ah"', 2])
    '["Größe", "say \\"ah\\"", 2]'
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    # JSON's strings are TOML's, but for a sign that TOML asks to be escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_items(items: Mapping[str, Any]) -> str:
    """Write what keys are to hold, for a sentence.

    Examples
    --------
    >>> toml_items({"header": False, "delimiter": ";"})
    'header = false, delimiter = ";"'
    """
    return ", ".join(f"{key} = {toml_value(value)}" for key, value in items.items())
