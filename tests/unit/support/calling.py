"""Small protocols with a client that calls: what their calls cost is known by hand."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from checker import Invocation, Member, Network, Reliable, Response, Role, Seen, Step, System
from checker.model.calls import Calls

CALL = "ask"


@dataclass(frozen=True)
class Note:
    """A message: what it says."""

    text: str


@dataclass(frozen=True)
class Knows:
    """What a node knows: what it was told, in order, and what of that is in stable storage."""

    told: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


#: (what a node was told before, what it is told) → what it sends, and whether it writes; None: ignored.
Reaction = Callable[[tuple[str, ...], str], tuple[Iterable[tuple[str, str]], bool] | None]


def _on_note(reaction: Reaction, state: Knows, message: Note) -> tuple[Step, ...]:
    found = reaction(state.told, message.text)
    if found is None:
        return ()
    sends, writes = found
    told = (*state.told, message.text)
    then = Knows(told, told if writes else state.written)
    return (Step(then, tuple((to, Note(text)) for to, text in sends)),)


def node(name: str, reaction: Reaction, wakes: Mapping[str, Any] = MappingProxyType({})) -> Member:
    """A node that does in answer to each note what `reaction` says."""
    rules = {Note: lambda _, state, message: _on_note(reaction, state, message)}
    return Member(name, Role(name, rules, wakes), None, Knows())


def _invoke(sends: Sequence[tuple[str, str]], context: None, state: Knows) -> tuple[Step, ...]:
    if "asked" in state.told:
        return ()
    return (Step(Knows((*state.told, "asked")), tuple((to, Note(text)) for to, text in sends)),)


def client(*sends: tuple[str, str]) -> Member:
    """A client that asks once: it sends this."""
    return node("client", lambda _, text: ((), False), {"invoke": partial(_invoke, sends)})


def event(answers: int, seen: Seen) -> Invocation | Response | None:
    """What a step of the client is."""
    if seen.action == "invoke":
        return Invocation(seen.node, CALL, CALL)
    counts = [state.told.count("answer") for state in (seen.before, seen.after)]
    return Response(seen.node, CALL, CALL, None) if counts == [answers - 1, answers] else None


def calls(answers: int = 1, stable: Iterable[str] = ()) -> Calls:
    """The one call, and the roles that have something in stable storage."""
    kept = dict.fromkeys(stable, ("written",))
    known: tuple[Hashable, ...] = (CALL,)
    return Calls(known, {"client"}, partial(event, answers), kept)


def system(*members: Member, network: Network | None = None) -> System:
    """Them all."""
    return System("calling", members, network or Reliable(), ())
