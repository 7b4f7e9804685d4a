"""What is wrong with a model file, said so that it can be mended: where, what, the nearest right word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple, Self

from checker.model.plaintext import printable

#: Keys and positions that lead from the top of a file to one place in it.
Path = tuple[str | int, ...]

#: Of more faults than these in one file only the first are told; each takes its time to be worded.
MOST = 100
#: More allowed values than these are not listed; the nearest one is named all the same.
LISTED = 28


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one file. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str | Unknown

    def __str__(self) -> str:
        return printable(f"{self.file}:{self.line}:{self.column}: {self.message}")


class Faults(Exception):  # noqa: N818 - faults of a file, not of the program
    """A file cannot be used; all that was found wrong with it, in the order of the file.

    Of a great many only the first `MOST`, the last of which says how many more there are.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = sorted(dict.fromkeys(faults), key=lambda f: (f.line, f.column))
        told = sorted(found[:MOST], key=lambda f: (f.line, f.column, str(f.message)))
        if len(found) > MOST:
            last = told[-1]
            more = f"and {len(found) - MOST:,} more faults from here on"
            told.append(Fault(last.file, last.line, last.column, more))
        super().__init__("\n".join(map(str, told)))
        self.faults: tuple[Fault, ...] = tuple(told)


class Objection(NamedTuple):
    """A fault before it is known where in the file it lies: a path takes the place of line and column.

    `key` means the key at the end of the path, not the value under it.
    """

    path: Path
    message: str | Unknown
    key: bool = False


class Objections(Exception):  # noqa: N818 - as Faults
    """What is wrong with a model beyond its schema: all of it, in one exception."""

    def __init__(self, objections: Iterable[Objection]) -> None:
        self.objections: tuple[Objection, ...] = tuple(objections)
        super().__init__(self.objections)

    def __str__(self) -> str:
        return "; ".join(str(o.message) for o in self.objections)


def shown(value: object) -> str:
    """A value of a file as a message quotes it: short, and so that text differs from a number."""
    if isinstance(value, str):
        return f"'{printable(value[:40])}{'…' if len(value) > 40 else ''}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**12 else "a huge number"
    kinds: dict[type, str] = {dict: "a mapping", list: "a list", tuple: "a list", type(None): "nothing"}
    return kinds.get(type(value)) or f"'{printable(str(value))}'"


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name most like this one, letter case aside; None if none is. Of equals the first."""
    wanted = name[:80].casefold()
    best, likeness = None, 0.5 if len(name) <= 3 else 0.6
    for other in allowed:
        match = SequenceMatcher(None, wanted, other.casefold())
        if match.real_quick_ratio() < likeness or match.quick_ratio() < likeness:
            continue  # bounds that are quickly told
        found = match.ratio()
        if found > likeness or (best is None and found == likeness):
            best, likeness = other, found
    return best


def unknown(what: str, name: object, allowed: Sequence[str]) -> str:
    """The message for a name that does not exist: the nearest one, and all if they are not too many."""
    message = f"unknown {what} {shown(name)}"
    close = nearest(name, allowed) if isinstance(name, str) else None
    if close is not None:
        message += f"; did you mean '{close}'?"
    if not allowed:
        return f"{message}; there is none to choose from"
    if len(allowed) <= LISTED:
        message += f"{'' if close else ';'} allowed: {', '.join(allowed)}"
    return message


@dataclass(frozen=True, slots=True, repr=False)
class Unknown:
    """The same message for one of many names: it is not worded before somebody reads it."""

    what: str
    name: str
    allowed: tuple[str, ...]

    @classmethod
    def of(cls, what: str, name: object, allowed: Iterable[str]) -> str | Self:
        """The message for a value, which may be no name at all."""
        names = tuple(allowed)
        return cls(what, name, names) if isinstance(name, str) else unknown(what, name, names)

    def __str__(self) -> str:
        return _worded(self)


@lru_cache(maxsize=2 * MOST)  # to be sorted, and to be told
def _worded(message: Unknown) -> str:
    return unknown(message.what, message.name, message.allowed)
