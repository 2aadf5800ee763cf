"""Cells: what is measured of a method on a scenario, and how it is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cooperation.cells import Cell, measure
from cooperation.methods import METHODS, Cooperating, Instead, method_of
from cooperation.scenarios import SCENARIOS
from cooperation.store import Store, our_code
from cooperation.variants import VARIANTS

from coopdistill import CooperativeDistillation
from coopdistill.exceptions import OptionError

TOGETHER = "defaults, together"
CANCER = "breast cancer, covariate shift"


@pytest.fixture(scope="module")
def defaults() -> list[dict[str, object]]:
    return measure(Cell(CANCER, "same", 0, METHODS["defaults"]))


def test_scores_are_those_of_the_cooperation_itself(defaults: list[dict[str, object]]) -> None:
    trial = SCENARIOS[CANCER].make("same", 0)
    cooperation = CooperativeDistillation(random_state=0).fit(trial.participants)
    table = cooperation.evaluate(trial.X_test, trial.y_test, metric="accuracy")
    assert [row["participant"] for row in defaults] == table["participant"].tolist()
    assert [row["before"] for row in defaults] == table["before"].tolist()
    assert [row["after"] for row in defaults] == table["after"].tolist()
    left = cooperation.disclosures_
    assert defaults[0]["instances"] == left.loc[left["what"] == "virtual instances", "count"].sum() > 0


def test_methods_start_from_the_same_models(defaults: list[dict[str, object]]) -> None:
    pooled = measure(Cell(CANCER, "same", 0, METHODS["pooled"]))
    assert [row["before"] for row in pooled] == [row["before"] for row in defaults]
    n_own = [row["n_own"] for row in pooled]
    assert pooled[0]["rows"] == sum(n_own) * (len(n_own) - 1)


def test_a_share_of_what_the_defaults_send_is_that_share(defaults: list[dict[str, object]]) -> None:
    half = measure(Cell(CANCER, "same", 0, METHODS["defaults, 1/2"]))
    assert half[0]["instances"] == pytest.approx(int(defaults[0]["instances"]) / 2, abs=len(half))


@pytest.mark.parametrize("scenario", [CANCER, "German credit, other columns"])
def test_all_that_the_defaults_send_is_the_defaults(scenario: str, request: pytest.FixtureRequest) -> None:
    from cooperation.thinned import Thinned

    if scenario != CANCER:
        request.getfixturevalue("data_folder")
    trial = SCENARIOS[scenario].make("same", 0)
    whole = Thinned(random_state=0, share=1.0).fit(trial.participants)
    defaults = CooperativeDistillation(random_state=0).fit(trial.participants)
    for one in trial.participants:
        after = defaults.learners_[one.name].predict(trial.X_test[one.X.columns])
        # Instances are read from a table, whose numbers may differ in the last bit; a tree may take another turn there.
        said = whole.predict_for(one.name, trial.X_test)
        assert np.mean(said == after) > 0.98


def test_of_values_a_share_takes_own_ones_as_they_were_measured() -> None:
    from cooperation.thinned import Thinned

    trial = SCENARIOS["diabetes, covariate shift"].make("same", 0)
    whole = Thinned(random_state=0, share=1.0).fit(trial.participants)
    defaults = CooperativeDistillation(random_state=0).fit(trial.participants)
    taught = set(defaults.virtual_instances_["student"])
    assert taught
    for one in trial.participants:
        after = defaults.learners_[one.name].predict(trial.X_test[one.X.columns])
        said = whole.predict_for(one.name, trial.X_test)
        is_alike = np.isclose(said, after).mean()
        # What holds whole numbers alone at home is read as whole numbers; the learner itself takes a table as it is.
        assert is_alike < 0.5 if one.name in taught else is_alike > 0.98
        assert np.corrcoef(said, after)[0, 1] > 0.9


def test_together_those_predict_alike_who_are_to_ask_all() -> None:
    trial = SCENARIOS[CANCER].make("same", 0)
    taught, together = (METHODS[name].teach(trial.participants, trial.X_test, 0) for name in ("defaults", TOGETHER))
    cooperation = CooperativeDistillation(random_state=0).fit(trial.participants)
    said = cooperation.ensemble_.predict(trial.X_test)
    assert set(cooperation.consults_.values()) == {False, True}
    for name, consults in cooperation.consults_.items():
        assert (together.predicted[name] == (said if consults else taught.predicted[name])).mean() > 0.98
    assert together.n_instances == taught.n_instances


def test_what_was_measured_is_kept_until_code_or_options_change(tmp_path: Path) -> None:
    cell = Cell(CANCER, "same", 0, Instead("pooled"))
    store = Store(tmp_path)
    assert store.lacking([cell]) == [cell]
    store.write(cell, [{"gain": 1.0}])
    assert store.lacking([cell]) == []
    assert Store(tmp_path).read(cell) == [{"gain": 1.0}]
    others = [
        Cell(CANCER, "mixed", 0, Instead("pooled")),
        Cell(CANCER, "same", 1, Instead("pooled")),
        Cell(CANCER, "same", 0, Cooperating("pooled", {"alpha": 0.9})),
    ]
    assert store.lacking(others) == others
    # Another version of our code, as its folder shows: only what is to be kept counts.
    [path] = tmp_path.rglob("*.json")
    path.rename(path.with_name("another.json"))
    assert store.read(cell) is None
    assert Store(tmp_path, kept=["pooled"]).read(cell) == [{"gain": 1.0}]


def test_baselines_do_not_depend_on_how_we_cooperate() -> None:
    assert our_code(METHODS["pooled"].independent_of) != our_code(METHODS["defaults"].independent_of)
    assert "cooperation" in METHODS["pooled"].independent_of
    assert not METHODS["defaults, 1/2"].independent_of


def test_methods_have_names_or_are_options() -> None:
    assert method_of("akd", VARIANTS).name == "akd"
    made = method_of("focus=wrong, alpha=0.9", VARIANTS)
    assert isinstance(made, Cooperating)
    assert made.options == {"focus": "wrong", "alpha": 0.9}
    with pytest.raises(OptionError, match="average"):
        method_of("averge", VARIANTS)


def test_every_method_has_a_name_of_its_own_and_a_description_that_stays() -> None:
    known = {**METHODS, **VARIANTS}
    assert len(known) == len(METHODS) + len(VARIANTS)
    # An address in memory would make the description another in each process.
    assert not any(" at 0x" in repr(method) for method in known.values())
