"""Participants whose columns differ in every way that columns can differ teach each other all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from coopdistill import CooperativeDistillation, Participant, generate_counterfactuals
from coopdistill.counterfactuals import measure_quality
from coopdistill.evaluation import compare
from coopdistill.exceptions import AlignmentError, CoopdistillWarning, ParticipantError, TableError
from coopdistill.schema import Feature, FeatureSpace, as_frame, one_hot_groups

ABOUT = ["label", "teacher", "student", "score_before", "score_target", "score_after", "distance"]


class Cars(NamedTuple):
    """Used cars, sold fast or not: the north sells new ones only, so it knows nothing of old ones."""

    north: tuple[pd.DataFrame, pd.Series]
    south: tuple[pd.DataFrame, pd.Series]
    test: tuple[pd.DataFrame, pd.Series]


def cars(n: int = 360, seed: int = 0) -> Cars:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({
        "age": rng.integers(0, 15, n), "mileage": rng.uniform(0, 200, n).round(1),
        "colour": rng.choice(["red", "blue", "green"], n),
    })  # fmt: skip
    # A new car sells if it is red; an old one if it was driven little.
    fast = np.where(X["age"] < 7, X["colour"] == "red", X["mileage"] < 100)
    y = pd.Series(np.where(fast, "fast", "slow"))
    test, new = X.index % 3 == 0, X["age"] < 7
    return Cars((X[~test & new], y[~test & new]), (X[~test & ~new], y[~test & ~new]), (X[test], y[test]))


class Coded(TransformerMixin, BaseEstimator):
    """An encoder and the numbers beside it, of a frame of any library."""

    def __init__(self, encoder: Any) -> None:
        self.encoder = encoder

    def fit(self, X: Any, y: Any = None) -> Coded:
        self.encoder_ = clone(self.encoder).fit(self._words(X))
        return self

    def transform(self, X: Any) -> np.ndarray:
        numbers = [np.asarray(X[name], dtype=float) for name in X.columns if name != "colour"]
        return np.column_stack([self.encoder_.transform(self._words(X)), *numbers])

    @staticmethod
    def _words(X: Any) -> np.ndarray:
        return np.asarray(X["colour"], dtype=object).reshape(-1, 1)


def one_hot_tree(**options: Any) -> Any:
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_pipeline(Coded(encoder), DecisionTreeClassifier(random_state=0, **options))


def cooperate(participants: list[Participant], **options: Any) -> CooperativeDistillation:
    """Whatever is taught is kept, for the sake of what it looks like."""
    return CooperativeDistillation(random_state=0, **{"acceptance": "always", **options}).fit(participants)


def gain(cooperation: CooperativeDistillation, test: tuple[Any, Any], name: str = "north", **options: Any) -> float:
    table = cooperation.evaluate(*test, metric="accuracy", **options).set_index("participant")
    return float(table.loc[name, "after"] - table.loc[name, "before"])


def as_one_hot(X: pd.DataFrame) -> pd.DataFrame:
    return pd.get_dummies(X, columns=["colour"])


# --- containers -----------------------------------------------------------------------------------------------------


class Witness(DecisionTreeClassifier):
    """A tree that remembers what kinds of rows it was shown."""

    shown: list[Any] = []  # noqa: RUF012 - a clone is to write into the same list

    def fit(self, X: Any, y: Any, **options: Any) -> Any:
        self.shown.append(X)
        return super().fit(np.asarray(X.toarray() if sparse.issparse(X) else X, dtype=float), y, **options)

    def predict(self, X: Any, **options: Any) -> Any:
        self.shown.append(X)
        return super().predict(np.asarray(X.toarray() if sparse.issparse(X) else X, dtype=float), **options)

    def predict_proba(self, X: Any, **options: Any) -> Any:
        self.shown.append(X)
        return super().predict_proba(np.asarray(X.toarray() if sparse.issparse(X) else X, dtype=float), **options)


KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda X: X,
    "pyarrow": lambda X: X.convert_dtypes(dtype_backend="pyarrow"),
    "nullable": lambda X: X.convert_dtypes(),
    "polars": pl.from_pandas,
    "array": lambda X: X.to_numpy(),
    "csr_array": lambda X: sparse.csr_array(X.to_numpy(dtype=float)),
    "csc_matrix": lambda X: sparse.csc_matrix(X.to_numpy(dtype=float)),
    "integer names": lambda X: X.set_axis(range(X.shape[1]), axis=1),
    "tuple names": lambda X: X.set_axis(pd.MultiIndex.from_product([["car"], X.columns]), axis=1),
}


def described(X: Any) -> Any:
    """What a model could tell of rows besides their number."""
    if isinstance(X, pd.DataFrame):
        return list(X.columns), list(X.dtypes)
    if isinstance(X, pl.DataFrame):
        return X.schema
    return type(X), X.dtype


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_users_own_kind_is_all_that_a_model_meets(kind: str) -> None:
    data, like = cars(), KINDS[kind]
    north, south, test = ((like(as_one_hot(X).astype("float64")), y) for X, y in data)
    Witness.shown.clear()
    cooperation = cooperate([
        Participant("north", Witness(max_depth=5), *north), Participant("south", Witness(max_depth=5), *south)
    ])  # fmt: skip
    assert gain(cooperation, test) > 0.1
    assert compare(cooperation, [], *test, baselines=[])["after"].gt(0).all()
    batch = generate_counterfactuals(cooperation.learners_["south"], *south, random_state=0)
    assert (batch.status == "reached").any()
    assert described(batch.X) == described(south[0])
    assert {str(described(X)) for X in Witness.shown} == {str(described(north[0]))}
    assert cooperation.learners_["north"].predict(north[0]).shape == (len(data.north[1]),)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "pandas"])
@pytest.mark.parametrize("estimator", [RandomForestClassifier(10, random_state=0), LogisticRegression(max_iter=1000)])
def test_counterfactuals_are_the_same_in_every_kind(kind: str, estimator: Any) -> None:
    X, y = cars().south
    X = as_one_hot(X).astype("float64")
    made = [
        generate_counterfactuals(estimator.fit(rows, y), rows, ["slow"] * len(y), random_state=0)
        for rows in (X, KINDS[kind](X))
    ]
    assert made[0].generator == made[1].generator
    assert (made[0].status == made[1].status).all()
    np.testing.assert_allclose(made[0].score_after, made[1].score_after, rtol=1e-4)
    np.testing.assert_allclose(*(as_frame(batch.X).astype(float) for batch in made), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "labels",
    [list, np.asarray, pl.Series, lambda y: y.astype("string[pyarrow]")],
    ids=["list", "array", "polars", "arrow"],
)
def test_labels_come_in_any_container(labels: Callable[[pd.Series], Any]) -> None:
    (X, y), (Z, w), (T, t) = cars()
    cooperation = cooperate([
        Participant("north", one_hot_tree(), X, labels(y)), Participant("south", one_hot_tree(), Z, labels(w))
    ])  # fmt: skip
    assert gain(cooperation, (T, labels(t))) > 0.1
    assert set(cooperation.learners_["north"].predict(T)) == {"fast", "slow"}


@pytest.mark.parametrize(
    ("north", "south", "kind"),
    [("polars", "polars", pl.DataFrame), ("polars", "pandas", pd.DataFrame), ("csr_array", "csr_array", pd.DataFrame)],
)
def test_virtual_instances_are_of_the_kind_that_all_have(north: str, south: str, kind: type) -> None:
    data = cars()
    tables = [(KINDS[how](as_one_hot(X)), y) for how, (X, y) in zip((north, south), data, strict=False)]
    cooperation = cooperate([
        Participant(name, RandomForestClassifier(5), *table)
        for name, table in zip(("north", "south"), tables, strict=True)
    ])  # fmt: skip
    made = cooperation.virtual_instances_
    assert isinstance(made, kind)
    assert len(made) == cooperation.transfers_["kept"].sum() > 0
    assert list(made.columns)[-len(ABOUT) :] == ABOUT


def test_polars_participants_of_different_columns_share_one_table_of_instances() -> None:
    X, y = cars().test
    west = pl.from_pandas(X.drop(columns="colour")[::2]).with_columns(pl.col("age").cast(pl.Int8))
    east = pl.from_pandas(X.drop(columns="age")[1::2].assign(label=1.5))
    cooperation = cooperate([
        Participant("north", DecisionTreeClassifier(), west, y[::2]),
        Participant("south", one_hot_tree(), east, y[1::2]),
    ])  # fmt: skip
    made = cooperation.virtual_instances_
    assert isinstance(made, pl.DataFrame)
    assert made.columns == ["age", "mileage", "colour", "label (feature)", *ABOUT]
    assert made.filter(pl.col("student") == "south")["age"].is_null().all()
    assert made.filter(pl.col("student") == "north")["colour"].is_null().all()


def test_a_run_that_teaches_nothing_ends_in_an_empty_table_of_the_same_kind() -> None:
    data = cars()
    X, y = pl.from_pandas(as_one_hot(data.north[0])), data.north[1]
    same = [Participant(name, DecisionTreeClassifier(random_state=0), X, y) for name in ("a", "b")]
    with pytest.warns(CoopdistillWarning, match=r"nobody can teach anybody anything \(no teacher has anything"):
        made = cooperate(same, focus="wrong", expertise="in-sample").virtual_instances_
    assert isinstance(made, pl.DataFrame)
    assert made.is_empty()
    assert made.columns == [*(f"{name} (feature)" if name in ABOUT else name for name in X.columns), *ABOUT]


def test_a_process_for_each_participant_changes_nothing() -> None:
    data = cars()
    participants = [
        Participant(name, one_hot_tree(max_depth=4), pl.from_pandas(X), y)
        for name, (X, y) in zip(("north", "south"), data, strict=False)
    ]
    one, two = (cooperate(participants, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert one.virtual_instances_.equals(two.virtual_instances_)


# --- encodings of one thing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("grouped", ["north", "south"])
@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
def test_a_column_here_and_one_hot_columns_there(grouped: str, instances_from: str) -> None:
    data = cars()
    participants = []
    for name, (X, y) in zip(("north", "south"), data, strict=False):
        if name == grouped:
            Z = as_one_hot(X)
            participants.append(Participant(name, DecisionTreeClassifier(), Z, y, feature_space=one_hot_groups(Z)))
        else:
            participants.append(Participant(name, one_hot_tree(), X, y))
    cooperation = cooperate(participants, instances_from=instances_from)
    assert set(cooperation.shared_features_["features"].map(frozenset)) == {frozenset({"age", "mileage", "colour"})}
    # Of a student's own rows, which are all of new cars, nothing can be made that tells of old ones.
    assert gain(cooperation, data.test) > (-0.05 if instances_from == "student" else 0.15)
    made = cooperation.virtual_instances_
    flags = made.loc[made["student"] == grouped, made.columns.str.startswith("colour_")].to_numpy(dtype=float)
    assert np.isin(flags, (0, 1)).all()
    assert (flags.sum(axis=1) == 1).all()


def test_test_rows_may_be_in_either_encoding() -> None:
    data = cars()
    Z = as_one_hot(data.south[0])
    participants = [
        Participant("north", one_hot_tree(), *data.north),
        Participant("south", DecisionTreeClassifier(), Z, data.south[1], feature_space=one_hot_groups(Z)),
    ]
    cooperation = cooperate(participants)
    T, t = data.test
    pd.testing.assert_frame_equal(cooperation.evaluate(T, t), cooperation.evaluate(as_one_hot(T), t))
    tables = [compare(cooperation, participants, rows, t) for rows in (T, as_one_hot(T))]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.parametrize("generator", ["segments", "search", "auto"])
@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(10, random_state=0),
        make_pipeline(StandardScaler(), LogisticRegression()),
    ],
    ids=["trees", "gradients"],
)
def test_no_generator_makes_anything_but_one_hot_rows(generator: str, estimator: Any) -> None:
    X, y = cars().north
    Z = as_one_hot(X)
    batch = generate_counterfactuals(
        estimator.fit(Z, y), Z, ["fast"] * len(Z), feature_space=one_hot_groups(Z), generator=generator, random_state=0
    )
    flags = batch.X[["colour_blue", "colour_green", "colour_red"]]
    assert (flags.dtypes == bool).all()
    assert (flags.sum(axis=1) == 1).all()
    assert (flags != Z[flags.columns]).any(axis=None)


def test_the_quality_of_counterfactuals_is_measured_with_the_group_as_one_feature() -> None:
    X, y = cars().north
    Z = as_one_hot(X)
    space, wanted = one_hot_groups(Z), ["fast"] * len(Z)
    teacher = RandomForestClassifier(10, random_state=0).fit(Z, y)
    batch = generate_counterfactuals(teacher, Z, wanted, feature_space=space, random_state=0)
    quality = measure_quality(batch, teacher, Z, wanted, feature_space=space)
    assert quality["reached"] == 1.0
    assert quality[["out_of_range", "unknown_category", "not_whole", "fractional_one_hots"]].eq(0).all()
    assert quality["features_changed"] <= 3


def test_a_group_may_be_held_fixed() -> None:
    X, y = cars().north
    Z = as_one_hot(X)
    space = {"colour": {**one_hot_groups(Z)["colour"], "mutable": False}}
    batch = generate_counterfactuals(
        RandomForestClassifier(10, random_state=0).fit(Z, y), Z, y, feature_space=space, random_state=0
    )
    columns = ["colour_blue", "colour_green", "colour_red"]
    pd.testing.assert_frame_equal(batch.X[columns], Z[columns])


def test_a_frozen_teacher_with_a_group_teaches() -> None:
    data = cars()
    Z = as_one_hot(data.south[0])
    teacher = DecisionTreeClassifier(random_state=0).fit(Z, data.south[1])
    space = FeatureSpace((
        Feature(
            name="colour", kind="categorical", categories=("blue", "green", "red"), fill="red",
            one_hot={f"colour_{name}": name for name in ("blue", "green", "red")},
        ),
        Feature(name="mileage", kind="continuous", low=0, high=200, fill=100),
        Feature(name="age", kind="integer", low=0, high=15, fill=7),
    ))  # fmt: skip
    cooperation = cooperate([
        Participant("north", one_hot_tree(), *data.north), Participant("south", teacher, feature_space=space)
    ])  # fmt: skip
    assert cooperation.evaluate(*data.test).set_index("participant").loc["south", "before"] > 0.6


# --- a category that the student never saw --------------------------------------------------------------------------


def shops(n: int = 400, seed: int = 0, dtype: Any = object) -> Cars:
    """The north sells cars of two colours, the south of three; a green one sells against what its age says."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({
        "colour": pd.Series(rng.choice(["red", "blue", "green"], n)), "age": rng.uniform(0, 15, n).round(1)
    })  # fmt: skip
    y = pd.Series(np.where((X["age"] < 7) == (X["colour"] != "green"), "fast", "slow"))
    test, green = X.index % 3 == 0, X["colour"] == "green"
    north = X.index % 3 == 1
    parts = [(X[where].astype({"colour": dtype}), y[where]) for where in (north & ~green, ~north & ~test, test)]
    return Cars(*parts)


def greens(data: Cars) -> tuple[pd.DataFrame, pd.Series]:
    X, y = data.test
    return X[X["colour"] == "green"], y[X["colour"] == "green"]


def ordinal_tree() -> Any:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return make_pipeline(Coded(encoder), DecisionTreeClassifier(random_state=0))


@pytest.mark.parametrize("refit_preprocessing", [False, True])
@pytest.mark.parametrize("estimator", [one_hot_tree(), ordinal_tree()], ids=["one-hot", "ordinal"])
@pytest.mark.parametrize("frame", [lambda X: X, pl.from_pandas], ids=["pandas", "polars"])
def test_a_student_learns_a_category_that_it_never_saw(
    estimator: Any, refit_preprocessing: bool, frame: Callable[[Any], Any]
) -> None:
    data = shops()
    cooperation = cooperate([
        Participant("north", estimator, frame(data.north[0]), data.north[1], refit_preprocessing=refit_preprocessing),
        Participant("south", ordinal_tree(), frame(data.south[0]), data.south[1]),
    ])  # fmt: skip
    before, after = cooperation.evaluate(*greens(data), metric="accuracy").set_index("participant").loc["north"][1:]
    assert before < 0.2
    assert after > 0.8
    own = cooperation.learners_["north"].predict(frame(greens(data)[0])) == greens(data)[1].to_numpy()
    assert own.mean() == after
    disclosed = cooperation.disclosures_.query("what == 'category names'")
    assert disclosed[["sender", "receiver", "count"]].values.tolist() == [["south", "north", 1]]


def test_the_bounds_to_measure_against_know_new_categories_too() -> None:
    data = shops()
    participants = [
        Participant("north", one_hot_tree(), *data.north),
        Participant("south", one_hot_tree(), *data.south),
    ]
    table = compare(cooperate(participants), participants, *greens(data), metric="accuracy").set_index("participant")
    assert table.loc["north", "pooled"] > 0.8


@pytest.mark.parametrize("instances_from", ["teacher", "everyone"])
def test_of_listed_categories_the_list_grows(instances_from: str) -> None:
    data = shops()
    north, south = ((X.astype({"colour": pd.CategoricalDtype(sorted(X["colour"].unique()))}), y) for X, y in data[:2])
    learner = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=30, min_samples_leaf=5)
    cooperation = cooperate(
        [Participant("north", learner, *north), Participant("south", one_hot_tree(), *south)],
        instances_from=instances_from,
    )
    assert gain(cooperation, greens(data)) > 0.5
    made = cooperation.virtual_instances_.query("student == 'north'")
    assert "green" in set(made["colour"])


def test_no_teacher_makes_instances_of_a_category_that_it_never_saw() -> None:
    data = shops()
    cooperation = cooperate(
        [Participant("north", one_hot_tree(), *data.north), Participant("south", one_hot_tree(), *data.south)],
        rounds=2, generator="search",
    )  # fmt: skip
    made = cooperation.virtual_instances_
    assert "green" not in set(made.loc[made["teacher"] == "north", "colour"])
    assert "green" in set(made.loc[made["teacher"] == "south", "colour"])


def test_a_student_that_takes_no_new_category_reads_its_own_most_frequent() -> None:
    data = shops()
    encoder = make_column_transformer((OneHotEncoder(sparse_output=False), ["colour"]), remainder="passthrough")
    strict = make_pipeline(encoder, DecisionTreeClassifier(random_state=0))
    cooperation = cooperate(
        [Participant("north", strict, *data.north), Participant("south", one_hot_tree(), *data.south)]
    )
    made = cooperation.virtual_instances_.query("student == 'north'")
    assert set(made["colour"]) <= {"red", "blue"}
    assert cooperation.evaluate(*greens(data))["before"].between(0, 1).all()


def test_one_hot_columns_cannot_grow_and_show_a_new_category_as_zeros() -> None:
    data = shops()
    Z = as_one_hot(data.north[0])
    cooperation = cooperate([
        Participant("north", DecisionTreeClassifier(), Z, data.north[1], feature_space=one_hot_groups(Z)),
        Participant("south", one_hot_tree(), *data.south),
    ])  # fmt: skip
    made = cooperation.virtual_instances_.query("student == 'north'")
    flags = made[["colour_blue", "colour_red"]].to_numpy(dtype=float).sum(axis=1)
    assert set(flags) == {0.0, 1.0}
    assert gain(cooperation, greens(data)) > 0.5


# --- one thing, described differently -------------------------------------------------------------------------------

KM = {"mileage": {"unit": "km", "conversions": {"mile": 1.609344}}}


def shared(cooperation: CooperativeDistillation, teacher: str = "south", student: str = "north") -> set[str]:
    pairs = cooperation.shared_features_.set_index(["teacher", "student"])
    features: tuple[str, ...] = pairs.loc[(teacher, student), "features"]
    assert pairs.loc[(teacher, student), "n_shared"] == len(features)
    return set(features)


def test_miles_and_kilometres_meet_where_they_are_declared() -> None:
    (X, y), (Z, w), (T, t) = cars()
    in_miles = Z.assign(mileage=Z["mileage"] / 1.609344)
    told, untold = (
        cooperate([
            Participant("north", one_hot_tree(), X, y, feature_space=KM),
            Participant("south", one_hot_tree(), in_miles, w, feature_space=space),
        ])
        for space in ({"mileage": {"unit": "mile"}}, None)
    )  # fmt: skip
    assert gain(told, (T, t)) > gain(untold, (T, t)) + 0.02
    # The same test rows in miles, said to be in miles, are the same test rows.
    T_miles = T.assign(mileage=T["mileage"] / 1.609344)
    in_km, told_of_miles = told.evaluate(T, t), told.evaluate(T_miles, t, feature_space={"mileage": {"unit": "mile"}})
    assert in_km["after"].iloc[0] == told_of_miles["after"].iloc[0]


def test_units_without_a_conversion_are_refused_by_name() -> None:
    (X, y), (Z, w), _ = cars()
    with pytest.raises(TableError, match=r"participants 'south' and 'north'.*'mileage' is in 'furlong'.*conversions="):
        cooperate([
            Participant("north", one_hot_tree(), X, y, feature_space={"mileage": {"unit": "furlong"}}),
            Participant("south", one_hot_tree(), Z, w, feature_space={"mileage": {"unit": "mile"}}),
        ])  # fmt: skip


def test_other_names_other_order_other_dtypes() -> None:
    (X, y), (Z, w), test = cars()
    same = cooperate([Participant("north", one_hot_tree(), X, y), Participant("south", one_hot_tree(), Z, w)])
    names = {"age": "years", "mileage": "odometer", "colour": "paint"}
    words = {"red": "rot", "blue": "blau", "green": "gruen"}
    foreign = Z.assign(colour=Z["colour"].map(words)).rename(columns=names)[["odometer", "paint", "years"]]
    foreign = foreign.astype({"odometer": "float32", "years": "int16", "paint": "category"})
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["paint"]), remainder="passthrough"
    )
    declared = {
        "colour": {"synonyms": ("paint",), "category_synonyms": {theirs: ours for ours, theirs in words.items()}},
        "age": {"synonyms": ("years",)},
        "mileage": {"synonyms": ("odometer",)},
    }
    cooperation = cooperate([
        Participant("north", one_hot_tree(), X, y, feature_space=declared),
        Participant("south", make_pipeline(encoder, DecisionTreeClassifier(random_state=0)), foreign, w),
    ])  # fmt: skip
    assert shared(cooperation) == {"age", "mileage", "colour"}
    assert shared(cooperation, "north", "south") == {"years", "odometer", "paint"}
    # South learns the same from its rows, and so teaches about the same.
    assert gain(cooperation, test, feature_space=declared) == pytest.approx(gain(same, test), abs=0.05)
    with pytest.raises(AlignmentError, match=r"no shared feature.*declare synonyms"):
        cooperation.evaluate(*test)  # by no name that south knows
    assert set(cooperation.virtual_instances_.query("student == 'north'")["colour"]) <= set(words)


@pytest.mark.parametrize(
    ("north", "south", "expected"),
    [
        (["age", "mileage", "colour"], ["age", "mileage"], {"age", "mileage"}),
        (["age", "mileage"], ["age", "mileage", "colour"], {"age", "mileage"}),
        (["age", "mileage"], ["mileage", "age"], {"age", "mileage"}),
        (["age", "mileage", "colour"], ["mileage"], {"mileage"}),
    ],
    ids=["student has more", "teacher has more", "alike", "one in common"],
)
def test_nested_overlaps(north: list[str], south: list[str], expected: set[str]) -> None:
    (X, y), (Z, w), test = cars()

    def model(columns: list[str]) -> Any:
        return one_hot_tree(max_depth=4) if "colour" in columns else DecisionTreeClassifier(max_depth=4, random_state=0)

    cooperation = cooperate([
        Participant("north", model(north), X[north], y), Participant("south", model(south), Z[south], w)
    ])  # fmt: skip
    assert shared(cooperation) == shared(cooperation, "north", "south") == expected
    # What a student knows besides, a lesson does not speak of: it takes that from its own rows.
    assert gain(cooperation, test) > (0.1 if len(north) == 2 else -0.05)
    assert cooperation.learners_["north"].predict(X[north]).shape == y.shape


def test_a_column_that_teachers_lack_comes_from_own_rows_and_stays_at_home() -> None:
    """The mileage that both know tells most of what sells fast; how often it was clocked, the north alone knows."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"mileage": rng.uniform(0, 200, 400)})
    y = pd.Series(np.where(X["mileage"] + rng.normal(0, 40, 400) < 100, "fast", "slow"))
    X["clocked"] = np.where(y == "fast", rng.uniform(1, 2, 400), rng.uniform(3, 4, 400))
    north, south, test = X.index % 4 == 0, X.index % 4 == 1, X.index % 4 >= 2
    participants = [
        Participant("north", LogisticRegression(), X[north] / [100, 1], y[north]),
        Participant("south", LogisticRegression(), X.loc[south, ["mileage"]] / 100, y[south]),
    ]
    runs = {how: cooperate(participants, imputation=how) for how in ("hot-deck", "fill")}
    told = [runs[how].virtual_instances_.query("student == 'north'") for how in runs]
    assert len(told[0]) > 10
    pd.testing.assert_frame_equal(*told)
    assert set(told[0]["clocked"]).isdisjoint(X.loc[north, "clocked"])
    # A typical value in every instance says that the clock does not matter.
    gained = {how: gain(run, (X[test] / [100, 1], y[test])) for how, run in runs.items()}
    assert gained["hot-deck"] == 0 > gained["fill"]


@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
def test_disjoint_overlaps_make_a_chain_and_say_who_shares_nothing(instances_from: str) -> None:
    (X, y), (Z, w), test = cars()
    chain = [
        Participant("a", DecisionTreeClassifier(), X[["age"]], y),
        Participant("b", DecisionTreeClassifier(), Z[["age", "mileage"]], w),
        Participant("c", DecisionTreeClassifier(), Z[["mileage"]], w),
    ]
    with pytest.warns(CoopdistillWarning, match=r"'[ac]' cannot teach '[ac]': no shared feature"):
        cooperation = cooperate(chain, instances_from=instances_from)
    shared_by = cooperation.shared_features_.set_index(["teacher", "student"])["n_shared"]
    assert shared_by.to_dict() == {
        ("a", "b"): 1, ("a", "c"): 0, ("b", "a"): 1, ("b", "c"): 1, ("c", "a"): 0, ("c", "b"): 1
    }  # fmt: skip
    assert ("a", "c") not in set(zip(cooperation.transfers_["teacher"], cooperation.transfers_["student"], strict=True))
    assert len(cooperation.evaluate(*test)) == 3


def test_no_overlap_is_an_error_that_shows_both_sides() -> None:
    (X, y), (Z, w), _ = cars()
    with pytest.raises(
        ParticipantError, match=r"'north' can exchange nothing.*has 'mileage', the other 'age'.*synonyms"
    ):
        cooperate([
            Participant("north", DecisionTreeClassifier(), X[["age"]], y),
            Participant("south", DecisionTreeClassifier(), Z[["mileage"]], w),
        ])  # fmt: skip


def test_one_hot_columns_that_nobody_declared_share_nothing_with_the_column() -> None:
    (X, y), (Z, w), _ = cars()
    cooperation = cooperate([
        Participant("north", one_hot_tree(), X, y), Participant("south", DecisionTreeClassifier(), as_one_hot(Z), w)
    ])  # fmt: skip
    assert shared(cooperation) == {"age", "mileage"}
