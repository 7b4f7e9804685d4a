"""Crashes and restarts, for any protocol: nodes lose what is not in stable storage.

The environment is one more node. It crashes nodes that are up, as long as its budget lasts. A crash
happens at once: the node keeps what its stable storage holds and nothing else, and while it is down it
ignores every message. It restarts of its own accord, at any later time or never. What the network holds
for it stays there, unless the network has ignored messages taken all the same: then they are lost.
Nodes may be down from the start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.model.environment.wrapping import idle_in, require_nodes
from checker.model.processes import share_of
from checker.model.values import Hosted
from checker.model.vocabulary import Down, Local, Member, NodeName, Role, Rule, Sends, Step, Wake

if TYPE_CHECKING:
    from checker.model.environment.hosts import Host

#: The name of the role that crashes others, and that of the wake by which a node comes up again.
ROLE, RESTART = "environment", "restart"


@dataclass(frozen=True, slots=True)
class Crash:
    """Environment → node, immediate: lose all that is not in stable storage."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """Node → environment, immediate: this node is up again."""

    node: NodeName


@dataclass(frozen=True, slots=True)
class Environment:
    """How many crashes are left, and which nodes are down."""

    crashes: int
    down: frozenset[NodeName] = frozenset()


def recover_as_saved(context: Any, saved: Local) -> tuple[Local, Sends]:
    """Begin again with exactly what stable storage holds, and send nothing."""
    return Step(saved)


@dataclass(frozen=True, slots=True)
class Stable:
    """What of a role's local state, which is a dataclass, survives a crash, and how a node begins again.

    Of a machine it is said by the roles of its processes: they crash together, and come up together.

    `fields` are in stable storage; the others fall back to the local state `fresh(node)` or, if that is
    left out, to the one that the node began in. `history` are fields that no rule reads, only properties:
    a crash cannot touch them, because they are not there. `recover(context, saved)` is the step (local
    state, sends) with which a node comes up.
    """

    fields: tuple[str, ...] = ()
    fresh: Callable[[Any], Local] | None = None
    history: tuple[str, ...] = ()
    recover: Callable[[Any, Any], tuple[Local, Sends]] = recover_as_saved


@dataclass(frozen=True, slots=True)
class Crashes:
    """An environment that crashes some nodes, so many times in a whole run.

    `stable` says by role what survives; of a role that it does not mention nothing does. With `restarts`
    False a node that is down stays down (a crash failure). `down` are nodes that are down from the start,
    as after a crash in the state that they would begin in. That costs nothing of the budget, and those of
    them that are not among `nodes` crash no more; what they have sent is what inboxes hold. `name` and
    `context` are those of the node that the environment is.
    """

    budget: int
    nodes: tuple[NodeName, ...]
    stable: Mapping[str, Stable] = field(default_factory=lambda: MappingProxyType({}))
    restarts: bool = True
    name: NodeName = "environment"
    context: Any = None
    down: tuple[NodeName, ...] = ()

    def join(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """The members, those that may crash made crashable, and the environment that crashes them.

        Raises ValueError for a node that is none, or a field that is none of its local state.
        """
        require_nodes((*self.nodes, *self.down), members, "is to crash")
        rules: Mapping[type, Rule] = MappingProxyType({Restarted: on_restarted})
        wakes = MappingProxyType({"crash": partial(_crash, self.nodes)} if self.budget else {})
        role = Role(ROLE, rules, wakes, immediate=frozenset({Restarted}))
        begun = Environment(self.budget, frozenset(self.down))
        return (*map(self._joined, members), Member(self.name, role, self.context, begun))

    def _joined(self, member: Member) -> Member:
        """The member, crashable and down if that is said of it."""
        if member.name not in (*self.nodes, *self.down):
            return member
        member = self._crashable(member)
        if member.name not in self.down:
            return member
        ((down, _),) = member.role.rules[Crash](member.context, member.local, Crash())
        return replace(member, local=down)

    def _crashable(self, member: Member) -> Member:
        """The member with crashes and restarts. A rule for Crash or a wake `restart` of its own is kept."""
        role = member.role
        lose, come_up = self._of_machine(member) if member.parts else self._of_process(member)
        wakes = {name: wake for name, wake in role.wakes.items() if name != RESTART}
        crashed = replace(role, rules=MappingProxyType({**role.rules, Crash: lose}), wakes=wakes)
        idle = idle_in(Down, crashed)
        changed = replace(
            idle,
            wakes=MappingProxyType({**idle.wakes, RESTART: come_up} if self.restarts else idle.wakes),
            settle=None,
            immediate=role.immediate | {Crash},
        )
        return replace(member, role=changed)

    def _of_process(self, member: Member) -> tuple[Rule, Wake]:
        """How it goes down, and comes up."""
        role, stable = member.role, self.stable.get(member.role.name, Stable())
        fresh = member.local if stable.fresh is None else stable.fresh(member.name)
        _require_fields(member, (*stable.fields, *stable.history), fresh)
        lose = role.rules.get(Crash) or partial(_lose, (*stable.fields, *stable.history), fresh)
        come_up = role.wakes.get(RESTART) or partial(_restart, self.name, member.name, stable.recover)
        return lose, come_up

    def _of_machine(self, member: Member) -> tuple[Rule, Wake]:
        """How all processes of a machine go down, and come up: at once."""
        ways = [self._of_process(part) for part in member.parts]
        come_up = partial(_restart_all, self.name, member.name, [come_up for _, come_up in ways])
        return partial(_lose_all, [lose for lose, _ in ways]), come_up


def _require_fields(member: Member, names: Sequence[str], fresh: Local) -> None:
    """Raise ValueError if a local state has no such fields."""
    known = [f.name for f in fields(fresh)] if is_dataclass(fresh) else []
    for name in names:
        if name not in known:
            has = ", ".join(known) or "none"
            raise ValueError(
                f"stable storage of {member.role.name}: there is no field {name}; the fields are: {has}"
            )


def _crash(nodes: Sequence[NodeName], context: Any, state: Environment) -> tuple[Step, ...]:
    """The environment's wake: crash any one of these nodes that is up."""
    if not state.crashes:
        return ()
    return tuple(
        Step(Environment(state.crashes - 1, state.down | {node}), ((node, Crash()),))
        for node in nodes
        if node not in state.down
    )


def on_restarted(context: Any, state: Environment, message: Restarted) -> tuple[Step, ...]:
    """Note that a node is up."""
    return (Step(replace(state, down=state.down - {message.node})),)


def _lose(kept: Sequence[str], fresh: Any, context: Any, state: Any, message: Crash) -> tuple[Step, ...]:
    """Go down: the fields `kept` survive, the rest is as in `fresh`."""
    survives = {name: getattr(state, name) for name in kept}
    return (Step(Down(replace(fresh, **survives) if survives else fresh)),)


def _restart(
    environment: NodeName,
    node: NodeName,
    recover: Callable[[Any, Any], tuple[Local, Sends]],
    context: Any,
    state: Any,
) -> tuple[Step, ...]:
    """Come up with what stable storage holds, and say so."""
    if not isinstance(state, Down):
        return ()
    begun, sends = recover(context, state.saved)
    return (Step(begun, (*sends, (environment, Restarted(node)))),)


def _lose_all(ways: Sequence[Rule], host: Host, state: Hosted, message: Crash) -> tuple[Step, ...]:
    """All processes of a machine go down."""
    saved = []
    for (name, local), lose, process in zip(state.processes, ways, host.processes, strict=True):
        ((down, _),) = lose(process.context, local, message)
        saved.append((name, down.saved))
    return (Step(Down(Hosted(tuple(saved)))),)


def _restart_all(
    environment: NodeName, machine: NodeName, ways: Sequence[Wake], host: Host, state: Any
) -> tuple[Step, ...]:
    """All processes of a machine come up; what they send each other as they begin is taken at once."""
    if not isinstance(state, Down):
        return ()
    steps = []
    for place, (process, come_up) in enumerate(zip(host.processes, ways, strict=True)):
        found = come_up(process.context, share_of(state, place))
        steps.append([(after, _not_to(environment, sends)) for after, sends in found])
    told = ((environment, Restarted(machine)),)
    return tuple(Step(begun, (*sends, *told)) for begun, sends in host.together(steps))


def _not_to(environment: NodeName, sends: Sends) -> Sends:
    """What is sent to others: that a process is up is told of its machine."""
    return tuple((to, message) for to, message in sends if to != environment)
