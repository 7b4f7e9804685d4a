"""What a rule looks at before it ignores a message: asked once more, of values that note how they are read.

A rule is a pure function, so it may be asked again. It is then given a local state and a message whose
fields note that they are read, and whose values note what they are compared with and how that came out. So
what is told did take place in such a call; that all of it mattered is not said, nor that nothing else did.

The values are equal to those of the model, of subclasses of their types. Where a type allows none, or the
rule does not ignore them too, nothing is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from checker.model.modelcode import PASSED_ON
from checker.model.processes import receiver, share_of
from checker.model.semantics import ModelError, local_steps
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import Addressed, Down, Envelope, Local, Message, kind_of

#: Comparisons as they are told, those that hold and those that do not.
SIGNS = {
    "__eq__": ("{} = {}", "{} ≠ {}"),
    "__ne__": ("{} ≠ {}", "{} = {}"),
    "__lt__": ("{} < {}", "not {} < {}"),
    "__le__": ("{} ≤ {}", "not {} ≤ {}"),
    "__gt__": ("{} > {}", "not {} > {}"),
    "__ge__": ("{} ≥ {}", "not {} ≥ {}"),
    "__contains__": ("{} has {}", "{} has no {}"),
}
#: Types of values without fields that can note what they are compared with.
PLAIN = (int, str, tuple, frozenset)
#: What the message is called where it is told.
_MESSAGE = "the message"
#: Things that are told of one call at most.
MOST = 5


class _Notes:
    """What was noted in one call, in order: the fields that were read, and what was compared."""

    def __init__(self) -> None:
        self.read: dict[str, str] = {}
        self.compared: dict[str, None] = {}
        #: fields that a comparison says more of
        self.named: set[str] = set()
        #: nothing is noted inside a comparison, nor when the call is over
        self.quiet = False

    def reading(self, owner: str, field: str, value: Any) -> Any:
        """Note that a field is read; its value, which notes in turn."""
        name = f"{_MESSAGE}'s {field}" if owner == _MESSAGE else f"{owner}.{field}".lstrip(".")
        self.named.add(owner)
        self.read.setdefault(name, show(value))
        return _noting(value, name, self)

    def comparing(self, sign: str, one: Any, other: Any, outcome: Callable[[], Any]) -> Any:
        """Note a comparison, and how it came out."""
        self.quiet = True
        try:
            answer = outcome()
            if answer is not NotImplemented:
                self.compared.setdefault(SIGNS[sign][not answer].format(*map(self._told, (one, other))))
        finally:
            self.quiet = False
        return answer

    def _told(self, value: Any) -> str:
        noted = getattr(value, "_noted", None)
        if noted is None:
            return show(value)
        self.named.add(noted[1])
        return f"{noted[1]} {show(value)}".lstrip()

    def sentence(self) -> str:
        """What was noted, in words."""
        looked = [f"{name} {text}" for name, text in self.read.items() if name not in self.named]
        told = [
            f"the rule {did} {', '.join(what[:MOST])}{' …' if len(what) > MOST else ''}"
            for did, what in (("looked at", looked), ("compared", list(self.compared)))
            if what
        ]
        return "; ".join(told) or "the rule looked at nothing of it, nor of the state"


def why_ignored(system: System, node: int, local: Local, message: Message) -> str:
    """What the node's rule looks at when it ignores a message, in words; empty if that is not known."""
    if isinstance(local, Down):
        return "the node is down"
    member, notes = system.members[node], _Notes()
    place, taken = receiver(member.parts, message) if member.parts else (None, message)
    one = member if place is None else member.parts[place]
    known = local if place is None else share_of(local, place)
    rule = one.role.rules.get(kind_of(taken))
    if rule is None:
        return ""
    try:
        acts = any(
            True for _ in rule(one.context, _noting(known, "", notes), _noting(taken, _MESSAGE, notes))
        )
    except PASSED_ON:
        raise
    except BaseException:  # noqa: BLE001 - the model's own code, and it has seen no such values before
        return ""
    finally:
        notes.quiet = True
    return "" if acts or _acts(system, node, local, message) else notes.sentence()


def _acts(system: System, node: int, local: Local, message: Message) -> bool:
    try:
        return bool(local_steps(system, node, local, message))
    except ModelError:
        return True


def _noting(value: Any, name: str, notes: _Notes) -> Any:
    """The value once more, of a type that notes what it is asked; itself if its type allows no such."""
    if isinstance(value, Envelope):
        return Envelope(value.sender, _noting(value.message, name, notes))
    if isinstance(value, Addressed):
        return Addressed(value.process, _noting(value.message, name, notes))
    kind: Any = type(value)
    has_fields = is_dataclass(kind)
    if has_fields:
        made: Any = object.__new__(_noting_type(kind))
        for f in fields(kind):
            object.__setattr__(made, f.name, getattr(value, f.name))
    elif kind in PLAIN:
        made = _noting_type(kind)(value)
    else:
        return value
    object.__setattr__(made, "_noted", (notes, name))
    return made


@cache
def _noting_type(kind: Any) -> Any:
    """A subclass whose values say that they are of `kind`, and note what they are asked."""
    usual: Any = kind.__hash__
    body: dict[str, Any] = {"__class__": property(lambda _: kind), "__hash__": _quietly(usual)}
    body |= {sign: _comparison(kind, sign) for sign in SIGNS if hasattr(kind, sign)}
    if is_dataclass(kind):
        body["__getattribute__"] = _attribute(frozenset(f.name for f in fields(kind)))
    return type(kind.__name__, (kind,), body)


def _notes_of(value: Any) -> tuple[_Notes, str] | None:
    """The notes that a value takes now, and its name; None if it takes none."""
    noted: tuple[_Notes, str] | None = object.__getattribute__(value, "__dict__").get("_noted")
    return None if noted is None or noted[0].quiet else noted


def _attribute(names: frozenset[str]) -> Callable[[Any, str], Any]:
    def get(self: Any, name: str) -> Any:
        value = object.__getattribute__(self, name)
        noted = _notes_of(self) if name in names else None
        return value if noted is None else noted[0].reading(noted[1], name, value)

    return get


def _comparison(kind: type, sign: str) -> Callable[[Any, Any], Any]:
    usual = getattr(kind, sign)

    def compare(self: Any, other: Any) -> Any:
        noted = _notes_of(self)
        if noted is None:
            return usual(self, other)
        return noted[0].comparing(sign, self, other, lambda: usual(self, other))

    return compare


def _quietly(usual: Callable[[Any], int]) -> Callable[[Any], int]:
    """The hash of a value, which looks at all of it and means nothing."""

    def hashed(self: Any) -> int:
        noted = _notes_of(self)
        if noted is None:
            return usual(self)
        noted[0].quiet = True
        try:
            return usual(self)
        finally:
            noted[0].quiet = False

    return hashed
