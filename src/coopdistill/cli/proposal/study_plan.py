"""A study as it is about to be written: what was found in the files, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from coopdistill.cli.proposal.file_survey import FileSurvey
from coopdistill.cli.proposal.table_survey import ColumnSurvey, TableSurvey, name_words
from coopdistill.cli.proposal.target_guess import TargetGuess, guess_target, looks_measured
from coopdistill.exceptions import StudyError, nearest_name
from coopdistill.learners.named import Task

__all__ = ["PlannedFile", "StudyPlan", "likely_targets", "make_plan", "proposed_learner", "respelled"]

_ROWS_FOR_A_FOREST = 100


@dataclass(frozen=True)
class PlannedFile:
    """A file in a study: a participant's, or the test file.

    Parameters
    ----------
    name : str
        The participant's.
    file : FileSurvey
    target : str
        What the target is called here.
    dropped : mapping of str to str
        Columns to be left out, and why.
    learner : str
        Registered name; empty for the test file.
    """

    name: str
    file: FileSurvey
    target: str
    dropped: Mapping[str, str]
    learner: str = ""

    @property
    def features(self) -> tuple[ColumnSurvey, ...]:
        """The columns that remain."""
        taken = {self.target, *self.dropped}
        return tuple(column for column in self.file.table.columns if column.name not in taken)


@dataclass(frozen=True)
class StudyPlan:
    """All that is about to be written.

    Parameters
    ----------
    name : str
        The study's.
    target : TargetGuess
        What is predicted, and why it was taken for that.
    task : str
    participants : tuple of PlannedFile
    test : PlannedFile or None
    spellings : mapping of str to tuple of str
        For a feature's first spelling, all of them, where there are several.
    """

    name: str
    target: TargetGuess
    task: Task
    participants: tuple[PlannedFile, ...]
    test: PlannedFile | None
    spellings: Mapping[str, tuple[str, ...]]

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        """The participants' and the test file."""
        return self.participants if self.test is None else (*self.participants, self.test)


def likely_targets(files: Sequence[FileSurvey]) -> list[TargetGuess]:
    """Put the columns that all files have, spelled alike or nearly so, in order of how likely each is the target.

    Parameters
    ----------
    files : sequence of FileSurvey

    Returns
    -------
    list of TargetGuess
        By their spelling in the first file.
    """
    return guess_target(respelled(files))


def respelled(files: Sequence[FileSurvey]) -> list[TableSurvey]:
    """Call the columns of all files as the first file that has them does.

    Parameters
    ----------
    files : sequence of FileSurvey

    Returns
    -------
    list of TableSurvey
        In the files' order.
    """
    first = {name: spelling for spelling, names in _spellings(files).items() for name in names}
    return [_respelled(file.table, first) for file in files]


def make_plan(
    files: Sequence[FileSurvey],
    target: TargetGuess,
    *,
    name: str,
    test: FileSurvey | None = None,
    dropped: Sequence[str] | None = None,
    learners: Mapping[str, str] | None = None,
) -> StudyPlan:
    """Make all choices that were not made.

    Parameters
    ----------
    files : sequence of FileSurvey
        The participants'.
    target : TargetGuess
    name : str
        The study's.
    test : FileSurvey, optional
    dropped : sequence of str, optional
        Columns to be left out wherever they are. Default: those that look like identifiers.
    learners : mapping of str to str, optional
        The registered name of some participants' learner. Default: `proposed_learner`.

    Returns
    -------
    StudyPlan

    Raises
    ------
    StudyError
        If a file has no such target, or a column to be dropped is in no file or is the target.
    """
    every = [*files, *([] if test is None else [test])]
    spellings = _spellings(every)
    targets = [_target_in(file, target.name) for file in every]
    _check_dropped(every, dropped, targets)
    planned = []
    for file, own_target in zip(every, targets, strict=True):
        planned.append(PlannedFile("", file, own_target, _dropped_in(file, own_target, dropped, every)))
    task: Task = "regression" if looks_measured([one.file.table[one.target] for one in planned]) else "classification"
    names = _names(files)
    participants = tuple(
        replace(one, name=own, learner=(learners or {}).get(own) or proposed_learner(one.file.table.n_rows, task))
        for one, own in zip(planned, names, strict=False)
    )
    kept = {column.name for one in planned for column in one.features}
    several = {first: tuple(s for s in all_ if s in kept) for first, all_ in spellings.items()}
    several = {first: all_ for first, all_ in several.items() if len(all_) > 1}
    return StudyPlan(name, target, task, participants, None if test is None else planned[-1], several)


def proposed_learner(n_rows: int, task: Task) -> str:
    """Name a learner that serves rows so many.

    Examples
    --------
    >>> proposed_learner(60, "classification"), proposed_learner(5000, "regression")
    ('logistic-regression', 'random-forest')
    """
    if n_rows >= _ROWS_FOR_A_FOREST:
        return "random-forest"
    return "ridge" if task == "regression" else "logistic-regression"


def _names(files: Sequence[FileSurvey]) -> list[str]:
    """Name participants after their files, or after their folders where the files are called alike."""
    stems = [file.stem for file in files]
    if len(set(stems)) == len(stems):
        return stems
    folders = [file.path.resolve().parent.name for file in files]
    both = [f"{folder} {stem}".strip() for folder, stem in zip(folders, stems, strict=True)]
    named = folders if len(set(folders)) == len(folders) else both
    return named if len(set(named)) == len(named) else [str(file.path) for file in files]


def _key(name: str) -> str:
    """What is left of a name without capitals and what divides its words."""
    return "".join(name_words(name)) or name


def _spellings(files: Sequence[FileSurvey]) -> dict[str, tuple[str, ...]]:
    """All spellings of each name; names that one file tells apart are not the same."""
    found: dict[str, list[str]] = {}
    apart: set[str] = set()
    for file in files:
        keys = [_key(name) for name in file.table.names]
        apart.update(key for key in keys if keys.count(key) > 1)
        for name, key in zip(file.table.names, keys, strict=True):
            known = found.setdefault(key, [])
            if name not in known:
                known.append(name)
    return {names[0]: tuple(names) for key, names in found.items() if key not in apart}


def _respelled(table: TableSurvey, first: Mapping[str, str]) -> TableSurvey:
    columns = tuple(replace(column, name=first.get(column.name, column.name)) for column in table.columns)
    return TableSurvey(table.n_rows, columns)


def _target_in(file: FileSurvey, target: str) -> str:
    names = file.table.names
    if target in names:
        return target
    alike = [name for name in names if _key(name) == _key(target)]
    if len(alike) != 1:
        raise StudyError(
            f"{str(file.path)!r} has no column {target!r} to predict{nearest_name(target, names)}; name another "
            "target, or leave that file out"
        )
    return alike[0]


def _check_dropped(files: Sequence[FileSurvey], dropped: Sequence[str] | None, targets: Sequence[str]) -> None:
    known = {name for file in files for name in file.table.names}
    for name in dropped or ():
        if name not in known:
            raise StudyError(f"no file has a column {name!r} to drop{nearest_name(name, sorted(known))}")
        if name in targets:
            raise StudyError(
                f"{name!r} is what the models predict, so it cannot be left out; keep it, or name another target "
                "(--target COLUMN)"
            )


def _dropped_in(
    file: FileSurvey, target: str, dropped: Sequence[str] | None, every: Sequence[FileSurvey]
) -> dict[str, str]:
    """The columns of a file that cannot serve as features, and why."""
    found: dict[str, str] = {}
    for column in file.table.columns:
        if column.name == target:
            continue
        if dropped is not None and column.name in dropped:
            found[column.name] = "asked for"
        elif dropped is None and column.why_identifier:
            found[column.name] = f"looks like an identifier: {column.why_identifier}"
        elif _differs_in_kind(column.name, every):
            found[column.name] = "holds numbers in some files and text in others"
    return found


def _differs_in_kind(name: str, files: Sequence[FileSurvey]) -> bool:
    columns = [c for file in files for c in file.table.columns if _key(c.name) == _key(name) and c.kind is not None]
    return len({column.is_number for column in columns}) > 1
