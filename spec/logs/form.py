"""What a log of PMMC is held against: the rules, with nothing bounded, of the deployment that it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from checker.model.logs import Logged, Logs, Observed, sends_of_beginning
from checker.model.system import System
from checker.model.vocabulary import Down, Local, Member
from checker.model.wire import Json, Misfit, WireFault
from checker.modelfiles import selection
from checker.modelfiles.complaints import Objections
from pmmc.roles import ROLES, SERVER
from pmmc.values import Command, Context, Deployment, Node
from spec.crashes import Stables, recovery, stables
from spec.logs.config import model_of
from spec.logs.modeltext import text_of
from spec.properties import PROPERTIES
from spec.schema import MACHINE, PmmcModel
from spec.setting import Setting
from spec.system import KNOWN_RULES, Beginning, build
from spec.wire.form import PmmcWire, wire_of

#: What clients are to ask is told to them: it is in no model that a log could be held against.
FREE: Mapping[str, frozenset[str]] = MappingProxyType({"client": frozenset({"todo"})})
#: Of a role of which model files say nothing this is in stable storage.
KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType({"client": ("todo", "waiting", "answers")})
#: Properties that read which commands there are: they are judged if all messages were looked through before.
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
    unbounded = {name: None for name in ("slots", "rounds") if config.get(name) is None}
    old: Deployment = built.setting.deployment
    ballots = old.ballots
    if "rounds" in unbounded:
        ballots = replace(ballots, rounds=None)  # type: ignore[type-var]
    deployment = replace(old, ballots=ballots, **({"slots": None} if "slots" in unbounded else {}))
    wire = wire_of(KNOWN_RULES, model, built)
    commands = tuple(_command(wire, one) for one in observed.collected) if observed.whole else ()
    claims = [claim for claim in built.properties if claim.id in PROPERTIES]
    claims = [claim for claim in claims if commands or claim.id not in OF_COMMANDS]
    members = tuple(_unbounded(member, deployment) for member in built.members)
    system = replace(
        built,
        name="the log's config",
        members=members,
        properties=tuple(PROPERTIES[claim.id] for claim in claims),
        setting=Setting(deployment, commands),
        symmetries=(),
        shift=None,
    )
    return _logged(model, system)


def of_model(model: PmmcModel, system: System) -> Logged:
    """What logs are held against by a model."""
    return _logged(model, system)


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
        model_text=partial(text_of, deployment, wire, dict(model.rules)),
        nodes=tuple(m.name for m in system.members if m.role.name in (*ROLES, SERVER, MACHINE)),
    )


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
KINDS: dict[str, Callable[[Observed], Logged]] = {"": of_config}


def logged(observed: Observed) -> Logged:
    """What logs are held against. Raises WireFault, ValueError."""
    return KINDS[observed.kind](observed)


LOGS = Logs(logged, of_model, commands_in)
