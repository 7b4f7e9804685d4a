"""Replicas that propose to the leader of their own server alone, and leaders that hand on (section 4.4).

A replica saves the messages to all other leaders. Its own leader may be passive: then it hands on what it
was asked for to the leader that it watches (`pmmc.election`), which is active, or watches another one, or
will run for office. Each leader hands a proposal on once to each leader that it watches.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pmmc import election, leader, replica
from pmmc.election import Watcher
from pmmc.messages import Decision, P1b, P2b, Propose, Request
from pmmc.values import Context, Node, Rule, Step, in_slot_order


def to_own_leader(rule: Rule[Any]) -> Rule[Any]:
    """The rule of a replica whose proposals go to the leader with its own number, and to no other."""

    def propose(context: Context, state: Any, message: Any) -> tuple[Step, ...]:
        own = Node("leader", context.me.index)
        return tuple(
            Step(s, tuple((to, m) for to, m in sends if to == own or not isinstance(m, Propose)))
            for s, sends in rule(context, state, message)
        )

    return propose


def handing_on(rule: Callable[[Context, Any, Any], tuple[Step, ...]]) -> Rule[Watcher]:
    """The rule of a leader that hands on its proposals as long as it watches another one."""

    def hand_on(context: Context, state: Watcher, message: Any) -> tuple[Step, ...]:
        return tuple(_handed_on(state, step) for step in rule(context, state, message))

    return hand_on


def _handed_on(before: Watcher, step: Step) -> Step:
    """The step, with those proposals that the leader watched from now on does not have from this one."""
    after = step.state
    if after.watching is None:
        return step
    told = before.proposals if after.watching == before.watching else frozenset()
    handed = ((after.watching, Propose(p.slot, p.command)) for p in in_slot_order(after.proposals - told))
    return Step(after, (*step.sends, *handed))


#: Rules of replicas that propose to their own leaders.
REPLICA_RULES: Mapping[type, Rule[Any]] = MappingProxyType(
    {Request: to_own_leader(replica.on_request), Decision: to_own_leader(replica.on_decision)}
)
#: Rules of leaders that ping instead of retrying at once, and hand on what they are asked for.
LEADER_RULES: Mapping[type, Rule[Any]] = MappingProxyType(
    {
        **election.RULES,
        Propose: handing_on(leader.on_propose),
        P1b: handing_on(election.on_p1b),
        P2b: handing_on(election.on_p2b),
    }
)
