"""How many essentially different counterexamples there are, of those with the fewest steps.

Two counterexamples have the same *causal graph* if every node takes the same steps in the same order in
both: they differ by the order of steps that do not depend on each other. They are *essentially* the same
too if they differ by the order in which a node takes two steps, and every step takes and sends the same in
either order. What a symmetry of the model makes of one is the same once more.

A counterexample with the fewest steps is its own slice: if it could do without a step, there would be one
with fewer. So slices are counted as well as traces.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from checker.checking.confirm import confirm
from checker.engines.contract import Discovery, Limits
from checker.engines.graph import TooManyStates
from checker.engines.groups import GroupTooLargeError
from checker.engines.walk import Moves
from checker.explanation.causalgraphs import Events, Histories, Numbers, Proof, Untrue
from checker.explanation.shortest import Shortest, Stopped, shortest_ways
from checker.model.behaviour import Trace
from checker.model.future import TooFarAhead
from checker.model.properties import On, Property
from checker.model.semantics import ModelError, State, initial_state
from checker.model.system import System
from checker.traces.retrace import readable

#: Where the search for others gives up if nothing else is asked for.
LIMITS = Limits(max_states=20_000_000, timeout=60.0)
#: Ways to have come to a state between two looks at the clock.
PER_LOOK = 256
#: Places in a causal graph at which its orders are counted at most.
MOST_PLACES = 20_000

#: Told how many states were looked at, and how many causal graphs were found.
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """One of several essentially different counterexamples.

    `trace` is one of those that it stands for, replayed and judged anew; `orders` of its steps lead to the
    same end (None: too many to be counted). It has `graphs` causal graphs (None: not known) up to symmetry,
    and symmetries make `images` of the one that is shown, itself included.
    """

    trace: Trace
    orders: int | None
    graphs: int | None
    images: int


@dataclass(frozen=True, slots=True)
class Different:
    """What was found: all different counterexamples with `length` steps or, if it `stopped`, some of them.

    No counterexample has fewer steps. There are `found` that differ essentially, of which `counterexamples`
    holds at most so many as were asked for, and `graphs` causal graphs. `stopped` says why there may be
    more (None: these are all): then there are at least so many causal graphs, and `found` is that number,
    since it is not known which of them are essentially the same. `symmetries` are the names of those up to
    which was counted; `states` so many were looked at, different ways to come to one included.
    `interrupted`: by Ctrl-C.
    """

    length: int
    counterexamples: tuple[Counterexample, ...]
    found: int
    graphs: int
    stopped: str | None = None
    symmetries: tuple[str, ...] = ()
    states: int = 0
    seconds: float = 0.0
    interrupted: bool = False


@dataclass(slots=True)
class _Watch:
    """Looks at the limits, and reports."""

    limits: Limits
    report: Report | None
    begun: float = field(default_factory=time.monotonic)
    states: int = 0
    found: int = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun

    def left(self) -> Limits:
        """The limits of what is done from now on."""
        timeout = self.limits.timeout
        return replace(self.limits, timeout=None if timeout is None else timeout - self.seconds)

    def look(self, states: int) -> None:
        """Take note of so many states. Raises Stopped."""
        self.states = states
        if self.report is not None:
            self.report(states, self.found)
        if self.limits.timeout is not None and self.seconds > self.limits.timeout:
            raise Stopped(f"the search for others ended after {self.limits.timeout:g} s")


def different(
    trace: Trace, most: int = 10, limits: Limits = LIMITS, report: Report | None = None
) -> Different:
    """The essentially different counterexamples to what `trace` shows, at most `most` of them told.

    `trace` is the first of them if it has the fewest steps. `report` is told now and then how many states
    were looked at and how many causal graphs were found. Ctrl-C ends the search as a limit does. Raises
    ValueError for a trace that shows no property, or one of runs, and what `confirm` raises.
    """
    claim = trace.claim
    if claim is None or not trace.reason:
        raise ValueError("a trace that shows no property has no others like it")
    if claim.kind.on is On.RUN:
        raise ValueError(f"{claim.id} is shown by runs without end, of which there are no fewest steps")
    search = _Search(trace.system, claim, _Watch(limits, report))
    stopped, interrupted = None, False
    try:
        search.look_for(len(trace.steps))
    except KeyboardInterrupt:
        stopped, interrupted = "the search for others was interrupted", True
    except (Stopped, TooManyStates, TooFarAhead, ModelError) as why:
        stopped = str(why)
    return search.answer(trace, most, stopped, interrupted=interrupted)


class _Run(NamedTuple):
    """Steps from the beginning on: their indices, and what happens in each."""

    path: tuple[int, ...] = ()
    events: tuple[Events, ...] = ()


class _Search:
    """The search for different counterexamples, and what it has found so far."""

    def __init__(self, system: System, claim: Property, watch: _Watch) -> None:
        self._system = system
        self._claim = claim
        self._watch = watch
        self._moves = Moves(system)
        self._histories = Histories(system)
        self._length: int | None = None
        #: the least image of each causal graph → a run that has it
        self._found: dict[Numbers, _Run] = {}

    def look_for(self, steps: int) -> None:
        """Find the causal graphs of all shortest counterexamples, none of more than so many steps.

        Raises Stopped, TooManyStates, TooFarAhead, ModelError, and KeyboardInterrupt.
        """
        system, watch = self._system, self._watch
        ways = shortest_ways(
            system, self._claim, steps, watch.left(), lambda progress: watch.look(progress.states)
        )
        if ways is None:
            raise Stopped(f"among the states that are kept none after at most {steps} steps shows it")
        self._length = ways.length
        self._watch.states = ways.states
        symmetries = system.symmetries if ways.symmetries is None else ways.symmetries
        while True:
            self._found.clear()
            try:
                self._histories = Histories(system, symmetries)
                unproved = symmetries and ways.symmetries is None
                self._walk(ways, Proof(self._histories, self._moves) if unproved else None)
            except Untrue as untrue:
                symmetries = tuple(s for s in symmetries if s is not untrue.symmetry)
            except GroupTooLargeError:
                symmetries = symmetries[:-1]
            else:
                return

    def _walk(self, ways: Shortest, proof: Proof | None) -> None:
        """All shortest ways but for the order of independent steps and for symmetry, depth first."""
        if proof is not None:
            proof.ends(ways)
        histories, known = self._histories, self._watch.states
        todo = [(initial_state(self._system), histories.nothing(), _Run())]
        seen: set[Numbers] = set()
        following: dict[State, list[tuple[int, Events, State]]] = {}
        while todo:
            state, graph, run = todo.pop()
            if len(run.path) == ways.length:
                self._found.setdefault(histories.least(graph), run)
                self._watch.found = len(self._found)
                continue
            if state not in following:
                if proof is not None:
                    proof.moves_of(state)
                following[state] = list(self._leading(ways, state, len(run.path) + 1))
            for index, events, after in reversed(following[state]):
                longer = histories.longer(graph, events)
                place = histories.least_situation(longer, after)
                if place not in seen:
                    seen.add(place)
                    todo.append((after, longer, _Run((*run.path, index), (*run.events, events))))
                    if len(seen) % PER_LOOK == 0:
                        self._watch.look(known + len(seen))
        self._watch.states = known + len(seen)

    def _leading(self, ways: Shortest, state: State, depth: int) -> Iterator[tuple[int, Events, State]]:
        for index, step in enumerate(self._moves.successors(state)):
            if ways.leads(self._system, depth, state, step):
                yield index, self._histories.events(step), step.state

    def answer(self, trace: Trace, most: int, stopped: str | None, *, interrupted: bool) -> Different:
        """What was found, what `trace` stands for first."""
        histories, length = self._histories, self._length or len(trace.steps)
        if len(trace.steps) == length:  # it stands for those that are like it
            run = _Run(trace.path, tuple(histories.events(step.transition) for step in trace.steps))
            own = {histories.least(histories.of(run.events)): run}
            self._found = {**own, **self._found, **own}
        groups = self._alike() if stopped is None else [[graph] for graph in self._found]
        told = [self._told(trace, graphs, whole=stopped is None) for graphs in groups[:most]]
        return Different(
            length,
            tuple(told),
            len(groups),
            len(self._found),
            stopped,
            tuple(s.name for s in histories.symmetries) if self._found else (),
            self._watch.states,
            self._watch.seconds,
            interrupted,
        )

    def _alike(self) -> list[list[Numbers]]:
        """The causal graphs, those together that are essentially the same."""
        groups: list[list[Numbers]] = []
        left = dict(self._found)
        while left:
            alike = [next(iter(left))]
            del left[alike[0]]
            for graph in alike:
                exchanged = self._histories.exchanged(self._found[graph].events)
                others = map(self._histories.least, exchanged)
                alike.extend(other for other in others if left.pop(other, None) is not None)
            groups.append(alike)
        return groups

    def _told(self, trace: Trace, graphs: Sequence[Numbers], *, whole: bool) -> Counterexample:
        run = self._found[graphs[0]]
        shown = trace
        if run.path != trace.path:
            shown = readable(confirm(self._system, Discovery(self._claim.id, "", run.path)))
        return Counterexample(
            shown,
            orders(shown, self._histories, self._moves, run.events),
            len(graphs) if whole else None,
            self._histories.images(graphs[0]),
        )


def orders(
    trace: Trace, histories: Histories, moves: Moves, run: Sequence[Events], most: int = MOST_PLACES
) -> int | None:
    """In how many orders the steps of a trace lead to its end; None if that takes more places.

    `run` is what happens in these steps.
    """
    plan: list[list[int]] = [[] for _ in trace.system.members]
    for events in run:
        for node, event in events:
            plan[node].append(event)
    ways = {(trace.initial, (0,) * len(plan)): 1}
    places = 0
    for _ in run:
        following: dict[tuple[State, Numbers], int] = {}
        for (state, done), count in ways.items():
            places += 1
            if places > most:
                return None
            for step in moves.successors(state):
                then = _done(plan, done, histories.events(step))
                if then is not None:
                    place = step.state, then
                    following[place] = following.get(place, 0) + count
        ways = following
    return sum(count for (state, _), count in ways.items() if state == trace.final)


def _done(plan: Sequence[Sequence[int]], done: Numbers, events: Events) -> Numbers | None:
    """How far all nodes have come after a step, if it is the next for those that take part."""
    then = list(done)
    for node, event in events:
        if then[node] == len(plan[node]) or plan[node][then[node]] != event:
            return None
        then[node] += 1
    return tuple(then)
