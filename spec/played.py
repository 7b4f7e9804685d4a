"""Nodes that are played by processes: what a model file says under `implementation`, put into their roles.

What properties read is the same as of our own rules. Without a `view` of its own the local state of such a
node *is* one of the role's class, written in the wire form and read back in full: nothing else is known of
it, so its states are told apart exactly as ours are, and counts are those of our rules if it does what they
do. With a view the process's own state is beside what is read of it, and tells more states apart.

What is claimed of our rules is not claimed of a process: there is no settling of its messages. That things
are interchangeable is claimed, and proved on all that occurs. The proof does not rest on what a renaming
means to a process: it leaves a state of its own as it is, and it is compared what the process makes of the
renamed situation with what is made, renamed, of the first one. Where the state names a node or a command
that makes a difference, the two differ, and the claim is left off as of any other model.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.model.environment.crashes import RESTART, Crash, Stable
from checker.model.outside import Unbegun
from checker.model.vocabulary import Member
from checker.modelfiles.commands import CommandPart
from checker.modelfiles.complaints import Objection
from checker.modelfiles.protocol import Variant
from pmmc.roles import ROLES
from pmmc.values import Context, Deployment, Node
from spec.machines import Hosting
from spec.schema import PmmcModel

if TYPE_CHECKING:
    from checker.implementations.implementation import Implementation
    from checker.model.wire import Wire

KEY = "implementation"


@dataclass(slots=True)
class Played:
    """Which roles are played by processes, and what plays them once members have joined.

    `begin` are those of their nodes of which the file does not say where they begin, `mortal` those that
    may crash.
    """

    model: PmmcModel
    commands: Mapping[str, CommandPart]
    begin: frozenset[Node]
    mortal: frozenset[Node]
    wire: Callable[[], Wire] | None = None
    by_role: dict[str, Implementation] = field(default_factory=dict)

    def join(self, members: Sequence[Member]) -> Sequence[Member]:
        """The members, those that are played by processes with what these do in place of their rules."""
        if not self.commands:
            return members
        from checker.implementations.implementation import Implementation  # noqa: PLC0415 - few models have one

        for role, part in self.commands.items():
            like = {m.name: m.local for m in members if m.role.name == role}
            command = part.of(self.model.folder)
            self.by_role[role] = Implementation(command, self._wire, like)
        return [self._played(member) if member.role.name in self.by_role else member for member in members]

    def _wire(self) -> Wire:
        assert self.wire is not None, "no process is asked before the system is there"
        return self.wire()

    def _played(self, member: Member) -> Member:
        node, role, process = member.name, member.role, self.by_role[member.role.name]
        rules = dict.fromkeys(role.rules, process.rule(node))
        if node in self.mortal:
            rules[Crash] = process.crash(node)
        timers = self.commands[role.name].timers
        named = tuple(role.wakes) if timers is None else timers
        changed = replace(
            role,
            rules=MappingProxyType(rules),
            wakes=MappingProxyType({timer: process.wake(node, timer) for timer in named}),
            settle=None,
        )
        if node not in self.begin:
            return replace(member, role=changed)
        begun = replace(changed, begin=process.begin(node))
        return replace(member, role=begun, local=Unbegun(member.local))

    def stables(self, usual: Mapping[str, Stable]) -> Mapping[str, Stable]:
        """What survives a crash, by role: of what a process plays, what it says."""
        return {
            role: replace(s, recover=self._recover(role)) if role in self.commands else s
            for role, s in usual.items()
        }

    def _recover(self, role: str) -> Callable[[Context, Any], Any]:
        return lambda context, saved: self.by_role[role].recover(context, context.me, saved)


def read_played(
    model: PmmcModel,
    deployment: Deployment,
    hosting: Hosting,
    mortal: Collection[Node],
    variants: Sequence[Variant],
    wrong: list[Objection],
) -> Played:
    """What a file says of processes; what is wrong with it goes to `wrong`."""
    commands = model.implementation.given()
    for role, part in commands.items():
        _object(model, deployment, hosting, role, part, wrong)
    _object_to_rules(model, commands, variants, wrong)
    nodes = (node for role in commands for node in deployment.nodes(role))
    begin = frozenset(node for node in nodes if str(node) not in model.initial)
    return Played(model, commands, begin, frozenset(mortal))


def _object(
    model: PmmcModel,
    deployment: Deployment,
    hosting: Hosting,
    role: str,
    part: CommandPart,
    wrong: list[Objection],
) -> None:
    path = (KEY, role)
    nodes = deployment.nodes(role)
    if not nodes:
        wrong.append(Objection(path, f"no {role} takes part", key=True))
    hosted = next((node for node in nodes if node in hosting.home), None)
    if hosted is not None:
        wrong.append(
            Objection(
                path,
                f"{hosted} is a process on {hosting.home[hosted]}: what shares a machine is played by "
                "PMMC's own rules; a server of your own is what the protocol 'replicated-log' checks",
                key=True,
            )
        )
    if role in model.stable.model_fields_set:
        said = (
            f"what survives a crash of what '{part.of(model.folder)}' plays is what it answers to 'crash'"
        )
        wrong.append(Objection(("stable", role), said, key=True))
    if RESTART in (part.timers or ()):
        named = f"'{RESTART}' is how a node comes up again, and no timer"
        wrong.append(Objection((*path, "timers"), named))
    if role == "replica" and model.faults is not None and model.faults.shutdown is not None:
        watched = "this watches what replicas know from the start, which a process is not asked before"
        wrong.append(Objection(("faults", "shutdown"), watched))


def _object_to_rules(
    model: PmmcModel,
    commands: Mapping[str, CommandPart],
    variants: Sequence[Variant],
    wrong: list[Objection],
) -> None:
    """Object to variants that change nothing, because it is processes that play what they vary.

    One that brings new messages, fields, timers or claims does change something, and the processes are told
    of it in the configuration.
    """
    if not commands:
        return
    for part, name in model.rules.items():
        chosen = next((v for v in variants if (v.part, v.name) == (part, name)), None)
        if chosen is None:
            continue
        varied = (chosen, *chosen.also)
        if all(_is_only_rules(v) and v.role in commands for v in varied):
            role = chosen.role
            message = (
                f"'{part}: {name}' is a rule of {role}s, and these do what '{_said(commands[role])}' does"
            )
            wrong.append(Objection(("rules", part), message))


def _is_only_rules(variant: Variant) -> bool:
    """Whether a variant has other rules for messages that the role has anyway, and nothing else."""
    more = (variant.wakes, variant.begin, variant.setup, variant.claims, variant.gives_up)
    return not any(more) and variant.rules.keys() <= ROLES[variant.role].rules.keys()


def _said(part: CommandPart) -> str:
    return " ".join(part.command)
