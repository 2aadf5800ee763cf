"""A result names what a run depended on."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coopdistill import CooperativeDistillation, Participant
from coopdistill.datasets import make_clinics
from coopdistill.report import make_result


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_versions_are_those_of_the_libraries_that_participants_brought(container: str) -> None:
    train = make_clinics(random_state=0).train
    participants = [
        Participant(
            name, make_pipeline(StandardScaler(), GaussianNB()), X if container == "pandas" else pl.DataFrame(X), y
        )
        for name, (X, y) in train.items()
    ]
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    result = make_result(cooperation, participants, name="clinics", began=datetime.now(UTC), command=["coopdistill"])
    assert {"python", "coopdistill", "numpy", "scikit-learn", "pandas"} <= result["versions"].keys()
    assert ("polars" in result["versions"]) == (container == "polars")
    assert "torch" not in result["versions"]
