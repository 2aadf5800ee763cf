"""A cooperation that was saved and loaded is the cooperation that was saved."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import coopdistill
from coopdistill import CooperativeDistillation, Participant, load, save
from coopdistill.counterfactuals.segments import SegmentGenerator
from coopdistill.exceptions import SavingError
from coopdistill.learners import CallableLearner
from coopdistill.saving import cooperation_file
from coopdistill.schema import Feature, FeatureSpace, infer_feature_space

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
Y = (X[:, 0] + 0.3 * RNG.normal(size=40) > 0).astype(int)


def again(cooperation: CooperativeDistillation, folder: Path, **options: Any) -> CooperativeDistillation:
    save(cooperation, folder / "saved.zip", **options)
    return load(folder / "saved.zip")


def test_models_and_tables_come_back(cooperation: CooperativeDistillation, test_rows: Any, tmp_path: Path) -> None:
    loaded = again(cooperation, tmp_path)
    assert len(cooperation.virtual_instances_) > 0
    told = {name: value for name, value in vars(cooperation).items() if name.endswith("_") and name != "learners_"}
    assert {"transfers_", "virtual_instances_", "disclosures_", "accepted_", "reasons_", "n_rounds_"} <= set(told)
    for name, value in told.items():
        if isinstance(value, pd.DataFrame):
            assert_frame_equal(getattr(loaded, name), value)
        else:
            assert getattr(loaded, name) == value
    assert list(loaded.learners_) == list(cooperation.learners_) == ["north", "south/7", "wést"]
    assert loaded.get_params() == cooperation.get_params()
    X_test = test_rows[0]
    columns = {"north": list(X_test), "wést": ["km", "age"]}
    for name, own in columns.items():
        asked = [each.learners_[name].predict_proba(X_test[own]) for each in (loaded, cooperation)]
        assert np.array_equal(*asked)


def test_rows_of_others_are_read_as_before(cooperation: Any, test_rows: Any, tmp_path: Path) -> None:
    loaded = again(cooperation, tmp_path)
    X_test, y_test = test_rows
    for metric in (None, "accuracy", "f1_macro"):
        assert_frame_equal(
            loaded.evaluate(X_test, y_test, metric=metric), cooperation.evaluate(X_test, y_test, metric=metric)
        )
    miles = X_test.assign(km=X_test["km"] / 1.609344).drop(columns="smoker")
    unit = {"km": {"unit": "mile"}}
    assert_frame_equal(
        loaded.evaluate(miles, y_test, feature_space=unit), cooperation.evaluate(miles, y_test, feature_space=unit)
    )
    for name in cooperation.learners_:
        assert loaded._after[name].space == cooperation._after[name].space
        assert loaded._before[name].keep_missing == cooperation._before[name].keep_missing


def test_a_loaded_cooperation_is_saved_again_alike(cooperation: Any, test_rows: Any, tmp_path: Path) -> None:
    loaded = again(again(cooperation, tmp_path), tmp_path)
    assert_frame_equal(loaded.evaluate(*test_rows), cooperation.evaluate(*test_rows))
    assert_frame_equal(loaded.virtual_instances_, cooperation.virtual_instances_)


def test_without_instances_it_says_where_those_of_a_run_are(
    cooperation: CooperativeDistillation, test_rows: Any, tmp_path: Path
) -> None:
    (tmp_path / "run.zip").write_bytes(cooperation_file(cooperation, instances=False))
    loaded = load(tmp_path / "run.zip")
    for name, said in cooperation.predict_each(test_rows[0]).items():
        np.testing.assert_array_equal(loaded.predict_for(name, test_rows[0]), said)
    with pytest.raises(SavingError, match=r"lie in its virtual_instances\.parquet"):
        _ = loaded.virtual_instances_
    assert len(cooperation.virtual_instances_) > 0


def test_a_file_from_before_all_were_asked_together_predicts_alone(
    cooperation: CooperativeDistillation, test_rows: Any, tmp_path: Path
) -> None:
    older = copy(cooperation)
    for name in ("members_", "consults_", "consult_reasons_"):
        vars(older).pop(name)
    loaded = again(older, tmp_path)
    assert loaded.members_ == list(cooperation.learners_)
    assert not any(loaded.consults_.values())
    assert_frame_equal(loaded.evaluate(*test_rows), cooperation.evaluate(*test_rows))
    assert len(loaded.predict_for("north", test_rows[0])) == len(test_rows[0])


def test_a_declined_model_is_one_model_again(tmp_path: Path) -> None:
    space = infer_feature_space(X)
    frozen = Participant("frozen", GaussianNB().fit(X, Y), feature_space=space)
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(
        [frozen, Participant("own", GaussianNB(), X, Y)]
    )
    loaded = again(cooperation, tmp_path)
    assert loaded._before["frozen"].learner is loaded._after["frozen"].learner
    assert loaded._before["own"].learner is not loaded._after["own"].learner
    assert "frozen" not in loaded.accepted_


def test_regression_comes_back(tmp_path: Path) -> None:
    values = 3 * X[:, 0] + RNG.normal(size=40)
    cooperation = CooperativeDistillation(expertise="in-sample", acceptance="always", random_state=0).fit(
        [Participant("a", Ridge(), X, values), Participant("b", DecisionTreeRegressor(max_depth=3), X, values)]
    )
    loaded = again(cooperation, tmp_path)
    assert_frame_equal(loaded.evaluate(X, values), cooperation.evaluate(X, values))
    assert {n: m.tolerance for n, m in loaded._after.items()} == {n: m.tolerance for n, m in cooperation._after.items()}


@pytest.mark.parametrize("kind", ["pandas", "int columns", "levels", "array", "float32", "sparse", "polars"])
def test_containers_come_back(kind: str, tmp_path: Path) -> None:
    rows: Any = {
        "pandas": lambda: pd.DataFrame(X, columns=["a", "b"]).rename_axis(columns="what"),
        "int columns": lambda: pd.DataFrame(X, columns=[3, 7]),
        "levels": lambda: pd.DataFrame(X, columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["p", "q"])),
        "array": lambda: X,
        "float32": lambda: X.astype(np.float32),
        "sparse": lambda: sparse.csr_array(X),
        "polars": lambda: pytest.importorskip("polars").DataFrame(X, schema=["a", "b"]),
    }[kind]()
    models = {"one": LogisticRegression(), "two": DecisionTreeClassifier(max_depth=2)}
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(
        [Participant(name, model, rows, Y) for name, model in models.items()]
    )
    loaded = again(cooperation, tmp_path)
    assert_frame_equal(loaded.evaluate(rows, Y), cooperation.evaluate(rows, Y))
    before, after = (each._after["one"].codec for each in (cooperation, loaded))
    assert before == after
    decoded = [codec.decode(codec.encode(rows)) for codec in (before, after)]
    assert type(decoded[0]) is type(decoded[1])
    assert type(loaded.virtual_instances_) is type(cooperation.virtual_instances_)
    assert loaded.virtual_instances_.equals(cooperation.virtual_instances_)


def test_rows_inside_are_refused_by_the_names_of_their_owners(tmp_path: Path) -> None:
    models = {"near": KNeighborsClassifier(2), "plain": GaussianNB(), "wide": SVC()}
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(
        [Participant(name, model, X, Y) for name, model in models.items()]
    )
    (tmp_path / "saved.zip").write_bytes(b"earlier")
    with pytest.raises(SavingError, match=r"'near'.*nearest neighbours.*'wide'.*support vector") as caught:
        save(cooperation, tmp_path / "saved.zip")
    assert "plain" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["saved.zip"]
    assert (tmp_path / "saved.zip").read_bytes() == b"earlier"
    loaded = again(cooperation, tmp_path, allow_rows=True)
    assert_frame_equal(loaded.evaluate(X, Y), cooperation.evaluate(X, Y))


def test_code_is_refused_and_says_whose_it_is(tmp_path: Path) -> None:
    def rule(rows: Any) -> Any:
        ill = np.where(np.asarray(rows)[:, 0] > 0, 0.9, 0.1)
        return np.column_stack([1 - ill, ill])

    space = FeatureSpace((Feature(name="x0", kind="continuous"), Feature(name="x1", kind="continuous")))
    teacher = Participant("rule", CallableLearner(rule, classes=[0, 1]), feature_space=space)
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(
        [teacher, Participant("own", GaussianNB(), X, Y)]
    )
    with pytest.raises(SavingError, match=r"'rule': .*is a function, which only a pickle could hold"):
        save(cooperation, tmp_path / "saved.zip")
    pair = [Participant(name, GaussianNB(), X, Y) for name in "ab"]
    cooperation = CooperativeDistillation(generator=SegmentGenerator(), acceptance="always", random_state=0).fit(pair)
    with pytest.raises(SavingError, match=r"generator=.*is an object"):
        save(cooperation, tmp_path / "saved.zip")
    assert list(tmp_path.iterdir()) == []
    assert again(cooperation.set_params(generator="segments"), tmp_path).generator == "segments"


def test_what_is_no_finished_cooperation_is_refused(tmp_path: Path) -> None:
    for wrong in (CooperativeDistillation(), GaussianNB(), None):
        with pytest.raises(SavingError, match="call its fit first"):
            save(wrong, tmp_path / "saved.zip")  # type: ignore[arg-type]  # wrong on purpose


def test_a_model_is_no_cooperation(tmp_path: Path, cooperation: CooperativeDistillation) -> None:
    coopdistill.saving.save_model(GaussianNB().fit(X, Y), tmp_path / "model.zip")
    with pytest.raises(SavingError, match=r"holds a 'model' where a cooperation is wanted; coopdistill\.saving"):
        load(tmp_path / "model.zip")
    save(cooperation, tmp_path / "saved.zip")
    with pytest.raises(SavingError, match=r"holds a 'cooperation' where a model is wanted; coopdistill\.load"):
        coopdistill.saving.load_model(tmp_path / "saved.zip")
