"""What is remembered of a visit saves work and changes nothing."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

from coopdistill import Participant
from coopdistill.cooperation import visits
from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.drafts import Drafts
from coopdistill.datasets import make_clinics
from coopdistill.learners import make_learner
from coopdistill.schema import infer_feature_space
from doubles import default_settings


def two_clinics(*, refit_preprocessing: bool | None) -> list[Agent]:
    agents = []
    for name, (X, y) in list(make_clinics(random_state=0).train.items())[:2]:
        learner = make_learner("logistic-regression", infer_feature_space(pd.DataFrame(X)))
        one = Participant(name, learner, X, y, refit_preprocessing=refit_preprocessing)
        agents.append(Agent.of(one, default_settings()))
    return agents


@pytest.fixture(scope="module")
def met() -> tuple[Agent, Agent]:
    """Two clinics; the first has heard the second."""
    host, guest = two_clinics(refit_preprocessing=False)
    return host.hear([guest.model]).agent, guest


def drafts_of(guest: Agent) -> Drafts:
    return Drafts(tuple(guest.model.refit(guest.rows.X[k::2], guest.rows.y[k::2], seed=k) for k in (0, 1)))


def n_transformed(host: Agent, guest: Agent, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many rows of a host go through a guest's preprocessing when its drafts are compared."""
    sent: list[int] = []
    transform = StandardScaler.transform

    def counted(self: StandardScaler, rows: Any, *args: Any, **kwargs: Any) -> Any:
        sent.append(len(rows))
        return transform(self, rows, *args, **kwargs)

    drafts = drafts_of(guest)
    with monkeypatch.context() as patched:
        patched.setattr(StandardScaler, "transform", counted)
        host.compare([(guest.model, drafts)])
    return sum(sent)


def test_drafts_need_not_see_what_their_model_saw(met: tuple[Agent, Agent], monkeypatch: pytest.MonkeyPatch) -> None:
    host, guest = met
    assert n_transformed(host, guest, monkeypatch) == 0
    forgetful = replace(host, visitors={})
    assert n_transformed(forgetful, guest, monkeypatch) == 2 * len(host.rows.y)  # by the model, and for both drafts
    visit = (guest.model, drafts_of(guest))
    assert host.compare([visit]) == forgetful.compare([visit])


def test_drafts_of_what_comes_unfitted_share_preprocessing_that_knows_all_instances() -> None:
    teacher, student = two_clinics(refit_preprocessing=None)
    lessons = teacher.teach([student.model], student.hear([teacher.model]).testimonies, 1)
    drafts = student.draft(lessons, 1)
    assert drafts is not None
    assert len(drafts.models) > 1
    assert all(draft.sees_as(drafts.first) for draft in drafts.models)
    assert not drafts.first.sees_as(student.model)
    scaled = drafts.first.learner.through_front(student.model.codec.decode(np.vstack([student.rows.X, lessons[0].X])))
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-9)


def test_what_is_large_is_not_kept(met: tuple[Agent, Agent], monkeypatch: pytest.MonkeyPatch) -> None:
    host, guest = met
    size = host.visitors[guest.name].sight.n_bytes
    assert size >= 2 * host.rows.X.nbytes
    monkeypatch.setattr(visits, "MOST_BYTES", size)
    assert host.hear([guest.model]).agent.visitors[guest.name].sight is not None
    others = host.hear([guest.model, replace(guest.model, name="another")]).agent.visitors
    assert [visit.sight for visit in others.values()] == [None, None]
    visit = (guest.model, drafts_of(guest))
    assert host.compare([visit]) == replace(host, visitors=others).compare([visit])


def test_sights_stay_in_their_process(met: tuple[Agent, Agent]) -> None:
    host, guest = met
    sent = pickle.loads(pickle.dumps(host))
    assert sent.visitors[guest.name].sight is None
    np.testing.assert_array_equal(sent.visitors[guest.name].answers.error, host.visitors[guest.name].answers.error)
    visit = (guest.model, drafts_of(guest))
    assert sent.compare([visit]) == host.compare([visit])
