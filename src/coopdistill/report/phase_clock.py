"""How long each phase of a run takes."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["PhaseClock"]


class PhaseClock:
    """Hands progress on, and measures how long each phase takes.

    A phase lasts until another begins, so that what comes between two reports is counted with the first. A phase
    that comes again in a later round is added up.

    Parameters
    ----------
    tell : callable
        Is told ``(phase, done, total)``.

    Examples
    --------
    >>> clock = PhaseClock(lambda phase, done, total: None)
    >>> clock("teaching", 0, 1)
    >>> clock("refitting", 0, 1)
    >>> list(clock.seconds)
    ['teaching', 'refitting']
    """

    def __init__(self, tell: Callable[[str, int, int], None]) -> None:
        self._tell = tell
        self._sums: dict[str, float] = {}
        self._phase: str | None = None
        self._since = 0.0

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Be told how far a phase has come.

        Parameters
        ----------
        phase : str
        done, total : int
        """
        if phase != self._phase:
            now = time.perf_counter()
            self._close(now)
            self._phase, self._since = phase, now
            self._sums.setdefault(phase, 0.0)
        self._tell(phase, done, total)

    @property
    def seconds(self) -> dict[str, float]:
        """Wall-clock time of each phase up to now, in the order in which they began."""
        now = time.perf_counter()
        self._close(now)
        self._since = now
        return {phase: round(total, 3) for phase, total in self._sums.items()}

    def _close(self, now: float) -> None:
        if self._phase is not None:
            self._sums[self._phase] += now - self._since
