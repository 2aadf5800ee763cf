"""The preprocessing of a pipeline: as it was fitted where it comes fitted, else refitted with all, unless asked."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler, TargetEncoder

from coopdistill import CooperativeDistillation, Participant
from coopdistill.exceptions import CoopdistillWarning, LearnerError
from coopdistill.expertise import OwnRows, answer_out_of_fold
from coopdistill.learners import ScikitLearnLearner, as_learner
from doubles import as_model

RNG = np.random.default_rng(0)
X = pd.DataFrame({"dose": RNG.normal(size=90), "age": RNG.normal(size=90), "ward": RNG.choice(["a", "b", "c"], 90)})
Y = np.where(X["dose"] > 0, "ill", "well").astype(object)
NUMBERS = X[["dose", "age"]]
VIRTUAL = NUMBERS + 100.0
ALL, LABELS, N_OWN = pd.concat([NUMBERS, VIRTUAL], ignore_index=True), np.tile(Y, 2), len(Y)


def scaled() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression())


def test_an_unfitted_pipeline_is_refitted_whole() -> None:
    learner = as_learner(scaled()).refit(NUMBERS, Y, seed=0)
    np.testing.assert_allclose(learner.estimator[0].mean_, NUMBERS.mean())
    np.testing.assert_allclose(learner.refit(ALL, LABELS, seed=0, n_own=N_OWN).estimator[0].mean_, ALL.mean())


def test_an_unfitted_pipeline_is_prepared_by_own_rows_where_that_is_asked() -> None:
    refitted = as_learner(scaled(), refit_preprocessing=False).refit(ALL, LABELS, seed=0, n_own=N_OWN).estimator
    np.testing.assert_allclose(refitted[0].mean_, NUMBERS.mean())
    model = LogisticRegression().fit(StandardScaler().fit(NUMBERS).transform(ALL), LABELS)
    np.testing.assert_allclose(refitted[-1].coef_, model.coef_)


def test_a_fitted_pipeline_keeps_its_preprocessing() -> None:
    fitted = scaled().fit(NUMBERS * 3, Y)
    before = joblib.hash(fitted)
    refitted = as_learner(fitted).refit(ALL, LABELS, seed=0, n_own=N_OWN).estimator
    assert refitted[0].mean_.tolist() == fitted[0].mean_.tolist()
    assert refitted[-1].coef_.tolist() != fitted[-1].coef_.tolist()
    refitted.fit(VIRTUAL, Y)
    assert joblib.hash(fitted) == before


def test_all_is_refitted_where_that_is_asked() -> None:
    learner = as_learner(scaled().fit(NUMBERS, Y), refit_preprocessing=True)
    refitted = learner.refit(ALL, LABELS, seed=0, n_own=N_OWN)
    np.testing.assert_allclose(refitted.estimator[0].mean_, ALL.mean())
    np.testing.assert_allclose(refitted.refit(VIRTUAL, Y, seed=0).estimator[0].mean_, VIRTUAL.mean())


def test_from_scratch_nothing_is_kept() -> None:
    learner = as_learner(scaled().fit(NUMBERS * 3, Y))
    np.testing.assert_allclose(
        learner.from_scratch().refit(ALL, LABELS, seed=0, n_own=N_OWN).estimator[0].mean_, NUMBERS.mean()
    )
    bare = as_learner(LogisticRegression())
    assert bare.from_scratch() is bare


def test_prepared_refits_share_what_rows_make_of_the_preprocessing_and_learn_from_theirs() -> None:
    model = as_model(as_learner(scaled()).refit(NUMBERS, Y, seed=0), NUMBERS)
    before = joblib.hash(model.learner.estimator)
    prepared = model.prepared(ALL.to_numpy(), seed=0)
    some, others = (prepared.refit(NUMBERS.to_numpy()[rows], Y[rows], seed=0) for rows in (slice(60), slice(30, None)))
    assert some.sees_as(others)
    assert not some.sees_as(model)
    scaler = StandardScaler().fit(ALL)
    np.testing.assert_allclose(some.learner.estimator[0].mean_, scaler.mean_)
    alone = LogisticRegression().fit(scaler.transform(NUMBERS[:60]), Y[:60])
    np.testing.assert_allclose(some.learner.estimator[-1].coef_, alone.coef_)
    assert joblib.hash(model.learner.estimator) == before


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(SelectKBest(k=1), LogisticRegression()),
        make_pipeline(TargetEncoder(), LogisticRegression()),
        LogisticRegression(),
    ],
    ids=["chosen by labels", "made of labels", "no preprocessing"],
)
def test_preprocessing_that_needs_labels_is_each_refits_own(estimator: Any) -> None:
    """It would know those of rows that a refit is not to see."""
    learner = as_learner(estimator).refit(NUMBERS, Y, seed=0)
    assert learner.prepared(ALL, seed=0) is learner


def test_preprocessing_that_is_kept_needs_no_other() -> None:
    learner = as_learner(scaled().fit(NUMBERS, Y))
    assert learner.prepared(ALL, seed=0) is learner


def test_an_unknown_way_is_named() -> None:
    with pytest.raises(LearnerError, match="unknown preprocessing='keep'; did you mean 'kept'"):
        ScikitLearnLearner(scaled(), preprocessing="keep")  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize(
    "steps",
    [
        [make_pipeline(StandardScaler(), MinMaxScaler()), KNeighborsClassifier()],
        [StandardScaler(), "passthrough", None, KNeighborsClassifier()],
        [StandardScaler(), make_pipeline(MinMaxScaler(), KNeighborsClassifier())],
        [SelectKBest(k=1), StandardScaler(), KNeighborsClassifier()],
        [StandardScaler().set_output(transform="pandas"), KNeighborsClassifier()],
        [StandardScaler(), HistGradientBoostingClassifier(max_iter=20, early_stopping=True)],
    ],
    ids=["nested before", "passed through", "nested after", "selected", "frames", "early stopping"],
)
@pytest.mark.parametrize("is_fitted", [False, True], ids=["unfitted", "fitted"])
def test_pipelines_of_any_build_are_refitted(steps: list[Any], is_fitted: bool) -> None:
    pipeline = make_pipeline(*steps)
    if is_fitted:
        pipeline.fit(NUMBERS, Y)
    learner = as_learner(pipeline).refit(NUMBERS, Y, seed=0)
    taught = learner.refit(pd.concat([NUMBERS, NUMBERS + 0.1]), np.tile(Y, 2), seed=0, n_own=N_OWN)
    assert np.mean(taught.predict(NUMBERS) == Y) > 0.9
    assert list(taught.estimator.feature_names_in_) == list(NUMBERS)


def test_rows_that_stay_sparse_may_be_boosted_behind_what_makes_them_dense() -> None:
    rows = sparse.csr_matrix(NUMBERS.to_numpy())
    learner = as_learner(make_pipeline(TruncatedSVD(2, random_state=0), HistGradientBoostingClassifier()))
    assert np.mean(learner.refit(rows, Y, seed=0).predict(rows) == Y) > 0.9


def test_one_hot_columns_stay_sparse_and_the_rows_in_place() -> None:
    columns = make_column_transformer((OneHotEncoder(), ["ward"]), sparse_threshold=1.0)
    seen: list[Any] = []

    class Watching(KNeighborsClassifier):
        def fit(self, rows: Any, y: Any) -> Any:
            seen.append((rows, y))
            return super().fit(rows, y)

    doubled = pd.concat([X, X[::-1]], ignore_index=True)
    labels = np.concatenate([Y, Y[::-1]])
    as_learner(make_pipeline(columns, Watching())).refit(doubled, labels, seed=0, n_own=N_OWN)
    rows, y = seen[0]
    assert sparse.issparse(rows)
    np.testing.assert_array_equal(rows.toarray(), pd.get_dummies(doubled["ward"]).to_numpy(dtype=float))
    assert y.tolist() == labels.tolist()


def test_a_target_encoder_hides_from_a_row_its_own_label() -> None:
    wards = pd.DataFrame({"ward": [f"w{i // 2}" for i in range(90)]})
    learner = as_learner(make_pipeline(TargetEncoder(), LogisticRegression()))
    one, two = (learner.refit(wards, Y, seed=0) for _ in range(2))
    np.testing.assert_array_equal(one.scores(wards), two.scores(wards))
    encoded = one.estimator[0].transform(wards)
    peeking = LogisticRegression().fit(encoded, Y)
    assert np.abs(one.estimator[-1].coef_).item() < 0.5 * np.abs(peeking.coef_).item()


def test_weights_go_to_the_model() -> None:
    light = np.where(np.arange(90) < 45, 0.0, 1.0)
    refitted = as_learner(scaled()).refit(NUMBERS, Y, seed=0, sample_weight=light).estimator
    expected = scaled().fit(NUMBERS, Y, logisticregression__sample_weight=light)
    np.testing.assert_allclose(refitted[-1].coef_, expected[-1].coef_)


def test_out_of_fold_no_column_is_chosen_by_labels_that_are_held_out() -> None:
    """The classical mistake: of many columns of noise, those that fit all labels predict any of them."""
    noise, coin = np.random.default_rng(1).normal(size=(60, 3000)), np.tile([0, 1], 30)
    pipeline = make_pipeline(SelectKBest(k=10), LogisticRegression()).fit(noise, coin)
    answers = answer_out_of_fold(as_model(as_learner(pipeline), noise), OwnRows.untaught(noise, coin), seed=0)
    assert answers.right(0.0).mean() < 0.75


def test_an_encoder_that_refuses_what_a_fold_lacks_is_taken_as_it_is() -> None:
    rare = X[["ward"]].assign(ward=["rare", *X["ward"][1:]], dose=X["dose"])
    columns = make_column_transformer((OneHotEncoder(sparse_output=False), ["ward"]), remainder="passthrough")
    model = as_model(as_learner(make_pipeline(columns, LogisticRegression()).fit(rare, Y)), rare)
    rows = OwnRows.untaught(model.codec.encode(rare), Y)
    with pytest.warns(CoopdistillWarning, match="'scripted': its preprocessing does not work without some of its rows"):
        assert answer_out_of_fold(model, rows, seed=0).right(0.0).mean() > 0.9


@pytest.mark.parametrize("refit_preprocessing", [None, False, True])
def test_in_a_cooperation_it_stays_where_it_comes_fitted(refit_preprocessing: bool | None) -> None:
    table, y = load_breast_cancer(return_X_y=True, as_frame=True)
    table = table.iloc[:, :4]
    small = (table["mean radius"] < 14).to_numpy()
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(table[small], y[small])
    participants = [
        Participant("near", fitted, table[small], y[small], refit_preprocessing=refit_preprocessing),
        Participant("far", scaled(), table[~small], y[~small], refit_preprocessing=refit_preprocessing),
    ]
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    assert cooperation.transfers_["kept"].min() > 0
    after = cooperation.learners_
    assert (after["near"][0].mean_.tolist() == fitted[0].mean_.tolist()) is (refit_preprocessing is not True)
    knows_own_rows_alone = np.allclose(after["far"][0].mean_, table[~small].mean())
    assert knows_own_rows_alone is (refit_preprocessing is False)
