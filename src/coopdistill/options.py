"""What numbers an option allows."""

from __future__ import annotations

import math

import numpy as np

from coopdistill.exceptions import OptionError

__all__ = ["check_number", "check_whole"]


def check_number(name: str, value: object, *, least: float, most: float = math.inf) -> None:
    """Refuse an option that is no finite number in a closed range.

    Raises
    ------
    OptionError
        Naming the option and its value.

    Examples
    --------
    >>> check_number("weight", 0.5, least=0.0, most=1.0)
    """
    number = math.nan
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        number = float(value)
    if not least <= number <= most or math.isinf(number):
        allowed = f"{least:g} or more" if math.isinf(most) else f"from {least:g} to {most:g}"
        raise OptionError(f"{name}={value!r} must be a number, {allowed}")


def check_whole(name: str, value: object, *, least: int) -> None:
    """Refuse an option that is no whole number of at least so much.

    Raises
    ------
    OptionError
        Naming the option and its value.

    Examples
    --------
    >>> check_whole("rounds", 3, least=1)
    """
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise OptionError(f"{name}={value!r} must be a whole number, {least} or more")
