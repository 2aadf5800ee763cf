"""A finished cooperation as one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from coopdistill.cooperation import CooperativeDistillation
from coopdistill.exceptions import InputError, LearnerError, SavingError, nearest_name
from coopdistill.learners import Model, as_learner
from coopdistill.saving.archive import packed, read_archive, write_file
from coopdistill.saving.containers import codec_as_json, codec_from_json
from coopdistill.saving.json_values import as_json_bytes, from_json_bytes
from coopdistill.saving.model_files import dump_files, load_files
from coopdistill.saving.skops_file import MAX_BYTES
from coopdistill.saving.tables import is_table, table_as_json, table_from_json

__all__ = ["cooperation_file", "load", "save"]

_ABOUT = "cooperation.json"
_TABLES = "tables/"
_FITTED = re.compile(r"[a-z][a-z_]*_")
_NOT_KEPT = ("progress",)
_WHEN_ASKED_FOR = ("virtual_instances_", "changes_")


def save(cooperation: CooperativeDistillation, path: str | Path, *, allow_rows: bool = False) -> None:
    """Save a finished cooperation as one file.

    It holds the models before and after, what their columns mean, and all tables; no participant's rows, but for what
    a model carries inside. Models are written in formats that load without running code: scikit-learn's by skops,
    others in their own.

    Parameters
    ----------
    cooperation : CooperativeDistillation
        Fitted.
    path : str or Path
        Its file, a zip archive; one that is there is replaced at once, when all of the new one is written.
    allow_rows : bool, default=False
        Whether models that carry rows they were trained on may be written: nearest neighbours, support vector machines,
        Gaussian processes, alone or inside others.

    Raises
    ------
    SavingError
        If it is not fitted, a model carries rows, or something in it is code. Nothing was written.
    OutputError
        If the file cannot be written.

    See Also
    --------
    coopdistill.load : Brings it back.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> models = {"small": DecisionTreeClassifier(), "large": LogisticRegression(max_iter=5000)}
    >>> cooperation = CooperativeDistillation(random_state=0).fit(
    ...     [Participant(name, models[name], *clinics.train[name]) for name in models]
    ... )
    >>> path = Path(tempfile.mkdtemp()) / "clinics.zip"
    >>> save(cooperation, path)
    >>> load(path).evaluate(*clinics.test).equals(cooperation.evaluate(*clinics.test))
    True
    """
    write_file(path, cooperation_file(cooperation, allow_rows=allow_rows))


def load(
    path: str | Path, *, architectures: Mapping[str, Any] | None = None, max_bytes: int = MAX_BYTES
) -> CooperativeDistillation:
    """Load a finished cooperation; nothing is unpickled.

    Parameters
    ----------
    path : str or Path
        A file of `coopdistill.save`.
    architectures : mapping of str to estimator, optional
        For participants whose model is a net of skorch, or a module of PyTorch that no file can describe: the unfitted
        model, as it was handed to `Participant`. Others need none.
    max_bytes : int, default=4294967296
        How large it may be once it is unpacked.

    Returns
    -------
    CooperativeDistillation
        Fitted; its models predict what they predicted, to the last bit. ``progress`` is off.

    Raises
    ------
    SavingError
        If the file is absent, damaged, of a newer format, or would make what is not trusted; the message names the
        file inside.
    LearnerError
        If a library that a model needs is not installed.

    See Also
    --------
    coopdistill.save : Writes it, and shows how both go together.

    Examples
    --------
    >>> load("clinic.zip")
    Traceback (most recent call last):
    coopdistill.exceptions.SavingError: there is no file 'clinic.zip'
    """
    files = read_archive(path, "cooperation", max_bytes=max_bytes)
    try:
        return _loaded(files, dict(architectures or {}), max_bytes)
    except (SavingError, LearnerError) as error:
        raise type(error)(f"{str(path)!r} cannot be loaded: {error}") from error


def cooperation_file(
    cooperation: CooperativeDistillation, *, allow_rows: bool = False, instances: bool = True
) -> bytes:
    """Return the content of the file of a finished cooperation.

    Parameters
    ----------
    cooperation, allow_rows
        See `save`.
    instances : bool, default=True
        Whether virtual instances are in it, which may be many.

    Returns
    -------
    bytes

    Raises
    ------
    SavingError
        See `save`.
    """
    given: object = cooperation
    if not isinstance(given, CooperativeDistillation) or not hasattr(given, "learners_"):
        raise SavingError(f"{cooperation!r} is no cooperation that has been fitted; call its fit first")
    models, files = _dumped_models(cooperation, allow_rows=allow_rows)
    told = {k: v for k, v in vars(cooperation).items() if _FITTED.fullmatch(k) and k != "learners_"}
    told["changes_"] = cooperation.changes_  # made when asked for
    if instances:
        told["virtual_instances_"] = cooperation.virtual_instances_
    else:
        told.pop("virtual_instances_", None)
    tables = {name: value for name, value in told.items() if is_table(value)}
    facts = {name: value for name, value in told.items() if name not in tables}
    about = {"options": _options(cooperation), "participants": models, "facts": facts}
    contents = {_ABOUT: as_json_bytes(about)}
    for name, table in tables.items():
        contents[f"{_TABLES}{name}.json"] = as_json_bytes(table_as_json(table))
    return packed("cooperation", {**contents, **files})


def _dumped_models(
    cooperation: CooperativeDistillation, *, allow_rows: bool
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Describe the models of all participants, and return the contents of their files."""
    described: list[dict[str, Any]] = []
    files: dict[str, bytes] = {}
    refused: dict[str, SavingError] = {}
    for number, name in enumerate(cooperation.learners_):
        before, after = cooperation._before[name], cooperation._after[name]
        unchanged = before.learner is after.learner
        entry: dict[str, Any] = {"name": name}
        for when, model in (("before", before), ("after", after)):
            folder = f"models/{number}/{'before' if unchanged else when}/"
            entry[when] = _described(model, folder)
            if unchanged and when == "after":
                continue
            try:
                dumped = dump_files(model.learner.estimator, allow_rows=allow_rows)
            except SavingError as error:
                refused.setdefault(name, error)
                continue
            files.update({folder + file: content for file, content in dumped.items()})
        described.append(entry)
    if refused:
        raise SavingError(
            "nothing was saved; " + "; ".join(f"the model of {name!r}: {error}" for name, error in refused.items())
        )
    return described, files


def _described(model: Model, folder: str) -> dict[str, Any]:
    return {
        "folder": folder,
        "codec": codec_as_json(model.codec),
        "keep_missing": model.keep_missing,
        "tolerance": model.tolerance,
    }


def _options(cooperation: CooperativeDistillation) -> dict[str, Any]:
    options = {k: v for k, v in cooperation.get_params(deep=False).items() if k not in _NOT_KEPT}
    if not isinstance(options["generator"], str):
        raise SavingError(
            f"generator={options['generator']!r} is an object, and so code, which a file does not hold; after fit "
            "nothing needs it any more: cooperation.set_params(generator='auto')"
        )
    return options


def _loaded(files: Mapping[str, bytes], architectures: dict[str, Any], max_bytes: int) -> CooperativeDistillation:
    about = _plain(files, _ABOUT)
    tables = {
        file.removeprefix(_TABLES).removesuffix(".json"): _plain(files, file, table_from_json)
        for file in files
        if file.startswith(_TABLES)
    }
    try:
        cooperation = CooperativeDistillation(**about["options"])
        entries = {entry["name"]: entry for entry in about["participants"]}
        told = {**tables, **about["facts"]}
        folders = {str(model["folder"]) for entry in entries.values() for model in (entry["before"], entry["after"])}
    except (TypeError, KeyError, AttributeError) as error:
        raise SavingError(f"{_ABOUT!r} in it is damaged ({error!r}); save it again") from error
    _check_unknown(architectures, entries, files, folders)
    reader = _Reader(files, architectures, max_bytes)
    cooperation._before = {name: reader.model(name, entry["before"]) for name, entry in entries.items()}
    cooperation._after = {name: reader.model(name, entry["after"]) for name, entry in entries.items()}
    cooperation.learners_ = {name: model.learner.estimator for name, model in cooperation._after.items()}
    for name, value in {**_never_asked(entries), **told}.items():
        is_taken = name in vars(cooperation) or (hasattr(CooperativeDistillation, name) and name not in _WHEN_ASKED_FOR)
        if not _FITTED.fullmatch(str(name)) or is_taken:
            raise SavingError(f"{_ABOUT!r} in it is damaged (it tells {name!r}); save it again")
        setattr(cooperation, name, value)
    return cooperation


def _never_asked(names: Iterable[str]) -> dict[str, Any]:
    """What a file tells of asking all models together that was saved before that was known."""
    why = "it was saved before others were asked about that"
    return {
        "members_": list(names),
        "consults_": dict.fromkeys(names, False),
        "consult_reasons_": dict.fromkeys(names, why),
    }


def _check_unknown(
    architectures: dict[str, Any], entries: Mapping[str, Any], files: Mapping[str, bytes], folders: set[str]
) -> None:
    """Refuse what names no participant: an architecture, or a file."""
    stranger = next((name for name in architectures if name not in entries), None)
    if stranger is not None:
        raise SavingError(f"architectures names {stranger!r}, who took no part{nearest_name(stranger, entries)}")
    more = next((f for f in files if f != _ABOUT and not f.startswith((_TABLES, *folders))), None)
    if more is not None:
        raise SavingError(f"{more!r} in it belongs to no participant; save it again")


class _Reader:
    """Makes each model once, also where one is both before and after."""

    def __init__(self, files: Mapping[str, bytes], architectures: dict[str, Any], max_bytes: int) -> None:
        self.files, self.architectures, self.max_bytes = files, architectures, max_bytes
        self.learners: dict[tuple[str, str], Any] = {}

    def model(self, name: str, described: Mapping[str, Any]) -> Model:
        try:
            folder = str(described["folder"])
            codec = codec_from_json(described["codec"])
            kept, tolerance = described["keep_missing"], float(described["tolerance"])
            if kept is not None and len(kept) != len(codec.space):
                raise ValueError(f"it takes missing values in {len(kept)} of its {len(codec.space)} features")
        except (TypeError, KeyError, ValueError) as error:
            raise SavingError(f"{_ABOUT!r} in it says nothing sound of participant {name!r}: {error}") from error
        return Model(name, self._learner(name, folder), codec, kept, tolerance)

    def _learner(self, name: str, folder: str) -> Any:
        if (name, folder) not in self.learners:
            own = {f.removeprefix(folder): content for f, content in self.files.items() if f.startswith(folder)}
            try:
                estimator = load_files(
                    own, architecture=self.architectures.get(name), whose=folder, max_bytes=self.max_bytes
                )
            except (SavingError, LearnerError) as error:
                raise type(error)(f"the model of {name!r}: {error}") from error
            self.learners[name, folder] = as_learner(estimator)
        return self.learners[name, folder]


def _plain(files: Mapping[str, bytes], name: str, made: Any = lambda value: value) -> Any:
    try:
        return made(from_json_bytes(files[name]))
    except KeyError:
        raise SavingError(f"{name!r} is missing in it; save it again") from None
    except InputError:
        raise
    except ValueError as error:
        raise SavingError(f"{name!r} in it is damaged ({error}); save it again") from error
