from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from coopdistill import CooperativeDistillation, Participant, save

Rows = tuple[pd.DataFrame, np.ndarray]


def people(n_rows: int, seed: int) -> Rows:
    """Rows with a unit, categories, whole numbers and gaps."""
    rng = np.random.default_rng(seed)
    km = rng.gamma(2.0, 10.0, n_rows)
    frame = pd.DataFrame(
        {
            "km": km,
            "age": rng.integers(20, 80, n_rows),
            "region": pd.Categorical(rng.choice(["north", "south", "west"], n_rows)),
            "smoker": rng.choice(["no", "yes"], n_rows),
            "visits": pd.array(rng.integers(0, 9, n_rows), dtype="Int64"),
        }
    )
    ill = km + frame["age"] / 4 + 12 * (frame["smoker"] == "yes") + rng.normal(0, 3, n_rows) > 38
    return frame, np.where(ill, "ill", "well").astype(object)


@pytest.fixture(scope="session")
def test_rows() -> Rows:
    return people(120, 9)


@pytest.fixture(scope="session")
def cooperation() -> CooperativeDistillation:
    """Three clinics with other columns, containers and algorithms each."""
    (north, y), (south, z), (west, w) = (people(50, seed) for seed in range(3))
    text = make_column_selector(dtype_exclude="number")
    encoded = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), text), remainder=StandardScaler())
    return CooperativeDistillation(0.4, rounds=2, acceptance="own-validation", random_state=7).fit(
        [
            Participant("north", make_pipeline(encoded, LogisticRegression()), north, y),
            Participant(
                "south/7",
                RandomForestClassifier(4, random_state=0),
                south[["age", "km"]].assign(km=south["km"] / 1.609344).rename(columns={"km": "distance"}),
                z,
                feature_space={
                    "distance": {"unit": "mile", "synonyms": ("km",), "conversions": {"km": 1 / 1.609344}},
                },
            ),
            Participant("wést", DecisionTreeClassifier(max_depth=3, random_state=0), west[["km", "age"]], w),
        ]
    )


@pytest.fixture(scope="session")
def archive(cooperation: CooperativeDistillation, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path: Path = tmp_path_factory.mktemp("saved") / "clinics.zip"
    save(cooperation, path)
    return path.read_bytes()
