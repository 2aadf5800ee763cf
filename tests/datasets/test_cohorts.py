import numpy as np
import pandas as pd
import pytest

from coopdistill.datasets import (
    LabelledTable,
    load_bundled,
    make_covariate_shift,
    make_label_shift,
    make_missing_classes,
    make_random_subsets,
)
from coopdistill.exceptions import DatasetError, OptionError

MAKERS = [make_random_subsets, make_label_shift, make_covariate_shift, make_missing_classes]


def _tables(cohorts):
    return [*cohorts.train.values(), cohorts.test]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", ["iris", "wine", "digits"])
@pytest.mark.parametrize("seed", range(3))
def test_no_row_is_shared_and_none_is_lost(make, name, seed):
    X, y = load_bundled(name)
    cohorts = make(name, random_state=seed)
    rows = np.concatenate([table.X.index for table in _tables(cohorts)])
    assert np.array_equal(np.sort(rows), X.index)
    for table in _tables(cohorts):
        pd.testing.assert_frame_equal(table.X, X.loc[table.X.index])
        pd.testing.assert_series_equal(table.y, y.loc[table.X.index])


@pytest.mark.parametrize("make", MAKERS)
def test_a_seed_decides(make):
    first, again, other = (make("wine", 2, random_state=seed) for seed in (7, 7, 8))
    for one, same in zip(_tables(first), _tables(again), strict=True):
        pd.testing.assert_frame_equal(one.X, same.X)
    assert list(first.test.X.index) != list(other.test.X.index)


@pytest.mark.parametrize("make", MAKERS)
def test_the_test_set_depends_on_the_seed_alone(make):
    tests = [make("wine", n_participants, random_state=5).test.X.index for n_participants in (2, 3)]
    assert tests[0].equals(tests[1])


def test_any_table_can_be_divided():
    table = LabelledTable(
        pd.DataFrame({"colour": pd.Categorical(["red", "blue"] * 20)}, index=range(100, 140)),
        pd.Series(["u", "u", "v", "v"] * 10, index=range(100, 140), name="kind"),
    )
    cohorts = make_random_subsets(table, 2, random_state=0)
    assert list(cohorts.train) == ["participant_1", "participant_2"]
    assert cohorts.train["participant_1"].X["colour"].dtype == table.X["colour"].dtype
    with pytest.raises(OptionError, match="column 'colour' is not numeric"):
        make_covariate_shift(table, 2, random_state=0)


def test_what_a_participant_does_with_its_rows_is_its_own():
    table = load_bundled("iris")
    cohorts = make_random_subsets(table, random_state=0)
    cohorts.train["participant_1"].X.iloc[:, 0] = 0.0
    pd.testing.assert_frame_equal(table.X, load_bundled("iris").X)


def test_errors():
    with pytest.raises(DatasetError, match="did you mean 'wine'"):
        make_label_shift("wines")
    with pytest.raises(OptionError, match="2 classes"):
        make_missing_classes("breast_cancer")
    with pytest.raises(OptionError, match="test_size=2"):
        make_random_subsets("iris", test_size=2)
