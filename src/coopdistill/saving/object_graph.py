"""The objects that a model is made of, and copies of it with some of them exchanged."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

__all__ = ["exchanged", "parts_of"]


def parts_of(model: Any, *, whole: Callable[[Any], bool] = lambda part: False) -> Iterator[Any]:
    """Give a model and all objects within it, each once.

    Parameters
    ----------
    model : object
    whole : callable, optional
        Tells of a part whether it is taken as a whole, and not looked into.

    Yields
    ------
    object
        Whatever is neither a plain value nor a container.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> [type(part).__name__ for part in parts_of(make_pipeline(SVC()))]
    ['Pipeline', 'SVC']
    """
    seen: dict[int, Any] = {}
    waiting = [model]
    while waiting:
        part = waiting.pop()
        if id(part) in seen or isinstance(part, type | str | bytes | int | float | None):
            continue
        seen[id(part)] = part  # which keeps it, and so its id, until all have been seen
        if isinstance(part, Mapping):
            waiting.extend(part.values())
        elif isinstance(part, list | tuple | set):
            waiting.extend(part)
        elif isinstance(part, np.ndarray):
            waiting.extend(part.ravel() if part.dtype == object else ())
        else:
            yield part
            if not whole(part):
                waiting.extend(getattr(part, "__dict__", {}).values())
                waiting.extend(_slots(part))


def exchanged(model: Any, instead: Mapping[int, Any]) -> Any:
    """Copy a model with some of its parts exchanged; these themselves are neither copied nor changed.

    Parameters
    ----------
    model : object
    instead : mapping of int to object
        What takes the place of the object of an id.

    Returns
    -------
    object
        The model itself where nothing is to be exchanged.

    Examples
    --------
    >>> part = {"a": 1}
    >>> exchanged([part, part], {id(part): "b"})
    ['b', 'b']
    """
    return copy.deepcopy(model, dict(instead)) if instead else model


def _slots(part: Any) -> list[Any]:
    names = [name for cls in type(part).__mro__ for name in getattr(cls, "__slots__", ())]
    return [getattr(part, name) for name in names if hasattr(part, name)]
