"""Synthetic rows stay near the rows that they come from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from coopdistill import Participant, infer_feature_space
from coopdistill.baselines import Munge
from coopdistill.baselines.rows.munge import munged
from coopdistill.schema import Codec
from doubles import Scripted, constant

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"dose": RNG.normal(size=40), "age": RNG.integers(1, 90, 40), "sex": RNG.choice(["f", "m", "x"], 40)}
)
FRAME.loc[3, "dose"] = np.nan
SPACE = infer_feature_space(FRAME)
ROWS = Codec.of(FRAME, SPACE).encode(FRAME)


def test_where_nothing_is_exchanged_the_rows_come_back() -> None:
    assert munged(ROWS, SPACE, 0.0, 1.0, np.random.default_rng(0)) == pytest.approx(ROWS, nan_ok=True)


def test_synthetic_values_are_the_neighbours_where_draws_are_narrow() -> None:
    rng = np.random.default_rng(1)
    pairs = np.array([[0.0, 0.0], [0.1, 1.0], [5.0, 2.0], [5.1, 0.0]])
    frame = pd.DataFrame({"place": pairs[:, 0], "kind": np.array(["a", "b", "c"])[pairs[:, 1].astype(int)]})
    space = infer_feature_space(frame)
    rows = Codec.of(frame, space).encode(frame)
    for _ in range(20):
        made = munged(rows, space, 0.5, 1e9, rng)
        for pair in ([0, 1], [2, 3]):
            for column in (0, 1):
                allowed = rows[pair, column]
                assert np.abs(made[pair, column][:, None] - allowed[None, :]).min(axis=1) == pytest.approx(0, abs=1e-6)


def test_values_stay_in_their_range_and_whole_ones_whole() -> None:
    made = munged(ROWS, SPACE, 1.0, 0.2, np.random.default_rng(2))
    assert ((made >= np.nanmin(ROWS, axis=0)) & (made <= np.nanmax(ROWS, axis=0)) | np.isnan(made)).all()
    assert (made[:, 1:] == np.rint(made[:, 1:])).all()
    assert (made[:, 0] != ROWS[:, 0]).mean() > 0.5


def test_synthetic_rows_are_labelled_by_the_others_together() -> None:
    X, y = RNG.normal(size=(20, 1)), [0, 1] * 10
    student = Participant("student", Scripted([0, 1], constant([0.5, 0.5])), X, y)
    sure = Participant("sure", Scripted([0, 1], constant([0.0, 1.0])), X, y)
    unsure = Participant("unsure", Scripted([0, 1], constant([0.6, 0.4])), X, y)
    taught: Any = Munge(times=3).fit([student, sure, unsure])
    rows, labels, keywords = taught.models_["student"].learner.fitted_on
    assert keywords["n_own"] == 20
    synthetic = ~np.isin(rows[:, 0], X[:, 0])
    weight = keywords["sample_weight"][synthetic]
    assert weight[labels[synthetic] == 1].sum() / weight.sum() == pytest.approx(0.7)
    assert keywords["sample_weight"].sum() == pytest.approx(80)
