from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

Table = tuple[pd.DataFrame, pd.Series]


@pytest.fixture(scope="session")
def patients() -> Table:
    """Rows with numbers, categories and missing values; the class depends on one of each."""
    rng = np.random.default_rng(0)
    age = rng.integers(20, 80, 120).astype(float)
    smokes = rng.choice(["never", "once", "daily"], 120)
    ill = (age > 50) & (smokes != "never") | (age > 72)
    X = pd.DataFrame({"age": age, "smokes": smokes, "height": rng.normal(170, 10, 120)})
    X.loc[::10, "height"] = np.nan
    return X, pd.Series(np.where(ill, "ill", "well"), name="state")
