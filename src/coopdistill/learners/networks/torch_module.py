"""A bare module of PyTorch with its loss and optimiser, as an estimator."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator
from sklearn.utils.metaestimators import available_if

from coopdistill.exceptions import LearnerError, OptionError
from coopdistill.extra import import_extra
from coopdistill.learners.libraries.library import Library
from coopdistill.learners.libraries.preprocessing import last_step
from coopdistill.learners.libraries.validation_rows import ValidationRows, hold_out
from coopdistill.learners.networks.skorch_net import as_single_precision
from coopdistill.learners.networks.torch_training import (
    TrainingPlan,
    as_criterion,
    outputs_of,
    reset_weights,
    train,
    usable_device,
)
from coopdistill.learners.scikit_learn import ScikitLearnLearner
from coopdistill.options import check_whole
from coopdistill.schema import Table

__all__ = ["TorchLearner", "TorchModule", "ends_in_torch_module"]


class TorchModule(BaseEstimator):
    """A bare module of PyTorch with its loss and optimiser, with scikit-learn's interface.

    Rows go in as single precision. A module of as many outputs as classes has its probabilities by softmax, one of a
    single output and two classes by the logistic function; so it returns logits, not probabilities.

    Parameters
    ----------
    module : torch.nn.Module or callable
        A copy is trained, its weights drawn anew. A callable, such as a class of modules, gets the numbers of features
        and of outputs and returns one; its weights are taken as they are. Only so can a class be learned that the
        first rows did not have.
    task : {"classification", "regression"}, default="classification"
    classes : sequence, optional
        Labels in the order of the outputs. Default: those of the rows, sorted.
    criterion : class, object or callable, optional
        Loss of outputs and targets. Default: cross entropy; in regression, mean squared error.
    optimizer : callable, optional
        From the module's parameters to an optimiser, such as ``torch.optim.SGD`` or a ``functools.partial`` of one.
        Default: Adam.
    learning_rate : float, optional
        Handed to the optimiser as ``lr``. Default: its own.
    max_epochs : int, default=100
    batch_size : int, default=64
    patience : int, optional
        Epochs after which training stops if the loss on a fifth of the rows, which are held out for that, did not
        fall; the best weights are kept. In a cooperation these are own rows, never virtual ones. Default: all
        epochs, on all rows.
    device : str, default="auto"
        ``"auto"``: a GPU where there is one.
    random_state : int, optional
        Seed of weights, batches and dropout. None draws one. PyTorch's own random numbers stay where they are.

    Attributes
    ----------
    module_ : torch.nn.Module
        Trained.
    classes_ : ndarray of shape (n_classes,)
    n_epochs_ : int

    See Also
    --------
    coopdistill.learners.as_learner : Takes nets of skorch, too.

    Examples
    --------
    >>> import torch  # doctest: +SKIP
    >>> module = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))  # doctest: +SKIP
    >>> net = TorchModule(module, optimizer=torch.optim.SGD, learning_rate=0.1, patience=5)  # doctest: +SKIP
    """

    def __init__(
        self,
        module: Any,
        *,
        task: str = "classification",
        classes: Any = None,
        criterion: Any = None,
        optimizer: Any = None,
        learning_rate: float | None = None,
        max_epochs: int = 100,
        batch_size: int = 64,
        patience: int | None = None,
        device: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.module = module
        self.task = task
        self.classes = classes
        self.criterion = criterion
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.patience = patience
        self.device = device
        self.random_state = random_state

    def fit(
        self,
        X: Table,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Table | None = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> TorchModule:
        """Train a fresh copy of the module.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_rows, n_features)
            Numbers.
        y : array-like of shape (n_rows,)
        sample_weight : array-like of shape (n_rows,), optional
        X_val, y_val, sample_weight_val : optional
            Rows to stop by. Default: a fifth of the others, where `patience` is given.

        Returns
        -------
        TorchModule
            Itself.

        Raises
        ------
        LearnerError
            If PyTorch or the device is absent, or the module does not fit the rows.
        OptionError
            If a parameter is outside of what it allows.
        """
        self._check()
        matrix, target = as_single_precision(X), np.asarray(y)
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float32)
        validation = None
        if X_val is not None:
            held_weight = None if sample_weight_val is None else np.asarray(sample_weight_val, dtype=np.float32)
            validation = (as_single_precision(X_val), np.asarray(y_val), held_weight)
        rows = (matrix, target, weight)
        if validation is None and self.patience is not None:
            rows, validation = self._split(rows)
        self._know(
            X if hasattr(X, "shape") else matrix, None if self.task == "regression" else self._classes_of(target)
        )
        with self._seeded():
            self._train(rows, validation)
        return self

    def initialize(self, feature_names: Any = None) -> TorchModule:
        """Take the module as it is, already trained; it teaches, and is trained anew when it is refitted.

        Parameters
        ----------
        feature_names : sequence of str, optional
            Its columns, in order.

        Returns
        -------
        TorchModule
            Itself.
        """
        self._check()
        if self.task == "classification" and self.classes is None:
            raise OptionError("classes=None: a module that is trained already cannot say its classes; pass classes=[…]")
        if not hasattr(self.module, "parameters") or isinstance(self.module, type):
            raise LearnerError(f"module={self.module!r} makes a module; only a module can be taken as it is")
        frame = None if feature_names is None else pd.DataFrame(columns=list(feature_names))
        self._know(frame, None if self.task == "regression" else _as_labels(self.classes))
        self.device_ = usable_device(self.device)
        self.module_ = copy.deepcopy(self.module).to(self.device_).eval()
        self.n_epochs_ = 0
        return self

    def infer(self, rows: Any) -> Any:
        """Return the module's outputs of a tensor of rows."""
        return self.module_(rows)

    def predict(self, X: Table) -> NDArray[Any]:
        """Return class labels, or values, shape (n_rows,)."""
        if self.task == "regression":
            return self._outputs(X)[:, 0]
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    @available_if(lambda self: self.task == "classification")  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def predict_proba(self, X: Table) -> NDArray[np.float64]:
        """Return probabilities in the order of `classes_`, shape (n_rows, n_classes)."""
        outputs = self._outputs(X)
        if outputs.shape[1] == 1:
            return np.column_stack([expit(-outputs[:, 0]), expit(outputs[:, 0])])
        return np.asarray(softmax(outputs, axis=1))

    def _outputs(self, X: Table) -> NDArray[np.float64]:
        matrix = as_single_precision(X)
        n_features = getattr(self, "n_features_in_", matrix.shape[1])
        if matrix.shape[1] != n_features:
            raise ValueError(f"X has {matrix.shape[1]} columns; the module was trained on {n_features}")
        return outputs_of(self.module_, matrix, self.device_)

    def _check(self) -> None:
        import_extra("torch", "torch", what="TorchModule")
        if self.task not in ("classification", "regression"):
            raise OptionError(f"task={self.task!r} must be 'classification' or 'regression'")
        for name in ("max_epochs", "batch_size", "patience"):
            value = getattr(self, name)
            if value is not None:
                check_whole(name, value, least=1)
        if not callable(self.module):
            raise LearnerError(f"module={self.module!r} must be a torch.nn.Module, or a function that makes one")
        if hasattr(self.optimizer, "param_groups"):
            raise LearnerError(
                f"optimizer is a {type(self.optimizer).__name__} made for another module's weights; "
                f"pass its class, torch.optim.{type(self.optimizer).__name__}, or a functools.partial of it"
            )

    def _know(self, X: Any, classes: NDArray[Any] | None) -> None:
        """Remember what scikit-learn's estimators remember."""
        if classes is not None:
            self.classes_ = classes
        self.__dict__.pop("feature_names_in_", None)
        if X is not None:
            self.n_features_in_ = X.shape[1]
        if isinstance(X, pd.DataFrame):
            self.feature_names_in_ = np.array(X.columns, dtype=object)

    def _classes_of(self, y: NDArray[Any]) -> NDArray[Any]:
        present = np.unique(y)
        if self.classes is None:
            return present
        declared = _as_labels(self.classes)
        unknown = sorted(set(present.tolist()) - set(declared.tolist()), key=str)
        if unknown:
            raise LearnerError(f"y holds {unknown[0]!r}, which is not among classes={self.classes!r}")
        return declared

    def _split(self, rows: tuple[Any, Any, Any]) -> tuple[tuple[Any, Any, Any], tuple[Any, Any, Any] | None]:
        seed = self.random_state if self.random_state is not None else int(np.random.default_rng().integers(2**31))
        held_out = hold_out(rows[1], None, seed=seed, by_class=self.task == "classification")
        if held_out is None:
            return rows, None
        X, y, weight = rows
        kept, held = ((X[at], y[at], None if weight is None else weight[at]) for at in (~held_out, held_out))
        return kept, held

    @contextmanager
    def _seeded(self) -> Iterator[None]:
        import torch

        self.device_ = usable_device(self.device)
        with torch.random.fork_rng(devices=[self.device_] if self.device_.type == "cuda" else []):
            if self.random_state is None:
                torch.seed()
            else:
                torch.manual_seed(int(self.random_state))
            yield

    def _train(self, rows: tuple[Any, Any, Any], validation: tuple[Any, Any, Any] | None) -> None:
        module = self._fresh_module(rows[0].shape[1]).to(self.device_)
        n_outputs = outputs_of(module, rows[0][:2], self.device_).shape[1]
        self._check_width(n_outputs)
        weighted = rows[2] is not None
        plan = TrainingPlan(
            criterion=as_criterion(self.criterion or self._default_criterion(n_outputs), by_row=weighted),
            optimizer=self._make_optimizer,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            patience=self.patience,
        )
        if hasattr(plan.criterion, "to"):
            plan.criterion.to(self.device_)
        held = None if validation is None else self._tensors(validation, n_outputs)
        self.n_epochs_ = train(module, plan, self._tensors(rows, n_outputs), held)
        self.module_ = module

    def _fresh_module(self, n_features: int) -> Any:
        import torch

        if not isinstance(self.module, torch.nn.Module):
            made = self.module(n_features, 1 if self.task == "regression" else len(self.classes_))
            if not isinstance(made, torch.nn.Module):
                raise LearnerError(f"module={self.module!r} returned {type(made).__name__}; it must return a module")
            return made
        module = copy.deepcopy(self.module)
        reset_weights(module)
        return module

    def _check_width(self, n_outputs: int) -> None:
        if self.task == "regression":
            if n_outputs != 1:
                raise LearnerError(f"the module returns {n_outputs} outputs a row; in regression it must return one")
            return
        n_classes = len(self.classes_)
        if n_outputs != n_classes and not (n_outputs == 1 and n_classes == 2):
            raise LearnerError(
                f"the module returns {n_outputs} outputs a row, and there are {n_classes} classes "
                f"{self.classes_.tolist()!r}; name those of the outputs by classes=[…], "
                "or pass a function (n_features, n_outputs) -> module"
            )

    def _default_criterion(self, n_outputs: int) -> Any:
        import torch

        if self.task == "regression":
            return torch.nn.MSELoss()
        return torch.nn.BCEWithLogitsLoss() if n_outputs == 1 else torch.nn.CrossEntropyLoss()

    def _make_optimizer(self, parameters: Any) -> Any:
        import torch

        make = self.optimizer or torch.optim.Adam
        return make(parameters) if self.learning_rate is None else make(parameters, lr=self.learning_rate)

    def _tensors(self, rows: tuple[Any, Any, Any], n_outputs: int) -> tuple[Any, Any, Any]:
        """Rows, targets in the shape that losses take, and weights, on the device."""
        import torch

        X, y, weight = rows
        if self.task == "regression":
            target = torch.as_tensor(np.asarray(y, dtype=np.float32).reshape(-1, 1))
        else:
            number = {label: i for i, label in enumerate(self.classes_.tolist())}
            target = torch.as_tensor([number[label] for label in y.tolist()])
            target = target.float().reshape(-1, 1) if n_outputs == 1 else target
        there = None if weight is None else torch.as_tensor(weight, device=self.device_)
        return torch.as_tensor(X, device=self.device_), target.to(self.device_), there

    @property
    def _estimator_type(self) -> str:
        return "classifier" if self.task == "classification" else "regressor"

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, RegressorTags

        tags = super().__sklearn_tags__()
        tags.estimator_type = self._estimator_type
        tags.target_tags.required = True
        if self.task == "classification":
            tags.classifier_tags = ClassifierTags()
        else:
            tags.regressor_tags = RegressorTags()
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "module_")


class _Torch(Library):
    """TorchModule takes rows to stop by."""

    package = "coopdistill"

    def stops_early(self, estimator: Any) -> bool:
        return estimator.patience is not None

    def validation_arguments(self, estimator: Any, rows: ValidationRows) -> dict[str, Any]:
        return {"X_val": rows.X, "y_val": rows.y, "sample_weight_val": rows.sample_weight}

    def without_early_stopping(self, estimator: Any) -> dict[str, Any]:
        return {"patience": None}


class TorchLearner(ScikitLearnLearner):
    """A `TorchModule`, bare or at the end of a pipeline.

    Parameters
    ----------
    estimator : TorchModule or Pipeline
        Fitted or not. It is never changed.
    """

    def refit(
        self,
        X: Table,
        y: NDArray[Any],
        *,
        seed: int,
        sample_weight: NDArray[np.float64] | None = None,
        n_own: int | None = None,
    ) -> ScikitLearnLearner:
        """Return a clone trained on these rows; it goes on to know a class that they lack."""
        labels = np.asarray(y)
        last, prefix = last_step(self._estimator)
        declared, known = last.classes, getattr(last, "classes_", np.empty(0))
        knows_all = declared is None and set(labels.tolist()) <= set(known.tolist())
        more = {f"{prefix}classes": known.tolist()} if knows_all else {}
        fitted = self._fitted(X, labels, seed, sample_weight, n_own, **more)
        last_step(fitted)[0].classes = declared
        return self._around(fitted)

    def _library_of(self, estimator: Any) -> Library:
        return _Torch() if isinstance(estimator, TorchModule) else super()._library_of(estimator)


def ends_in_torch_module(estimator: Any) -> bool:
    """Tell whether an estimator is a `TorchModule`, or a pipeline with one at its end."""
    return isinstance(last_step(estimator)[0], TorchModule)


def _as_labels(classes: Any) -> NDArray[Any]:
    labels = np.asarray(classes)
    return labels.astype(object) if labels.dtype.kind in "US" else labels
