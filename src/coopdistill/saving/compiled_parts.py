"""Parts of scikit-learn's models that compiled code follows without looking where it goes."""

from __future__ import annotations

from typing import Any

import numpy as np

from coopdistill.saving.object_graph import parts_of
from coopdistill.saving.tree_positions import check_positions

__all__ = ["check_compiled_parts"]


def check_compiled_parts(model: Any) -> None:
    """Refuse a loaded model whose trees lead out of themselves, and index its nearest neighbours anew.

    Parameters
    ----------
    model : object
        As skops made it. Indexes in it are replaced by those that its rows give, which are the same.

    Raises
    ------
    ValueError
        If a part contradicts another, so that asking it could read or write beyond what is there.
    """
    from sklearn.neighbors import BallTree, KDTree
    from sklearn.tree._tree import Tree

    owned: set[int] = set()
    met: list[Any] = []
    for part in parts_of(model, whole=lambda part: isinstance(part, Tree | KDTree | BallTree)):
        if isinstance(part, Tree | KDTree | BallTree) or type(part).__name__ == "TreePredictor":
            met.append(part)
            continue
        owned |= _checked(part)
    if any(id(part) not in owned for part in met):
        raise ValueError("a tree in it stands where scikit-learn has none")


def _checked(part: Any) -> set[int]:
    """Check one estimator and return the ids of the compiled parts that it answers for."""
    held = getattr(part, "__dict__", {})
    if "tree_" in held:
        _check_tree(part)
        return {id(held["tree_"])}
    if "_predictors" in held:
        _check_predictors(part)
        return {id(tree) for row in held["_predictors"] for tree in row}
    if "_fit_X" in held:
        _index_anew(part)
        return {id(held.get("_tree"))}
    if "estimators_" in held:
        _check_ensemble(part)
    if "support_vectors_" in held:
        _check_support_vectors(part)
    return set()


def _check_tree(part: Any) -> None:
    tree = part.tree_
    if tree.n_features != part.n_features_in_:
        raise ValueError(f"a tree in it is of {tree.n_features} features and says {part.n_features_in_}")
    left = tree.children_left
    check_positions(left, tree.children_right, tree.feature, tree.n_features, leaf=left == -1)


def _check_predictors(part: Any) -> None:
    """Check histogram gradient boosting."""
    n_features = part.n_features_in_
    by_category = part._bin_mapper.is_categorical_
    if len(by_category) != n_features:
        raise ValueError(f"it has bins of {len(by_category)} features and says {n_features}")
    for row in part._predictors:
        if len(row) != part.n_trees_per_iteration_:
            raise ValueError(f"a round of it has {len(row)} trees and says {part.n_trees_per_iteration_}")
        for tree in row:
            nodes, leaf = tree.nodes, tree.nodes["is_leaf"].astype(bool)
            check_positions(nodes["left"], nodes["right"], nodes["feature_idx"], n_features, leaf=leaf)
            split = nodes[nodes["is_categorical"].astype(bool) & ~leaf]
            sets = tree.raw_left_cat_bitsets
            if not by_category[split["feature_idx"]].all() or (split["bitset_idx"] >= len(sets)).any():
                raise ValueError("a tree in it asks for categories that are not there")
            if sets.ndim != 2 or sets.shape[1] != 8:
                raise ValueError(f"a tree in it has categories of shape {sets.shape}")


def _check_ensemble(part: Any) -> None:
    """Check that all trees of a forest, or of gradient boosting, ask rows of the ensemble's own width."""
    from sklearn.ensemble import BaggingClassifier, BaggingRegressor, BaseEnsemble

    if not isinstance(part, BaseEnsemble) or isinstance(part, BaggingClassifier | BaggingRegressor):
        return  # these hand each member rows by a method that checks them
    members = np.asarray(part.estimators_, dtype=object)
    widths = {getattr(member, "n_features_in_", part.n_features_in_) for member in members.ravel()}
    if widths - {part.n_features_in_}:
        raise ValueError(f"an ensemble in it is of {part.n_features_in_} features and its members of {sorted(widths)}")
    per_round = getattr(part, "n_trees_per_iteration_", None)
    if members.ndim == 2 and per_round is not None and members.shape[1] != per_round:
        raise ValueError(f"a round of it has {members.shape[1]} trees and says {per_round}")


def _check_support_vectors(part: Any) -> None:
    vectors, per_class = part.support_vectors_, np.asarray(part._n_support)
    n, n_classes = vectors.shape[0], len(per_class)
    pairs = n_classes * (n_classes - 1) // 2
    is_classifier = hasattr(part, "classes_")
    wrong = (
        (is_classifier and (int(per_class.sum()) != n or (per_class < 0).any() or len(part.classes_) != n_classes))
        or n_classes < 2
        or part._dual_coef_.shape != (n_classes - 1, n)
        or len(part._intercept_) != pairs
        or any(len(part.__dict__.get(name, ())) not in (0, pairs) for name in ("_probA", "_probB"))
        or (not part._sparse and (len(part.support_) != n or vectors.shape[1] not in (part.n_features_in_, 0)))
    )
    if wrong:
        raise ValueError("a support vector machine in it has other vectors than it names")


def _index_anew(part: Any) -> None:
    """Build the index of nearest neighbours from the rows, rather than believe the one in the file."""
    labels = part.__dict__.get("_y")
    n_rows = part._fit_X.shape[0]
    if labels is not None and len(labels) != n_rows:
        raise ValueError(f"it has {n_rows} neighbours and {len(labels)} labels")
    if getattr(part, "_tree", None) is not None:
        kind, options = type(part._tree), part.effective_metric_params_ or {}
        part._tree = kind(part._fit_X, part.leaf_size, metric=part.effective_metric_, **options)
