"""Names of files for anything that has a name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

__all__ = ["file_names"]

_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST_NAME = 100


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Give each name a file name that any system takes, and no two the same, capitals aside.

    Parameters
    ----------
    names : iterable of str
        Distinct.

    Returns
    -------
    dict of str to str
        Without a suffix. Short names come back by `urllib.parse.unquote`, unless another differs in capitals only.

    Examples
    --------
    >>> file_names(["north", "North", "../etc", "a/b"])
    {'north': 'north', 'North': 'North-2', '../etc': '%2E.%2Fetc', 'a/b': 'a%2Fb'}
    """
    taken: set[str] = set()
    given = {}
    for name in names:
        plain = _safe(name)
        candidate, number = plain, 1
        while candidate.lower() in taken:
            number += 1
            candidate = f"{plain}-{number}"
        taken.add(candidate.lower())
        given[name] = candidate
    return given


def _safe(name: str) -> str:
    quoted = quote(name, safe="", errors="surrogatepass") or "%"
    if quoted[0] in ".-~" or _RESERVED.match(quoted):
        quoted = f"%{ord(quoted[0]):02X}{quoted[1:]}"
    return quoted[:_LONGEST_NAME].replace("~", "%7E")
