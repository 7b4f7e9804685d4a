"""Events of logs: one JSON object a line, what it must have, and what is wrong with a line that has not.

    {"event":"receive","node":"acceptor 0","seq":2,"from":"leader 0","message":{…}}

`seq` counts a node's own events from 1; `time` is for people only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from checker.model.plaintext import printable
from checker.model.wire import Json, WireFault, quoted
from checker.modelfiles.complaints import unknown

#: The version of the format that start events bear.
FORMAT = 1
#: Of more faults than these only the first are told.
MOST_FAULTS = 20


class EventKind(Enum):
    """The kinds of events."""

    START = "start"
    RECEIVE = "receive"
    WAKE = "wake"
    SEND = "send"
    STATE = "state"
    RECOVER = "recover"


#: The fields that an event must have beside `event`, `node` and `seq`, with their types and these in words.
_NEEDED: Mapping[EventKind, tuple[tuple[str, type, str], ...]] = MappingProxyType(
    {
        EventKind.START: (),
        EventKind.RECEIVE: (("message", dict, "an object"),),
        EventKind.WAKE: (("name", str, "text"),),
        EventKind.SEND: (("to", str, "the name of a node"), ("message", dict, "an object")),
        EventKind.STATE: (("state", dict, "an object"),),
        EventKind.RECOVER: (),
    }
)
_MAY_HAVE: Mapping[EventKind, tuple[tuple[str, type, str], ...]] = MappingProxyType(
    {
        EventKind.START: (
            ("config", dict, "an object"),
            ("state", dict, "an object"),
            ("format", int, "a number"),
        ),
        EventKind.RECEIVE: (("from", str, "the name of a node"),),
        EventKind.WAKE: (),
        EventKind.SEND: (),
        EventKind.STATE: (),
        EventKind.RECOVER: (("state", dict, "an object"),),
    }
)
_KINDS = {kind.value: kind for kind in EventKind}


class Place(NamedTuple):
    """Where an event stands: the number of the file among those that are read, and the line, from 1."""

    file: int
    line: int


class Event(NamedTuple):
    """One event. `body` is the whole object; `torn`: before it in its file a line was cut short."""

    kind: EventKind
    node: str
    seq: int
    place: Place
    body: Mapping[str, Any]
    torn: bool = False


class LogFault(NamedTuple):
    """One thing that is wrong with a log."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return printable(f"{self.file}:{self.line}: {self.message}")


class LogFaults(Exception):  # noqa: N818 - faults of files, not of the program
    """Logs that cannot be read: all that is wrong, the first `MOST_FAULTS` of it; exit code 2."""

    def __init__(self, faults: Iterable[LogFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        told = "\n".join(map(str, self.faults[:MOST_FAULTS]))
        more = len(self.faults) - MOST_FAULTS
        return told if more <= 0 else f"{told}\nand more of the kind"


class Malformed(Exception):  # noqa: N818 - of a line
    """A line is no event; the message says why."""


#: What becomes of an object before it is looked at: events in our words. Raises ValueError, WireFault.
Translate = Callable[[dict[str, Any]], list[dict[str, Any]]]


def parsed(line: bytes, *, last: bool) -> tuple[dict[str, Any], bool]:
    """The object on a line, and whether one that was cut short stands before it.

    A process that is killed may leave half of a line; the next one begins behind it, with `recover`. Raises
    Malformed; `last` says that nothing follows the line, not even its end.
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        after = _recovered(line)
        if after is not None:
            return after, True
        raise Malformed(_why(line, error, last=last)) from None
    if not isinstance(found, dict):
        raise Malformed(f"expected an event, a JSON object on one line, not {quoted(found)}")
    return found, False


def _recovered(line: bytes) -> dict[str, Any] | None:
    """The recover event at the end of a line whose beginning is another one, cut short."""
    if b'"recover"' not in line:
        return None
    at = line.rfind(b"{", 1, line.rfind(b'"recover"'))
    while at > 0:
        try:
            found = json.loads(line[at:])
        except ValueError:
            at = line.rfind(b"{", 1, at)
            continue
        return found if isinstance(found, dict) and found.get("event") == "recover" else None
    return None


def _why(line: bytes, error: Exception, *, last: bool) -> str:
    if last:
        cut = "truncated: the file ends within this line"
        return f"{cut}; a line cut short is accepted where its node's recover event follows"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: byte 0x{line[error.start]:02X} in column {error.start + 1}"
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON: {error.msg} in column {error.pos + 1}"
    return "no JSON that could be read"


def event_of(body: dict[str, Any], place: Place, *, torn: bool = False) -> Event:
    """The event that an object is. Raises Malformed."""
    name = body.get("event")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        if "event" not in body:
            raise Malformed("an event without 'event'")
        raise Malformed(unknown("event", name, [*_KINDS]))
    node, seq = body.get("node"), body.get("seq")
    if not isinstance(node, str) or not node:
        raise Malformed(_lacks("node", "the name of a node", body))
    if type(seq) is not int or seq < 1:
        raise Malformed(_lacks("seq", "a whole number from 1 on", body))
    for field, wanted, words in _NEEDED[kind]:
        if not isinstance(body.get(field), wanted):
            raise Malformed(f"{name} event: {_lacks(field, words, body)}")
    for field, wanted, words in _MAY_HAVE[kind]:
        if body.get(field) is not None and not isinstance(body[field], wanted):
            raise Malformed(f"{name} event: {_lacks(field, words, body)}")
    if kind is EventKind.START and body.get("format", FORMAT) != FORMAT:
        raise Malformed(f"format {body['format']} of logs; this version reads format {FORMAT}")
    return Event(kind, node, seq, place, body, torn)


def _lacks(field: str, words: str, body: Mapping[str, Any]) -> str:
    if field not in body:
        return f"'{field}' is missing; expected {words}"
    return f"'{field}' must be {words}, not {quoted(body[field])}"


def after_seq(event: Event, before: int | None) -> str | None:
    """What is wrong with the number of an event after that of the one before, of the same node; else None.

    Where a line was cut short before an event that line's number may be missing.
    """
    expected = 1 if before is None else before + 1
    if event.seq == expected or (event.torn and event.seq == expected + 1):
        return None
    if before is None:
        return f"the log of {event.node} begins with seq {event.seq}: the events before it are missing"
    if event.seq == before:
        return f"seq {event.seq} of {event.node} once more: the event stands twice, or numbers are wrong"
    if event.seq < before:
        return f"seq {event.seq} of {event.node} after seq {before}: events are not in their order"
    missing = f"seq {expected}" if event.seq == expected + 1 else f"seq {expected} to {event.seq - 1}"
    return f"seq {event.seq} of {event.node} after seq {before}: {missing} is missing"


def worded(fault: WireFault, under: str) -> str:
    """What is wrong with a value of an event, with its place in it."""
    return "; ".join(str(m._replace(path=(under, *m.path))) for m in fault.misfits[:3])


def told(value: Json) -> str:
    """A JSON value on one line, as a report has it."""
    return printable(json.dumps(value, ensure_ascii=False, sort_keys=False))
