"""What stands in a scikit-learn model for a part that lies in a file of its own."""

from __future__ import annotations

from typing import Any

__all__ = ["Placeholder"]


class Placeholder:
    """Says which file holds the part, of which kind it is, and what its library does not save of it.

    Parameters
    ----------
    kind : str
        Name of a `ForeignPart`.
    file : str
        Name of the file beside that of scikit-learn's part.
    state : dict of str to object
        Plain data.
    """

    def __init__(self, kind: str, file: str, state: dict[str, Any]) -> None:
        self.kind = kind
        self.file = file
        self.state = state
