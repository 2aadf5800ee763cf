"""Alternating distillation: each learns what the one before it says."""

from __future__ import annotations

from coopdistill.baselines.baseline import with_rows
from coopdistill.baselines.distillation.targets import classes_of, fit_on_targets, mean_said
from coopdistill.baselines.model_for_each import ModelForEach
from coopdistill.exceptions import AlignmentError, InapplicableError, LearnerError
from coopdistill.learners import Model
from coopdistill.options import check_whole
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["AlternatingDistillation", "chain"]


class AlternatingDistillation(ModelForEach):
    """AKD: one participant after the other learns, on its own rows, what the last one's model says.

    The first learns its own labels; nobody else ever does, which is why the method forgets: each step regularizes what
    came before [1]_. Participants take turns in order of their names.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    rounds : int, default=2
        Turns of everybody. In the first, the first participant keeps the model that it has.

    See Also
    --------
    ParallelDistillation, AveragedDistillation, EnsembledDistillation : The other protocols of the same paper.

    References
    ----------
    .. [1] A. Afonin, S. P. Karimireddy: Towards Model Agnostic Federated Learning Using Knowledge Distillation. ICLR,
       2022. Alternating KD.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> company = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    >>> len(AlternatingDistillation().fit(company).predict_for("small", clinics.test.X)) == len(clinics.test.y)
    True
    """

    name = "akd"

    def __init__(self, random_state: int = 0, *, rounds: int = 2) -> None:
        super().__init__(random_state)
        self.rounds = rounds

    def _check(self) -> None:
        check_whole("rounds", self.rounds, least=1)

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        agents = list(with_rows(prepared))
        steps = chain(prepared, agents, self.rounds * len(agents), derive_seed(seed, self.name))
        self._take({model.name: model for model in steps}, prepared)


def chain(prepared: dict[str, Prepared], agents: list[str], n_steps: int, seed: int) -> list[Model]:
    """Let participants learn from one another in turn.

    Parameters
    ----------
    prepared : dict of str to Prepared
    agents : list of str
        In the order of their turns.
    n_steps : int
        Of which the first is the model that the first agent has.
    seed : int

    Returns
    -------
    list of Model
        One for each step; its name says whose it is.

    Raises
    ------
    InapplicableError
        If one of them can neither read rows of the one before nor learn what that says.
    """
    classes = classes_of(prepared.values())
    steps = [prepared[agents[0]].model]
    for step in range(1, n_steps):
        own = prepared[agents[step % len(agents)]]
        try:
            targets = mean_said([steps[-1]], own, classes)
            learned = fit_on_targets(
                own.model, own.X, targets, classes, seed=derive_seed(seed, step), weight=own.weight
            )
        except (AlignmentError, InapplicableError, LearnerError) as error:
            raise InapplicableError(f"the chain breaks at {own.model.name!r}: {error}") from error
        steps.append(learned)
    return steps
