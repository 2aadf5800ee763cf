"""Categories that a model never saw, and whether it takes them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import AlignmentError, LearnerFailure
from coopdistill.learners.model import Model
from coopdistill.schema import Alignment, Feature, FeatureSpace

__all__ = ["with_new_categories"]


def with_new_categories(model: Model, spaces: Iterable[FeatureSpace], rows: NDArray[np.float64]) -> Model:
    """Return a model that reads others' categories as they are, wherever it takes what it never saw.

    Whether it does is tried, feature by feature: asked about a row with the new category in it, it must not raise,
    and must say of the row itself what it says without. A category that it does not take stays unknown, and is read
    as missing.

    Parameters
    ----------
    model : Model
        Fitted.
    spaces : iterable of FeatureSpace
        Of others. What shares no feature with the model is passed over.
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded rows of its own; the first is used. Without any, nothing is tried.

    Returns
    -------
    Model
        With the categories behind those that it knew, so that encoded rows stay what they are.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import OneHotEncoder
    >>> from coopdistill.learners import as_learner
    >>> from coopdistill.schema import Codec, infer_feature_space
    >>> X, elsewhere = pd.DataFrame({"colour": ["red", "blue", "red"]}), pd.DataFrame({"colour": ["red", "green"]})
    >>> lenient = make_pipeline(OneHotEncoder(handle_unknown="ignore", sparse_output=False), GaussianNB())
    >>> codec = Codec.of(X, infer_feature_space(X))
    >>> model = Model("shop", as_learner(lenient.fit(X, [1, 0, 1])), codec)
    >>> with_new_categories(model, [infer_feature_space(elsewhere)], codec.encode(X)).space["colour"].categories
    ('blue', 'red', 'green')
    """
    if len(rows) == 0:
        return model
    known = list(model.space)
    for space in spaces:
        for name, categories in _unknown(space, model).items():
            j = model.space.names.index(name)
            known[j] = known[j].with_categories(categories)
    for j, feature in enumerate(known):
        if feature is not model.space.features[j]:
            tried = _knowing(model, j, feature)
            model = tried if _takes(tried, model, j, rows[:1]) else model
    return model


def _unknown(space: FeatureSpace, model: Model) -> dict[str, tuple[object, ...]]:
    try:
        return dict(Alignment(space, model.space).unknown_categories)
    except AlignmentError:
        return {}


def _knowing(model: Model, j: int, feature: Feature) -> Model:
    features = (*model.space.features[:j], feature, *model.space.features[j + 1 :])
    return replace(model, codec=model.codec.reading(FeatureSpace(features)))


def _takes(tried: Model, model: Model, j: int, row: NDArray[np.float64]) -> bool:
    """Whether a model takes every category of a feature that it did not know before."""
    new = np.arange(model.space.n_categories[j], tried.space.n_categories[j], dtype=np.float64)
    probes = np.repeat(row, len(new) + 1, axis=0)
    probes[1:, j] = new
    with warnings.catch_warnings():
        # A probe may well hold what no row of training held; that is no news to the user.
        warnings.simplefilter("ignore")
        try:
            return bool(np.allclose(tried.scores(probes)[0], model.scores(row)[0]))
        except LearnerFailure:
            return False
