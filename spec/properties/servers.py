"""Servers: what those of UW's lab on Paxos are held to, slot by slot (DSLabs, lab 3: `slotValid`)."""

from collections.abc import Iterator, Mapping

from checker.model.properties import Kind, Property
from checker.model.values import show
from pmmc.server import Status
from pmmc.values import Command, Node
from spec import views
from spec.setting import Setting
from spec.views import Journal

Journals = Mapping[Node, Journal]


def _slot_valid(setting: Setting, journals: Journals) -> str | None:
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


SERVER_PROPERTIES = (
    Property(
        id="slot-valid",
        kind=Kind.STATE,
        meaning="Servers know one chosen command of a slot at most. A quorum of them has accepted or "
        "chosen it, or has cleared the slot; of a slot that is cleared somewhere a quorum knows something. "
        "What servers say of the first slot not cleared, and of the last not empty, is so.",
        source="DSLabs, lab 3, slotValid",
        views=(views.JOURNAL,),
        judge=_slot_valid,
        default=False,
    ),
)
#: What is checked by default of servers.
OF_SERVERS = tuple(p.id for p in SERVER_PROPERTIES)
