"""What a study may say: its tables and keys, and what each allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from coopdistill.cli.studies.label_rules import check_label_rule
from coopdistill.cli.studies.toml_lines import Location
from coopdistill.exceptions import nearest_name

__all__ = ["FeatureOptions", "FileOptions", "ParticipantOptions", "StudyFile", "StudyOptions", "TestOptions"]

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
    delimiter: str | None = None
    decimal: Literal[".", ","] | None = None
    encoding: str | None = None
    na_values: list[str | int | float] | None = None
    keep: list[str] | None = None
    drop: list[str] | None = None

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        from coopdistill.schema.reading import checked_delimiter

        if value == r"\t":
            raise ValueError('write a tab as "\\t", in double quotes')
        return None if value is None else checked_delimiter(value)

    @field_validator("encoding")
    @classmethod
    def _know_the_encoding(cls, value: str | None) -> str | None:
        from coopdistill.schema.reading import checked_encoding

        if value is not None:
            checked_encoding(value)
        return value

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
    refit_preprocessing: bool | None = None
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
    qualification: Literal["instance", "row"] = "instance"
    instances_from: Literal["teacher", "student", "everyone"] = "teacher"
    expertise: Literal["out-of-fold", "in-sample"] = "out-of-fold"
    generator: str = "auto"
    instances_per_row: Annotated[int, Field(ge=1)] | None = None
    imputation: Literal["hot-deck", "fill"] = "hot-deck"
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
