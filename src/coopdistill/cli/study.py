"""Study files: who takes part, on which rows, with which learner, and how."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from coopdistill.cli.label_rules import check_label_rule
from coopdistill.cli.toml_lines import Location, TomlLines
from coopdistill.exceptions import StudyError, nearest_name

__all__ = [
    "FeatureOptions",
    "FileOptions",
    "ParticipantOptions",
    "Study",
    "StudyFile",
    "StudyOptions",
    "TestOptions",
    "read_study",
]

Scalar: TypeAlias = str | int | float | bool
Rule: TypeAlias = str | list[Scalar]


class _Table(BaseModel):
    """A table of a study; a key that it does not know is an error that names the nearest."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _know_every_key(cls, values: Any) -> Any:
        if isinstance(values, dict):
            for key in values:
                if key not in cls.model_fields:
                    near = nearest_name(key, cls.model_fields)
                    raise PydanticCustomError(
                        "unknown_key", "{message}", {"message": f"unknown key {key!r}{near}", "key": key}
                    )
        return values


class FeatureOptions(_Table):
    """What overrules the inference of one feature."""

    kind: Literal["continuous", "integer", "categorical", "binary"] | None = None
    unit: str | None = None
    conversions: dict[str, Annotated[float, Field(gt=0)]] | None = None
    mutable: bool | None = None
    immutable: bool | None = None
    direction: Literal["increase", "decrease"] | None = None
    fillable: bool | None = None
    synonyms: list[str] | None = None
    low: float | None = None
    high: float | None = None
    categories: list[Scalar] | None = None
    category_synonyms: dict[str, Scalar] | None = None
    one_hot: Annotated[dict[str, Scalar], Field(min_length=2)] | None = None
    spread: Annotated[float, Field(gt=0)] | None = None
    fill: Scalar | None = None
    missing: list[Scalar] | None = None

    @model_validator(mode="after")
    def _say_it_once(self) -> FeatureOptions:
        if self.mutable is not None and self.immutable is not None:
            raise ValueError("mutable and immutable say the same thing; keep one")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low={self.low!r} exceeds high={self.high!r}; swap them")
        return self

    def declared(self) -> dict[str, Any]:
        """Return the fields of `Feature` that were given."""
        given = self.model_dump(exclude_none=True, exclude={"immutable", "missing"})
        if self.immutable is not None:
            given["mutable"] = not self.immutable
        for key in ("synonyms", "categories"):
            if key in given:
                given[key] = tuple(given[key])
        return given


class FileOptions(_Table):
    """How a data file is read; in ``[files]`` for all, elsewhere for one."""

    target: str | None = None
    header: bool | None = None
    names: list[str] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    na_values: list[str | int | float] | None = None
    keep: list[str] | None = None
    drop: list[str] | None = None

    @model_validator(mode="after")
    def _keep_or_drop(self) -> FileOptions:
        if self.keep is not None and self.drop is not None:
            raise ValueError("keep and drop contradict each other; name the columns to keep or those to drop")
        return self


class ParticipantOptions(FileOptions):
    """One participant."""

    name: Annotated[str, Field(min_length=1)]
    data: str | None = None
    learner: str | None = None
    parameters: dict[str, Scalar | list[Scalar] | dict[str, Scalar]] | None = None
    model: str | None = None
    refit_preprocessing: bool = False
    features: dict[str, FeatureOptions] = {}

    @field_validator("learner")
    @classmethod
    def _know_the_learner(cls, value: str | None) -> str | None:
        from coopdistill.learners import learner_names

        return None if value is None else _known("learner", value, learner_names())

    @model_validator(mode="after")
    def _one_model(self) -> ParticipantOptions:
        if (self.learner is None) == (self.model is None):
            raise ValueError("it needs either a learner to fit or a saved model; give one of learner = …, model = …")
        if self.parameters is not None and self.learner is None:
            raise ValueError("a saved model brings its own parameters; leave parameters out")
        if self.data is None and self.learner is not None:
            raise ValueError("a learner needs rows to be fitted on; name their file: data = …")
        return self


class TestOptions(FileOptions):
    """The test file."""

    __test__ = False

    data: str


class StudyOptions(_Table):
    """The options of the cooperation."""

    name: str | None = None
    target: str | None = None
    task: Literal["classification", "regression"] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    alpha: float = 0.5
    focus: Literal["wrong", "unsure", "all"] = "all"
    instances_from: Literal["teacher", "student", "everyone"] = "teacher"
    expertise: Literal["out-of-fold", "in-sample"] = "out-of-fold"
    generator: str = "auto"
    tolerance: Annotated[float, Field(gt=0)] | None = None
    rounds: Annotated[int, Field(ge=1)] = 1
    acceptance: str = "auto"
    n_jobs: int | None = None

    @field_validator("alpha")
    @classmethod
    def _some_of_the_way(cls, value: float) -> float:
        if not 0 < value <= 1:
            raise ValueError(f"{value!r} is out of range; allowed: above 0 and at most 1 (0.5 goes half of the way)")
        return value

    @field_validator("generator")
    @classmethod
    def _know_the_generator(cls, value: str) -> str:
        from coopdistill.counterfactuals import generator_names

        return _known("generator", value, generator_names())

    @field_validator("acceptance")
    @classmethod
    def _know_the_acceptance(cls, value: str) -> str:
        from coopdistill.cooperation.acceptance import POLICIES

        return _known("acceptance", value, tuple(POLICIES))

    @field_validator("n_jobs")
    @classmethod
    def _some_jobs(cls, value: int | None) -> int | None:
        if value == 0:
            raise ValueError("no jobs would do no work; allowed: 1 or more, -1 for all cores, or leave it out")
        return value


class StudyFile(_Table):
    """A whole study."""

    study: StudyOptions = StudyOptions()
    files: FileOptions = FileOptions()
    labels: dict[str, Annotated[Rule, AfterValidator(check_label_rule)]] | None = None
    participants: Annotated[list[ParticipantOptions], Field(min_length=2)]
    features: dict[str, FeatureOptions] = {}
    test: TestOptions | None = None

    @model_validator(mode="after")
    def _distinct(self) -> StudyFile:
        names = [p.name for p in self.participants]
        doubled = next((name for i, name in enumerate(names) if name in names[:i]), None)
        if doubled is not None:
            second = [i for i, name in enumerate(names) if name == doubled][1]
            message = f"two participants are named {doubled!r}; give each a name of its own"
            raise _at(("participants", second, "name"), message)
        if self.labels is not None and len(self.labels) < 2:
            raise _at(
                ("labels",),
                f"labels has one label only, {next(iter(self.labels), None)!r}; a model needs two to tell apart",
            )
        if self.labels is not None and self.study.task == "regression":
            raise _at(("labels",), 'labels make classes, and task = "regression" in [study] predicts values; keep one')
        return self


def _at(location: Location, message: str) -> PydanticCustomError:
    """Make the error for something that lies deeper than the table that is being checked."""
    return PydanticCustomError("placed", "{message}", {"message": message, "location": location})


def _known(what: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise ValueError(f"unknown {what} {value!r}{nearest_name(value, allowed)}")
    return value


@dataclass(frozen=True)
class Study:
    """A study as it was read, and where each of its keys stands.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        Its text.
    content : StudyFile
        What it says.
    """

    path: Path
    text: str
    content: StudyFile

    @property
    def name(self) -> str:
        """The name that it gives itself, else that of the file."""
        return self.content.study.name or self.path.stem

    def error(self, location: Location, message: str) -> StudyError:
        """Make the error for what stands at a location.

        Parameters
        ----------
        location : tuple of str and int
            Keys, and positions within arrays of tables.
        message : str
            What is wrong, and what to do.

        Returns
        -------
        StudyError
        """
        return StudyError(
            f"{str(self.path)!r}, {_place(location, self.content.model_dump(), TomlLines(self.text))}: {message}"
        )


def read_study(path: str | Path) -> Study:
    r"""Read a study file and refuse what no study can say.

    Parameters
    ----------
    path : str or Path
        A TOML file.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If the file is absent or no TOML, a key is unknown or absent, or a value is wrong: all such mistakes at
        once, each with its line.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "north.toml"
    >>> _ = path.write_text("[study]\nalhpa = 1", encoding="utf-8")
    >>> read_study(path)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    coopdistill.exceptions.StudyError: 'north.toml', line 2, [study]: unknown key 'alhpa'; did you mean 'alpha'?
    """
    path = Path(path)
    text = _read_text(path)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{str(path)!r} is not valid TOML: {error}; mend that line (https://toml.io)") from None
    try:
        content = StudyFile.model_validate(raw)
    except ValidationError as error:
        raise StudyError(_readable(path, text, raw, error)) from None
    return Study(path, text, content)


def _read_text(path: Path) -> str:
    if path.is_dir():
        raise StudyError(f"{str(path)!r} is a folder; name the study file in it{_nearest_study(path, path.name)}")
    if not path.is_file():
        near = _nearest_study(path.parent, path.name) if path.parent.is_dir() else f": no folder {str(path.parent)!r}"
        raise StudyError(f"there is no study {str(path)!r}{near}")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{str(path)!r} cannot be read as text: {error}; a study is TOML in UTF-8") from error


def _nearest_study(folder: Path, name: str) -> str:
    return nearest_name(name, sorted(f.name for f in folder.glob("*.toml")))


def _readable(path: Path, text: str, raw: Mapping[str, Any], error: ValidationError) -> str:
    lines = TomlLines(text)
    mistakes = list(dict.fromkeys(_mistake(details, raw, lines) for details in _one_a_place(error.errors(), raw)))
    if len(mistakes) == 1:
        return f"{str(path)!r}, {mistakes[0]}"
    return "\n  ".join([f"{str(path)!r} has {len(mistakes)} mistakes:", *mistakes])


def _one_a_place(errors: list[ErrorDetails], raw: Mapping[str, Any]) -> list[ErrorDetails]:
    """Keep one error of each value that fits no member of a union."""
    first: dict[Location, ErrorDetails] = {}
    for details in errors:
        first.setdefault(_within(details["loc"], raw), details)
    return list(first.values())


def _mistake(details: ErrorDetails, raw: Mapping[str, Any], lines: TomlLines) -> str:
    location = _within(details["loc"], raw)
    kind, context = details["type"], details.get("ctx", {})
    if kind == "unknown_key":
        return f"{_place((*location, context['key']), raw, lines)}: {context['message']}"
    if kind == "placed":
        return f"{_place(context['location'], raw, lines)}: {context['message']}"
    if kind == "missing":
        key = str(details["loc"][-1])
        return f"{_place((*location, key), raw, lines)}: {key} is missing; add it"
    if kind == "value_error":
        return f"{_place(location, raw, lines, with_key=True)}: {context['error']}"
    if kind == "too_short" and location == ("participants",):
        return f"{_place(location, raw, lines)}: {len(details['input'])} participant; cooperation takes two or more"
    message = details["msg"].replace("Input should be", "it should be")
    near = nearest_name(details["input"], _literals(context)) if kind == "literal_error" else ""
    near = near if near.startswith("; did") else ""
    return f"{_place(location, raw, lines, with_key=True)} = {_shown(details['input'])}: {message}{near}"


def _literals(context: Mapping[str, Any]) -> list[str]:
    return [word.strip("'") for word in str(context.get("expected", "")).replace(" or ", ", ").split(", ")]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _within(location: tuple[str | int, ...], raw: Any) -> Location:
    """Keep of a location what the file holds, without the names that the validation puts in."""
    kept: list[str | int] = []
    here = raw
    for step in location:
        there = _inside(here, step)
        if there is not None:
            kept.append(step)
            here = there
    return tuple(kept)


def _inside(here: Any, step: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(step)
    return here[step] if isinstance(here, list) and isinstance(step, int) and step < len(here) else None


def _place(location: Location, raw: Mapping[str, Any], lines: TomlLines, *, with_key: bool = False) -> str:
    line = lines.line_of(location)
    where = [] if line is None else [f"line {line}"]
    table, key = _table_and_key(location, raw)
    name = f"{table} {key}" if with_key and key else table
    return ", ".join([*where, *([name] if name else [])]) or "at the top"


def _table_and_key(location: Location, raw: Mapping[str, Any]) -> tuple[str, str]:
    if not location:
        return "", ""
    if location[0] == "participants" and len(location) > 1:
        given = raw["participants"][location[1]]
        name = given.get("name") if isinstance(given, dict) else None
        rest = [str(step) for step in location[2:]]
        return f"[[participants]] {name if name is not None else location[1]!r}", ".".join(rest)
    depth = 2 if location[0] == "features" and len(location) > 1 else 1
    return f"[{'.'.join(map(str, location[:depth]))}]", ".".join(map(str, location[depth:]))
