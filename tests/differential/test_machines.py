"""Processes on machines: what they reach is what a direct definition says, and all engines say the same.

Random protocols, their nodes dealt to machines at random. The definition here knows nothing of rules that
dispatch: a state is what every process knows and, for each machine, what waits for whom on it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hunt import tables
from hunt.comparing import REDUCTIONS, Effort, compare
from hunt.streams import Stream
from hypothesis import given, settings
from hypothesis import strategies as st

from checker import LossyDuplicating, Machine, Machines, System
from checker.model.network import AtMostOnce
from checker.model.processes import receiver
from checker.model.semantics import ModelError, State, initial_state, successors
from checker.model.vocabulary import Member
from tests.unit.support.shares import share

#: Seeds in blocks; a test takes one of them.
BLOCKS = [range(first, first + 15) for first in (0, 15, 30, 45)]
#: More states than these are not compared.
MOST = 2_000

Knows = tuple[Any, ...]
Boxes = frozenset[tuple[str, str, Any]]


def dealt(members: tuple[Member, ...], stream: Stream) -> tuple[Machine, ...]:
    """Machines for some of the nodes, in an order that is not that of the nodes."""
    names = stream.shuffled([m.name for m in members if m.role.name != "idle"])
    machines = []
    while names:
        size = stream.between(1, len(names))
        if stream.chance(80):
            machines.append(Machine(f"m{len(machines)}", tuple(names[:size])))
        names = names[size:]
    return tuple(machines)


def random_system(seed: int, **dials: int) -> tuple[System, System, tuple[Machine, ...]] | None:
    """A random protocol, the same on machines, and these; None if it cannot be on them.

    Who sends goes on to a later phase, so that no machine talks to itself for ever.
    """
    stream = Stream(seed, "machines")
    drawn = tables.Dials.drawn(stream.at("dials"))
    drawn = replace(drawn, again=0, idle=min(drawn.idle, 2), burst=min(drawn.burst, 9), late=0, nodes=3)
    drawn = replace(drawn, own=1, raising=0, phases=min(drawn.phases, 4), **dials)
    plain = tables.system(seed, replace(drawn, network=2))
    plain = replace(plain, network=tables.NETWORKS[drawn.network])
    machines = dealt(plain.members, stream.at("dealt"))
    try:
        return plain, replace(plain, members=Machines(machines).join(plain.members)), machines
    except ValueError:  # one process handles at once what another waits for
        return None


@pytest.mark.parametrize("seeds", BLOCKS, ids=str)
def test_engines_agree_on_processes_on_machines(seeds: range) -> None:
    seen: Counter[str] = Counter()
    for seed in seeds:
        made = random_system(seed)
        if made is None:
            seen["refused"] += 1
            continue
        stream = Stream(seed, "effort")
        effort = Effort((stream.pick((1, 2, 3)),), (stream.pick(REDUCTIONS),), most=MOST)
        seen[compare(made[1], effort).how] += 1
    assert seen["whole"] >= len(seeds) // 3


# A direct definition --------------------------------------------------------------------------------------


def settled(
    by_name: dict[str, Member], home: dict[str, str], knows: Knows, todo: list[Any], boxes: Boxes
) -> Iterator[tuple[Knows, Boxes]]:
    """All that comes of processes taking what they were sent on their own machine, in order."""
    names = list(by_name)
    if not todo:
        yield knows, boxes
        return
    (to, message), *rest = todo
    member, place = by_name[to], names.index(to)
    steps = [*member.role.rules[type(message)](member.context, knows[place], message)]
    if not steps:
        yield from settled(by_name, home, knows, rest, boxes)
    for after, sends in steps:
        changed = (*knows[:place], after, *knows[place + 1 :])
        yield from sent(by_name, home, to, changed, rest, boxes, sends)


def sent(
    by_name: dict[str, Member],
    home: dict[str, str],
    who: str,
    knows: Knows,
    todo: list[Any],
    boxes: Boxes,
    sends: Any,
) -> Iterator[tuple[Knows, Boxes]]:
    """The same, after one of them has sent something."""
    todo, found = [*todo], set(boxes)
    for to, message in sends:
        if home[to] == home[who] and who in home and home[who] != who:
            todo.append((to, message))
        else:
            found.add((home[to], to, message))
    yield from settled(by_name, home, knows, todo, frozenset(found))


def defined(system: System, machines: tuple[Machine, ...]) -> set[tuple[Knows, Boxes]]:
    """All states that processes on machines can reach, by the definition, over a network of sets."""
    by_name = {str(m.name): m for m in system.members}
    home = {name: name for name in by_name} | {str(p): str(m.name) for m in machines for p in m.processes}
    keeps = system.network.keeps
    first = frozenset((home[n], n, message) for n, m in by_name.items() for _, message in m.inbox)
    begin = (tuple(m.local for m in by_name.values()), first)
    seen, frontier = {begin}, [begin]
    while frontier:
        knows, boxes = frontier.pop()
        for place, (name, member) in enumerate(by_name.items()):
            taken = [
                (m, boxes if keeps else boxes - {(home[name], name, m)}) for _, n, m in boxes if n == name
            ]
            rules = member.role.rules
            ways = [(rules[type(m)](member.context, knows[place], m), after) for m, after in taken]
            ways += [(wake(member.context, knows[place]), boxes) for wake in member.role.wakes.values()]
            for steps, after in ways:
                for local, sends in steps:
                    changed = (*knows[:place], local, *knows[place + 1 :])
                    for state in sent(by_name, home, name, changed, [], after, sends):
                        if state not in seen:
                            seen.add(state)
                            frontier.append(state)
                            if len(seen) > MOST:
                                return seen
    return seen


def told(system: System, names: list[str], state: State) -> tuple[Knows, Boxes]:
    """A state of the system in the form of the definition."""
    knows, boxes = {}, set()
    for member, cell, processes in zip(system.members, state, system.processes, strict=True):
        for process in processes:
            if process.place is not None or not member.parts:
                knows[str(process.name)] = process.local(cell.local)
        for message in cell.inbox:
            to, opened = member.name, message
            if member.parts:
                place, opened = receiver(member.parts, message)
                to = member.parts[place].name
            boxes.add((str(member.name), str(to), opened))
    return tuple(knows[name] for name in names), frozenset(boxes)


def reached(system: System, names: list[str]) -> set[tuple[Knows, Boxes]]:
    begin = initial_state(system)
    seen, frontier = {begin}, [begin]
    while frontier:
        for step in successors(system, frontier.pop()):
            if step.state not in seen:
                seen.add(step.state)
                frontier.append(step.state)
                if len(seen) > MOST:
                    return set()
    return {told(system, names, state) for state in seen}


EXAMPLES = os.environ.get("PMMC_EXAMPLES")


@settings(max_examples=int(EXAMPLES or share(40)), deadline=None, derandomize=EXAMPLES is None)
@given(seed=st.integers(0, 10_000), network=st.sampled_from((0, 1)))
def test_machines_are_what_the_definition_says(seed: int, network: int) -> None:
    made = random_system(seed, network=network, immediate=0)
    assert made is not None
    plain, hosted, machines = made
    assert isinstance(plain.network, LossyDuplicating | AtMostOnce)
    try:
        ours = reached(hosted, [str(m.name) for m in plain.members])
    except ModelError as error:
        if "messages among the processes of" not in str(error):
            raise
        return  # there are protocols whose processes talk without end
    wanted = defined(plain, machines)
    if ours and len(wanted) <= MOST:
        assert ours == wanted


def test_the_definition_is_compared_with_many_states() -> None:
    sizes = []
    for seed in range(40):
        made = random_system(seed, network=seed % 2, immediate=0)
        assert made is not None
        ours = reached(made[1], [str(m.name) for m in made[0].members])
        wanted = defined(made[0], made[2])
        if ours and len(wanted) <= MOST:
            assert ours == wanted, seed
            sizes.append(len(ours))
    assert len(sizes) > 20
    assert max(sizes) > 500
