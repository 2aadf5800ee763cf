"""What a classifier and a regressor of several cooperating members have in common."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import MetaEstimatorMixin, clone, is_classifier
from sklearn.utils import Bunch
from sklearn.utils.metaestimators import _BaseComposition
from sklearn.utils.validation import check_is_fitted

from coopdistill.cooperation import CooperativeDistillation
from coopdistill.ensemble.input_rows import check_rows, check_training_rows, takes_missing
from coopdistill.ensemble.views import check_views, member_rows
from coopdistill.exceptions import LearnerError, OptionError, TableError, nearest_name
from coopdistill.learners import Learner, as_learner
from coopdistill.participants import Participant
from coopdistill.schema import Table
from coopdistill.seeds import run_seed

__all__ = ["CooperativeEnsemble"]


# The base is scikit-learn's own, under its pipelines and ensembles: it reads and sets the parameters of named members,
# in the order that a grid search relies on.
class CooperativeEnsemble(MetaEstimatorMixin, _BaseComposition, ABC):
    """Members that are trained on one table, teach each other, and vote.

    Parameters and attributes are those of `CooperativeClassifier` and `CooperativeRegressor`.
    """

    # Read by metadata routing; `fit` itself takes weights by keyword, as scikit-learn's stacking does.
    __metadata_request__fit = {"sample_weight": None}  # noqa: RUF012  # scikit-learn reads it of the class
    _required_parameters = ["estimators"]  # noqa: RUF012 # read by the checks of scikit-learn 1.5

    estimators: Sequence[tuple[str, Any]]
    views: str
    columns: Mapping[str, Sequence[str]] | None
    alpha: float
    focus: str
    rounds: int
    weights: Sequence[float] | None
    n_jobs: int | None
    random_state: Any

    @property
    def named_estimators(self) -> Bunch:
        """The members as they were given, by name."""
        return Bunch(**dict(self.estimators))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters.

        Parameters
        ----------
        deep : bool, default=True
            Whether to add the members under their names, and their own parameters as ``name__parameter``.

        Returns
        -------
        dict of str to object
        """
        params: dict[str, Any] = self._get_params("estimators", deep=deep)
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters; replace a member by its name, or leave it out by ``name="drop"``.

        Parameters
        ----------
        **params : object
            ``parameter=value``, ``name=estimator`` or ``name__parameter=value``.

        Returns
        -------
        estimator
            This object.
        """
        self._set_params("estimators", **params)
        return self

    def _training_rows(
        self, X: Any, y: Any, fit_params: Mapping[str, Any], *, y_numeric: bool
    ) -> tuple[Table, NDArray[Any], NDArray[np.float64] | None]:
        """Check what `fit` was given, and leave out rows that count nothing."""
        X, y = check_training_rows(self, X, y, y_numeric=y_numeric, missing=self._takes_missing())
        weight = _sample_weight(fit_params, len(y))
        if weight is None or (counts := weight > 0).all():
            return X, y, weight
        return _part(X, None, np.flatnonzero(counts)), y[counts], weight[counts]

    def _cooperate(self, X: Table, y: NDArray[Any], weight: NDArray[np.float64] | None, **options: Any) -> None:
        """Train the members on checked rows and let them teach each other."""
        members = self._members()
        check_views(self.views)
        names = [str(column) for column in X.columns] if isinstance(X, pd.DataFrame) else None
        columns = {name: self._own_columns(name, names) for name in members}
        seed = _seed_of(self.random_state)
        self.views_ = member_rows(self.views, list(members), y, by_class=is_classifier(self), seed=seed)
        participants = [
            Participant(
                name,
                clone(member),
                _part(X, columns[name], rows := self.views_[name]),
                y[rows],
                sample_weight=None if weight is None else weight[rows],
            )
            for name, member in members.items()
        ]
        # Where members have rows in common, a comparison on others' rows would weigh memory; and more instances of rows
        # that all of them have would tell little that is new.
        options |= {"qualification": "row", "acceptance": "always", "instances_per_row": 1}
        self.cooperation_ = CooperativeDistillation(
            self.alpha, focus=self.focus, rounds=self.rounds, n_jobs=self.n_jobs, random_state=seed, **options
        ).fit_resumably(participants, None, common_rows=True)
        self.transfers_ = self.cooperation_.transfers_
        fitted = self.cooperation_.learners_
        self.estimators_ = list(fitted.values())
        self.named_estimators_ = Bunch(**{name: fitted.get(name, "drop") for name, _ in self.estimators})
        self._column_names, self._columns = names, columns

    def _vote(self, X: Any, answer: Callable[[Learner, Table], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Average what fitted members answer about rows to be predicted."""
        check_is_fitted(self)
        rows = check_rows(self, X, missing=takes_missing(self.estimators_), columns=self._column_names)
        weights = self._weights_of_members()
        # By name, for a sum in another order ends in other last bits.
        names = sorted(weights)
        answers = [answer(as_learner(self.named_estimators_[name]), _part(rows, self._columns[name])) for name in names]
        return np.asarray(np.average(answers, axis=0, weights=[weights[name] for name in names]))

    def _members(self) -> dict[str, Any]:
        """The members that are not dropped, by name."""
        given: Any = self.estimators
        if not isinstance(given, list | tuple) or not all(
            isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str) for item in given
        ):
            raise OptionError(f"estimators={given!r} must be a list of (name, estimator)")
        self._validate_names([name for name, _ in given])
        members = {name: member for name, member in given if not _is_dropped(member)}
        if len(members) < 2:
            raise OptionError(
                f"cooperation needs at least two estimators that are not dropped, got {list(members)!r} of "
                f"{[name for name, _ in given]!r}"
            )
        task = "classification" if is_classifier(self) else "regression"
        for name, member in members.items():
            try:
                learner = as_learner(member)
            except LearnerError as error:
                raise LearnerError(f"estimator {name!r}: {error}") from error
            if not learner.capabilities.refits:
                raise LearnerError(f"estimator {name!r} cannot be fitted anew, so it cannot learn; leave it out")
            if learner.task != task:
                raise LearnerError(f"estimator {name!r} is for {learner.task}; {type(self).__name__} is for {task}")
        self._weights_of_members()
        return members

    def _weights_of_members(self) -> dict[str, float]:
        """What the vote of each member that is not dropped counts."""
        names = [name for name, _ in self.estimators]
        weights = np.ones(len(names)) if self.weights is None else np.asarray(self.weights, dtype=np.float64)
        if weights.shape != (len(names),):
            raise OptionError(f"weights={self.weights!r} must hold one number for each of the estimators {names!r}")
        kept = {
            name: float(weight)
            for (name, member), weight in zip(self.estimators, weights, strict=True)
            if not _is_dropped(member)
        }
        if not all(weight >= 0 for weight in kept.values()) or not any(kept.values()):
            raise OptionError(f"weights={self.weights!r} must hold no negative number and not only zeros")
        return kept

    def _own_columns(self, name: str, present: Sequence[str] | None) -> list[str] | None:
        """The columns that a member is trained on; None for all."""
        given = self.columns or {}
        known = [member for member, _ in self.estimators]
        for member in given:
            if member not in known:
                raise OptionError(
                    f"columns are given for {member!r}, which is no estimator{nearest_name(member, known)}"
                )
        if name not in given:
            return None
        if present is None:
            raise TableError("columns are given by name, and X is an array; pass a DataFrame, or columns=None")
        absent = [column for column in given[name] if column not in present]
        if absent:
            raise TableError(f"columns of {name!r}: {absent[0]!r} is not in X{nearest_name(absent[0], present)}")
        if len(given[name]) == 0:
            raise OptionError(f"columns of {name!r} are none; give one at least, or drop the estimator")
        return list(given[name])

    def _takes_missing(self) -> bool:
        """Whether rows with missing values come through to the members."""
        try:
            return takes_missing([member for _, member in self.estimators if not _is_dropped(member)])
        except (AttributeError, TypeError, ValueError):  # no list of estimators, which `fit` will refuse
            return False

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._takes_missing()
        return tags

    def _more_tags(self) -> dict[str, Any]:
        # The tags of scikit-learn 1.5.
        return {"allow_nan": self._takes_missing()}


def _is_dropped(member: Any) -> bool:
    return isinstance(member, str) and member == "drop"


def _part(X: Table, columns: list[str] | None, rows: NDArray[np.intp] | None = None) -> Table:
    """Some columns and rows of a table; by default all."""
    if isinstance(X, pd.DataFrame):
        X = X.set_axis([str(column) for column in X.columns], axis=1)
        X = X if columns is None else X[columns]
        return X if rows is None else X.iloc[rows]
    return X if rows is None else X[rows]


def _sample_weight(fit_params: Mapping[str, Any], n_rows: int) -> NDArray[np.float64] | None:
    unknown = [name for name in fit_params if name != "sample_weight"]
    if unknown:
        raise TypeError(f"fit() got an unexpected keyword argument {unknown[0]!r}; it takes X, y and sample_weight")
    if fit_params.get("sample_weight") is None:
        return None
    wanted = f"sample_weight must hold one finite number for each of the {n_rows} rows, none negative and not all zero"
    try:
        weight = np.asarray(fit_params["sample_weight"], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise OptionError(f"{wanted}; {error}") from error
    if weight.shape != (n_rows,) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise OptionError(f"{wanted}; got shape {weight.shape}")
    return weight


def _seed_of(random_state: Any) -> int:
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31))
    return run_seed(random_state)
