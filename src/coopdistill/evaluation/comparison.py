"""Every model before and after, beside two bounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from coopdistill.baselines import Average, Baseline, Pooled
from coopdistill.cooperation import CooperativeDistillation
from coopdistill.evaluation.intervals import score_intervals
from coopdistill.exceptions import InapplicableError, OptionError
from coopdistill.expertise import score
from coopdistill.participants import Participant, space_of
from coopdistill.schema import as_frame, as_labels, merge_one_hot

__all__ = ["compare"]

_COLUMNS = ("participant", "metric", "before", "after", "accepted", "together")


def compare(
    cooperation: CooperativeDistillation,
    participants: Sequence[Participant],
    X: Any,
    y: Any,
    *,
    metric: str | None = None,
    baselines: Sequence[Baseline] | None = None,
    intervals: bool = False,
) -> pd.DataFrame:
    """Score every model before and after cooperation, alone and together, beside what could be done instead.

    Parameters
    ----------
    cooperation : CooperativeDistillation
        Fitted.
    participants : list of Participant
        Those that it was fitted on.
    X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
        Test rows.
    y : array-like of shape (n_rows,)
        True labels.
    metric : str, optional
        See `CooperativeDistillation.evaluate`.
    baselines : list of Baseline, optional
        Not fitted, of distinct names. Default: all rows pooled, and the average of all models.
    intervals : bool, default=False
        Whether to bound each score, and the gain, with 95 % confidence; see `score_intervals`.

    Returns
    -------
    DataFrame
        Columns participant, metric, before, after, accepted, together, then one for each baseline. Frozen participants
        have no value in accepted. Together is what `CooperativeDistillation.predict_for` is worth: all models after
        cooperation where the participant does better to ask them, else its own. With intervals also before_low,
        before_high and so on of all scores, and gain_low and gain_high. Where a baseline does not apply its cell is
        empty, and ``table.attrs["reasons"][baseline][participant]`` says why.

    Raises
    ------
    InputError
        If rows, labels or options cannot be used; of labels, also if no model knows any of them.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    >>> cooperation = CooperativeDistillation(random_state=0).fit(participants)
    >>> list(compare(cooperation, participants, *clinics.test).columns)
    ['participant', 'metric', 'before', 'after', 'accepted', 'together', 'pooled', 'average']
    """
    chosen = None if baselines is None else _checked(baselines)
    table = cooperation.evaluate(X, y, metric=metric)
    table["accepted"] = [cooperation.accepted_.get(name) for name in table["participant"]]
    used = str(table["metric"].iloc[0])
    frame = as_frame(X)
    truth = as_labels(y, len(frame))
    # As in `evaluate`, one-hot columns that some participant declares are understood by all.
    spaces = [space_of(participant) for participant in participants]
    plain = {column for space in spaces for feature in space if not feature.one_hot for column in feature.columns}
    understood = merge_one_hot(frame, spaces, keep=plain)
    seed = 0 if cooperation.random_state is None else cooperation.random_state
    reasons: dict[str, dict[str, str]] = {}
    together = cooperation.predict_each(frame)
    table["together"] = [score(truth, together[name], used) for name in table["participant"]]
    said = _before_and_after(cooperation, understood) | {"together": together} if intervals else {}
    for baseline in (Pooled(seed), Average(seed)) if chosen is None else chosen:
        predicted, missing = _predictions(baseline, participants, table["participant"].tolist(), understood)
        table[baseline.name] = [
            score(truth, predicted[name], used) if name in predicted else None for name in table["participant"]
        ]
        if missing:
            reasons[baseline.name] = missing
        if intervals:
            said[baseline.name] = predicted
    if intervals:
        table = table.join(_bounds(truth, said, used, table["participant"].tolist(), seed))
    table.attrs["reasons"] = reasons
    return table


def _checked(baselines: Any) -> list[Baseline]:
    """Refuse what is no list of baselines, and baselines of which two would have one column."""
    # A name can be gone through, too: its letters are no baselines.
    given = list(baselines) if isinstance(baselines, Iterable) else None
    if given is None or not all(isinstance(baseline, Baseline) for baseline in given):
        raise OptionError(f"baselines={baselines!r} must be a list of baselines, such as [make_baseline('pooled')]")
    names = [baseline.name for baseline in given]
    taken = next((name for name in names if name in _COLUMNS), None)
    if taken is not None:
        raise OptionError(f"a baseline cannot be named {taken!r}, which is a column of the table already")
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise OptionError(
            f"two baselines are named {doubled[0]!r}, and each name is one column; call compare once for each"
        )
    return given


def _before_and_after(cooperation: CooperativeDistillation, X: pd.DataFrame) -> dict[str, dict[str, NDArray[Any]]]:
    # The models before cooperation are no attribute for users, who have them already.
    models = {"before": cooperation._before, "after": cooperation._after}
    return {
        when: {name: model.predict(model.read_table(X)) for name, model in those.items()}
        for when, those in models.items()
    }


def _bounds(
    truth: NDArray[Any], said: dict[str, dict[str, NDArray[Any]]], metric: str, names: list[str], seed: int
) -> pd.DataFrame:
    """The ends of all intervals, a line for each participant."""
    lines = []
    for name in names:
        own = {method: predicted[name] for method, predicted in said.items() if name in predicted}
        found = score_intervals(truth, own, metric, seed=seed)
        lines.append({f"{method}_{end}": getattr(i, end) for method, i in found.items() for end in ("low", "high")})
    return pd.DataFrame(lines)


def _predictions(
    baseline: Baseline, participants: Sequence[Participant], names: list[str], X: Any
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """What a baseline predicts for each participant, and for each of the others the reason why it does not."""
    try:
        baseline.fit(participants)
    except InapplicableError as error:
        return {}, dict.fromkeys(names, str(error))
    predicted, reasons = {}, {}
    for name in names:
        try:
            predicted[name] = baseline.predict_for(name, X)
        except InapplicableError as error:
            reasons[name] = str(error)
    return predicted, reasons
