from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import coopdistill
from coopdistill.baselines import Average, Untaught
from coopdistill.datasets import load_bundled
from coopdistill.exceptions import DatasetError, InapplicableError, LearnerFailure, OptionError, OutputError
from coopdistill.experiments import (
    Cell,
    Cooperation,
    PublicRows,
    Rival,
    Setting,
    cells_of,
    finished_cells,
    results_of,
    run_cell,
    run_cells,
)
from coopdistill.participants import Participant
from experiments.tiny import SLOW, TINY, Broken, Waiting, make_tiny

SETTING = TINY.settings[0]


def scores(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop(columns="seconds").sort_values(["method", "seed", "participant"], ignore_index=True)


def test_the_number_of_processes_does_not_change_the_results(tmp_path):
    cells = cells_of(TINY, seeds=range(2))
    found = {}
    for n_jobs in (1, 2):
        run_cells(cells, tmp_path / str(n_jobs), n_jobs=n_jobs)
        found[n_jobs] = results_of(cells, tmp_path / str(n_jobs))
    pd.testing.assert_frame_equal(scores(found[1][0]), scores(found[2][0]), check_exact=True)
    pd.testing.assert_frame_equal(found[1][1], found[2][1], check_exact=True)


def test_a_seed_pairs_the_methods(tmp_path):
    """What is called untaught is what cooperation started from: without lessons, nothing changes."""
    trial = make_tiny(3)
    untaught = Rival("untaught").apply(trial, seed=3)
    certain_of_nothing = coopdistill.CooperativeDistillation(random_state=3).fit(trial.participants)
    before = certain_of_nothing.evaluate(trial.X_test, trial.y_test, metric="accuracy")["before"]
    assert [verdict.score for verdict in untaught.verdicts] == before.tolist()


def test_every_row_says_what_it_was_run_on(tmp_path):
    cells = cells_of(TINY, seeds=[0])
    run_cells(cells, tmp_path)
    rows, transfers = results_of(cells, tmp_path)
    assert len(rows) == len(cells) * 2
    assert (rows["status"] == "done").all()
    assert rows["score"].between(0, 1).all()
    assert {"python", "numpy", "scikit-learn", "machine", "processors"} <= set(rows)
    assert (rows[["python", "machine", "coopdistill"]] != "").all().all()
    assert (transfers["method"] == "defaults").all()
    assert (transfers["kept"] <= transfers["reached"]).all()


def test_finished_cells_are_not_run_again(tmp_path):
    told: list[tuple[int, int]] = []
    run_cells(cells_of(TINY, seeds=[0]), tmp_path)
    run_cells(cells_of(TINY, seeds=[0, 1]), tmp_path, tell=lambda cell, done, total: told.append((done, total)))
    assert told == [(done, 3) for done in range(4)]


def test_a_folder_says_what_is_finished_whatever_run_it_comes_from(tmp_path):
    run_cells(cells_of(TINY, seeds=[0, 3], methods=("untaught",)), tmp_path)
    run_cells(cells_of(TINY, seeds=[3], methods=("pooled",)), tmp_path)
    # What is there of other options is not among it.
    run_cells([Cell(9, SETTING, Rival("pooled", {"random_state": 5}), 0)], tmp_path)
    found = {(cell.method.name, cell.seed) for cell in finished_cells([TINY], tmp_path)}
    assert found == {("untaught", 0), ("untaught", 3), ("pooled", 3)}
    assert finished_cells([TINY], tmp_path, small=True) == []


def test_other_options_are_another_cell():
    cell = Cell(9, SETTING, Cooperation("ours", {"alpha": 0.5}), 0)
    assert cell.key == Cell(9, SETTING, Cooperation("ours", {"alpha": 0.5}), 0).key
    others = [Cell(9, SETTING, Cooperation("ours", {"alpha": 0.9}), 0), replace(cell, seed=1)]
    assert len({cell.key, *(other.key for other in others)}) == 3
    # By their values: what is left open is what it is by default, and another cell once that is something else.
    assert Cell(9, SETTING, Cooperation("ours"), 0).key == cell.key


def test_a_setting_gives_baselines_options_of_its_own():
    setting = replace(SETTING, rivals=(Rival("pooled", {"random_state": 1}),))
    usual, own = (cells_of(replace(TINY, settings=(one,)), seeds=[0]) for one in (SETTING, setting))
    assert [cell.method.name for cell in own] == [cell.method.name for cell in usual]
    assert [a.key == b.key for a, b in zip(usual, own, strict=True)] == [True, True, False]


def test_public_rows_come_from_the_trial():
    trial = make_tiny(0)
    fedmd = Rival("fedmd", {"public": PublicRows(), "rounds": 1})
    with pytest.raises(InapplicableError, match="each is a participant's or one of the test rows"):
        fedmd.apply(trial, 0)
    public, tested = trial.X_test[:20], trial.X_test[20:]
    shared = replace(trial, X_test=tested, y_test=trial.y_test[20:], public=public)
    direct = Rival("fedmd", {"public": public, "rounds": 1}).apply(shared, 0)
    assert fedmd.apply(shared, 0) == direct
    assert {verdict.status for verdict in direct.verdicts} == {"done"}


def test_what_is_not_installed_is_tried_again(tmp_path, monkeypatch):
    cell = Cell(9, SETTING, Rival("pooled", extra=("nowhere_to_be_found", "gan")), 0)
    # Once it is there, the same cell is meant.
    assert cell.key == Cell(9, SETTING, Rival("pooled"), 0).key
    run_cells([cell], tmp_path)
    rows, _ = results_of([cell], tmp_path)
    assert set(rows["reason"]) == {
        "LearnerError: baseline 'pooled' needs nowhere_to_be_found; install it by: pip install 'coopdistill[gan]'"
    }
    monkeypatch.setitem(sys.modules, "nowhere_to_be_found", sys)
    run_cells([cell], tmp_path)
    assert set(results_of([cell], tmp_path)[0]["status"]) == {"done"}


def test_what_predicts_alike_for_all_is_asked_once(monkeypatch):
    trial = make_tiny(0)
    fitted = Average().fit(trial.participants)
    scores = {(fitted.predict_for(one.name, trial.X_test) == trial.y_test).mean() for one in trial.participants}
    asked: list[str] = []
    whole = Average.predict_for
    monkeypatch.setattr(Average, "predict_for", lambda self, name, X: asked.append(name) or whole(self, name, X))
    verdicts = Rival("average").apply(trial, 0).verdicts
    assert {verdict.score for verdict in verdicts} == scores
    assert [verdict.participant for verdict in verdicts] == [one.name for one in trial.participants]
    assert len(asked) == len(scores) == 1


def test_one_models_failure_leaves_the_scores_of_the_others(monkeypatch):
    trial = make_tiny(0)
    untouched = Untaught.predict_for

    def predict_for(self, name, X):
        if name == "participant_1":
            raise LearnerFailure("participant_1 raised OverflowError: too large")
        return untouched(self, name, X)

    monkeypatch.setattr(Untaught, "predict_for", predict_for)
    first, second = Rival("untaught").apply(trial, 0).verdicts
    assert (first.status, first.score, second.status) == ("failed", None, "done")
    assert first.reason == "LearnerFailure: participant_1 raised OverflowError: too large"


def test_a_failure_is_a_result_with_a_reason_and_is_tried_again(tmp_path):
    cells = [Cell(9, SETTING, Broken("broken"), 0), Cell(9, SETTING, Waiting("waiting"), 0)]
    run_cells(cells, tmp_path)
    rows, _ = results_of(cells, tmp_path)
    broken = rows[rows["method"] == "broken"]
    assert (broken["status"] == "failed").all()
    assert broken["score"].isna().all()
    assert (broken["reason"] == "ZeroDivisionError: nothing to divide by").all()
    assert (rows[rows["method"] == "waiting"]["status"] == "done").all()
    told: list[int] = []
    run_cells(cells, tmp_path, tell=lambda cell, done, total: told.append(total))
    assert told == [1, 1]


def _absent(seed: int):
    raise DatasetError("'some/file' is absent")


def test_absent_data_are_said_and_no_result(tmp_path):
    with pytest.raises(DatasetError, match="some/file"):
        run_cells([Cell(9, Setting("absent", _absent), Waiting("waiting"), 0)], tmp_path)
    assert list((tmp_path / "cells").iterdir()) == []


@pytest.mark.parametrize("content", ["{", '{"rows": ['])
def test_a_damaged_file_is_named(tmp_path, content):
    cell = Cell(9, SETTING, Waiting("waiting"), 0)
    run_cells([cell], tmp_path)
    next((tmp_path / "cells").iterdir()).write_text(content)
    with pytest.raises(OutputError, match=r"9-iris-waiting-0-.*is damaged"):
        run_cells([cell], tmp_path)


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds no reproduction"):
        run_cells([Cell(9, SETTING, Waiting("waiting"), 0)], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_unknown_methods_name_the_nearest():
    with pytest.raises(OptionError, match="did you mean 'pooled'"):
        cells_of(TINY, seeds=[0], methods=("poled",))


def test_cells_leave_out_what_a_setting_leaves_out():
    setting = replace(SETTING, left_out=("pooled",))
    methods = [cell.method.name for cell in cells_of(replace(TINY, settings=(setting,)), seeds=[0])]
    assert methods == ["untaught", "defaults"]


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
def test_a_killed_run_goes_on_where_it_stopped(tmp_path):
    cells = [Cell(9, SETTING, Waiting("waiting"), seed) for seed in range(4)]
    log, out = tmp_path / "log", tmp_path / "out"
    script = (
        "from experiments.tiny import *; from coopdistill.experiments import Cell, run_cells; from pathlib import Path;"
        "run_cells([Cell(9, TINY.settings[0], Waiting('waiting'), seed) for seed in range(4)], "
        f"Path({str(out)!r}))"
    )
    paths = os.pathsep.join([str(Path(__file__).parents[1]), str(Path(coopdistill.__file__).parents[1])])
    environment = {**os.environ, SLOW: str(log), "PYTHONPATH": paths}
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as process:
        while process.poll() is None and (not log.exists() or len(log.read_text().splitlines()) < 3):
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert len(list((out / "cells").iterdir())) == 2
    told: list[str] = []
    run_cells(cells, out, tell=lambda cell, done, total: told.append(str(cell)))
    assert [text[-6:] for text in told[1:]] == ["seed 2", "seed 3"]
    rows, _ = results_of(cells, out)
    assert rows.groupby("seed")["score"].first().tolist() == [0.0, 0.01, 0.02, 0.03]


def test_participants_are_not_changed():
    trial = make_tiny(0)
    before = [np.array(participant.X) for participant in trial.participants]
    for method in TINY.methods:
        method.apply(trial, 0)
    assert all(np.array_equal(old, one.X) for old, one in zip(before, trial.participants, strict=True))
    assert all(isinstance(one, Participant) and not hasattr(one.estimator, "classes_") for one in trial.participants)


def test_no_row_of_a_tiny_trial_is_both_tested_and_trained_on():
    trial = make_tiny(0)
    tested = set(trial.X_test.index)
    trained = [index for one in trial.participants for index in one.X.index]
    assert not tested & set(trained)
    assert len(trained) == len(set(trained)) == len(load_bundled("iris").X) - len(tested)


def test_a_cell_runs_alone_as_it_does_among_others(tmp_path):
    cells = cells_of(TINY, seeds=[1])
    run_cells(cells, tmp_path)
    rows, _ = results_of(cells, tmp_path)
    alone = pd.DataFrame(run_cell(cells[-1])["rows"])
    among = rows[rows["method"] == cells[-1].method.name]
    assert alone["score"].tolist() == among["score"].tolist()
