"""The library that draws plots in the page, where it is installed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

__all__ = ["plot_library"]


@cache
def plot_library() -> str | None:
    """Return Vega, Vega-Lite and Vega-Embed as one script.

    Returns
    -------
    str or None
        None where the extra ``report`` is not installed; then plots are drawings.

    Examples
    --------
    >>> plot_library() is None or len(plot_library()) < 2_000_000
    True
    """
    if find_spec("vl_convert") is None:
        return None
    import vl_convert

    # Its own markers never end the script element that it stands in.
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return None if "</script" in bundle.lower() or "\r" in bundle else bundle
