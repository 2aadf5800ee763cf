"""The contract of learners, as checks that anyone can run on theirs.

Each check is a plain function of no arguments that raises `AssertionError` and says what does not hold. None needs a
test framework.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import CoopdistillWarning, InputError, LearnerFailure, OptionError
from coopdistill.learners.adapters import as_learner
from coopdistill.learners.learner import Learner
from coopdistill.learners.model import Model
from coopdistill.schema import Codec, Table, infer_feature_space

__all__ = ["learner_checks"]

_SLACK = 1e-5
"""How far scores may differ that should be the same; single precision sums in other orders for other batches."""

_N_EACH = 24
_CENTRES = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 4.0], [0.0, 4.0, 4.0]])


def learner_checks(
    make_learner: Callable[[], Any],
    *,
    X: Table | None = None,
    missing: bool | None = None,
    predicts_greatest: bool = True,
    any_labels: bool = True,
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the checks that a learner has to pass, as pairs of a name and a callable.

    A learner that can be fitted is fitted on small tables of numbers: three classes, of which it sees one later, or
    values. One that only teaches is asked about the rows in `X`.

    Parameters
    ----------
    make_learner : callable
        Returns a new `Learner`, or what `as_learner` takes: unfitted if it can be fitted.
    X : DataFrame or ndarray of shape (n_rows, n_features), optional
        Rows for a learner that only teaches. Default: 72 rows of three numbers, the columns ``a``, ``b`` and ``c`` of a
        DataFrame.
    missing : bool, optional
        Whether it is declared to take missing values. Default: it may answer or refuse; what it never may is answer
        NaN.
    predicts_greatest : bool, default=True
        Whether the predicted class is claimed to be the one of the greatest score.
    any_labels : bool, default=True
        Whether it takes strings and numbers with gaps as labels, not only 0 to k-1.

    Yields
    ------
    name : str
        What is promised.
    check : callable
        Raises AssertionError where it does not hold.

    Raises
    ------
    OptionError
        If a learner is given in place of what makes one.

    Examples
    --------
    With pytest, ``@pytest.mark.parametrize(("name", "check"), learner_checks(MyLearner))`` over a test that calls
    ``check()``. By hand:

    >>> from sklearn.naive_bayes import GaussianNB
    >>> checks = dict(learner_checks(GaussianNB))
    >>> checks["a refit leaves the learner as it was"]()
    """
    given: object = make_learner
    if isinstance(given, Learner) or not callable(given):
        kind = type(given).__name__
        raise OptionError(
            f"make_learner is a {kind}; pass what makes a new one, such as its class, or lambda: {kind}(…)"
        )
    claims = _Claims(missing, predicts_greatest, any_labels)
    learner = as_learner(make_learner())
    names = dict(_OF_ALL)
    if learner.task == "classification":
        names |= _OF_CLASSIFIERS
    if learner.capabilities.refits:
        names |= _OF_STUDENTS
        if learner.task == "classification":
            names |= _OF_CLASSIFYING_STUDENTS
    else:
        names |= _OF_TEACHERS
    for name, check in names.items():
        yield name, partial(_run, check, make_learner, X, claims)


@dataclass(frozen=True)
class _Claims:
    missing: bool | None
    predicts_greatest: bool
    any_labels: bool


@dataclass(frozen=True, eq=False)
class _Case:
    """A learner on rows."""

    made: Learner
    X: Table
    codes: NDArray[np.intp]
    claims: _Claims

    @property
    def is_classifier(self) -> bool:
        return self.made.task == "classification"

    @cached_property
    def y(self) -> NDArray[Any]:
        if not self.is_classifier:
            return np.asarray(np.asarray(self.X, dtype=np.float64) @ [1.0, -0.5, 0.25])
        return self.labels(["low", "mid", "top"] if self.claims.any_labels else [0, 1, 2])

    def labels(self, names: list[Any]) -> NDArray[Any]:
        classes = np.array(names, dtype=object if isinstance(names[0], str) else None)
        return np.asarray(classes[self.codes])

    def refit(self, rows: Any = slice(None), y: NDArray[Any] | None = None, seed: int = 0, **more: Any) -> Learner:
        labels = self.y if y is None else y
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CoopdistillWarning)
            return self.made.refit(_taken(self.X, rows), labels[rows], seed=seed, **more)

    @cached_property
    def fitted(self) -> Learner:
        return self.refit() if self.made.capabilities.refits else self.made

    def model_of(self, learner: Learner) -> Model:
        return Model("checked", learner, Codec.of(self.X, infer_feature_space(self.X)))


def _run(check: Callable[[_Case], None], make_learner: Callable[[], Any], X: Table | None, claims: _Claims) -> None:
    rng = np.random.default_rng(0)
    codes = np.tile(np.arange(3), _N_EACH)
    own = pd.DataFrame(_CENTRES[codes] + rng.normal(scale=0.7, size=(len(codes), 3)), columns=list("abc"))
    check(_Case(as_learner(make_learner()), own if X is None else X, codes, claims))


def _scores_have_the_shape(case: _Case) -> None:
    scores = case.fitted.scores(case.X)
    width = len(case.fitted.classes) if case.is_classifier else 1
    assert isinstance(scores, np.ndarray), f"scores are a {type(scores).__name__}; they must be an array"
    assert scores.shape == (len(case.X), width), f"scores have shape {scores.shape}, not {(len(case.X), width)}"
    assert scores.dtype == np.float64, f"scores are {scores.dtype}; they must be float64"
    assert np.isfinite(scores).all(), "a score is NaN or infinite"
    predicted = case.fitted.predict(case.X)
    assert predicted.shape == (len(case.X),), f"predictions have shape {predicted.shape}, not {(len(case.X),)}"


def _says_what_it_is(case: _Case) -> None:
    assert case.fitted.is_fitted, "is_fitted is False after fitting"
    assert case.made.task in ("classification", "regression"), f"task is {case.made.task!r}"
    assert case.fitted.task == case.made.task, "a refit changes the task"
    if case.is_classifier:
        classes = case.fitted.classes.tolist()
        assert len(set(classes)) == len(classes), f"classes {classes} are not distinct"
    else:
        assert len(case.fitted.classes) == 0, "a regressor has classes"
        assert not case.fitted.capabilities.probabilities, "a regressor claims probabilities"


def _one_row_at_a_time(case: _Case) -> None:
    together = case.fitted.scores(case.X)
    order = np.random.default_rng(1).permutation(len(case.X))
    _assert_close(case.fitted.scores(_taken(case.X, order)), together[order], "scores depend on the order of the rows")
    for at in range(0, len(case.X), max(1, len(case.X) // 5)):
        alone = case.fitted.scores(case.X[at : at + 1])
        _assert_close(alone, together[at : at + 1], f"the scores of row {at} depend on the rows beside it")


def _asking_changes_nothing(case: _Case) -> None:
    before = case.X.copy()
    first, state = case.fitted.scores(case.X), _global_state()
    second = case.fitted.scores(case.X)
    assert np.array_equal(first, second), "the same question twice has two answers"
    assert _same(case.X, before), "asking for scores changes the rows"
    assert _global_state() == state, "asking for scores draws from NumPy's global random numbers"


def _takes_missing_as_declared(case: _Case) -> None:
    rows = case.X.copy()
    numeric = [j for j in range(rows.shape[1]) if pd.api.types.is_float_dtype(_dtype(rows, j))]
    if isinstance(rows, pd.DataFrame):
        rows.iloc[:3, numeric[:1]] = np.nan
    else:
        rows[:3, numeric[:1]] = np.nan
    try:
        scores = case.fitted.scores(rows)
    except Exception as error:  # refusing is allowed, in whatever words the library has
        if case.claims.missing:
            raise AssertionError(f"it is declared to take missing values, and raises {error!r}") from error
        return
    assert case.claims.missing is not False, "it is declared to take no missing values, and answers all the same"
    assert np.isfinite(scores).all(), "where a value is missing a score is NaN; it must answer, or raise"


def _copies_say_the_same(case: _Case) -> None:
    copied = copy.deepcopy(case.fitted)
    assert np.array_equal(copied.scores(case.X), case.fitted.scores(case.X)), "a deep copy has other scores"


def _the_model_behind_its_front_says_the_same(case: _Case) -> None:
    seen = case.fitted.through_front(case.X)
    model = case.fitted.behind_front
    _assert_close(model.scores(seen), case.fitted.scores(case.X), "behind its front the model has other scores")
    same = np.array_equal(model.predict(seen), case.fitted.predict(case.X))
    assert same, "behind its front the model predicts something else"


def _failures_are_named(case: _Case) -> None:
    model = case.model_of(case.fitted)
    narrow = case.X.iloc[:, :1] if isinstance(case.X, pd.DataFrame) else case.X[:, :1]
    if case.X.shape[1] > 1:
        other = Model("checked", case.fitted, Codec.of(narrow, infer_feature_space(narrow)))
        _assert_fails(lambda: other.scores(other.codec.encode(narrow)), "rows of fewer columns")
    empty = np.empty((0, len(model.space)))
    assert len(model.scores(empty)) == 0, "no rows do not have no scores"
    if not case.made.is_fitted:
        try:
            case.made.scores(case.X)
        except Exception:  # in whatever words the library has
            return
        raise AssertionError("a learner that is not fitted has scores all the same")


def _scores_are_shares(case: _Case) -> None:
    scores = case.fitted.scores(case.X)
    low, high = scores.min(), scores.max()
    assert low >= -_SLACK, f"a score is {low}, less than 0"
    assert high <= 1 + _SLACK, f"a score is {high}, more than 1"
    if case.fitted.capabilities.probabilities:
        off = np.abs(scores.sum(axis=1) - 1).max()
        assert off < 1e-3, f"probabilities are claimed, and those of a row miss a sum of one by {off}"


def _predictions_are_classes(case: _Case) -> None:
    predicted, classes = case.fitted.predict(case.X), case.fitted.classes.tolist()
    strangers = set(predicted.tolist()) - set(classes)
    assert not strangers, f"it predicts {strangers}, which is not among its classes {classes}"
    if case.claims.predicts_greatest:
        scores = np.sort(case.fitted.scores(case.X), axis=1)
        greatest = case.fitted.classes[case.fitted.scores(case.X).argmax(axis=1)]
        clear = scores[:, -1] - scores[:, -2] > _SLACK
        differ = np.flatnonzero(clear & (greatest != predicted))
        assert not len(differ), (
            f"in row {differ[0]} it predicts {predicted[differ[0]]!r}, and the greatest score is that of "
            f"{greatest[differ[0]]!r}; are the scores' columns in the order of the classes?"
        )


def _refit_leaves_it(case: _Case) -> None:
    fitted = case.fitted
    before, X, y = fitted.scores(case.X), case.X.copy(), case.y.copy()
    half = np.arange(len(case.X)) < len(case.X) // 2
    again = fitted.refit(case.X[half], case.y[half][::-1].copy(), seed=1)
    assert again is not fitted, "refit returns the learner itself"
    assert np.array_equal(before, fitted.scores(case.X)), "a refit changes the scores of the learner that was refitted"
    assert _same(case.X, X), "refit changes the rows that it is given"
    assert np.array_equal(case.y, y), "refit changes the labels that it is given"
    fresh = case.made
    fresh.refit(case.X, case.y, seed=0)
    assert not fresh.is_fitted, "a refit fits the learner that was to be refitted"


def _who_shares_a_front_sees_the_same(case: _Case) -> None:
    some = np.arange(len(case.X)) < 2 * len(case.X) // 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoopdistillWarning)
        refitted = case.fitted.refit(_taken(case.X, some), case.y[some], seed=1)
    if refitted.front is not None and refitted.front is case.fitted.front:
        of_refitted = refitted.behind_front.scores(case.fitted.through_front(case.X))
        _assert_close(of_refitted, refitted.scores(case.X), "a refit shares its front, and sees other rows there")


def _seeds_decide(case: _Case) -> None:
    state = _global_state()
    one, two = case.refit(seed=7), case.refit(seed=7)
    assert np.array_equal(one.scores(case.X), two.scores(case.X)), "two refits of one seed have different scores"
    assert _global_state() == state, "a refit draws from NumPy's global random numbers, or seeds them"


def _refits_learn(case: _Case) -> None:
    predicted = case.fitted.predict(case.X)
    if case.is_classifier:
        right = float(np.mean(predicted == case.y))
        assert right > 0.8, f"on three clouds that hardly touch it is right about {right:.0%} of its own rows"
    else:
        spread = float(np.std(case.y))
        error = float(np.sqrt(np.mean((predicted - case.y) ** 2)))
        assert error < 0.8 * spread, f"on a linear function its error {error:.2f} is hardly less than {spread:.2f}"


def _takes_arrays(case: _Case) -> None:
    array = np.asarray(case.X, dtype=np.float64)
    fitted = case.made.refit(array, case.y, seed=0)
    assert fitted.scores(array).shape == case.fitted.scores(case.X).shape, "arrays and frames have other scores"


def _takes_weights_or_says_so(case: _Case) -> None:
    weight = np.linspace(0.5, 1.5, len(case.X))
    try:
        fitted = case.refit(sample_weight=weight)
    except InputError as error:
        if "weight" not in str(error):
            raise AssertionError(f"it takes no sample weights, and its error does not say that: {error}") from error
        return
    assert np.isfinite(fitted.scores(case.X)).all(), "with sample weights a score is NaN or infinite"


def _takes_own_rows(case: _Case) -> None:
    fitted = case.refit(n_own=len(case.X) * 2 // 3)
    assert np.isfinite(fitted.scores(case.X)).all(), "told which rows are own, a score is NaN or infinite"


def _order_of_classes_is_fixed(case: _Case) -> None:
    reverse = np.arange(len(case.X))[::-1]
    there, back = case.fitted.classes.tolist(), case.refit(reverse).classes.tolist()
    assert there == back, f"the order of the rows changes that of the classes: {there} and {back}"
    assert set(there) == set(case.y.tolist()), f"classes are {there}, labels {sorted(set(case.y.tolist()))}"


def _knows_labels_of_any_kind(case: _Case) -> None:
    if not case.claims.any_labels:
        return
    for names in (["low", "mid", "top"], [3, 10, 20]):
        labels = case.labels(names)
        fitted = case.refit(y=labels)
        assert fitted.classes.tolist() == names, f"labels are {names}, classes {fitted.classes.tolist()}"
        strangers = set(fitted.predict(case.X).tolist()) - set(names)
        assert not strangers, f"labels are {names}, and it predicts {strangers}"


def _learns_a_new_class(case: _Case) -> None:
    try:
        second = case.refit(case.codes < 2).refit(case.X, case.y, seed=0)
    except InputError:
        return  # a network of two outputs, say; that it is refused by name is all that is asked
    lacking = set(case.y.tolist()) - set(second.classes.tolist())
    assert not lacking, f"refitted on rows of a new class, it does not know {lacking}"
    right = float(np.mean(second.predict(case.X) == case.y))
    assert right > 0.8, f"refitted on rows of a new class, it is right about {right:.0%} of its own rows"


def _refuses_refits(case: _Case) -> None:
    try:
        case.made.refit(case.X, np.zeros(len(case.X)), seed=0)
    except InputError:
        return
    raise AssertionError("it claims that it cannot be fitted, and a refit raises no InputError")


def _assert_close(one: NDArray[np.float64], other: NDArray[np.float64], message: str) -> None:
    scale = 1 + np.abs(other)
    difference = float((np.abs(one - other) / scale).max(initial=0.0))
    assert difference < _SLACK, f"{message}: they differ by {difference}"


def _assert_fails(ask: Callable[[], object], what: str) -> None:
    try:
        ask()
    except LearnerFailure:
        return
    raise AssertionError(f"{what} raises no error")


def _taken(rows: Table, which: Any) -> Table:
    taken: Table = rows.iloc[which] if isinstance(rows, pd.DataFrame) else rows[which]
    return taken


def _same(one: Table, other: Table) -> bool:
    if isinstance(one, pd.DataFrame) and isinstance(other, pd.DataFrame):
        return bool(one.equals(other))
    return np.array_equal(one, other, equal_nan=True)


def _dtype(rows: Table, column: int) -> Any:
    return rows.dtypes.iloc[column] if isinstance(rows, pd.DataFrame) else rows.dtype


def _global_state() -> tuple[Any, ...]:
    state = np.random.get_state(legacy=True)  # noqa: NPY002 (only looked at)
    return tuple(part.tolist() if isinstance(part, np.ndarray) else part for part in state)


_Checks = dict[str, Callable[[_Case], None]]

_OF_ALL: _Checks = {
    "scores are an array of one row for each row and one column for each class": _scores_have_the_shape,
    "task, classes and capabilities agree": _says_what_it_is,
    "the scores of a row depend on that row alone": _one_row_at_a_time,
    "asking changes nothing": _asking_changes_nothing,
    "missing values are taken as declared": _takes_missing_as_declared,
    "a copy says the same": _copies_say_the_same,
    "the model behind its front says the same": _the_model_behind_its_front_says_the_same,
    "failures are named": _failures_are_named,
}
_OF_CLASSIFIERS: _Checks = {
    "scores lie in [0, 1], and sum to one if they are probabilities": _scores_are_shares,
    "predictions are classes, those of the greatest score if claimed": _predictions_are_classes,
}
_OF_STUDENTS: _Checks = {
    "a refit leaves the learner as it was": _refit_leaves_it,
    "who shares a front sees the same": _who_shares_a_front_sees_the_same,
    "the seed decides": _seeds_decide,
    "a refit learns": _refits_learn,
    "arrays are taken like frames": _takes_arrays,
    "sample weights are taken, or refused by name": _takes_weights_or_says_so,
    "own rows may be told from virtual ones": _takes_own_rows,
}
_OF_CLASSIFYING_STUDENTS: _Checks = {
    "the order of the classes does not depend on that of the rows": _order_of_classes_is_fixed,
    "labels may be strings, and numbers with gaps": _knows_labels_of_any_kind,
    "a new class is learned at refit, or refused by name": _learns_a_new_class,
}
_OF_TEACHERS: _Checks = {"a refit is refused by name": _refuses_refits}
