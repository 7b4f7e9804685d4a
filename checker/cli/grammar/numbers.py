"""Numbers on a command line: read, or refused with what was expected."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError

#: Threads or processes at most: beyond this they take more time and memory than they save anywhere.
MOST_AT_A_TIME = 256


def whole_number(text: str, most: int | None = None) -> int:
    """A whole number from 1, for argparse."""
    try:
        count = int(text.replace(",", ""))
    except ValueError:
        count = 0
    if count < 1 or (most is not None and count > most):
        to = "" if most is None else f" to {most}"
        raise ArgumentTypeError(f"expected a whole number from 1{to}, not {text!r}")
    return count


def from_zero(text: str, most: int | None = None) -> int:
    """A whole number from 0, for argparse."""
    # a number of more digits than Python reads is larger than any that is asked for
    is_number = text.isdecimal() and len(text) < 4_000
    if not is_number or (most is not None and int(text) > most):
        to = "" if most is None else f" to {most}"
        raise ArgumentTypeError(f"expected a whole number from 0{to}, not {text!r}")
    return int(text)


def at_a_time(text: str) -> int:
    """How many threads or processes there may be, for argparse."""
    return whole_number(text, MOST_AT_A_TIME)


def size(text: str) -> int:
    """A size in bytes, with K, M or G for 2^10, 2^20 and 2^30."""
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    unit = units.get(text[-1:].upper(), 1)
    number = text if unit == 1 else text[:-1]
    try:
        found = int(number) * unit if number.isdecimal() else float(number) * unit
    except ValueError:
        found = math.nan
    if not 1 <= found < math.inf:
        raise ArgumentTypeError(f"expected a size such as 500M or 8G, not {text!r}")
    return int(found)


def seconds(text: str) -> float:
    """A number of seconds above 0, for argparse."""
    try:
        given = float(text)
    except ValueError:
        given = math.nan
    if not 0 < given < math.inf:
        raise ArgumentTypeError(f"expected a number of seconds above 0, not {text!r}")
    return given
