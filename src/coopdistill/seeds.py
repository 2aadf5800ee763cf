"""Seeds that derive from names, never from the order of calls."""

from __future__ import annotations

import hashlib

import numpy as np

from coopdistill.exceptions import OptionError

__all__ = ["derive_seed", "run_seed"]


def run_seed(random_state: object) -> int:
    """Turn what a user gave as ``random_state`` into the seed of a run.

    Parameters
    ----------
    random_state : int or None
        None draws a seed.

    Returns
    -------
    int
        In [0, 2**32).

    Raises
    ------
    OptionError
        If it is neither None nor a whole number of 0 or more.

    Examples
    --------
    >>> run_seed(0) == run_seed(0)
    True
    """
    if random_state is not None and (
        isinstance(random_state, bool) or not isinstance(random_state, int | np.integer) or random_state < 0
    ):
        raise OptionError(f"random_state={random_state!r} must be None or a whole number, 0 or more")
    return int(np.random.SeedSequence(random_state).generate_state(1)[0])


def derive_seed(seed: int, *names: object) -> int:
    """Derive the seed of one piece of work from the run's seed and what the piece is called.

    Parameters
    ----------
    seed : int
        The run's.
    *names : object
        What is done, for whom, in which round; their `repr` counts.

    Returns
    -------
    int
        In [0, 2**32).

    Examples
    --------
    >>> derive_seed(0, "refit", "north") == derive_seed(0, "refit", "north")
    True
    >>> derive_seed(0, "refit", "north") == derive_seed(0, "refit", "south")
    False
    """
    digest = hashlib.blake2b(repr((seed, *names)).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little")
