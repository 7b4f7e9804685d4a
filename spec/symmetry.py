"""Who and what is interchangeable in PMMC: acceptors, replicas, and commands of one form.

Leaders are not: their ids order the ballots. These are claims, which the checker verifies on all that
occurs (checker/native/symmetry.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from checker.vocabulary import Symmetry
from pmmc.kv import Append, Get, Op, Put
from pmmc.values import Command, Deployment, Node


def symmetric_nodes(name: str, nodes: Sequence[Node], deployment: Deployment) -> Symmetry:
    """These nodes may be permuted."""
    return Symmetry(name, tuple(_images(order, nodes, deployment) for order in _orders(len(nodes))))


def symmetric_commands(commands: Sequence[Command], deployment: Deployment) -> Symmetry | None:
    """The commands may be permuted, with their clients, keys and values; None if their forms differ."""
    maps = []
    for order in _orders(len(commands)):
        images: dict[Any, Any] = dict(_all_nodes(deployment))
        for source, target in enumerate(order):
            if not _match(commands[source], commands[target], images):
                return None
        maps.append(images)
    return Symmetry("commands", tuple(maps))


def _orders(size: int) -> list[list[int]]:
    """Generators of all permutations of `size` things: one swap, and one turn if at least three."""
    if size < 2:
        return []
    swap = [1, 0, *range(2, size)]
    turn = [*range(1, size), 0]
    return [swap] if size == 2 else [swap, turn]


def _all_nodes(deployment: Deployment) -> Mapping[Node, Node]:
    """Every node its own image: the names of nodes are not looked into."""
    everybody = deployment.acceptors + deployment.leaders + deployment.replicas + deployment.clients
    return {node: node for node in everybody}


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
