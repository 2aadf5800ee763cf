"""Cooperation in many kinds of trouble, beside everything that could be done instead; see `__main__`."""
