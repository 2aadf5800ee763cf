"""A study written out, with comments that say what was found and what may be changed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from coopdistill.cli.proposal.study_plan import PlannedFile, StudyPlan
from coopdistill.cli.proposal.table_survey import ColumnSurvey
from coopdistill.cli.proposal.toml_value import toml_value
from coopdistill.plural import plural
from coopdistill.schema import Kind

__all__ = ["study_text", "toml_value"]

_WIDTH = 100
_MOST_CODES = 10


def study_text(plan: StudyPlan, path: Path) -> str:
    """Write a study out as TOML.

    Parameters
    ----------
    plan : StudyPlan
    path : Path
        Where it will lie; paths of files start from its folder.

    Returns
    -------
    str
    """
    shared = _shared_options(plan.files)
    parts = [
        _head(plan, path),
        _files(shared),
        *(_participant(one, plan, path, shared) for one in plan.participants),
        _test(plan, path, shared),
        _features(plan),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_value(name)


def _comment(text: str) -> str:
    """Break a sentence into lines of comment."""
    lines, line = [], "#"
    for word in _printable(text).split():
        if len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return "\n".join([*lines, line])


def _printable(text: str) -> str:
    """What would end a comment, or the file, is no part of it."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _list(key: str, values: Sequence[str]) -> str:
    line = f"{key} = {toml_value(list(values))}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{key} = [", *(f"    {toml_value(value)}," for value in values), "]"])


def _head(plan: StudyPlan, path: Path) -> str:
    target = plan.target
    why = f"What the models predict. It was taken for that because {target.why}." if target.reasons else ""
    return "\n".join(
        [
            _comment(f"{plan.name}: who takes part in a cooperation, on which rows, with which learner."),
            "#",
            f"#     coopdistill check {_shown(path.name)}    what would happen, without doing it",
            f"#     coopdistill run {_shown(path.name)}",
            "",
            "[study]",
            f"name = {toml_value(plan.name)}",
            *([_comment(why)] if why else []),
            *(_comment(f"{other}.") for other in target.passed_over),
            f"target = {toml_value(target.name)}",
            "# Classes, or values as they are measured (regression).",
            f"task = {toml_value(plan.task)}",
            "# Same seed, same result.",
            "seed = 0",
            "",
            "# Whose rows virtual instances are made from, and so what leaves a participant:",
            '#   "teacher"   a student\'s model goes to the teacher, virtual instances come back',
            '#   "student"   the teacher\'s model goes to the student',
            '#   "everyone"  all rows are pooled, as published',
            'instances_from = "teacher"',
            "# How much surer than of a real row a teacher makes itself, above 0 and at most 1.",
            "alpha = 0.5",
            "# How many processors work; -1 for all.",
            "# n_jobs = -1",
        ]
    )


def _shown(text: str) -> str:
    return text if re.fullmatch(r"[\w.+-]+", text) else f'"{text}"'


def _shared_options(files: Sequence[PlannedFile]) -> dict[str, Any]:
    """The options that all files have."""
    first = dict(files[0].file.options)
    return {key: value for key, value in first.items() if all(one.file.options.get(key) == value for one in files)}


def _files(shared: Mapping[str, Any]) -> str:
    if not shared:
        return ""
    return "\n".join(["# How every file is read.", "[files]", *_options(shared)])


def _options(options: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {toml_value(value)}" for key, value in options.items()]


def _reading(one: PlannedFile, plan: StudyPlan, path: Path, shared: Mapping[str, Any]) -> list[str]:
    """What says how a file is read, and what of it."""
    own = {key: value for key, value in one.file.options.items() if key not in shared}
    lines = [f"data = {toml_value(_relative(one.file.path, path))}"]
    if one.target != plan.target.name:
        lines.append(f"target = {toml_value(one.target)}")
    lines.extend(_options(own))
    if one.dropped:
        whole = len({*one.dropped.values()}) == 1
        why = [f"{name!r} {reason}" for name, reason in one.dropped.items()]
        if whole and len(one.dropped) > 1:
            why = [f"each of them {next(iter(one.dropped.values()))}"]
        if {*one.dropped.values()} != {"asked for"}:
            lines.append(_comment(f"Left out: {'; '.join(why)}."))
        lines.append(_list("drop", list(one.dropped)))
    return lines


def _relative(file: Path, study: Path) -> str:
    try:
        shown = os.path.relpath(file.resolve(), study.resolve().parent)
    except ValueError:  # another drive of Windows
        shown = str(file.resolve())
    return Path(shown).as_posix()


def _participant(one: PlannedFile, plan: StudyPlan, path: Path, shared: Mapping[str, Any]) -> str:
    from coopdistill.learners import learner_names

    others = [name for name in learner_names(plan.task) if name != one.learner]
    explained = []
    if one is plan.participants[0]:
        explained = [
            _comment(f"Others: {', '.join(others)}. Their parameters: parameters = {{ … }}."),
            '# Or, in place of a learner, a model that is fitted already and saved: model = "north.skops"',
        ]
    return "\n".join(
        [
            _comment(_counted(one)),
            "[[participants]]",
            f"name = {toml_value(one.name)}",
            *_reading(one, plan, path, shared),
            *explained,
            f"learner = {toml_value(one.learner)}",
        ]
    )


def _counted(one: PlannedFile) -> str:
    table = one.file.table
    target = table[one.target]
    values = f", {one.target}: {', '.join(target.examples)}" if target.n_distinct == len(target.examples) else ""
    return f"{plural(table.n_rows, 'row')}, {plural(len(one.features), 'feature')}{values}."


def _test(plan: StudyPlan, path: Path, shared: Mapping[str, Any]) -> str:
    if plan.test is None:
        return "\n".join(
            [
                "# Rows that no participant has, on which all models are scored before and after. Without them nobody",
                "# can say whether cooperation helped.",
                "# [test]",
                '# data = "test.csv"',
            ]
        )
    lines = ["# Rows that no participant has: all models are scored on them, before and after.", "[test]"]
    return "\n".join([*lines, *_reading(plan.test, plan, path, shared)])


def _features(plan: StudyPlan) -> str:
    columns: dict[str, list[tuple[str, ColumnSurvey]]] = {}
    for one in plan.participants:
        for column in one.features:
            columns.setdefault(column.name, []).append((one.name, column))
    if not columns:
        return ""
    everyone = len(plan.participants)
    wide = min(max(map(len, columns)), 30)
    lines = ["# What was found in the columns. Where it is wrong, or more is known, say so: [features.NAME].", "#"]
    for name, found in columns.items():
        where = "" if len(found) == everyone else _printable(f"  (only {', '.join(who for who, _ in found)})")
        lines.append(f"#   {_printable(name):{wide}}  {_described([column for _, column in found])}{where}")
    return "\n\n".join(["\n".join(lines), *_spelled(plan), _examples(), *_codes(columns)])


def _described(columns: list[ColumnSurvey]) -> str:
    kinds = dict.fromkeys(str(column.kind) if column.kind else "empty" for column in columns)
    widest = max(columns, key=lambda column: column.n_distinct)
    few = widest.n_distinct == len(widest.examples)
    ends = ", ".join(widest.examples) if few else f"{widest.examples[0]} … {widest.examples[-1]}"
    values = f"  {ends}" if widest.examples else ""
    missing = sum(column.n_missing for column in columns)
    text = f"{'/'.join(kinds):12}{values}" + (f", {missing:,} missing" if missing else "")
    return _printable(text[:120])


def _spelled(plan: StudyPlan) -> list[str]:
    """Each spelling of a feature is told of the others."""
    return [
        f"[features.{_key(name)}]\n" + _list("synonyms", [other for other in spellings if other != name])
        for spellings in plan.spellings.values()
        if not {one.target for one in plan.files} & set(spellings)
        for name in spellings
        if any(name in [column.name for column in one.features] for one in plan.participants)
    ]


def _examples() -> str:
    return "\n".join(
        [
            "# What may be said of a feature:",
            "# [features.NAME]",
            "# immutable = true                     a virtual instance may not change it",
            '# direction = "increase"               it can only grow, as age does',
            '# unit = "kg"                          its unit, and what one of another unit is worth in it:',
            "# conversions = { lb = 0.45359237 }",
            "# missing = [0]                        values that stand for none",
            '# synonyms = ["another name"]          what others call it',
        ]
    )


def _codes(columns: Mapping[str, list[tuple[str, ColumnSurvey]]]) -> list[str]:
    """Numbers so few that they may be codes."""
    return [
        f"# {name!r} has {most.n_distinct} values ({_printable(', '.join(most.examples))}): if they are codes,\n"
        f'# [features.{_key(name)}]\n# kind = "categorical"'
        for name, found in columns.items()
        for most in [max((column for _, column in found), key=lambda column: column.n_distinct)]
        if most.kind is Kind.INTEGER and 2 < most.n_distinct == len(most.examples) <= _MOST_CODES
    ]
