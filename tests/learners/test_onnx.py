"""ONNX models as teachers, and those that are not run."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from coopdistill import CooperativeDistillation, Participant
from coopdistill.exceptions import LearnerError, LearnerFailure
from coopdistill.learners import OnnxLearner, as_learner
from coopdistill.learners.checks import learner_checks
from coopdistill.schema import infer_feature_space

onnx = pytest.importorskip("onnx", reason="onnx is an extra; see make test-learners")
pytest.importorskip("onnxruntime", reason="onnxruntime is an extra; see make test-learners")
skl2onnx = pytest.importorskip("skl2onnx", reason="makes the models; see make test-learners")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402 (after it is known to be there)

RNG = np.random.default_rng(0)
A = RNG.normal(size=(90, 3)).astype(np.float32)
TEXT = np.array(["low", "mid", "top"], dtype=object)[np.digitize(A[:, 0], [-0.5, 0.5])]
FRAME = pd.DataFrame(
    {"dose": A[:, 0], "years": np.arange(90), "region": np.where(A[:, 1] > 0, "north", "south").astype(object)}
)


CUBE = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2, 2])


def exported(model: Any, y: Any = TEXT, *, maps: bool = False) -> Any:
    model.fit(A, y)
    options = {id(model): {"zipmap": maps}} if hasattr(model, "predict_proba") else None
    return skl2onnx.to_onnx(model, A[:1], options=options)


def forest_bytes() -> bytes:
    return bytes(exported(RandomForestClassifier(3, random_state=0)).SerializeToString())


def graph_of(
    nodes: list[Any], *, shape: Any = ("n", 3), outputs: Any = None, initializers: Any = (), opsets: Any = (("", 17),)
) -> Any:
    found = outputs or [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2])]
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "made", [rows], found, initializer=list(initializers))
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def linear(*, weights: Any = None, then: tuple[str, ...] = ("Softmax",), **more: Any) -> Any:
    matrix = numpy_helper.from_array(np.eye(3, 2, dtype=np.float32) if weights is None else weights, "weights")
    names = ["rows", *(f"step{i}" for i in range(len(then))), "scores"]
    nodes = [helper.make_node("MatMul", ["rows", "weights"], [names[1]])]
    nodes += [helper.make_node(op, [names[i + 1]], [names[i + 2]]) for i, op in enumerate(then)]
    return graph_of(nodes, initializers=[matrix], **more)


@pytest.mark.parametrize("maps", [False, True])
@pytest.mark.parametrize(
    ("model", "y"),
    [
        (LogisticRegression(), TEXT),
        (RandomForestClassifier(3, random_state=0), np.digitize(A[:, 0], [-0.5, 0.5]) * 10),
        (RandomForestClassifier(3, random_state=0), (A[:, 0] > 0).astype(int)),
    ],
)
def test_a_classifier_says_what_it_said_before_it_was_exported(model: Any, y: Any, maps: bool) -> None:
    learner = as_learner(exported(model, y, maps=maps))
    assert isinstance(learner, OnnxLearner)
    assert learner.classes.tolist() == model.classes_.tolist()
    assert np.allclose(learner.scores(A), model.predict_proba(A), atol=1e-6)
    assert np.array_equal(learner.predict(A), model.predict(A))
    assert learner.n_features_in_ == 3


def test_a_regressor_predicts_values() -> None:
    model = RandomForestRegressor(3, random_state=0)
    learner = as_learner(exported(model, A[:, 0]).SerializeToString())
    assert learner.task == "regression"
    assert np.allclose(learner.predict(A), model.predict(A), atol=1e-6)


def test_one_input_a_column_takes_text_and_numbers_by_name() -> None:
    columns = make_column_transformer((StandardScaler(), ["dose", "years"]), (OneHotEncoder(), ["region"]))
    model = make_pipeline(columns, LogisticRegression()).fit(FRAME, TEXT)
    learner = as_learner(skl2onnx.to_onnx(model, FRAME[:1]))
    assert learner.estimator.feature_names_in_.tolist() == list(FRAME)
    assert np.allclose(learner.scores(FRAME[["region", "years", "dose"]]), model.predict_proba(FRAME), atol=1e-5)
    with pytest.raises(LearnerError, match=r"input 'region' .* takes no missing values"):
        learner.scores(FRAME.assign(region=None))


def test_probabilities_of_the_second_class_alone_are_completed() -> None:
    shape = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 1])]
    model = linear(weights=np.ones((3, 1), dtype=np.float32), then=("Sigmoid",), outputs=shape)
    learner = OnnxLearner(model.SerializeToString(), classes=["well", "ill"], feature_names=["a", "b", "c"])
    assert np.allclose(learner.scores(A)[:, 1], 1 / (1 + np.exp(-A.sum(axis=1))), atol=1e-6)


@pytest.mark.parametrize(
    "check",
    [
        pytest.param(check, id=name)
        for name, check in learner_checks(
            lambda: OnnxLearner(linear().SerializeToString(), classes=["no", "yes"], feature_names=["a", "b", "c"])
        )
    ],
)
def test_it_keeps_the_contract_of_those_that_only_teach(check: Callable[[], None]) -> None:
    check()


def test_it_travels_between_processes() -> None:
    learner = OnnxLearner(forest_bytes())
    for there in (pickle.loads(pickle.dumps(learner)), copy.deepcopy(learner)):
        assert np.array_equal(there.scores(A), learner.scores(A))


def external() -> Any:
    model = linear()
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    entry = weights.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    return model


def external_in_a_branch() -> Any:
    hidden = copy.deepcopy(external().graph.initializer[0])
    value = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2])
    branch = helper.make_graph(
        [helper.make_node("MatMul", ["rows", "weights"], ["inner"])],
        "branch",
        [],
        [helper.make_tensor_value_info("inner", TensorProto.FLOAT, ["n", 2])],
        initializer=[hidden],
    )
    true = numpy_helper.from_array(np.array(True), "true")
    node = helper.make_node("If", ["true"], ["scores"], then_branch=branch, else_branch=branch)
    return graph_of([node], initializers=[true], outputs=[value])


def custom(opsets: Any) -> Any:
    return graph_of([helper.make_node("Steal", ["rows"], ["scores"], domain="com.example")], opsets=opsets)


def with_function() -> Any:
    model = linear()
    body = [helper.make_node("Identity", ["x"], ["z"])]
    model.functions.append(helper.make_function("", "Mine", ["x"], ["z"], body, [helper.make_opsetid("", 17)]))
    return model


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (external, r"keeps the tensor 'weights' in another file, which is never read"),
        (external_in_a_branch, r"keeps the tensor 'weights' in another file"),
        (
            lambda: custom([("", 17), ("com.example", 1)]),
            r"needs operators of 'com.example', and only those of ai.onnx",
        ),
        (lambda: custom([("", 17)]), r"holds the custom operator 'Steal' of 'com.example'"),
        (with_function, r"defines a function of its own, 'Mine'"),
        (lambda: linear(then=("Nonsense",)), r"the ONNX model is not valid"),
        (lambda: linear(shape=(1, 3)), r"input 'rows' .* takes exactly 1 rows at once; export it with a dynamic"),
        (lambda: linear(shape=("n", 2, 3), outputs=[CUBE]), r"input 'rows' .* has shape .*; it must be rows × columns"),
    ],
)
def test_what_reaches_beyond_its_bytes_is_not_run(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(LearnerError, match=message):
        OnnxLearner(make().SerializeToString(), classes=["no", "yes"])


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_file_is_refused(share: float) -> None:
    data = forest_bytes()
    with pytest.raises(LearnerError, match="ONNX model"):
        OnnxLearner(data[: int(share * len(data))])


def test_a_file_that_is_something_else_is_refused() -> None:
    with pytest.raises(LearnerError, match=r"the bytes are no ONNX model, or a damaged one|not valid"):
        as_learner(b"PK\x03\x04 not this one")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"max_bytes": 100}, r"has \d+ bytes, more than max_bytes=100"),
        ({"classes": ["low", "top"]}, r"classes=\['low', 'top'\], and the ONNX model has 3: \['low', 'mid', 'top'\]"),
        ({"feature_names": ["dose"]}, r"feature_names holds 1 names, and the ONNX model takes 3 columns"),
    ],
)
def test_a_declaration_that_contradicts_the_model_is_named(more: dict[str, Any], message: str) -> None:
    with pytest.raises(LearnerError, match=message):
        OnnxLearner(forest_bytes(), **more)


def test_a_path_is_not_read() -> None:
    with pytest.raises(LearnerError, match=r"model must be the bytes of a .onnx file, got str; read the file first"):
        OnnxLearner("model.onnx")  # type: ignore[arg-type]


def test_classes_may_be_renamed_and_must_be_known() -> None:
    assert OnnxLearner(forest_bytes(), classes=["a", "b", "c"]).classes.tolist() == ["a", "b", "c"]
    label = helper.make_tensor_value_info("label", TensorProto.INT64, ["n"])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2])
    model = linear(outputs=[label, scores])
    model.graph.node.append(helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0))
    with pytest.raises(LearnerError, match="does not name its classes; pass classes="):
        OnnxLearner(model.SerializeToString())


def test_margins_are_no_probabilities() -> None:
    learner = OnnxLearner(linear(then=("Identity",)).SerializeToString(), classes=["no", "yes"])
    with pytest.raises(LearnerFailure, match=r"probabilities lie between 0 and 1 .*softmax|must sum to one"):
        learner.scores(A)


def test_rows_of_another_width_are_named() -> None:
    with pytest.raises(LearnerError, match="the rows have 2 columns, and the ONNX model takes 3"):
        OnnxLearner(forest_bytes()).scores(A[:, :2])


@pytest.mark.parametrize("library", ["onnx", "onnxruntime"])
def test_a_missing_library_is_named_with_its_extra(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = forest_bytes()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(LearnerError, match=rf"needs {library}; install it by: pip install 'coopdistill\[onnx\]'"):
        OnnxLearner(data)


def test_it_teaches() -> None:
    rows = pd.DataFrame(A.astype(np.float64), columns=["dose", "age", "years"])
    wrong = np.where(RNG.random(40) < 0.4, "mid", TEXT[:40]).astype(object)
    teacher = OnnxLearner(forest_bytes(), feature_names=list(rows))
    cooperation = CooperativeDistillation(random_state=0).fit(
        [
            Participant("south", GaussianNB(), rows.iloc[:40], wrong),
            Participant("north", teacher, feature_space=infer_feature_space(rows)),
        ]
    )
    assert cooperation.transfers_.query("teacher == 'north'")["kept"].sum() > 0
