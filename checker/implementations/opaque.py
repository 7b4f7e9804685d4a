"""Local states that are another program's own: what properties read of them, and beside it the rest."""

from __future__ import annotations

from dataclasses import field, fields, make_dataclass
from functools import cache
from typing import Any

#: The name of the field that holds it.
HELD = "held"


class Opaque:
    """A JSON value that nobody here looks into, by its canonical text; equal if the text is.

    It has no parts: what renames the parts of values leaves it as it is.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opaque) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return self.text


def holding(view: Any, text: str) -> Any:
    """The local state whose canonical text that is, with the fields that properties read of it.

    It is of a class derived from that of `view`, which must be a dataclass.
    """
    kind: Any = type(view)
    own = {f.name: getattr(view, f.name) for f in fields(kind)}
    return _holder(kind)(**own, held=Opaque(text))


def held(local: Any) -> str | None:
    """The canonical text of the local state beside what is read of it; None if it is what is read of it."""
    own = getattr(local, HELD, None)
    return own.text if isinstance(own, Opaque) else None


@cache
def _holder(kind: Any) -> type:
    made: type = make_dataclass(
        kind.__name__,
        [(HELD, Opaque, field(kw_only=True))],
        bases=(kind,),
        frozen=True,
        slots=True,
    )
    made.__module__ = kind.__module__
    return made
