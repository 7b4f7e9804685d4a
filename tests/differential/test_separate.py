"""Scouts and commanders apart against those folded into their leader.

Where what the processes tell each other is handled at once, both have the same reachable local states;
where it takes time, what holds of the one holds of the other.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from checker.engines import reference
from checker.model.semantics import State, initial_state, successors
from checker.model.system import System
from checker.modelfiles.loading import load_text
from pmmc.leader import Leader, Scout
from pmmc.values import Context, Node, Step
from spec.protocol import PMMC
from spec.separate.rules import on_adopted
from spec.separate.system import every_part, separate
from spec.separate.values import Adopted, Commanding, Idle, Preempted, StartCommander, StartScout, scout_of

#: What a leader's processes tell each other: folded in, it takes no time.
WITHIN = (StartScout, StartCommander, Adopted, Preempted)


def folded_system(acceptors: int, leaders: int, rounds: int, rules: str = "", replicas: int = 1) -> System:
    text = f"""
name: small
nodes: {{acceptors: {acceptors}, leaders: {leaders}, replicas: {replicas}}}
commands: [put k v, put k w]
bounds: {{slots: 1, rounds: {rounds}, window: 1}}
network: at-most-once
{f"rules: {{{rules}}}" if rules else ""}
"""
    return load_text(text, "small.yaml", protocols={"pmmc": PMMC}).system


def apart_system(folded: System, rounds: int) -> System:
    return separate(folded, every_part(folded.setting.deployment, rounds, 1))


def reached(system: System) -> set[State]:
    """Every state, by the plainest search there is."""
    first = initial_state(system)
    known, waiting = {first}, deque([first])
    while waiting:
        for transition in successors(system, waiting.popleft()):
            if not transition.lost and transition.state not in known:
                known.add(transition.state)
                waiting.append(transition.state)
    return known


def at_once(system: System, state: State) -> State:
    """The state when all that processes of a leader tell each other is handled."""
    while True:
        within = (
            t.state for t in successors(system, state) if isinstance(t.message, WITHIN) and not t.lost
        )
        following = next(within, None)
        if following is None:
            return state
        state = following


def reached_at_once(system: System) -> Iterator[State]:
    """Every state that is reached where such messages take no time."""
    first = at_once(system, initial_state(system))
    known, waiting = {first}, deque([first])
    while waiting:
        state = waiting.popleft()
        yield state
        for transition in successors(system, state):
            after = at_once(system, transition.state)
            if not transition.lost and after not in known:
                known.add(after)
                waiting.append(after)


def folded_in(name: Node, leader: Leader, known: dict[Any, Any]) -> Leader:
    """The leader with its scout and its commanders."""
    scout = known.get(scout_of(leader.ballot))
    own = [one for part, one in known.items() if part.index == name.index]
    theirs = frozenset(c for one in own if isinstance(one, Commanding) for c in one.commanders)
    alive = scout if isinstance(scout, Scout) else leader.scout
    return replace(leader, scout=alive, commanders=leader.commanders | theirs)


def locals_of(system: System, state: State) -> tuple[Any, ...]:
    """What all nodes know, with scouts and commanders folded into their leader."""
    known = {member.name: cell.local for member, cell in zip(system.members, state, strict=True)}
    folded = []
    for name, local in known.items():
        assert isinstance(name, Node)
        if isinstance(local, Leader):
            folded.append(folded_in(name, local, known))
        elif not isinstance(local, Scout | Commanding | Idle):
            folded.append(local)
    return tuple(folded)


#: acceptors, leaders, rounds, rules
SMALL = [
    (1, 1, 2, ""),
    (1, 2, 1, ""),
    (1, 2, 2, ""),
    (2, 1, 1, ""),
    (3, 1, 1, ""),
    (1, 2, 2, "commander: as-printed"),
    (1, 2, 2, "commander: any-other-reply, scout: any-other-reply"),
    (3, 1, 1, "scout: first-reply"),
    (1, 2, 1, "acceptor: any-ballot-keep-highest"),
]


@pytest.mark.parametrize(("acceptors", "leaders", "rounds", "rules"), SMALL)
def test_handled_at_once_the_processes_are_the_folded_leader(
    acceptors: int, leaders: int, rounds: int, rules: str
) -> None:
    folded = folded_system(acceptors, leaders, rounds, rules)
    apart = apart_system(folded, rounds)
    theirs = {locals_of(apart, state) for state in reached_at_once(apart)}
    ours = {locals_of(folded, state) for state in reached(folded)}
    assert theirs == ours
    assert len(ours) > 10


@pytest.mark.parametrize(("acceptors", "leaders", "rounds"), [(1, 1, 2), (1, 2, 1), (2, 1, 1)])
def test_where_it_takes_time_the_same_is_decided_and_the_same_holds(
    acceptors: int, leaders: int, rounds: int
) -> None:
    folded = folded_system(acceptors, leaders, rounds)
    apart = apart_system(folded, rounds)
    assert {"A1", "A5", "C1", "C2", "R1", "R3"} <= {claim.id for claim in apart.properties}
    explored = [reference.explore(system) for system in (folded, apart)]
    assert [one.complete and not one.violations for one in explored] == [True, True]
    assert explored[1].states > explored[0].states
    assert decisions_in(apart) == decisions_in(folded) != {frozenset()}


def decisions_in(system: System) -> set[Any]:
    """What replicas may have decided, all together."""
    replicas = [i for i, member in enumerate(system.members) if member.role.name == "replica"]
    return {tuple(state[i].local for i in replicas) for state in reached(system)}


def test_a_leader_that_ignores_what_its_scout_tells_is_noticed() -> None:
    """The properties of the system apart can fail."""
    apart = apart_system(folded_system(1, 2, 1, replicas=2), 1)

    def careless(context: Context, leader: Leader, message: Adopted) -> tuple[Step, ...]:
        return on_adopted(context, leader, replace(message, accepted=frozenset()))

    members = tuple(
        replace(m, role=m.role.with_rules({Adopted: careless})) if m.role.name == "leader" else m
        for m in apart.members
    )
    claims = tuple(claim for claim in apart.properties if claim.id == "C2")
    explored = reference.explore(replace(apart, members=members, properties=claims))
    assert [found.property for found in explored.violations] == ["C2"]
