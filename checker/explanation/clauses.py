"""What a step changed, as what is said of its node: `now has ballot 0.1`, `is now active`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from checker.model.network import in_order
from checker.model.values import Field, differences, show
from checker.model.vocabulary import Down


@dataclass(frozen=True, slots=True)
class Clause:
    """What is said of one node, and of several: `now has …`, `now have …`."""

    one: str
    several: str


def clauses_of(fields: Iterable[Field]) -> list[Clause]:
    """What is said of changed fields; what is said of several of them is said once."""
    said: dict[tuple[str, str, str], list[str]] = {}
    for field in fields:
        for frame, what in _said(field):
            said.setdefault(frame, []).append(what)
    return [
        Clause(*(" ".join(filter(None, [verb, listed(things), rest])) for verb in (one, several)))
        for (one, several, rest), things in said.items()
    ]


#: A verb for one and for several, and what stands behind what it is about.
_Frame = tuple[str, str, str]
_HAS: _Frame = ("now has", "now have", "")
_IS: _Frame = ("is now", "are now", "")
_NOT: _Frame = ("is no longer", "are no longer", "")
_NONE: _Frame = ("has no", "have no", "any more")
_GOES: _Frame = ("goes", "go", "")
_FORGETS: _Frame = ("forgets", "forget", "")
_UP: _Frame = ("is", "are", "")


def _said(field: Field) -> list[tuple[_Frame, str]]:
    """What is said of one changed field."""
    name, before, after = field
    if isinstance(after, Down) is not isinstance(before, Down):
        return _of_crashes(before, after)
    if isinstance(after, bool):
        return [(_IS if after else _NOT, name)]
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        return _of_sets(name, before, after)
    if isinstance(before, tuple) and isinstance(after, tuple) and before == after[: len(before)]:
        return [(_adds(after[len(before) :]), name)]
    return [(_NONE, name) if after is None else (_HAS, _holding(name, after))]


def _of_crashes(before: Any, after: Any) -> list[tuple[_Frame, str]]:
    """That a node goes down and what it forgets, or that it is up again."""
    if not isinstance(after, Down):
        return [(_UP, "up again")]
    forgotten = (lost.name for lost in differences(before, after.saved) if lost.name)
    return [(_GOES, "down"), *((_FORGETS, lost) for lost in forgotten)]


def _of_sets(name: str, before: frozenset[Any], after: frozenset[Any]) -> list[tuple[_Frame, str]]:
    gained, lost = in_order(after - before), in_order(before - after)
    if gained and before and len(lost) == len(before):
        return [(_HAS, f"{_values(gained)} as {name}")]
    dropped: _Frame = (f"drops {_values(lost)} from", f"drop {_values(lost)} from", "")
    return [*([(_adds(gained), name)] if gained else []), *([(dropped, name)] if lost else [])]


def _adds(values: Iterable[Any]) -> _Frame:
    what = _values(values)
    return f"adds {what} to", f"add {what} to", ""


def _holding(name: str, value: Any) -> str:
    """A field and its value, the name once if the value begins with it."""
    text = show(value)
    return text if text.startswith(f"{name}(") else f"{name} {text}".strip()


def _values(values: Iterable[Any]) -> str:
    return listed([show(value) for value in values])


def listed(texts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))
