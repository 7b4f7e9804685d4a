"""A short account of a run: what was decided where, and what is worth knowing though it breaks no rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from checker.model.logs import Taken
from pmmc.ballots import Ballot
from pmmc.kv import Reconfigure
from pmmc.leader import Leader
from pmmc.messages import Decision
from pmmc.replica import Replica
from pmmc.values import Command, Node
from spec.separate.values import Adopted, Preempted


class _Account:
    """What is gathered of a run, step by step."""

    def __init__(self) -> None:
        self.decided: dict[int, dict[Command, set[Ballot]]] = {}
        self.learned: dict[Node, dict[int, Command]] = {}
        self.proposed: dict[Node, set[int]] = {}
        self.preempted: dict[Node, list[Ballot]] = {}
        self.in_vain: dict[Node, int] = {}
        self.adopted: dict[Node, list[Ballot]] = {}
        self.configured: dict[Node, list[int]] = {}

    def add(self, taken: Taken) -> None:
        """One step."""
        node, after = taken.node, taken.after
        if not isinstance(node, Node):
            return
        for _, message in taken.sends:
            if isinstance(message, Decision):
                ballots = self.decided.setdefault(message.slot, {}).setdefault(message.command, set())
                ballots.add(getattr(node, "ballot", None) or taken.before.ballot)
        if isinstance(after, Replica):
            self.learned[node] = {p.slot: p.command for p in after.decisions}
            self.proposed.setdefault(node, set()).update(p.slot for p in after.proposals)
            if after.configuration != taken.before.configuration:
                self.configured.setdefault(node, [0]).append(after.configuration)
        if isinstance(taken.message, Preempted) and isinstance(after, Leader):
            if after.ballot == taken.before.ballot:
                self.in_vain[node] = self.in_vain.get(node, 0) + 1
            else:
                self.preempted.setdefault(node, []).append(taken.message.ballot)
        if isinstance(taken.message, Adopted) and after != taken.before:
            self.adopted.setdefault(node, []).append(taken.message.ballot)

    def lines(self) -> Iterator[str]:
        """The account, in sentences."""
        yield from self._decisions()
        yield from self._duplicates()
        yield from self._undecided()
        yield from self._ballots()
        for node, numbers in sorted(self.configured.items()):
            yield f"{node} goes from configuration {' to '.join(map(str, numbers))}"

    def _decisions(self) -> Iterator[str]:
        if not self.decided:
            yield "nothing is decided"
        for slot, commands in sorted(self.decided.items()):
            for command, ballots in sorted(commands.items(), key=lambda one: str(one[0])):
                yield f"slot {slot}: {named(command)}, decided in {plural('ballot', sorted(ballots))}"

    def _duplicates(self) -> Iterator[str]:
        slots: dict[Command, list[int]] = {}
        for slot, commands in sorted(self.decided.items()):
            for command in commands:
                slots.setdefault(command, []).append(slot)
        for command, where in slots.items():
            if len(where) > 1:
                told = listed(where)
                yield f"{named(command)} is decided in slots {told}; it is performed once, which is allowed"

    def _undecided(self) -> Iterator[str]:
        asked = set(self.decided).union(*self.proposed.values())
        for node, known in sorted(self.learned.items()):
            missing = sorted(asked - set(known))
            if missing:
                yield f"at the end {node} knows no decision for {plural('slot', missing)}"

    def _ballots(self) -> Iterator[str]:
        for node, ballots in sorted(self.adopted.items()):
            yield f"{node} was active in {plural('ballot', ballots)}"
        for node, ballots in sorted(self.preempted.items()):
            yield f"{node} was preempted {times(len(ballots))}, by {plural('ballot', ballots)}"
        for node, number in sorted(self.in_vain.items()):
            yield f"{node} was told {times(number)} of a preemption by a ballot that was not above its own"


def named(command: Command) -> str:
    """A command, with its client."""
    if isinstance(command.op, Reconfigure):
        return f"'{command.op}' (to configuration {command.op.configuration})"
    return f"'{command.op}' of {command.client}"


def listed(things: Iterable[object]) -> str:
    """Things in a sentence."""
    *before, last = map(str, things)
    return f"{', '.join(before)} and {last}" if before else last


def plural(what: str, things: Sequence[object]) -> str:
    """Things with what they are."""
    return f"{what}{'s' * (len(things) > 1)} {listed(things)}"


def times(number: int) -> str:
    """How many times."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def account(steps: Iterable[Taken]) -> Iterator[str]:
    """What is worth saying of a run, in sentences."""
    gathered = _Account()
    for taken in steps:
        gathered.add(taken)
    yield from gathered.lines()
