"""The participants and test rows that a study names, read from its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coopdistill.cli.proposal.table_survey import has_decimal_commas
from coopdistill.cli.proposal.toml_value import toml_items
from coopdistill.cli.studies.decimal_commas import NamedTable, comma_clash, comma_hint
from coopdistill.cli.studies.label_rules import apply_label_rules
from coopdistill.cli.studies.label_spellings import doubtful_labels
from coopdistill.cli.studies.scored_rows import check_scored_rows
from coopdistill.cli.studies.study import Study
from coopdistill.cli.studies.study_format import FeatureOptions, FileOptions, ParticipantOptions
from coopdistill.cli.studies.toml_lines import Location
from coopdistill.exceptions import InputError, LabelError, ReadingError, TableError, nearest_name
from coopdistill.learners import learner_names, make_learner
from coopdistill.learners.named import Task
from coopdistill.participants import Participant
from coopdistill.saving import load_model
from coopdistill.schema import Feature, FeatureSpace, as_frame, as_labels, infer_feature_space, read_table
from coopdistill.schema.reading import undivided_by

__all__ = ["StudyRows", "read_rows"]


@dataclass(frozen=True)
class StudyRows:
    """All that a study's files hold.

    Parameters
    ----------
    participants : list of Participant
        In the study's order.
    X_test, y_test : DataFrame and ndarray, or None
        The test rows.
    notes : list of str
        What was left out on the way, and which labels are doubtful.
    """

    participants: list[Participant]
    X_test: pd.DataFrame | None
    y_test: Any | None
    notes: list[str]


def read_rows(study: Study, folder: Path | None = None) -> StudyRows:
    """Read every file that a study names.

    Parameters
    ----------
    study : Study
        From `read_study`.
    folder : Path, optional
        What relative paths start from. Default: the study's own folder.

    Returns
    -------
    StudyRows

    Raises
    ------
    InputError
        If a file, column, feature or label is absent or wrong; the message says where in the study.
    """
    folder = study.path.parent if folder is None else folder
    if not folder.is_dir():
        raise study.error(
            (), f"there is no folder {str(folder)!r} for its paths to start from; name another: --data DIR"
        )
    reader = _Reader(study, folder, [], set())
    tables = [reader.table(i) for i in range(len(study.content.participants))]
    task = _task_of(study, [table[1] for table in tables if table is not None])
    participants = [reader.participant(i, table, task) for i, table in enumerate(tables)]
    reader.check_features(participants)
    X_test, y_test = reader.test()
    reader.check_decimal_commas(participants, X_test)
    reader.check_test(X_test, y_test, participants, task)
    notes = reader.notes if task == "regression" else [*reader.notes, *_about_labels(participants, y_test)]
    return StudyRows(participants, X_test, y_test, notes)


@dataclass(frozen=True)
class _Reader:
    study: Study
    folder: Path
    notes: list[str]
    empty: set[str]

    def table(self, i: int) -> tuple[pd.DataFrame, Any] | None:
        """Read the rows of a participant; None where it has none."""
        given = self.study.content.participants[i]
        if given.data is None:
            return None
        X, y = self._rows(given, given.data, ("participants", i), whose=given.name)
        return self._without_empty(X, given.name), y

    def participant(self, i: int, table: tuple[pd.DataFrame, Any] | None, task: Task) -> Participant:
        given = self.study.content.participants[i]
        at: Location = ("participants", i)
        if table is None:
            return Participant(given.name, self._model(given, at), feature_space=self._declared_space(given, at))
        X, y = table
        if task == "classification":
            self._refuse_measurements(y, given, at)
        declared = self._declared(given, X, at)
        try:
            space = infer_feature_space(X, declared)
        except InputError as error:
            message = f"{error}{comma_hint(X, str(error))}"
            raise self.study.error(self._describing(given, at, message), message) from error
        X = X[list(space.columns)]  # the order in which a registered learner looks for them
        estimator = self._learner(given, space, at, task) if given.model is None else self._model(given, at)
        return Participant(
            given.name, estimator, X, y, feature_space=space, refit_preprocessing=given.refit_preprocessing
        )

    def _describing(self, given: ParticipantOptions, at: Location, message: str) -> Location:
        """Where the feature that a message names was described: for this participant, or for all."""
        own = next((name for name in given.features if repr(name) in message), None)
        general = next((name for name in self.study.content.features if repr(name) in message), None)
        if own is None and general is not None:
            return ("features", general)
        return (*at, "features") if own is None else (*at, "features", own)

    def test(self) -> tuple[pd.DataFrame | None, Any | None]:
        given = self.study.content.test
        return (None, None) if given is None else self._rows(given, given.data, ("test",), whose="test")

    def check_decimal_commas(self, participants: list[Participant], X_test: pd.DataFrame | None) -> None:
        """Refuse text that was meant as numbers where others have numbers; of what comes later none is that plain."""
        content = self.study.content
        tables = [
            NamedTable(
                f"participant {given.name!r}" if given.data is None else repr(given.data),
                participant.X,
                participant.feature_space if isinstance(participant.feature_space, FeatureSpace) else None,
                _said_categories(content.features) | _said_categories(given.features),
            )
            for given, participant in zip(content.participants, participants, strict=True)
        ]
        if content.test is not None:
            tables.append(NamedTable(repr(content.test.data), X_test, None, _said_categories(content.features)))
        clash = comma_clash(tables)
        if clash is not None:
            i, message = clash
            at: Location = ("participants", i) if i < len(participants) else ("test",)
            raise self.study.error((*at, "data"), message)

    def check_test(self, X: pd.DataFrame | None, y: Any | None, participants: list[Participant], task: Task) -> None:
        """Refuse test rows that some model could not be scored on."""
        given = self.study.content.test
        if given is None or X is None or y is None:
            return
        try:
            check_scored_rows(X, y, participants, task)
        except (TableError, LabelError) as error:
            raise self.study.error(("test", "data"), f"{given.data!r}: {error}") from error

    def check_features(self, participants: list[Participant]) -> None:
        """Refuse a feature that no participant has."""
        known = {name for p in participants if p.feature_space is not None for name in _names(p.feature_space)}
        for name in self.study.content.features:
            if name not in known | self.empty:
                message = f"no participant has a column {name!r}{nearest_name(name, sorted(known))}"
                raise self.study.error(("features", name), message)

    def _model(self, given: ParticipantOptions, at: Location) -> Any:
        try:
            return load_model(self.folder / str(given.model))
        except InputError as error:
            raise self.study.error((*at, "model"), str(error)) from error

    def _learner(self, given: ParticipantOptions, space: FeatureSpace, at: Location, task: Task) -> Any:
        name = str(given.learner)
        if name not in learner_names(task):
            allowed = nearest_name(name, learner_names(task))
            raise self.study.error((*at, "learner"), f"learner {name!r} is not for {task}{allowed}")
        try:
            return make_learner(name, space, given.parameters, task=task)
        except ValueError as error:  # InputError is one
            raise self.study.error((*at, "parameters"), str(error)) from error

    def _rows(self, given: FileOptions, data: str, at: Location, *, whose: str) -> tuple[pd.DataFrame, Any]:
        options = self._merged(given)
        frame = self._read(options, data, at)
        target = options.target or self.study.content.study.target
        if target is None:
            raise self.study.error(
                (*at, "data"), f"which column of {data!r} is the label? target = … in [study] says it"
            )
        if target not in frame.columns:
            self._refuse_undivided(frame, data, at)
            near = nearest_name(target, frame.columns)
            raise self.study.error(
                self._owner(at, given, "target"), f"{data!r} has no column {target!r} (the target){near}"
            )
        labels = self._labels(frame[target], data, at, whose)
        X = self._kept(frame.drop(columns=target), given, options, data, at)
        own = given.features if isinstance(given, ParticipantOptions) else {}
        X = self._with_missing(X, own)
        try:
            as_frame(X, what=f"{data!r}: it")  # which refuses infinite numbers
        except TableError as error:
            raise self.study.error((*at, "data"), str(error)) from error
        return X, labels

    def _refuse_undivided(self, frame: pd.DataFrame, data: str, at: Location) -> None:
        """Refuse a file whose header came out as a single name that other delimiters would divide."""
        found = undivided_by([str(name) for name in frame.columns])
        if found is not None:
            name, say = frame.columns[0], toml_items({"delimiter": found})
            message = f"{data!r} came out as one column, {name!r}; what divides it seems to be {say}"
            raise self.study.error((*at, "data"), message)

    def _merged(self, given: FileOptions) -> FileOptions:
        general = self.study.content.files.model_dump(exclude_none=True)
        own = {key: value for key in FileOptions.model_fields if (value := getattr(given, key)) is not None}
        if "keep" in own or "drop" in own:
            general = {key: value for key, value in general.items() if key not in ("keep", "drop")}
        return FileOptions.model_validate({**general, **own})

    def _owner(self, at: Location, given: FileOptions, key: str) -> Location:
        """Where an option was said: at the file, for all files, or for the study."""
        if getattr(given, key) is not None:
            return (*at, key)
        return ("files", key) if getattr(self.study.content.files, key) is not None else ("study", key)

    def _read(self, options: FileOptions, data: str, at: Location) -> pd.DataFrame:
        try:
            return read_table(
                self.folder / data,
                delimiter=options.delimiter,
                header=True if options.header is None else options.header,
                names=options.names,
                na_values=[str(value) for value in options.na_values or ()],
                decimal=options.decimal or ".",
                encoding=options.encoding or "utf-8",
            )
        except ReadingError as error:
            raise self.study.error((*at, "data"), f"{error.wrong}: {toml_items(error.arguments)}") from error
        except InputError as error:
            raise self.study.error((*at, "data"), str(error)) from error

    def _labels(self, column: pd.Series[Any], data: str, at: Location, whose: str) -> Any:
        try:
            labels = as_labels(column, len(column), whose="" if at == ("test",) else whose)
            rules = self.study.content.labels
            return labels if rules is None else apply_label_rules(column, rules)
        except LabelError as error:
            raise self.study.error((*at, "data"), f"{data!r}, column {column.name!r}: {error}") from error

    def _refuse_measurements(self, y: Any, given: ParticipantOptions, at: Location) -> None:
        fractions = y[y != np.rint(y)] if y.dtype.kind == "f" else y[:0]
        if len(fractions):
            target = self._merged(given).target or self.study.content.study.target
            raise self.study.error(
                (*at, "data"),
                f"{given.data!r}, column {target!r}: it holds {float(fractions[0])!r}, which is a measurement, and the "
                'models are to tell classes apart; to predict measurements, say task = "regression" in [study], and '
                "[labels] makes classes of them",
            )

    def _kept(self, X: pd.DataFrame, given: FileOptions, options: FileOptions, data: str, at: Location) -> pd.DataFrame:
        for key, names in (("keep", options.keep), ("drop", options.drop)):
            unknown = next((name for name in names or () if name not in X.columns), None)
            if unknown is not None:
                message = f"{data!r} has no column {unknown!r} to {key}{nearest_name(unknown, X.columns)}"
                raise self.study.error(self._owner(at, given, key), message)
        X = X[options.keep] if options.keep is not None else X.drop(columns=options.drop or [])
        if X.shape[1] == 0:
            raise self.study.error((*at, "data"), f"{data!r} has no column left beside the target; keep at least one")
        return X

    def _with_missing(self, X: pd.DataFrame, own: Mapping[str, FeatureOptions]) -> pd.DataFrame:
        """Empty the cells that the study calls missing; what it says of this participant alone goes before."""
        said = [*self.study.content.features.items(), *own.items()]
        marks = {name: f.missing for name, f in said if f.missing is not None and name in X.columns}
        return X.assign(**{name: X[name].mask(X[name].isin(missing)) for name, missing in marks.items() if missing})

    def _without_empty(self, X: pd.DataFrame, owner: str) -> pd.DataFrame:
        empty = [name for name in X.columns if X[name].isna().all()]
        self.empty.update(empty)
        self.notes.extend(f"participant {owner!r}: column {name!r} holds no value and is left out" for name in empty)
        self.notes.extend(
            f"participant {owner!r}: column {name!r} is text that reads as numbers with decimal commas; "
            'if it is, say decimal = ","'
            for name in X.columns
            if has_decimal_commas(X[name])
        )
        return X.drop(columns=empty)

    def _declared(self, given: ParticipantOptions, X: pd.DataFrame, at: Location) -> dict[str, dict[str, Any]]:
        """What the study says of this participant's features; what it says of this one alone goes before."""
        own = {name: _as_it_stands(name, options, X) for name, options in given.features.items()}
        unknown = next((name for name, options in own.items() if options is None), None)
        if unknown is not None:
            message = f"{given.data!r} has no column {unknown!r} to describe{nearest_name(unknown, X.columns)}"
            raise self.study.error((*at, "features", unknown), message)
        general = {name: _as_it_stands(name, options, X) for name, options in self.study.content.features.items()}
        return _fields(_given(general), _given(own))

    def _declared_space(self, given: ParticipantOptions, at: Location) -> FeatureSpace:
        """Make the feature space of a model without rows, of which everything must be said."""
        if not given.features:
            raise self.study.error(
                at,
                "a model without rows needs its features described, in the order of its columns: "
                "[participants.features.NAME] with kind = …, or give it rows: data = …",
            )
        general = {name: f for name, f in self.study.content.features.items() if name in given.features}
        fields = _fields(general, given.features)
        for name in given.features:
            if "kind" not in fields[name]:
                raise self.study.error(
                    (*at, "features", name), f"feature {name!r} needs its kind, as there are no rows"
                )
        try:
            return FeatureSpace(tuple(Feature(name=name, **fields[name]) for name in given.features))
        except InputError as error:
            raise self.study.error((*at, "features"), str(error)) from error


def _about_labels(participants: list[Participant], y_test: Any | None) -> list[str]:
    labels = {repr(p.name): np.asarray(p.y) for p in participants if p.y is not None}
    return doubtful_labels(labels if y_test is None else {**labels, "the test file": np.asarray(y_test)})


def _task_of(study: Study, labels: list[Any]) -> Task:
    """What the study predicts: as it says, or as a learner of one task alone, or fractions among the labels, tell."""
    said = study.content.study.task
    if said is not None:
        return said
    named = {given.learner for given in study.content.participants if given.learner is not None}
    classifies, regresses = learner_names("classification"), learner_names("regression")
    if any(name not in classifies for name in named):
        return "regression"
    if any(name not in regresses for name in named) or study.content.labels is not None:
        return "classification"
    measured = any(y.dtype.kind == "f" and (y != np.rint(y)).any() for y in labels)
    return "regression" if measured else "classification"


def _said_categories(features: Mapping[str, FeatureOptions]) -> set[str]:
    return {name for name, options in features.items() if options.kind in ("categorical", "binary")}


def _as_it_stands(name: str, options: FeatureOptions, X: pd.DataFrame) -> FeatureOptions | None:
    """What is said of a feature, where the rows have it: as a one-hot group, or as a column of its own."""
    if options.one_hot and any(column in X.columns for column in options.one_hot):
        return options
    return options.model_copy(update={"one_hot": None}) if name in X.columns else None


def _given(options: Mapping[str, FeatureOptions | None]) -> dict[str, FeatureOptions]:
    return {name: given for name, given in options.items() if given is not None}


def _fields(general: Mapping[str, FeatureOptions], own: Mapping[str, FeatureOptions]) -> dict[str, dict[str, Any]]:
    fields = {name: options.declared() for name, options in general.items()}
    for name, options in own.items():
        fields[name] = {**fields.get(name, {}), **options.declared()}
    return {name: given for name, given in fields.items() if given}


def _names(space: FeatureSpace | Mapping[str, Any]) -> tuple[str, ...]:
    return space.names if isinstance(space, FeatureSpace) else tuple(space)
