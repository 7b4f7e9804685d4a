"""The log of each replica over the steps: what it has proposed, learned as decided, and performed.

A row for each replica and slot, a column for each step in which one of them changes. Two commands decided
or performed for one slot, by whichever replicas and however long ago, are in conflict, and so is a decision
with what acceptors have voted for, if it is not chosen yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from checker.model.pictures import BAD, GONE, Entry, Row, Table
from checker.model.processes import Process
from checker.model.semantics import State
from checker.model.system import System
from checker.model.vocabulary import NodeName
from pmmc.values import Command, Proposal, in_slot_order
from spec.checkpoints import checkpoint_of, learned_by
from spec.pictures.ballots import chosen_in
from spec.pictures.moments import Moment, moments, together


class Change(NamedTuple):
    """What has become so for one slot of a replica in a step, and of which command, if that is known."""

    step: int
    replica: NodeName
    slot: int
    what: str
    command: Command | None = None
    crash: bool = False


PROPOSED, DECIDED, PERFORMED = "proposed", "decided", "performed"
#: Passed, and nothing is performed then: a reconfiguration, what another slot has had already, what is held
#: back; and passed because another replica has transferred a state from after this slot.
PASSED, TRANSFERRED = "passed", "transferred"
#: Passed or performed although it is not decided; performed once more.
UNDECIDED, AGAIN = "not decided", "again"
#: What a replica no longer has: a proposal, a decision that is to be performed, what it has performed.
UNPROPOSED, FORGOTTEN, UNDONE = "forgets proposal", "forgets decision", "forgets what it performed"
#: It forgets that it has passed the slot, and not what it performed for it: it will perform that once more.
REOPENED = "goes back before this slot"


def changes(replica: Process, states: Sequence[State]) -> Iterator[Change]:
    """What has become of the slots of a replica so far, in order."""
    for moment in moments(replica, states):
        yield from _gained(replica.name, moment)
        yield from _lost(replica.name, moment)
        yield from _passed(replica.name, moment)


def _gained(replica: NodeName, moment: Moment) -> Iterator[Change]:
    before, after = moment.before, moment.after
    learned = (_learned(after) - _learned(before)) | (_decisions(after) - _decisions(before))
    for what, gained in ((PROPOSED, _proposals(after) - _proposals(before)), (DECIDED, learned)):
        for p in in_slot_order(gained):
            yield Change(moment.step, replica, p.slot, what, p.command)


def _lost(replica: NodeName, moment: Moment) -> Iterator[Change]:
    """What is gone of the slots that are not passed: of those that are, it has done its service."""
    before, after = moment.before, moment.after
    lost = ((UNPROPOSED, _proposals), (FORGOTTEN, _decisions))
    for what, held in lost:
        for p in in_slot_order(held(before) - held(after)):
            if p.slot >= _slot_out(after):
                yield Change(moment.step, replica, p.slot, what, p.command, moment.crash)
    what = UNDONE if len(_performed(after)) < len(_performed(before)) else REOPENED
    for slot in range(_slot_out(after), _slot_out(before)):
        yield Change(moment.step, replica, slot, what, None, moment.crash and what == UNDONE)


def _passed(replica: NodeName, moment: Moment) -> Iterator[Change]:
    """What a replica performs for the slots that it passes."""
    step, before, after = moment.step, moment.before, moment.after
    done, more = _performed(before), _performed(after)
    given = _given(before, after)
    more = () if given > _slot_out(before) or more[: len(done)] != done else more[len(done) :]
    known = _learned(before) | _learned(after) | _decisions(after)
    for slot in range(_slot_out(before), _slot_out(after)):
        decided = [p.command for p in in_slot_order(known) if p.slot == slot]
        if slot < given:
            yield Change(step, replica, slot, TRANSFERRED)
        elif more and (more[0] in decided or not decided):
            what = UNDECIDED if not decided else AGAIN if more[0] in done else PERFORMED
            yield Change(step, replica, slot, what, more[0])
            done, more = (*done, more[0]), more[1:]
        else:
            yield Change(step, replica, slot, PASSED if decided else UNDECIDED, next(iter(decided), None))
    for command in more:  # what was held back before, if it is decided for a slot that is passed
        slots = [p.slot for p in in_slot_order(known) if p.command == command and p.slot < _slot_out(after)]
        what = UNDECIDED if not slots else AGAIN if command in done else PERFORMED
        yield Change(step, replica, slots[0] if slots else max(_slot_out(after) - 1, 1), what, command)
        done = (*done, command)


# Local states of others (variants, mutants, packages of users) may lack a field; so does what is not yet.


def _slot_out(local: Any) -> int:
    slot: int = getattr(local, "slot_out", 1)
    return slot


def _performed(local: Any) -> tuple[Command, ...]:
    performed: tuple[Command, ...] = getattr(local, "performed", ())
    return performed


def _proposals(local: Any) -> frozenset[Proposal]:
    proposals: frozenset[Proposal] = getattr(local, "proposals", frozenset())
    return proposals


def _decisions(local: Any) -> frozenset[Proposal]:
    decisions: frozenset[Proposal] = getattr(local, "decisions", frozenset())
    return decisions


def _learned(local: Any) -> frozenset[Proposal]:
    return learned_by(local) if hasattr(local, "decisions") else frozenset()


def _given(before: Any, after: Any) -> int:
    """Below which slot it has what another replica transferred in this step; 1 if none did."""
    given = checkpoint_of(after)
    return 1 if before is not None and given == checkpoint_of(before) else given.slot


def log_table(system: System, states: Sequence[State]) -> Table:
    """The picture: rows are the slots of each replica, columns the steps in which one of them changes."""
    replicas = system.playing.get("replica", ())
    order = {one.name: place for place, one in enumerate(replicas)}
    every = (change for one in replicas for change in changes(one, states))
    found = sorted(every, key=lambda c: (c.step, order[c.replica], c.slot))
    slots, steps = sorted({c.slot for c in found}), sorted({c.step for c in found})
    telling = _Telling(chosen_in(system, states))
    by_place = groupby(found, key=lambda c: (c.step, c.replica, c.slot))
    cells = {place: telling.of(group) for place, group in by_place}
    rows = (
        Row(
            together(f"{one.name},", "slot", slot),
            tuple(cells.get((step, one.name, slot), ()) for step in steps),
        )
        for one in replicas
        for slot in slots
    )
    heads = (together("step", step) if step else "at first" for step in steps)
    return Table((together("replica,", "slot"), *heads), tuple(rows), _note(found))


class Told(NamedTuple):
    """What is told of a change: what has become so, of which command, what speaks against it, its mark."""

    what: str
    command: Command | None
    against: str | None
    mark: str

    def entry(self) -> Entry:
        """The same as it stands in the table."""
        said = self.what if self.command is None else f"{self.what} {together(self.command)}"
        return Entry(said if self.against is None else f"{said} ({self.against})", self.mark)


class _Telling:
    """Tells changes in their order, each compared with all that was so before."""

    def __init__(self, chosen: Mapping[Proposal, int] | None) -> None:
        self._chosen = chosen
        self._first: dict[tuple[str, int], Change] = {}

    def of(self, changes: Iterable[Change]) -> tuple[Entry, ...]:
        """What is told of one slot of a replica in one step; that it is decided and performed at once."""
        told: list[Told] = []
        for change in changes:
            one = self._told(change)
            if one.what in (PERFORMED, PASSED) and told and told[-1][:2] == (DECIDED, one.command):
                decided = told.pop()
                against = decided.against or one.against
                one = Told(f"{DECIDED}, {one.what}", one.command, against, decided.mark or one.mark)
            told.append(one)
        return tuple(one.entry() for one in told)

    def _told(self, change: Change) -> Told:
        if change.what in (UNDECIDED, AGAIN):
            done = PASSED if change.command is None else PERFORMED
            return Told(done, change.command, change.what, BAD)
        if change.what in (UNPROPOSED, FORGOTTEN, UNDONE, REOPENED):
            gone = change.crash or change.what == UNPROPOSED
            return Told(change.what, change.command, None, GONE if gone else BAD)
        against = self._against(change)
        return Told(change.what, change.command, against, BAD if against else "")

    def _against(self, change: Change) -> str | None:
        """What speaks against a decision, or against what is performed: another one, or too few votes."""
        if change.command is None or change.what not in (DECIDED, PERFORMED):
            return None
        first = self._first.setdefault((change.what, change.slot), change)
        if first.command != change.command:
            return f"but {together(first.command)} at {together(first.replica)}"
        if change.what == PERFORMED or self._chosen is None:
            return None
        since = self._chosen.get(Proposal(change.slot, change.command))
        return "not chosen" if since is None or since > change.step else None


def _note(found: Sequence[Change]) -> str:
    occurring = {change.what for change in found}
    notes = ["what becomes so in a step stands in its column"]
    if PASSED in occurring:
        notes.append(
            "passed: nothing is performed then, as of a reconfiguration, or what was performed before"
        )
    if TRANSFERRED in occurring:
        notes.append("transferred: another replica's state is from after this slot")
    return "; ".join(notes)
