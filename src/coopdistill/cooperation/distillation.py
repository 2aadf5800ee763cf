"""The estimator-like front of cooperation."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from coopdistill.cooperation.changes import change_table
from coopdistill.cooperation.checkpoints import Checkpoints
from coopdistill.cooperation.coordinator import cooperate
from coopdistill.cooperation.ensemble import read_rows
from coopdistill.cooperation.prediction import Prediction
from coopdistill.cooperation.presentation import Presentation
from coopdistill.cooperation.progress import Progress, as_progress
from coopdistill.cooperation.record import disclosure_table, instance_table, shared_table, transfer_table
from coopdistill.cooperation.settings import Settings, check_settings
from coopdistill.counterfactuals import Generator
from coopdistill.exceptions import LabelError, OptionError, SavingError, warn
from coopdistill.expertise import check_metric, default_metric, score
from coopdistill.learners import Model
from coopdistill.options import check_whole
from coopdistill.participants import Participant, check_participants
from coopdistill.schema import FeatureSpace, as_frame, as_labels
from coopdistill.seeds import run_seed

__all__ = ["CooperativeDistillation"]


class CooperativeDistillation(Prediction, Presentation, BaseEstimator):
    """Lets trained models teach each other, while the rows stay at home.

    In each round every participant finds out what it is right about; wherever it is right and another is wrong it
    is a qualified teacher, and encodes what it knows there in virtual instances: points near a row that it is
    right about, and surer of the true class by α where it can be. Each student is refitted on its own rows and the
    virtual instances that it was sent [1]_.

    Parameters
    ----------
    alpha : float, default=0.5
        How much of the way to certainty a teacher goes, in (0, 1].
    focus : {"wrong", "unsure", "all"}, default="all"
        What of all that it can a teacher teaches: where the student is wrong, as the paper has it; also
        where the student's score of the true class is below 0.75; or everything.
    qualification : {"instance", "row"}, default="instance"
        What a teacher must be right about. ``"row"``: the row that it starts from, and it must reach α, as the paper
        has it. ``"instance"``: what it ends at, however near that comes to α; so it may start from any row.
    instances_from : {"teacher", "student", "everyone"}, default="teacher"
        Whose rows virtual instances are made from, and so what travels. ``"teacher"``: the student's model visits the
        teacher, virtual instances come back. ``"student"``: the teacher's model visits the student. ``"everyone"``:
        all rows are shared, as published.
    expertise : {"out-of-fold", "in-sample"}, default="out-of-fold"
        How a participant finds out what it is right about on its own rows.
    generator : str or Generator, default="auto"
        How virtual instances are found; see `generate_counterfactuals`.
    instances_per_row : int, optional
        How many virtual instances a teacher makes of a row, at the most, where the generator is ``"auto"`` or
        ``"segments"``: each because of another neighbour, with ``"auto"`` in turn towards it and away from it. Other
        generators find one. Default: 2 of a row with a label, 1 where there are more than 1,500 rows; 1 of a row with
        a value.
    imputation : {"hot-deck", "fill"}, default="hot-deck"
        What a student takes for features that a teacher lacks. ``"hot-deck"``: values of the nearest of its own rows of
        the same label. ``"fill"``: the feature's own ``fill``, by default the median or most frequent category, or
        nothing where the model takes missing values.
    tolerance : float, optional
        In regression, the error up to which a prediction counts as right, in the unit of y. A student is to be taught
        where it is further off and a teacher is not. Default: each student's own median out-of-fold error.
    rounds : int, default=1
        Rounds at the most; a round in which nothing new is learned is the last.
    acceptance : {"auto", "consortium", "always", "own-validation"}, default="auto"
        When a student keeps what it was taught. ``"consortium"``: if others find it better. Drafts of it, taught what
        was made from some of the rows each, visit the others, which compare them on the rest; then so does the
        refitted model. Sums come back. With labels drafts must take a tenth off the squared error there and the
        refitted model 15 %, beyond chance, also if classes count alike, and be right more often; with values the
        refitted model alone decides, by a fifth, and, where others lack columns, only if it errs less there than the
        model before at home. Of a model of fewer than 40 rows, all of whose columns others have, a tenth is asked. The
        drafts of all look at its lessons, too: instances whose labels they clearly contradict are left out, and values
        become what they say; the student's own values meet those of the others halfway. ``"always"``: whatever it was
        taught.
        ``"own-validation"``: unless its own cross-validated accuracy falls. ``"auto"`` is ``"consortium"``.
    n_jobs : int, optional
        Processes for fitting, teaching and refitting, as joblib counts them. The result does not depend on it.
    random_state : int, optional
        Same value, same result, whatever `n_jobs` and the order of participants. None draws one.
    progress : bool or callable, default=False
        True shows progress on stderr; a callable is told ``(phase, done, total)``.

    Attributes
    ----------
    learners_ : dict of str to estimator
        The fitted model of each participant after cooperation; it takes the participant's own columns.
    transfers_ : DataFrame
        Columns teacher, student, qualified (instances that it could make: of each row to start from
        `instances_per_row`), generated, reached, kept, reason (why some of these rows were not taught; empty where all
        were).
    shared_features_ : DataFrame
        Columns teacher, student, n_shared, features: for each pair, the names of the student's features that the
        teacher knows, too. A pair that shares none teaches nothing.
    virtual_instances_ : DataFrame
        What students learned: the features, then label, teacher, student, score_before, score_target, score_after,
        distance. Where all participants with rows brought frames of one library, such as polars, it is of that one,
        else of pandas.
    changes_ : DataFrame
        Columns teacher, student, label, feature, n, share_changed, mean_change: how the virtual instances that a
        teacher made of a class in the first round differ from their rows, in each of its features: in what share
        of the n instances, the first of each row where it is surer of that, and how far in the mean, in spreads (NaN
        for categories). Made where the rows are. It is the same for all students of a teacher, and leaves out classes
        of fewer than five instances, so that no single row can be worked out. In regression, all values are one class.
    accepted_ : dict of str to bool
        Whether each participant kept what it was last taught.
    reasons_ : dict of str to str
        Why.
    ensemble_ : Ensemble
        The models after cooperation of those who learned something, and of those whom others' rows confirm as they
        are, asked together; if there is nobody, all. Whoever asks them needs all of these models, and so must be
        allowed to keep what otherwise only visits, if it does.
    members_ : list of str
        Whose models these are.
    consults_ : dict of str to bool
        Whether each participant is to ask all models together for a prediction, as `predict_for` does: on others' rows
        they must err clearly less than its own model did before. Of each host the model that was fitted on its rows is
        not asked. Three models are the least; others must be asked (`acceptance`).
    consult_reasons_ : dict of str to str
        Why.
    disclosures_ : DataFrame
        Columns round, what, sender, receiver, count: all that left a participant.
    n_rounds_ : int
        Rounds that were run.
    seconds_ : float
        Wall-clock time of `fit`, in seconds.

    References
    ----------
    .. [1] Livanos, Davidson, Wong: Cooperative Knowledge Distillation: A Learner Agnostic Approach, AAAI 2024.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> cooperation = CooperativeDistillation(random_state=0).fit(
    ...     [
    ...         Participant("small", DecisionTreeClassifier(), *clinics.train["small"]),
    ...         Participant("large", RandomForestClassifier(20), *clinics.train["large"]),
    ...     ]
    ... )
    >>> cooperation.evaluate(*clinics.test)[["participant", "metric"]]
      participant    metric
    0       small  accuracy
    1       large  accuracy
    """

    def __init__(
        self,
        alpha: float = 0.5,
        *,
        focus: str = "all",
        qualification: str = "instance",
        instances_from: str = "teacher",
        expertise: str = "out-of-fold",
        generator: str | Generator = "auto",
        instances_per_row: int | None = None,
        imputation: str = "hot-deck",
        tolerance: float | None = None,
        rounds: int = 1,
        acceptance: str = "auto",
        n_jobs: int | None = None,
        random_state: int | None = None,
        progress: bool | Progress = False,
    ) -> None:
        self.alpha = alpha
        self.focus = focus
        self.qualification = qualification
        self.instances_from = instances_from
        self.expertise = expertise
        self.generator = generator
        self.instances_per_row = instances_per_row
        self.imputation = imputation
        self.tolerance = tolerance
        self.rounds = rounds
        self.acceptance = acceptance
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.progress = progress

    def fit(self, participants: Sequence[Participant]) -> CooperativeDistillation:
        """Let participants teach each other.

        Parameters
        ----------
        participants : list of Participant
            At least two, of distinct names. They are never changed.

        Returns
        -------
        CooperativeDistillation
            This object.

        Raises
        ------
        InputError
            If options or participants cannot be used; nothing was done.
        RunError
            If a participant's model fails, or a generator of your own.

        Warns
        -----
        CoopdistillWarning
            If expertise must be measured in-sample for a class of a single row, if there was nothing that anybody could
            teach, or if a participant would be made worse by its lessons, which it then declines.
        """
        return self.fit_resumably(participants, None)

    def fit_resumably(
        self, participants: Sequence[Participant], checkpoints: Checkpoints | None, *, common_rows: bool = False
    ) -> CooperativeDistillation:
        """Let participants teach each other, so that an interrupted run can go on.

        Parameters
        ----------
        participants : list of Participant
            As for `fit`, which raises and warns of the same.
        checkpoints : Checkpoints or None
            Keeps what participants answer, and knows what they answered before a run of the same participants, options
            and seed was interrupted. None keeps nothing.
        common_rows : bool, default=False
            Whether participants may have rows in common, as members of an ensemble have. What others' rows say of a
            model may then be its memory, so everyone is taken at its own word.

        Returns
        -------
        CooperativeDistillation
            This object.
        """
        started = time.perf_counter()
        settings = self._settings(common_rows=common_rows)
        ordered = check_participants(participants)
        with as_progress(self.progress) as progress:
            outcome = cooperate(
                ordered,
                settings,
                rounds=self.rounds,
                n_jobs=self.n_jobs,
                progress=progress,
                checkpoints=checkpoints,
            )
        for message in outcome.disappointments():
            warn(message)
        names = [participant.name for participant in participants]
        self._before: dict[str, Model] = {name: outcome.before[name].model for name in names}
        self._after: dict[str, Model] = {name: outcome.after[name].model for name in names}
        self.learners_ = {name: model.learner.estimator for name, model in self._after.items()}
        self.transfers_ = transfer_table(outcome.lessons)
        students = {p.name: self._after[p.name] for p in participants if not p.is_frozen}
        self.shared_features_ = shared_table(self._after, students)
        self._kept = outcome.kept
        self._changes = [(lesson.teacher, lesson.student, lesson.changes) for lesson, _ in outcome.lessons]
        for made_when_asked_for in ("virtual_instances_", "changes_"):
            self.__dict__.pop(made_when_asked_for, None)
        self.accepted_ = {name: outcome.decisions[name].accepted for name in names if name in outcome.decisions}
        self.reasons_ = {name: outcome.decisions[name].reason for name in names if name in outcome.decisions}
        together = outcome.consultation
        self.members_ = together.members
        self.consults_ = {name: together.decisions[name].accepted for name in names}
        self.consult_reasons_ = {name: together.decisions[name].reason for name in names}
        self.disclosures_ = disclosure_table(outcome.disclosures)
        self.n_rounds_ = outcome.rounds
        self.seconds_ = time.perf_counter() - started
        return self

    @cached_property
    def virtual_instances_(self) -> Any:
        """All instances that were kept; see the attributes of the class."""
        check_is_fitted(self, "learners_")
        if not hasattr(self, "_kept"):
            raise SavingError(
                "this cooperation was saved without its virtual instances; those of a run lie in its "
                "virtual_instances.parquet"
            )
        # Made when it is asked for: it may be many times as large as the rows of all participants.
        return instance_table(self._kept, {name: self._after[name] for name in self.accepted_})

    @cached_property
    def changes_(self) -> pd.DataFrame:
        """How virtual instances differ from their rows; see the attributes of the class."""
        check_is_fitted(self, "learners_")
        spaces = {name: model.space for name, model in self._before.items()}
        return change_table(self._changes, spaces)

    def evaluate(
        self,
        X: Any,
        y: Any,
        *,
        metric: str | None = None,
        feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None,
    ) -> pd.DataFrame:
        """Score all models before and after cooperation on the same rows.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
            Test rows. Each model takes its own columns, by name or declared synonym; one that is absent is
            filled as in any row from elsewhere. One-hot columns that some participant declares are understood by all.
        y : array-like of shape (n_rows,)
            True labels.
        metric : str, optional
            ``"accuracy"``, ``"balanced_accuracy"`` or ``"f1_macro"`` of labels; ``"r2"``,
            ``"neg_mean_absolute_error"`` or ``"neg_root_mean_squared_error"`` of values. The greater the better.
            Default: R² of values; accuracy of labels, balanced where the most frequent class has four times the
            rows of the rarest.
        feature_space : FeatureSpace or mapping, optional
            What the columns of `X` mean, where that differs from what they mean to a participant, such as their units.

        Returns
        -------
        DataFrame
            Of pandas, with columns participant, metric, before, after.

        Raises
        ------
        InputError
            If rows or labels cannot be used; of labels, also if no model knows any of them.
        """
        check_is_fitted(self, "learners_")
        frame = as_frame(X)
        truth = as_labels(y, len(frame))
        task = next(iter(self._before.values())).task
        if task == "classification":
            _refuse_unknown_labels(truth, [*self._before.values(), *self._after.values()])
        metric = default_metric(truth, task) if metric is None else metric
        check_metric(metric, task)
        rows, spaces = [], self._spaces
        for name, before in self._before.items():
            own = read_rows(before, frame, spaces, feature_space)
            scores = [score(truth, model.predict(own), metric) for model in (before, self._after[name])]
            rows.append([name, metric, *scores])
        return pd.DataFrame(rows, columns=["participant", "metric", "before", "after"])

    def _settings(self, *, common_rows: bool) -> Settings:
        check_whole("rounds", self.rounds, least=1)
        n_jobs: object = self.n_jobs
        if n_jobs is not None and (not isinstance(n_jobs, int | np.integer) or n_jobs == 0):
            raise OptionError(f"n_jobs={n_jobs!r} must be None or a whole number other than 0; -1 uses all processors")
        settings = Settings(
            self.alpha,
            self.tolerance,
            self.focus,
            self.instances_from,
            self.qualification,
            self.expertise,
            self.generator,
            self.instances_per_row,
            self.imputation,
            self.acceptance,
            run_seed(self.random_state),
            common_rows,
        )
        check_settings(settings)
        return settings


def _refuse_unknown_labels(truth: NDArray[Any], models: Sequence[Model]) -> None:
    """Refuse labels of which no model ever saw one, such as text where models know numbers: all would score 0."""
    given = set(truth.tolist())
    known = {label for model in models for label in model.classes.tolist()}
    if given and not given & known:
        has, knows = (", ".join(map(repr, sorted(some, key=str)[:5])) for some in (given, known))
        raise LabelError(
            f"no model knows any of the labels in y: y has {has}, the models know {knows}; "
            "use the labels that they were fitted on"
        )
