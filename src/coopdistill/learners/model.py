"""A learner that reads encoded rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import InputError, LearnerFailure
from coopdistill.learners.learner import Learner
from coopdistill.learners.sight import Sight
from coopdistill.schema import (
    Alignment,
    Codec,
    FeatureSpace,
    Kind,
    as_frame,
    infer_feature_space,
    merge_one_hot,
)

__all__ = ["Model", "all_classes"]

_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Model:
    """A learner together with the feature space and the container of its rows: what travels between participants.

    Parameters
    ----------
    name : str
        Whose model it is; errors say it.
    learner : Learner
        The model itself.
    codec : Codec
        Turns encoded rows into what the learner takes.
    keep_missing : tuple of bool, optional
        For each feature, whether the learner takes it missing; else it is filled in rows from elsewhere. None: unknown,
        so all are filled.
    tolerance : float, default=0.0
        How far off it may be and still count as right, in the unit of what it predicts; 0 in classification.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from coopdistill.learners import as_learner
    >>> from coopdistill.schema import infer_feature_space
    >>> X, y = np.array([[0.0], [0.5], [3.0]]), np.array([0, 0, 1])
    >>> model = Model("clinic", as_learner(DummyClassifier()), Codec.of(X, infer_feature_space(X))).refit(X, y, seed=0)
    >>> model.predict(X)
    array([0, 0, 0])
    """

    name: str
    learner: Learner
    codec: Codec
    keep_missing: tuple[bool, ...] | None = None
    tolerance: float = 0.0

    @property
    def space(self) -> FeatureSpace:
        """The feature space of its rows."""
        return self.codec.space

    @cached_property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return self.learner.task

    @cached_property
    def classes(self) -> NDArray[Any]:
        """Class labels that it knows, shape (n_classes,)."""
        return self.learner.classes

    def label_positions(self, y: NDArray[Any]) -> NDArray[np.intp]:
        """Return the scores' column of each label, -1 where the model never saw the class."""
        positions = {label: i for i, label in enumerate(self.classes.tolist())}
        return np.array([positions.get(label, -1) for label in y.tolist()], dtype=np.intp)

    def by_class(self, scores: NDArray[np.float64], classes: NDArray[Any]) -> NDArray[np.float64]:
        """Return scores of its own in the order of given classes, 0 of one that it never saw; values as they are."""
        if self.task == "regression":
            return scores
        columns = self.label_positions(classes)
        return np.where(columns >= 0, scores[:, columns], 0.0)

    def scores(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return scores of encoded rows, shape (n_rows, n_classes).

        Raises
        ------
        LearnerFailure
            If the model raises, or its answer has the wrong shape, holds NaN or does not sum to one.
        """
        return self._scores(self.see(rows).seen, len(rows))

    def see(self, rows: NDArray[np.float64]) -> Sight:
        """Look at encoded rows, to be asked about them: `scores_of`, `scores_and_labels`.

        Raises
        ------
        LearnerFailure
            If the preprocessing raises.
        """
        if len(rows) == 0:  # which many libraries refuse to look at
            return Sight(rows, rows, self._eye)
        with self._failing_by_name("asked for scores"):
            return Sight(rows, self.learner.through_front(self.codec.decode(rows)), self._eye)

    def scores_of(self, sight: Sight) -> NDArray[np.float64]:
        """Return what `scores` says of rows that were looked at, best by this model or one that it is a refit of.

        Raises
        ------
        LearnerFailure
            As `scores`.
        """
        return self._scores(self.sight_of(sight).copied, len(sight.rows))

    def _scores(self, seen: Any, n_rows: int) -> NDArray[np.float64]:
        if n_rows == 0:  # which many libraries refuse to answer
            return np.empty((0, self._n_scores))
        with self._failing_by_name("asked for scores"):
            scores = self.learner.behind_front.scores(seen)
        return self._checked(scores, n_rows)

    def scores_and_labels(self, sight: Sight) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Return what `scores` and `predict` say of rows that were looked at, of which there is one at the least.

        Raises
        ------
        LearnerFailure
            As these two.
        """
        sight = self.sight_of(sight)
        scores = self.scores_of(sight)
        with self._failing_by_name("asked to predict"):
            return scores, self.learner.behind_front.predict(sight.copied)

    def sight_of(self, sight: Sight) -> Sight:
        """Return rows that another looked at as this model sees them; as they are, where both see alike."""
        return sight if sight.is_by(self._eye) else self.see(sight.rows)

    def sees_as(self, other: Model) -> bool:
        """Tell whether it sees rows as the other does: both keep the same preprocessing."""
        return all(mine is its for mine, its in zip(self._eye, other._eye, strict=True))

    @property
    def _eye(self) -> tuple[object, ...]:
        front = self.learner.front
        return self.codec, self.learner if front is None else front

    @contextmanager
    def _failing_by_name(self, when: str, *, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        try:
            yield
        except but:
            raise
        except Exception as error:  # whatever a foreign library raises is the participant's failure, by name
            raise LearnerFailure(f"the model of {self.name!r} failed when {when}: {error}") from error

    @property
    def _n_scores(self) -> int:
        return 1 if self.task == "regression" else len(self.classes)

    def _checked(self, scores: NDArray[np.float64], n_rows: int) -> NDArray[np.float64]:
        if scores.shape != (n_rows, self._n_scores):
            raise LearnerFailure(
                f"the model of {self.name!r} returned scores of shape {scores.shape} for {n_rows} rows and "
                f"{self._n_scores} columns"
            )
        if not np.isfinite(scores).all():
            raise LearnerFailure(f"the model of {self.name!r} returned a score that is NaN or infinite")
        if self.learner.capabilities.probabilities and np.abs(scores.sum(axis=1) - 1).max(initial=0) > _SUM_TOLERANCE:
            raise LearnerFailure(f"the model of {self.name!r} returned probabilities that do not sum to one")
        return scores

    def predict(self, rows: NDArray[np.float64]) -> NDArray[Any]:
        """Return labels of encoded rows, shape (n_rows,).

        Raises
        ------
        LearnerFailure
            If the model raises.
        """
        with self._failing_by_name("asked to predict"):
            return self.learner.predict(self.codec.decode(rows))

    def refit(
        self,
        rows: NDArray[np.float64],
        y: NDArray[Any],
        *,
        seed: int,
        sample_weight: NDArray[np.float64] | None = None,
        n_own: int | None = None,
    ) -> Model:
        """Return the model fitted anew on encoded rows; this one stays as it is.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_features), float64
        y : ndarray of shape (n_rows,)
        seed : int
        sample_weight, n_own
            See `Learner.refit`.

        Raises
        ------
        InputError
            If the learner says that these rows are not for it.
        LearnerFailure
            If it raises anything else.
        """
        X = self.codec.decode(rows)
        try:
            with self._failing_by_name(f"fitted on {len(rows)} rows", but=(InputError,)):
                fitted = self.learner.refit(X, y, seed=seed, sample_weight=sample_weight, n_own=n_own)
        except InputError as error:
            raise type(error)(f"the model of {self.name!r}: {error}") from error
        return replace(self, learner=fitted)

    def prepared(self, rows: NDArray[np.float64], *, seed: int) -> Model:
        """Return the model, refits of which share the preprocessing that these rows give it; see `Learner.prepared`."""
        return replace(self, learner=self.learner.prepared(self.codec.decode(rows), seed=seed))

    def from_scratch(self) -> Model:
        """Return the model, a refit of which keeps nothing that it was fitted to before; see `Learner.from_scratch`."""
        return replace(self, learner=self.learner.from_scratch())

    def read(self, rows: NDArray[np.float64], space: FeatureSpace) -> NDArray[np.float64]:
        """Express encoded rows of another feature space in the model's own.

        Raises
        ------
        AlignmentError
            If no feature is shared, or one cannot be converted.
        """
        return Alignment(space, self.space).apply(rows, keep_missing=self._kept)

    def read_table(self, X: Any, declared: Any = None) -> NDArray[np.float64]:
        """Encode a table of any participant's columns in the model's own space.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
            The columns of a one-hot group of the model's own count as its feature, those that are not there as zeros.
        declared : mapping or FeatureSpace, optional
            What the columns of `X` mean; see `Participant`. Default: what they mean to the model.

        Returns
        -------
        ndarray of shape (n_rows, n_own_features), float64
        """
        return self.read(*self.encoded_table(X, declared))

    def encoded_table(self, X: Any, declared: Any = None) -> tuple[NDArray[np.float64], FeatureSpace]:
        """Encode a table of any participant's columns as it is, in a space of its own; see `read_table`.

        Columns without a single value are left out.
        """
        if isinstance(declared, FeatureSpace):
            return Codec.of(X, declared).encode(X), declared
        declared_columns = {str(c) for fields in (declared or {}).values() for c in fields.get("one_hot", ())}
        frame = merge_one_hot(as_frame(X), [self.space], keep=declared_columns).dropna(axis=1, how="all")
        # Test rows may hold values that the participant's own never had, so the widest kind of its family.
        kinds: dict[str, dict[str, Any]] = {
            name: {"kind": Kind.CONTINUOUS if feature.kind.is_numeric else Kind.CATEGORICAL}
            for feature in self.space
            for name in feature.names
            if name in frame.columns
        }
        for name, fields in (declared or {}).items():
            kinds[str(name)] = {**kinds.get(str(name), {}), **fields}
        space = infer_feature_space(frame, kinds)
        return Codec.of(frame, space).encode(frame), space

    def is_told_of(self, rows: NDArray[np.float64], space: FeatureSpace) -> NDArray[np.bool_]:
        """Tell which encoded rows of another feature space say anything in the model's own, shape (n_rows,)."""
        told = Alignment(space, self.space).apply(rows, keep_missing=np.ones(len(self.space), dtype=bool))
        return np.asarray(~np.isnan(told).all(axis=1))

    @property
    def _kept(self) -> NDArray[np.bool_] | None:
        return None if self.keep_missing is None else np.array(self.keep_missing)

    def probed(self, rows: NDArray[np.float64]) -> Model:
        """Return the model knowing which features it takes missing values of.

        What a model says of itself is not always true of the pipeline around it, so it is asked: once with all
        numbers of a row missing, once with all categories.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_features), float64
            Encoded rows of its own; the first is used.
        """
        takes = np.zeros(len(self.space), dtype=bool)
        for group in (self.space.numeric, ~self.space.numeric):
            try:
                # Its scores, because a network predicts some class also of a missing value's.
                self.scores(np.where(group, np.nan, rows[:1]))
            except LearnerFailure:
                continue
            takes |= group
        return replace(self, keep_missing=tuple(takes.tolist()))


def all_classes(models: Iterable[Model]) -> NDArray[Any]:
    """Return the class labels that any of some models knows, sorted, shape (n_classes,); of values none."""
    return reduce(np.union1d, (model.classes for model in models))
