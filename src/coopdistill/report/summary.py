"""A run in the shape in which people ask for it: did it help, who taught whom, what left whom."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from coopdistill.exceptions import OutputError
from coopdistill.report.evidence import Evidence

__all__ = ["Departure", "ModelSummary", "Summary", "Transfer", "summarise"]

Interval = tuple[float, float]


@dataclass(frozen=True)
class ModelSummary:
    """What became of one participant's model.

    `intervals` bound its scores and its gain with 95 % confidence. `together` is what all models score that it is to
    ask; None where others did not find them clearly better than its own before.
    """

    name: str
    learner: str
    n_rows: int
    n_features: int | None
    before: float | None
    after: float | None
    gain: float | None
    pooled: float | None
    average: float | None
    accepted: bool | None
    reason: str | None
    withheld: str | None
    intervals: dict[str, Interval] = field(default_factory=dict)
    together: float | None = None

    @property
    def gain_together(self) -> float | None:
        """What it gains if it asks all models where it does better so; else what its own gained."""
        if self.together is None or self.before is None:
            return self.gain
        return self.together - self.before

    @property
    def scores(self) -> tuple[float | None, ...]:
        """Everything that was scored on the test rows."""
        return self.before, self.after, self.together, self.pooled, self.average


@dataclass(frozen=True)
class Transfer:
    """What one teacher gave one student, over all rounds, and why it did not teach the rest."""

    teacher: str
    student: str
    qualified: int
    generated: int
    reached: int
    kept: int
    reason: str = ""


@dataclass(frozen=True)
class Departure:
    """What left one participant, over all rounds; `count` sums what went to each receiver."""

    sender: str
    what: str
    receivers: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class Summary:
    """A run, ready to be rendered; `withheld` says why there is no file of all models together, if so.

    Examples
    --------
    >>> run = {"name": "two", "participants": {"a": {"before": 0.5, "after": 0.75}}}
    >>> summarise(run).models[0].gain
    0.25
    """

    name: str
    began: str
    seconds: float
    metric: str | None
    n_test_rows: int
    n_virtual_instances: int
    rounds: int
    models: tuple[ModelSummary, ...]
    transfers: tuple[Transfer, ...]
    departures: tuple[Departure, ...]
    seed: int | None
    options: dict[str, Any]
    versions: dict[str, str]
    hardware: dict[str, Any]
    command: str
    notes: tuple[str, ...]
    evidence: Evidence = field(default_factory=Evidence)
    withheld: str | None = None

    @property
    def measured(self) -> tuple[ModelSummary, ...]:
        """The models that were scored before and after."""
        return tuple(model for model in self.models if model.gain is not None)

    @property
    def measured_students(self) -> tuple[ModelSummary, ...]:
        """Of the models that were scored, those that could learn; all, where nothing is said of who could."""
        return tuple(model for model in self.measured if model.accepted is not None) or self.measured

    @property
    def mean_gain(self) -> float | None:
        """Mean of the gains of those that could learn, None if nothing was measured."""
        return _mean([model.gain for model in self.measured_students])

    @property
    def mean_gain_together(self) -> float | None:
        """The same where all models are asked by those who do better so; None if there is nobody."""
        students = self.measured_students
        if all(model.together is None for model in students):
            return None
        return _mean([model.gain_together for model in students])

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def summarise(result: Mapping[str, Any], evidence: Evidence | None = None) -> Summary:
    """Bring a result into the shape of a summary.

    Parameters
    ----------
    result : mapping
        From `make_result` or `read_run`.
    evidence : Evidence, optional
        What `gather` found beyond it.

    Returns
    -------
    Summary

    Raises
    ------
    OutputError
        If the result lacks what every run has, such as its participants.
    """
    try:
        return Summary(
            name=str(result["name"]),
            began=str(result.get("began", "")),
            seconds=float(result.get("seconds") or 0.0),
            metric=result.get("metric"),
            n_test_rows=int(result.get("n_test_rows") or 0),
            n_virtual_instances=int(result.get("n_virtual_instances") or 0),
            rounds=int(result.get("rounds") or 0),
            models=tuple(_model(name, given) for name, given in result["participants"].items()),
            transfers=_transfers(result.get("transfers", [])),
            departures=_departures(result.get("disclosures", [])),
            seed=result.get("seed"),
            options=dict(result.get("options", {})),
            versions=dict(result.get("versions", {})),
            hardware=dict(result.get("hardware", {})),
            command=shlex.join(result.get("command", [])),
            notes=tuple(result.get("notes", [])),
            evidence=Evidence() if evidence is None else evidence,
            withheld=(result.get("cooperation") or {}).get("withheld"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OutputError(f"this is not the result of a run ({type(error).__name__}: {error}); run again") from error


def _mean(gains: list[float | None]) -> float | None:
    known = [gain for gain in gains if gain is not None]
    return sum(known) / len(known) if known else None


def _model(name: str, given: Mapping[str, Any]) -> ModelSummary:
    before, after = given.get("before"), given.get("after")
    return ModelSummary(
        name=name,
        learner=str(given.get("learner", "")),
        n_rows=int(given.get("n_rows") or 0),
        n_features=given.get("n_features"),
        before=before,
        after=after,
        gain=None if before is None or after is None else after - before,
        pooled=given.get("pooled"),
        average=given.get("average"),
        accepted=given.get("accepted"),
        reason=given.get("reason"),
        withheld=(given.get("model") or {}).get("withheld"),
        intervals={key: (float(low), float(high)) for key, (low, high) in (given.get("intervals") or {}).items()},
        together=given.get("together") if given.get("consults") else None,
    )


def _transfers(records: list[Mapping[str, Any]]) -> tuple[Transfer, ...]:
    return tuple(
        Transfer(
            teacher=record["teacher"],
            student=record["student"],
            qualified=int(record["qualified"]),
            generated=int(record["generated"]),
            reached=int(record["reached"]),
            kept=int(record["kept"]),
            reason=record.get("reason") or "",
        )
        for record in records
    )


def _departures(records: list[Mapping[str, Any]]) -> tuple[Departure, ...]:
    totals: dict[tuple[str, str], tuple[dict[str, None], int]] = {}
    for record in records:
        if not record["count"]:
            continue
        receivers, count = totals.get((record["sender"], record["what"]), ({}, 0))
        receivers[record["receiver"]] = None
        totals[record["sender"], record["what"]] = (receivers, count + int(record["count"]))
    return tuple(
        Departure(sender, what, tuple(receivers), count) for (sender, what), (receivers, count) in totals.items()
    )
