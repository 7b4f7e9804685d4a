"""What a log of PMMC is held against: the rules, with nothing bounded, of the deployment that it tells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from checker.model.logs import Logged, Logs, Observed, sends_of_beginning
from checker.model.properties import Property
from checker.model.system import System
from checker.model.vocabulary import Down, Local, Member, Message, action_name, kind_of
from checker.model.wire import Json, Misfit, WireFault
from checker.modelfiles import selection
from checker.modelfiles.complaints import Objections
from checker.modelfiles.runs import ASSUMED
from pmmc.roles import ROLES
from pmmc.values import Command, Context, Deployment, Node
from spec.crashes import Stables, recovery, stables
from spec.logs.apart import logged_apart
from spec.logs.config import model_of
from spec.properties import PROPERTIES
from spec.schema import Faults, PmmcModel, StableStorage
from spec.setting import Setting
from spec.system import KNOWN_RULES, Beginning, build
from spec.travels import TRAVELS
from spec.wire.form import PmmcWire, wire_of

#: What clients are to ask is told to them: it is in no model that a log could be held against.
FREE: Mapping[str, frozenset[str]] = MappingProxyType({"client": frozenset({"todo"})})
#: Of a role of which model files say nothing this is in stable storage.
KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType({"client": ("todo", "waiting", "answers")})
#: Where messages say who sent them.
SIGNED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "request": ("command", "client"),
        "p1a": ("leader",),
        "p1b": ("acceptor",),
        "p2a": ("leader",),
        "p2b": ("acceptor",),
        "ping": ("leader",),
        "pong": ("leader",),
        "report": ("replica",),
        "fetch": ("replica",),
    }
)
#: Properties that read which commands there are: they are judged if all messages are known.
OF_COMMANDS = ("validity",)


def commands_in(message: Json) -> Iterable[Json]:
    """The command of a request, in wire form."""
    if isinstance(message, dict) and message.get("type") == "request" and "command" in message:
        yield message["command"]


def of_config(observed: Observed) -> Logged:
    """What logs are held against by their start events. Raises WireFault, ValueError."""
    if not observed.configs:
        raise ValueError("there is no start event with a config; --model says what it is a log of")
    config = observed.configs[0]
    model = model_of(config, observed.rules)
    try:
        built = build(model)
    except Objections as wrong:
        told = [Misfit(("config", *o.path), str(o.message), None) for o in wrong.objections]
        raise WireFault(told) from None
    deployment: Deployment = built.setting.deployment
    if config.get("rounds") is None:
        endless: Any = replace(deployment.ballots, rounds=None)  # type: ignore[type-var]
        deployment = replace(deployment, ballots=endless)
    if config.get("slots") is None:
        deployment = replace(deployment, slots=None)
    wire = wire_of(KNOWN_RULES, model, built)
    commands = tuple(_command(wire, one) for one in observed.collected) if observed.whole else ()
    claims = [claim for claim in built.properties if claim.id in PROPERTIES]
    claims = [claim for claim in claims if commands or claim.id not in OF_COMMANDS]
    # a history of calls that were not told beforehand may have no end of possible orders
    nodes = [member for member in built.members if member.role.observe is None]
    roles = {member.role.name for member in nodes}
    members = tuple(_unbounded(member, deployment) for member in nodes)
    absent = {claim.id: _role_of(claim, roles) for claim in claims if not _reads(claim) <= roles}
    claims = [claim for claim in claims if claim.id not in absent]
    system = replace(
        built,
        name="the log's config",
        members=members,
        properties=tuple(PROPERTIES[claim.id] for claim in claims),
        setting=Setting(deployment, commands),
        symmetries=(),
        not_judged={**built.not_judged, **absent},
        shift=None,
    )
    return _logged(model, system)


def of_model(model: PmmcModel, system: System) -> Logged:
    """What logs are held against by a model. Raises ValueError for one that no log can be held against.

    What happens to nodes from outside is in their logs, and processes have logs of their own, on whatever
    machine they are.
    """
    if model.clocks is not None:
        raise ValueError("the model has clocks, and what they do is in no log")
    alone = by_itself(model)
    built = build(alone)
    present = {member.role.name for member in built.members}
    claims = [claim for claim in system.properties if _reads(claim) <= present]
    absent = {claim.id: _role_of(claim, present) for claim in system.properties if claim not in claims}
    return _logged(model, replace(built, properties=tuple(claims), not_judged=absent))


def by_itself(model: PmmcModel) -> PmmcModel:
    """A model without anything that happens to nodes, and with each process a node of its own."""
    nodes = model.nodes
    if nodes.servers is not None:
        each = dict.fromkeys(("acceptors", "leaders", "replicas"), nodes.servers)
        nodes = nodes.model_copy(update={**each, "servers": None})
    down = () if model.faults is None else model.faults.down
    changed = {
        "nodes": nodes,
        "machines": (),
        "faults": Faults(down=down) if down else None,
        "stable": StableStorage(),
        "properties": None,
        "expect": None,
        "symmetry": None,
        **dict.fromkeys(("sometimes", "can_still", "eventually", "always_eventually", "leads_to"), ()),
        **dict.fromkeys(ASSUMED, ()),
    }
    return model.model_copy(update={n: v for n, v in changed.items() if n in type(model).model_fields})


def _reads(claim: Property) -> set[str]:
    return {view.role for view in claim.views}


def _role_of(claim: Property, present: Collection[str]) -> str:
    return next(view.role for view in claim.views if view.role not in present)


def _logged(model: PmmcModel, system: System) -> Logged:
    varied = selection.select_variants(model, KNOWN_RULES, [])
    wire = wire_of(KNOWN_RULES, model, system)
    deployment: Deployment = system.setting.deployment
    usual = Beginning(deployment, system.setting.commands, {}, {}, varied).usual
    stable = stables(model, varied, usual)
    return Logged(
        system,
        wire,
        sends_of_beginning(system),
        partial(recover, stable, usual),
        FREE,
        nodes=tuple(m.name for m in system.members if m.role.name in ROLES),
        could_send=could_send,
    )


def could_send(node: Any, message: Message) -> bool:
    """Whether a node ever sends such a message: by its role, and by whom the message says it is of."""
    name = action_name(kind_of(message))
    if name not in TRAVELS:
        return True
    signed: Any = message
    for part in SIGNED.get(name, ()):
        signed = getattr(signed, part)
    return bool(node.role == TRAVELS[name].sender and signed in (message, node))


def recover(
    stable: Stables, fresh: Callable[[Node], Local], member: Member, local: Local
) -> tuple[Local, Any]:
    """How a node begins again that went down in this local state: with what stable storage holds."""
    if isinstance(local, Down):
        local = local.saved
    node: Node = member.name  # type: ignore[assignment]
    role = member.role.name
    if role in stable:
        kept = (*stable[role].fields, *stable[role].history)
        recover = stable[role].recover
    else:
        kept = KEPT.get(role, ())
        recover = recovery(role, kept)
    saved = replace(fresh(node), **{name: getattr(local, name) for name in kept})
    return recover(member.context, saved)


def _unbounded(member: Member, deployment: Deployment) -> Member:
    if not isinstance(member.context, Context):
        return member
    return replace(member, context=replace(member.context, deployment=deployment))


def _command(wire: PmmcWire, written: Json) -> Command:
    request: Any = wire.read_message({"type": "request", "command": written})
    command: Command = request.command
    return command


#: kind → what logs of that kind are held against; "" is our own form.
KINDS: dict[str, Callable[[Observed], Logged]] = {"": of_config, "apart": logged_apart}


def logged(observed: Observed) -> Logged:
    """What logs are held against. Raises WireFault, ValueError."""
    return KINDS[observed.kind](observed)


#: Who takes part and what a quorum is: with others of these the same rules are another system. Clients are
#: those who came, and bounds are a model's own.
AGREE = ("acceptors", "leaders", "replicas", "window", "ballots", "configurations")
LOGS = Logs(
    logged, of_model, commands_in, {"paxosmmc": Path(__file__).parent / "paxosmmc.yaml"}, agree=AGREE
)
