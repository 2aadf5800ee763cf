"""scikit-learn's own checks, whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from coopdistill import CooperativeClassifier, CooperativeRegressor

CLASSIFIERS: list[tuple[str, Any]] = [("linear", LogisticRegression()), ("tree", DecisionTreeClassifier())]
REGRESSORS: list[tuple[str, Any]] = [("linear", Ridge()), ("tree", DecisionTreeRegressor())]


# Ours: some checks have too few rows to deal, or a class of one row.
@pytest.mark.filterwarnings("ignore::coopdistill.exceptions.CoopdistillWarning")
@parametrize_with_checks(
    [
        CooperativeClassifier(CLASSIFIERS),
        CooperativeRegressor(REGRESSORS),
        CooperativeClassifier(CLASSIFIERS, views="shares"),
    ]
)
def test_every_check_passes(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
