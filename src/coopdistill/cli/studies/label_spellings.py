"""Labels that may be meant as one class, and are two."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

__all__ = ["doubtful_labels"]

_AS_NUMBERS = {"false": "0.0", "true": "1.0"}


def doubtful_labels(labels: Mapping[str, NDArray[Any]]) -> list[str]:
    """Ask about labels that differ no more than people's ways of writing do, and tell what is taken for what.

    Parameters
    ----------
    labels : mapping of str to ndarray
        By whose they are, as a sentence names that.

    Returns
    -------
    list of str
        Sentences.

    Examples
    --------
    >>> import numpy as np
    >>> for said in doubtful_labels({"'north'": np.array(["benign", "ill"]), "'south'": np.array(["Benign", "ill"])}):
    ...     print(said)
    'benign' and 'Benign' differ in spelling only: one class or two? [labels] in the study can make them one
    """
    alike: dict[str, dict[str, None]] = {}
    for some in labels.values():
        if some.dtype.kind not in "biuf":
            for label in sorted(set(some.tolist()), key=str):
                alike.setdefault(_core(str(label)), {})[str(label)] = None
    return [_asked(list(spellings)) for spellings in alike.values() if len(spellings) > 1] + _numbers(labels)


def _core(label: str) -> str:
    """What is left of a label without what people write as they like: capitals, blanks, and how a number looks."""
    text = " ".join(unicodedata.normalize("NFKC", label).split()).casefold()
    try:
        return str(float(_AS_NUMBERS.get(text, text)))
    except ValueError:
        return text


def _asked(spellings: list[str]) -> str:
    shown = f"{', '.join(map(repr, spellings[:-1]))} and {spellings[-1]!r}"
    number = "two" if len(spellings) == 2 else "several"
    return f"{shown} differ in spelling only: one class or {number}? [labels] in the study can make them one"


def _numbers(labels: Mapping[str, NDArray[Any]]) -> list[str]:
    """Numbers and truth values are compared as Python does; whoever wrote them may not know."""
    truths = next((name for name, some in labels.items() if some.dtype.kind == "b"), None)
    numbers = next((name for name, some in labels.items() if some.dtype.kind in "iuf"), None)
    if truths is None or numbers is None:
        return []
    return [f"{truths} has the labels False and True, and {numbers} has numbers: False is taken for 0, and True for 1"]
