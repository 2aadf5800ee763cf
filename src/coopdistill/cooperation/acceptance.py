"""Whether a student keeps what it was taught."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from coopdistill.cooperation.consortium import Comparison, compared_together
from coopdistill.exceptions import OptionError, nearest_name
from coopdistill.expertise import OwnRows, answer_out_of_fold, default_metric, score
from coopdistill.learners import Model
from coopdistill.plural import plural

__all__ = [
    "POLICIES",
    "Decision",
    "asks_others",
    "check_acceptance",
    "confirm",
    "consult",
    "decide",
    "is_better",
]


@dataclass(frozen=True)
class Asked:
    """What a taught model must show on others' rows.

    Parameters
    ----------
    standard_errors : float
        By how many its squared error must be less, with classes as they come and alike.
    share : float
        Of the squared error before, by how much it must be less: what is little there is lost in chance elsewhere.
    hits : float, optional
        With labels, by how many standard errors it must be right more often, classes counted alike.
    """

    standard_errors: float
    share: float
    hits: float | None = None


OF_DRAFTS = {"labels": Asked(1.0, 0.1, hits=1.0), "values": Asked(0.0, 0.0)}
"""Drafts have learned a part of the lessons; with values, besides, nothing of what a committee says.

So of values they decide who is on a committee, and not what is accepted.
"""

OF_REFITTED = {"labels": Asked(1.5, 0.15, hits=1.5), "values": Asked(1.0, 0.2)}
"""The rows have had a part in its lessons, so that they speak for it."""

OF_ENSEMBLE = {"labels": Asked(3.0, 0.1, hits=3.0), "values": Asked(1.0, 0.1)}
"""Most members have learned from the rows, and together they err less there than elsewhere."""

FEW_ROWS = 40
"""A model of fewer has little to lose, and few others' rows may be there to tell what it gains."""

OF_FEW = Asked(0.0, 0.1, hits=0.0)
"""Where a model was fitted on few rows and others have all of its columns; of drafts with labels as of what is kept."""

CLEARLY = 1.5
"""Standard errors by which a model is called clearly worse."""


@dataclass(frozen=True)
class Decision:
    """Whether a lesson is accepted, and why.

    Parameters
    ----------
    accepted : bool
    reason : str
    harmful : bool, default=False
        Whether the lesson would clearly make the student worse.
    """

    accepted: bool
    reason: str
    harmful: bool = False


def _always(*_: object) -> Decision:
    """Accept, as the paper does."""
    return Decision(True, "every lesson is accepted")


def _consortium(
    _model: Model, before: OwnRows, _after: OwnRows, comparisons: Sequence[Comparison], _seed: int
) -> Decision:
    """Accept what is better on others' rows, and not by chance."""
    found = compared_together(comparisons)
    if found.n_rows == 0:
        return Decision(True, "nobody else has rows to compare on")
    if not found.is_of_labels:
        return Decision(True, f"its drafts: {_said_of(found)}")
    asked = _asked(OF_DRAFTS, found, len(before))
    if _is_better(found, asked):
        return Decision(True, _said_of(found))
    return Decision(False, _said_of(found) + _said_to_be_asked(found, asked), _is_worse(found))


def _kind(found: Comparison) -> str:
    return "labels" if found.is_of_labels else "values"


def _is_better(found: Comparison, asked: Asked) -> bool:
    """A place's class balance is its own, so a model must be better by another one, too; and be right for it."""
    is_surer = min(found.standard_errors, found.standard_errors_alike) > asked.standard_errors
    is_right = asked.hits is None or not found.is_of_labels or found.standard_errors_of_hits > asked.hits
    return is_surer and is_right and found.share_less > asked.share


def _is_worse(found: Comparison) -> bool:
    """Clearly worse by one class balance, no better by the other, and wrong more often."""
    less, more = sorted((found.standard_errors, found.standard_errors_alike))
    is_less_sure = less < -CLEARLY and more <= 0
    return is_less_sure and (not found.is_of_labels or found.standard_errors_of_hits < 0)


def _said_of(found: Comparison) -> str:
    said = (
        f"squared error on {plural(found.n_rows, 'row')} of others {found.before / found.n_rows:.3g} → "
        f"{found.after / found.n_rows:.3g} ({-found.share_less:+.0%}), {_by(found.standard_errors)} standard errors"
    )
    if not found.is_of_labels:
        return said
    return (
        f"{said}; with classes counted alike {_by(found.standard_errors_alike)}, "
        f"and its labels {_by(found.standard_errors_of_hits)}"
    )


def _said_to_be_asked(found: Comparison, asked: Asked) -> str:
    unit = "standard error" if asked.standard_errors == 1 else "standard errors"
    least = f"; asked for: {-asked.share:+.0%}, {asked.standard_errors:g} {unit}"
    if not found.is_of_labels:
        return least
    return f"{least} both ways" + ("" if asked.hits is None else f", {asked.hits:g} of its labels")


def _by(standard_errors: float) -> str:
    return f"{'better' if standard_errors >= 0 else 'worse'} by {abs(standard_errors):.1f}"


def _own_validation(
    model: Model, before: OwnRows, after: OwnRows, _comparisons: Sequence[Comparison], seed: int
) -> Decision:
    """Accept unless the student's own cross-validated score falls.

    Cautious: a student's own rows cannot show what it lacks.
    """
    metric = default_metric(before.y, model.task)
    scores = [score(rows.y, answer_out_of_fold(model, rows, seed=seed).predicted, metric) for rows in (before, after)]
    accepted = scores[1] >= scores[0]
    return Decision(accepted, f"own cross-validated {metric.replace('_', ' ')} {scores[0]:.3f} → {scores[1]:.3f}")


POLICIES: dict[str, Callable[[Model, OwnRows, OwnRows, Sequence[Comparison], int], Decision]] = {
    "auto": _consortium,
    "consortium": _consortium,
    "always": _always,
    "own-validation": _own_validation,
}


def asks_others(acceptance: str) -> bool:
    """Tell whether a policy compares models on others' rows."""
    return POLICIES[acceptance] is _consortium


def is_better(comparisons: Sequence[Comparison]) -> bool:
    """Tell whether a taught model is better on others' rows, and not by chance."""
    found = compared_together(comparisons)
    return _is_better(found, OF_DRAFTS[_kind(found)])


def check_acceptance(acceptance: object) -> None:
    """Refuse an unknown policy.

    Raises
    ------
    OptionError
        Naming the nearest.
    """
    if acceptance not in POLICIES:
        raise OptionError(f"unknown acceptance={acceptance!r}{nearest_name(acceptance, POLICIES)}")


def decide(
    acceptance: str,
    model: Model,
    before: OwnRows,
    after: OwnRows,
    comparisons: Sequence[Comparison],
    *,
    seed: int,
) -> Decision:
    """Decide for one student.

    Parameters
    ----------
    acceptance : str
        One of `POLICIES`.
    model : Model
        The student's; refitted where the policy needs it.
    before, after : OwnRows
        Its rows without and with what it was just taught.
    comparisons : sequence of Comparison
        On others' rows, where the policy asks for them.
    seed : int

    Returns
    -------
    Decision
    """
    return POLICIES[acceptance](model, before, after, comparisons, seed)


def confirm(
    decision: Decision, comparisons: Sequence[Comparison], *, n_rows: int, error_at_home: float | None = None
) -> Decision:
    """Look at the refitted model itself: chance has a part in each fit.

    The rows have had a part in its lessons, so that they speak for it: more is asked than of drafts. What does not
    convince even so is not kept.

    Where hosts lack columns, typical values stand for them. That mostly adds to the error of a model of values, and
    more to that of one which makes much of these columns. So what has unlearned them seems better there, and may be
    worse; what errs less there than the model before at home is better most likely.

    Parameters
    ----------
    decision : Decision
        To refit the student.
    comparisons : sequence of Comparison
        Of its model before and the refitted one, on others' rows.
    n_rows : int
        On how many rows, instances among them, the model before was fitted.
    error_at_home : float, optional
        With values, the mean squared error of the model before on own rows that it has not seen. None: it is unknown.

    Returns
    -------
    Decision
        The same, with values told why; or against it.
    """
    found = compared_together(comparisons)
    if found.n_rows == 0:
        return decision
    asked = _asked(OF_REFITTED, found, n_rows)
    doubt = _doubt(found, error_at_home)
    if doubt or not _is_better(found, asked):
        drafts = f"its drafts convince ({decision.reason}), " if found.is_of_labels else f"{decision.reason}; "
        verdict = "does not" if found.is_of_labels else "does not convince"
        reason = f"{drafts}the refitted model {verdict}: {_said_of(found)}{_said_to_be_asked(found, asked)}"
        return Decision(False, reason + doubt, _is_worse(found))
    if found.is_of_labels:
        return decision
    return replace(decision, reason=f"{decision.reason}; the refitted model: {_said_of(found)}")


def consult(comparisons: Sequence[Comparison], *, n_rows: int, error_at_home: float | None = None) -> Decision:
    """Decide whether a participant is to ask all models together in place of its own.

    Parameters
    ----------
    comparisons : sequence of Comparison
        Of the model before and of all together, on others' rows.
    n_rows, error_at_home
        See `confirm`; of a frozen model 0 rows are known.

    Returns
    -------
    Decision
    """
    found = compared_together(comparisons)
    if found.n_rows == 0:
        return Decision(False, "nobody else has rows to compare on")
    asked = _asked(OF_ENSEMBLE, found, n_rows)
    doubt = _doubt(found, error_at_home)
    if not doubt and _is_better(found, asked):
        return Decision(True, _said_of(found))
    return Decision(False, _said_of(found) + _said_to_be_asked(found, asked) + doubt)


def _doubt(found: Comparison, error_at_home: float | None) -> str:
    """Say why what hosts see may be no progress, if it may not."""
    if found.is_of_labels or found.is_whole or error_at_home is None or found.after < error_at_home * found.n_rows:
        return ""
    return f"; others lack columns of it, so it must err less there than the model before at home ({error_at_home:.3g})"


def _asked(usually: Mapping[str, Asked], found: Comparison, n_rows: int) -> Asked:
    """Tell what is asked of a student whose model was fitted on so many rows."""
    return OF_FEW if found.is_whole and 0 < n_rows < FEW_ROWS else usually[_kind(found)]
