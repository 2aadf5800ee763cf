"""Finds who can read the trees of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coopdistill.learners.libraries.library import is_of
from coopdistill.learners.trees.structure import UNREADABLE, TreesOf, UnreadableError

__all__ = ["read_trees"]


def read_trees(estimator: Any) -> TreesOf:
    """Read the trees of a fitted estimator of any library that is known here.

    Parameters
    ----------
    estimator : estimator
        The model itself, without a pipeline around it.

    Returns
    -------
    TreesOf

    Raises
    ------
    UnreadableError
        If it has no trees, or they cannot be read; the message says why.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> read_trees(DecisionTreeClassifier().fit([[0.0], [1.0]], ["no", "yes"])).trees.value[1:]
    array([[1., 0.],
           [0., 1.]])
    """
    for package, reader in _READERS.items():
        if is_of(estimator, package):
            return reader()(estimator)
    raise UnreadableError(UNREADABLE)


def _scikit_learn() -> Callable[[Any], TreesOf]:
    from coopdistill.learners.trees.scikit_learn import scikit_learn_trees

    return scikit_learn_trees


def _xgboost() -> Callable[[Any], TreesOf]:
    from coopdistill.learners.trees.xgboost import xgboost_trees

    return xgboost_trees


def _lightgbm() -> Callable[[Any], TreesOf]:
    from coopdistill.learners.trees.lightgbm import lightgbm_trees

    return lightgbm_trees


def _catboost() -> Callable[[Any], TreesOf]:
    from coopdistill.learners.trees.catboost import catboost_trees

    return catboost_trees


_READERS: dict[str, Callable[[], Callable[[Any], TreesOf]]] = {
    # Their estimators derive from scikit-learn's, so they are asked first.
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
    "sklearn": _scikit_learn,
}
