"""The words and numbers that all renderings of a summary share."""

from __future__ import annotations

from coopdistill.report.summary import ModelSummary, Summary

__all__ = ["answer", "bounds", "duration", "fate", "gain_in_points", "percent", "plural", "scored_on", "sureness"]

NOTHING = "–"


def percent(value: float | None) -> str:
    """Render a score.

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


def gain_in_points(value: float | None) -> str:
    """Render a gain, with its sign.

    Examples
    --------
    >>> gain_in_points(0.0512), gain_in_points(-0.02), gain_in_points(0.0)
    ('+5.1', '−2.0', '±0.0')
    """
    if value is None:
        return NOTHING
    points = round(100 * value, 1)
    sign = "+" if points > 0 else "−" if points < 0 else "±"
    return f"{sign}{abs(points):.1f}"


def bounds(model: ModelSummary, key: str) -> str:
    """Render the 95 % interval of a score or of the gain, in points; nothing where there is none.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> run = {"name": "two", "participants": {"a": {"intervals": {"after": [0.52, 0.781], "gain": [-0.01, 0.05]}}}}
    >>> model = summarise(run).models[0]
    >>> bounds(model, "after"), bounds(model, "gain"), bounds(model, "pooled")
    ('[52.0, 78.1]', '[−1.0, +5.0]', '')
    """
    if key not in model.intervals:
        return ""
    render = gain_in_points if key == "gain" else percent
    low, high = model.intervals[key]
    return f"[{render(low)}, {render(high)}]"


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


def plural(count: int, noun: str) -> str:
    """Render a count and what is counted.

    Examples
    --------
    >>> plural(1, "row"), plural(12000, "row")
    ('1 row', '12,000 rows')
    """
    return f"{count:,} {noun}" + ("" if count == 1 or noun.endswith("s") else "s")


def answer(summary: Summary) -> str:
    """Say in a sentence whether it helped.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> answer(summarise({"name": "two", "participants": {"a": {"before": 0.5, "after": 0.75}}}))
    '1 of 1 model came out better, by 25.0 points on average.'
    """
    if summary.mean_gain is None:
        return "Without test rows nobody can say whether it helped."
    gains = [round(model.gain or 0.0, 3) for model in summary.measured]
    better, worse = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
    counts = f"{better} of {plural(len(gains), 'model')} came out better" + (f", {worse} worse" if worse else "")
    points = round(100 * summary.mean_gain, 1)
    if points == 0:
        return f"{counts}; on average nothing changed."
    if worse == 0:
        return f"{counts}, by {points:.1f} points on average."
    return f"{counts}; on average {'a gain' if points > 0 else 'a loss'} of {abs(points):.1f} points."


def scored_on(summary: Summary) -> str:
    """Say what the scores are.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> scored_on(summarise({"name": "two", "metric": "accuracy", "n_test_rows": 90, "participants": {}}))
    'accuracy in % on 90 test rows'
    """
    metric = (summary.metric or "score").replace("_", " ")
    return f"{metric} in % on {plural(summary.n_test_rows, 'test row')}"


def fate(model: ModelSummary) -> str:
    """Say whether a student kept what it learned.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> fate(summarise({"name": "two", "participants": {"a": {"accepted": False}}}).models[0])
    'declined'
    """
    return {True: "accepted", False: "declined", None: "only teaches"}[model.accepted]
