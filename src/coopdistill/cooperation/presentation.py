"""How a finished cooperation shows itself: as pictures, and in notebooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from sklearn import get_config
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted

from coopdistill.cooperation.row_map import Encoded, encoded_instances, map_points
from coopdistill.displays import (
    draw_feature_changes,
    draw_gains,
    draw_map,
    draw_picture_changes,
    draw_transfer_graph,
    draw_transfer_matrix,
    html_table,
)
from coopdistill.exceptions import OptionError, nearest_name
from coopdistill.schema import as_frame

if TYPE_CHECKING:
    from coopdistill.cooperation.lesson import Lesson
    from coopdistill.learners import Model

__all__ = ["Presentation"]

_KINDS = ("matrix", "graph")
_VERDICTS = {True: "accepted", False: "refused", None: "nothing: it only teaches"}
_MOST_LINES = 20
_AXIS_NAMES = {"pca": ("first principal component", "second principal component")}


class Presentation:
    """Draws a fitted cooperation on axes of matplotlib, and shows it in notebooks.

    The pictures need the extra ``plot``; each method draws on the axes that it is given, or on new ones, and returns
    them.
    """

    if TYPE_CHECKING:  # what it shows, which the estimator has
        transfers_: pd.DataFrame
        learners_: dict[str, Any]
        accepted_: dict[str, bool]
        evaluate: Callable[..., pd.DataFrame]
        get_params: Callable[..., dict[str, Any]]
        _after: dict[str, Model]
        _kept: list[Lesson]

        @property
        def changes_(self) -> pd.DataFrame: ...  # noqa: D102  # told where it is made
        @property
        def virtual_instances_(self) -> Any: ...  # noqa: D102  # told where it is made

    def plot_transfers(self, ax: Any = None, *, kind: str = "matrix") -> Any:
        """Draw who taught whom how many virtual instances.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Default: axes of a new figure.
        kind : {"matrix", "graph"}, default="matrix"
            A table of shades, or participants with arrows between them, as wide as much was learned.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        OptionError
            If the kind is unknown.
        DisplayError
            If matplotlib is not installed.

        Examples
        --------
        >>> ax = cooperation.plot_transfers(kind="graph")  # doctest: +SKIP
        """
        check_is_fitted(self, "learners_")
        if kind not in _KINDS:
            raise OptionError(f"unknown kind={kind!r}{nearest_name(kind, _KINDS)}")
        return (draw_transfer_matrix if kind == "matrix" else draw_transfer_graph)(self.transfers_, ax=ax)

    def plot_gains(self, X: Any, y: Any, ax: Any = None, **options: Any) -> Any:
        """Draw what each participant's model scores before and after cooperation.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
            Test rows; see `CooperativeDistillation.evaluate`.
        y : array-like of shape (n_rows,)
        ax : matplotlib.axes.Axes, optional
            Default: axes of a new figure.
        **options
            Of `CooperativeDistillation.evaluate`, such as ``metric``.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        InputError
            If rows or labels cannot be used, or matplotlib is not installed.

        Examples
        --------
        >>> ax = cooperation.plot_gains(X_test, y_test)  # doctest: +SKIP
        """
        return draw_gains(self.evaluate(X, y, **options), ax=ax)

    def plot_features(
        self,
        ax: Any = None,
        *,
        value: str = "share",
        teacher: str | None = None,
        n_features: int = 20,
        image_shape: tuple[int, int] | None = None,
    ) -> Any:
        """Draw which features teachers changed on the way from rows to virtual instances, class by class.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Default: axes of a new figure.
        value : {"share", "mean"}, default="share"
            In what share of the instances a feature was changed, or how far it moved in the mean, in spreads.
        teacher : str, optional
            Default: all of them.
        n_features : int, default=20
            So many at the most, those that were changed most.
        image_shape : tuple of int, optional
            Height and width, where features are pixels, row by row: the mean change of each class as a picture.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        OptionError
            If an option is unknown.
        DisplayError
            If ``changes_`` is empty, or matplotlib is not installed.

        Examples
        --------
        >>> ax = cooperation.plot_features(value="mean")  # doctest: +SKIP
        """
        check_is_fitted(self, "learners_")
        changes = self.changes_
        if teacher is not None:
            if teacher not in self.learners_:
                raise OptionError(f"no teacher {teacher!r}{nearest_name(teacher, self.learners_)}")
            changes = changes[changes["teacher"] == teacher]
        if image_shape is not None:
            return draw_picture_changes(changes, image_shape, ax=ax)
        return draw_feature_changes(changes, ax=ax, value=value, n_features=n_features)

    def plot_map(
        self,
        rows: Any,
        ax: Any = None,
        *,
        method: str = "pca",
        student: str | None = None,
        n_points: int = 400,
        random_state: int = 0,
    ) -> Any:
        """Draw rows and virtual instances on a plane, coloured by their class.

        Parameters
        ----------
        rows : sequence of Participant, Participant, or (X, y)
            Whose rows are drawn; a cooperation keeps none.
        ax : matplotlib.axes.Axes, optional
            Default: axes of a new figure.
        method : {"pca", "tsne", "umap"}, default="pca"
            How the plane is found. UMAP needs the extra ``umap``.
        student : str, optional
            Draw what this student learned among its own rows, in its features. Default: what everyone learned, in
            the features that all share.
        n_points : int, default=400
            Rows, and virtual instances, of each so many at the most, drawn at random.
        random_state : int, default=0
            Same value, same map.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        InputError
            If rows or options cannot be used, or a library is not installed.

        Examples
        --------
        >>> ax = cooperation.plot_map(participants, student="va", method="tsne")  # doctest: +SKIP
        """
        points = self.map_points(rows, method=method, student=student, n_points=n_points, random_state=random_state)
        return draw_map(points, ax=ax, axis_names=_AXIS_NAMES.get(method, ("", "")))

    def map_points(
        self,
        rows: Any,
        *,
        method: str = "pca",
        student: str | None = None,
        n_points: int = 400,
        random_state: int = 0,
    ) -> pd.DataFrame:
        """Return the points of `plot_map`, for other ways of drawing.

        Parameters
        ----------
        rows, method, student, n_points, random_state
            As of `plot_map`.

        Returns
        -------
        DataFrame
            Columns x, y, label, and virtual: whether it is a virtual instance.

        Raises
        ------
        InputError
            As `plot_map`.

        Examples
        --------
        >>> from sklearn.naive_bayes import GaussianNB
        >>> from coopdistill import CooperativeDistillation, Participant
        >>> from coopdistill.datasets import make_clinics
        >>> clinics = make_clinics(random_state=0)
        >>> participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
        >>> cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
        >>> points = cooperation.map_points(participants, n_points=90)
        >>> points["virtual"].value_counts().to_dict()
        {False: 90, True: 90}
        """
        check_is_fitted(self, "learners_")
        students = {name: self._after[name] for name in self.accepted_}
        return map_points(
            students,
            self._taught(students),
            rows,
            student=student,
            method=method,
            n_points=n_points,
            random_state=random_state,
        )

    def _taught(self, students: Mapping[str, Model]) -> list[tuple[str, Encoded]]:
        """What students learned, without the table of it, which may be large, where there is another way."""
        if hasattr(self, "_kept"):
            return [(lesson.student, (lesson.X, students[lesson.student].space, lesson.y)) for lesson in self._kept]
        return encoded_instances(students, as_frame(self.virtual_instances_))

    @property
    def _repr_html_(self) -> Any:
        # As scikit-learn has it: there is no such attribute where diagrams are not wanted.
        if get_config()["display"] != "diagram":
            raise AttributeError("_repr_html_ needs sklearn.set_config(display='diagram')")
        return self._as_html

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        shown = {"text/plain": repr(self)}
        return {**shown, "text/html": self._as_html()} if get_config()["display"] == "diagram" else shown

    def _as_html(self) -> str:
        if not hasattr(self, "learners_"):
            return str(estimator_html_repr(self))
        return str(estimator_html_repr(self._options_alone())) + _summary_html(self)

    def _options_alone(self) -> Any:
        """Return a copy that counts as fitted but holds nothing: tables may be too large to be looked at in passing."""
        bare: Any = type(self)(**self.get_params(deep=False))
        bare.__sklearn_is_fitted__ = lambda: True
        return bare


def _summary_html(cooperation: Presentation) -> str:
    transfers = cooperation.transfers_
    taught, learned = (transfers.groupby(name)["kept"].sum() for name in ("teacher", "student"))
    participants = [
        (
            name,
            type(learner.steps[-1][1] if hasattr(learner, "steps") else learner).__name__,
            int(taught.get(name, 0)),
            int(learned.get(name, 0)),
            _VERDICTS[cooperation.accepted_.get(name)],
        )
        for name, learner in cooperation.learners_.items()
    ]
    lines = transfers.sort_values("kept", ascending=False, kind="stable").head(_MOST_LINES)
    rest = len(transfers) - len(lines)
    caption = "Transfers" + (f", the {len(lines)} largest of {len(transfers)}" if rest else "")
    return html_table(
        ["participant", "model", "instances taught", "instances learned", "what it learned was"],
        participants,
        caption="Participants",
    ) + html_table(
        [str(name) for name in transfers.columns], lines.astype(object).itertuples(index=False), caption=caption
    )
