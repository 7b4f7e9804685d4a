"""Clocks and leases as model files describe them: how far clocks drift, and the terms of leases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.model.vocabulary import action_name
from checker.modelfiles.assembly import Join
from checker.modelfiles.complaints import Objection
from checker.modelfiles.protocol import Variant
from pmmc.values import Context, Deployment, LeaseTerms, Node
from spec.machines import Hosting
from spec.schema import ClocksPart, PmmcModel

#: The node that moves time on.
CLOCK = Node("clock", 0)
#: The message by which a node is told that its clock has gone on.
TICK = "tick"


def read_terms(model: PmmcModel) -> LeaseTerms | None:
    """The terms of leases, if the file has clocks."""
    clocks = model.clocks
    return None if clocks is None else LeaseTerms(clocks.lease, _allowed(clocks), clocks.asks)


def _allowed(clocks: ClocksPart) -> int:
    """How far apart clocks are assumed to be at most: left out, as far as they may be."""
    return clocks.drift if clocks.allowed is None else clocks.allowed


def bounds_of_clocks(model: PmmcModel) -> Mapping[str, Any]:
    """The sizes of what the file says of clocks, for showing."""
    clocks = model.clocks
    if clocks is None:
        return {}
    return {
        "drift": clocks.drift,
        "lease": clocks.lease,
        "drift allowed for": _allowed(clocks),
        "asks": clocks.asks,
    }


def clocks(
    model: PmmcModel,
    deployment: Deployment,
    varied: Sequence[Variant],
    hosting: Hosting,
    wrong: list[Objection],
) -> Iterator[Join]:
    """What gives clocks to nodes that look at them; what is wrong with them goes to `wrong`."""
    timed = {v.role: kind for v in varied for kind in v.rules if action_name(kind) == TICK}
    looking = hosting.nodes(node for role in timed for node in deployment.nodes(role))
    found = [*_objections(model, deployment, varied, timed, len(looking))]
    wrong.extend(found)
    if model.clocks is None or found:
        return
    from checker.model.environment.clocks import Clocks  # noqa: PLC0415 - few models have clocks

    (told,) = set(timed.values())
    yield Clocks(model.clocks.drift, told(), CLOCK, Context(CLOCK, deployment)).join


def _objections(
    model: PmmcModel,
    deployment: Deployment,
    varied: Sequence[Variant],
    timed: Mapping[str, type],
    looking: int,
) -> Iterator[Objection]:
    """What is wrong: clocks at which nobody looks, leases without clocks or of no use, and so on."""
    given = model.clocks
    if given is None:
        chosen = next((v for v in varied if v.role in timed), None)
        if chosen is not None:
            needs = f"'{chosen.name}' needs 'clocks': how long a lease is, and how far clocks are apart"
            yield Objection(("rules", chosen.part), needs)
        return
    if not timed:
        nobody = "nobody looks at a clock: 'rules' chooses nothing that does, such as 'reads: leased'"
        yield Objection(("clocks",), nobody, key=True)
        return
    least = 2 * _allowed(given) + 1
    if given.lease < least:
        over = f"a lease of {given.lease} ticks is over before it is held: it is held for twice the"
        yield Objection(("clocks", "lease"), f"{over} {_allowed(given)} allowed for less; at least {least}")
    if len(deployment.configurations) > 1:
        one = "a majority of one set of acceptors grants leases: there are no 'configurations' with them"
        yield Objection(("clocks",), one, key=True)
    from checker.model.environment.clocks import MOST_DRIFTING  # noqa: PLC0415 - as above

    if given.drift and looking > MOST_DRIFTING:
        many = f"{looking} nodes look at clocks that drift; at most {MOST_DRIFTING} are supported"
        yield Objection(("clocks", "drift"), many)
