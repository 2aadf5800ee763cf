"""Files of skops: what may be saved in them, and what may be loaded."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from coopdistill.exceptions import SavingError
from coopdistill.saving.compiled_parts import check_compiled_parts
from coopdistill.saving.trusted_types import TRUSTED

__all__ = ["MAX_BYTES", "dump_skops", "load_skops"]

MAX_BYTES = 2**32
"""How large all that is read from one file may be once it is unpacked."""


def dump_skops(model: Any, *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Save an object of scikit-learn's, unless loading would refuse it.

    Parameters
    ----------
    model : object
    compression : int, default=zipfile.ZIP_DEFLATED

    Returns
    -------
    bytes

    Raises
    ------
    SavingError
        If skops cannot save it, or it holds what is not trusted.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> load_skops(dump_skops(GaussianNB().fit([[0.0], [1.0]], ["no", "yes"]))).predict([[0.9]])
    array(['yes'], dtype='<U3')
    """
    import skops.io

    try:
        content = bytes(skops.io.dumps(model, compression=compression))
        untrusted = _untrusted(content)
    except Exception as error:  # skops says in many ways that it has no safe form for an object
        raise SavingError(f"skops cannot save a {type(model).__name__}: {type(error).__name__}: {error}") from error
    if untrusted:
        raise SavingError(
            f"it holds {', '.join(untrusted)}, and a file makes objects only of types that are known to be plain data "
            "(coopdistill.saving.trusted_types); all else, such as functions and classes of your own, may be code, "
            f"which no file brings along{_way_out(model)}"
        )
    return content


def load_skops(content: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """Load an object after an audit of what the file would make.

    Parameters
    ----------
    content : bytes
    max_bytes : int, default=4294967296
        How large it may be once it is unpacked.

    Returns
    -------
    object

    Raises
    ------
    SavingError
        If it names a type that is not trusted. Nothing was made then.
    Exception
        Any other, if it is damaged.
    """
    import skops.io

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        size = sum(member.file_size for member in packed.infolist())
    if size > max_bytes:
        raise ValueError(f"it would unpack to {size} bytes, more than the {max_bytes} that are read")
    untrusted = _untrusted(content)
    if untrusted:
        raise SavingError(
            f"it would make objects of types that are not trusted: {', '.join(untrusted)}; "
            "save a model made of scikit-learn's own parts, or hand it to coopdistill in Python"
        )
    model = skops.io.loads(content, trusted=list(TRUSTED))
    check_compiled_parts(model)
    return model


def _way_out(model: Any) -> str:
    return "; save best_estimator_, which predicts the same" if hasattr(model, "best_estimator_") else ""


def _untrusted(content: bytes) -> list[str]:
    import skops.io

    return sorted(set(skops.io.get_untrusted_types(data=content)) - set(TRUSTED))
