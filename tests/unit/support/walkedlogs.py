"""Logs of random walks through a model, as nodes that run it would write them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from checker.model.environment.crashes import RESTART
from checker.model.semantics import State, Transition, initial_state, successors
from checker.model.system import System
from checker.model.vocabulary import Addressed, Down, Envelope
from checker.model.wire import Wire

Walk = Sequence[tuple[State, Transition]]


def walk(system: System, steps: int, seed: int) -> Walk:
    """A random walk: each step with the state before it."""
    chance = random.Random(seed)
    state, taken = initial_state(system), []
    for _ in range(steps):
        known = list(successors(system, state))
        moving = [t for t in known if t.state != state] or known
        if not moving:
            break
        transition = chance.choice(moving if chance.random() < 0.9 else known)
        taken.append((state, transition))
        state = transition.state
    return taken


class Writer:
    """Writes what nodes do as events, each node with its own numbers."""

    def __init__(self, system: System, wire: Wire) -> None:
        self.system, self.wire = system, wire
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.outside = {m.name for m in system.members if m.role.observe is not None}

    def add(self, node: str, event: str, **more: Any) -> None:
        """One more event of a node."""
        events = self.events.setdefault(node, [])
        told = {name.rstrip("_"): value for name, value in more.items() if value is not None}
        events.append({"event": event, "node": node, "seq": len(events) + 1, **told})

    def name(self, node: Any) -> str:
        return self.wire.write_node(node)

    def begin(self, nodes: Sequence[Any]) -> None:
        """What nodes say and send when they begin."""
        for member in self.system.members:
            if member.name in nodes and not isinstance(member.local, Down):
                state = self.wire.write_state(member.local)
                config = self.wire.config()
                self.add(self.name(member.name), "start", format=1, config=config, state=state)
        for member in self.system.members:
            for sender, message in member.inbox:
                if sender in nodes:
                    written = self.wire.write_message(plain(message))
                    self.add(self.name(sender), "send", to=self.name(member.name), message=written)

    def step(
        self, before: State, transition: Transition, nodes: Sequence[Any], *, state: bool = True
    ) -> None:
        """A step of one of these nodes."""
        member = self.system.members[transition.node]
        down = isinstance(before[transition.node].local, Down) and transition.action != RESTART
        if member.name not in nodes or transition.lost or down:
            return
        node, after = self.name(member.name), transition.state[transition.node].local
        if transition.action == RESTART:
            self.add(node, "recover", state=self.wire.write_state(after))
        elif transition.message is None:
            self.add(node, "wake", name=transition.action)
        else:
            sender = None if transition.sender is None else self.name(transition.sender)
            written = self.wire.write_message(plain(transition.message))
            self.add(node, "receive", from_=sender, message=written)
        for to, message in transition.sends:
            if to in nodes:
                written = self.wire.write_message(plain(message))
                self.add(node, "send", to=self.name(to), message=written)
        if state:
            self.add(node, "state", state=self.wire.write_state(after))


def plain(message: Any) -> Any:
    """A message without what it is wrapped in."""
    while isinstance(message, Envelope | Addressed):
        message = message.message
    return message


def events_of(
    system: System, wire: Wire, nodes: Sequence[Any], steps: int, seed: int, *, states: bool = True
) -> Mapping[str, list[dict[str, Any]]]:
    """Node → its events, of a random walk."""
    writer = Writer(system, wire)
    writer.begin(nodes)
    for before, transition in walk(system, steps, seed):
        writer.step(before, transition, nodes, state=states)
    return writer.events


def lines(events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Events as lines of a file."""
    for event in events:
        yield json.dumps(event, ensure_ascii=False) + "\n"


def write_files(
    events: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path, seed: int, files: int = 3
) -> tuple[Path, ...]:
    """Write the events into so many files, those of several nodes mixed, each node's in its order."""
    chance = random.Random(seed)
    homes: dict[int, list[list[Mapping[str, Any]]]] = {}
    for told in events.values():
        homes.setdefault(chance.randrange(files), []).append(list(told))
    paths = []
    for number, logs in homes.items():
        path = folder / f"log-{number}.jsonl"
        mixed = []
        while left := [log for log in logs if log]:
            mixed.append(chance.choice(left).pop(0))
        path.write_text("".join(lines(mixed)), encoding="utf-8")
        paths.append(path)
    return tuple(paths)
