"""Who takes part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coopdistill.schema import FeatureSpace, count_rows

__all__ = ["Participant"]


class Participant:
    """A named model, the labelled rows it was trained on, and the feature space those rows live in.

    Nothing is checked or copied here; `CooperativeDistillation.fit` does that, and never changes what it was given.

    Parameters
    ----------
    name : str
        Distinct among the participants of a cooperation.
    estimator : object
        A classifier or regressor, fitted or not. A fitted one teaches as it is and is cloned to be refitted.
    X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns), optional
        Its rows; a DataFrame of pandas, polars or another library that narwhals knows. The model gets rows of the same
        kind. None makes a frozen model that only teaches.
    y : array-like of shape (n_rows,), optional
        A list, an array or a Series: their classes or, for a regressor, values.
    sample_weight : array-like of shape (n_rows,), optional
        What each row counts when the model is fitted; a virtual instance counts as they do on average. Default:
        all alike.
    feature_space : FeatureSpace or mapping, optional
        What the columns mean: a whole space, or for some columns the fields of `Feature` that overrule
        what is read off the rows, such as ``{"age": {"mutable": False}}``. Default: read off the rows.
    refit_preprocessing : bool, optional
        Whether a pipeline is refitted whole, on own and virtual rows, or its steps before the last stay as they were
        fitted; False: where it comes unfitted, on own rows alone. Default: a pipeline that comes fitted keeps them, one
        that comes unfitted is refitted whole.

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
        sample_weight: Any = None,
        feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None,
        refit_preprocessing: bool | None = None,
    ) -> None:
        self.name = name
        self.estimator = estimator
        self.X = X
        self.y = y
        self.sample_weight = sample_weight
        self.feature_space = feature_space
        self.refit_preprocessing = refit_preprocessing

    @property
    def is_frozen(self) -> bool:
        """Whether it has no rows, and so only teaches."""
        return self.X is None

    def __repr__(self) -> str:
        rows = "frozen" if self.is_frozen else f"{count_rows(self.X)} rows"
        return f"Participant({self.name!r}, {self.estimator!r}, {rows})"
