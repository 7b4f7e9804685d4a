"""What is claimed of a replicated log: of what servers show, slot by slot, and of what they perform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from checker.model.consistency import LINEARIZABLE
from checker.model.properties import Kind, Property
from checker.model.values import show
from checker.model.vocabulary import View
from pmmc.values import Command, Node
from spec.replicated_log import clients, servers
from spec.replicated_log.values import (
    ACCEPTED,
    CHOSEN,
    CLEARED,
    Here,
    Log,
    Nothing,
    Server,
    Setting,
    Shown,
    Slot,
)

LOG = View("log", servers.ROLE, lambda local: local.shown.log)
PERFORMED = View("performed", servers.ROLE, lambda local: local.shown.performed)
SHOWN = View("shown", servers.ROLE, lambda local: Shown(local.shown.log, local.shown.performed))
#: None of a server that is down: as it comes up it shows what its disk holds.
UP = View("log, if up", servers.ROLE, lambda local: None if local.down else local.shown.log)
ANSWERS = View("answers", clients.ROLE, lambda local: (local.todo, local.waiting, local.answers))

Logs = Mapping[Node, Log]


@cache
def log_at(slot: int, *, beyond: bool = False) -> View:
    """What servers show of one slot or, with `beyond`, of it and all after it."""
    name = f"log from {slot} on" if beyond else f"slot {slot}"
    return View(name, servers.ROLE, partial(_at, slot, beyond))


def _at(slot: int, beyond: bool, local: Server) -> Log:
    return tuple(s for s in local.shown.log if s.slot == slot or (beyond and s.slot > slot))


def slot_by_slot(setting: Setting, claim: Property) -> Property:
    """The claim, judged slot by slot if it says nothing across slots."""
    if claim.id not in {"one-chosen", "slot-valid"}:
        return claim
    own = [log_at(slot) for slot in range(1, setting.slots + 1)]
    return claim.sliced(tuple((view,) for view in (*own, log_at(setting.slots + 1, beyond=True))))


def _by_slot(logs: Logs) -> Iterator[tuple[int, dict[Node, Slot]]]:
    """Each slot of which anybody shows anything, with what each server shows of it."""
    slots = sorted({entry.slot for log in logs.values() for entry in log})
    for slot in slots:
        yield slot, {server: s for server, log in logs.items() for s in log if s.slot == slot}


def one_chosen(setting: Setting, logs: Logs) -> str | None:
    """Two servers that show different commands chosen for a slot."""
    for slot, entries in _by_slot(logs):
        chosen = [(server, entry.command) for server, entry in entries.items() if entry.status == CHOSEN]
        for server, command in chosen[1:]:
            if command != chosen[0][1]:
                return f"slot {slot}: {chosen[0][0]} shows {chosen[0][1]} chosen, {server} {command}"
    return None


def slot_valid(setting: Setting, logs: Logs) -> str | None:
    """What is wrong with what servers show of some slot."""
    differing = one_chosen(setting, logs)
    if differing is not None:
        return differing
    for slot, entries in _by_slot(logs):
        for server, entry in entries.items():
            if entry.status == CHOSEN:
                having = [
                    s for s, e in entries.items() if e.status == CLEARED or e.command == entry.command
                ]
                if not setting.is_majority(len(having)):
                    only = f"only {show(tuple(having))} have accepted it"
                    return f"slot {slot}: {server} shows {entry.command} chosen, and {only}"
            elif entry.status == CLEARED and not setting.is_majority(len(entries)):
                known = f"only {show(tuple(entries))} show anything of it"
                return f"slot {slot}: {server} has cleared it, and {known}"
    return None


def prefixes_agree(setting: Setting, performed: Mapping[Node, Sequence[Command] | None]) -> str | None:
    """Two servers of which neither has performed the beginning of what the other has."""
    told = [(server, done) for server, done in performed.items() if done is not None]
    for i, (one, done) in enumerate(told):
        for other, also in told[i + 1 :]:
            if any(a != b for a, b in zip(done, also, strict=False)):
                return f"{one} has performed {show(tuple(done))}, {other} {show(tuple(also))}"
    return None


def in_slot_order(context: Here, shown: Shown) -> str | None:
    """A server that has performed what its log does not have in that order.

    A slot that is cleared may have had any command, and one that is chosen a second time changes nothing.
    """
    done = shown.performed
    if done is None:
        return None
    reached = {0}  # how many of them the slots so far can account for
    slots = {entry.slot: entry for entry in shown.log}
    slot = 1
    while slot in slots and slots[slot].status in {CHOSEN, CLEARED} and len(done) not in reached:
        reached = {after for at in reached for after in _after(slots[slot], done, at)}
        slot += 1
    if len(done) in reached:
        return None
    most = max(reached, default=0)
    what = f"{done[most]} is not what slot {slot} has it perform" if most < len(done) else "too many"
    return f"it has performed {show(done)}, which its log does not account for: {what}"


def _after(entry: Slot, done: Sequence[Command], at: int) -> Iterator[int]:
    """How many of what was performed are accounted for after one slot more."""
    command = entry.command
    if entry.status == CLEARED or isinstance(command, Nothing) or command in done[:at]:
        yield at
    if at < len(done) and (entry.status == CLEARED or command == done[at]):
        yield at + 1


def exactly_once(context: Here, done: Sequence[Command] | None) -> str | None:
    """A command that a server has performed twice."""
    twice = next((command for command in done or () if list(done or ()).count(command) > 1), None)
    return None if twice is None else f"{twice} is performed more than once: {show(tuple(done or ()))}"


def only_submitted(context: Here, shown: Shown) -> str | None:
    """A command in a log, or performed, that no client asks for."""
    known = context.setting.commands
    logged = (entry.command for entry in shown.log)
    for command in (*logged, *(shown.performed or ())):
        if isinstance(command, Command) and command not in known:
            return f"{command} of {command.client} with number {command.cid} is what no client asks for"
    return None


def chosen_stays(context: Here, before: Log | None, after: Log | None) -> str | None:
    """A slot that was chosen and is so no more, or with another command; one may be cleared.

    What a server forgets as it crashes is no step of its own.
    """
    if before is None or after is None:
        return None
    now = {entry.slot: entry for entry in after}
    for entry in before:
        then = now.get(entry.slot)
        is_past = then is not None and then.status == CLEARED
        is_kept = then is not None and then.status == CHOSEN and then.command == entry.command
        if not is_past and (entry.status == CLEARED or (entry.status == CHOSEN and not is_kept)):
            return f"slot {entry.slot} was {_said(entry)}, and is {_said(then)}"
    return None


def _said(entry: Slot | None) -> str:
    return "empty" if entry is None else str(entry).split(" ", 1)[1]


def _unanswered(setting: Setting, answers: Mapping[Node, Any]) -> str | None:
    waiting = [
        f"{client} waits for the answer to {waits}" for client, (_, waits, _) in answers.items() if waits
    ]
    return "; ".join(waiting) or None


def _none_chosen(context: Here, log: Log) -> str | None:
    chosen = next((entry for entry in log if entry.status == CHOSEN), None)
    return None if chosen is None else f"slot {chosen.slot} is {_said(chosen)}"


def _some(setting: Setting, logs: Logs, *, when: Any, text: str) -> str | None:
    found = ((server, entry) for server, log in logs.items() for entry in log if when(log, entry))
    server, entry = next(found, (None, None))
    return None if entry is None else text.format(server, entry.slot, entry.command)


def is_above_a_hole(log: Log, entry: Slot) -> bool:
    """Whether a slot is chosen, and one below it is not."""
    below = [s for s in log if s.slot < entry.slot]
    is_hole = len(below) < entry.slot - 1 or any(s.status == ACCEPTED for s in below)
    return entry.status == CHOSEN and is_hole


def _all_answered(setting: Setting, answers: Mapping[Node, Any]) -> str | None:
    count = sum(len(answered) for _, _, answered in answers.values())
    return f"{count} answers" if count == len(setting.commands) else None


def _all_performed(setting: Setting, performed: Mapping[Node, Sequence[Command] | None]) -> str | None:
    asked = set(setting.commands)
    done = all(one is not None and asked <= set(one) for one in performed.values())
    return f"every server has performed {show(setting.commands)}" if done else None


_LAB = "DSLabs, lab 3"
CLAIMS = (
    Property(
        "one-chosen",
        Kind.STATE,
        "Servers show one chosen command of a slot at most.",
        "Lamport, Paxos Made Simple, section 2.1; DSLabs, lab 3, LOGS_CONSISTENT",
        (LOG,),
        one_chosen,
    ),
    Property(
        "slot-valid",
        Kind.STATE,
        "Of a slot for which a server shows a chosen command a majority has accepted or chosen that, or "
        "has cleared the slot. Of a slot that is cleared somewhere a majority shows something.",
        f"{_LAB}, slotValid",
        (LOG,),
        slot_valid,
    ),
    Property(
        "prefixes-agree",
        Kind.STATE,
        "Of what two servers have performed one is the beginning of the other.",
        "van Renesse and Altinbuken, Paxos Made Moderately Complex, section 1",
        (PERFORMED,),
        prefixes_agree,
    ),
    Property(
        "performed-in-order",
        Kind.NODE,
        "A server has performed what its log shows as chosen, from slot 1 on, in the order of slots.",
        "van Renesse and Altinbuken, Paxos Made Moderately Complex, section 2.1",
        (SHOWN,),
        in_slot_order,
    ),
    Property(
        "exactly-once",
        Kind.NODE,
        "No server performs a command twice.",
        f"{_LAB}, at-most-once semantics",
        (PERFORMED,),
        exactly_once,
    ),
    Property(
        "only-submitted",
        Kind.NODE,
        "What is in a log, or was performed, is what a client asks for, or a no-op.",
        "Lamport, Paxos Made Simple, section 2.1",
        (SHOWN,),
        only_submitted,
    ),
    Property(
        "chosen-stays",
        Kind.ACTION,
        "A slot that a server shows as chosen stays so, with the same command, until it is cleared.",
        "Lamport, Paxos Made Simple, section 2.1",
        (UP,),
        chosen_stays,
    ),
    Property(
        "answered-in-the-end",
        Kind.TERMINAL,
        "When nothing can happen any more no client waits for an answer.",
        f"{_LAB}, CLIENTS_DONE",
        (ANSWERS,),
        _unanswered,
        default=False,
    ),
    Property(
        "none-chosen",
        Kind.NODE,
        "No server shows a chosen command.",
        f"{_LAB}, NONE_DECIDED",
        (LOG,),
        _none_chosen,
        default=False,
    ),
    LINEARIZABLE,
)
GOALS = (
    Property(
        "something-chosen",
        Kind.SOMETIMES,
        "A server shows a chosen command.",
        f"{_LAB}, search tests",
        (LOG,),
        partial(_some, when=lambda _, entry: entry.status == CHOSEN, text="{}: slot {} has {} chosen"),
    ),
    Property(
        "hole",
        Kind.SOMETIMES,
        "A server shows a slot as chosen above one that is not.",
        f"{_LAB}, handling of logs with holes",
        (LOG,),
        partial(_some, when=is_above_a_hole, text="{}: slot {} is chosen, {}, above one that is not"),
    ),
    Property(
        "something-cleared",
        Kind.SOMETIMES,
        "A server shows a slot as cleared.",
        f"{_LAB}, old commands garbage collected",
        (LOG,),
        partial(_some, when=lambda _, entry: entry.status == CLEARED, text="{}: slot {} is cleared"),
    ),
    Property(
        "all-answered",
        Kind.SOMETIMES,
        "Every command is answered.",
        f"{_LAB}, CLIENTS_DONE",
        (ANSWERS,),
        _all_answered,
    ),
    Property(
        "all-performed",
        Kind.SOMETIMES,
        "Every server has performed every command.",
        f"{_LAB}, search tests",
        (PERFORMED,),
        _all_performed,
    ),
)
#: Every property, by name.
PROPERTIES: Mapping[str, Property] = MappingProxyType({p.id: p for p in (*CLAIMS, *GOALS)})
