"""A double of a learner, whose every answer a test can work out by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.learner import Capabilities, Learner
from coopdistill.learners.teachers.stated_scores import as_names
from coopdistill.schema import Table

__all__ = ["ScriptedLearner"]

Script = Callable[[Table], Any] | Mapping[Any, Sequence[float]]


class ScriptedLearner(Learner):
    """Says what its script says, and becomes another one by a second script.

    Nothing is checked: a script may be wrong on purpose.

    Parameters
    ----------
    classes : sequence
        Class labels in the order of the scores; an empty one makes a regressor.
    says : callable or mapping
        From rows to scores, (n_rows, n_classes), or values, (n_rows, 1); or a table from a row, as a tuple of its
        values, to the scores of that row. A row that is not in the table gets the scores under None.
    learns : callable, optional
        From rows and labels to a new ``says``. Default: a refit changes nothing.
    probabilities, refits : bool
        What it says of its capabilities.
    feature_names : sequence of str, optional
        Names of its columns.

    Attributes
    ----------
    fitted_on : tuple of rows, labels and keywords, or None
        What the refit that made it was given.

    Examples
    --------
    >>> learner = ScriptedLearner(["no", "yes"], {(1.0,): [0.1, 0.9], None: [0.8, 0.2]})
    >>> learner.predict(np.array([[0.0], [1.0]]))
    array(['no', 'yes'], dtype=object)
    >>> taught = learner.refit(np.array([[0.0]]), np.array(["yes"]), seed=0)
    >>> taught.fitted_on[1]
    array(['yes'], dtype='<U3')
    """

    def __init__(
        self,
        classes: Sequence[Any],
        says: Script,
        learns: Callable[[Table, NDArray[Any]], Script] | None = None,
        *,
        probabilities: bool = False,
        refits: bool = True,
        feature_names: Sequence[str] | None = None,
    ) -> None:
        self.says = says
        self.learns = learns
        self.fitted_on: tuple[Table, NDArray[Any], dict[str, Any]] | None = None
        labels = np.array(classes)
        self._classes = labels.astype(object) if labels.dtype.kind in "US" else labels
        self._capabilities = Capabilities(probabilities=probabilities, refits=refits)
        self._feature_names = feature_names
        if feature_names is not None:
            self.feature_names_in_ = as_names(feature_names)

    @property
    def estimator(self) -> ScriptedLearner:
        """Itself."""
        return self

    @property
    def is_fitted(self) -> bool:
        """Always."""
        return True

    @property
    def task(self) -> str:
        """``"regression"`` where there are no classes."""
        return "classification" if len(self._classes) else "regression"

    @property
    def classes(self) -> NDArray[Any]:
        """Class labels, as they were given."""
        return self._classes

    @property
    def capabilities(self) -> Capabilities:
        """What it was told to say."""
        return self._capabilities

    def scores(self, X: Table) -> NDArray[np.float64]:
        """Return what the script says, shape (n_rows, n_classes)."""
        if callable(self.says):
            return np.asarray(self.says(X), dtype=np.float64)
        rows = [tuple(row) for row in np.asarray(X).tolist()]
        return np.array([self.says[row] if row in self.says else self.says[None] for row in rows], dtype=np.float64)

    def predict(self, X: Table) -> NDArray[Any]:
        """Return the class of the greatest score, the first of equals; of a regressor the value."""
        scores = self.scores(X)
        return np.asarray(self._classes[scores.argmax(axis=1)] if len(self._classes) else scores[:, 0])

    def refit(
        self,
        X: Table,
        y: NDArray[Any],
        *,
        seed: int,
        sample_weight: NDArray[np.float64] | None = None,
        n_own: int | None = None,
    ) -> ScriptedLearner:
        """Return what the second script makes of it."""
        fresh = ScriptedLearner(
            self._classes.tolist(),
            self.learns(X, y) if self.learns else self.says,
            self.learns,
            probabilities=self._capabilities.probabilities,
            refits=self._capabilities.refits,
            feature_names=self._feature_names,
        )
        fresh.fitted_on = (X, y, {"seed": seed, "sample_weight": sample_weight, "n_own": n_own})
        return fresh

    def __repr__(self) -> str:
        return f"ScriptedLearner({self._classes.tolist()!r})"
