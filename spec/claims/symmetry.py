"""Who and what is interchangeable in PMMC: acceptors, replicas, and commands of one form.

Leaders are not: their ids order the ballots. These are claims, which the checker verifies on all that
occurs (checker/engines/native/reductions/symmetry.py).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from checker.model.vocabulary import Symmetry
from pmmc.kv import Append, Get, Op, Put
from pmmc.values import Command, Deployment, Node


def symmetric_nodes(
    name: str,
    nodes: Sequence[Node],
    deployment: Deployment,
    fixed: Collection[Any] = (),
    apart: Sequence[Collection[Node]] = (),
) -> Symmetry:
    """These nodes, but for those that are `fixed`, may be permuted within each of the sets `apart`."""
    alike: dict[tuple[bool, ...], list[int]] = {}
    for k, node in enumerate(nodes):
        if node not in fixed:
            alike.setdefault(tuple(node in those for those in apart), []).append(k)
    orders = [order for movable in alike.values() for order in _orders(movable, len(nodes))]
    return Symmetry(name, tuple(_images(order, nodes, deployment) for order in orders))


def symmetric_commands(
    commands: Sequence[Command], deployment: Deployment, fixed: Collection[Any] = ()
) -> Symmetry | None:
    """The commands, but for those that are `fixed`, may be permuted, with their clients, keys and values.

    None if their forms differ.
    """
    maps = []
    for order in _orders([k for k, command in enumerate(commands) if command not in fixed], len(commands)):
        images: dict[Any, Any] = dict(_all_nodes(deployment))
        for source, target in enumerate(order):
            if not _match(commands[source], commands[target], images):
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
