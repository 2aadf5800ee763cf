"""Who takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import LabelError, LearnerError, LearnerFailure, ParticipantError, TableError
from coopdistill.learners import Model, as_learner
from coopdistill.schema import Codec, FeatureSpace, as_frame, as_labels, infer_feature_space
from coopdistill.seeds import derive_seed

__all__ = ["Participant", "Prepared", "as_named_frame", "check_participants", "prepare"]


class Participant:
    """A named model, the labelled rows it was trained on, and the feature space those rows live in.

    Nothing is checked or copied here; `CooperativeDistillation.fit` does that, and never changes what it was given.

    Parameters
    ----------
    name : str
        Distinct among the participants of a cooperation.
    estimator : object
        A classifier, fitted or not. A fitted one teaches as it is and is cloned to be refitted.
    X : DataFrame or array-like of shape (n_rows, n_features), optional
        Its rows. None makes a frozen model that only teaches.
    y : array-like of shape (n_rows,), optional
        Their labels.
    feature_space : FeatureSpace or mapping, optional
        What the columns mean: a whole space, or for some columns the fields of `Feature` that overrule
        what is read off the rows, such as ``{"age": {"mutable": False}}``. Default: read off the rows.

    See Also
    --------
    coopdistill.CooperativeDistillation : Lets participants teach each other.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> Participant("north", DecisionTreeClassifier(), X, y)
    Participant('north', DecisionTreeClassifier(), 150 rows)
    """

    def __init__(
        self,
        name: str,
        estimator: Any,
        X: Any = None,
        y: Any = None,
        *,
        feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.name = name
        self.estimator = estimator
        self.X = X
        self.y = y
        self.feature_space = feature_space

    @property
    def is_frozen(self) -> bool:
        """Whether it has no rows, and so only teaches."""
        return self.X is None

    def __repr__(self) -> str:
        rows = "frozen" if self.is_frozen else f"{len(self.X)} rows"
        return f"Participant({self.name!r}, {self.estimator!r}, {rows})"


@dataclass(frozen=True, eq=False)
class Prepared:
    """A participant whose rows are encoded and whose model is fitted.

    Parameters
    ----------
    model : Model
        Fitted; the one that was given, where that was fitted.
    X : ndarray of shape (n_rows, n_features), float64
        Encoded rows; none of a frozen participant.
    y : ndarray of shape (n_rows,)
        Labels.
    """

    model: Model
    X: NDArray[np.float64]
    y: NDArray[Any]


def check_participants(participants: object) -> list[Participant]:
    """Refuse participants that cannot cooperate, before any work is done.

    Parameters
    ----------
    participants : sequence of Participant

    Returns
    -------
    list of Participant
        In order of their names, so that the order given plays no part.

    Raises
    ------
    ParticipantError
        If there are fewer than two, two of one name, none with rows, or something else among them.
    LabelError
        If labels are missing, of different types, or of one class only everywhere.
    """
    if isinstance(participants, Participant) or not isinstance(participants, Sequence):
        raise ParticipantError(f"participants must be a list of Participant, got {type(participants).__name__}")
    for participant in participants:
        if not isinstance(participant, Participant):
            raise ParticipantError(f"participants must hold Participant objects, got {participant!r}")
        name: object = participant.name
        if not isinstance(name, str) or not name:
            raise ParticipantError(f"a participant's name must be a string that is not empty, got {name!r}")
    names = [participant.name for participant in participants]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ParticipantError(f"two participants are named {doubled[0]!r}; names must be distinct")
    if len(names) < 2:
        raise ParticipantError(f"cooperation needs at least two participants, got {len(names)}")
    with_rows = [participant for participant in participants if not participant.is_frozen]
    if not with_rows:
        raise ParticipantError("no participant has rows, so nobody can learn; give X and y to at least one")
    _check_labels(with_rows)
    return sorted(participants, key=lambda participant: participant.name)


def _check_labels(with_rows: list[Participant]) -> None:
    classes: set[Any] = set()
    for participant in with_rows:
        if participant.y is None:
            raise LabelError(f"participant {participant.name!r} has rows and no labels; give y, or leave out X too")
        n_rows = len(as_named_frame(participant))
        labels = as_labels(participant.y, n_rows, whose=participant.name)
        _refuse_measurements(labels, participant.name)
        classes |= set(labels.tolist())
    kinds = {"text" if isinstance(label, str) else "number" for label in classes}
    if len(kinds) > 1:
        raise LabelError(
            f"some participants label by text and others by number ({sorted(map(str, classes))[:4]}…); "
            "use the same labels everywhere"
        )
    if len(classes) < 2:
        raise LabelError(
            f"every label of every participant is {next(iter(classes))!r}; there must be two classes at least"
        )


def _refuse_measurements(labels: NDArray[Any], name: str) -> None:
    fractions = labels[labels != np.rint(labels)] if labels.dtype.kind == "f" else labels[:0]
    if len(fractions):
        raise LabelError(
            f"participant {name!r}: y holds {float(fractions[0])!r}, which is a measurement; it must hold classes"
        )


def as_named_frame(participant: Participant) -> Any:
    """See a participant's rows as a DataFrame; errors say whose they are."""
    return as_frame(participant.X, what=f"participant {participant.name!r}: X")


def prepare(participant: Participant, *, seed: int) -> Prepared:
    """Encode a participant's rows and fit its model, unless it is fitted already.

    Parameters
    ----------
    participant : Participant
        It stays as it is.
    seed : int
        The run's.

    Returns
    -------
    Prepared

    Raises
    ------
    InputError
        If rows, labels or model cannot be used; the message says whose.
    LearnerFailure
        If the model raises.
    """
    try:
        learner = as_learner(participant.estimator)
    except LearnerError as error:
        raise LearnerError(f"participant {participant.name!r}: {error}") from error
    if learner.task == "regression":
        raise LearnerError(
            f"participant {participant.name!r}: {type(participant.estimator).__name__} is a regressor; "
            "cooperation takes classifiers"
        )
    if participant.is_frozen:
        return _prepare_frozen(participant, learner)
    try:
        codec = _codec(participant)
        X = codec.encode(participant.X)
    except TableError as error:
        raise type(error)(f"participant {participant.name!r}: {error}") from error
    y = as_labels(participant.y, len(X), whose=participant.name)
    model = Model(participant.name, learner, codec)
    if not learner.is_fitted:
        model = _fit(model, X, y, seed)
    _check_against_rows(model, participant, X, y)
    return Prepared(model.probed(X), X, y)


def _codec(participant: Participant) -> Codec:
    declared = participant.feature_space
    space = declared if isinstance(declared, FeatureSpace) else infer_feature_space(participant.X, declared)
    return Codec.of(participant.X, space)


def _fit(model: Model, X: NDArray[np.float64], y: NDArray[Any], seed: int) -> Model:
    try:
        return model.refit(X, y, seed=derive_seed(seed, "fit", model.name))
    except LearnerFailure as error:
        if len(set(y.tolist())) == 1:
            raise LabelError(
                f"participant {model.name!r} has rows of class {y.tolist()[0]!r} only, and its model cannot be "
                "fitted on one class; give it rows of another class, or a fitted model"
            ) from error
        raise


def _check_against_rows(model: Model, participant: Participant, X: NDArray[np.float64], y: NDArray[Any]) -> None:
    """Refuse a fitted model that was not trained on rows like these."""
    names = getattr(model.learner.estimator, "feature_names_in_", None)
    if names is not None and not model.codec.is_array and list(names) != list(model.space.names):
        raise LearnerError(
            f"participant {participant.name!r}: its model was fitted on columns {list(names)!r}, its rows have "
            f"{list(model.space.names)!r}"
        )
    n_features = getattr(model.learner.estimator, "n_features_in_", X.shape[1])
    if n_features != X.shape[1]:
        raise LearnerError(
            f"participant {participant.name!r}: its model was fitted on {n_features} columns, "
            f"its rows have {X.shape[1]}"
        )
    if (model.label_positions(y) < 0).all():
        fitted_on, has = (", ".join(map(repr, sorted(set(labels.tolist()))[:5])) for labels in (model.classes, y))
        raise LearnerError(
            f"participant {participant.name!r}: its model was fitted on labels {fitted_on}, its rows have {has}"
        )


def _prepare_frozen(participant: Participant, learner: Any) -> Prepared:
    space = participant.feature_space
    if not learner.is_fitted:
        raise LearnerError(
            f"participant {participant.name!r} has no rows and its model is not fitted; it can neither teach nor learn"
        )
    if not isinstance(space, FeatureSpace):
        raise ParticipantError(
            f"participant {participant.name!r} has no rows to read its features off; give feature_space=FeatureSpace(…)"
        )
    is_array = getattr(learner.estimator, "feature_names_in_", None) is None
    codec = Codec(space, is_array, tuple(_dtype_of(feature) for feature in space))
    empty = np.empty((0, len(space)))
    return Prepared(Model(participant.name, learner, codec), empty, np.empty(0, dtype=object))


def _dtype_of(feature: Any) -> Any:
    return np.dtype(np.float64) if feature.kind.is_numeric else np.array(feature.categories).dtype
