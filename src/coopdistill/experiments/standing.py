"""Where each method stands over all experiments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from coopdistill.evaluation import mean_ranks
from coopdistill.experiments.experiment import Experiment

__all__ = ["Standing", "same_trials", "standing_of", "trial_scores"]

BLOCK = ["experiment", "setting"]
Block = tuple[int, str]


@dataclass(frozen=True, eq=False)
class Standing:
    """Scores that can be compared across settings, and who has none.

    A block is one setting: its score is the mean over participants and over those seeds in which every ranked method
    has a score of every participant. Seeds are no blocks of their own, because they repeat a setting on the same data;
    and participants are none, because they teach each other. Settings are not quite independent, either, where they
    share a data set: what is read from ranks holds for these settings, more than for all that there could be.

    Parameters
    ----------
    scores : DataFrame of shape (n_blocks, n_ranked)
        Per cent; a line for each experiment and setting, a column for each method that has scores in all.
    n_seeds : Series of shape (n_blocks,)
        How many seeds each line is the mean of.
    unranked : dict of str to str
        For each of the other methods, why.
    """

    scores: pd.DataFrame
    n_seeds: pd.Series
    unranked: Mapping[str, str]

    @property
    def ranks(self) -> pd.Series:
        """The mean rank of each ranked method, the best first."""
        return mean_ranks(self.scores)


def trial_scores(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over participants of each trial and method.

    Parameters
    ----------
    rows : DataFrame
        From `coopdistill.experiments.results_of`.

    Returns
    -------
    DataFrame of shape (n_trials, n_methods)
        Per cent; a line for each experiment, setting and seed. NaN where a participant has no score.

    Examples
    --------
    >>> told = {"experiment": 3, "setting": "hospitals", "seed": 0}
    >>> rows = pd.DataFrame(
    ...     [
    ...         {**told, "method": "untaught", "participant": "va", "score": 0.7},
    ...         {**told, "method": "untaught", "participant": "hungarian", "score": 0.8},
    ...         {**told, "method": "stacking", "participant": "va", "score": 0.9},
    ...         {**told, "method": "stacking", "participant": "hungarian", "score": None},
    ...     ]
    ... )
    >>> trial_scores(rows).to_dict("records")
    [{'untaught': 75.0, 'stacking': nan}]
    """
    trial = [*BLOCK, "seed"]
    known = rows.assign(score=100.0 * rows["score"].astype(float), lacking=rows["score"].isna())
    cells = known.groupby([*trial, "method"], sort=False).agg(score=("score", "mean"), lacking=("lacking", "any"))
    scores = cells["score"].mask(cells["lacking"]).unstack("method")  # noqa: PD010  # nothing to aggregate
    order = pd.MultiIndex.from_frame(rows[trial].drop_duplicates())
    return scores.reindex(index=order, columns=list(dict.fromkeys(rows["method"])))


def standing_of(rows: pd.DataFrame) -> Standing:
    """Find out what can be compared across settings.

    Parameters
    ----------
    rows : DataFrame
        From `coopdistill.experiments.results_of`, of one experiment or several.

    Returns
    -------
    Standing
        Methods without a score of every participant in some seed of every setting are not ranked.
    """
    trials = trial_scores(rows)
    in_block = trials.notna().groupby(level=BLOCK, sort=False).any()
    ranked = [name for name in trials if in_block[name].all()]
    common = trials[ranked].dropna().groupby(level=BLOCK, sort=False)
    unranked = {str(name): _why(rows, str(name), in_block[name]) for name in trials if name not in ranked}
    return Standing(common.mean(), common.size(), unranked)


def _why(rows: pd.DataFrame, method: str, in_block: pd.Series) -> str:
    lacking = in_block.index[~in_block]
    experiment, setting = lacking[0]
    here = (rows["experiment"] == experiment) & (rows["setting"] == setting) & (rows["method"] == method)
    said = [reason for reason in rows[here]["reason"] if reason]
    reason = said[0] if said else "it was not run there" if not here.any() else "not every participant has a score"
    return f"no score in {len(lacking)} of {len(in_block)} settings, for instance in {setting!r}: {reason}"


def same_trials(experiments: Iterable[Experiment], *, small: bool = False) -> dict[Block, Block]:
    """Find settings that repeat another's trials, which would count twice.

    Parameters
    ----------
    experiments : iterable of Experiment
    small : bool, default=False
        Whether their small settings are meant.

    Returns
    -------
    dict of (int, str) to (int, str)
        For the number and the name of a setting that comes later, those of the one whose trials it repeats.

    Examples
    --------
    >>> from coopdistill.experiments import EXPERIMENTS
    >>> same_trials(EXPERIMENTS.values())
    {(6, '6 shared'): (1, 'all cars')}
    """
    first: dict[str, Block] = {}
    found: dict[Block, Block] = {}
    for experiment in experiments:
        for setting in experiment.small if small else experiment.settings:
            here = (experiment.number, setting.name)
            # A partial says its function and its arguments.
            before = first.setdefault(repr(setting.make), here)
            if before != here:
                found[here] = before
    return found
