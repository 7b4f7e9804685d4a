"""Which version of this program runs."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def own_version() -> str:
    """The version of this program, `unknown` if it runs without being installed."""
    try:
        return version("pmmc")
    except PackageNotFoundError:
        return "unknown"
