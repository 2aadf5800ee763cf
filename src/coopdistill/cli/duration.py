"""Times as people say them."""

from __future__ import annotations

__all__ = ["about", "spoken_time"]


def spoken_time(seconds: float) -> str:
    """Say a time in the unit that fits.

    Examples
    --------
    >>> spoken_time(0), spoken_time(0.3), spoken_time(42.2), spoken_time(400), spoken_time(10000)
    ('0 s', 'less than a second', '42 s', '7 min', '2.8 h')
    """
    if 0 < seconds < 1:
        return "less than a second"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5970 else f"{seconds / 3600:.1f} h"


def about(seconds: float) -> str:
    """Say an estimated time.

    Examples
    --------
    >>> about(0.3), about(42.2)
    ('less than a second', 'about 42 s')
    """
    spoken = spoken_time(seconds)
    return spoken if spoken.startswith("less") else f"about {spoken}"
