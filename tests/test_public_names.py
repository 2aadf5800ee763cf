"""What users' code relies on: names, signatures, and a quick import."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import coopdistill
from coopdistill import exceptions


def test_the_public_names_are_few_sorted_and_importable() -> None:
    assert len(coopdistill.__all__) <= 20
    for name in coopdistill.__all__:
        assert getattr(coopdistill, name).__doc__
    assert set(coopdistill.__all__) <= set(dir(coopdistill))
    assert coopdistill.__version__
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = coopdistill.nothing


def defaults_of(call: object) -> dict[str, object]:
    parameters = inspect.signature(call).parameters.values()  # type: ignore[arg-type]  # callables all
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def test_the_contract_is_kept() -> None:
    participant = inspect.signature(coopdistill.Participant)
    assert list(participant.parameters)[:4] == ["name", "estimator", "X", "y"]
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in list(participant.parameters.values())[4:])
    assert {"X": None, "y": None, "feature_space": None}.items() <= defaults_of(coopdistill.Participant).items()

    promised = {
        "alpha": 0.5,
        "instances_from": "teacher",
        "expertise": "out-of-fold",
        "generator": "auto",
        "rounds": 1,
        "acceptance": "auto",
        "n_jobs": None,
        "random_state": None,
        "progress": False,
    }
    cooperation = inspect.signature(coopdistill.CooperativeDistillation).parameters
    assert promised.items() <= defaults_of(coopdistill.CooperativeDistillation).items()
    assert cooperation["alpha"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for name, p in cooperation.items() if name != "alpha")
    assert list(inspect.signature(coopdistill.CooperativeDistillation.fit).parameters) == ["self", "participants"]
    assert list(inspect.signature(coopdistill.CooperativeDistillation.evaluate).parameters)[:3] == ["self", "X", "y"]

    generate = inspect.signature(coopdistill.generate_counterfactuals).parameters
    assert list(generate)[:3] == ["teacher", "X", "y"]
    promised = {"alpha": 0.5, "feature_space": None, "generator": "auto", "n_jobs": None, "random_state": None}
    assert promised.items() <= defaults_of(coopdistill.generate_counterfactuals).items()
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in list(generate.values())[3:])


def test_every_error_is_of_one_tree_and_drawn_in_it() -> None:
    assert exceptions.__doc__
    for name in exceptions.__all__:
        value = getattr(exceptions, name)
        if isinstance(value, type):
            assert name in exceptions.__doc__
            assert issubclass(value, exceptions.CoopdistillError | exceptions.CoopdistillWarning)


HEAVY = "torch xgboost lightgbm catboost onnxruntime flwr dask pandas sklearn.model_selection sklearn.ensemble rich"


def test_import_brings_no_heavy_library() -> None:
    code = f"import sys, coopdistill; print([name for name in {HEAVY.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
