"""Mixtures lie between two rows, and so do their labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as with_drawn
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from coopdistill import Participant, infer_feature_space
from coopdistill.baselines import MixUp
from coopdistill.baselines.rows.mixup import mixed
from coopdistill.exceptions import OptionError
from coopdistill.schema import Codec
from doubles import Scripted, constant


@with_drawn(st.integers(0, 10_000))
def test_numbers_lie_on_the_segment_whole_ones_stay_whole_and_categories_are_of_either_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"dose": rng.normal(size=12), "age": rng.integers(1, 90, 12), "sex": rng.choice(["f", "m", "x"], 12)}
    )
    frame.loc[rng.integers(12), "dose"] = np.nan
    space = infer_feature_space(frame)
    rows = Codec.of(frame, space).encode(frame)
    A, B, share = rows[:6], rows[6:], rng.random(6)
    between = mixed(A, B, share, space, rng)
    full = ~np.isnan(A[:, 0] + B[:, 0])
    assert between[full, 0] == pytest.approx((share * A[:, 0] + (1 - share) * B[:, 0])[full])
    assert (between[:, 1] == np.rint(share * A[:, 1] + (1 - share) * B[:, 1])).all()
    assert ((between[:, 2] == A[:, 2]) | (between[:, 2] == B[:, 2])).all()
    assert mixed(A, B, np.ones(6), space, rng) == pytest.approx(A, nan_ok=True)


def test_labels_are_mixed_by_the_same_share_as_rows() -> None:
    X = np.array([[0.0], [1.0]])
    mute = Scripted([0, 1], constant([0.5, 0.5]))
    space: Any = {"x0": {"kind": "continuous"}}
    company = [Participant(name, mute, X, [0, 1], feature_space=space) for name in ("one", "two")]
    taught: Any = MixUp(times=20, alpha=1.0).fit(company)
    rows, labels, keywords = taught.models_["one"].learner.fitted_on
    weight = keywords["sample_weight"]
    assert keywords["n_own"] == 2
    assert rows[:2].tolist() == X.tolist()
    for at in np.unique(rows):
        here = rows[:, 0] == at
        # A row at 0.3 is three tenths of the row at 1, which is of class 1.
        assert weight[here & (labels == 1)].sum() / weight[here].sum() == pytest.approx(at, abs=2e-3)
    assert weight.sum() == pytest.approx(2 + 40)


def test_of_a_linear_world_mixtures_change_nothing() -> None:
    X = np.random.default_rng(0).normal(size=(30, 2))
    y = X @ [2.0, -1.0] + 3
    people = [
        Participant("one", LinearRegression(), X[:15], y[:15]),
        Participant("two", LinearRegression(), X[15:], y[15:]),
    ]
    assert MixUp(alpha=1.0).fit(people).predict_for("one", X) == pytest.approx(y)


def test_options_outside_of_what_they_allow_are_refused() -> None:
    with pytest.raises(OptionError, match=r"alpha=0 must be a number, 0\.001 or more"):
        MixUp(alpha=0).fit([])
    with pytest.raises(OptionError, match=r"times=1\.5 must be a whole number"):
        MixUp(times=1.5).fit([])  # type: ignore[arg-type]
