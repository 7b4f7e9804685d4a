"""Logs of programs whose scouts and commanders are processes of their own: what they are held against."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from checker.model.logs import Explained, Logged, Observed, sends_of_beginning
from checker.model.vocabulary import Local, Member, Message, Role, Sends
from checker.model.wire import Json, Misfit, WireFault
from checker.modelfiles import selection
from checker.modelfiles.complaints import Objections
from checker.modelfiles.protocol import Variant
from pmmc.messages import P1b, P2b, Propose, Request, Response
from pmmc.values import Command, Context, Deployment, Node, Step, to_all
from spec.logs.account import account
from spec.logs.config import model_of
from spec.properties import PROPERTIES
from spec.separate.rules import Rules, commander_rules, leader_rules, scout_rules
from spec.separate.system import separate
from spec.separate.values import COMMANDER, SCOUT, Part, StartCommander, StartScout
from spec.separate.wire import SeparateWire, Submitter
from spec.setting import Setting
from spec.system import KNOWN_RULES, build
from spec.variants.authors import AUTHORS_VARIANTS

#: Sends of these types are in no log: they are no messages, or nobody is there who takes them.
UNLOGGED = (StartScout, StartCommander, Response)
_PART = re.compile(r"(scout|commander) (\d{1,9})\.(\d{1,9})(?::(\d{1,9}))?")
#: Who may submit commands: clients, and whoever asks for reconfigurations.
SUBMITTERS = ("client", "master")
_SUBMITTER = re.compile(r"(client|master) (\d{1,9})")
#: Properties that read which commands there are: judged if all messages were looked through before.
OF_COMMANDS = ("validity",)


def logged_apart(observed: Observed) -> Logged:
    """What such logs are held against, by their start events. Raises WireFault, ValueError."""
    if not observed.configs:
        raise ValueError("there is no start event with a config")
    model = model_of(together(observed.configs), observed.rules)
    varied = selection.select_variants(model, KNOWN_RULES, [])
    require_few(varied)
    try:
        built = build(model)
    except Objections as wrong:
        told = [Misfit(("config", *o.path), str(o.message), None) for o in wrong.objections]
        raise WireFault(told) from None
    old: Deployment = built.setting.deployment
    deployment = replace(old, ballots=replace(old.ballots, rounds=None), slots=None)  # type: ignore[type-var]
    unbounded = replace(
        built,
        name="the log's config",
        members=tuple(of_deployment(member, deployment) for member in built.members),
        setting=Setting(deployment, ()),
        properties=tuple(PROPERTIES[claim.id] for claim in built.properties if claim.id in PROPERTIES),
    )
    folded = next(m.role.rules for m in unbounded.members if m.role.name == "leader")
    system = separate(unbounded, parts_in(observed.nodes, deployment))
    submitting = submitters_in(observed)
    names = {str(node): node for node in submitting}
    wire = SeparateWire(system, varied, names, model.rules)
    collected = observed.collected if observed.whole else ()
    commands = tuple(dict.fromkeys(command_of(wire, written) for written in collected))
    clients = (submitter(node, deployment, commands) for node in submitting)
    claims = [c for c in system.properties if commands or c.id not in OF_COMMANDS]
    complete = replace(
        system,
        members=(*system.members, *clients),
        properties=tuple(claims),
        setting=Setting(deployment, commands),
    )
    explain = partial(explained, folded)
    return Logged(complete, wire, sends_of_beginning(complete), explain=explain, account=account)


def together(configs: Sequence[Json]) -> Json:
    """Start events of several configurations as one config, in which they have numbers."""
    first = configs[0]
    if len(configs) == 1 or not all(isinstance(one, dict) for one in configs):
        return first
    lists = ("acceptors", "leaders")
    all_of = {name: [node for one in configs for node in one.get(name, [])] for name in lists}
    several = [{name: one.get(name, []) for name in lists} for one in configs]
    return {**first, **all_of, "configurations": several}


def require_few(varied: Iterable[Variant]) -> None:
    """Object to rules that need more of a leader, or of its environment. Raises ValueError."""
    for variant in varied:
        more = variant.begin is not None and variant.role == "leader"
        if more or variant.setup is not None or variant.wakes or variant.role == "client":
            named = f"{variant.part}: {variant.name}"
            raise ValueError(f"rule '{named}' is not known of scouts and commanders that are nodes")


def of_deployment(member: Member, deployment: Deployment) -> Member:
    """The node with another deployment, and without first messages that bounds have led to."""
    if not isinstance(member.context, Context):
        return member
    return replace(member, context=replace(member.context, deployment=deployment))


def parts_in(nodes: Iterable[str], deployment: Deployment) -> Iterator[Part]:
    """The scouts and commanders among the names of nodes."""
    for name in nodes:
        found = _PART.fullmatch(name)
        if found is not None and (found[1] == COMMANDER) == (found[4] is not None):
            ballot = deployment.ballots.ballot(int(found[2]), int(found[3]))
            yield Part(found[1], ballot.leader, ballot, int(found[4] or 0))


def submitters_in(observed: Observed) -> list[Node]:
    """Those who submit commands: who is named, or has commands."""
    clients = (one.get("client") for one in observed.collected if isinstance(one, dict))
    found = (_SUBMITTER.fullmatch(name) for name in (*observed.nodes, *clients) if isinstance(name, str))
    return sorted({Node(one[1], int(one[2])) for one in found if one is not None})


def submitter(node: Node, deployment: Deployment, commands: Iterable[Command]) -> Member:
    """A client as such programs have it: it submits commands and waits for nothing."""
    own = tuple(command for command in commands if command.client == node)
    role = Role("submitter", {}, {"submit": submit})
    return Member(node, role, Context(node, deployment), Submitter(own))


def submit(context: Context, state: Submitter) -> Iterator[Step]:
    """A command is submitted to all replicas."""
    for command in state.commands:
        yield Step(state, to_all(context.deployment.replicas, Request(command)))


def command_of(wire: SeparateWire, written: Json) -> Command:
    """A command from its wire form. Raises WireFault."""
    request: Any = wire.read_message({"type": "request", "command": written})
    command: Command = request.command
    return command


#: role → whose rules a variant of it changes, the types of messages, and its rules by those.
APART: Mapping[str, tuple[str, tuple[type, ...], Callable[[Rules], Rules]]] = {
    SCOUT: ("leader", (P1b,), scout_rules),
    COMMANDER: ("leader", (P2b,), commander_rules),
    "leader": ("leader", (Propose,), leader_rules),
}


def explained(
    folded: Rules,
    member: Member,
    local: Local,
    message: Message | None,
    sends: Sends,
    fields: Mapping[str, Any],
) -> Explained | None:
    """The nearest known rule by which a node takes this step: what the authors' program does comes first.

    `folded` are the rules of leaders that have scouts and commanders folded in, as the system has them.
    """
    if message is None:
        return None
    for variant, told in known_rules():
        rules = varied_rules(folded, member.role, variant, type(message))
        for step in steps_by(rules, member, local, message):
            if fits(step, sends, fields):
                return Explained(told, step)
    return None


@cache
def known_rules() -> tuple[tuple[Variant, str], ...]:
    """Rules that may explain a step, the likeliest first, and how each is told."""
    from spec.mutants import MUTANTS  # noqa: PLC0415 - only where something is to be explained

    wrong = set(map(id, MUTANTS))
    others = (variant for variant in KNOWN_RULES if variant not in AUTHORS_VARIANTS)
    return tuple(
        (variant, f"{variant.part}: {variant.name}{' (wrong on purpose)' * (id(variant) in wrong)}")
        for variant in (*AUTHORS_VARIANTS, *others)
    )


def varied_rules(folded: Rules, role: Role, variant: Variant, kind: type) -> Rules:
    """The rules of a role with a variant, if that says something of messages of this type."""
    of, kinds, apart = APART.get(role.name, (role.name, (kind,), dict))
    if variant.role != of or variant.begin is not None or kind not in variant.rules or kind not in kinds:
        return {}
    return apart({**folded, **variant.rules}) if role.name in APART else variant.rules


def steps_by(rules: Rules, member: Member, local: Local, message: Message) -> Iterator[Step]:
    """What these rules make of a message that they know; nothing where they are not meant for such a state.

    One that they ignore has been taken all the same.
    """
    rule = rules.get(type(message))
    if rule is None:
        return
    try:
        steps = list(rule(member.context, local, message))
        yield from (Step(state, sends) for state, sends in steps or [(local, ())])
    except Exception:  # noqa: BLE001 - rules that are wrong on purpose are tried on states they never meet
        return


def fits(step: Step, sends: Sends, fields: Mapping[str, Any]) -> bool:
    """Whether a step has sent this, in whatever order, and leads to a state with these fields."""
    told = Counter(send for send in step.sends if not isinstance(send[1], UNLOGGED))
    return told == Counter(sends) and all(getattr(step.state, k, None) == v for k, v in fields.items())
