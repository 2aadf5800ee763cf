"""What is chosen when a study is written: by options, by questions in a terminal, or by what the files look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import click

from coopdistill.cli.proposal.file_survey import FileSurvey
from coopdistill.cli.proposal.passed_over import passed_over
from coopdistill.cli.proposal.study_plan import StudyPlan, likely_targets, make_plan
from coopdistill.cli.proposal.target_guess import TargetGuess
from coopdistill.exceptions import InputError, StudyError, nearest_name
from coopdistill.learners import learner_names
from coopdistill.plural import plural

__all__ = ["Choices"]

NONE = "-"
"""What is typed for nothing at all."""

T = TypeVar("T")


@dataclass(frozen=True)
class Choices:
    """What was said already, and whether the rest is asked.

    Parameters
    ----------
    name : str
        The study's.
    target : str or None
    test : Path or None
    no_test : bool
    dropped : sequence of str or None
        None: those that look like identifiers.
    learners : sequence of str
        As ``"mlp"`` or ``"north=mlp"``.
    asks : bool
        Whether somebody sits in front of it.
    """

    name: str
    target: str | None = None
    test: Path | None = None
    no_test: bool = False
    dropped: Sequence[str] | None = None
    learners: Sequence[str] = ()
    asks: bool = False

    def plan(self, surveys: Sequence[FileSurvey]) -> StudyPlan:
        """Choose, ask, and say what was chosen.

        Parameters
        ----------
        surveys : sequence of FileSurvey
            Of all files.

        Returns
        -------
        StudyPlan

        Raises
        ------
        StudyError
            If no study can be made of these files.
        """
        _list_files(surveys)
        test = self._test(surveys)
        files = self._participants([survey for survey in surveys if survey is not test])
        if len(files) < 2:
            beside = "" if test is None else " beside the test file"
            raise StudyError(
                f"cooperation takes two participants or more, each with a file of its own; here {len(files)} "
                f"{'is' if len(files) == 1 else 'are'} left{beside}: name more"
            )
        target = self._target([*files, *([] if test is None else [test])])
        plan = make_plan(files, target, name=self.name, test=test, dropped=self.dropped)
        if self.dropped is None:
            plan = self._without_identifiers(plan)
        return self._with_learners(plan)

    def _test(self, surveys: Sequence[FileSurvey]) -> FileSurvey | None:
        if self.no_test:
            return None
        said = self.test
        if said is not None:
            return next(survey for survey in surveys if survey.path.resolve() == said.resolve())
        named = [i for i, survey in enumerate(surveys, start=1) if survey.is_test]
        guess = str(named[0]) if len(named) == 1 else NONE
        if self.asks:
            return _ask(f"Which file is for testing only? (its number, {NONE} for none)", guess, _one_or_none(surveys))
        if len(named) > 1:
            shown = ", ".join(repr(surveys[i - 1].path.name) for i in named)
            raise StudyError(f"several files are named for testing: {shown}; say which: --test FILE, or --no-test")
        if named:
            _say(f"test file: {surveys[named[0] - 1].path.name} (by its name)")
        return surveys[named[0] - 1] if named else None

    def _participants(self, surveys: list[FileSurvey]) -> list[FileSurvey]:
        if not self.asks or len(surveys) <= 2:
            return surveys
        _list_files(surveys)
        everyone = " ".join(str(i) for i in range(1, len(surveys) + 1))
        return _ask("Which files take part? (their numbers)", everyone, _two_or_more(surveys))

    def _target(self, files: Sequence[FileSurvey]) -> TargetGuess:
        if self.target is not None:
            return TargetGuess(self.target, (), 0.0)
        guesses = likely_targets(files)
        others = passed_over(files, guesses[0] if guesses else None)
        for other in others:
            _say(f"note: {other}")
        if not guesses:
            raise StudyError(
                "no column is in all files with a value in each row, so none can be what is predicted; name such "
                "a column alike in all files, or leave a file out"
            )
        best = replace(guesses[0], passed_over=others)
        _say(f"target: {best.name!r}, because {best.why}")
        if not self.asks:
            if len(guesses) > 1 and guesses[1].worth == best.worth:
                _say(f"   as likely: {guesses[1].name!r}; --target says it")
            return best
        known = {guess.name: guess for guess in guesses}

        def understood(answer: str) -> TargetGuess:
            if answer not in known:
                raise click.UsageError(
                    f"not in all files with a value in each row: {answer!r}{nearest_name(answer, known)}"
                )
            return best if answer == best.name else replace(known[answer], reasons=())

        return _ask("Which column do the models predict?", best.name, understood)

    def _without_identifiers(self, plan: StudyPlan) -> StudyPlan:
        reasons = {name: why for one in plan.files for name, why in one.dropped.items()}
        for name, why in reasons.items():
            _say(f"left out: {name!r} {why}")
        if not self.asks:
            return plan

        def understood(answer: str) -> StudyPlan:
            names = [] if answer.strip() == NONE else [name.strip() for name in answer.split(",") if name.strip()]
            if set(names) == set(reasons):
                return plan
            try:
                return make_plan(
                    [one.file for one in plan.participants],
                    plan.target,
                    name=plan.name,
                    test=plan.test.file if plan.test else None,
                    dropped=names,
                )
            except InputError as error:
                raise click.UsageError(str(error)) from error

        return _ask(
            f"Which columns are to be left out? (divided by commas, {NONE} for none)",
            ", ".join(reasons) or NONE,
            understood,
        )

    def _with_learners(self, plan: StudyPlan) -> StudyPlan:
        said = _said_learners(self.learners, plan)
        names = learner_names(plan.task)
        if self.asks and not said:
            _say(f"learners: {', '.join(names)}")
        participants = []
        for one in plan.participants:
            learner = said.get(one.name) or said.get("") or one.learner
            if self.asks and one.name not in said and "" not in said:
                learner = _ask(f"Learner of {one.name!r}", learner, lambda answer: _known_learner(answer, names))
            participants.append(replace(one, learner=learner))
        return replace(plan, participants=tuple(participants))


def _said_learners(learners: Sequence[str], plan: StudyPlan) -> Mapping[str, str]:
    """The learner of each participant that was said; under an empty name that of all others."""
    said: dict[str, str] = {}
    names = [one.name for one in plan.participants]
    for given in learners:
        who, _, learner = given.rpartition("=")
        if who and who not in names:
            raise StudyError(f"--learner {given!r}: no participant is named {who!r}{nearest_name(who, names)}")
        try:
            said[who] = _known_learner(learner, learner_names(plan.task))
        except click.UsageError as error:
            raise StudyError(f"--learner {given!r}: {error.message}") from None
    return said


def _known_learner(answer: str, names: Sequence[str]) -> str:
    if answer not in names:
        raise click.UsageError(f"no learner for this: {answer!r}{nearest_name(answer, names)}")
    return answer


def _one_or_none(surveys: Sequence[FileSurvey]) -> Callable[[str], FileSurvey | None]:
    """Understand the number of a file, or its name."""

    def understood(answer: str) -> FileSurvey | None:
        if answer.strip() == NONE:
            return None
        chosen = _chosen(answer, surveys)
        if len(chosen) > 1:
            raise click.UsageError(f"{answer.strip()!r} is more than one; name one file, or {NONE} for none")
        return chosen[0]

    return understood


def _two_or_more(surveys: Sequence[FileSurvey]) -> Callable[[str], list[FileSurvey]]:
    """Understand numbers of files, or their names."""

    def understood(answer: str) -> list[FileSurvey]:
        chosen = list(dict.fromkeys(_chosen(answer, surveys)))
        if len(chosen) < 2:
            raise click.UsageError("cooperation takes two at least; name one more")
        return chosen

    return understood


def _chosen(answer: str, surveys: Sequence[FileSurvey]) -> list[FileSurvey]:
    known = {str(i): survey for i, survey in enumerate(surveys, start=1)}
    by_name = {survey.path.name: survey for survey in surveys}
    words = [answer.strip()] if answer.strip() in by_name else answer.replace(",", " ").split()
    chosen = []
    for word in words:
        found = known.get(word) or by_name.get(word)
        if found is None:
            raise click.UsageError(f"{word!r} is none of them; 1 to {len(surveys)}")
        chosen.append(found)
    if not chosen:
        raise click.UsageError("name one at least")
    return chosen


def _ask(question: str, proposed: str, understood: Callable[[str], T]) -> T:
    """Ask until the answer is understood."""
    answer: T = click.prompt(question, default=proposed, value_proc=understood, err=True)
    return answer


def _list_files(surveys: Sequence[FileSurvey]) -> None:
    wide = max(len(survey.path.name) for survey in surveys)
    for i, survey in enumerate(surveys, start=1):
        how = "".join(f", {key} {value!r}" for key, value in survey.options.items())
        shape = f"{plural(survey.table.n_rows, 'row')}, {plural(len(survey.table.columns), 'column')}"
        _say(f"{i:3}  {survey.path.name:{wide}}  {shape}{how}")


def _say(text: str) -> None:
    click.echo(text, err=True)
