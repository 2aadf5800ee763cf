"""What is done with the participants of a trial: a way of cooperating, or what it is compared with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from coopdistill.baselines import InapplicableError, make_baseline
from coopdistill.cooperation import CooperativeDistillation
from coopdistill.experiments.picture import FIRST_SEED, keep_picture
from coopdistill.experiments.trial import Trial
from coopdistill.expertise import score
from coopdistill.extra import import_extra
from coopdistill.schema import as_frame, as_labels

__all__ = ["Cooperation", "Method", "Outcome", "PublicRows", "Rival", "Verdict"]

METRIC = "accuracy"

_OF_THE_RUN = ("n_jobs", "progress", "random_state")
"""Options of a cooperation that an experiment sets itself, or that change no result."""


@dataclass(frozen=True)
class Verdict:
    """What one method came to for one participant.

    Parameters
    ----------
    participant : str
    score : float, optional
        Accuracy on the test rows; None where there is none.
    status : {"done", "inapplicable", "failed"}
    reason : str
        Why there is no score.
    """

    participant: str
    score: float | None
    status: str = "done"
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one method came to in one trial.

    Parameters
    ----------
    verdicts : tuple of Verdict
        One a participant.
    transfers : tuple of dict
        Of a cooperation: who sent whom how many virtual instances.
    picture : dict
        Of a cooperation on the first seed: what its pictures show; see `coopdistill.experiments.Picture`.
    """

    verdicts: tuple[Verdict, ...]
    transfers: tuple[dict[str, Any], ...] = ()
    picture: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Method(ABC):
    """What is done with the participants.

    Parameters
    ----------
    name : str
        Distinct within an experiment.
    """

    name: str

    @property
    def identity(self) -> str:
        """What its results depend on: the same text, the same results."""
        return repr(self)

    @abstractmethod
    def apply(self, trial: Trial, seed: int) -> Outcome:
        """Do it, and score what each participant then predicts.

        Parameters
        ----------
        trial : Trial
        seed : int
            With the same seed, all methods start from the same models.

        Returns
        -------
        Outcome

        Raises
        ------
        InapplicableError
            If it applies to no participant.
        """


@dataclass(frozen=True)
class Cooperation(Method):
    """Cooperative distillation.

    Parameters
    ----------
    name : str
    options : mapping
        Of `CooperativeDistillation`.

    Examples
    --------
    >>> Cooperation("surer", {"alpha": 0.9}).options["alpha"]
    0.9
    """

    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """With the options that are left open as they are by default today; see `Method.identity`."""
        options = CooperativeDistillation(**self.options).get_params()
        decided = {key: value for key, value in sorted(options.items()) if key not in _OF_THE_RUN}
        return repr(replace(self, options=decided))

    def apply(self, trial: Trial, seed: int) -> Outcome:
        """Let the participants cooperate; see `Method.apply`."""
        cooperation = CooperativeDistillation(random_state=seed, **self.options).fit(trial.participants)
        after = cooperation.evaluate(trial.X_test, trial.y_test, metric=METRIC)
        verdicts = [
            Verdict(name, float(value)) for name, value in zip(after["participant"], after["after"], strict=True)
        ]
        transfers = cooperation.transfers_.to_dict("records")
        told = tuple({str(key): value for key, value in row.items()} for row in transfers)
        return Outcome(tuple(verdicts), told, keep_picture(cooperation, trial) if seed == FIRST_SEED else {})


@dataclass(frozen=True)
class PublicRows:
    """Stands, as the value of a baseline's option, for the rows of a trial that everyone may see.

    Examples
    --------
    >>> Rival("fedmd", {"public": PublicRows()})
    Rival(name='fedmd', options={'public': PublicRows()})
    """

    def of(self, trial: Trial) -> Any:
        """Return the rows.

        Parameters
        ----------
        trial : Trial

        Raises
        ------
        InapplicableError
            If the trial has none.
        """
        if trial.public is None:
            raise InapplicableError(
                "there are no rows that everyone may see: each is a participant's or one of the test rows"
            )
        return trial.public


@dataclass(frozen=True)
class Rival(Method):
    """A baseline.

    Parameters
    ----------
    name : str
        One of `coopdistill.baselines.baseline_names`.
    options : mapping
        Of that baseline; `PublicRows` stands for the trial's.
    extra : tuple of str, optional
        A module without which it does nothing, and the extra of coopdistill that installs it. Where it is absent the
        method fails, and is tried again by the next run.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    >>> outcome = Rival("untaught").apply(Trial(tuple(participants), *clinics.test), seed=0)
    >>> [verdict.status for verdict in outcome.verdicts]
    ['done', 'done', 'done']
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    # What is installed is no part of what is done, so it is not in the name of the cell.
    extra: tuple[str, str] | None = field(default=None, repr=False)

    def apply(self, trial: Trial, seed: int) -> Outcome:
        """Fit the baseline; see `Method.apply`."""
        if self.extra is not None:
            import_extra(*self.extra, what=f"baseline {self.name!r}")
        options = {
            key: value.of(trial) if isinstance(value, PublicRows) else value for key, value in self.options.items()
        }
        baseline = make_baseline(self.name, random_state=seed, **options).fit(trial.participants)
        truth = as_labels(trial.y_test, len(as_frame(trial.X_test)))

        def judged(name: str) -> Verdict:
            try:
                return Verdict(name, score(truth, baseline.predict_for(name, trial.X_test), METRIC))
            except InapplicableError as error:
                return Verdict(name, None, "inapplicable", str(error))
            except Exception as error:  # one participant whose model fails must not cost the scores of all others
                return Verdict(name, None, "failed", f"{type(error).__name__}: {error}")

        names = [participant.name for participant in trial.participants]
        if baseline.alike:
            first = judged(names[0])
            return Outcome(tuple(replace(first, participant=name) for name in names))
        return Outcome(tuple(judged(name) for name in names))
