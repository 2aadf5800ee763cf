from __future__ import annotations

import importlib.util
import json
import pickle

import numpy as np
import pandas as pd
import pytest

from coopdistill.cli.sweeps import FILES, run_sweeps
from coopdistill.exceptions import OptionError
from coopdistill.experiments import (
    DEFAULTS,
    SWEEPS,
    Point,
    Setting,
    Sweep,
    cells_of_sweep,
    results_of,
    run_cells,
    summarise_sweep,
)
from coopdistill.experiments.sweep_trials import make_credit_trial, make_digit_trial, make_heart_trial
from coopdistill.participants import check_participants
from experiments.tiny import make_tiny

DIGITS = {sweep.quantity: sweep for sweep in SWEEPS if sweep.data == "digits"}


def rows_of(participant) -> set[object]:
    return set(participant.X.index)


@pytest.mark.parametrize("n_participants", [2, 3, 8])
@pytest.mark.parametrize("share", [0.25, 1.0])
def test_participants_share_no_row_and_so_many_columns(n_participants, share):
    trial = make_digit_trial(4, n_participants=n_participants, n_rows=40, share_shared=share)
    check_participants(trial.participants)
    parts = [rows_of(one) for one in trial.participants]
    assert [len(part) for part in parts] == [40] * n_participants
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert not set().union(*parts) & set(trial.X_test.index)
    columns = [set(one.X) for one in trial.participants]
    assert len(set.intersection(*columns)) == share * 64
    assert set().union(*columns) == set(trial.X_test)  # each column is still someone's
    for place, one in enumerate(trial.participants):
        lacking = {(3 * place + step) % 10 for step in range(3)}
        assert set(one.y) == set(range(10)) - lacking
        assert one.y.value_counts().min() >= 3


def test_test_rows_are_the_same_whatever_is_varied():
    one = make_digit_trial(4)
    for other in (make_digit_trial(4, n_participants=5), make_digit_trial(4, n_rows=100)):
        assert other.X_test.equals(one.X_test)
    assert not make_digit_trial(5).X_test.index.equals(one.X_test.index)


def test_more_rows_are_the_same_rows_and_more():
    few, many = (make_digit_trial(4, n_rows=n) for n in (25, 60))
    for one, other in zip(few.participants, many.participants, strict=True):
        assert rows_of(one) < rows_of(other)


@pytest.mark.parametrize("make", [make_credit_trial, make_heart_trial])
def test_real_data_can_be_varied_as_far_as_sweeps_go(data_folder, make):
    for sweep in SWEEPS:
        for point in sweep.points:
            if getattr(point.setting.make, "func", point.setting.make) is make:
                trial = point.setting.make(3)
                check_participants(trial.participants)
                assert all(one.y.value_counts().min() >= 2 for one in trial.participants)
                assert len({len(one.X) for one in trial.participants}) == 1


def test_sweeps_can_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(SWEEPS[0])).data == SWEEPS[0].data


def test_the_models_before_are_fitted_once_for_all_alphas():
    cells = cells_of_sweep(DIGITS["α"], seeds=[0, 1])
    assert sum(cell.method.name == "untaught" for cell in cells) == 2
    assert len({cell.key for cell in cells}) == len(cells) == 2 * (1 + 2 * 5)
    with pytest.raises(OptionError, match="did you mean 'defaults'"):
        cells_of_sweep(DIGITS["α"], seeds=[0], lines=("default",))


def test_gains_are_differences_of_the_same_trials(tmp_path):
    points = tuple(Point(value, Setting(f"iris {value}", make_tiny), {"defaults": DEFAULTS}) for value in (25, 50))
    sweep = Sweep("iris", "nothing", points, points[:1])
    cells = cells_of_sweep(sweep, seeds=[0, 1])
    run_cells(cells, tmp_path, n_jobs=1)
    rows, _ = results_of(cells, tmp_path)
    gains = summarise_sweep(sweep, rows).set_index("value")
    assert gains.index.tolist() == [25, 50]
    assert gains["n_seeds"].tolist() == [2, 2]
    assert gains["low"].isna().all()  # two say nothing of their spread
    for value in (25, 50):
        scores = rows[rows["setting"] == f"iris {value}"].groupby("method")["score"].mean()
        assert gains.loc[value, "mean"] == pytest.approx(100 * (scores["defaults"] - scores["untaught"]))


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_writes_gains_and_figures(tmp_path, monkeypatch, capsys, as_json):
    points = tuple(Point(alpha, Setting("iris", make_tiny), {"defaults": DEFAULTS}) for alpha in (0.25, 0.5))
    monkeypatch.setattr("coopdistill.experiments.SWEEPS", (Sweep("iris", "α", points, points[:1]),))
    run_sweeps(tmp_path, seeds=[0], small=False, lines=(), n_jobs=1, as_json=as_json)
    said = capsys.readouterr()
    assert "2 to run" in said.err
    written = pd.read_csv(tmp_path / "sweeps" / "gains.csv")
    assert written["value"].tolist() == [0.25, 0.5]
    if as_json:
        told = json.loads(said.out)["sweeps"]
        assert [line["mean"] for line in told] == pytest.approx(written["mean"].tolist())
        assert told[0]["low"] is None
    else:
        assert (tmp_path / "sweeps" / "gains.md").read_text(encoding="utf-8") in said.out
    assert (tmp_path / "sweeps" / "gain-alpha.svg").exists() == (importlib.util.find_spec("matplotlib") is not None)


def test_every_quantity_has_a_name_for_its_figure():
    assert {sweep.quantity for sweep in SWEEPS} == set(FILES)


def test_a_panel_for_each_data_set_and_a_line_for_each_way():
    pytest.importorskip("matplotlib")
    from coopdistill.experiments import draw_sweeps

    gains = pd.DataFrame(
        [
            (data, "α", line, value, 3, value, value - 1, value + 1)
            for data in ("a", "b")
            for line in ("paper", "defaults")
            for value in (0.25, 0.5)
        ],
        columns=["data", "quantity", "line", "value", "n_seeds", "mean", "low", "high"],
    )
    panels = draw_sweeps(gains).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["a", "b"]
    for axes in panels:
        lines = [line for line in axes.lines if len(line.get_xdata()) == 2 and line.get_marker() == "o"]
        assert len(lines) == 2
        assert all(np.array_equal(line.get_xdata(), [0.25, 0.5]) for line in lines)
