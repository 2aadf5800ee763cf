"""What cooperation does for those who take part."""

from __future__ import annotations

from typing import Any

import joblib
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from coopdistill import CooperativeDistillation, Participant, infer_feature_space, preset
from coopdistill.cooperation.repertoire import most_of_a_row
from coopdistill.datasets import make_clinics
from coopdistill.exceptions import CoopdistillWarning
from doubles import Scripted, constant, threshold

declines = pytest.mark.filterwarnings("ignore:participant '.*' would be made worse")
"""One keeps its model, which is not what the test is about."""
ABOUT = ["label", "teacher", "student", "score_before", "score_target", "score_after", "distance"]


@pytest.fixture(scope="module")
def fitted(clinics: Any, three_kinds: Any) -> CooperativeDistillation:
    return CooperativeDistillation(random_state=0).fit(three_kinds(clinics))


def gain(cooperation: CooperativeDistillation, test: Any) -> pd.Series:
    table = cooperation.evaluate(*test)
    return table["after"] - table["before"]


def test_models_come_out_better(fitted: CooperativeDistillation, clinics: Any, three_kinds: Any) -> None:
    gains = [gain(fitted, clinics.test)]
    for seed in (1, 2, 3):
        others = make_clinics(share_of_others=0.1, random_state=seed)
        gains.append(gain(CooperativeDistillation(random_state=0).fit(three_kinds(others)), others.test))
    assert np.mean(gains) > 0.005


@pytest.mark.parametrize("instances_from", ["student", "everyone"])
def test_the_other_ways_teach_too(clinics: Any, three_kinds: Any, instances_from: str) -> None:
    options: dict[str, Any] = {"instances_from": instances_from, "acceptance": "always", "random_state": 0}
    cooperation = CooperativeDistillation(**options).fit(three_kinds(clinics))
    assert gain(cooperation, clinics.test).mean() > -0.02
    assert (cooperation.transfers_["kept"] > 0).sum() >= 3


def test_the_published_algorithm_is_a_preset(clinics: Any, three_kinds: Any) -> None:
    options = preset("paper")
    assert options == {
        "alpha": 0.5,
        "instances_from": "everyone",
        "focus": "wrong",
        "qualification": "row",
        "expertise": "in-sample",
        "instances_per_row": 1,
        "imputation": "fill",
        "rounds": 1,
        "acceptance": "always",
    }
    cooperation = CooperativeDistillation(**options, random_state=0).fit(three_kinds(clinics))
    assert gain(cooperation, clinics.test).mean() > 0
    options["alpha"] = 0.1
    assert preset("paper")["alpha"] == 0.5


def test_evaluate_scores_the_models_before_and_after(fitted: CooperativeDistillation, clinics: Any) -> None:
    table = fitted.evaluate(*clinics.test, metric="balanced_accuracy")
    assert list(table.columns) == ["participant", "metric", "before", "after"]
    assert table["participant"].tolist() == ["small", "medium", "large"]
    assert set(table["metric"]) == {"balanced_accuracy"}
    X, y = clinics.test
    for name, after in zip(table["participant"], fitted.evaluate(X, y)["after"], strict=True):
        assert (fitted.learners_[name].predict(X) == y).mean() == pytest.approx(after)


def test_transfers_add_up(fitted: CooperativeDistillation) -> None:
    transfers = fitted.transfers_
    assert list(transfers.columns) == ["teacher", "student", "qualified", "generated", "reached", "kept", "reason"]
    assert len(transfers) == 6
    assert (transfers["teacher"] != transfers["student"]).all()
    assert (transfers["kept"] <= transfers["reached"]).all()
    assert (transfers["reached"] <= transfers["generated"]).all()
    assert (transfers["generated"] <= transfers["qualified"]).all()
    kept = fitted.virtual_instances_.groupby(["teacher", "student"]).size()
    for row in transfers.itertuples():
        assert kept.get((row.teacher, row.student), 0) == row.kept


@pytest.mark.parametrize("generator", ["auto", "segments", "search"])
def test_a_teacher_makes_as_many_instances_of_a_row_as_it_may(clinics: Any, three_kinds: Any, generator: str) -> None:
    options: dict[str, Any] = {"generator": generator, "acceptance": "always", "random_state": 0}
    one, three = (
        CooperativeDistillation(instances_per_row=per_row, **options).fit(three_kinds(clinics)).transfers_
        for per_row in (1, 3)
    )
    several = 1 if generator == "search" else 3
    assert (three["qualified"] == several * one["qualified"]).all()
    assert (three["generated"] <= three["qualified"]).all()
    assert (three["kept"] == one["kept"]).all() if several == 1 else (three["kept"] > one["kept"]).all()


@pytest.mark.parametrize(
    ("n_rows", "task", "given", "most"),
    [
        (0, "classification", None, 2),
        (1_500, "classification", None, 2),
        (1_501, "classification", None, 1),
        (100_000, "classification", None, 1),
        (100_000, "classification", 3, 3),
        (10, "regression", None, 1),
    ],
)
def test_of_many_rows_each_makes_fewer_instances(n_rows: int, task: str, given: int | None, most: int) -> None:
    assert most_of_a_row(given, "auto", task, n_rows) == most


@pytest.mark.parametrize("qualification", ["instance", "row"])
def test_virtual_instances_say_what_they_are(clinics: Any, three_kinds: Any, qualification: str) -> None:
    options: dict[str, Any] = {"qualification": qualification, "acceptance": "always", "random_state": 0}
    instances = CooperativeDistillation(**options).fit(three_kinds(clinics)).virtual_instances_
    assert list(instances.columns) == [*clinics.test.X.columns, *ABOUT]
    assert set(instances["label"]) == {"benign", "malignant"}
    is_surer = instances["score_after"] >= instances["score_before"]
    assert is_surer.mean() > 0.5
    # The scores are probabilities of two classes: the teacher is right about an instance, if no surer than of its row.
    assert (instances["score_after"] >= 0.5).all()
    assert is_surer.all() == (qualification == "row")
    reached = instances["score_after"] >= instances["score_target"] - 1e-9
    assert reached.all() == (qualification == "row")
    half_way = instances["score_before"] + 0.5 * (1 - instances["score_before"])
    np.testing.assert_allclose(instances["score_target"], half_way)
    assert (instances["distance"] > 0).all()


@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
@pytest.mark.parametrize("generator", ["auto", "search"])
def test_no_virtual_instance_is_a_row_of_anyone(generator: str, instances_from: str) -> None:
    clinics = make_clinics(random_state=1, fewer_columns=True)
    participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    options: dict[str, Any] = {"generator": generator, "instances_from": instances_from, "acceptance": "always"}
    instances = CooperativeDistillation(**options, random_state=0).fit(participants).virtual_instances_
    assert len(instances)
    for name in clinics.train:
        own = clinics.train[name].X.columns
        given = instances.loc[instances["student"] == name, own]
        for table in clinics.train.values():
            if set(own) <= set(table.X):
                rows = set(map(tuple, table.X[own].to_numpy().tolist()))
                assert not rows & set(map(tuple, given.to_numpy().tolist()))


def test_what_a_teacher_says_of_a_row_does_not_depend_on_who_listens(clinics: Any, three_kinds: Any) -> None:
    participants = three_kinds(clinics)
    alone, together = (
        CooperativeDistillation(focus="wrong", acceptance="always", random_state=0).fit(those).virtual_instances_
        for those in (participants[:2], participants)
    )
    again = together.merge(alone, how="inner")
    assert len(alone) > 0
    # A student may have heard the same of the third, and keeps an instance once.
    assert len(again) >= 0.9 * len(alone)
    both = together[["teacher", "student"]].isin(["small", "medium"]).all(axis=1)
    assert len(together[both].merge(alone, how="left", indicator=True).query("_merge == 'left_only'")) == 0


def test_a_virtual_instance_comes_once() -> None:
    clinics = make_clinics(random_state=2)
    instances = CooperativeDistillation(rounds=2, random_state=0).fit(
        [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    ).virtual_instances_  # fmt: skip
    features = list(clinics.test.X.columns)
    assert not instances.duplicated([*features, "label", "student"]).any()


def test_a_student_is_refitted_on_its_rows_and_what_was_kept(fitted: CooperativeDistillation, clinics: Any) -> None:
    X, y = clinics.train["small"]
    taught = fitted.virtual_instances_[fitted.virtual_instances_["student"] == "small"]
    expected = make_pipeline(StandardScaler(), LogisticRegression())
    expected.fit(pd.concat([X, taught[X.columns]]), [*y, *taught["label"]])
    np.testing.assert_allclose(
        fitted.learners_["small"].predict_proba(clinics.test.X), expected.predict_proba(clinics.test.X)
    )


def test_participants_stay_as_they_were(clinics: Any, three_kinds: Any) -> None:
    participants = three_kinds(clinics)
    X, y = clinics.train["small"]
    participants[0].estimator.fit(X, y)
    before = [joblib.hash(vars(participant)) for participant in participants]
    CooperativeDistillation(random_state=0).fit(participants)
    assert [joblib.hash(vars(participant)) for participant in participants] == before


def test_a_fitted_model_teaches_as_it_is(clinics: Any) -> None:
    X, y = clinics.train["small"]
    wise = GaussianNB().fit(*clinics.test)
    cooperation = CooperativeDistillation(random_state=0).fit(
        [Participant("wise", wise, X, y), Participant("large", GaussianNB(), *clinics.train["large"])]
    )
    before = cooperation.evaluate(*clinics.test).set_index("participant")["before"]
    assert before["wise"] == pytest.approx(wise.score(*clinics.test))


def digits_in(cooperation: CooperativeDistillation, X: pd.DataFrame) -> bytes:
    instances = cooperation.virtual_instances_
    predictions = [cooperation.learners_[name].predict(X) for name in sorted(cooperation.learners_)]
    scores = [cooperation.learners_[name].predict_proba(X) for name in sorted(cooperation.learners_)]
    numbers = instances.select_dtypes("number").to_numpy().tobytes()
    words = instances[["label", "teacher", "student"]].to_csv().encode()
    return b"".join([numbers, words, *(s.tobytes() for s in scores), *("".join(p).encode() for p in predictions)])


@declines
def test_order_and_processes_change_no_bit(clinics: Any) -> None:
    def participants() -> list[Participant]:
        estimators = [make_pipeline(StandardScaler(), LogisticRegression()), RandomForestClassifier(10, n_jobs=2)]
        names = ["small", "large"]
        made = [Participant(n, e, *clinics.train[n]) for n, e in zip(names, estimators, strict=True)]
        return [*made, Participant("medium", DecisionTreeClassifier(), *clinics.train["medium"])]

    X = clinics.test.X
    one = CooperativeDistillation(random_state=5, rounds=2).fit(participants())
    other = CooperativeDistillation(random_state=5, rounds=2, n_jobs=2).fit(participants()[::-1])
    assert digits_in(one, X) == digits_in(other, X)
    assert list(other.learners_) == ["medium", "large", "small"]
    pd.testing.assert_frame_equal(one.transfers_, other.transfers_)
    different = CooperativeDistillation(random_state=6, rounds=2).fit(participants())
    assert digits_in(one, X) != digits_in(different, X)


def test_rounds_add_up_and_end_when_nothing_new_is_learned(clinics: Any, three_kinds: Any) -> None:
    one, two = (
        CooperativeDistillation(rounds=r, acceptance="always", random_state=0).fit(three_kinds(clinics)) for r in (1, 2)
    )
    assert (one.n_rounds_, two.n_rounds_) == (1, 2)
    assert len(two.virtual_instances_) > len(one.virtual_instances_)
    assert (two.transfers_["qualified"] >= one.transfers_["qualified"]).all()
    assert set(two.disclosures_["round"]) == {1, 2}
    X = np.array([[0.0], [1.0], [2.0], [3.0]] * 3)
    same = [Participant(name, Scripted([0, 1], threshold(0, 1.5)), X, (X[:, 0] > 1.5).astype(int)) for name in "ab"]
    with pytest.warns(CoopdistillWarning, match=r"nobody can teach anybody anything \(no teacher has anything"):
        nothing = CooperativeDistillation(rounds=9, random_state=0).fit(same)
    assert nothing.n_rounds_ == 1
    assert nothing.virtual_instances_.empty
    assert list(nothing.virtual_instances_.columns)[-7:] == ABOUT
    assert nothing.accepted_ == {"a": True, "b": True}


@pytest.mark.parametrize("container", [pd.DataFrame, pl.DataFrame])
def test_where_nothing_was_taught_the_table_of_it_has_all_columns_and_their_dtypes(container: Any) -> None:
    age = np.tile([20, 30, 60, 70], 3)
    y = np.where(age > 45, "ill", "well")
    participants = [
        Participant(name, Scripted(["well", "ill"], threshold(0, 45)), container({"age": age, own: age / 2}), y)
        for name, own in (("a", "dose"), ("b", "height"))
    ]
    with pytest.warns(CoopdistillWarning, match="nobody can teach anybody anything") as heard:
        instances = CooperativeDistillation(focus="wrong", random_state=0).fit(participants).virtual_instances_
    assert {warning.filename for warning in heard} == {__file__}
    assert isinstance(instances, container)
    assert instances.shape == (0, 10)
    assert list(instances.columns) == ["age", "dose", "height", *ABOUT]
    schema = nw.from_native(instances).schema
    assert schema["age"].is_integer()
    assert all(schema[name].is_float() for name in ("dose", "height", *ABOUT[3:]))
    assert not any(schema[name].is_numeric() or schema[name] == nw.Unknown for name in ABOUT[:3])


def test_a_frozen_participant_teaches_and_learns_nothing(clinics: Any) -> None:
    X, y = clinics.train["large"]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    cooperation = CooperativeDistillation(random_state=0).fit(
        [
            Participant("frozen", model, feature_space=infer_feature_space(X)),
            Participant("small", GaussianNB(), *clinics.train["small"]),
        ]
    )
    assert cooperation.transfers_[["teacher", "student"]].to_numpy().tolist() == [["frozen", "small"]]
    assert (cooperation.transfers_["kept"] > 0).all()
    assert cooperation.learners_["frozen"] is model
    assert list(cooperation.accepted_) == ["small"]
    assert gain(cooperation, clinics.test)[0] == 0.0


def test_feature_spaces_may_differ() -> None:
    clinics = make_clinics(random_state=2, share_of_others=0.3, fewer_columns=True)
    assert clinics.train["small"].X.shape[1] == 20
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(
        [
            Participant("small", GaussianNB(), *clinics.train["small"]),
            Participant("medium", HistGradientBoostingClassifier(max_iter=10), *clinics.train["medium"]),
            Participant("large", GaussianNB(), *clinics.train["large"]),
        ]
    )
    assert gain(cooperation, clinics.test).mean() > 0
    lacking = clinics.test.X.columns.difference(clinics.train["small"].X.columns)
    instances = cooperation.virtual_instances_.set_index(["teacher", "student"]).sort_index()[lacking]
    assert instances.loc[(slice(None), "small"), :].isna().all(axis=None)
    # What the teacher lacks is left missing where the student takes missing values, and filled where it does not.
    assert instances.loc[("small", "medium"), :].isna().all(axis=None)
    own_median = clinics.train["large"].X[lacking].median()
    assert (instances.loc[("small", "large"), :] == own_median).all(axis=None)


def test_names_and_units_are_translated() -> None:
    rng = np.random.default_rng(0)
    miles = pd.DataFrame({"odometer": rng.uniform(0, 100, 60), "doors": rng.integers(2, 6, 60)})
    km = pd.DataFrame({"mileage": rng.uniform(0, 160, 60), "colour": rng.choice(["red", "blue"], 60)})
    y_miles, y_km = (miles["odometer"] > 50).astype(int), (km["mileage"] > 50 * 1.609344).astype(int)
    us = Participant("us", GaussianNB(), miles, y_miles, feature_space={"odometer": {"unit": "mile"}})
    declared = {"mileage": {"unit": "km", "conversions": {"mile": 1.609344}, "synonyms": ("odometer",)}}

    def says(X: pd.DataFrame) -> np.ndarray:
        if X.isna().any(axis=None):
            raise ValueError("this model takes no missing values")
        return constant([0.6, 0.4])(X)

    eu = Participant("eu", Scripted([0, 1], says), km, y_km, feature_space=declared)
    instances = CooperativeDistillation(acceptance="always", random_state=0).fit([us, eu]).virtual_instances_
    taught = instances[instances["student"] == "eu"]
    assert len(taught)
    # The teacher's own threshold, in kilometres.
    assert (taught["label"] == (taught["mileage"] > 50 * 1.609344)).all()
    assert set(taught["colour"]) == {km["colour"].mode()[0]}


@pytest.mark.parametrize("instances_from", ["teacher", "everyone"])
def test_a_class_that_a_student_never_saw_is_learned(instances_from: str) -> None:
    rng = np.random.default_rng(0)
    centres = {"a": -4.0, "b": 0.0, "c": 4.0}

    def rows_of(*labels: str) -> tuple[np.ndarray, np.ndarray]:
        y = np.repeat(labels, 30)
        return rng.normal(size=(len(y), 2)) + np.array([[centres[label], 0.0] for label in y]), y

    cooperation = CooperativeDistillation(instances_from=instances_from, random_state=0).fit(
        [Participant("ab", GaussianNB(), *rows_of("a", "b")), Participant("bc", GaussianNB(), *rows_of("b", "c"))]
    )
    assert cooperation.learners_["ab"].classes_.tolist() == ["a", "b", "c"]
    assert cooperation.learners_["bc"].classes_.tolist() == ["a", "b", "c"]
    X, y = rows_of("a", "b", "c")
    table = cooperation.evaluate(X, y)
    assert (table["before"] < 0.7).all()
    assert (table["after"] > 0.9).all()
    taught = cooperation.virtual_instances_.groupby("teacher")["label"].agg(set)
    assert taught["ab"] <= {"a", "b"}
    assert taught["bc"] <= {"b", "c"}


def test_teachers_without_a_class_in_common_teach_nothing_of_the_students_own_rows() -> None:
    rng = np.random.default_rng(0)
    one = Participant("one", GaussianNB(), rng.normal(size=(20, 2)), np.repeat(["a", "b"], 10))
    two = Participant("two", GaussianNB(), rng.normal(size=(20, 2)), np.repeat(["c", "d"], 10))
    with pytest.warns(CoopdistillWarning, match="nobody can teach anybody anything"):
        cooperation = CooperativeDistillation(instances_from="student", random_state=0).fit([one, two])
    assert (cooperation.transfers_["kept"] == 0).all()


def test_own_validation_refuses_what_harms_on_own_rows() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    y = (X[:, 0] > 0).astype(int)
    honest = Participant("honest", KNeighborsClassifier(1), X, y)
    liar = Participant("liar", LogisticRegression(), X + 0.01, 1 - y)
    always, careful = (
        CooperativeDistillation(expertise="in-sample", acceptance=acceptance, random_state=0).fit([honest, liar])
        for acceptance in ("always", "own-validation")
    )
    assert always.accepted_ == {"honest": True, "liar": True}
    assert careful.accepted_["honest"] is False
    assert "cross-validated" in careful.reasons_["honest"]
    assert careful.transfers_.set_index("student").loc["honest", "kept"] == 0
    assert always.transfers_.set_index("student").loc["honest", "kept"] > 0
    assert (careful.learners_["honest"].predict(X) == y).all()


def test_a_feature_called_label_stays_a_feature(clinics: Any) -> None:
    columns = {"mean radius": "label", "mean texture": "teacher"}
    participants = [
        Participant(name, GaussianNB(), table.X.rename(columns=columns), table.y)
        for name, table in clinics.train.items()
    ]
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    instances = cooperation.virtual_instances_
    assert list(instances.columns)[-7:] == ABOUT
    assert set(instances["label"]) <= {"benign", "malignant"}
    assert set(instances["teacher"]) <= set(clinics.train)
    assert instances["label (feature)"].between(5, 30).all()
    plain = CooperativeDistillation(random_state=0).fit(
        [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    )
    renamed_test = clinics.test.X.rename(columns=columns)
    pd.testing.assert_series_equal(
        cooperation.evaluate(renamed_test, clinics.test.y)["after"], plain.evaluate(*clinics.test)["after"]
    )


def test_mixed_columns_with_missing_values_go_through() -> None:
    from coopdistill.learners import make_learner

    rng = np.random.default_rng(0)

    def hospital(shift: float) -> tuple[pd.DataFrame, pd.Series]:
        X = pd.DataFrame({
            "age": rng.integers(30, 80, 50).astype(float),
            "pressure": rng.normal(120 + shift, 15, 50),
            "pain": rng.choice(["none", "typical", "other"], 50),
            "smoker": rng.random(50) < 0.4,
        })  # fmt: skip
        ill = X["age"] + X["pressure"] / 3 + 15 * X["smoker"] + rng.normal(0, 6, 50) > 102
        X.loc[::7, "age"] = np.nan
        X.loc[::5, "pain"] = None
        return X, pd.Series(np.where(ill, "ill", "well"))

    tables = {"low": hospital(-15), "high": hospital(15)}
    learners = {"low": "logistic-regression", "high": "hist-gradient-boosting"}
    participants = [
        Participant(name, make_learner(learners[name], infer_feature_space(X)), X, y) for name, (X, y) in tables.items()
    ]
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    instances = cooperation.virtual_instances_
    assert len(instances)
    assert set(instances["pain"].dropna()) <= {"none", "typical", "other"}
    assert (instances["age"].dropna() % 1 == 0).all()
    X, y = tables["low"]
    assert set(cooperation.learners_["low"].predict(X)) <= {"ill", "well"}
    assert cooperation.evaluate(X, y)["after"].between(0.5, 1).all()


def test_a_single_row_of_a_class_is_told(clinics: Any) -> None:
    X, y = clinics.train["small"]
    rows = np.concatenate([np.flatnonzero(y == "benign"), np.flatnonzero(y == "malignant")[:1]])
    participants = [
        Participant("small", GaussianNB(), X.iloc[rows], y.iloc[rows]),
        Participant("large", GaussianNB(), *clinics.train["large"]),
    ]
    with pytest.warns(CoopdistillWarning, match=r"'small' has a single row of class 'malignant'"):
        CooperativeDistillation(focus="wrong", random_state=0).fit(participants)


def test_progress_is_told_to_a_callable(clinics: Any, three_kinds: Any) -> None:
    told: list[tuple[str, int, int]] = []
    CooperativeDistillation(random_state=0, progress=lambda *state: told.append(state)).fit(three_kinds(clinics))
    phases = list(dict.fromkeys(phase for phase, _, _ in told))
    in_order = ["fitting", "hearing others", "finding expertise", "teaching", "drafting", "comparing", "refitting"]
    assert phases == [*in_order, "comparing again", "asking together"]
    for phase in phases:
        steps = [(done, total) for p, done, total in told if p == phase]
        assert steps[0] == (0, steps[0][1])
        assert steps[-1][0] == steps[-1][1]


def test_it_is_an_estimator_like_others() -> None:
    cooperation = CooperativeDistillation(0.3, rounds=2, random_state=1)
    assert cooperation.get_params()["alpha"] == 0.3
    assert repr(clone(cooperation)) == "CooperativeDistillation(alpha=0.3, random_state=1, rounds=2)"


@pytest.mark.parametrize("estimator", [RidgeClassifier(), SVC()], ids=["ridge", "support vectors"])
def test_teachers_with_margins_alone_teach_as_much_as_others(clinics: Any, estimator: Any) -> None:
    participants = [
        Participant(name, make_pipeline(StandardScaler(), clone(estimator)), *table)
        for name, table in clinics.train.items()
    ]
    options: dict[str, Any] = {"qualification": "row", "instances_per_row": 1, "acceptance": "always"}
    cooperation = CooperativeDistillation(**options, random_state=0).fit(participants)
    totals = cooperation.transfers_[["generated", "reached"]].sum()
    assert totals["reached"] > 0.9 * totals["generated"]
    told = cooperation.virtual_instances_
    # As far towards the surest row of the class as a teacher of probabilities goes towards 1.
    certain = (told["score_target"] - 0.5 * told["score_before"]) / 0.5
    assert told.assign(certain=certain.round(9)).groupby(["teacher", "label"])["certain"].nunique().max() == 1
    assert (told["score_after"] >= told["score_target"] - 1e-6).all()
