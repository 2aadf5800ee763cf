"""A participant made ready: rows encoded, model fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import LabelError, LearnerError, LearnerFailure, OptionError, ParticipantError, TableError
from coopdistill.learners import Learner, Model, as_learner, with_new_categories
from coopdistill.participants.participant import Participant
from coopdistill.schema import Codec, FeatureSpace, as_frame, as_labels, infer_feature_space
from coopdistill.seeds import derive_seed

__all__ = ["Prepared", "acquainted", "as_named_frame", "learner_of", "prepare", "space_of"]


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
        Labels or values.
    weight : ndarray of shape (n_rows,), float64, optional
        What each row counts.
    """

    model: Model
    X: NDArray[np.float64]
    y: NDArray[Any]
    weight: NDArray[np.float64] | None = None


def as_named_frame(participant: Participant) -> Any:
    """See a participant's rows as a DataFrame; errors say whose they are."""
    return as_frame(participant.X, what=f"participant {participant.name!r}: X")


def learner_of(participant: Participant) -> Learner:
    """Put a participant's model behind the interface of `Learner`; errors say whose it is."""
    try:
        return as_learner(participant.estimator, refit_preprocessing=participant.refit_preprocessing)
    except LearnerError as error:
        raise LearnerError(f"participant {participant.name!r}: {error}") from error


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
    learner = learner_of(participant)
    if participant.is_frozen:
        return _prepare_frozen(participant, learner)
    try:
        codec = Codec.of(participant.X, space_of(participant))
        X = codec.encode_own(participant.X)
    except (OptionError, TableError) as error:
        raise type(error)(f"participant {participant.name!r}: {error}") from error
    y = as_labels(participant.y, len(X), whose=participant.name)
    weight = _weight_of(participant, len(X))
    model = Model(participant.name, learner, codec)
    if not learner.is_fitted:
        model = _fit(model, X, y, weight, seed)
    _check_columns(model)
    _check_outputs(model, X)
    _check_labels(model, participant, y)
    return Prepared(model.probed(X), X, y, weight)


def space_of(participant: Participant) -> FeatureSpace:
    """Return what a participant's columns mean: as declared, or read off its rows."""
    declared = participant.feature_space
    return declared if isinstance(declared, FeatureSpace) else infer_feature_space(participant.X, declared)


def acquainted(prepared: Mapping[str, Prepared]) -> dict[str, Prepared]:
    """Let every participant read categories that only others know, where its model takes them.

    Parameters
    ----------
    prepared : mapping of str to Prepared
        In order of their names.

    Returns
    -------
    dict of str to Prepared
        Encoded rows stay what they are.
    """
    spaces = {name: one.model.space for name, one in prepared.items()}
    return {
        name: replace(
            one, model=with_new_categories(one.model, [s for other, s in spaces.items() if other != name], one.X)
        )
        for name, one in prepared.items()
    }


def _weight_of(participant: Participant, n_rows: int) -> NDArray[np.float64] | None:
    if participant.sample_weight is None:
        return None
    wanted = (
        f"participant {participant.name!r}: sample_weight must hold one finite number for each of the {n_rows} rows, "
        "none negative and not all zero"
    )
    try:
        weight = np.asarray(participant.sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParticipantError(f"{wanted}; {error}") from error
    if weight.shape != (n_rows,) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise ParticipantError(f"{wanted}; got shape {weight.shape}")
    return weight


def _fit(model: Model, X: NDArray[np.float64], y: NDArray[Any], weight: NDArray[np.float64] | None, seed: int) -> Model:
    try:
        return model.refit(X, y, seed=derive_seed(seed, "fit", model.name), sample_weight=weight)
    except LearnerFailure as error:
        if len(set(y.tolist())) == 1:
            raise LabelError(
                f"participant {model.name!r} has rows of class {y.tolist()[0]!r} only, and its model cannot be "
                "fitted on one class; give it rows of another class, or a fitted model"
            ) from error
        raise


def _check_labels(model: Model, participant: Participant, y: NDArray[Any]) -> None:
    """Refuse a model that was fitted on other labels."""
    if model.task == "classification" and (model.label_positions(y) < 0).all():
        fitted_on, has = (", ".join(map(repr, sorted(set(labels.tolist()))[:5])) for labels in (model.classes, y))
        raise LearnerError(
            f"participant {participant.name!r}: its model was fitted on labels {fitted_on}, its rows have {has}"
        )


def _check_outputs(model: Model, X: NDArray[np.float64]) -> None:
    """Refuse a model that predicts more than one label or value for each row."""
    shape = np.shape(model.predict(X[:1]))
    if len(shape) > 1 and shape[1] > 1:
        raise LearnerError(
            f"participant {model.name!r}: its model predicts several outputs, {shape[1]} for each row; "
            "give a model of one of them"
        )


def _check_columns(model: Model) -> None:
    """Refuse a model that was fitted on other columns, in number, name or order."""
    own = list(model.codec.columns)
    names = getattr(model.learner.estimator, "feature_names_in_", None)
    # Names that are no text some libraries write in a way of their own, and LightGBM an underscore for a space.
    if names is not None and not model.codec.is_array and all(isinstance(column, str) for column in own):
        fitted_on = [str(name) for name in names]
        if fitted_on not in (own, [str(column).replace(" ", "_") for column in own]):
            raise LearnerError(
                f"participant {model.name!r}: its model was fitted on columns {fitted_on!r}, its rows have {own!r}"
            )
    n_features = getattr(model.learner.estimator, "n_features_in_", len(own))
    if n_features != len(own):
        raise LearnerError(
            f"participant {model.name!r}: its model was fitted on {n_features} columns, its rows have {len(own)}"
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
    names = getattr(learner.estimator, "feature_names_in_", None)
    if names is not None and sorted(names) != sorted(space.columns):
        raise LearnerError(
            f"participant {participant.name!r}: its model was fitted on columns {list(names)!r}, its feature space has "
            f"{list(space.columns)!r}"
        )
    codec = Codec.unseen(space, columns=None if names is None else tuple(names))
    empty = np.empty((0, len(space)))
    return Prepared(Model(participant.name, learner, codec), empty, np.empty(0, dtype=object))
