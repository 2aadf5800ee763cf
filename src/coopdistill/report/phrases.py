"""The words and numbers that all renderings of a summary share."""

from __future__ import annotations

from coopdistill.plural import plural
from coopdistill.report.summary import ModelSummary, Summary
from coopdistill.score_unit import NOTHING, ScoreUnit, unit_of

__all__ = [
    "NOTHING",
    "answer",
    "duration",
    "fate",
    "percent",
    "plural",
    "repeating",
    "score_unit",
    "scored_on",
    "sureness",
    "unsaved",
]


def percent(value: float | None) -> str:
    """Render a share.

    Examples
    --------
    >>> percent(0.8312), percent(None)
    ('83.1', '–')
    """
    return NOTHING if value is None else f"{100 * value:.1f}"


def sureness(score: float) -> str:
    """Render how sure a model is, without rounding doubt away.

    Examples
    --------
    >>> sureness(0.97), sureness(0.99987), sureness(1.0), sureness(0.0001)
    ('97 %', 'over 99.9 %', '100 %', 'under 0.1 %')
    """
    if 0 < score < 0.001 or 0.999 < score < 1:
        return "over 99.9 %" if score > 0.5 else "under 0.1 %"
    return f"{100 * score:.3g} %"


def duration(seconds: float) -> str:
    """Render a time as coarsely as it is interesting.

    Examples
    --------
    >>> duration(0.034), duration(1.98), duration(42.3), duration(754.0), duration(7300.0)
    ('34 ms', '2.0 s', '42 s', '13 min', '2.0 h')
    """
    if seconds < 90:
        return f"{1000 * seconds:.0f} ms" if seconds < 0.5 else f"{seconds:.{1 if seconds < 10 else 0}f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def score_unit(summary: Summary) -> ScoreUnit:
    """Choose the unit in which the scores of a run are shown.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> score_unit(summarise({"name": "two", "metric": "r2", "participants": {}})).heading
    'R²'
    """
    return unit_of(summary.metric, (score for model in summary.models for score in model.scores))


def answer(summary: Summary) -> str:
    """Say in a sentence whether it helped.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> run = {"name": "two", "participants": {"a": {"before": 0.5, "after": 0.75}}}
    >>> answer(summarise(run))
    '1 of 1 model came out better, by 25.0 points on average.'
    >>> answer(summarise({**run, "metric": "r2"}))
    '1 of 1 model came out better; on average R² rose by 0.250.'
    >>> together = {"before": 0.5, "after": 0.75, "consults": True, "together": 0.8}
    >>> answer(summarise({"name": "two", "participants": {"a": together}}))
    '1 of 1 model came out better, by 25.0 points on average. Asked together: +30.0.'
    """
    if summary.mean_gain is None:
        return "Without test rows nobody can say whether it helped."
    unit = score_unit(summary)
    alone = _answer_alone(summary, summary.mean_gain, unit)
    if summary.mean_gain_together is None:
        return alone
    return f"{alone} Asked together: {unit.change(summary.mean_gain_together)}."


def _answer_alone(summary: Summary, mean: float, unit: ScoreUnit) -> str:
    ways = [unit.direction(model.gain) for model in summary.measured_students]
    better, worse = ways.count("up"), ways.count("down")
    counts = f"{better} of {plural(len(ways), 'model')} came out better" + (f", {worse} worse" if worse else "")
    way = unit.direction(mean)
    if way == "level":
        return f"{counts}; on average nothing changed."
    if not unit.is_share:
        what = f"the {unit.name}" if unit.is_error else unit.name
        verb = "rose" if (way == "up") != unit.is_error else "fell"
        return f"{counts}; on average {what} {verb} by {unit.amount(mean)}."
    if better == len(ways):
        return f"{counts}, by {unit.amount(mean)} points on average."
    return f"{counts}; on average a {'gain' if way == 'up' else 'loss'} of {unit.amount(mean)} points."


def scored_on(summary: Summary) -> str:
    """Say what the scores are.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> scored_on(summarise({"name": "two", "metric": "accuracy", "n_test_rows": 90, "participants": {}}))
    'accuracy in % on 90 test rows'
    """
    unit = score_unit(summary)
    better = ", less is better" if unit.is_error else ""
    return f"{unit.heading} on {plural(summary.n_test_rows, 'test row')}{better}"


def repeating(command: str) -> tuple[str, str]:
    """Return the command that repeats a run beside itself, and a sentence on it.

    Parameters
    ----------
    command : str
        With which it was made; its folder holds the run, so that this alone would be refused.

    Examples
    --------
    >>> repeating("coopdistill demo")[0]
    'coopdistill demo --force'
    """
    return f"{command} --force", "--force lets it replace this run; to keep both, give another folder by --out instead."


def unsaved(summary: Summary) -> list[str]:
    """Say which models are not among the files, and why; then there is no file of all together, either.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> run = {"name": "two", "participants": {"a": {"model": {"withheld": "it carries rows"}}}}
    >>> unsaved(summarise(run))
    ["the model of 'a' is not saved: it carries rows"]
    """
    names: dict[str, list[str]] = {}
    for model in summary.models:
        if model.withheld:
            names.setdefault(model.withheld, []).append(repr(model.name))
    if not names and summary.withheld:
        return [f"there is no cooperation.zip: {summary.withheld}"]
    return [
        f"the model{'s' if len(owners) > 1 else ''} of {', '.join(owners)} {'are' if len(owners) > 1 else 'is'} "
        f"not saved: {why}"
        for why, owners in names.items()
    ]


def fate(model: ModelSummary) -> str:
    """Say whether a student kept what it learned.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> fate(summarise({"name": "two", "participants": {"a": {"accepted": False}}}).models[0])
    'declined'
    """
    return {True: "accepted", False: "declined", None: "only teaches"}[model.accepted]
