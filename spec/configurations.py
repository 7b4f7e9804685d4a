"""The configurations of a model file: who serves in each of them, and who asks for another one.

A file that lists none has one, of the leaders and acceptors under `nodes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checker.modelfiles.complaints import Objection, Objections, Path
from pmmc.kv import Reconfigure
from pmmc.quorums import MAJORITIES
from pmmc.values import Command, Configuration, Deployment, Node
from spec.quorums import read_quorums
from spec.schema import ConfigurationPart, PmmcModel


def read_configurations(model: PmmcModel, wrong: list[Objection]) -> tuple[Configuration, ...]:
    """All configurations in their order; `wrong` gets what is wrong with their quorums.

    Leaders and acceptors are numbered through, so that each of them serves in one. Raises Objections if the
    file does not say who serves, or says so twice: nothing else can be understood then.
    """
    at_odds = [*_at_odds(model)]
    if at_odds:
        raise Objections(at_odds)
    found: list[Configuration] = []
    leaders = acceptors = 0
    for path, given in _listed(model):
        serving = _numbered("acceptor", acceptors, given.acceptors)
        quorums = read_quorums((*path, "quorums"), given.quorums, serving, wrong)
        found.append(Configuration(_numbered("leader", leaders, given.leaders), serving, quorums))
        leaders, acceptors = leaders + given.leaders, acceptors + given.acceptors
    return tuple(found)


def _listed(model: PmmcModel) -> list[tuple[Path, ConfigurationPart]]:
    """What the file says of each configuration, and where."""
    if model.configurations is not None:
        return [(("configurations", i), given) for i, given in enumerate(model.configurations)]
    nodes = model.nodes
    assert nodes.leaders is not None
    assert nodes.acceptors is not None
    only = ConfigurationPart(leaders=nodes.leaders, acceptors=nodes.acceptors, quorums=model.quorums)
    return [((), only)]


def _numbered(role: str, first: int, count: int) -> tuple[Node, ...]:
    return tuple(Node(role, i) for i in range(first, first + count))


def _at_odds(model: PmmcModel) -> Iterator[Objection]:
    """What the file says of who serves beside its configurations, or leaves out without them."""
    for role in ("acceptors", "leaders"):
        given = getattr(model.nodes, role) is not None
        if model.configurations is None and not given:
            yield Objection(("nodes",), f"key '{role}' is missing", key=True)
        elif model.configurations is not None and given:
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
