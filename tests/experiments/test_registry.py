from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from coopdistill import CooperativeDistillation, infer_feature_space
from coopdistill.baselines import baseline_names
from coopdistill.datasets.fashion_mnist import CLASSES
from coopdistill.experiments import EXPERIMENTS, MEDIAN, PublicRows, Rival, run_cell
from coopdistill.experiments.cell import Cell
from coopdistill.experiments.fashion_mnist import make_semi_experts
from coopdistill.experiments.german_credit import SIZES, make_banks
from coopdistill.experiments.heart_disease import make_hospitals
from coopdistill.experiments.used_cars import SHARED, TREE_FIRST, make_markets
from coopdistill.participants import check_participants
from coopdistill.schema import Alignment

SETTINGS = [
    pytest.param(experiment, setting, id=f"{number} {setting.name}")
    for number, experiment in EXPERIMENTS.items()
    for setting in experiment.small
]


def keys(X) -> set[bytes]:
    """What tells a row from every other."""
    return (
        {np.asarray(row).tobytes() for row in X} if isinstance(X, np.ndarray) else set(map(tuple, X.astype(str).values))
    )


def test_the_six_are_there():
    assert list(EXPERIMENTS) == [1, 2, 3, 4, 5, 6]
    for number, experiment in EXPERIMENTS.items():
        assert experiment.number == number
        names = [method.name for method in experiment.methods]
        assert names[:3] == ["untaught", "paper", "defaults"]
        assert len(set(names)) == len(names)
        assert set(experiment.rivals or ()) <= set(baseline_names())
        # A name stands for one setting: cells are kept by it.
        settings = {(setting.name, repr(setting.make)) for setting in (*experiment.settings, *experiment.small)}
        assert len({name for name, _ in settings}) == len(settings)


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda experiment: str(experiment.number))
def test_an_experiment_can_be_sent_to_another_process(experiment):
    assert pickle.loads(pickle.dumps(experiment)).title == experiment.title


@pytest.mark.parametrize(("experiment", "setting"), SETTINGS)
def test_a_trial_is_the_same_for_the_same_seed_and_nobody_trains_on_test_rows(data_folder, experiment, setting):
    one, again = setting.make(1), setting.make(1)
    check_participants(one.participants)
    for mine, same in zip(one.participants, again.participants, strict=True):
        assert np.array_equal(np.asarray(mine.X, dtype=str), np.asarray(same.X, dtype=str))
    assert np.array_equal(np.asarray(one.y_test), np.asarray(again.y_test))
    tested = keys(one.X_test)
    for participant in one.participants:
        if participant.X.shape[1] == one.X_test.shape[1]:
            assert not tested & keys(participant.X), participant.name
    if one.public is not None:
        assert len(one.public) > 0
        assert keys(one.public) == keys(again.public)
        assert not tested & keys(one.public)


def test_published_figures_stand_beside_someone(data_folder):
    for experiment in EXPERIMENTS.values():
        for setting in experiment.settings:
            if setting.published and experiment.number != 5:
                names = {participant.name for participant in setting.make(0).participants}
                assert all(set(figures) <= names for figures in setting.published.values())
            elif setting.published:
                assert all(set(figures) == {MEDIAN} for figures in setting.published.values())


def test_hospitals_are_tested_on_another(data_folder):
    trial = make_hospitals(0)
    assert [len(participant.X) for participant in trial.participants] == [200, 123, 294]
    assert len(trial.X_test) == 303


def test_models_of_hospitals_keep_the_scales_that_own_rows_gave_them(data_folder):
    trial = make_hospitals(0)
    cooperation = CooperativeDistillation(random_state=0).fit(trial.participants)
    assert cooperation.transfers_["kept"].sum() > 0
    for one in trial.participants:
        alone, taught = clone(one.estimator).fit(one.X, one.y), cooperation.learners_[one.name]
        assert np.array_equal(alone[:-1].transform(one.X), taught[:-1].transform(one.X))


@pytest.mark.parametrize("n_rows", SIZES)
def test_banks_share_no_row_and_all_others_are_tested_or_public(data_folder, n_rows):
    trial = make_banks(5, n_rows=n_rows)
    parts = [set(participant.X.index) for participant in trial.participants]
    assert [len(part) for part in parts] == [n_rows] * 3
    everywhere = [*parts[0], *parts[1], *parts[2], *trial.X_test.index, *trial.public.index]
    assert sorted(everywhere) == list(range(1000))
    assert len(trial.public) == 100
    assert set(parts[0]) != set(make_banks(6, n_rows=n_rows).participants[0].X.index)


def test_each_semi_expert_lacks_one_class_and_none_has_anothers_row(data_folder):
    trial = make_semi_experts(2, n_rows=200, n_test_rows=500)
    rows = [keys(participant.X) for participant in trial.participants]
    assert len(set().union(*rows)) == sum(map(len, rows))
    for participant, lacking in zip(trial.participants, CLASSES, strict=True):
        assert set(CLASSES) - set(participant.y) == {lacking}
        assert participant.X.dtype == np.float64
    assert len(trial.X_test) == 500
    assert set(trial.y_test) == set(CLASSES)
    # What all lost together is all that they do not have of what was divided.
    assert len(trial.public) == 2_000 - sum(map(len, rows))
    assert not keys(trial.public) & set().union(*rows)


def test_semi_experts_of_pytorch_are_of_one_architecture(data_folder):
    pytest.importorskip("torch")
    whole = make_semi_experts(0, n_rows=60, n_test_rows=50, network="PyTorch")
    trial = replace(whole, participants=whole.participants[:2])
    for method in (Rival("parameter-transfer", {"steps": 1}), Rival("hint-layers")):
        assert {verdict.status for verdict in method.apply(trial, 0).verdicts} == {"done"}


@pytest.mark.parametrize("number", EXPERIMENTS)
def test_public_rows_are_given_where_there_are_some(data_folder, number):
    experiment = EXPERIMENTS[number]
    (fedmd,) = experiment.chosen(("fedmd",))
    assert fedmd == Rival("fedmd", {"public": PublicRows()})
    trial = experiment.small[0].make(0)
    assert (trial.public is None) == (number == 3)


def test_pictures_are_made_by_a_network_for_pictures():
    for setting in (*EXPERIMENTS[5].settings, *EXPERIMENTS[5].small):
        (gan,) = (method for method in setting.methods_among(EXPERIMENTS[5].methods) if method.name == "gan")
        assert gan.options["image_shape"] == (28, 28)


def test_all_baselines_meet_all_experiments():
    for experiment in EXPERIMENTS.values():
        for setting in (*experiment.settings, *experiment.small):
            names = {method.name for method in setting.methods_among(experiment.methods)}
            assert set(baseline_names()) <= names


@pytest.mark.parametrize("n_shared", range(1, len(SHARED) + 1))
def test_so_many_columns_are_shared(data_folder, n_shared):
    trial = make_markets(0, learners=TREE_FIRST, n_shared=n_shared, n_rows=200)
    auction, craigslist = (infer_feature_space(one.X, one.feature_space) for one in trial.participants)
    assert len(Alignment(auction, craigslist).shared) == n_shared
    columns = [set(participant.X) for participant in trial.participants]
    for mine, theirs in SHARED:
        assert mine in columns[0] or theirs in columns[1]


def test_cars_of_all_sources_are_scored(data_folder):
    trial = make_markets(0, learners=TREE_FIRST, n_rows=300)
    assert len(trial.X_test) == 10_000
    assert "brand" not in trial.X_test
    small = EXPERIMENTS[2].small[0]
    rows = pd.DataFrame(run_cell(Cell(2, small, EXPERIMENTS[2].methods[0], 0))["rows"])
    # Better than a coin, also where most of what a model knows of a car is not said.
    assert (rows["score"] > 0.5).all()
