"""A fitted model as files: scikit-learn's part by skops, the others beside it in their own formats."""

from __future__ import annotations

import copy
import zipfile
from collections.abc import Mapping
from typing import Any

from coopdistill.ensemble.ensemble import CooperativeEnsemble
from coopdistill.exceptions import LearnerError, SavingError
from coopdistill.learners import CallableLearner, Learner
from coopdistill.saving.foreign import KINDS, kind_of
from coopdistill.saving.object_graph import exchanged, parts_of
from coopdistill.saving.placeholder import Placeholder
from coopdistill.saving.rows_inside import rows_inside
from coopdistill.saving.skops_file import MAX_BYTES, dump_skops, load_skops

__all__ = ["MAIN", "dump_files", "load_files"]

MAIN = "model.skops"


def dump_files(model: Any, *, allow_rows: bool = False) -> dict[str, bytes]:
    """Turn a fitted model into the contents of files.

    Parameters
    ----------
    model : object
        A fitted estimator, or a learner. Of an ensemble of ours the members are kept, and not how they cooperated.
    allow_rows : bool, default=False
        Whether it may carry rows that it was trained on.

    Returns
    -------
    dict of str to bytes
        By name; the first is ``"model.skops"``.

    Raises
    ------
    SavingError
        If it carries rows, or what cannot be saved without code.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> list(dump_files(GaussianNB().fit([[0.0], [1.0]], [0, 1])))
    ['model.skops']
    """
    model = _without_records(model)
    _refuse_code(model)
    carrier = rows_inside(model)
    if carrier is not None and not allow_rows:
        raise SavingError(
            f"it carries rows that it was trained on, inside {carrier}, and whoever reads the file could read them; "
            "pass allow_rows=True if they may leave, or use a model that keeps none"
        )
    files: dict[str, bytes] = {}
    instead: dict[int, Any] = {}
    for part in parts_of(model, whole=lambda part: kind_of(part) is not None):
        kind = kind_of(part)
        if kind is not None:
            dumped = kind.dump(part)
            file = f"{len(files)}.{kind.suffix}"
            files[file] = dumped.content
            instead[id(part)] = Placeholder(kind.name, file, dumped.state)
    # Alone it is compressed; where others stand beside it, the archive compresses them all.
    compression = zipfile.ZIP_STORED if files else zipfile.ZIP_DEFLATED
    return {MAIN: dump_skops(exchanged(model, instead), compression=compression), **files}


def load_files(
    files: Mapping[str, bytes],
    *,
    architecture: Any = None,
    whose: str = "",
    main: str = MAIN,
    max_bytes: int = MAX_BYTES,
) -> Any:
    """Make a model of the contents of its files.

    Parameters
    ----------
    files : mapping of str to bytes
        From `dump_files`, or someone else.
    architecture : object, optional
        The unfitted model, where it ends in a module of PyTorch that no file can describe.
    whose : str, default=""
        What errors put before the names of files.
    main : str, default="model.skops"
        What errors call the first of them: by its own name, the user may have no such file.
    max_bytes : int, default=4294967296
        How large each may be once it is unpacked.

    Returns
    -------
    object

    Raises
    ------
    SavingError
        If a file is damaged or hostile; the message names it.
    """
    model = _named(whose + main, lambda: load_skops(files[MAIN], max_bytes=max_bytes))
    instead: dict[int, Any] = {}
    kept = []  # so that no id is used twice
    for part in parts_of(model, whole=lambda part: isinstance(part, Placeholder)):
        if isinstance(part, Placeholder):
            kept.append(part)
            instead[id(part)] = _named(whose + str(part.file), lambda part=part: _loaded(part, files, architecture))
    unused = sorted(set(files) - {MAIN, *(part.file for part in kept)})
    if unused:
        raise SavingError(f"{whose + unused[0]!r} is no part of the model that {MAIN!r} beside it holds")
    return exchanged(model, instead)


def _loaded(part: Placeholder, files: Mapping[str, bytes], architecture: Any) -> Any:
    return KINDS[part.kind].load(part.state, files[part.file], architecture=architecture)


def _named(file: str, load: Any) -> Any:
    try:
        return load()
    except (SavingError, LearnerError) as error:  # the latter where a library is not installed, or refuses a model
        raise type(error)(f"{file!r} cannot be loaded: {error}") from error
    except Exception as error:  # a damaged or hostile file fails in any way
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise SavingError(f"{file!r} cannot be loaded: it is damaged or was changed ({reason})") from error


def _without_records(model: Any) -> Any:
    """Leave out of ensembles what they do not predict with: a cooperation has files of its own."""
    lean: dict[int, Any] = {}
    for part in parts_of(model, whole=lambda part: isinstance(part, CooperativeEnsemble)):
        if isinstance(part, CooperativeEnsemble):
            bare: Any = copy.copy(part)
            for name in ("cooperation_", "transfers_"):
                bare.__dict__.pop(name, None)
            lean[id(part)] = bare
    return exchanged(model, lean)


def _refuse_code(model: Any) -> None:
    for part in parts_of(model, whole=lambda part: kind_of(part) is not None):
        if isinstance(part, CallableLearner):
            raise SavingError(
                f"{part!r} is a function, which only a pickle could hold, and loading a pickle runs whatever it says; "
                "keep the function in a module of yours and wrap it again, or export the model to ONNX"
            )
        if isinstance(part, Learner) and kind_of(part) is None:
            raise SavingError(
                f"{part!r} is a {type(part).__name__}, code of your own, which a file does not hold; "
                "keep it in a module of yours"
            )
