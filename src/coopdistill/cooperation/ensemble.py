"""The models that a cooperation leaves, asked together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import NoSharedFeatureError, OptionError
from coopdistill.expertise import Answers, answers_by_scores, classes_about
from coopdistill.learners import Model, Sight, all_classes
from coopdistill.schema import FeatureSpace, as_frame, merge_one_hot

__all__ = ["Ensemble", "read_rows"]

FARTHEST = 5.0
"""From the median of all values, in median distances, a value counts as if it were no further."""


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Models that are asked together.

    Labels are those of the greatest mean score, where a class that a model never saw scores 0. Values are means, too; a
    value that is far off all others counts as if it were five times as far from their median as values are in the
    median, for a linear model may err without bounds.

    Parameters
    ----------
    models : tuple of Model
        In order of their names, one at the least.
    spaces : tuple of FeatureSpace
        Of all participants, whose one-hot columns are understood.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import CooperativeDistillation, Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    >>> ensemble = CooperativeDistillation(random_state=0).fit(participants).ensemble_
    >>> ensemble
    Ensemble('large', 'medium', 'small')
    >>> ensemble.predict(clinics.test.X[:3]).shape, ensemble.predict_proba(clinics.test.X[:3]).shape
    ((3,), (3, 2))
    """

    models: tuple[Model, ...]
    spaces: tuple[FeatureSpace, ...] = ()

    def __repr__(self) -> str:
        return f"Ensemble({', '.join(map(repr, self.names))})"

    @property
    def names(self) -> tuple[str, ...]:
        """Whose models they are."""
        return tuple(model.name for model in self.models)

    @property
    def classes_(self) -> NDArray[Any]:
        """Class labels that any of them knows, sorted, shape (n_classes,); of values none."""
        return all_classes(self.models)

    def predict(
        self, X: Any, *, feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None
    ) -> NDArray[Any]:
        """Predict labels or values.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
            Rows of any participant's columns. Each model takes its own, by name or declared synonym; one that is
            absent is filled as in any row from elsewhere. Of a row with nothing in columns of its own a model is not
            asked.
        feature_space : FeatureSpace or mapping, optional
            What the columns of `X` mean, where that differs from what they mean to a participant, such as their units.

        Returns
        -------
        ndarray of shape (n_rows,)

        Raises
        ------
        InputError
            If the rows cannot be used.
        """
        scores = self._scores_of_table(X, feature_space)
        return np.asarray(scores[:, 0] if self._predicts_values else self.classes_[scores.argmax(axis=1)])

    def predict_proba(
        self, X: Any, *, feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None
    ) -> NDArray[np.float64]:
        """Return the mean score of each class.

        Parameters
        ----------
        X, feature_space
            See `predict`.

        Returns
        -------
        ndarray of shape (n_rows, n_classes), float64
            In the order of `classes_`.

        Raises
        ------
        InputError
            If the rows cannot be used, or values are predicted.
        """
        if self._predicts_values:
            raise OptionError("these models predict values, which have no probabilities; use predict")
        return self._scores_of_table(X, feature_space)

    def answers(self, look: Callable[[Model], Sight], y: NDArray[Any]) -> Answers:
        """Return what they say together of labelled rows.

        Parameters
        ----------
        look : callable
            From a model to the rows as it sees them.
        y : ndarray of shape (n_rows,)
            True labels or values.
        """
        classes = classes_about(y, self.classes_)
        said = [model.by_class(model.scores_of(look(model)), classes) for model in self.models]
        return answers_by_scores(together(np.array(said), are_values=self._predicts_values), classes, y)

    @property
    def _predicts_values(self) -> bool:
        return self.models[0].task == "regression"

    def _scores_of_table(self, X: Any, declared: Any) -> NDArray[np.float64]:
        """Ask each model of the rows that say anything in columns of its own; where none do, every one that reads."""
        frame, classes = as_frame(X), self.classes_
        said, told = [], []
        for model in self.models:
            try:
                rows, space = encoded_rows(model, frame, self.spaces, declared)
                own = model.read(rows, space)
            except NoSharedFeatureError as error:
                unread = error
                continue
            said.append(model.by_class(model.scores(own), classes))
            told.append(model.is_told_of(rows, space))
        if not said:
            raise unread
        is_silent = ~np.array(told) & np.any(told, axis=0)
        return together(np.where(is_silent[:, :, np.newaxis], np.nan, said), are_values=self._predicts_values)


def together(said: NDArray[np.float64], *, are_values: bool) -> NDArray[np.float64]:
    """Put together what several models say.

    Parameters
    ----------
    said : ndarray of shape (n_models, n_rows, n_scores), float64
        NaN of what a model was not asked; of each row one was, at the least.
    are_values : bool
        Whether these are values, which have no bounds.

    Returns
    -------
    ndarray of shape (n_rows, n_scores), float64

    Examples
    --------
    >>> together(np.array([[[1.0]], [[2.0]], [[3.0]], [[1000.0]]]), are_values=True)
    array([[3.375]])
    """
    if are_values:
        median = np.nanmedian(said, axis=0)
        distance = FARTHEST * np.nanmedian(np.abs(said - median), axis=0)
        said = np.clip(said, median - distance, median + distance)
    return np.asarray(np.nanmean(said, axis=0))


def read_rows(model: Model, frame: Any, spaces: Sequence[FeatureSpace], declared: Any) -> NDArray[np.float64]:
    """Express rows of any participant's columns in a model's own space; see `encoded_rows`."""
    return model.read(*encoded_rows(model, frame, spaces, declared))


def encoded_rows(
    model: Model, frame: Any, spaces: Sequence[FeatureSpace], declared: Any
) -> tuple[NDArray[np.float64], FeatureSpace]:
    """Encode rows of any participant's columns as a model may read them.

    Parameters
    ----------
    model : Model
    frame : DataFrame
        One-hot columns that some participant declares are read as a feature also for those that know it as a column of
        categories.
    spaces : sequence of FeatureSpace
        Of all participants.
    declared : FeatureSpace or mapping, optional
        What the columns mean; see `Participant`.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features), float64
    space : FeatureSpace
        Of these.
    """
    if not isinstance(declared, FeatureSpace):
        grouped = {str(column) for fields in (declared or {}).values() for column in fields.get("one_hot", ())}
        frame = merge_one_hot(frame, spaces, keep={*model.space.columns, *grouped})
    return model.encoded_table(frame, declared)
