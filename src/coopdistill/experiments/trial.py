"""Who takes part in one repetition of an experiment, and on which rows all are tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coopdistill.participants import Participant

__all__ = ["Trial", "as_trained"]


@dataclass(frozen=True, eq=False)
class Trial:
    """One repetition of an experiment, before anything is trained or generated.

    Parameters
    ----------
    participants : tuple of Participant
        Not fitted, though to be taken for trained; each with rows of its own. See `as_trained`.
    X_test : DataFrame or ndarray of shape (n_rows, n_features)
        Rows that no participant has.
    y_test : array-like of shape (n_rows,)
        Their labels.
    public : DataFrame or ndarray of shape (n_public, n_features), optional
        Rows that neither a participant nor the test set has, without labels. Default: the data leave none.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> Trial(tuple(Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()), *clinics.test)
    Trial(3 participants, 171 test rows)
    """

    participants: tuple[Participant, ...]
    X_test: Any
    y_test: Any
    public: Any = None

    def __repr__(self) -> str:
        return f"Trial({len(self.participants)} participants, {len(self.X_test)} test rows)"


def as_trained(
    name: str, estimator: Any, X: Any, y: Any, *, feature_space: Mapping[str, Mapping[str, Any]] | None = None
) -> Participant:
    """Make a participant of a model that is to be taken for trained, though the method fits it.

    Whoever lets models teach each other has trained them, so their pipelines are as those that come fitted: scales and
    encoders stay what own rows make them.

    Parameters
    ----------
    name, estimator, X, y, feature_space
        See `Participant`.

    Returns
    -------
    Participant

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> as_trained("north", make_pipeline(StandardScaler(), LogisticRegression()), *load_iris(return_X_y=True))
    Participant('north', Pipeline(steps=[('standardscaler', StandardScaler()),
                    ('logisticregression', LogisticRegression())]), 150 rows)
    """
    return Participant(name, estimator, X, y, feature_space=feature_space, refit_preprocessing=False)
