import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from coopdistill.counterfactuals import MeteredTeacher, generate_counterfactuals, measure_quality, quality_rows
from coopdistill.exceptions import OptionError, TableError


@pytest.fixture(scope="module")
def line():
    """One number, and a teacher that is surer of 1 the greater it is."""
    X = np.linspace(0.0, 9.0, 10)[:, None] + 0.25
    y = (X[:, 0] > 5).astype(int)
    return X, y, LogisticRegression().fit(X, y)


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "age": rng.integers(20, 80, 120),
            "dose": rng.normal(size=120),
            "smoker": rng.integers(0, 2, 120),
            "sex": rng.choice(["f", "m"], 120),
            "region": rng.choice(["north", "south", "west"], 120),
        }
    )
    y = (X["age"] / 20 + X["dose"] + (X["region"] == "west") > 3).map({True: "ill", False: "well"})
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["sex", "region"]), remainder="passthrough"
    )
    return X, y, make_pipeline(columns, RandomForestClassifier(25, random_state=0)).fit(X, y)


DECLARED = {"sex": {"mutable": False}, "age": {"direction": "increase"}}


def test_rows_that_stay_have_failed_and_measure_nothing(line):
    X, y, teacher = line
    quality = measure_quality(X, teacher, X, y)
    assert quality[["reached", "improved", "failed"]].tolist() == [0.0, 0.0, 1.0]
    assert np.isnan(quality["l1"])
    assert quality["copies"] == 0


def test_reached_is_what_the_teacher_says_now(line):
    X, y, teacher = line
    batch = generate_counterfactuals(teacher, X, y, generator="search", random_state=0)
    assert measure_quality(batch, teacher, X, y)["reached"] == (batch.status == "reached").mean()
    # To a teacher that is surer still, each row's own target is out of its reach.
    harder = np.full(len(X), 2.0)
    assert measure_quality(batch.X, teacher, X, y, target=harder)["reached"] == 0.0


def test_improved_lies_between(line):
    X, y, teacher = line
    moved = X + np.where(y == 1, 0.01, -0.01)[:, None]
    rows = quality_rows(moved, teacher, X, y)
    assert set(rows["status"]) == {"improved"}
    assert (rows["score_after"] > rows["score_before"]).all()
    assert set(quality_rows(X - (moved - X), teacher, X, y)["status"]) == {"failed"}


def test_distances_are_in_spreads(line):
    X, y, teacher = line
    two = np.hstack([X, X[::-1] * 10])
    teacher = LogisticRegression().fit(two, y)
    rows = quality_rows(two + two.std(axis=0), teacher, two, y)
    assert np.allclose(rows["l1"], 2.0)
    assert np.allclose(rows["l2"], np.sqrt(2.0))
    assert (rows["features_changed"] == 2).all()


def test_every_broken_constraint_is_counted_where_it_is(people):
    X, y, teacher = people
    broken = X.astype({"age": float, "smoker": float})
    broken.loc[0, "age"] = X.loc[0, "age"] + 0.5
    broken.loc[1, "age"] = 200.0
    broken.loc[2, "age"] = X["age"].min() - 10.0
    broken.loc[3, "smoker"] = 0.4
    broken.loc[4, "region"] = "moon"
    broken.loc[5, "sex"] = "m" if X.loc[5, "sex"] == "f" else "f"
    rows = quality_rows(broken, teacher, X, y, feature_space=DECLARED)
    broken_at = {
        "not_whole": [0],
        "out_of_range": [1, 2],
        "directions_violated": [2],
        "fractional_one_hots": [3],
        "unknown_category": [3, 4],
        "immutables_touched": [5],
        "missing_filled": [],
    }
    for name, where in broken_at.items():
        assert np.flatnonzero(rows[name]).tolist() == where, name
    assert np.flatnonzero(rows["moved"]).tolist() == [0, 1, 2, 3, 4, 5]


def test_our_own_break_none(people):
    X, y, teacher = people
    batch = generate_counterfactuals(teacher, X, y, feature_space=DECLARED, random_state=0)
    quality = measure_quality(batch, teacher, X, y, feature_space=DECLARED)
    counted = ["out_of_range", "unknown_category", "not_whole", "fractional_one_hots", "immutables_touched"]
    assert quality[[*counted, "directions_violated", "missing_filled", "copies"]].sum() == 0
    assert quality["reached"] == pytest.approx((batch.status == "reached").mean())


def test_a_filled_value_is_seen():
    X = pd.DataFrame({"a": [1.0, np.nan, 3.0, 4.0], "b": [0.5, 1.5, 2.5, 3.5]})
    y = np.array([0, 0, 1, 1])
    teacher = RandomForestClassifier(5, random_state=0).fit(X, y)
    filled = X.fillna(2.0)
    assert quality_rows(filled, teacher, X, y)["missing_filled"].tolist() == [0, 1, 0, 0]
    allowed = {"a": {"fillable": True}}
    assert quality_rows(filled, teacher, X, y, feature_space=allowed)["missing_filled"].sum() == 0


def test_declared_one_hot_groups_are_looked_into():
    hot = pd.DataFrame(np.eye(3)[[0, 1, 2, 0, 1, 2]], columns=["red", "green", "blue"]).assign(x=np.arange(6.0))
    y = np.array([0, 0, 0, 1, 1, 1])
    teacher = LogisticRegression().fit(hot, y)
    made = hot.copy()
    made.loc[0, "red"] = 0.5
    made.loc[1, "red"] = 1.0  # two colours at once
    made.loc[2, ["blue", "red"]] = [0.0, 1.0]
    groups = [["red", "green", "blue"]]
    spread = {name: {"kind": "continuous"} for name in groups[0]}
    rows = quality_rows(made, teacher, hot, y, one_hot_groups=groups, feature_space=spread)
    assert rows["fractional_one_hots"].tolist() == [1, 1, 0, 0, 0, 0]
    with pytest.raises(OptionError, match="'grey'"):
        quality_rows(made, teacher, hot, y, one_hot_groups=[["grey"]])


def test_copies_of_real_rows_are_found(line):
    X, y, teacher = line
    shifted = np.vstack([X[1:], X[-1:]])
    rows = quality_rows(shifted, teacher, X, y)
    assert rows["copy"].tolist() == [True] * 9 + [False]
    assert rows["nearest_row"].max() == 0.0


def test_plausible_is_as_near_as_real_rows_are():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(300, 4)), np.repeat([0, 1], 150)
    X[:, 0] += 3 * y
    teacher = LogisticRegression().fit(X, y)
    near = measure_quality(X + rng.normal(scale=0.05, size=X.shape), teacher, X, y)
    far = measure_quality(X + 6.0, teacher, X, y, feature_space={f"x{i}": {"high": 99.0} for i in range(4)})
    assert near["plausibility"] == pytest.approx(1.0, abs=0.1)
    assert near["outlier_factor"] == pytest.approx(near["outlier_factor_rows"], abs=0.1)
    assert near["diversity"] == pytest.approx(1.0, abs=0.05)
    assert far["plausibility"] > 3
    assert far["outlier_factor"] > 2
    assert far["out_of_range"] == 0


def test_one_point_for_all_is_not_diverse(line):
    X, y, teacher = line
    same = np.where(y == 1, 9.3, 0.2)[:, None]
    assert measure_quality(same, teacher, X, y)["diversity"] == 0.0


def test_regression_is_judged_in_residuals():
    X = np.linspace(0, 1, 20)[:, None]
    y = 3 * X[:, 0] + np.tile([0.5, -0.5], 10)
    teacher = LinearRegression().fit(X, y)
    half_way = X + (0.5 * (y - teacher.predict(X)) / teacher.coef_[0])[:, None]
    rows = quality_rows(half_way, teacher, X, y)
    assert set(rows["status"]) == {"reached"}
    past = quality_rows(X + 1.2 * (half_way - X), teacher, X, y)
    assert set(past["status"]) == {"improved"}


def test_what_a_class_unknown_to_the_teacher_measures(line):
    X, y, teacher = line
    y = np.where(np.arange(len(y)) == 0, 7, y)
    rows = quality_rows(X + 0.1, teacher, X, y)
    assert rows["status"].iloc[0] == "failed"
    assert np.isnan(rows["outlier_factor"].iloc[0])


def test_tables_of_different_lengths_are_refused(line):
    X, y, teacher = line
    with pytest.raises(TableError, match="9 counterfactuals of 10 rows"):
        measure_quality(X[1:], teacher, X, y)


def test_costs_are_an_instance(line):
    X, y, teacher = line
    meter = MeteredTeacher(teacher)
    batch = generate_counterfactuals(meter, X, y, generator="segments", random_state=0)
    assert meter.calls >= 3
    quality = measure_quality(batch, teacher, X, y, seconds=5.0, teacher_rows=meter.rows)
    assert quality["seconds_each"] == 0.5
    assert quality["teacher_rows_each"] == meter.rows / 10
    assert 2 <= meter.rows / 10 <= 45
    meter.reset()
    assert (meter.calls, meter.rows, meter.seconds) == (0, 0, 0.0)


def test_sparse_rows_are_metered_too(line):
    X, y, teacher = line
    meter = MeteredTeacher(teacher)
    generate_counterfactuals(meter, sparse.csr_matrix(X), y, random_state=0)
    assert meter.rows >= len(X)


def test_a_metered_teacher_is_the_teacher(line):
    X, y, teacher = line
    plain = generate_counterfactuals(teacher, X, y, random_state=3)
    metered = generate_counterfactuals(MeteredTeacher(teacher), X, y, random_state=3)
    assert np.array_equal(plain.X, metered.X)
