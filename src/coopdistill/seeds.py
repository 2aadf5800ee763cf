"""Seeds that derive from names, never from the order of calls."""

from __future__ import annotations

import hashlib

__all__ = ["derive_seed"]


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
