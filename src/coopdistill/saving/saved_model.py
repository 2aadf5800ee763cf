"""Fitted models as files, without pickles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coopdistill.exceptions import LearnerError, SavingError
from coopdistill.learners import OnnxLearner
from coopdistill.saving.archive import packed, read_archive, read_file, write_file
from coopdistill.saving.model_files import MAIN, dump_files, load_files
from coopdistill.saving.skops_file import MAX_BYTES

__all__ = ["load_model", "model_file", "save_model"]

_READABLE = (".skops", ".zip", ".onnx")


def save_model(model: Any, path: str | Path, *, allow_rows: bool = False) -> None:
    """Save one fitted model.

    Parameters
    ----------
    model : object
        A fitted estimator of scikit-learn, XGBoost, LightGBM or CatBoost, a `TorchModule` or net of skorch, alone, in a
        pipeline, a search or an ensemble; or an `OnnxLearner`. Of a `CooperativeClassifier` or `CooperativeRegressor`
        all is kept but ``cooperation_`` and ``transfers_``.
    path : str or Path
        A file that ends in ``.zip``, or in ``.skops`` if the model is scikit-learn's alone; one that is there is
        replaced at once, when all of the new one is written.
    allow_rows : bool, default=False
        Whether a model that carries rows it was trained on, such as nearest neighbours, may be written.

    Raises
    ------
    SavingError
        If it carries rows, or what no file can hold without code. Nothing was written.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.naive_bayes import GaussianNB
    >>> path = Path(tempfile.mkdtemp()) / "model.zip"
    >>> save_model(GaussianNB().fit([[0.0], [1.0]], [0, 1]), path)
    >>> load_model(path).predict([[0.9]])
    array([1])
    """
    path = Path(path)
    files = dump_files(model, allow_rows=allow_rows)
    if path.suffix == ".skops" and list(files) == [MAIN]:
        write_file(path, files[MAIN])
    elif path.suffix == ".zip":
        write_file(path, packed("model", files))
    elif path.suffix == ".skops":
        other = next(name for name in files if name != MAIN)
        raise SavingError(f"{str(path)!r} would hold more than skops does ({other!r}); name a file that ends in .zip")
    else:
        raise SavingError(f"{str(path)!r} must end in .zip, or in .skops for a model of scikit-learn alone")


def load_model(path: str | Path, *, architecture: Any = None, max_bytes: int = MAX_BYTES) -> Any:
    """Load one fitted model, after an audit of what the file would make. Nothing is unpickled.

    Parameters
    ----------
    path : str or Path
        A ``.zip`` of `save_model`, a ``.skops``, or a ``.onnx``, which becomes an `OnnxLearner`.
    architecture : object, optional
        The unfitted model, where it ends in a module of PyTorch that no file can describe.
    max_bytes : int, default=4294967296
        How large it may be once it is unpacked.

    Returns
    -------
    object

    Raises
    ------
    SavingError
        If the file is absent, damaged, or would make what is not trusted. Nothing of it was made then.
    LearnerError
        If a library that it needs is not installed, or an ONNX model is refused.

    Examples
    --------
    >>> load_model("model.pkl")
    Traceback (most recent call last):
    coopdistill.exceptions.SavingError: 'model.pkl' is no file of a model that is read; save it by
    coopdistill.saving.save_model(model, 'model.zip'), or 'model.skops' for one of scikit-learn alone, or export it to
    .onnx (pickles are not read: they can run anything)
    """
    path = Path(path)
    if path.suffix not in _READABLE:
        raise SavingError(
            f"{str(path)!r} is no file of a model that is read; save it by coopdistill.saving.save_model(model, "
            f"'{path.stem}.zip'), or '{path.stem}.skops' for one of scikit-learn alone, or export it to .onnx "
            "(pickles are not read: they can run anything)"
        )
    if path.suffix == ".zip":
        files = read_archive(path, "model", max_bytes=max_bytes)
        return _of(path, lambda: load_files(files, architecture=architecture, max_bytes=max_bytes))
    content = read_file(path, max_bytes=max_bytes)
    if path.suffix == ".onnx":
        return _of(path, lambda: OnnxLearner(content))
    return _of(path, lambda: load_files({MAIN: content}, main=str(path), max_bytes=max_bytes))


def model_file(model: Any, *, allow_rows: bool = False) -> tuple[str, bytes]:
    """Return how the file of a model ends, ``.skops`` wherever that will do, and what is in it.

    Raises
    ------
    SavingError
        As `save_model` does.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> model_file(GaussianNB().fit([[0.0], [1.0]], [0, 1]))[0]
    '.skops'
    """
    files = dump_files(model, allow_rows=allow_rows)
    return (".skops", files[MAIN]) if list(files) == [MAIN] else (".zip", packed("model", files))


def _of(path: Path, load: Any) -> Any:
    try:
        return load()
    except (SavingError, LearnerError) as error:
        said = str(error)
        raise type(error)(said if said.startswith(repr(str(path))) else f"{str(path)!r}: {said}") from error
