"""The ballot table: for each ballot which acceptors have promised it, what they voted for, what is chosen.

Lamport draws ballots so (The Part-Time Parliament, 1998, section 2.1): a line for each, a column for each
acceptor. What an acceptor no longer holds stays in the table, for what was voted was voted: chosen is what
a quorum has ever voted for in one ballot. Below it stands that the acceptor has lost it, and how.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from checker.model.pictures import BAD, GONE, GOOD, Entry, Row, Table
from checker.model.processes import Process
from checker.model.semantics import State
from checker.model.system import System
from checker.model.vocabulary import NodeName, kind_of
from pmmc.ballots import BOTTOM, Ballot
from pmmc.messages import Decision, P2b
from pmmc.values import Configuration, Proposal, PValue, configuration_of
from spec.pictures.moments import Moment, for_slot, is_down, moments, opened, together
from spec.properties.acceptors import contradicts, is_chosen
from spec.setting import Setting


class Deed(NamedTuple):
    """What an acceptor has done in a step with the promise of a ballot or, if there is one, with a pvalue.

    Where it votes `why` says what is wrong with that by its own promises, if something is.
    """

    step: int
    acceptor: NodeName
    what: str
    ballot: Ballot
    pvalue: PValue | None = None
    why: str | None = None


#: What an acceptor gains.
PROMISED, VOTED = "promised", "voted"
#: What becomes of what it held: lost in a crash; of a slot that is collected; in favour of a later one of
#: its slot, where only one is kept; taken back for no reason of these.
FORGETS, COLLECTS, REPLACES, DROPS = "forgets", "collects", "replaces", "drops"


def deeds(acceptor: Process, states: Sequence[State]) -> Iterator[Deed]:
    """What an acceptor has done so far, in order."""
    held: set[Ballot] = set()
    highest = BOTTOM
    for moment in moments(acceptor, states):
        old, new = _ballot(moment.before), _ballot(moment.after)
        broken = sorted(ballot for ballot in held if ballot > new)
        for ballot in broken:
            yield Deed(moment.step, acceptor.name, FORGETS if moment.crash else DROPS, ballot)
        held.difference_update(broken)
        if new not in (old, BOTTOM) and new not in held:
            held.add(new)
            yield Deed(moment.step, acceptor.name, PROMISED, new)
        highest = max(highest, new)
        yield from _votes(acceptor, moment, highest)


def _votes(acceptor: Process, moment: Moment, highest: Ballot) -> Iterator[Deed]:
    """The votes that an acceptor gains and loses in a step; what it does not even keep it does both.

    `highest` is the highest ballot that it has ever promised.
    """
    had, holds = _accepted(moment.before), _accepted(moment.after)
    gained = (holds - had) | (_ever(moment.after) - _ever(moment.before))
    for pvalue in sorted(gained, key=_place):
        why = None if moment.before is None else _unlike(pvalue.ballot, highest)
        yield Deed(moment.step, acceptor.name, VOTED, pvalue.ballot, pvalue, why)
    for pvalue in sorted((had | gained) - holds, key=_place):
        yield Deed(moment.step, acceptor.name, _lost(moment, pvalue), pvalue.ballot, pvalue)


def _unlike(ballot: Ballot, promised: Ballot) -> str | None:
    """What is wrong with a vote in a ballot, by the highest that is promised; None if nothing is."""
    if ballot == promised:
        return None
    return f"but promised {promised}" if ballot < promised else "not promised"


def _lost(moment: Moment, pvalue: PValue) -> str:
    """How an acceptor has lost a pvalue."""
    if moment.crash:
        return FORGETS
    if pvalue.slot < getattr(moment.after, "watermark", 1):
        return COLLECTS
    later = any(p.slot == pvalue.slot and p.ballot >= pvalue.ballot for p in _accepted(moment.after))
    return REPLACES if later else DROPS


#: Fields in which votes and decisions show, and what they hold where there are none.
NOTHING_YET: Mapping[str, Any] = MappingProxyType(
    {
        "accepted": frozenset(),
        "commanders": frozenset(),
        "decisions": frozenset(),
        "slot_out": 1,
        "watermark": 1,
    }
)

# Local states of others (variants, mutants, packages of users) may lack a field, or have more.


def _ballot(local: Any) -> Ballot:
    ballot: Ballot = getattr(local, "ballot", BOTTOM)
    return ballot


def _accepted(local: Any) -> frozenset[PValue]:
    accepted: frozenset[PValue] = getattr(local, "accepted", frozenset())
    return accepted


def _ever(local: Any) -> frozenset[PValue]:
    """All that an acceptor has accepted, as far as it has a history of that."""
    votes: frozenset[PValue] = getattr(local, "votes", frozenset())
    return votes


def _place(pvalue: PValue) -> tuple[int, str]:
    return pvalue.slot, str(pvalue)


@dataclass
class Ballots:
    """All that acceptors have done so far, and what came of it."""

    setting: Setting
    #: what is told of each acceptor in each ballot
    cells: defaultdict[tuple[Ballot, NodeName], list[Entry]] = field(
        default_factory=lambda: defaultdict(list)
    )
    voters: dict[PValue, list[Any]] = field(default_factory=dict)
    #: what is chosen, and what is told of that, in that order
    chosen: dict[PValue, Entry] = field(default_factory=dict)

    def note(self, deed: Deed) -> None:
        """Take what an acceptor has done into the table; later steps come later."""
        self.cells[deed.ballot, deed.acceptor].append(self._entry(deed))
        if deed.pvalue is None or deed.what != VOTED:
            return
        voters = self.voters.setdefault(deed.pvalue, [])
        if deed.acceptor not in voters:
            voters.append(deed.acceptor)
        configurations = self.setting.deployment.configurations
        if deed.pvalue not in self.chosen and is_chosen(configurations, deed.pvalue, voters):
            text, other = for_slot(deed.pvalue.slot, deed.pvalue.command), self._other(deed.pvalue)
            mark = GOOD if other is None else BAD
            self.chosen[deed.pvalue] = Entry(_but(text, other), mark, deed.step)

    def _entry(self, deed: Deed) -> Entry:
        if deed.pvalue is None:
            text = PROMISED if deed.what == PROMISED else together(deed.what, "promise")
        else:
            told = for_slot(deed.pvalue.slot, deed.pvalue.command)
            text = told if deed.what == VOTED else f"{deed.what} {told}"
        if deed.what == VOTED and deed.pvalue is not None:
            why = deed.why or self._wrong(deed.pvalue)
            return Entry(_but(text, why), BAD if why else "", deed.step)
        marks = {PROMISED: "", DROPS: BAD}
        return Entry(text, marks.get(deed.what, GONE), deed.step)

    def _wrong(self, vote: PValue) -> str | None:
        """What is wrong with a vote when it is given, after those before it; None if nothing is."""
        for p in self.voters:
            if (p.ballot, p.slot) == (vote.ballot, vote.slot) and p.command != vote.command:
                return f"but {together(p.command)} before"
        against = (p.command for p in self.chosen if contradicts(self.setting, vote, p))
        command = next(against, None)
        return None if command is None else f"but chosen is {together(command)}"

    def _other(self, pvalue: PValue) -> str | None:
        """What is chosen already for the slot of what is chosen now, or voted for above it, and differs."""
        for p in self.chosen:
            if p.slot == pvalue.slot and p.command != pvalue.command:
                return _in_ballot(p)
        above = (p for p in self.voters if contradicts(self.setting, p, pvalue))
        return next(map(_in_ballot, above), None)


def _in_ballot(pvalue: PValue) -> str:
    return f"but {together(pvalue.command)} in {pvalue.ballot}"


def _but(text: str, why: str | None) -> str:
    """What is told, with what speaks against it in brackets."""
    return text if why is None else f"{text} ({why})"


def ballots_of(system: System, states: Sequence[State]) -> Ballots:
    """All that acceptors have done so far."""
    found = Ballots(system.setting)
    done = [deed for one in system.playing.get("acceptor", ()) for deed in deeds(one, states)]
    for deed in sorted(done, key=lambda deed: deed.step):
        found.note(deed)
    return found


def chosen_in(system: System, states: Sequence[State]) -> Mapping[Proposal, int] | None:
    """What is chosen for which slot, with the step in which it became so; None if that cannot be known.

    A model file may let a behaviour begin in the middle: with decisions whose votes nobody holds any more.
    """
    if _in_the_middle(system, states[0]):
        return None
    found: dict[Proposal, int] = {}
    for pvalue, entry in ballots_of(system, states).chosen.items():
        found.setdefault(Proposal(pvalue.slot, pvalue.command), entry.step or 0)
    return found


def _in_the_middle(system: System, state: State) -> bool:
    """Whether there are votes, or decisions, before the first step of what begins in a state."""
    waiting = (message for cell in state for message in system.network.held(cell.inbox))
    locals_there = (one.local(state[one.node].local) for node in system.processes for one in node)
    return any(issubclass(kind_of(message), P2b | Decision) for message in waiting) or any(
        getattr(opened(local), name, nothing) != nothing
        for local in locals_there
        for name, nothing in NOTHING_YET.items()
    )


def ballot_table(system: System, states: Sequence[State]) -> Table:
    """The picture: rows are the ballots of acceptors and leaders so far, columns the acceptors."""
    found = ballots_of(system, states)
    acceptors = system.playing.get("acceptor", ())
    heads = (f"{together(one.name)}{', down' if is_down(one, states[-1]) else ''}" for one in acceptors)
    rows = []
    for ballot in sorted(_led(system, states) | {ballot for ballot, _ in found.cells}):
        chosen = tuple(entry for pvalue, entry in found.chosen.items() if pvalue.ballot == ballot)
        told = (*(tuple(found.cells.get((ballot, one.name), ())) for one in acceptors), chosen)
        rows.append(Row(_heading(ballot, system.setting.deployment.configurations), told, ballot))
    return Table(("ballot", *heads, "chosen"), tuple(rows), _note(system.setting))


def _heading(ballot: Ballot, configurations: Sequence[Configuration]) -> str:
    """A ballot, and the configuration that it is of, where there are several."""
    if len(configurations) == 1:
        return str(ballot)
    return f"{ballot}, configuration {configurations.index(configuration_of(configurations, ballot))}"


def _led(system: System, states: Sequence[State]) -> set[Ballot]:
    """The ballots that leaders have had so far."""
    leaders = system.playing.get("leader", ())
    found = {_ballot(moment.after) for one in leaders for moment in moments(one, states)}
    return found - {BOTTOM}


def _note(setting: Setting) -> str:
    configurations = setting.deployment.configurations
    of = f" ({configurations[0].quorums.phase2})" if len(configurations) == 1 else " of its configuration"
    return f"chosen: a quorum{of} has voted for it in one ballot, whether or not it still holds it"
