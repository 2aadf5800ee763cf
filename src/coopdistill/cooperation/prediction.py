"""What a finished cooperation predicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from coopdistill.cooperation.ensemble import Ensemble, read_rows
from coopdistill.exceptions import ParticipantError, nearest_name
from coopdistill.learners import Model
from coopdistill.schema import FeatureSpace, as_frame

__all__ = ["Prediction"]


class Prediction:
    """The part of `CooperativeDistillation` that predicts, for each participant as it does best."""

    # Those of `CooperativeDistillation`, once it is fitted.
    members_: list[str]
    consults_: dict[str, bool]
    _before: dict[str, Model]
    _after: dict[str, Model]

    def predict_for(
        self, name: str, X: Any, *, feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None
    ) -> NDArray[Any]:
        """Predict what a participant is to take for the truth: what all models say together, or its own alone.

        Parameters
        ----------
        name : str
            Of a participant.
        X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
            Rows of any participant's columns. All models are asked together where `consults_` says so; each takes its
            own columns of them, as in `evaluate`.
        feature_space : FeatureSpace or mapping, optional
            What the columns of `X` mean, where that differs from what they mean to a participant, such as their units.

        Returns
        -------
        ndarray of shape (n_rows,)
            Labels or values.

        Raises
        ------
        ParticipantError
            If there is none of that name.
        InputError
            If the rows cannot be used.

        See Also
        --------
        Ensemble : All models asked together, whoever asks.

        Examples
        --------
        >>> from sklearn.naive_bayes import GaussianNB
        >>> from coopdistill import CooperativeDistillation, Participant
        >>> from coopdistill.datasets import make_clinics
        >>> clinics = make_clinics(random_state=0)
        >>> participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
        >>> cooperation = CooperativeDistillation(random_state=0).fit(participants)
        >>> cooperation.predict_for("small", clinics.test.X).shape
        (171,)
        """
        check_is_fitted(self, "learners_")
        if name not in self._after:
            raise ParticipantError(f"no participant is named {name!r}{nearest_name(name, self._after)}")
        return self._predicted([name], X, feature_space)[name]

    def predict_each(
        self, X: Any, *, feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Predict the same rows for every participant, asking all together but once.

        Parameters
        ----------
        X, feature_space
            See `predict_for`.

        Returns
        -------
        dict of str to ndarray of shape (n_rows,)
            For each participant's name, what `predict_for` returns.

        Raises
        ------
        InputError
            If the rows cannot be used.

        Examples
        --------
        >>> said = cooperation.predict_each(X_test)  # doctest: +SKIP
        """
        check_is_fitted(self, "learners_")
        return self._predicted(list(self._after), X, feature_space)

    @property
    def ensemble_(self) -> Ensemble:
        """The models after cooperation, asked together; see the attributes of the class."""
        check_is_fitted(self, "learners_")
        return Ensemble(tuple(self._after[name] for name in self.members_), self._spaces)

    def _predicted(self, names: list[str], X: Any, feature_space: Any) -> dict[str, NDArray[Any]]:
        frame, spaces = as_frame(X), self._spaces
        asks = any(self.consults_[name] for name in names)
        together = self.ensemble_.predict(frame, feature_space=feature_space) if asks else None
        said = {}
        for name in names:
            if together is not None and self.consults_[name]:
                said[name] = together.copy()  # each may do with it what it likes
            else:
                said[name] = self._after[name].predict(read_rows(self._after[name], frame, spaces, feature_space))
        return said

    @property
    def _spaces(self) -> tuple[FeatureSpace, ...]:
        return tuple(model.space for model in self._before.values())
