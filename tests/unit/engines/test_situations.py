"""All local situations of a model, each after a shortest run, as a plain search over states finds them."""

from collections import deque
from functools import cache

import pytest

from checker.engines.contract import Limits
from checker.engines.situations import Situation, Situations, situations
from checker.model.semantics import initial_state, successors
from checker.model.system import System
from checker.model.vocabulary import kind_of
from checker.modelfiles.loading import load, load_text
from spec.protocol import PMMC

#: Reads and clocks, crashes and restarts, reconfigurations, losses, queues, several clients, a choice.
MODELS = (
    "any-request",
    "duel-duplicating",
    "leases-holder-crashes",
    "loss",
    "one-client",
    "reads",
    "stable-leader-all",
    "fifo-small",
)
FIFO = """
name: fifo
nodes: {acceptors: 1, leaders: 2, replicas: 1}
commands: [put k1 v1]
bounds: {slots: 1, rounds: 1}
network: fifo
"""


@cache
def system_of(name: str) -> System:
    protocols = {"pmmc": PMMC}
    if name == "fifo-small":
        return load_text(FIFO, "fifo.yaml", protocols=protocols).system
    return load(next(p for p in PMMC.model_files() if p.stem == name), protocols=protocols).system


def nodes_of(system: System) -> frozenset[int]:
    roles = ("acceptor", "leader", "replica", "client")
    return frozenset(at for at, m in enumerate(system.members) if m.role.name in roles)


@cache
def found(name: str) -> Situations:
    system = system_of(name)
    return situations(system, nodes_of(system))


def plainly(system: System) -> tuple[dict[Situation, int], int]:
    """Situation → the length of a shortest run to it; and how many states there are."""
    nodes, first = nodes_of(system), initial_state(system)
    depth, todo = {first: 0}, deque([first])
    known: dict[Situation, int] = {}
    while todo:
        state = todo.popleft()
        for node in nodes:
            cell = state[node]
            for message, *_ in system.network.choices(cell.inbox):
                known.setdefault(Situation(node, cell.local, message), depth[state])
            for wake in system.members[node].role.wakes:
                known.setdefault(Situation(node, cell.local, None, wake), depth[state])
        for step in successors(system, state):
            for to, message in step.sends:
                node = system.positions[to]
                if node in nodes and kind_of(message) in system.members[node].role.immediate:
                    known.setdefault(Situation(node, state[node].local, message), depth[state])
            if step.state not in depth:
                depth[step.state] = depth[state] + 1
                todo.append(step.state)
    return known, len(depth)


@pytest.mark.parametrize("name", MODELS)
def test_they_are_those_of_a_plain_search_with_runs_of_the_same_lengths(name: str) -> None:
    known, states = plainly(system_of(name))
    told = found(name)
    assert (told.states, told.unplaced, told.stopped) == (states, (), None)
    assert len(set(told.found)) == len(told.found)
    lengths = {one: len(told.path(run)) for one, run in zip(told.found, told.leading, strict=True)}
    assert lengths == known
    assert list(lengths.values()) == sorted(lengths.values())


@pytest.mark.parametrize("name", MODELS)
def test_a_run_leads_to_the_local_state_and_what_it_says_of_its_steps_is_so(name: str) -> None:
    system, told = system_of(name), found(name)
    for one, run in zip(told.found, told.leading, strict=True):
        state = initial_state(system)
        for step in told.steps(run):
            taken = list(successors(system, state))[step.step]
            assert (taken.node, taken.action, taken.message, taken.lost) == (
                step.node,
                step.action,
                step.message,
                step.lost,
            )
            state = taken.state
        assert state[one.node].local == one.local


@pytest.mark.parametrize("name", ["one-client", "reads"])
def test_they_are_the_same_for_any_number_of_workers(name: str) -> None:
    system = system_of(name)
    other = situations(system, nodes_of(system), workers=3)
    assert (other.found, other.leading, other.runs) == (
        found(name).found,
        found(name).leading,
        found(name).runs,
    )


def test_a_limit_leaves_none() -> None:
    told = situations(system_of("one-client"), frozenset({0}), Limits(max_states=100))
    assert told.stopped == "the limit of 100 states was reached"
    assert (told.found, told.runs) == ((), ())


def test_states_up_to_a_shift_have_none() -> None:
    with pytest.raises(ValueError, match="rounds have no end in this model"):
        situations(system_of("duel-endless"), frozenset({0}))
