"""Staged scenarios: parts of a run, one after the other, each with links cut, timers off, messages dropped.

A node, `stage 0`, keeps the stage, and moves on at any time or, where a stage says `until`, while that is
so. It tells everybody within that step. A node takes nothing over a link that is cut in its stage: that
waits on networks that keep what is ignored, and is lost on others. What was under way on a link as a stage
begins that drops it is never taken any more; messages carry the stage in which they were sent for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from checker.model.environment.crashes import RESTART
from checker.model.environment.wrapping import in_place_of
from checker.model.modelcode import CodeError
from checker.model.outside import Unbegun
from checker.model.vocabulary import (
    Down,
    Envelope,
    Local,
    Member,
    NodeName,
    Role,
    Rule,
    Seen,
    Sends,
    Step,
    Wake,
)
from checker.modelfiles.assembly import Join
from checker.modelfiles.complaints import Objection, Objections, Path
from pmmc.values import Node
from spec.replicated_log import clients, servers
from spec.replicated_log.clients import INVOKE
from spec.replicated_log.names import Names
from spec.replicated_log.patterns import ROLE, read_pattern
from spec.replicated_log.properties import is_above_a_hole
from spec.replicated_log.schema import LogModel, Stage, Way
from spec.replicated_log.values import (
    CHOSEN,
    CLEARED,
    Here,
    Message,
    Request,
    Response,
    Server,
    Setting,
)

#: The node that keeps the stage.
STAGE = Node(ROLE, 0)


@dataclass(frozen=True, slots=True)
class NextStage:
    """Stage → node, immediate: another stage begins."""

    number: int


@dataclass(frozen=True, slots=True)
class Awaited:
    """What an observed step changes of what stages wait for: what the node showed of it, and shows now."""

    before: frozenset[int]
    after: frozenset[int]


@dataclass(frozen=True, slots=True)
class Staging:
    """Which stage it is, from 1 on, and what that stages wait for is shown now, by its number."""

    stage: int
    shown: frozenset[int] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One stage, with nodes in place of names: between whom nothing arrives, who rests, what is dropped.

    `until` are alternatives, each the numbers of all that must be shown for the next stage to begin.
    """

    apart: frozenset[tuple[Node, Node]] = frozenset()
    resting: frozenset[Node] = frozenset()
    dropped: frozenset[tuple[Node, Node]] = frozenset()
    timers: bool = True
    until: tuple[frozenset[int], ...] = (frozenset(),)


#: What a node shows of its local state.
Shows = Callable[[Local], bool]


@dataclass(frozen=True, slots=True)
class Staged:
    """The stages of a model, if it has any, and all that they wait for: (node, what it must show)."""

    stages: tuple[Part, ...] = ()
    awaited: tuple[tuple[Node, Shows], ...] = ()

    def environments(self, setting: Setting) -> Iterator[Join]:
        """What makes members of members."""
        if self.stages:
            yield partial(self._join, setting)

    def _join(self, setting: Setting, members: Sequence[Member]) -> Sequence[Member]:
        nodes = tuple(m.name for m in members if m.role.name in {servers.ROLE, clients.ROLE})
        begun = frozenset[int]().union(*(self._shown(m.name, m.local) for m in members))
        watched = frozenset(node for node, _ in self.awaited)
        role = Role(
            ROLE,
            MappingProxyType({Awaited: self._on_awaited} if watched else {}),
            MappingProxyType({"next": partial(self._next, nodes)}),
            immediate=frozenset({Awaited} if watched else ()),
            observe=self._observe if watched else None,
            watches=watched or None,
        )
        here = Member(STAGE, role, Here(STAGE, setting), Staging(1, begun))
        return (*(self._staged(m) if m.name in nodes else m for m in members), here)

    # The node that keeps the stage ------------------------------------------------------------------------

    def _next(self, nodes: Sequence[NodeName], context: Here, local: Staging) -> tuple[Step, ...]:
        """The wake by which the next stage begins: everybody is told within the step."""
        until = self.stages[local.stage - 1].until
        if local.stage == len(self.stages) or not any(all_of <= local.shown for all_of in until):
            return ()
        number = local.stage + 1
        return (Step(replace(local, stage=number), tuple((node, NextStage(number)) for node in nodes)),)

    def _observe(self, seen: Seen) -> Awaited | None:
        """What a step changes of what stages wait for."""
        before, after = (self._shown(seen.node, local) for local in (seen.before, seen.after))
        return None if before == after else Awaited(before, after)

    def _on_awaited(self, context: Here, local: Staging, message: Awaited) -> tuple[Step, ...]:
        return (Step(replace(local, shown=local.shown - message.before | message.after)),)

    def _shown(self, node: NodeName, local: Local) -> frozenset[int]:
        """Of what is awaited of a node, what it shows."""
        mine = [(i, shows) for i, (one, shows) in enumerate(self.awaited) if one == node]
        return frozenset(i for i, shows in mine if shows(_own(local)))

    # All other nodes --------------------------------------------------------------------------------------

    def _staged(self, member: Member) -> Member:
        """The member, which goes by the stage that it is told."""
        role, node = member.role, member.name
        rules = {
            kind: rule if kind in role.immediate else in_place_of(rule, partial(self._take, member, rule))
            for kind, rule in role.rules.items()
        }
        wakes = {
            name: in_place_of(wake, partial(self._wake, member.name, name, wake))
            for name, wake in role.wakes.items()
        }
        begin = role.begin and in_place_of(role.begin, partial(self._begin, node, role.begin))
        changed = replace(
            role,
            rules=MappingProxyType({**rules, NextStage: _on_next}),
            wakes=MappingProxyType(wakes),
            immediate=role.immediate | {NextStage},
            senders=True,
            begin=begin,
        )
        return replace(member, role=changed)

    def _take(
        self, member: Member, rule: Rule, context: Here, local: Local, envelope: Envelope
    ) -> Iterable[tuple[Local, Sends]]:
        """The rule, of what may arrive in this stage."""
        message: Any = envelope.message
        stage, way = _own(local).stage, (envelope.sender, member.name)
        since = self.stages[message.sent : stage] if message.sent else ()
        if way in self.stages[stage - 1].apart or any(way in part.dropped for part in since):
            return ()
        plain = replace(message, sent=0) if message.sent else message
        taken = Envelope(envelope.sender, plain) if member.role.senders else plain
        return self._marked(member.name, rule(context, local, taken))

    def _wake(
        self, node: NodeName, name: str, wake: Wake, context: Here, local: Local
    ) -> Iterable[tuple[Local, Sends]]:
        """The wake, unless the node rests or timers are off; to come up after a crash is neither."""
        part = self.stages[_own(local).stage - 1]
        is_off = node in part.resting or (name != INVOKE and not part.timers)
        if is_off and name != RESTART:
            return ()
        return self._marked(node, wake(context, local))

    def _begin(self, node: NodeName, begin: Callable[..., Any], context: Here, local: Local) -> Step:
        """How the node begins; if stages wait for something of it, with nothing to show of that."""
        ((first, sends),) = self._marked(node, [begin(context, local)])
        if self._shown(node, first) != self._shown(node, local):
            raise CodeError(
                "it begins with a log of its own, and 'until' of a stage waits for what it shows"
            )
        return Step(first, sends)

    def _marked(self, node: NodeName, steps: Iterable[tuple[Local, Sends]]) -> tuple[Step, ...]:
        """The steps; what they send is marked with the stage, if one to come drops it."""
        return tuple(
            Step(after, tuple((to, self._mark(node, to, message, after)) for to, message in sends))
            for after, sends in steps
        )

    def _mark(self, node: NodeName, to: Any, message: Any, local: Local) -> Any:
        stage = _own(local).stage
        is_ours = isinstance(message, Request | Response | Message)
        if is_ours and any((node, to) in part.dropped for part in self.stages[stage:]):
            return replace(message, sent=stage)
        return message


def _own(local: Local) -> Any:
    """The local state of a node that may be down, or not have begun."""
    if isinstance(local, Down):
        return _own(local.saved)
    return local.like if isinstance(local, Unbegun) else local


def _on_next(context: Here, local: Local, envelope: Envelope) -> tuple[Step, ...]:
    """Go by another stage, even while down."""
    message: Any = envelope.message
    if isinstance(local, Down):
        return (Step(Down(replace(local.saved, stage=message.number))),)
    return (Step(replace(local, stage=message.number)),)


# What a file says -----------------------------------------------------------------------------------------


def _has_chosen(local: Server) -> bool:
    return any(entry.status == CHOSEN for entry in local.shown.log)


def _has_cleared(local: Server) -> bool:
    return any(entry.status == CLEARED for entry in local.shown.log)


def _has_hole(local: Server) -> bool:
    return any(is_above_a_hole(local.shown.log, entry) for entry in local.shown.log)


def _is_answered(local: clients.Client) -> bool:
    return not local.todo and local.waiting is None


def _has_performed(setting: Setting, local: Server) -> bool:
    return {*setting.commands} <= {*(local.shown.performed or ())}


def read(model: LogModel, names: Names, wrong: list[Objection]) -> Staged:
    """The stages of a file; a partition that may heal is two. What is wrong with them goes to `wrong`."""
    split = None if model.faults is None else model.faults.partition
    if split is not None and split.heals:
        if model.stages is not None:
            message = "with 'stages' a partition is one of theirs: write it there"
            wrong.append(Objection(("faults", "partition"), message, key=True))
        apart = _across(names.groups(("faults", "partition", "groups"), split.groups))
        return Staged((Part(apart), Part()))
    awaited: list[tuple[Node, Shows]] = []
    parts = [
        _part(stage, ("stages", i), names, awaited, is_last=i == len(model.stages or ()) - 1)
        for i, stage in enumerate(model.stages or ())
    ]
    return Staged(tuple(parts), tuple(awaited))


def _part(
    stage: Stage, path: Path, names: Names, awaited: list[tuple[Node, Shows]], *, is_last: bool
) -> Part:
    apart = frozenset[tuple[Node, Node]]()
    if stage.partition is not None:
        apart = _across(names.groups((*path, "partition"), stage.partition))
    if is_last and stage.until is not None:
        names.wrong.append(Objection((*path, "until"), "no stage comes after this one", key=True))
    until = _until(stage.until, (*path, "until"), names, awaited) if stage.until is not None else None
    return Part(
        apart | _ways(stage.cut, (*path, "cut"), names),
        frozenset(names.nodes((*path, "silent"), stage.silent)),
        _ways(stage.drop, (*path, "drop"), names),
        stage.timers,
        (frozenset(),) if until is None else until,
    )


def _across(groups: Sequence[Sequence[Node]]) -> frozenset[tuple[Node, Node]]:
    side = {node: i for i, group in enumerate(groups) for node in group}
    return frozenset((a, b) for a in side for b in side if side[a] != side[b])


def _ways(given: Sequence[Way], path: Path, names: Names) -> frozenset[tuple[Node, Node]]:
    everybody = (*names.setting.servers, *names.setting.clients)
    found: set[tuple[Node, Node]] = set()
    for i, way in enumerate(given):
        senders = names.ends((*path, i, "from"), way.senders)
        to = names.ends((*path, i, "to"), way.to)
        found |= {
            (a, b)
            for a in (everybody if senders is None else senders)
            for b in (everybody if to is None else to)
        }
    return frozenset(found)


def _until(
    goal: Any, path: Path, names: Names, awaited: list[tuple[Node, Shows]]
) -> tuple[frozenset[int], ...]:
    """The alternatives that a goal stands for; what they speak of is added to what is awaited."""
    setting = names.setting

    def number(node: Node, shows: Shows) -> int:
        awaited.append((node, shows))
        return len(awaited) - 1

    somewhere = {"something-chosen": _has_chosen, "something-cleared": _has_cleared, "hole": _has_hole}
    if isinstance(goal, str) and goal in somewhere:
        return tuple(frozenset({number(server, somewhere[goal])}) for server in setting.servers)
    if goal == "all-answered":
        return (frozenset(number(client, _is_answered) for client in setting.clients),)
    if goal == "all-performed":
        shows = partial(_has_performed, setting)
        return (frozenset(number(server, shows) for server in setting.servers),)
    try:
        pattern = read_pattern(setting, 0, goal)
    except Objections as faulty:
        names.wrong.extend(o._replace(path=(*path, *o.path)) for o in faulty.objections)
        return ()
    return (frozenset(number(node, wanted.shows) for node, wanted in pattern.nodes),)
