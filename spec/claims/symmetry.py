"""Who and what is interchangeable in PMMC: acceptors, replicas, and commands of one form.

Acceptors are as far as quorums do not tell them apart. Leaders are not: their ids order the ballots. These
are claims, which the checker verifies on all that occurs (checker/engines/native/reductions/symmetry.py).
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from checker.model.vocabulary import Symmetry
from pmmc.kv import Append, Get, NoOp, Op, Put, Reconfigure
from pmmc.quorums import QuorumSystem, Sets, Weights
from pmmc.values import Command, Configuration, Deployment, Node

Alike = Callable[[Node, Node], bool]


def all_alike(one: Node, other: Node) -> bool:
    """Any two may change places."""
    return True


def symmetric_nodes(
    name: str,
    nodes: Sequence[Node],
    deployment: Deployment,
    fixed: Collection[Any] = (),
    alike: Alike = all_alike,
) -> Symmetry:
    """These nodes, but for those that are `fixed`, may be permuted with those that are alike.

    `alike(one, other)` says whether two may change places. With a second and a third they may or may not,
    but not with one of them only.
    """
    groups: list[list[int]] = []
    for k, node in enumerate(nodes):
        if node not in fixed:
            found = next((group for group in groups if alike(nodes[group[0]], node)), None)
            groups.append([k]) if found is None else found.append(k)
    orders = [order for group in groups for order in _orders(group, len(nodes))]
    return Symmetry(name, tuple(_images(order, nodes, deployment) for order in orders))


def alike_in(configurations: Sequence[Configuration]) -> Alike:
    """Whether two acceptors of one configuration may change places, and what is a quorum stays one."""
    phases = [system for c in configurations for system in (c.quorums.phase1, c.quorums.phase2)]
    together = in_one_of(configurations)
    return lambda one, other: together(one, other) and all(_alike(system, one, other) for system in phases)


def in_one_of(configurations: Sequence[Configuration]) -> Alike:
    """Whether two acceptors serve in the same configuration."""
    return within([c.acceptors for c in configurations])


def within(apart: Sequence[Collection[Node]], alike: Alike = all_alike) -> Alike:
    """Whether two that are alike are in the same of the sets `apart`, too."""
    return lambda one, other: (
        alike(one, other) and all((one in those) == (other in those) for those in apart)
    )


def _alike(system: QuorumSystem, one: Node, other: Node) -> bool:
    match system:
        case Weights():
            return system.of(one) == system.of(other)
        case Sets(sets):
            images: dict[Hashable, Node] = {one: other, other: one}
            return sets == {frozenset(images.get(name, name) for name in names) for names in sets}
    return True


def symmetric_commands(
    commands: Sequence[Command], deployment: Deployment, fixed: Collection[Any] = ()
) -> Symmetry | None:
    """The commands, but for those that are `fixed`, may be permuted, with their clients, keys and values.

    None if their forms differ, or a client cannot follow one of its commands without another that stays.
    No-ops and reconfigurations, which name nothing of a client, stay.
    """
    maps = []
    stay = NoOp | Reconfigure
    movable = [k for k, c in enumerate(commands) if c not in fixed and not isinstance(c.op, stay)]
    for order in _orders(movable, len(commands)):
        images: dict[Any, Any] = dict(_all_nodes(deployment))
        for source, target in enumerate(order):
            if not _match(commands[source], commands[target], images):
                return None
        if set(images) != set(images.values()):
            return None
        maps.append(images)
    return Symmetry("commands", tuple(maps))


def named(value: Any) -> Iterator[Any]:
    """The nodes and commands that a value mentions, at any depth."""
    if isinstance(value, Node | Command):
        yield value
    elif isinstance(value, tuple | frozenset):
        for part in value:
            yield from named(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from named(getattr(value, field.name))


def _orders(movable: Sequence[int], size: int) -> list[list[int]]:
    """Generators of all permutations of some of `size` things: one swap, and one turn if at least three."""
    if len(movable) < 2:
        return []
    swap, turn = list(range(size)), list(range(size))
    first, second = movable[:2]
    swap[first], swap[second] = second, first
    for source, target in zip(movable, (*movable[1:], first), strict=True):
        turn[source] = target
    return [swap] if len(movable) == 2 else [swap, turn]


def _all_nodes(deployment: Deployment) -> Mapping[Node, Node]:
    """Every node its own image: the names of nodes are not looked into."""
    return {node: node for node in deployment.everybody()}


def _images(order: Sequence[int], nodes: Sequence[Node], deployment: Deployment) -> Mapping[Any, Any]:
    return {**_all_nodes(deployment), **{nodes[k]: nodes[to] for k, to in enumerate(order)}}


def _match(one: Command, other: Command, images: dict[Any, Any]) -> bool:
    """Extend `images` so that it takes one command to the other, if it can."""
    if type(one.op) is not type(other.op) or one.cid != other.cid:
        return False
    pairs = [(one, other), (one.client, other.client), *zip(_words(one.op), _words(other.op), strict=True)]
    for source, target in pairs:
        if images.get(source, target) != target and source != one.client:
            return False
        images[source] = target
    return True


def _words(op: Op) -> tuple[str, ...]:
    match op:
        case Put(key, value) | Append(key, value):
            return key, value
        case Get(key):
            return (key,)
        case NoOp() | Reconfigure():
            return ()
