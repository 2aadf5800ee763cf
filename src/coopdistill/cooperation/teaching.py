"""How a round's lessons come about: whose models visit whom, or whose rows are shared."""

from __future__ import annotations

from coopdistill.cooperation.lesson import Lesson
from coopdistill.cooperation.rounds import Pair, Round, by_first
from coopdistill.cooperation.sharing import SharedRows
from coopdistill.cooperation.work import Task
from coopdistill.expertise import Testimony, qualified

__all__ = ["teach"]

Asked = dict[tuple[Pair, ...], Task[list[Lesson]]]
"""The question that brings the lessons of some pairs."""


def teach(round_: Round, heard: dict[str, list[Testimony]]) -> dict[Pair, Lesson]:
    """Ask for a lesson for each pair.

    Parameters
    ----------
    round_ : Round
    heard : dict of str to list of Testimony
        What others' rows say of each teacher.

    Returns
    -------
    dict of (str, str) to Lesson
    """
    shares = round_.settings.instances_from == "everyone"
    asked = _shared_tasks(round_) if shares else _private_tasks(round_, heard)
    keys = [round_.key("teach", *(name for pair in these for name in pair)) for these in asked]
    answers = round_.run("teaching", list(asked.values()), keys)
    given = {
        pair: lesson
        for these, answer in zip(asked, answers, strict=True)
        for pair, lesson in zip(these, answer, strict=True)
    }
    lessons = {pair: given[pair] for pair in round_.pairs}
    for pair, lesson in lessons.items():
        if shares or not _visits_student(round_, pair):
            _disclose(round_, lesson)
    return lessons


def _disclose(round_: Round, lesson: Lesson) -> None:
    round_.disclose("virtual instances", lesson.teacher, lesson.student, len(lesson))
    if len(lesson.changes):
        round_.disclose("change summary", lesson.teacher, lesson.student, lesson.changes.share.shape[1])


def _visits_student(round_: Round, pair: Pair) -> bool:
    """Whether the teacher's model goes to the student: a frozen teacher has no rows of its own to start from."""
    return round_.settings.instances_from == "student" or round_.agents[pair[0]].is_frozen


def _private_tasks(round_: Round, heard: dict[str, list[Testimony]]) -> Asked:
    """No row travels: students' models visit a teacher, or a teacher's model each of its students."""
    agents, asked = round_.agents, Asked()
    for teacher, student in (pair for pair in round_.pairs if _visits_student(round_, pair)):
        round_.disclose_model(teacher, student)
        given = (agents[teacher].as_teacher, heard.get(teacher, []), round_.number)
        asked[((teacher, student),)] = (agents[student].study, given)
    for teacher, students in by_first([pair for pair in round_.pairs if not _visits_student(round_, pair)]).items():
        for name in students:
            round_.disclose_model(name, teacher)
        models = [agents[name].model for name in students]
        given_all = (models, heard.get(teacher, []), round_.number)
        asked[tuple((teacher, name) for name in students)] = (agents[teacher].teach, given_all)
    return asked


def _shared_tasks(round_: Round) -> Asked:
    """The published way: rows are pooled, everyone says what of them it is right about."""
    agents, asked = round_.agents, Asked()
    pool: list[SharedRows] = [agent.share() for agent in round_.students]
    for shared in pool:
        round_.disclose("rows", shared.owner, "everyone", len(shared.y))
    keys = [round_.key("judge shared", name) for name in agents]
    verdicts = round_.run("finding expertise", [(agent.judge_shared, (pool,)) for agent in agents.values()], keys)
    verdict = dict(zip(agents, verdicts, strict=True))
    for teacher, students in by_first(round_.pairs).items():
        models = [agents[name].model for name in students]
        error = verdict[teacher].error
        where = [
            qualified(error <= model.tolerance, verdict[model.name].need, round_.settings.qualification)
            for model in models
        ]
        for name in students:
            round_.disclose("scores", name, teacher, len(verdict[name].need))
            round_.disclose_model(name, teacher)
        given = (models, pool, where, round_.number)
        asked[tuple((teacher, name) for name in students)] = (agents[teacher].teach_shared, given)
    return asked
