"""What the values of a target column mean as labels, said without code."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import LabelError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LabelRule", "apply_label_rules", "check_label_rule"]

LabelRule: TypeAlias = str | list[str | int | float | bool]

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_RULE = re.compile(r"^\s*(<=|>=|==|!=|<|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*$")


def check_label_rule(rule: LabelRule) -> LabelRule:
    """Refuse a rule that is neither a comparison with a number nor a list of values.

    Parameters
    ----------
    rule : str or list
        ``"> 0"``, or the values that mean the label: ``["yes", 1]``.

    Returns
    -------
    str or list
        The rule.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> check_label_rule("> 0")
    '> 0'
    """
    if isinstance(rule, str) and not _RULE.match(rule):
        raise ValueError(
            f"{rule!r} is no rule; write a comparison with a number, such as '> 0', or list the values: [{rule!r}]"
        )
    if not rule:
        raise ValueError("the list of values is empty; list those that mean this label")
    return rule


def apply_label_rules(values: pd.Series[Any], rules: Mapping[str, LabelRule]) -> NDArray[np.object_]:
    """Turn the values of a target column into labels.

    Parameters
    ----------
    values : Series
        None missing.
    rules : mapping of str to rule
        For a label, which values mean it.

    Returns
    -------
    ndarray of shape (n_rows,), object
        Labels.

    Raises
    ------
    LabelError
        If no rule or more than one fits a value.

    Examples
    --------
    >>> import pandas as pd
    >>> apply_label_rules(pd.Series([0, 3]), {"healthy": "== 0", "ill": "> 0"}).tolist()
    ['healthy', 'ill']
    """
    fits = {label: _fits(values, rule) for label, rule in rules.items()}
    n_fitting = np.sum([mask for mask in fits.values()], axis=0)
    if (n_fitting != 1).any():
        value = values.tolist()[int(np.argmax(n_fitting != 1))]
        fitting = [label for label, mask in fits.items() if mask[np.argmax(n_fitting != 1)]]
        found = f"{' and '.join(map(repr, fitting))} at once" if fitting else "no label"
        raise LabelError(f"the value {value!r} means {found}; let exactly one rule of {list(rules)!r} fit it")
    labels = np.empty(len(values), dtype=object)
    for label, mask in fits.items():
        labels[mask] = label
    return labels


def _fits(values: pd.Series[Any], rule: LabelRule) -> NDArray[np.bool_]:
    if isinstance(rule, list):
        return np.asarray(values.isin(rule), dtype=bool)
    match = _RULE.match(rule)
    if match is None:
        raise LabelError(f"{rule!r} is no rule; write a comparison with a number, such as '> 0'")
    try:
        numbers = values.to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        raise LabelError(
            f"the rule {rule!r} compares with a number, and the target holds {values.tolist()[0]!r}; "
            "list the values instead"
        ) from None
    return np.asarray(_COMPARISONS[match[1]](numbers, float(match[2])), dtype=bool)
