"""Files whose every checksum is right, written by someone who means harm: nothing of them is made, or asked."""

from __future__ import annotations

import io
import json
import pickle
import re
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.metrics import make_scorer
from sklearn.model_selection import RepeatedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from archives import with_schema
from coopdistill import CooperativeClassifier
from coopdistill.exceptions import SavingError
from coopdistill.saving.compiled_parts import check_compiled_parts
from coopdistill.saving.model_files import MAIN, dump_files, load_files
from coopdistill.saving.placeholder import Placeholder
from coopdistill.saving.skops_file import dump_skops, load_skops
from coopdistill.saving.trusted_types import TRUSTED

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)


def loads(content: bytes) -> Any:
    return load_files({MAIN: content})


class Harm:
    """Would leave a trace if it were made."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("code was run",))


def made_of(model: Any, **attributes: Any) -> Any:
    vars(model).update(attributes)
    return model


@pytest.mark.parametrize(
    "made",
    [
        FunctionTransformer(eval),
        FunctionTransformer(print),
        FunctionTransformer(skops.io.load),
        FunctionTransformer(np.load),
        ColumnTransformer([("a", FunctionTransformer(exec), [0])]),
        Placeholder("XGBoost", "0.xgboost.json", {"attributes": {"callback": print}}),
        make_scorer(eval),
        made_of(RepeatedKFold(), cv=eval),
        made_of(CooperativeClassifier([]), named_estimators_={"a": FunctionTransformer(eval)}),
    ],
    ids=["eval", "print", "skops", "numpy", "inside", "in a placeholder", "scorer", "splitter", "ensemble"],
)
def test_functions_are_not_made(made: Any) -> None:
    content = skops.io.dumps(made)
    with pytest.raises(SavingError, match=r"'model\.skops' cannot be loaded: it would make .* not trusted"):
        loads(content)
    with pytest.raises(SavingError, match="all else, such as functions and classes of your own, may be code"):
        dump_skops(made)


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("builtins", "eval"), ("subprocess", "Popen"), ("coopdistill.saving.archive", "write_file")],
)
def test_a_type_that_somebody_wrote_in_is_named(module: str, name: str) -> None:
    def change(schema: Any) -> Any:
        return {**schema, "__module__": module, "__class__": name}

    content = with_schema(dump_skops(DecisionTreeClassifier().fit(X, Y)), change)
    with pytest.raises(SavingError, match=re.escape(f"not trusted: {module}.{name}")):
        loads(content)


def test_pickles_within_arrays_are_not_read() -> None:
    content = skops.io.dumps(np.arange(3))
    buffer = io.BytesIO()
    array = io.BytesIO()
    np.lib.format.write_array_header_1_0(array, {"descr": "|O", "fortran_order": False, "shape": (1,)})
    array.write(pickle.dumps(Harm()))
    with zipfile.ZipFile(io.BytesIO(content)) as opened, zipfile.ZipFile(buffer, "w") as made:
        for name in opened.namelist():
            made.writestr(name, array.getvalue() if name.endswith(".npy") else opened.read(name))
    with pytest.raises(SavingError, match="allow_pickle=False"):
        loads(buffer.getvalue())


def test_a_shape_beyond_all_memory_is_refused() -> None:
    content = skops.io.dumps(np.arange(3))
    buffer, array = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(array, {"descr": "<f8", "fortran_order": False, "shape": (2**40, 2**20)})
    with zipfile.ZipFile(io.BytesIO(content)) as opened, zipfile.ZipFile(buffer, "w") as made:
        for name in opened.namelist():
            made.writestr(name, array.getvalue() if name.endswith(".npy") else opened.read(name))
    with pytest.raises(SavingError, match=r"'model\.skops' cannot be loaded"):
        loads(buffer.getvalue())


def test_the_types_that_are_trusted_are_there_and_run_nothing() -> None:
    """A name that is gone could be taken by something else."""
    import importlib

    missing = []
    for name in TRUSTED:
        module, _, kind = name.rpartition(".")
        try:
            found = getattr(importlib.import_module(module), kind)
        except (ImportError, AttributeError):
            missing.append(name)
            continue
        assert callable(found)
        assert found.__module__.split(".")[0] in ("sklearn", "numpy", "functools", "coopdistill")
    assert len(missing) <= 4  # versions of scikit-learn differ in these


def of_nodes(tree: Any, **changed: Any) -> None:
    """Write into a tree's nodes, through the state that a file holds."""
    state = tree.__getstate__()
    for field, (at, value) in changed.items():
        state["nodes"][field][at] = value
    tree.__setstate__(state)


def tree() -> DecisionTreeClassifier:
    return DecisionTreeClassifier(random_state=0).fit(X, Y)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"left_child": (0, 10**6)}, "leads out of itself"),
        ({"right_child": (0, 0)}, "leads out of itself"),
        ({"left_child": (0, -5)}, "leads out of itself"),
        ({"feature": (0, 3)}, "asks for a feature"),
        ({"feature": (0, -7)}, "asks for a feature"),
    ],
    ids=["beyond", "circle", "before", "feature", "negative feature"],
)
def test_trees_stay_inside_themselves(changed: Any, message: str) -> None:
    single, forest = tree(), RandomForestClassifier(2, random_state=0).fit(X, Y)
    boosting = GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, Y)
    of_nodes(single.tree_, **changed)
    of_nodes(forest.estimators_[1].tree_, **changed)
    of_nodes(boosting.estimators_[1, 0].tree_, **changed)
    for model in (single, forest, boosting):
        with pytest.raises(SavingError, match=message):
            loads(skops.io.dumps(model))


def narrow(model: Any) -> Any:
    """Say of a model that it takes fewer columns than its trees ask for."""
    model.n_features_in_ = 1
    return model


@pytest.mark.parametrize(
    "model",
    [
        narrow(tree()),
        narrow(RandomForestClassifier(2, random_state=0).fit(X, Y)),
        narrow(GradientBoostingClassifier(n_estimators=2).fit(X, Y)),
        narrow(HistGradientBoostingClassifier(max_iter=2).fit(X, Y)),
        narrow(SVC().fit(X, Y)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_rows_narrower_than_the_model_are_not_read_past_their_end(model: Any) -> None:
    with pytest.raises(SavingError, match=r"'model\.skops' cannot be loaded"):
        loads(skops.io.dumps(model))


def histogram_boosting() -> Any:
    regions = np.digitize(X[:, 0], [-0.5, 0.5])
    model = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=2, categorical_features=[0])
    return model.fit(np.column_stack([regions, X[:, 1:]]), regions == 1)


@pytest.mark.parametrize(
    ("field", "value"), [("left", 10**6), ("right", 0), ("feature_idx", 77), ("bitset_idx", 10**6)]
)
def test_histogram_boosting_stays_inside_itself(field: str, value: int) -> None:
    model = histogram_boosting()
    nodes = model._predictors[0][0].nodes
    assert nodes["is_categorical"][0]
    nodes[field][0] = value
    with pytest.raises(SavingError, match="a tree in it"):
        loads(skops.io.dumps(model))


def with_too_few_classes(model: Any) -> Any:
    model._predictors[0] = model._predictors[0] * 2
    return model


def loose_tree(model: Any) -> Any:
    model.other_ = model.tree_
    del model.tree_
    return model


def short(model: Any, name: str) -> Any:
    vars(model)[name] = vars(model)[name][:-1]
    return model


@pytest.mark.parametrize(
    "model",
    [
        with_too_few_classes(histogram_boosting()),
        loose_tree(tree()),
        short(SVC().fit(X, Y), "_n_support"),
        short(SVC().fit(X, Y), "support_"),
        short(SVC().fit(X, Y), "_intercept_"),
        short(KNeighborsClassifier().fit(X, Y), "_y"),
    ],
    ids=["more trees a round", "a tree elsewhere", "n_support", "support", "intercept", "labels"],
)
def test_parts_that_contradict_each_other_are_refused(model: Any) -> None:
    with pytest.raises(SavingError, match=r"'model\.skops' cannot be loaded: it is damaged or was changed"):
        loads(skops.io.dumps(model))


def test_an_index_of_neighbours_is_not_believed() -> None:
    model = KNeighborsClassifier(algorithm="kd_tree").fit(X, Y)
    answer = model.kneighbors(X)
    state = list(model._tree.__getstate__())
    state[1] = np.asarray(state[1]) + 10**6
    model._tree.__setstate__(tuple(state))
    loaded = loads(skops.io.dumps(model))
    for before, after in zip(answer, loaded.kneighbors(X), strict=True):
        assert np.array_equal(before, after)


@given(st.sampled_from(["left_child", "right_child", "feature"]), st.integers(0, 6), st.integers(-(2**31), 2**31))
def test_a_tree_that_passes_ends_in_a_leaf(field: str, at: int, value: int) -> None:
    model = tree()
    n_nodes = model.tree_.node_count
    of_nodes(model.tree_, **{field: (at % n_nodes, value)})
    try:
        check_compiled_parts(model)
    except ValueError:
        return
    left, right, feature = model.tree_.children_left, model.tree_.children_right, model.tree_.feature
    reached, waiting = 0, [0]
    while waiting:
        node = waiting.pop()
        reached += 1
        assert 0 <= node < n_nodes
        assert reached <= 2**n_nodes
        if left[node] != -1:
            assert 0 <= feature[node] < 3
            waiting += [left[node], right[node]]


# What compiled parsers of other libraries would follow.


def lightgbm_files() -> dict[str, bytes]:
    lightgbm = pytest.importorskip("lightgbm", reason="the boosters are extras; see make test-learners")
    model = lightgbm.LGBMClassifier(n_estimators=2, min_child_samples=3, n_jobs=1, verbosity=-1)
    return dump_files(model.fit(X, Y))


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"^left_child=\S+", "left_child=99999"),
        (r"^left_child=\S+", "left_child=-99999"),
        (r"^right_child=\S+", "right_child=0"),
        (r"^leaf_weight=\S+ ", "leaf_weight="),
        (r"^internal_count=\S+ ", "internal_count="),
        (r"^split_feature=\S+", "split_feature=3"),
        (r"^split_feature=\S+", "split_feature=-1"),
        (r"^num_leaves=\d+", "num_leaves=100000"),
        (r"^num_leaves=\d+", "num_leaves=1"),
        (r"^num_cat=0", "num_cat=3"),
        (r"^decision_type=\S+", "decision_type=1"),
        (r"^tree_sizes=\d+", "tree_sizes=99999999"),
        (r"^tree_sizes=\d+ \d+", "tree_sizes=1"),
        (r"^max_feature_idx=2", "max_feature_idx=9"),
        (r"^num_tree_per_iteration=1", "num_tree_per_iteration=7"),
        (r"^Tree=1$", "Tree=0"),
        (r"^is_linear=0", "is_linear=1"),
        (r"^end of trees$", ""),
    ],
)
def test_text_of_lightgbm_is_checked_before_lightgbm_reads_it(
    pattern: str, instead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = lightgbm_files()
    before = files["0.lightgbm.txt"].decode()
    after = re.sub(pattern, instead, before, count=1, flags=re.MULTILINE)
    assert after != before
    if "tree_sizes" not in pattern:
        after = with_sizes(after)  # which an attacker would see to
    monkeypatch.setattr("coopdistill.saving.foreign.lightgbm._booster", lambda *given: pytest.fail("was read"))
    with pytest.raises(SavingError, match=r"'0\.lightgbm\.txt' cannot be loaded: it is damaged"):
        load_files({**files, "0.lightgbm.txt": after.encode()})


def with_sizes(text: str) -> str:
    _, *trees = text.partition("end of trees")[0].split("\nTree=")
    sizes = [len("Tree=" + tree) + (i < len(trees) - 1) for i, tree in enumerate(trees)]
    return re.sub(r"^tree_sizes=.*$", "tree_sizes=" + " ".join(map(str, sizes)), text, count=1, flags=re.MULTILINE)


def test_the_sizes_of_an_unchanged_text_are_its_own() -> None:
    text = lightgbm_files()["0.lightgbm.txt"].decode()
    assert with_sizes(text) == text


def xgboost_files() -> dict[str, bytes]:
    xgboost = pytest.importorskip("xgboost", reason="the boosters are extras; see make test-learners")
    return dump_files(xgboost.XGBClassifier(n_estimators=2, max_depth=2, n_jobs=1).fit(X, Y))


def of_tree(name: str, value: Any) -> Callable[[Any], None]:
    def change(learner: Any) -> None:
        tree = learner["gradient_booster"]["model"]["trees"][1]
        tree[name] = value(tree[name]) if callable(value) else value

    return change


def of_model(name: str, value: Any) -> Callable[[Any], None]:
    def change(learner: Any) -> None:
        learner["gradient_booster"]["model"][name] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        of_tree("left_children", lambda old: [10**6, *old[1:]]),
        of_tree("right_children", lambda old: [0, *old[1:]]),
        of_tree("split_indices", lambda old: [3, *old[1:]]),
        of_tree("split_indices", lambda old: [-1, *old[1:]]),
        of_tree("left_children", lambda old: old[:-1]),
        of_tree("split_type", lambda old: [1, *old[1:]]),
        of_tree("categories_nodes", [99]),
        of_tree("tree_param", {"num_nodes": "9999", "num_feature": "3", "size_leaf_vector": "1"}),
        of_tree("sum_hessian", lambda old: old[1:]),
        of_tree("left_children", "text"),
        of_model("tree_info", [0, 7]),
        of_model("tree_info", [0]),
        of_model("iteration_indptr", [0, 1, 99]),
        of_model("gbtree_model_param", {"num_trees": "7"}),
    ],
)
def test_json_of_xgboost_is_checked_before_xgboost_reads_it(
    change: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = xgboost_files()
    model = json.loads(files["0.xgboost.json"])
    change(model["learner"])
    pytest.importorskip("xgboost")
    monkeypatch.setattr("xgboost.Booster", lambda *given, **options: pytest.fail("was read"))
    with pytest.raises(SavingError, match=r"'0\.xgboost\.json' cannot be loaded"):
        load_files({**files, "0.xgboost.json": json.dumps(model).encode()})


def test_a_damaged_catboost_model_is_named() -> None:
    catboost = pytest.importorskip("catboost", reason="the boosters are extras; see make test-learners")
    model = catboost.CatBoostClassifier(iterations=2, verbose=False, allow_writing_files=False)
    files = dump_files(model.fit(X, Y))
    for content in (files["0.catboost.cbm"][:100], b"CBM1" + bytes(50)):
        with pytest.raises(SavingError, match=r"'0\.catboost\.cbm' cannot be loaded"):
            load_files({**files, "0.catboost.cbm": content})


@pytest.mark.parametrize(
    ("state", "kind", "file"),
    [
        ({"class": "Booster", "attributes": {}}, "XGBoost", "0.xgboost.json"),
        ({"class": "XGBClassifier"}, "XGBoost", "0.xgboost.json"),
        ({"class": "XGBClassifier", "attributes": {}}, "pickle", "0.xgboost.json"),
        ({"class": "XGBClassifier", "attributes": {}}, "XGBoost", "../../elsewhere"),
        ({"class": "XGBClassifier", "attributes": {}}, "XGBoost", 7),
    ],
)
def test_a_placeholder_stands_for_known_models_in_known_files(state: Any, kind: str, file: Any) -> None:
    files = xgboost_files()
    files[MAIN] = dump_skops(Placeholder(kind, file, state))
    with pytest.raises(SavingError, match="cannot be loaded"):
        load_files(files)


def test_what_skops_would_refuse_is_not_loaded_by_us() -> None:
    content = dump_skops(tree())
    assert isinstance(load_skops(content), DecisionTreeClassifier)
    with pytest.raises(SavingError, match="unpack to"):
        load_files({MAIN: content}, max_bytes=10)
