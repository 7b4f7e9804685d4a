"""Nodes that wait for ever: for what nobody sends, or for each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from checker.model.wire import WireFault
from checker.validation.events import Event, EventKind
from checker.validation.network import key
from checker.validation.result import Why
from checker.validation.steps import Steps
from checker.validation.words import Word, Words

#: Events of each node that are looked through for who sends what others wait for.
MOST_AHEAD = 100_000


class Blocked(NamedTuple):
    """A node that waits for the message with this key, its steps from there on, and what it was sent."""

    node: str
    awaits: int
    steps: Steps
    offered: deque[Word]


def find(blocked: Sequence[Blocked], words: Words) -> Mapping[str, tuple[Why, str]]:
    """Nodes that wait in vain, why, and what is to be said of it ("": nothing more).

    Those that wait for what nobody sends; if each waits for another one's, those of one such circle.
    """
    awaited = {one.awaits for one in blocked}
    sending: dict[int, tuple[str, Event]] = {}
    for one in blocked:
        for event in one.steps.ahead(MOST_AHEAD):
            if event.kind is EventKind.SEND:
                told = _key(event, words)
                if told in awaited:
                    sending.setdefault(told, (one.node, event))
    alone = [one for one in blocked if one.awaits not in sending]
    if alone:
        return {one.node: (Why.NEVER_SENT, "") for one in alone}
    waits_for = {one.node: sending[one.awaits] for one in blocked}
    circle = _circle({node: sender for node, (sender, _) in waits_for.items()}, blocked[0].node)
    first = min(circle)
    sender, event = waits_for[first]
    if sender == first:
        return {first: (Why.CYCLE, f"{first} takes it before it has sent it itself, with seq {event.seq}")}
    round_ = " → ".join((*circle[circle.index(first) :], *circle[: circle.index(first)], first))
    said = f"{sender} sends it with seq {event.seq} only, after what comes of this: each waits for the next"
    return {first: (Why.CYCLE, f"{said} ({round_})")}


def _key(event: Event, words: Words) -> int | None:
    try:
        return key(event.body["to"], words.read(event.body["message"]).digest)
    except WireFault:
        return None


def _circle(waits_for: Mapping[str, str], begin: str) -> list[str]:
    """The nodes of a circle that one comes to from here, in order."""
    way: list[str] = []
    node = begin
    while node not in way:
        way.append(node)
        node = waits_for[node]
    return way[way.index(node) :]
