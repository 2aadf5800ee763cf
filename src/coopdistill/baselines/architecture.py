"""What makes two models of one kind, whatever they were fitted on."""

from __future__ import annotations

from typing import Any

__all__ = ["settings_of"]

_OF_NO_KIND = ("random_state", "random_seed", "n_jobs", "thread_count", "verbose", "verbosity", "classes", "steps")
"""Parameters that change no architecture, and the steps of a pipeline, whose parameters are told one by one."""


def settings_of(estimator: Any) -> dict[str, str]:
    """Return an estimator's parameters as text, without seeds and the like.

    Parameters
    ----------
    estimator : object
        With scikit-learn's interface.

    Returns
    -------
    dict of str to str
        Those of estimators within it are among them, by their longer names.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> settings_of(GaussianNB())
    {'priors': 'None', 'var_smoothing': '1e-09'}
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> settings_of(DecisionTreeClassifier(random_state=1)) == settings_of(DecisionTreeClassifier(random_state=2))
    True
    """
    return {
        key: repr(value)
        for key, value in estimator.get_params().items()
        if key.rpartition("__")[2] not in _OF_NO_KIND and not hasattr(value, "get_params")
    }
