import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdistill.datasets import Cohorts, load_bundled, make_clinics
from coopdistill.exceptions import OptionError


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 2 / 3), st.floats(0.1, 0.5))
def test_clinics_and_test_set_share_no_row(seed, share_of_others, test_size):
    clinics = make_clinics(share_of_others=share_of_others, test_size=test_size, random_state=seed)
    tables = [*clinics.train.values(), clinics.test]
    assert np.array_equal(np.sort(np.concatenate([table.X.index for table in tables])), np.arange(569))
    for table in tables:
        assert set(table.y) == {"malignant", "benign"}
        assert table.y.value_counts().min() >= 2


def test_each_clinic_sees_mostly_its_size():
    clinics = make_clinics(random_state=0)
    assert isinstance(clinics, Cohorts)
    assert list(clinics.train) == ["small", "medium", "large"]
    radius = pd.concat([table.X["mean radius"] for table in clinics.train.values()])
    thirds = pd.qcut(radius, 3, labels=["small", "medium", "large"])
    for name, (X, _) in clinics.train.items():
        assert 0.75 < np.mean(thirds[X.index] == name) < 0.85
    malignant = {name: np.mean(y == "malignant") for name, (_, y) in clinics.train.items()}
    assert malignant["small"] < malignant["medium"] < malignant["large"]


def test_with_most_others_there_is_no_speciality():
    clinics = make_clinics(share_of_others=2 / 3, random_state=0)
    means = [table.X["mean radius"].mean() for table in clinics.train.values()]
    assert max(means) - min(means) < 1.0


def test_the_test_set_is_stratified():
    clinics = make_clinics(test_size=0.3, random_state=1)
    assert clinics.test.y.value_counts().to_dict() == {"benign": 107, "malignant": 64}


def test_fewer_columns_change_one_clinic_and_no_row():
    full, fewer = (make_clinics(fewer_columns=flag, random_state=2) for flag in (False, True))
    lacking = set(full.train["small"].X.columns) - set(fewer.train["small"].X.columns)
    assert lacking == {column for column in load_bundled("breast_cancer").X.columns if column.endswith("error")}
    assert len(lacking) == 10
    assert fewer.test.X.shape[1] == fewer.train["large"].X.shape[1] == 30
    for name in full.train:
        assert full.train[name].X.index.equals(fewer.train[name].X.index)


def test_a_seed_decides():
    first, again, other = (make_clinics(random_state=seed) for seed in (4, 4, 5))
    for name in first.train:
        pd.testing.assert_frame_equal(first.train[name].X, again.train[name].X)
    assert not first.test.X.index.equals(other.test.X.index)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share_of_others": 0.9}, "share_of_others=0.9 .*0 to 0.667, both included"),
        ({"test_size": 1}, "test_size=1 "),
        ({"random_state": 0.5}, "random_state=0.5 is no seed"),
        (
            {"share_of_others": 0, "test_size": 0.95, "random_state": 0},
            "the clinic .* would have .*raise share",
        ),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(OptionError, match=message):
        make_clinics(**options)
