"""Settling: messages that a node cannot tell apart, or that can never matter again, are stored as one.

A role's `settle(context, local state, message)` names the representative of a message, or None for
one that may be dropped. It is not trusted. For every local state and every message that can be in the
inbox there (as sent, before any settling) these are checked as entries come up:

1. here, the message and its representative cause the same steps; a dropped one causes none;
2. after every step of the node, the choice is inherited: the message and its representative settle to
   the same thing there; what was dropped stays dropped;
3. where a message is gone once taken, and several that are there have the same representative: after
   that one is taken, all of them are dropped;
4. a representative represents itself.

By induction over the steps of a run, the inbox with representatives does what the inbox does:
"same settled inbox" is a bisimulation. So for this configuration the reduction loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from checker.engines.contract import Applied
from checker.engines.native.arrays import Memo
from checker.engines.native.counts import Counts
from checker.engines.native.numbering import Numbering
from checker.engines.native.reductions.none import NoAction, NoSettling
from checker.engines.native.steps import LocalStep, Steps
from checker.model.claims import UnsoundClaim
from checker.model.modelcode import PASSED_ON, CodeError, require_hashable, told, written_at
from checker.model.values import show
from checker.model.vocabulary import Member


def _faulty(member: Member, local: Any, message: Any, fault: str) -> CodeError:
    """What is wrong with a `settle` that raises, or answers what cannot be hashed."""
    return CodeError(f"settle of role {member.role.name} on {show(message)} in state {show(local)}{fault}")


#: Instead of the number of a representative: the message may be dropped.
DROPPED = -1


class ReductionError(UnsoundClaim):
    """A reduction that does not preserve the model: what was claimed, and where it fails."""


class Settling(NoSettling):
    """Representatives, and the obligations that make them sound."""

    def __init__(
        self, numbering: Numbering, steps: Steps, action: NoAction, settled: Sequence[bool], counts: Counts
    ) -> None:
        self._numbering = numbering
        self._members = numbering.system.members
        self._keeps = numbering.network.keeps
        self._steps = steps
        self._action = action
        self._counts = counts
        #: (node, local) → message → its representative's number, or DROPPED
        self._choices: Memo[tuple[int, int], Memo[int, int]] = Memo(self._choices_at)
        #: (node, local) → inbox → the inbox with every message settled
        self._normal: Memo[tuple[int, int], Memo[Any, Any]] = Memo(self._normal_at)
        #: of which nodes the inboxes are settled
        self._settles = settled
        self._arrived: dict[tuple[int, int], set[int]] = {}
        #: (node, local) → messages that may be there, as they were sent
        self._present: dict[tuple[int, int], set[int]] = {}
        #: (node, local) → steps out of it: (message taken, or None; next local), in the order in which they
        #: came up, since a set that holds None has another order in every process
        self._edges: dict[tuple[int, int], dict[tuple[int | None, int], None]] = {}
        self._arrivals: list[tuple[int, int, int]] = []
        self._departures: list[tuple[int, int, int | None, int]] = []
        #: who is told of representatives: (node, local, message, its representative or DROPPED)
        self.watchers: list[Callable[[int, int, int, int], None]] = []
        #: who is told of what may be there, and of steps: as `_present` and `_edges` have them
        self.of_present: list[Callable[[int, int, int], None]] = []
        self.of_edges: list[Callable[[int, int, int | None, int], None]] = []
        steps.watchers.append(self.edges)

    def choices(self, node: int, local: int) -> Memo[int, int]:
        """Of a node in a local state: message → its representative's number, or DROPPED."""
        return self._choices[node, local]

    def _choices_at(self, place: tuple[int, int]) -> Memo[int, int]:
        """For a node in a local state: message → representative, computed as needed."""
        node, local = place
        numbering = self._numbering
        value = numbering.locals[node][local]
        if not self._settles[node]:
            return Memo(lambda message: message)

        def choose(message: int) -> int:
            before = numbering.messages[message]
            found = self.settle(node, value, before)
            number = message if found is before else DROPPED if found is None else numbering.message(found)
            for tell in self.watchers:
                tell(node, local, message, number)
            return number

        return Memo(choose)

    def settle(self, node: int, local: Any, message: Any) -> Any:
        """The representative of a message for a node whose inbox is settled, None if dropped.

        Raises CodeError.
        """
        member = self._members[node]
        assert member.role.settle is not None
        try:
            found = member.role.settle(member.context, local, message)
        except PASSED_ON:
            raise
        except BaseException as error:
            raise _faulty(member, local, message, f" raised {told(error, member.role.settle)}") from error
        if found is not message and found is not None:
            try:
                require_hashable(found, "the representative")
            except TypeError as error:
                at = written_at(member.role.settle)
                raise _faulty(member, local, message, f": {error} ({at})") from error
        return found

    def settles(self, node: int) -> bool:
        """Whether the inbox of a node is settled."""
        return self._settles[node]

    def normal(self, node: int, local: int, inbox: Any) -> Any:
        """The inbox with every message settled."""
        return self._normal[node, local][inbox] if self._settles[node] else inbox

    def _normal_at(self, place: tuple[int, int]) -> Memo[Any, Any]:
        chosen, one = self._choices[place].__getitem__, self._numbering.inbox

        def normal(inbox: Any) -> Any:
            settled = frozenset(map(chosen, inbox))
            return one(settled - {DROPPED} if DROPPED in settled else settled)

        return Memo(normal)

    def settled(self, node: int, local: int, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """What is to be stored of messages that arrive, in their order."""
        choices = self._choices[node, local]
        return tuple(chosen for m in numbers if (chosen := choices[m]) != DROPPED)

    # What comes up -----------------------------------------------------------------------------------

    def arrive(self, node: int, local: int, numbers: tuple[int, ...]) -> None:
        """Note that these messages may be in the inbox of a node in this local state.

        Where there is symmetry, what holds of a local state holds of its images, so one of them
        stands for all; the messages are noted up to the renamings that leave that one as it is.
        """
        if not self._settles[node]:
            return
        arrived = self._arrived.setdefault((node, local), set())
        for number in numbers:
            if number in arrived:
                continue
            arrived.add(number)
            for there, image, message in self._action.at_representative(node, local, number):
                self._note(there, image, message)

    def _note(self, node: int, local: int, number: int) -> None:
        present = self._present.setdefault((node, local), set())
        if number not in present:
            present.add(number)
            self._arrivals.append((node, local, number))
            for tell in self.of_present:
                tell(node, local, number)

    def edges(self, node: int, local: int, taken: int | None, steps: tuple[LocalStep, ...]) -> None:
        """Note the steps of a node out of a local state."""
        if not steps or not self._settles[node] or not self._action.is_representative(node, local):
            return
        known = self._edges.setdefault((node, local), {})
        for step in steps:
            if (taken, step.local) not in known:
                known[taken, step.local] = None
                self._departures.append((node, local, taken, step.local))
                for tell in self.of_edges:
                    tell(node, local, taken, step.local)

    def discharge(self, is_over: Callable[[], bool]) -> None:
        """Check every obligation that has come up, unless the search is over. Raises ReductionError."""
        while (self._arrivals or self._departures) and not is_over():
            while self._arrivals:
                node, local, number = self._arrivals.pop()
                self._check_here(node, local, number)
                for taken, then in list(self._edges.get((node, local), ())):
                    self._check_step(node, local, taken, then, number)
                self._check_twins(node, local, number)
            while self._departures:
                node, local, taken, then = self._departures.pop()
                for number in list(self._present.get((node, local), ())):
                    self._check_step(node, local, taken, then, number)

    # The obligations ---------------------------------------------------------------------------------

    def _check_here(self, node: int, local: int, number: int) -> None:
        chosen = self._choices[node, local][number]
        if chosen == number:
            return
        self._counts.obligations += 1
        here = self._effects(node, local, number)
        there = self._effects(node, local, chosen) if chosen != DROPPED else set()
        if here != there:
            self._fail(node, local, number, "does something else here")
        if chosen != DROPPED and self._choices[node, local][chosen] != chosen:
            self._fail(node, local, number, "does not represent itself")

    def _effects(self, node: int, local: int, number: int) -> set[tuple[int, Any]]:
        effects = {(s.local, s.parcel) for s in self._steps.of[node, local][number]}
        return effects - {(local, ())} if self._keeps else effects

    def _check_step(self, node: int, local: int, taken: int | None, then: int, number: int) -> None:
        chosen = self._choices[node, local][number]
        if chosen == taken and not self._keeps:
            twins = self._twins(node, local, chosen)
            if len(twins) > 1:
                self.check_dropped(node, local, then, twins)
            return
        self._counts.obligations += 1
        later = self._choices[node, then]
        if later[number] != (later[chosen] if chosen != DROPPED else DROPPED):
            self._fail(
                node, local, number, f"is told apart from it after the step to {self._shown(node, then)}"
            )
        if number not in self._arrived.get((node, then), ()):
            self.arrive(node, then, (number,))

    def present(self, node: int, local: int) -> Collection[int]:
        """The messages that may be in the inbox of a node in this local state, as they were sent."""
        return self._present.get((node, local), ())

    def edges_of(self, node: int, local: int) -> Collection[tuple[int | None, int]]:
        """The steps of a node out of a local state: message taken, or None; next local state."""
        return self._edges.get((node, local), {})

    def _twins(self, node: int, local: int, chosen: int) -> list[int]:
        present, choices = self._present.get((node, local), ()), self._choices[node, local]
        return [m for m in present if choices[m] == chosen]

    def _check_twins(self, node: int, local: int, number: int) -> None:
        """Obligation 3, when a message comes up to join others with the same representative."""
        chosen = self._choices[node, local][number]
        if chosen == DROPPED or self._keeps:
            return
        twins = self._twins(node, local, chosen)
        if len(twins) > 1:
            for taken, then in list(self._edges.get((node, local), ())):
                if taken == chosen:
                    self.check_dropped(node, local, then, twins)

    def check_dropped(self, node: int, local: int, then: int, twins: list[int]) -> None:
        """Check that messages with one representative are all dropped after it is taken."""
        for twin in twins:
            self._counts.obligations += 1
            if self._choices[node, then][twin] != DROPPED:
                why = f"matters after it is taken, in {self._shown(node, then)}, and so would its twins"
                self._fail(node, local, twin, why)
            self.arrive(node, then, (twin,))

    def _shown(self, node: int, local: int) -> str:
        return show(self._numbering.locals[node][local])

    def _fail(self, node: int, local: int, number: int, why: str) -> None:
        member = self._members[node]
        chosen = self._choices[node, local][number]
        settled = "nothing" if chosen == DROPPED else show(self._numbering.messages[chosen])
        raise ReductionError(
            f"settle of role {member.role.name} is unsound: {show(member.name)} in state "
            f"{self._shown(node, local)} settles {show(self._numbering.messages[number])} to {settled}, "
            f"which {why}; --no-settling does without"
        )

    def applied(self, so_far: Applied) -> Applied:
        """The account of what was on, with this."""
        return replace(so_far, settling=True)
