"""Faults in random walks: steps that are none, ends that are none, and what is walked over unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from checker import AtMostOnce, Fifo, Kind, LossyDuplicating, Member, Property, Role, System, View
from checker.engines.native.kernel.walking import STANDS, TERMINAL
from checker.engines.native.walks.simulating import Simulation, walk_through
from checker.engines.native.walks.tables import WalkRows
from checker.engines.simulating import Walks
from checker.model.judging import judge_state
from checker.model.network import Network
from checker.model.semantics import State
from checker.simulation.replaying import Replayer

from .planting import in_kernel, instead

RUNS = 12
LOST = "a violation is walked over, and nobody is told"
UNTRUE = "what is told of runs is not what they did"


@dataclass(frozen=True)
class Note:
    """A number on its way to a node."""

    n: int


def noting(network: Network, properties: tuple[Property, ...] = (), *, once: bool = False) -> System:
    """A list of numbers, of which 3 is ignored until there is 1; somebody who sends one of two more.

    What he sends last, and again, he does not remember. 2 may be noted, or not; with `once` each is at most
    once.
    """

    def note(_: Any, seen: tuple[int, ...], message: Note) -> Any:
        if len(seen) == 5 or (message.n == 3 and 1 not in seen) or (once and message.n in seen):
            return ()
        noted = ((*seen, message.n), ())
        return ((seen, ()), noted) if message.n == 2 else (noted,)

    def send(_: Any, sent: int) -> Any:
        return () if sent else ((1, (("a", Note(8)),)), (2, (("a", Note(9)),)))

    def stay(_: Any, sent: int) -> Any:
        return ((sent, ()), (sent + 4, ())) if sent in (1, 2) else ()

    def last(_: Any, sent: int) -> Any:
        return ((sent, (("a", Note(7)),)),) if sent == 5 else ()

    first = tuple(("a", Note(n)) for n in (1, 2, 3))
    a = Member("a", Role("list", {Note: note}), None, (), first)
    b = Member("b", Role("sender", {}, {"send": send, "stay": stay, "last": last}), None, 0)
    return System("noting", (a, b), network, properties)


SEEN, SENT = (View(role, role, lambda local: local) for role in ("list", "sender"))
WAITING = View("waiting", "list", lambda messages: messages, inbox=True)


def _claims() -> tuple[Property, ...]:
    def late(_: Any, seen: tuple[int, ...]) -> str | None:
        return "three" if 3 in seen else None

    def both(_: Any, lists: Any, senders: Any) -> str | None:
        return "eight is here" if 8 in lists["a"] and senders["b"] == 5 else None

    def waits(_: Any, waiting: Any) -> str | None:
        return "two wait" if len(waiting["a"]) == 2 else None

    return (
        Property("late", Kind.NODE, "No such order.", "this test", (SEEN,), late),
        Property("both", Kind.STATE, "Never both.", "this test", (SEEN, SENT), both),
        Property("waits", Kind.STATE, "Never two.", "this test", (WAITING,), waits),
    )


def followed(simulation: Simulation, run: int, demand: Callable[[str, Any, Any], None]) -> list[State]:
    """The states of a run, each step taken in the reference semantics; and that it ends where it says."""
    replayer = Replayer(simulation.system)
    state = replayer.initial
    states = [state]
    for event in simulation.firsts.events(run, 40):
        taken = replayer.take(state, event)
        demand("walk", taken is not None, True)
        assert taken is not None
        state = taken.after
        states.append(state)
    walks = simulation._alone().walk(range(run, run + 1), lambda _: None)
    following = replayer.following(state) or []
    nothing_leads_on = all(after == state for _, _, after in following)
    demand("walk", bool(walks.marks[0, STANDS] == TERMINAL) <= nothing_leads_on, True)
    return states


def as_walked(demand: Callable[[str, Any, Any], None], network: Network, scheduler: str) -> None:
    """Runs are runs of the reference semantics; their states are counted, and what they show is told."""
    asked = Walks(RUNS, 40, 2, scheduler, past_violations=True)
    simulation = Simulation(noting(network), asked, None)
    simulation._begin_tables()
    states = {state for run in range(RUNS) for state in followed(simulation, run, demand)}
    waiting = Simulation(noting(network, _claims()[2:], once=True), asked, None)
    waiting._begin_tables()
    for run in range(RUNS):
        followed(waiting, run, demand)
    walked = walk_through(noting(network), asked)
    demand("count", walked.states, len(states))
    for claim in _claims():
        system = noting(network, (claim,))
        shown = any(judge_state(system, claim, state) for state in states)
        told = {one.property for one in walk_through(system, asked).sighted}
        demand("walk", told, {claim.id} if shown else set())


def detectors(demand: Callable[[str, Any, Any], None]) -> Iterator[tuple[str, Callable[[], None]]]:
    """Networks of which messages wait apart, stay, or are in order; all schedulers."""
    for network in (AtMostOnce(), LossyDuplicating(), Fifo()):
        for scheduler in ("uniform", "pct", "swarm"):
            yield f"walks, {network.name}, {scheduler}", partial(as_walked, demand, network, scheduler)
    yield "walks, initial state", partial(initial, demand)


in_walk = partial(in_kernel, "walk", kind="walks")
in_walk(
    "taken-messages-stay",
    "a message that is taken is there still, on a network that delivers each once",
    UNTRUE,
    old="goes = place if keeps == 0 else np.int64(-1)",
    new="goes = np.int64(-1)",
)
in_walk(
    "ignored-for-ever",
    "a message that was ignored once is passed over for ever, whatever its node has come to",
    "a run is said to have come to its end, and terminal properties are judged there",
    old="            if rank[w, j, at] == NOTHING:\n",
    new="            if False:\n",
)
in_walk(
    "of-equals-the-first-alone",
    "of steps with equal priorities only the first is ever tried",
    "a run is said to have come to its end, and terminal properties are judged there",
    old="return tie > other_tie or (tie == other_tie and index > other_index)",
    new="return False",
)
in_walk(
    "what-is-shown-is-not-added-up",
    "what a state shows is what it showed before the step, but for one node",
    LOST,
    old="combos[g] += views[g, new] - views[g, old]",
    new="combos[g] = views[g, new]",
)
in_walk(
    "states-tell-no-messages-apart",
    "messages that arrive have no share in the key of a state",
    "states are counted as one that are several",
    old="state += message_key(messages[add[k]], j)",
    new="state += _ZERO",
)

in_walk(
    "moves-are-never-flagged",
    "a run goes on where a move shows that a property is violated",
    LOST,
    old="            if flag[m]:\n",
    new="            if flag[m] > 1:\n",
)


@instead(WalkRows, "_add", LOST)
def moves_show_nothing(right: Any, rows: WalkRows, *arguments: Any) -> None:
    """what a move shows is not kept"""
    right(rows, *arguments)
    rows.shown.clear()


@instead(Simulation, "_judge_initial", LOST)
def initial_states_are_not_judged(right: Any, simulation: Simulation) -> None:
    """what properties of one node say of the initial state is not asked"""
    del right, simulation


def initial(demand: Callable[[str, Any, Any], None]) -> None:
    """A claim that the initial state violates."""
    claim = replace(_claims()[0], judge=lambda _, seen: "empty" if not seen else None)
    walked = walk_through(noting(AtMostOnce(), (claim,)), Walks(2, 40))
    demand("walk", [(one.property, one.run, one.events) for one in walked.sighted], [("late", 0, ())])
