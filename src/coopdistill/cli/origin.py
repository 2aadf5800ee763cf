"""What the answers in a run depend on, so that an interrupted one goes on only with the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from coopdistill.cli.studies.study import Study
from coopdistill.library_versions import library_versions

__all__ = ["origin_of"]

_LIBRARIES = (
    *("coopdistill", "numpy", "scipy", "scikit-learn", "pandas", "pyarrow", "skops", "joblib"),
    *("torch", "skorch", "xgboost", "lightgbm", "catboost", "onnxruntime"),
)
_NO_PART: Any = {"study": {"name", "n_jobs"}, "test": True}
"""Of a study, what has no part in what participants answer."""


def origin_of(study: Study, data: Path | None = None) -> dict[str, str]:
    """Name all that the answers of a run depend on, with digests and versions.

    Parameters
    ----------
    study : Study
    data : Path, optional
        What paths in it start from. Default: its folder.

    Returns
    -------
    dict of str to str
    """
    folder = study.path.parent if data is None else data
    content = study.content.model_dump(mode="json", exclude=_NO_PART)
    origin = {"the study": hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()}
    for participant in study.content.participants:
        for named in (participant.data, participant.model):
            if named is not None:
                origin[repr(named)] = _digest(folder / named)
    return origin | _versions()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _versions() -> dict[str, str]:
    return {
        f"the version of {'Python' if name == 'python' else name}": version
        for name, version in library_versions(_LIBRARIES).items()
    }
