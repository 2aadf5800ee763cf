"""The steps of a pipeline before its model: as they were fitted, or fitted on own rows alone."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from coopdistill.schema import select_rows

__all__ = ["PREPROCESSING", "Portions", "Preprocessing", "front_steps", "last_step", "prepare_rows"]

Preprocessing = Literal["kept", "own", "all"]

PREPROCESSING: tuple[Preprocessing, ...] = ("kept", "own", "all")
"""What a refit makes of the preprocessing: leaves it as fitted, fits it on own rows, or on all rows."""


@dataclass(frozen=True, eq=False)
class Portions:
    """The rows of a training set, by what may be fitted on them.

    Parameters
    ----------
    seen : DataFrame or ndarray of shape (n_seen, n_columns)
        Preprocessing may be fitted on these.
    virtual, held_out : DataFrame or ndarray, or None
        Others that the model is trained on, and rows that tell it when to stop. None: there are none, which many
        libraries would refuse to transform.
    """

    seen: Any
    virtual: Any = None
    held_out: Any = None

    @classmethod
    def of(cls, X: Any, own: NDArray[np.bool_], held_out: NDArray[np.bool_]) -> Portions:
        """Divide rows: own ones are seen unless they are held out, the others are virtual."""
        virtual = ~own & ~held_out
        others = (select_rows(X, which) if which.any() else None for which in (virtual, held_out))
        return cls(select_rows(X, own & ~held_out), *others)

    def through(self, step: Any) -> Portions:
        """Transform all rows by a fitted step."""
        return self._with_others(step.transform(self.seen), step)

    def fitting(self, step: Any, y: NDArray[Any] | None) -> Portions:
        """Fit a step on the rows that it may see, in place, and transform all."""
        if hasattr(step, "fit_transform"):
            # Not the same as one after the other: a target encoder hides from a row its own label.
            return self._with_others(step.fit_transform(self.seen, y), step)
        return self._with_others(step.fit(self.seen, y).transform(self.seen), step)

    def training(self) -> Any:
        """Return the rows that the model is trained on, seen ones first."""
        return self.seen if self.virtual is None else _stacked(self.seen, self.virtual)

    def _with_others(self, seen: Any, step: Any) -> Portions:
        virtual, held_out = (None if rows is None else step.transform(rows) for rows in (self.virtual, self.held_out))
        return replace(self, seen=seen, virtual=virtual, held_out=held_out)


def prepare_rows(estimator: Any, rows: Portions, y: NDArray[Any] | None, fitted: Any = None) -> Portions | None:
    """Take rows through all steps before the model, and leave these steps fitted in the pipeline.

    Parameters
    ----------
    estimator : estimator
        Unfitted; where it is a pipeline, its steps but the last are fitted or replaced, in place. Its ``memory`` is not
        used.
    rows : Portions
    y : ndarray of shape (n_seen,) or None
        Labels or values of the rows that are seen; None: steps are not told.
    fitted : estimator, optional
        The same pipeline, fitted before, whose steps are to be kept. Default: they are fitted on the rows seen.

    Returns
    -------
    Portions or None
        Rows as the model takes them. None where a step changes which rows there are, as samplers do: such a pipeline
        can only be fitted whole.
    """
    steps = list(front_steps(estimator))
    if not all(hasattr(step, "transform") for _, _, step in steps):
        return None
    there = [None] * len(steps) if fitted is None else [step for _, _, step in front_steps(fitted)]
    for (pipeline, position, step), known in zip(steps, there, strict=True):
        if known is None:
            with warnings.catch_warnings():
                # It must be seeded, and the parameter for that is on its way out.
                warnings.filterwarnings("ignore", message="`TargetEncoder.shuffle` and `TargetEncoder.random_state`")
                rows = rows.fitting(step, y)
            continue
        # A copy, so that whoever fits the result again in place does not fit the participant's own.
        kept = copy.deepcopy(known)
        pipeline.steps[position] = (pipeline.steps[position][0], kept)
        rows = rows.through(kept)
    return rows


def front_steps(estimator: Any) -> Iterator[tuple[Any, int, Any]]:
    """Yield the steps before the model, also of a pipeline at the end of another: pipeline, position and step.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> [step for _, _, step in front_steps(make_pipeline(StandardScaler(), "passthrough", SVC()))]
    [StandardScaler()]
    """
    while hasattr(estimator, "steps"):
        for position, (_, step) in enumerate(estimator.steps[:-1]):
            if step is not None and step != "passthrough":
                yield estimator, position, step
        estimator = estimator.steps[-1][1]


def last_step(estimator: Any) -> tuple[Any, str]:
    """Return the estimator at the end of a pipeline, and the prefix of its parameters.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> last_step(make_pipeline(SVC()))
    (SVC(), 'svc__')
    """
    last, prefix = estimator, ""
    while hasattr(last, "steps"):
        step, last = last.steps[-1]
        prefix += f"{step}__"
    return last, prefix


def _stacked(above: Any, below: Any) -> Any:
    """Put tables of one kind one below the other."""
    if sparse.issparse(above):
        return sparse.vstack([above, below], format="csr")
    if isinstance(above, pd.DataFrame):
        return pd.concat([above, below], ignore_index=True)
    if hasattr(above, "vstack"):  # a frame of polars, from set_output
        return above.vstack(below)
    return np.concatenate([above, below])
