"""Clocks that drift, for any protocol: each node has one, and they are never further apart than a bound.

The environment is one more node. A *tick* is a step of it, in which the clocks of some nodes, of one at
least, go on by one; so much time has passed that they do. Each of these nodes is told, within that step, by
a message of the protocol's own, and its rule for that sees what has run out. So a rule knows of time only
what its local state counts, and it is best to count down: then there are finitely many states, although
time has no end. A node that is down is told as well: its clock goes on.

The bound, the *drift*, is kept as such: a tick after which two clocks would be further apart is none. All
that the environment knows is how far each clock is ahead of the slowest. This is exact:

* In every reachable state no two clocks are further apart than the drift; for each tick asks for that.
* Whatever clocks that begin together may show one after the other, all going on in steps of one or not at
  all, is shown in some run, if no two are ever further apart than the drift: each change of what they show
  is a tick. With a drift of 0 they go on together.
* A stretch of time that is n ticks long by one clock is from n - 2 x drift to n + 2 x drift long by another
  one, which may go from as far behind it to as far ahead of it, or back. With a drift of 1 or more this
  comes about as soon as n is as long. So a rule that compares lengths, and not what two clocks show, has to
  allow for twice the drift.
* Where ticks are weakly fair all clocks go on for ever: one does, and none is left behind.

Real time is no number here. What is true at one time is what is true in one state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from checker.model.environment.wrapping import in_place_of
from checker.model.values import Hosted, show
from checker.model.vocabulary import Down, Local, Member, Message, NodeName, Role, Rule, Sends, Step

if TYPE_CHECKING:
    from checker.model.environment.hosts import Host

#: The name of the role that moves time on, and that of the wake by which it does.
ROLE, TICK = "clock", "tick"
#: Clocks that may drift. Any of them may go on in a tick, so of many there are too many ticks.
MOST_DRIFTING = 10


@dataclass(frozen=True, slots=True)
class Time:
    """How many ticks each clock is ahead of the slowest; of those that are not nothing is said."""

    ahead: frozenset[tuple[NodeName, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Clocks:
    """An environment in which nodes have clocks, no two of them ever more than `drift` ticks apart.

    They are those whose role has a rule for messages of the type of `told`, which is what a node is told
    when its clock goes on by one. The processes of a machine share its clock. `name` and `context` are
    those of the node that the environment is. It joins what `Machines` and `Crashes` have joined.
    """

    drift: int
    told: Message
    name: NodeName = "clock"
    context: Any = None

    def join(self, members: Sequence[Member]) -> tuple[Member, ...]:
        """The members, those that have a clock told of it, and the environment that moves time on.

        Raises ValueError for a drift below 0, if nobody has a clock, or too many have that may drift.
        """
        kind = type(self.told)
        timed = tuple(m.name for m in members if any(kind in one.role.rules for one in (m, *m.parts)))
        if self.drift < 0:
            raise ValueError(f"clocks are {self.drift} ticks apart: expected 0 or more")
        if not timed:
            raise ValueError(f"nobody has a clock: no role has a rule for {show(self.told)}")
        if self.drift and len(timed) > MOST_DRIFTING:
            raise ValueError(f"{len(timed)} clocks that may drift, {MOST_DRIFTING} at most are supported")
        wakes = MappingProxyType({TICK: partial(_tick, self.drift, self.told, timed)})
        clock = Member(self.name, Role(ROLE, MappingProxyType({}), wakes), self.context, Time())
        return (*(self._timed(m) if m.name in timed else m for m in members), clock)

    def _timed(self, member: Member) -> Member:
        """The member, which is told of its clock whatever has become of it.

        It claims nothing of messages any more, as they wait while time passes.
        """
        kind, role = type(self.told), member.role
        rule = partial(_tell_all, kind) if member.parts else role.rules[kind]
        goes_on = in_place_of(role.rules[kind], partial(_go_on, rule))
        changed = replace(
            role,
            rules=MappingProxyType({**role.rules, kind: goes_on}),
            settle=None,
            immediate=role.immediate | {kind},
        )
        parts = (
            replace(p, role=replace(p.role, immediate=p.role.immediate | {kind})) for p in member.parts
        )
        return replace(member, role=changed, parts=tuple(parts))


def _tick(
    drift: int, told: Message, timed: Sequence[NodeName], context: Any, state: Time
) -> Iterator[Step]:
    """The environment's wake: some clocks go on, so that no two are further apart than the drift."""
    ahead = dict(state.ahead)
    for those in _some(timed, drift):
        moved = {node: ahead.get(node, 0) + (node in those) for node in timed}
        slowest = min(moved.values())
        if max(moved.values()) - slowest <= drift:
            above = frozenset((node, at - slowest) for node, at in moved.items() if at > slowest)
            yield Step(Time(above), tuple((node, told) for node in those))


def _some(timed: Sequence[NodeName], drift: int) -> Iterator[tuple[NodeName, ...]]:
    """The sets of clocks that may go on together, the largest first: if none may drift, all of them."""
    for size in range(len(timed), 0, -1) if drift else (len(timed),):
        yield from combinations(timed, size)


def _go_on(rule: Rule, context: Any, state: Local, message: Message) -> tuple[tuple[Local, Sends], ...]:
    """What a node makes of its clock going on; if it is down, what it will begin with does."""
    if not isinstance(state, Down):
        return tuple(rule(context, state, message))
    return tuple(
        (replace(state, saved=after), sends) for after, sends in rule(context, state.saved, message)
    )


def _tell_all(kind: type, host: Host, state: Hosted, message: Message) -> tuple[Step, ...]:
    """What the processes of a machine make of it, those that look at a clock."""
    ways = []
    for (_, local), process in zip(state.processes, host.processes, strict=True):
        rule: Rule | None = process.role.rules.get(kind)
        steps = () if rule is None else tuple(rule(process.context, local, message))
        ways.append(steps or ((local, ()),))
    return host.together(ways)
