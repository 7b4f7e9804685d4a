"""Which version of this program runs."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

#: What this project is called where packages are installed from; the `pmmc` there is another project.
DISTRIBUTION = "pmmc-checker"


@cache
def own_version() -> str:
    """The version of this program, `unknown` if it runs without being installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"
