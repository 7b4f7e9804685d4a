"""What is wrong with a model file, said so that it can be mended: where, what, the nearest right word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from checker.plaintext import printable

#: Keys and positions that lead from the top of a file to one place in it.
Path = tuple[str | int, ...]

#: More allowed values than these are not listed; the nearest one is named all the same.
LISTED = 24


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one file. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return printable(f"{self.file}:{self.line}:{self.column}: {self.message}")


class Faults(Exception):  # noqa: N818 - faults of a file, not of the program
    """A file cannot be used; all that was found wrong with it, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = sorted(set(faults), key=lambda f: (f.line, f.column, f.message))
        super().__init__("\n".join(map(str, found)))
        self.faults: tuple[Fault, ...] = tuple(found)


class Objection(NamedTuple):
    """A fault before it is known where in the file it lies: a path takes the place of line and column.

    `key` means the key at the end of the path, not the value under it.
    """

    path: Path
    message: str
    key: bool = False


class Objections(Exception):  # noqa: N818 - as Faults
    """What is wrong with a model beyond its schema, all at once."""

    def __init__(self, objections: Iterable[Objection]) -> None:
        self.objections: tuple[Objection, ...] = tuple(objections)
        super().__init__("; ".join(o.message for o in self.objections))


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
    likeness = {other: SequenceMatcher(None, wanted, other.casefold()).ratio() for other in allowed}
    best = max(likeness, key=lambda other: likeness[other], default=None)
    enough = 0.5 if len(name) <= 3 else 0.6
    return best if best is not None and likeness[best] >= enough else None


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


class UnsoundClaim(Exception):  # noqa: N818 - what is wrong is a claim of the model's
    """A model claims something that would make a reduction sound, and it is not so.

    The message says what was claimed, where it fails, and how to do without.
    """
