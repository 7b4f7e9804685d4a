"""What a server knows of each slot, as UW's lab on Paxos asks for it: read by properties of servers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from checker.model.values import Hosted, show
from pmmc.server import Status, commands, first_not_cleared, last_not_empty, server_of, status
from pmmc.values import Command, Node
from spec.checkpoints import learned_by
from spec.setting import Setting


class Entry(NamedTuple):
    """What a server knows of a slot."""

    status: Status
    commands: frozenset[Command]

    def may_have(self, command: Command) -> bool:
        """Whether it has this command, or has had what was chosen, and has forgotten which that was."""
        past = self.status is Status.CLEARED or (self.status is Status.CHOSEN and not self.commands)
        return past or command in self.commands


class Journal(NamedTuple):
    """What a server knows of slots, from slot 1 on, and what it says of the first and the last."""

    first: int
    last: int
    entries: tuple[Entry, ...]

    def at(self, slot: int) -> Entry:
        """What it knows of one slot."""
        return self.entries[slot - 1] if slot <= len(self.entries) else Entry(Status.EMPTY, frozenset())


def journal(hosted: Hosted) -> Journal:
    """What a server knows of the slots up to the last in which it has accepted or decided anything.

    With the decisions that its replica has learned and forgotten, as everywhere in properties.
    """
    seen = server_of(local for _, local in hosted.processes)
    first, last = first_not_cleared(seen), last_not_empty(seen)
    seen = replace(seen, replica=replace(seen.replica, decisions=learned_by(seen.replica)))
    accepted = (p.slot for p in seen.acceptor.accepted)
    decided = (p.slot for p in seen.replica.decisions)
    slots = range(1, max([first - 1, seen.replica.slot_out - 1, *accepted, *decided]) + 1)
    return Journal(first, last, tuple(Entry(status(seen, s), commands(seen, s)) for s in slots))


Journals = Mapping[Node, Journal]


def slot_valid(setting: Setting, journals: Journals) -> str | None:
    """What is wrong with what servers know of some slot (DSLabs, lab 3: `slotValid`)."""
    for server, journal in journals.items():
        wrong = _wrong_marker(journal)
        if wrong is not None:
            return f"{server}: {wrong}"
    slots = range(1, max((len(journal.entries) for journal in journals.values()), default=0) + 1)
    found = (reason for slot in slots for reason in _wrong_in(setting, journals, slot))
    return next(found, None)


def _wrong_marker(journal: Journal) -> str | None:
    """A marker that does not agree with what is told of the slots."""
    statuses = [entry.status for entry in journal.entries]
    first = next((s for s, status in enumerate(statuses, 1) if status is not Status.CLEARED), None)
    if first is not None and journal.first != first:
        return f"the first slot not cleared is {first}, and it says {journal.first}"
    last = max((s for s, status in enumerate(statuses, 1) if status is not Status.EMPTY), default=0)
    if journal.last != last:
        return f"the last slot not empty is {last}, and it says {journal.last}"
    return None


def _wrong_in(setting: Setting, journals: Journals, slot: int) -> Iterator[str]:
    """What is wrong in one slot."""
    entries = {server: journal.at(slot) for server, journal in journals.items()}
    chosen = [(s, c) for s, e in entries.items() if e.status is Status.CHOSEN for c in _ordered(e.commands)]
    for server, command in chosen[1:]:
        if command != chosen[0][1]:
            yield f"slot {slot}: {chosen[0][0]} has chosen {chosen[0][1]}, {server} {command}"
    cleared = [server for server, entry in entries.items() if entry.status is Status.CLEARED]
    for server, command in chosen[:1]:
        having = [s for s, e in entries.items() if e.may_have(command)]
        if not _is_quorum(setting, having):
            yield f"slot {slot}: {server} has chosen {command}, which only {show(tuple(having))} have"
    filled = [server for server, entry in entries.items() if entry.status is not Status.EMPTY]
    if cleared and not _is_quorum(setting, filled):
        yield f"slot {slot}: {cleared[0]} has cleared it, of which only {show(tuple(filled))} know anything"


def _ordered(commands: frozenset[Command]) -> list[Command]:
    return sorted(commands, key=str)


def _is_quorum(setting: Setting, servers: list[Node]) -> bool:
    """Whether the acceptors of some servers are a quorum of phase 2: a majority, unless it is said."""
    (configuration,) = setting.deployment.configurations
    return configuration.chosen_by([Node("acceptor", server.index) for server in servers])
