"""What replicas make of a log whose configuration changes, against an explorer that knows no messages.

Here leaders and acceptors are an oracle: for each configuration and slot it decides one of the commands
that the replicas ask of it, and a replica learns that at some time or never. What the replicas of our
models can come to, all of them together, is exactly what they can come to here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pytest

from bench.sizes import Size
from checker.engines.contract import Limits
from checker.engines.native.engine import explore
from checker.model.properties import Kind, Property
from checker.model.system import System
from checker.model.vocabulary import View
from checker.modelfiles.loading import load_text
from checker.modelfiles.protocol import protocols


class Known(NamedTuple):
    """What a replica knows; logs are slot → command, as pairs."""

    requests: tuple[str, ...] = ()
    slot_in: int = 1
    slot_out: int = 1
    configuration: int = 0
    proposals: frozenset[tuple[int, str]] = frozenset()
    decisions: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True)
class World:
    """All replicas; what was `asked` of a configuration for a slot; what is `decided` of that."""

    replicas: tuple[Known, ...]
    asked: frozenset[tuple[int, int, str]] = frozenset()
    decided: frozenset[tuple[int, int, str]] = frozenset()


def worlds(size: Size) -> set[World]:
    """All that can be reached."""
    commands = [f"put k{i} v{i}" for i in range(1, size.commands + 1)]
    commands += [f"reconfigure {k}" for k in size.reconfigurations]
    found = [World((Known(),) * size.replicas)]
    seen = set(found)
    for world in found:
        for after in steps(size, world, commands):
            if after not in seen:
                seen.add(after)
                found.append(after)
    return seen


def steps(size: Size, world: World, commands: list[str]) -> Iterator[World]:
    """What may happen next."""
    for asked in world.asked:
        if not any(asked[:2] == there[:2] for there in world.decided):
            yield replace(world, decided=world.decided | {asked})
    for at, known in enumerate(world.replicas):
        held = {c for _, c in known.proposals | known.decisions}.union(known.requests)
        for command in commands:
            if command not in held:
                yield going_on(size, world, at, known._replace(requests=(*known.requests, command)))
        for _, slot, command in world.decided:
            if (slot, command) not in known.decisions:
                decisions = known.decisions | {(slot, command)}
                yield going_on(size, world, at, performing(known._replace(decisions=decisions)))


def performing(known: Known) -> Known:
    """The replica with slot_out as far on as its decisions go."""
    log = dict(known.decisions)
    while known.slot_out in log:
        ours = {(s, c) for s, c in known.proposals if s == known.slot_out}
        back = tuple(c for _, c in ours if c != log[known.slot_out])
        known = known._replace(
            slot_out=known.slot_out + 1,
            proposals=known.proposals - ours,
            requests=known.requests + back,
        )
    return known


def going_on(size: Size, world: World, at: int, known: Known) -> World:
    """The replica proposes as long as it may."""
    log, asked = dict(known.decisions), set(world.asked)
    while known.requests and known.slot_in <= size.slots and known.slot_in < known.slot_out + size.window:
        known = known._replace(configuration=serving(log, known.slot_in - size.window))
        if known.slot_in not in log:
            first, *others = known.requests
            proposals = known.proposals | {(known.slot_in, first)}
            known = known._replace(requests=tuple(others), proposals=proposals)
            asked.add((known.configuration, known.slot_in, first))
        known = known._replace(slot_in=known.slot_in + 1)
    replicas = (*world.replicas[:at], known, *world.replicas[at + 1 :])
    return replace(world, replicas=replicas, asked=frozenset(asked))


def serving(log: Mapping[int, str], last: int) -> int:
    """The configuration that the last reconfiguration up to a slot names, each where it is met first."""
    changes = dict.fromkeys(log[s] for s in range(1, last + 1) if log[s].startswith("reconfigure"))
    return int([*changes][-1].split()[1]) if changes else 0


def known(replica: Any) -> Known:
    """What a replica of the model knows, in these words."""
    return Known(
        tuple(map(str, replica.requests)),
        replica.slot_in,
        replica.slot_out,
        replica.configuration,
        frozenset((p.slot, str(p.command)) for p in replica.proposals),
        frozenset((p.slot, str(p.command)) for p in replica.decisions),
    )


def reached(system: System) -> set[tuple[Known, ...]]:
    """What all replicas of a model together can know, by the native engine."""
    seen: set[tuple[Known, ...]] = set()

    def judge(_: Any, shown: Mapping[Any, Known]) -> None:
        seen.add(tuple(shown.values()))

    view = View("known", "replica", known)
    watched = Property("watched", Kind.STATE, "Holds.", "this test", (view,), judge)
    found = explore(replace(system, properties=(watched,), symmetries=()), Limits())
    assert found.complete
    return seen


SMALL, RIVALS, MAJORITIES, THREE = (
    ((1, 1), (1, 1)),
    ((2, 1), (1, 1)),
    ((1, 3), (1, 1)),
    ((1, 1), (1, 1), (1, 1)),
)


@pytest.mark.parametrize(
    ("configurations", "replicas", "slots", "commands", "window"),
    [
        (SMALL, 1, 4, 2, 1),
        (SMALL, 1, 4, 2, 2),
        (SMALL, 2, 3, 1, 1),
        (SMALL, 2, 4, 1, 2),
        (RIVALS, 1, 3, 2, 1),
        (RIVALS, 2, 2, 1, 1),
        (MAJORITIES, 1, 3, 1, 1),
        (MAJORITIES, 1, 4, 2, 2),
        (THREE, 1, 5, 1, 2),
        (THREE, 2, 4, 0, 1),
        (THREE, 2, 4, 0, 2),
    ],
)
def test_replicas_come_to_what_an_oracle_for_each_slot_allows(
    configurations: tuple[tuple[int, int], ...], replicas: int, slots: int, commands: int, window: int
) -> None:
    size = Size(
        acceptors=sum(acceptors for _, acceptors in configurations),
        leaders=sum(leaders for leaders, _ in configurations),
        replicas=replicas,
        slots=slots,
        rounds=1,
        commands=commands,
        network="at-most-once",
        window=window,
        configurations=configurations,
        reconfigurations=tuple(range(1, len(configurations))),
    )
    system = load_text(size.yaml(), "sized", protocols=protocols()).system
    wanted = {world.replicas for world in worlds(size)}
    assert reached(system) == wanted
    assert any(known.configuration for replicas in wanted for known in replicas)
