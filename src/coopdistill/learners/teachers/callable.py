"""Adapter of any function from rows to scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from coopdistill.exceptions import LearnerError
from coopdistill.learners.teachers.frozen import FrozenLearner
from coopdistill.learners.teachers.stated_scores import as_classes, as_names
from coopdistill.schema import Table

__all__ = ["CallableLearner"]


class CallableLearner(FrozenLearner):
    """A function from rows to scores, as a model that only teaches.

    Parameters
    ----------
    function : callable
        Gets rows, a DataFrame where `feature_names` are given and an array where not; returns an array of
        probabilities, (n_rows, n_classes), or of values, (n_rows,) or (n_rows, 1). The same rows must get the same
        answer, whatever stands beside them.
    classes : sequence, optional
        Class labels in the order of the probabilities' columns. None: it returns values, and is a regressor.
    feature_names : sequence of str, optional
        Its columns, in order.

    Raises
    ------
    LearnerError
        If a parameter cannot be used.

    See Also
    --------
    coopdistill.Participant : ``X=None, y=None`` and a `FeatureSpace` make such a model take part.

    Examples
    --------
    >>> import numpy as np
    >>> def rule(X):
    ...     ill = np.where(X["pressure"] > 140, 0.9, 0.2)
    ...     return np.column_stack([1 - ill, ill])
    >>> learner = CallableLearner(rule, classes=["well", "ill"], feature_names=["pressure"])
    >>> import pandas as pd
    >>> learner.predict(pd.DataFrame({"pressure": [120.0, 150.0]}))
    array(['well', 'ill'], dtype=object)
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        *,
        classes: Sequence[Any] | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> None:
        if not callable(function):
            raise LearnerError(f"function={function!r} must be callable: rows to scores")
        self._function = function
        self._classes = as_classes(classes)
        self._names = as_names(feature_names)

    def _answer(self, X: Table) -> Any:
        return self._function(X)

    def __repr__(self) -> str:
        name = getattr(self._function, "__name__", type(self._function).__name__)
        return f"CallableLearner({name})"
