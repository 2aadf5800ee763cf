"""Where categories stand in a feature."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

__all__ = ["CategoryPositions"]


class CategoryPositions:
    """The positions of a feature's categories, found without going through them all.

    What counts as the same category is what counts as the same in a tuple.

    Parameters
    ----------
    categories : tuple
        Distinct, as those of a `Feature` are.

    Examples
    --------
    >>> positions = CategoryPositions(("red", 1, "blue"))
    >>> "blue" in positions, positions.code(True), positions.code("1")
    (True, 1.0, nan)
    """

    def __init__(self, categories: tuple[Hashable, ...]) -> None:
        self._categories = categories
        self._positions = {category: i for i, category in enumerate(categories)}
        self._all_hash_alike = all(map(_hashes_like_its_equals, categories))

    def __contains__(self, category: Hashable) -> bool:
        return self._position(category) is not None

    def code(self, category: Hashable) -> float:
        """Return the position as an encoded value, NaN where there is no such category."""
        position = self._position(category)
        return float("nan") if position is None else float(position)

    def _position(self, category: Hashable) -> int | None:
        if self._all_hash_alike and _hashes_like_its_equals(category):
            return self._positions.get(category)
        return self._categories.index(category) if category in self._categories else None


def _hashes_like_its_equals(category: Hashable) -> bool:
    """Whether what equals a category has its hash; NumPy's float32 of 0.1 equals 0.1, and has not."""
    return not isinstance(category, np.generic) or isinstance(category, str | bytes)
