"""A result names what a run depended on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from scipy import sparse
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from coopdistill import CooperativeDistillation, Participant
from coopdistill.datasets import make_clinics
from coopdistill.report import make_result


@pytest.mark.parametrize("contain", [lambda X: X.to_numpy().tolist(), sparse.csr_matrix, pl.DataFrame])
def test_a_result_counts_rows_and_columns_of_any_container(contain: Any) -> None:
    train = make_clinics(random_state=0).train
    participants = [Participant(name, DecisionTreeClassifier(), contain(X), y) for name, (X, y) in train.items()]
    cooperation = CooperativeDistillation(random_state=0, acceptance="always").fit(participants)
    result = make_result(cooperation, participants, name="clinics", began=datetime.now(UTC), command=["coopdistill"])
    told = {name: (one["n_rows"], one["n_features"]) for name, one in result["participants"].items()}
    assert told == {name: X.shape for name, (X, _) in train.items()}


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
