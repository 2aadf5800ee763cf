"""What a study would do, found out without doing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from coopdistill.cli.forecast.exchange import Exchange, expected_exchanges
from coopdistill.cli.job import Job
from coopdistill.cli.proposal.study_text import toml_value
from coopdistill.cli.proposal.table_survey import survey_table
from coopdistill.cooperation.introductions import pairs_between
from coopdistill.exceptions import AlignmentError
from coopdistill.participants import Participant, check_participants, prepare, space_of, task_of
from coopdistill.participants.preparation import learner_of
from coopdistill.plural import plural
from coopdistill.report.result import learner_name
from coopdistill.schema import Alignment, Codec, FeatureSpace

__all__ = ["Outlook", "PairOutlook", "ParticipantOutlook", "look_ahead"]

_FEW_ROWS = 30
_FEW_CLASSES = 5
_MANY_MISSING = 0.3
_MANY_ALIKE = 0.05


@dataclass(frozen=True)
class ParticipantOutlook:
    """One participant, before the run.

    Parameters
    ----------
    name, learner : str
    rows, features : int
    classes : dict of str to int
        Rows of each class; empty in regression.
    values : tuple of float or None
        Least and greatest value, in regression.
    missing : dict of str to int
        Missing values of each column that has some.
    """

    name: str
    learner: str
    rows: int
    features: int
    classes: dict[str, int]
    values: tuple[float, float] | None
    missing: dict[str, int]


@dataclass(frozen=True)
class PairOutlook:
    """What two participants have in common, of whom one at least can learn.

    Parameters
    ----------
    first, second : str
    shared, only_first, only_second : tuple of str
        Features, by the first's and each one's own names.
    reason : str or None
        Why they can exchange nothing.
    """

    first: str
    second: str
    shared: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    reason: str | None = None


@dataclass(frozen=True)
class Outlook:
    """What a study would do.

    Parameters
    ----------
    name, task : str
    participants : list of ParticipantOutlook
    pairs : list of PairOutlook
    exchanges : list of Exchange
        In each round.
    n_test_rows : int
    options : dict
    warnings : list of str
    """

    name: str
    task: str
    participants: list[ParticipantOutlook]
    pairs: list[PairOutlook]
    exchanges: list[Exchange]
    n_test_rows: int
    options: dict[str, Any]
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def look_ahead(job: Job) -> Outlook:
    """Find out what a job would do, and refuse what a run would refuse.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Outlook

    Raises
    ------
    InputError
        If participants, labels, rows or models cannot be used.
    """
    participants = check_participants(job.participants)
    spaces = {p.name: _checked_space(p, seed=job.cooperation.random_state or 0) for p in participants}
    frozen = {p.name for p in participants if p.is_frozen}
    able, skipped = pairs_between(spaces, frozen)
    met = [_meet(a, b, spaces, skipped) for a, b in combinations(spaces, 2) if not {a, b} <= frozen]
    task = task_of(participants)
    named: dict[Any, str] = {}
    described = [_describe(p, spaces[p.name], task, named) for p in participants]
    n_rows = {one.name: one.rows for one in described}
    n_classes = len({label for one in described for label in one.classes}) or 1
    return Outlook(
        name=job.name,
        task=task,
        participants=described,
        pairs=met,
        exchanges=expected_exchanges(spaces, n_rows, n_classes, sorted(able), job.cooperation),
        n_test_rows=0 if job.X_test is None else len(job.X_test),
        options={key: value for key, value in job.cooperation.get_params().items() if key != "progress"},
        warnings=[
            *job.notes,
            *_about_pairs(met),
            *_about_classes(described, task),
            *(warning for p in participants if not p.is_frozen for warning in _about_columns(p)),
            *_about_test(job, participants, spaces),
        ],
    )


def _checked_space(participant: Participant, *, seed: int) -> FeatureSpace:
    """Read the rows as a run would, without fitting a model."""
    if participant.is_frozen or learner_of(participant).is_fitted:
        return prepare(participant, seed=seed).model.space
    space = space_of(participant)
    Codec.of(participant.X, space).encode_own(participant.X)
    return space


def _meet(
    first: str,
    second: str,
    spaces: Mapping[str, FeatureSpace],
    skipped: Mapping[tuple[str, str], AlignmentError],
) -> PairOutlook:
    why = skipped.get((first, second), skipped.get((second, first)))
    if why is not None:
        return PairOutlook(first, second, (), spaces[first].names, spaces[second].names, str(why))
    shared = Alignment(spaces[first], spaces[second]).shared
    of_first, of_second = ({pair[i] for pair in shared} for i in (0, 1))
    return PairOutlook(
        first,
        second,
        tuple(name for name in spaces[first].names if name in of_first),
        tuple(name for name in spaces[first].names if name not in of_first),
        tuple(name for name in spaces[second].names if name not in of_second),
    )


def _describe(participant: Participant, space: FeatureSpace, task: str, named: dict[Any, str]) -> ParticipantOutlook:
    """Describe one; `named` grows with how classes are shown, for 0, 0.0 and False are one and have one name."""
    learner = learner_name(participant.estimator)
    if participant.is_frozen:
        return ParticipantOutlook(participant.name, learner, 0, len(space), {}, None, {})
    y = np.asarray(participant.y)
    counts = {} if task == "regression" else Counter(y.tolist())
    classes = {named.setdefault(label, str(label)): n for label, n in sorted(counts.items(), key=str)}
    values = (float(y.min()), float(y.max())) if task == "regression" else None
    missing = {str(name): int(n) for name, n in participant.X.isna().sum().items() if n}
    return ParticipantOutlook(participant.name, learner, len(y), len(space), classes, values, missing)


def _about_pairs(pairs: Sequence[PairOutlook]) -> list[str]:
    return [f"{p.first!r} and {p.second!r} teach each other nothing: {p.reason}" for p in pairs if p.reason]


def _about_classes(described: Sequence[ParticipantOutlook], task: str) -> list[str]:
    found = [
        f"{one.name!r} has {plural(one.rows, 'row')}: few to be right about, and few to measure it on"
        for one in described
        if 0 < one.rows < _FEW_ROWS
    ]
    if task == "regression":
        return found
    owners: dict[str, list[str]] = {}
    for one in described:
        for label in one.classes:
            owners.setdefault(label, []).append(one.name)
        once = [label for label, count in one.classes.items() if count == 1]
        if once:
            each = "" if len(once) == 1 else "each "
            found.append(
                f"{one.name!r} has a single row {each}of {_some_classes(once)}: its expertise there is not measured"
            )
    if sum(one.rows > 0 for one in described) > 1:
        alone: dict[str, list[str]] = {}
        for label, who in owners.items():
            if len(who) == 1:
                alone.setdefault(who[0], []).append(label)
        found.extend(
            f"only {who!r} has rows of {_some_classes(labels)}; the others can learn of "
            f"{'it' if len(labels) == 1 else 'them'} from that one alone"
            for who, labels in alone.items()
        )
    return found


def _some_classes(labels: Sequence[str]) -> str:
    if len(labels) == 1:
        return f"class {labels[0]!r}"
    more = len(labels) - _FEW_CLASSES
    shown = [repr(label) for label in labels[:_FEW_CLASSES]] + ([f"{more:,} more"] if more > 0 else [])
    return f"the classes {', '.join(shown[:-1])} and {shown[-1]}"


def _about_columns(participant: Participant) -> list[str]:
    survey = survey_table(participant.X)
    found = []
    for column in survey.columns:
        what = f"column {column.name!r} of {participant.name!r}"
        if column.n_missing > _MANY_MISSING * column.n_rows:
            found.append(f"{what} lacks {column.n_missing / column.n_rows:.0%} of its values")
        if column.is_constant:
            found.append(f"{what} holds the same value everywhere; its model learns nothing from it")
        if column.marks:
            found.append(
                f"{what} is text: numbers, but for {column.marks[0]!r}; say na_values = {toml_value(column.marks)}"
            )
        elif column.why_identifier:
            found.append(
                f"{what} looks like an identifier ({column.why_identifier}); drop = {toml_value([column.name])}"
            )
    return found


def _about_test(job: Job, participants: Sequence[Participant], spaces: dict[str, FeatureSpace]) -> list[str]:
    if job.X_test is None:
        return ["there are no test rows, so nobody can say whether cooperation helped; name them: [test]"]
    found = []
    for participant in participants:
        space = spaces[participant.name]
        lacking = [f.name for f in space if not f.names & set(job.X_test.columns) and not f.one_hot]
        if lacking:
            shown = ", ".join(map(repr, lacking))
            found.append(f"the test rows lack {shown} of {participant.name!r}, which are filled as in rows of others")
        if not participant.is_frozen:
            n_known = _n_known(job.X_test, participant.X)
            if n_known:
                found.append(
                    f"{n_known} of {len(job.X_test)} test rows are among the rows of {participant.name!r}, which "
                    "flatters it; test on rows that no participant has"
                )
    known = {label for p in participants if not p.is_frozen for label in np.asarray(p.y).tolist()}
    if task_of(participants) == "classification":
        new = sorted({str(label) for label in np.asarray(job.y_test).tolist() if label not in known})
        if new:
            found.append(f"the test rows have classes that no participant has: {', '.join(map(repr, new[:5]))}")
    return found


def _n_known(X_test: pd.DataFrame, X: pd.DataFrame) -> int:
    """How many test rows are also a participant's, as far as both have the same columns."""
    shared = [name for name in X.columns if name in X_test.columns]
    if len(shared) < min(X.shape[1], 3):
        return 0
    if X.duplicated().mean() > _MANY_ALIKE:
        return 0  # so few values that rows meet by chance
    own, test = (pd.util.hash_pandas_object(_comparable(frame[shared]), index=False) for frame in (X, X_test))
    return int(test.isin(set(own)).sum())


def _comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers and others are the same numbers."""
    return pd.DataFrame(
        {
            name: column.astype(float) if pd.api.types.is_numeric_dtype(column.dtype) else column.astype(str)
            for name, column in frame.items()
        }
    )
