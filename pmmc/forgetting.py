"""A replica that forgets what it needs no more: decisions of slots that are performed (paper, section 4.2).

Of such a slot it still needs

* that its command was performed, not to do so once more if it is decided for another slot too. That is in
  `performed`, and stays as long as the command may come again: here for ever;
* that it is decided, not to propose for it. `slot_in` is taken on to `slot_out`, so that no slot below that
  is proposed for, and what comes late for one of them is ignored;
* a reconfiguration, until `slot_in` is more than WINDOW beyond the slot, and after that to know it when it
  is decided again. These are few: all of them are kept.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from pmmc import kv
from pmmc import replica as proper
from pmmc.messages import Decision, Request
from pmmc.replica import Perform, Replica
from pmmc.values import Command, Context, Proposal, Rule, Sends, Step


def on_request(context: Context, replica: Replica, message: Request) -> tuple[Step, ...]:
    """As `pmmc.replica.on_request`; what was performed is no new request."""
    return () if message.command in replica.performed else proper.on_request(context, replica, message)


def on_decision(context: Context, replica: Replica, message: Decision) -> tuple[Step, ...]:
    """As `pmmc.replica.on_decision`, and forget; what comes late for a performed slot is ignored."""
    decision = Proposal(message.slot, message.command)
    if message.slot < replica.slot_out or decision in replica.decisions:
        return ()
    return go_on(context, replace(replica, decisions=replica.decisions | {decision}))


def perform(context: Context, replica: Replica, command: Command) -> tuple[Replica, Sends]:
    """Perform the command of slot_out, unless it was performed already; answer its client."""
    if isinstance(command.op, kv.Reconfigure) or command in replica.performed:
        return replace(replica, slot_out=replica.slot_out + 1), ()
    return proper.execute(context, replica, command)


def go_on(context: Context, replica: Replica, perform: Perform = perform) -> tuple[Step, ...]:
    """Perform what has become next in line, propose, and forget."""
    return tuple(
        Step(forget(catch_up(context, proposed.state)), responses + proposed.sends)
        for performed, responses in proper.perform_all(context, replica, perform)
        for proposed in (proper.propose(context, performed),)
    )


def catch_up(context: Context, replica: Replica) -> Replica:
    """slot_in no lower than slot_out, and the configuration that it comes to."""
    while replica.slot_in < replica.slot_out:
        replica = proper.reconfigured(context, replica)
        replica = replace(replica, slot_in=replica.slot_in + 1)
    return replica


def forget(replica: Replica) -> Replica:
    """Without the decisions that are needed no more."""
    return replace(replica, decisions=frozenset(p for p in replica.decisions if is_needed(replica, p)))


def is_needed(replica: Replica, decision: Proposal) -> bool:
    """Whether a decision is still to be performed, or is that of a reconfiguration."""
    return decision.slot >= replica.slot_out or isinstance(decision.command.op, kv.Reconfigure)


#: The rules of a replica that forgets.
RULES: Mapping[type, Rule[Replica]] = MappingProxyType({Request: on_request, Decision: on_decision})
