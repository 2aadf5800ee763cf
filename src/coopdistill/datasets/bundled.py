"""The classification data that ships with scikit-learn, as labelled tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coopdistill.datasets.table import LabelledTable
from coopdistill.exceptions import DatasetError, nearest_name

__all__ = ["BUNDLED_NAMES", "load_bundled"]

# The name of each data set, and what its label says.
_LABELS = {"breast_cancer": "diagnosis", "digits": "digit", "iris": "species", "wine": "cultivar"}

BUNDLED_NAMES = tuple(_LABELS)


def load_bundled(name: str) -> LabelledTable:
    """Load one of the data sets that ship with scikit-learn.

    Parameters
    ----------
    name : {"breast_cancer", "digits", "iris", "wine"}
        Which one: 569 rows of 30 columns and 2 classes; 1,797 of 64 and 10; 150 of 4 and 3; 178 of 13 and 3.

    Returns
    -------
    LabelledTable
        `X` with float64 columns; `y` with the names of the classes (dtype object; int64 for the digits).

    Raises
    ------
    DatasetError
        If there is no such data set.

    Examples
    --------
    >>> X, y = load_bundled("iris")
    >>> X.shape, sorted(y.unique())
    ((150, 4), ['setosa', 'versicolor', 'virginica'])
    """
    if name not in _LABELS:
        raise DatasetError(f"no data set name={name!r}{nearest_name(name, BUNDLED_NAMES)}")
    from sklearn import datasets  # takes longer to import than all the rest of this layer

    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    # Object, whatever pandas would infer: the same labels come out of every version.
    classes = np.asarray(bunch.target_names, dtype=np.int64 if name == "digits" else object)
    y = pd.Series(classes[bunch.target.to_numpy()], index=bunch.data.index, name=_LABELS[name], dtype=classes.dtype)
    return LabelledTable(bunch.data.astype(np.float64), y)
