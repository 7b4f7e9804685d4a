"""What a call costs is what a walk over all runs says that knows nothing of times that go forward.

The walk takes every step in every order, and in each run looks for the longest chain among what caused
what (`checker.traces.causality`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from checker import Fifo, Member, Network, Reliable, System
from checker.costs.cost import Asked, Cost, cost_of
from checker.model.behaviour import Trace, TraceStep
from checker.model.calls import Calls
from checker.model.linearizability import Invocation, Response
from checker.model.semantics import State, initial_state, successors
from checker.model.vocabulary import Seen
from checker.modelfiles.loading import load_text
from checker.traces.causality import Causality, Why
from spec.protocol import PMMC
from tests.unit.support.calling import CALL, Note, calls, client, node
from tests.unit.support.shares import share

#: Runs that are walked at most for one protocol.
MOST_RUNS = 1_000
SERVERS = ("x", "y", "z")
TEXTS = st.sampled_from(("p", "q"))

Steps = tuple[TraceStep, ...]


class TooManyError(Exception):
    """There are too many runs."""


def runs(system: System, most: int) -> Iterator[Steps]:
    """All runs, each as often as there are ways to go on from it; those that go on come before."""
    left = most

    def walk(state: State, steps: Steps) -> Iterator[Steps]:
        nonlocal left
        for index, step in enumerate(successors(system, state)):
            left -= 1
            if left < 0:
                raise TooManyError
            longer = (*steps, TraceStep(index, step, state))
            yield longer
            yield from walk(step.state, longer)

    yield from walk(initial_state(system), ())


class Judged:
    """A run: when each step takes place, None for those that do not rest on the invocation."""

    def __init__(self, system: System, calls: Calls, steps: Steps, *, from_start: bool) -> None:
        self.known = Causality(Trace(system, initial_state(system), steps))
        self.events = [_event(system, calls, step) for step in steps]
        self.writes = [_writes(system, calls, step) for step in steps]
        self.sent = [
            sum(system.positions[to] != step.transition.node for to, _ in step.transition.sends)
            for step in steps
        ]
        self.from_start = from_start
        self.at: list[tuple[int, int] | None] = []
        for number in range(1, len(steps) + 1):
            self.at.append(self._at(number))

    def _at(self, number: int) -> tuple[int, int] | None:
        step = self.known.trace.steps[number - 1].transition
        name = self.known.trace.system.members[step.node].name
        found: list[tuple[int, int]] = []
        if isinstance(self.events[number - 1], Invocation) or self.from_start:
            found.append((0, 0))
        if self.from_start and self.known.origins[number - 1] == 0:
            parcel = next(p for p in self.known.parcels if p.sent == 0 and number in p.taken)
            found.append((int(parcel.sender != name), 0))
        for link in self.known.links_to(number):
            before = self.at[link.before - 1]
            if before is not None:
                other = self.known.trace.steps[link.before - 1].transition.node != step.node
                delay = int(link.why is Why.MESSAGE and other)
                found.append((before[0] + delay, before[1] + self.writes[link.before - 1]))
        return max(found, default=None)

    @property
    def answer(self) -> int | None:
        """The step that gets the answer, from 1."""
        return next((n for n, e in enumerate(self.events, 1) if isinstance(e, Response)), None)

    @property
    def begun(self) -> int:
        """The step from which on messages are counted, from 1; 0: from the start."""
        if self.from_start:
            return 0
        return next(n for n, e in enumerate(self.events, 1) if isinstance(e, Invocation))

    def messages(self, before: int) -> int:
        """The messages sent before a step, since they are counted."""
        names = [member.name for member in self.known.trace.system.members]
        waiting = (p for p in self.known.parcels if p.sent == 0)
        first = sum(p.sender != names[p.receiver] for p in waiting) if self.from_start else 0
        return first + sum(self.sent[max(self.begun - 1, 0) : before - 1])

    def rests(self) -> bool:
        """Whether no message is under way that was sent since.

        Of messages that cannot be told apart those that were sent since are taken first, but in a queue.
        """
        trace = self.known.trace
        system, queues = trace.system, trace.system.network.name == "fifo"
        before, since = Counter[Any](), Counter[Any]()
        for parcel in self.known.parcels:
            if parcel.sent == 0:
                kept = since if self.from_start else before
                kept[parcel.receiver, parcel.message, parcel.sender if queues else None] += 1
        for number, step in enumerate(trace.steps, 1):
            taken = step.transition
            if taken.message is not None:
                key = taken.node, taken.message, taken.sender
                first, second = (before, since) if queues else (since, before)
                (first if first[key] else second)[key] -= 1
            name = system.members[taken.node].name if queues else None
            for to, message in taken.sends:
                (since if number >= self.begun else before)[system.positions[to], message, name] += 1
        return not +since


def _event(system: System, calls: Calls, step: TraceStep) -> Any:
    taken = step.transition
    name = system.members[taken.node].name
    before, after = step.before[taken.node].local, step.after[taken.node].local
    seen = Seen(name, taken.action, before, taken.message, after, taken.sends)
    (event,) = calls.told(seen, calls.known[0]) or [None]
    return event


def _writes(system: System, calls: Calls, step: TraceStep) -> bool:
    place = step.transition.node
    return calls.writes(system.members[place], step.before[place].local, step.after[place].local)


def walked(system: System, calls: Calls, *, from_start: bool, most: int) -> tuple[Any, Any]:
    """The least delays, writes and messages until the answer, and the fewest messages in all."""
    soonest: list[tuple[int, int, int]] = []
    in_all: list[int] = []
    for steps in list(runs(system, most)):
        if not any(isinstance(_event(system, calls, step), Response) for step in steps):
            continue
        judged = Judged(system, calls, steps, from_start=from_start)
        answer = judged.answer
        time = None if answer is None else judged.at[answer - 1]
        if answer is None or time is None:
            continue
        if answer == len(steps):
            soonest.append((*time, judged.messages(answer)))
        if judged.rests():
            in_all.append(judged.messages(len(steps) + 1))
    return min(soonest, default=(None, None, None)), min(in_all, default=None)


def figures(found: Cost) -> tuple[Any, Any]:
    return (found.delays, found.writes, found.messages), found.in_all


Table = dict[tuple[int, str], tuple[tuple[tuple[str, str], ...], bool]]


def server(name: str, table: Table) -> Member:
    """A server that does what the table says, twice at most."""
    return node(name, lambda told, text: table.get((len(told), text)) if len(told) < 2 else None)


@st.composite
def reactions(draw: st.DrawFn, name: str, names: Sequence[str]) -> Table:
    """What a server does: nothing is sent to itself, which may overtake what is equal and was sent before.

    Causality takes of equal messages the one that was sent first.
    """
    answer = st.just(("client", "answer"))
    others = [other for other in names if other != name]
    to_others = st.tuples(st.sampled_from(others), TEXTS) if others else answer
    sends = st.lists(answer | to_others | answer, min_size=1, max_size=2, unique=True).map(tuple)
    situations = st.tuples(st.integers(0, 1), TEXTS)
    return draw(st.dictionaries(situations, st.tuples(sends, st.booleans()), min_size=3, max_size=4))


@st.composite
def systems(draw: st.DrawFn) -> tuple[System, Calls]:
    """A client and a few servers that talk by tables drawn at random."""
    names = SERVERS[: draw(st.integers(1, 3))]
    tables = {name: draw(reactions(name, names)) for name in names}
    members: list[Member] = []
    for name, table in tables.items():
        inbox = draw(st.lists(st.tuples(st.just("y"), TEXTS.map(Note)), max_size=1))
        members.append(replace(server(name, table), inbox=tuple(inbox)))
    asked = st.lists(st.tuples(st.sampled_from(names), TEXTS), min_size=1, max_size=2, unique=True)
    members.insert(draw(st.integers(0, len(members))), client(*draw(asked)))
    network: Network = draw(st.sampled_from((Reliable(), Fifo())))
    written = draw(st.sets(st.sampled_from(names)))
    known = calls(draw(st.sampled_from((1, 1, 2))), written)
    return System(f"random: {tables}", tuple(members), network, ()), known


@given(systems(), st.booleans())
@settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=share(60),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
def test_a_walk_over_all_runs_finds_the_same(made: tuple[System, Calls], from_start: bool) -> None:
    system, known = made
    try:
        expected = walked(system, known, from_start=from_start, most=MOST_RUNS)
    except TooManyError:
        assume(False)
    assert figures(cost_of(Asked(system, known, CALL, from_start))) == expected


MODEL = """
name: small
nodes: {{acceptors: 1, leaders: 1, replicas: 1, clients: 1}}
commands: [{command}]
bounds: {{slots: 1, rounds: 1}}
network: reliable
{more}
"""
ELECTED = "initial: {leader 0: {active: true, scout: false}, acceptor 0: {ballot: 0.0}}"


@pytest.mark.parametrize("from_start", [False, True])
@pytest.mark.parametrize(
    ("command", "more"),
    [("put k a", ""), ("put k a", ELECTED), ("get k", f"rules: {{reads: quorum}}\n{ELECTED}")],
)
def test_of_small_models_too(command: str, more: str, from_start: bool) -> None:
    text = MODEL.format(command=command, more=more)
    loaded = load_text(text, "small", protocols={"pmmc": PMMC})
    assert PMMC.calls is not None
    known = PMMC.calls(loaded.model, loaded.system)
    bare = replace(
        loaded.system,
        members=tuple(m for m in loaded.system.members if m.role.observe is None),
        properties=(),
    )
    expected = walked(bare, known, from_start=from_start, most=100_000)
    assert expected[0][0] is not None
    (asked,) = (Asked(loaded.system, known, one, from_start) for one in known.known)
    assert figures(cost_of(asked)) == expected
