"""Which messages a node can no longer tell apart, or no longer needs: for the reduction by settling.

These functions are claims about the rules of `pmmc`. The checker proves them, for each configuration
it explores, from the rules themselves (checker/engines/native/reductions/settling.py); a role whose
rules are replaced loses them.
"""

from collections.abc import Hashable
from dataclasses import replace

from pmmc.client import Client
from pmmc.leader import Leader, commanders_for
from pmmc.messages import Decision, P1b, P2b, Propose, Request, Response
from pmmc.replica import Replica
from pmmc.values import Ballot, Context, Node, Proposal, slots_of
from spec.variants.ballots import LeaderFirstBallots

#: Stands for any acceptor, where it does not matter which one said something.
SOMEBODY = Node("acceptor", -1)


def settle_leader(context: Context, leader: Leader, message: Hashable) -> Hashable | None:
    """What a leader needs to keep of a message; all of it where its ballots need not rise."""
    if isinstance(context.deployment.ballots, LeaderFirstBallots):
        return message
    match message:
        case Propose():
            return None if message.slot in slots_of(leader.proposals) else message
        case P1b():
            return _settle_p1b(context, leader, message)
        case P2b():
            return _settle_p2b(context, leader, message)
    return message


def _settle_p1b(context: Context, leader: Leader, message: P1b) -> P1b | None:
    """A reply to a scout that is gone, or from one who was heard, is void; a refusal is its ballot."""
    if message.ballot < leader.ballot or message.current < message.ballot:
        return None
    if message.ballot > leader.ballot:
        return message
    if leader.scout is None or message.acceptor in leader.scout.heard:
        return None
    if message.current == message.ballot:
        return message
    return replace(message, current=_side_of(context, message.current), accepted=frozenset())


def _settle_p2b(context: Context, leader: Leader, message: P2b) -> P2b | None:
    """A reply to a commander that is gone is void; of a refusal only the ballot matters."""
    commanders = commanders_for(leader, message.ballot, message.slot)
    proposed = message.slot in slots_of(leader.proposals)
    if not commanders:
        return None if message.ballot < leader.ballot or proposed else message
    if len(commanders) > 1 or not proposed:
        # two commanders for one ballot and slot, or one that a file gives and whose proposal nobody
        # made, so that there may be another one later: no claim is made about those
        return message
    (commander,) = commanders
    if message.current < message.ballot:
        return None
    if message.current == message.ballot:
        return None if message.acceptor in commander.heard else message
    if message.current > leader.ballot:
        return replace(message, acceptor=SOMEBODY, current=_side_of(context, message.current))
    exceeded = context.deployment.ballots.above(message.ballot, context.me.index)
    return replace(message, acceptor=SOMEBODY, current=exceeded or message.current)


def _side_of(context: Context, ballot: Ballot) -> Ballot:
    """Stands for all ballots of the round that are on the same side of the leader's own.

    None of them is its own: it is never preempted by that.
    """
    me = context.me.index
    return context.deployment.ballots.ballot(ballot.round, me + 1 if ballot.leader > me else 0)


def settle_replica(context: Context, replica: Replica, message: Hashable) -> Hashable | None:
    """A replica ignores what it holds already, from then on: it forgets nothing that it holds."""
    del context
    match message:
        case Request(command):
            held = {p.command for p in replica.proposals | replica.decisions}
            return None if command in held or command in replica.requests else message
        case Decision(slot, command):
            return None if Proposal(slot, command) in replica.decisions else message
    return message


def settle_client(context: Context, client: Client, message: Hashable) -> Hashable | None:
    """A client needs one answer to each command."""
    del context
    match message:
        case Response(cid):
            return None if any(command.cid == cid for command, _ in client.answers) else message
    return message
