from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from coopdistill import Participant
from coopdistill.datasets import Clinics, make_clinics


@pytest.fixture(scope="session")
def clinics() -> Clinics:
    return make_clinics(share_of_others=0.1, random_state=0)


@pytest.fixture(scope="session")
def three_kinds() -> Callable[[Any], list[Participant]]:
    """Three clinics, each with another algorithm."""

    def make(clinics: Clinics) -> list[Participant]:
        estimators = {
            "small": make_pipeline(StandardScaler(), LogisticRegression()),
            "medium": DecisionTreeClassifier(max_depth=4),
            "large": RandomForestClassifier(10),
        }
        return [Participant(name, estimators[name], *table) for name, table in clinics.train.items()]

    return make
