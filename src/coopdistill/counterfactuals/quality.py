"""How good counterfactuals are, whoever made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist

from coopdistill.counterfactuals.aim import RESIDUAL_TOLERANCE
from coopdistill.counterfactuals.batch import CounterfactualBatch
from coopdistill.counterfactuals.neighbours import embedding
from coopdistill.exceptions import OptionError, TableError
from coopdistill.learners import Learner, Model, as_learner
from coopdistill.schema import Codec, FeatureSpace, as_frame, as_labels, infer_feature_space

__all__ = ["measure_quality", "quality_rows"]

_JUDGED = 1e-6
"""Slack in scores and in spreads: what single precision, or printing a number and reading it again, may cost."""

_LOF_NEIGHBOURS = 20
_MAX_PAIRED = 512
_CHUNK_CELLS = 4_000_000


def measure_quality(
    counterfactuals: CounterfactualBatch | Any,
    teacher: Any,
    X: Any,
    y: Any,
    *,
    target: Any = None,
    alpha: float = 0.5,
    feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None,
    reference: tuple[Any, Any] | None = None,
    one_hot_groups: Sequence[Sequence[str]] = (),
    n_neighbours: int = 5,
    seconds: float | None = None,
    teacher_rows: int | None = None,
) -> pd.Series[Any]:
    """Sum up how good the counterfactuals of some rows are.

    Nothing that a generator says of its work is believed: the teacher is asked again, and the constraints are looked
    up in the rows. So the output of any other library can be measured in the same way.

    Parameters
    ----------
    counterfactuals : CounterfactualBatch, DataFrame or array-like of shape (n_rows, n_features)
        One for each row, in their order; the row itself where none was found.
    teacher : fitted estimator or Learner
        Whom they are to convince.
    X : DataFrame or array-like of shape (n_rows, n_features)
        The rows that they started from.
    y : array-like of shape (n_rows,)
        True classes or values.
    target : array-like of shape (n_rows,), optional
        What the teacher was to say. Default: the batch's own, else f(x) + α (y − f(x)).
    alpha : float, default=0.5
        For the default target of counterfactuals that do not come with one.
    feature_space : FeatureSpace or mapping, optional
        What the columns mean, as in `generate_counterfactuals`; what is not declared is read off the reference rows.
    reference : tuple of rows and labels, optional
        Real rows to be compared with. Default: `X` and `y`.
    one_hot_groups : sequence of sequences of str, default=()
        Names of columns that are one category spread over several columns of 0 and 1.
    n_neighbours : int, default=5
        How many of the nearest rows of the class plausibility looks at.
    seconds : float, optional
        Wall-clock time that making them took, for `seconds_each`.
    teacher_rows : int, optional
        Points that the teacher was asked about meanwhile, for `teacher_rows_each`; see `MeteredTeacher`.

    Returns
    -------
    Series
        ``rows``; ``reached``, ``improved``, ``failed`` : shares of the rows; of those that moved the means of
        ``l1``, ``l2`` (in spreads), ``features_changed`` and ``nearest_row`` (L1 to the nearest real row);
        ``out_of_range``, ``unknown_category``, ``not_whole``, ``fractional_one_hots``, ``immutables_touched``,
        ``directions_violated``, ``missing_filled`` : numbers of values, all rows together; ``copies`` : rows that are
        a real row; ``plausibility`` : mean L1 to the nearest rows of the class, median over rows, relative to that of
        real rows (1: as near as these); ``outlier_factor``, ``outlier_factor_rows`` : median local outlier factor
        among the rows of the class, of the counterfactuals and of real rows; ``diversity`` : mean distance between
        counterfactuals of a class, relative to that of the rows; ``seconds_each``, ``teacher_rows_each``.
        NaN where there is nothing to measure.

    See Also
    --------
    quality_rows : The same, row by row.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from coopdistill.counterfactuals import generate_counterfactuals
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> teacher = LogisticRegression(max_iter=1000).fit(X, y)
    >>> batch = generate_counterfactuals(teacher, X, y, random_state=0)
    >>> quality = measure_quality(batch, teacher, X, y)
    >>> quality[["out_of_range", "copies"]].tolist()
    [0.0, 0.0]
    """
    compared = _compare(counterfactuals, teacher, X, y, target, alpha, feature_space, reference, one_hot_groups)
    rows = _row_table(compared, n_neighbours)
    n_rows = len(rows)
    moved = rows["moved"].to_numpy(dtype=bool)
    summed: dict[str, float] = {"rows": n_rows}
    for status in ("reached", "improved", "failed"):
        summed[status] = float((rows["status"] == status).mean())
    for name in ("l1", "l2", "features_changed", "nearest_row"):
        summed[name] = float(rows.loc[moved, name].mean())
    for name in (*_VIOLATIONS, "copies"):
        summed[name] = float(rows["copy" if name == "copies" else name].sum())
    real = _real_rows(compared, n_neighbours)
    summed["plausibility"] = float(rows.loc[moved, "nearest_of_class"].median() / real.nearest)
    summed["outlier_factor"] = float(rows.loc[moved, "outlier_factor"].median())
    summed["outlier_factor_rows"] = real.outlier_factor
    summed["diversity"] = _diversity(compared, moved)
    summed["seconds_each"] = np.nan if seconds is None else seconds / n_rows
    summed["teacher_rows_each"] = np.nan if teacher_rows is None else teacher_rows / n_rows
    return pd.Series(summed, dtype=np.float64, name="quality")


def quality_rows(
    counterfactuals: CounterfactualBatch | Any,
    teacher: Any,
    X: Any,
    y: Any,
    *,
    target: Any = None,
    alpha: float = 0.5,
    feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None,
    reference: tuple[Any, Any] | None = None,
    one_hot_groups: Sequence[Sequence[str]] = (),
    n_neighbours: int = 5,
) -> pd.DataFrame:
    """Measure the counterfactual of each row; the parameters are those of `measure_quality`.

    Returns
    -------
    DataFrame of shape (n_rows, …)
        On the index of `X`: ``status``, ``moved``, ``score_before``, ``score_target``, ``score_after``, ``l1``, ``l2``,
        ``features_changed``, the numbers of values that break a constraint, ``nearest_row``, ``copy``,
        ``nearest_of_class``, ``outlier_factor``.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
    >>> teacher = LogisticRegression().fit(X, y)
    >>> quality_rows(X - [[0.0], [1.0], [0.0], [0.0]], teacher, X, y)[["moved", "copy", "l1"]].round(2)
       moved   copy    l1
    0  False  False  0.00
    1   True   True  0.89
    2  False  False  0.00
    3  False  False  0.00
    """
    compared = _compare(counterfactuals, teacher, X, y, target, alpha, feature_space, reference, one_hot_groups)
    return _row_table(compared, n_neighbours)


@dataclass(frozen=True, eq=False)
class _Compared:
    """Rows, their counterfactuals and real rows, all in one encoding."""

    space: FeatureSpace
    task: str
    index: Any
    start: NDArray[np.float64]
    made: NDArray[np.float64]
    real: NDArray[np.float64]
    label: NDArray[np.intp]
    real_label: NDArray[np.intp]
    foreign: NDArray[np.bool_]
    fractional: NDArray[np.intp]
    before: NDArray[np.float64]
    target: NDArray[np.float64]
    after: NDArray[np.float64]
    residual: NDArray[np.float64]


def _compare(
    counterfactuals: Any,
    teacher: Any,
    X: Any,
    y: Any,
    target: Any,
    alpha: float,
    feature_space: Any,
    reference: tuple[Any, Any] | None,
    groups: Sequence[Sequence[str]],
) -> _Compared:
    is_batch = isinstance(counterfactuals, CounterfactualBatch)
    table = counterfactuals.X if is_batch else counterfactuals
    real, real_y = (X, y) if reference is None else reference
    space = feature_space if isinstance(feature_space, FeatureSpace) else infer_feature_space(real, feature_space)
    start_frame, made_frame = as_frame(X), as_frame(table, what="counterfactuals")
    if len(start_frame) != len(made_frame):
        raise TableError(f"{len(made_frame)} counterfactuals of {len(start_frame)} rows; give one for each row")
    codec = Codec.of(X, space)
    model = Model("teacher", as_learner(teacher), codec)
    labels, made = as_labels(y, len(start_frame)), codec.encode(table)
    # Of a declared one-hot group no other value can be written, or it would not have been read.
    none = np.zeros(len(made), dtype=bool)
    has_value = [none if feature.one_hot else made_frame[feature.name].notna().to_numpy() for feature in space]
    foreign = np.isnan(made) & np.column_stack(has_value) & ~space.numeric
    label = _positions(model, labels)
    before, after = _said(model.learner, X, label), _said(model.learner, table, label)
    ideal = labels.astype(np.float64) if model.task == "regression" else np.ones(len(labels))
    if target is None:
        target = counterfactuals.score_target if is_batch else before + alpha * (ideal - before)
    return _Compared(
        space=space,
        task=model.task,
        index=start_frame.index,
        start=codec.encode(X),
        made=made,
        real=codec.encode(real),
        label=label,
        real_label=_positions(model, as_labels(real_y, len(as_frame(real)))),
        foreign=foreign,
        fractional=_fractional(made_frame, start_frame, foreign, space, groups),
        before=before,
        target=np.asarray(target, dtype=np.float64),
        after=after,
        residual=np.abs(ideal - before),
    )


def _positions(model: Model, labels: NDArray[Any]) -> NDArray[np.intp]:
    if model.task == "regression":
        return np.zeros(len(labels), dtype=np.intp)
    return model.label_positions(labels)


def _said(learner: Learner, table: Any, label: NDArray[np.intp]) -> NDArray[np.float64]:
    """What the teacher says of a table as it came, not as we would have encoded it; 0 of a class it never saw."""
    scores = learner.scores(table)
    return np.where(label >= 0, scores[np.arange(len(label)), np.maximum(label, 0)], 0.0)


def _fractional(
    made: pd.DataFrame,
    start: pd.DataFrame,
    foreign: NDArray[np.bool_],
    space: FeatureSpace,
    groups: Sequence[Sequence[str]],
) -> NDArray[np.intp]:
    """Count, a row, the categories in numbers that are between two, and one-hot groups that are not one-hot."""
    count = np.zeros(len(made), dtype=np.intp)
    for j in np.flatnonzero(foreign.any(axis=0)):
        numbers = pd.to_numeric(made[space.names[j]], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        count += foreign[:, j] & ~np.isnan(numbers)
    for group in groups:
        absent = [name for name in group if name not in made.columns]
        if absent:
            raise OptionError(f"one_hot_groups names {absent[0]!r}, which is not a column of the counterfactuals")
        hot, was = made[list(group)].to_numpy(dtype=np.float64), start[list(group)].to_numpy(dtype=np.float64)
        broken = np.minimum(np.abs(hot), np.abs(hot - 1.0)).max(axis=1) > _JUDGED
        count += broken | (np.abs(hot.sum(axis=1) - was.sum(axis=1)) > _JUDGED)
    return count


_VIOLATIONS = (
    "out_of_range",
    "unknown_category",
    "not_whole",
    "fractional_one_hots",
    "immutables_touched",
    "directions_violated",
    "missing_filled",
)


def _row_table(compared: _Compared, n_neighbours: int) -> pd.DataFrame:
    space, start, made = compared.space, compared.start, compared.made
    was_missing, is_missing = np.isnan(start), np.isnan(made)
    step = np.where(space.numeric, np.abs(made - start) / space.spread, made != start)
    step = np.where(was_missing & is_missing & ~compared.foreign, 0.0, np.where(np.isnan(step), 1.0, step))
    changed = step > _JUDGED
    moved = np.asarray(changed.any(axis=1))
    nearest_row, nearest_of_class = _nearest(compared, n_neighbours)
    return pd.DataFrame(
        {
            "status": _status(compared, moved),
            "moved": moved,
            "score_before": compared.before,
            "score_target": compared.target,
            "score_after": compared.after,
            "l1": step.sum(axis=1),
            "l2": np.sqrt((step**2).sum(axis=1)),
            "features_changed": changed.sum(axis=1),
            **_violations(compared, changed),
            "nearest_row": nearest_row,
            "copy": moved & (nearest_row <= _JUDGED * 1e-3),
            "nearest_of_class": nearest_of_class,
            "outlier_factor": _outlier_factors(compared),
        },
        index=compared.index,
    )


def _status(compared: _Compared, moved: NDArray[np.bool_]) -> NDArray[np.object_]:
    missed = np.abs(compared.after - compared.target)
    if compared.task == "regression":
        there = missed <= RESIDUAL_TOLERANCE * compared.residual + _JUDGED
    else:
        there = compared.after >= compared.target - _JUDGED
    reached = moved & there & (compared.label >= 0)
    nearer = missed < np.abs(compared.before - compared.target) - _JUDGED
    status = np.select([reached, moved & nearer & (compared.label >= 0)], ["reached", "improved"], "failed")
    return status.astype(object)


def _violations(compared: _Compared, changed: NDArray[np.bool_]) -> dict[str, NDArray[np.intp]]:
    """Values of each row that break a constraint, by constraint."""
    space, start, made = compared.space, compared.start, compared.made
    slack = _JUDGED * space.spread
    low, high = np.fmin(start, space.low) - slack, np.fmax(start, space.high) + slack
    grows = np.array([feature.direction == "increase" for feature in space])
    shrinks = np.array([feature.direction == "decrease" for feature in space])
    broken = {
        "out_of_range": space.numeric & ((made < low) | (made > high)),
        "unknown_category": compared.foreign,
        "not_whole": space.integer & changed & (np.abs(made - np.rint(made)) > _JUDGED),
        "immutables_touched": ~space.mutable & changed,
        "directions_violated": (grows & (made < start - slack)) | (shrinks & (made > start + slack)),
        "missing_filled": np.isnan(start) & ~np.isnan(made) & ~space.fillable,
    }
    counts = {name: values.sum(axis=1) for name, values in broken.items()}
    return {name: counts.get(name, compared.fractional) for name in _VIOLATIONS}


def _nearest(compared: _Compared, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """L1 to the nearest real row, and its mean over the k nearest of the class but for the row it came from."""
    made, start, real = (embedding(rows, compared.space) for rows in (compared.made, compared.start, compared.real))
    nearest, of_class = np.full(len(made), np.nan), np.full(len(made), np.nan)
    n_parts = max(1, -(-len(made) * len(real) // _CHUNK_CELLS))
    for part in np.array_split(np.arange(len(made)), n_parts):
        distance = cdist(made[part], real, "cityblock")
        nearest[part] = distance.min(axis=1)
        own = cdist(start[part], real, "cityblock") <= 0.0
        other_class = compared.label[part][:, None] != compared.real_label[None, :]
        of_class[part] = _mean_of_least(np.where(own | other_class, np.inf, distance), k)
    return nearest, of_class


def _mean_of_least(distance: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Mean of the k least in each row, of fewer where fewer are finite, NaN where none is."""
    least = np.sort(distance, axis=1)[:, :k]
    finite = np.isfinite(least)
    count = finite.sum(axis=1)
    total = np.where(finite, least, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(least), np.nan), where=count > 0))


def _outlier_factors(compared: _Compared) -> NDArray[np.float64]:
    factors = np.full(len(compared.made), np.nan)
    for label in np.unique(compared.label[compared.label >= 0]):
        detector = _detector(compared, int(label))
        rows = compared.label == label
        if detector is not None:
            factors[rows] = -detector.score_samples(embedding(compared.made[rows], compared.space))
    return factors


def _detector(compared: _Compared, label: int) -> Any | None:
    from sklearn.neighbors import LocalOutlierFactor

    rows = np.unique(embedding(compared.real[compared.real_label == label], compared.space), axis=0)
    if len(rows) < 3:
        return None
    return LocalOutlierFactor(n_neighbors=min(_LOF_NEIGHBOURS, len(rows) - 1), metric="manhattan", novelty=True).fit(
        rows
    )


@dataclass(frozen=True)
class _RealRows:
    """What the real rows measure by the same yardsticks."""

    nearest: float
    outlier_factor: float


def _real_rows(compared: _Compared, k: int) -> _RealRows:
    nearest, factors = [], []
    for label in np.unique(compared.label[compared.label >= 0]):
        rows = embedding(compared.real[compared.real_label == label], compared.space)
        if len(rows) < 2:
            continue
        few = rows[np.linspace(0, len(rows) - 1, min(len(rows), 2 * _MAX_PAIRED)).astype(np.intp)]
        distance = cdist(few, rows, "cityblock")
        nearest.append(_mean_of_least(np.where(distance <= 0.0, np.inf, distance), k))
        detector = _detector(compared, int(label))
        if detector is not None:
            factors.append(-detector.negative_outlier_factor_)
    return _RealRows(_median(nearest), _median(factors))


def _median(parts: list[NDArray[np.float64]]) -> float:
    values = np.concatenate(parts) if parts else np.empty(0)
    values = values[~np.isnan(values)]
    return float(np.median(values)) if values.size else float("nan")


def _diversity(compared: _Compared, moved: NDArray[np.bool_]) -> float:
    """Mean distance between counterfactuals of a class over that of their rows, mean over classes."""
    ratios = []
    for label in np.unique(compared.label[compared.label >= 0]):
        rows = np.flatnonzero(moved & (compared.label == label))
        if len(rows) < 2:
            continue
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), _MAX_PAIRED)).astype(np.intp)]
        among_made = pdist(embedding(compared.made[rows], compared.space), "cityblock").mean()
        among_rows = pdist(embedding(compared.start[rows], compared.space), "cityblock").mean()
        if among_rows > 0:
            ratios.append(float(among_made / among_rows))
    return float(np.mean(ratios)) if ratios else float("nan")
