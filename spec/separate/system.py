"""Systems in which scouts and commanders are nodes, made of those in which leaders have them folded in.

Properties speak of the same things: what a leader commands is what its commanders, alive, have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from checker.model.properties import Property
from checker.model.system import System
from checker.model.vocabulary import Member, Role, View
from pmmc.values import Context, Deployment
from spec import views
from spec.properties import PROPERTIES
from spec.separate.rules import Rules, alone, commander_rules, leader_rules, scout_rules
from spec.separate.values import COMMANDER, SCOUT, Commanding, Idle, Part, StartScout, scout_of

#: The pvalues of commanders that are alive, as `views.COMMANDED` shows them of a leader.
COMMANDED = View("commanded", COMMANDER, lambda state: frozenset(c.pvalue for c in state.commanders))
#: Views of a leader that has scouts and commanders folded in → what shows the same here.
INSTEAD: Mapping[View, View] = {views.COMMANDED: COMMANDED}
#: Views of what a leader is only with a scout folded in.
FOLDED = frozenset({views.PHASE, views.LEADER_KEEPS})


def separate(folded: System, parts: Iterable[Part]) -> System:
    """The same system with scouts and commanders as nodes of their own: `parts`, which are sorted.

    A leader starts with nothing but a scout of its first ballot. Properties that cannot be judged so are
    left out; so is what is only claimed of a folded leader: symmetries, and what settles a message.
    """
    members = tuple(_members(folded, sorted(set(parts), key=_order)))
    roles = {member.role.name for member in members}
    return replace(
        folded,
        members=members,
        properties=tuple(claims_apart(folded.properties, roles)),
        symmetries=(),
        shift=None,
        pictures=(),
        colouring=None,
    )


def every_part(deployment: Deployment, rounds: int, slots: int) -> Iterator[Part]:
    """The scouts and commanders that there can be within these bounds."""
    for leader, number in product(deployment.leaders, range(rounds)):
        ballot = deployment.ballots.ballot(number, leader.index)
        yield scout_of(ballot)
        for slot in range(1, slots + 1):
            yield Part(COMMANDER, ballot.leader, ballot, slot)


def _order(part: Part) -> tuple[str, int, int, int]:
    return (part.role, part.ballot.round, part.ballot.leader, part.slot)


def _members(folded: System, parts: Iterable[Part]) -> Iterator[Member]:
    begun = []
    deployment: Deployment = folded.setting.deployment
    rules: Rules = {}
    for member in folded.members:
        role = replace(member.role, settle=None, cut=None)
        if member.role.name == "leader":
            rules = member.role.rules
            begun.append(member)
            yield replace(member, role=leader_role(rules), local=alone(member.local), inbox=())
        elif member.role.name == "acceptor":
            yield replace(member, role=role, inbox=())
        else:
            yield replace(member, role=role)
    scouts, commanders = Role(SCOUT, scout_rules(rules)), Role(COMMANDER, commander_rules(rules))
    first = {
        scout_of(member.local.ballot): member.name for member in begun if member.local.scout is not None
    }
    for part in dict.fromkeys((*first, *parts)):
        context = Context(part, deployment)
        if part.role == COMMANDER:
            yield Member(part, commanders, context, Commanding())
        else:
            inbox = ((first[part], StartScout()),) if part in first else ()
            yield Member(part, scouts, context, Idle(), inbox)


def leader_role(folded: Rules) -> Role:
    """The role of leaders whose scouts and commanders are nodes."""
    return Role("leader", leader_rules(folded))


def claims_apart(claims: Iterable[Property], roles: Collection[str]) -> Iterator[Property]:
    """Those claims that can be judged with scouts and commanders apart, of all slots together."""
    for claim in claims:
        whole = PROPERTIES.get(claim.id, claim)
        read = tuple(INSTEAD.get(view, view) for view in whole.views)
        if not any(view.inbox or view in FOLDED or view.role not in roles for view in read):
            yield replace(whole, views=read, slices=())
