"""How many examples a law is tried on: all of them with --slow, else a share of them."""

import os

#: Set by tests/conftest.py where --slow is given, before any test is read.
ALL = "PMMC_ALL_TESTS"


def share(whole: int, of: int = 2) -> int:
    """The `of`-th part of `whole`, at least one; with --slow the whole.

    What examples are demanded to reach is shared as they are: the demand on each stays the same.
    """
    return whole if ALL in os.environ else max(1, whole // of)
