"""Writes the tables of a study's keys from the models that check them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from mkdocs.exceptions import PluginError
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

_MARK = re.compile(r"^<!-- keys: (\w+) -->$", re.MULTILINE)
_WORDS = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Replace `<!-- keys: Model -->` by a table of the keys of that model of `coopdistill.cli.studies.study_format`."""
    return _MARK.sub(lambda match: _table_of(match[1], page.file.src_path), markdown)


def _table_of(name: str, page: str) -> str:
    from coopdistill.cli.studies import study_format

    model = getattr(study_format, name, None)
    if model is None:
        raise PluginError(f"{page}: coopdistill.cli.studies.study_format has no {name!r}")
    rows = [_row(name, key, field) for key, field in _own_fields(model)]
    return "\n".join(["| key | value | default | meaning |", "| --- | --- | --- | --- |", *rows])


def _own_fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the keys that no parent has, but those that a child declares anew."""
    inherited = {key for parent in model.__mro__[1:] for key in getattr(parent, "__pydantic_fields__", {})}
    for key, field in model.model_fields.items():
        if key not in inherited or key in vars(model).get("__annotations__", {}):
            yield key, field


def _row(model: str, key: str, field: FieldInfo) -> str:
    meaning = field.description or _MEANINGS.get((model, key)) or _documented(model).get(key)
    if meaning is None:
        raise PluginError(f"the key {key!r} of {model} has no description; give it one in docs_build/study_keys.py")
    default = "**needed**" if field.is_required() else _default(field)
    names = _names(key) if model == "StudyOptions" else ()
    allowed = ", ".join(f"`{json.dumps(name)}`" for name in names) or _allowed(field.annotation)
    return f"| `{key}` | {allowed} | {default} | {meaning} |"


def _names(key: str) -> Iterable[str]:
    """What a key allows that is validated by name."""
    from coopdistill.cooperation.acceptance import POLICIES
    from coopdistill.counterfactuals import generator_names

    return {"generator": generator_names(), "acceptance": tuple(POLICIES)}.get(key, ())


def _default(field: FieldInfo) -> str:
    if field.default in (None, PydanticUndefined) or isinstance(field.default, dict | BaseModel):
        return ""
    return f"`{json.dumps(field.default)}`"


def _allowed(annotation: Any) -> str:
    """Say in words what a type allows."""
    origin, of = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _allowed(of[0])
    if origin is Literal:
        return ", ".join(f"`{json.dumps(value)}`" for value in of)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_allowed(one) for one in of if one is not NoneType))
    if origin is list:
        return f"list of: {_allowed(of[0])}"
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return "table"
    return _WORDS[annotation.__name__]


def _documented(model: str) -> Mapping[str, str]:
    """Read what the class behind a table says of its parameters."""
    from coopdistill import CooperativeDistillation, Feature, Participant

    behind = {"StudyOptions": CooperativeDistillation, "FeatureOptions": Feature, "ParticipantOptions": Participant}
    return _parameters(behind[model].__doc__ or "") if model in behind else {}


def _parameters(docstring: str) -> dict[str, str]:
    """Return the first sentence of each parameter of a docstring in numpydoc."""
    section = re.search(r"Parameters\n +-+\n(.*?)(?:\n\n +\w[\w ]*\n +-+\n|\Z)", docstring, re.DOTALL)
    found = {}
    for names, text in re.findall(r"^    (\w[\w, ]*) : .*\n((?:        .*\n?)+)", section[1] if section else "", re.M):
        sentence = re.split(r"(?<=[.!?])\s", " ".join(text.split()))[0].replace("``", "`").replace("|", "\\|")
        found.update(dict.fromkeys(re.split(r", ?", names), sentence))
    return found


_MEANINGS = {
    ("StudyFile", "study"): "Name, target and options of the cooperation: [study](#study).",
    ("StudyFile", "files"): "How every data file is read: [files](#files).",
    ("StudyFile", "labels"): "What the values of the target mean: [labels](#labels).",
    ("StudyFile", "participants"): "Who takes part, at least two: [participants](#participants).",
    ("StudyFile", "features"): "What cannot be read off the rows: [features](#features).",
    ("StudyFile", "test"): "Rows that nobody trains on: [test](#test).",
    ("StudyOptions", "name"): "What the report is called; else the file's name.",
    ("StudyOptions", "target"): "The column to predict, if all files name it alike.",
    ("StudyOptions", "task"): "Whether classes or values are predicted; else the learners or the target tell.",
    ("StudyOptions", "seed"): "Same seed, same result, whatever `n_jobs`.",
    ("StudyOptions", "focus"): "What a teacher teaches: where the student is wrong, also where it is unsure, or all "
    "that the teacher knows.",
    ("FileOptions", "target"): "The column to predict in this file.",
    ("FileOptions", "header"): "Whether the first line names the columns.",
    ("FileOptions", "names"): "Names of the columns, where the file has none.",
    ("FileOptions", "delimiter"): "The character between two values.",
    ("FileOptions", "decimal"): "The character in front of the decimals.",
    ("FileOptions", "encoding"): "How the text is encoded.",
    ("FileOptions", "na_values"): "Texts that stand for a missing value.",
    ("FileOptions", "keep"): "Columns to read; all others are left out.",
    ("FileOptions", "drop"): "Columns to leave out.",
    ("ParticipantOptions", "data"): "The file with its rows, CSV or Parquet, beside the study or in `--data`.",
    ("ParticipantOptions", "learner"): "A learner [by name](learners.md#by-name), fitted on the rows.",
    ("ParticipantOptions", "parameters"): "Parameters of the learner.",
    ("ParticipantOptions", "model"): "A saved model in place of a learner; without `data` it only teaches.",
    ("ParticipantOptions", "features"): "What holds for this participant alone: [features](#features).",
    ("TestOptions", "data"): "The file with test rows.",
    ("FeatureOptions", "kind"): "How values are read and moved.",
    ("FeatureOptions", "immutable"): "The opposite of `mutable`: `true` keeps it as it is.",
    ("FeatureOptions", "low"): "Least value that it can have.",
    ("FeatureOptions", "high"): "Greatest value that it can have.",
    ("FeatureOptions", "categories"): "All values that it can have, seen or not.",
    ("FeatureOptions", "missing"): "Values that stand for a missing one in this column.",
}
