"""A run writes its models, and a study names one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from coopdistill.cli.job import Job, do_job
from coopdistill.cli.speech import Speech
from coopdistill.cli.studies.study import read_study
from coopdistill.cli.studies.study_rows import read_rows
from coopdistill.cooperation import CooperativeDistillation
from coopdistill.exceptions import StudyError
from coopdistill.learners import make_learner
from coopdistill.participants import Participant
from coopdistill.report.run_folder import RunFolder
from coopdistill.schema import infer_feature_space

STUDY = """\
[study]
target = "y"
[[participants]]
name = "kept"
model = "out/models/{file}"
data = "rows.csv"
[[participants]]
name = "new"
learner = "naive-bayes"
data = "rows.csv"
"""


def rows(seed: int) -> tuple[pd.DataFrame, Any]:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.normal(size=40), "b": rng.normal(size=40)})
    return frame, np.where(frame["a"] + frame["b"] > 0, "yes", "no").astype(object)


def run(folder: Path, models: dict[str, Any]) -> dict[str, Any]:
    participants = [Participant(name, model, *rows(seed)) for seed, (name, model) in enumerate(models.items())]
    job = Job("test", participants, CooperativeDistillation(random_state=0))
    with Speech(quiet=True) as speech:
        return do_job(job, RunFolder(folder / "out"), speech)


def test_models_that_may_leave_are_written(tmp_path: Path) -> None:
    result = run(tmp_path, {"plain": GaussianNB(), "near": KNeighborsClassifier(3)})
    said = {name: participant["model"] for name, participant in result["participants"].items()}
    assert said["plain"] == {"file": "models/plain.skops"}
    assert said["near"]["withheld"] == (
        "it carries rows that it was trained on, inside nearest neighbours (KNeighborsClassifier)"
    )
    assert [file.name for file in (tmp_path / "out" / "models").iterdir()] == ["plain.skops"]


@pytest.mark.parametrize("library", ["xgboost", "lightgbm", "catboost"])
def test_a_booster_of_one_run_takes_part_in_another(library: str, tmp_path: Path) -> None:
    pytest.importorskip(library, reason="the boosters are extras; see make test-learners")
    frame, labels = rows(0)
    model = make_learner(library, infer_feature_space(frame))
    model.set_params(**{f"{model.steps[-1][0]}__n_estimators": 3})
    result = run(tmp_path, {"boosted": model, "plain": GaussianNB()})
    file = Path(result["participants"]["boosted"]["model"]["file"])
    assert file.suffix == ".zip"
    frame.assign(y=labels).to_csv(tmp_path / "rows.csv", index=False)
    study = tmp_path / "study.toml"
    study.write_text(STUDY.format(file=file.name), encoding="utf-8")
    kept = read_rows(read_study(study)).participants[0].estimator
    assert set(kept.predict(frame).ravel().tolist()) <= {"yes", "no"}
    damaged = tmp_path / "out" / file
    damaged.write_bytes(damaged.read_bytes()[:-100])
    with pytest.raises(StudyError, match=rf"line 5, .*'kept'.*{file.name}' cannot be loaded: it is no whole archive"):
        read_rows(read_study(study))
