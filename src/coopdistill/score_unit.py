"""The unit in which the scores of a metric are read: percent, a plain number, or the unit of the target."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ScoreUnit", "unit_of"]

NOTHING = "–"

_SHARES = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "f1_macro": "macro F1", "score": "score"}
_ERRORS = {
    "neg_mean_absolute_error": "mean absolute error",
    "neg_root_mean_squared_error": "root mean squared error",
}


@dataclass(frozen=True)
class ScoreUnit:
    """How scores of one metric are written.

    Scores are such that the greater is the better. An error is therefore scored with a minus, and shown without.

    Parameters
    ----------
    name : str
        What people call the metric.
    factor : float
        What a score is multiplied by to be shown: 100 of a share, -1 of an error.
    decimals : int
        Digits behind the point.
    best : float
        The score that none exceeds.

    Examples
    --------
    >>> share = unit_of("accuracy", [0.5, 0.75])
    >>> share.heading, share.score(0.75), share.change(0.25)
    ('accuracy in %', '75.0', '+25.0')
    >>> error = unit_of("neg_mean_absolute_error", [-54.31, -50.2])
    >>> error.score(-54.31), error.change(4.11), error.direction(4.11)
    ('54.3', '−4.1', 'up')
    """

    name: str
    factor: float
    decimals: int
    best: float

    @property
    def is_share(self) -> bool:
        """Whether scores are percentages, and gains points."""
        return self.factor == 100

    @property
    def is_error(self) -> bool:
        """Whether less is better in what is shown."""
        return self.factor < 0

    @property
    def heading(self) -> str:
        """The metric with its unit."""
        if self.is_error:
            return f"{self.name} in the unit of the target"
        return f"{self.name} in %" if self.is_share else self.name

    @property
    def change_name(self) -> str:
        """What the difference of two shown scores is called."""
        return "change" if self.is_error else "gain"

    def shown(self, score: float) -> float:
        """Return the number that is shown for a score, or for a difference of scores."""
        return self.factor * score + 0.0  # no zero with a minus

    def score(self, value: float | None, decimals: int | None = None) -> str:
        """Write a score, in so many decimals or those of the unit; a dash for none."""
        digits = self.decimals if decimals is None else decimals
        return NOTHING if value is None else f"{self.shown(value):,.{digits}f}".replace("-", "−")

    def change(self, gain: float | None) -> str:
        """Write the difference of two scores as it is shown, with its sign."""
        if gain is None:
            return NOTHING
        number = round(self.shown(gain), self.decimals)
        sign = "+" if number > 0 else "−" if number < 0 else "±"
        return f"{sign}{self.amount(gain)}"

    def amount(self, gain: float) -> str:
        """Write how much a difference is, whichever way it goes."""
        return f"{abs(self.shown(gain)):,.{self.decimals}f}"

    def ends(self, interval: tuple[float, float], *, of_gain: bool = False) -> tuple[str, str]:
        """Write both ends of an interval, the lesser number first.

        Examples
        --------
        >>> unit_of("neg_mean_absolute_error", [-50.0]).ends((-60.0, -40.0))
        ('40.0', '60.0')
        """
        write = self.change if of_gain else self.score
        low, high = map(write, interval[::-1] if self.is_error else interval)
        return low, high

    def direction(self, gain: float | None) -> str:
        """Say which way a score went, as far as the shown digits tell: ``"up"``, ``"down"`` or ``"level"``.

        Examples
        --------
        >>> share = unit_of("accuracy")
        >>> [share.direction(gain) for gain in (0.02, -0.02, 0.0001, None)]
        ['up', 'down', 'level', 'level']
        """
        rounded = round(abs(self.factor) * (gain or 0.0), self.decimals)
        return "up" if rounded > 0 else "down" if rounded < 0 else "level"


def unit_of(metric: str | None, scores: Iterable[float | None] = ()) -> ScoreUnit:
    """Choose the unit of a metric.

    Parameters
    ----------
    metric : str or None
        One of scikit-learn's names.
    scores : iterable of float or None, default=()
        All that are to be shown; errors are written with three digits of the greatest.

    Returns
    -------
    ScoreUnit

    Examples
    --------
    >>> unit_of("r2").heading, unit_of("r2").score(-0.3712)
    ('R²', '−0.371')
    >>> unit_of("neg_root_mean_squared_error", [-12345.6]).score(-12345.6)
    '12,346'
    """
    name = metric or "score"
    if name in _SHARES:
        return ScoreUnit(_SHARES[name], 100.0, 1, 1.0)
    if name in _ERRORS:
        return ScoreUnit(_ERRORS[name], -1.0, _decimals(scores), 0.0)
    return ScoreUnit("R²" if name == "r2" else name.replace("_", " "), 1.0, 3, 1.0 if name == "r2" else math.inf)


def _decimals(scores: Iterable[float | None]) -> int:
    greatest = max((abs(score) for score in scores if score is not None and math.isfinite(score)), default=0.0)
    return min(max(2 - math.floor(math.log10(greatest)), 0), 9) if greatest > 0 else 1
