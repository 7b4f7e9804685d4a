"""Events of a run, taken again in the reference semantics; those that cannot be taken are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from checker.engines.simulating import Event
from checker.engines.walk import Moves
from checker.model.behaviour import Trace, TraceStep, is_terminal, judged
from checker.model.judging import judge_state, judge_step
from checker.model.properties import On, Property
from checker.model.semantics import Cell, ModelError, Move, State, Transition, deliver, initial_state, moved
from checker.model.system import System


@dataclass(frozen=True, slots=True)
class Taken:
    """One event that was taken: its index among the steps possible there, and the states around it."""

    event: Event
    index: int
    before: State
    after: State


#: What is looked for: whether it is shown after these steps, that is in the last state or by the last step.
Shows = Callable[[list[Taken], State], bool]


class Replayer:
    """Takes events of one system again; what nodes may do in a situation is worked out once."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.initial = initial_state(system)
        self._moves = Moves(system)
        self._known: dict[tuple[int, Cell], tuple[list[tuple[Event, Move]], bool]] = {}
        #: how many events were taken so far: what work was done
        self.work = 0

    def offered(self, node: int, cell: Cell) -> tuple[list[tuple[Event, Move]], bool]:
        """What a node may do, each step as an event; and whether a rule raises there."""
        known = self._known.get((node, cell))
        if known is None:
            found, raised = self._moves.of(node, cell)
            times: dict[object, int] = {}
            events = []
            for move in found:
                what = (move.message is None, move.message, move.lost, move.sender)
                times[what] = times.get(what, -1) + 1
                events.append((Event(node, move.message, times[what], move.lost, move.sender), move))
            known = self._known[node, cell] = events, raised is not None
        return known

    def following(self, state: State) -> list[tuple[int, Event, State]] | None:
        """All steps out of a state, with their indices; None if a rule raises, as for `successors`.

        That is a rule of the node, or one by which another node handles at once what it is sent.
        """
        offered = [self.offered(node, cell) for node, cell in enumerate(state)]
        if any(raises for _, raises in offered):
            return None
        moves = ((node, event, move) for node, (those, _) in enumerate(offered) for event, move in those)
        try:
            return [
                (index, event, deliver(self.system, state, node, move.after, move.sends))
                for index, (node, event, move) in enumerate(moves)
            ]
        except ModelError:
            return None

    def take(self, state: State, event: Event) -> Taken | None:
        """Take an event, if it can be taken and changes something."""
        self.work += 1
        index = 0
        for node in range(event.node):
            index += len(self.offered(node, state[node])[0])
        for place, (other, move) in enumerate(self.offered(event.node, state[event.node])[0]):
            if other == event:
                try:
                    after = deliver(self.system, state, event.node, move.after, move.sends)
                except ModelError:
                    return None
                return None if after == state else Taken(event, index + place, state, after)
        return None

    def until(self, events: Iterable[Event], shows: Shows) -> list[Taken] | None:
        """Take what can be taken of some events until something is shown; None if it never is."""
        state, taken = self.initial, list[Taken]()
        if shows(taken, state):
            return taken
        for event in events:
            step = self.take(state, event)
            if step is not None:
                taken.append(step)
                state = step.after
                if shows(taken, state):
                    return taken
        return None

    def trace(self, taken: list[Taken]) -> Trace:
        """The steps as a trace of the reference semantics, which is asked for each of them."""
        steps = []
        for one in taken:
            node = one.event.node
            _, move = self.offered(node, one.before[node])[0][self._place(one)]
            made = (node, move.action, move.message, move.sends, one.after, move.lost, move.sender)
            steps.append(TraceStep(one.index, Transition(*made), one.before))
        return Trace(self.system, self.initial, tuple(steps))

    def _place(self, one: Taken) -> int:
        return one.index - sum(len(self.offered(k, one.before[k])[0]) for k in range(one.event.node))


def shows_of(replayer: Replayer, claim: Property | None) -> Shows:
    """What is looked for: what violates a property or, without one, a state in which a rule raises."""
    system = replayer.system
    if claim is None:
        return lambda taken, state: replayer.following(state) is None
    known: dict[State, bool] = {}

    def in_state(taken: list[Taken], state: State) -> bool:
        if state not in known:
            known[state] = bool(judge_state(system, claim, state))
        return known[state]

    def by_step(taken: list[Taken], state: State) -> bool:
        if not taken:
            return False
        changes = moved(taken[-1].before, state)
        return any(judge_step(system, claim, node, old, new) is not None for node, old, new in changes)

    def at_end(taken: list[Taken], state: State) -> bool:
        if state not in known:
            known[state] = is_terminal(system, state)
        return known[state] and judged(replayer.trace(taken), claim) is not None

    if claim.kind.on is On.STEP:
        return by_step
    return in_state if claim.kind.on in (On.NODE, On.STATE) else at_end
