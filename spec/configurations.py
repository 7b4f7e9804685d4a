"""The configurations of a model file: who serves in each of them, and who asks for another one.

A file that lists none has one, of the leaders and acceptors under `nodes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from checker.modelfiles.complaints import Objection, Objections, Path, Unknown
from pmmc.kv import Reconfigure
from pmmc.quorums import MAJORITIES
from pmmc.values import Command, Configuration, Deployment, Node
from spec.quorums import read_quorums
from spec.schema import PmmcModel, QuorumsOfPhases

#: The policy of garbage collection that waits for the replicas of a configuration.
WAITING = "all-of-configuration"


def read_configurations(model: PmmcModel, wrong: list[Objection]) -> tuple[Configuration, ...]:
    """All configurations in their order; `wrong` gets what is wrong with their quorums.

    Leaders and acceptors are numbered through, so that each of them serves in one. Raises Objections if the
    file does not say who serves, or says so twice: nothing else can be understood then.
    """
    at_odds = [*_at_odds(model)]
    if at_odds:
        raise Objections(at_odds)
    listed = model.configurations
    if listed is None:
        counts = (model.nodes.count("leaders"), model.nodes.count("acceptors"))
        return (_configuration((), counts, model.quorums, (), wrong),)
    found: tuple[Configuration, ...] = ()
    for i, given in enumerate(listed):
        path = ("configurations", i)
        one = _configuration(path, (given.leaders, given.acceptors), given.quorums, found, wrong)
        if given.replicas is not None:
            one = _with_replicas((*path, "replicas"), one, model, given.replicas, wrong)
        found += (one,)
    return found


def _configuration(
    path: Path,
    counts: tuple[int, int],
    quorums: QuorumsOfPhases | None,
    before: Sequence[Configuration],
    wrong: list[Objection],
) -> Configuration:
    """The configuration of so many leaders and acceptors, numbered on from those before."""
    leaders = _numbered("leader", sum(len(one.leaders) for one in before), counts[0])
    acceptors = _numbered("acceptor", sum(len(one.acceptors) for one in before), counts[1])
    return Configuration(leaders, acceptors, read_quorums((*path, "quorums"), quorums, acceptors, wrong))


def _with_replicas(
    path: Path, one: Configuration, model: PmmcModel, names: Sequence[str], wrong: list[Objection]
) -> Configuration:
    """The configuration with the replicas of these names, for which garbage collection waits."""
    if model.rules.get("collection") != WAITING:
        message = f"only 'collection: {WAITING}' waits for the replicas of a configuration"
        wrong.append(Objection(path, message, key=True))
    known = {str(node): node for node in _numbered("replica", 0, model.nodes.count("replicas"))}
    for i, name in enumerate(names):
        if name not in known:
            wrong.append(Objection((*path, i), Unknown.of("replica", name, known)))
        elif name in names[:i]:
            wrong.append(Objection((*path, i), f"'{name}' is listed twice"))
    if len(names) <= one.tolerated:
        message = f"{len(one.acceptors)} acceptors: name {one.tolerated + 1} replicas (f + 1) at least"
        wrong.append(Objection(path, message))
    return replace(one, replicas=tuple(known[name] for name in names if name in known))


def _numbered(role: str, first: int, count: int) -> tuple[Node, ...]:
    return tuple(Node(role, i) for i in range(first, first + count))


def _at_odds(model: PmmcModel) -> Iterator[Objection]:
    """What the file says beside its configurations of who serves, and how they decide."""
    for role in ("acceptors", "leaders", "replicas"):
        if model.nodes.servers is not None and getattr(model.nodes, role) is not None:
            message = f"on each server there is one of the {role}: leave '{role}' out here"
            yield Objection(("nodes", role), message, key=True)
    if model.nodes.servers is not None and model.configurations is not None:
        message = (
            "servers are those of one configuration: with 'configurations' leave 'servers' out, and say "
            "under 'machines' which processes share one"
        )
        yield Objection(("nodes", "servers"), message, key=True)
        return
    for role in ("acceptors", "leaders"):
        if model.configurations is not None and getattr(model.nodes, role) is not None:
            message = f"'configurations' says how many {role} there are: leave '{role}' out here"
            yield Objection(("nodes", role), message, key=True)
    if model.configurations is not None and not model.configurations:
        yield Objection(
            ("configurations",), "expected at least one configuration: nobody decides otherwise"
        )
    if model.configurations is not None and model.quorums is not None:
        message = "with 'configurations' the quorums are those of each: give 'quorums' there"
        yield Objection(("quorums",), message, key=True)


def object_to_reconfigurations(
    model: PmmcModel, commands: Sequence[Command], wrong: list[Objection]
) -> None:
    """Object to commands that name no configuration to which there can be a change."""
    count = len(model.configurations or ())
    for i, command in enumerate(commands):
        if not isinstance(command.op, Reconfigure) or 0 < command.op.configuration < count:
            continue
        number = command.op.configuration
        if model.configurations is None:
            message = f"there is no configuration {number}: this model has no 'configurations'"
        elif number == 0:
            message = "configuration 0 is the one that decides from the start, and there is no way back"
        else:
            there = f"{count} configurations, numbered from 0" if count > 1 else "one, number 0"
            message = f"there is no configuration {number}: this model has {there}"
        wrong.append(Objection(("commands", i), message))


def shown(model: PmmcModel, deployment: Deployment) -> Mapping[str, str]:
    """The configurations, or the quorums of the only one, as far as the file says something of them."""
    configurations = deployment.configurations
    if model.configurations is not None:
        said = list(dict.fromkeys(map(_said, configurations)))
        each = f"{said[0]} each" if len(said) == 1 else "; ".join(map(_said, configurations))
        return {"configurations": f"{len(configurations)} ({each})"}
    return {} if model.quorums is None else {"quorums": _quorums(configurations[0])}


def _said(one: Configuration) -> str:
    counts = [("leader", len(one.leaders)), ("acceptor", len(one.acceptors))]
    who = " and ".join(f"{count} {role}{'s' if count > 1 else ''}" for role, count in counts)
    return who if one.quorums == MAJORITIES else f"{who} ({_quorums(one)})"


def _quorums(one: Configuration) -> str:
    return f"{one.quorums.phase1} in phase 1 and {one.quorums.phase2} in phase 2"
