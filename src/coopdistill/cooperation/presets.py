"""Options of published algorithms."""

from __future__ import annotations

from typing import Any

from coopdistill.exceptions import OptionError, nearest_name

__all__ = ["preset"]

_PRESETS: dict[str, dict[str, Any]] = {
    "paper": {
        "alpha": 0.5,
        "instances_from": "everyone",
        "focus": "wrong",
        "qualification": "row",
        "expertise": "in-sample",
        "instances_per_row": 1,
        "imputation": "fill",
        "rounds": 1,
        "acceptance": "always",
    }
}


def preset(name: str) -> dict[str, Any]:
    """Return the options of a published algorithm.

    Parameters
    ----------
    name : str
        ``"paper"``: everyone's rows, in-sample expertise, no acceptance test [1]_.

    Returns
    -------
    dict
        Keyword arguments of `CooperativeDistillation`.

    Raises
    ------
    OptionError
        If the name is unknown.

    References
    ----------
    .. [1] Livanos, Davidson, Wong: Cooperative Knowledge Distillation: A Learner Agnostic Approach, AAAI 2024.

    Examples
    --------
    >>> preset("paper")["instances_from"]
    'everyone'
    """
    if name not in _PRESETS:
        raise OptionError(f"unknown preset {name!r}{nearest_name(name, _PRESETS)}")
    return dict(_PRESETS[name])
