"""What the authors' own program does otherwise than the protocol's rules here.

Logs of it (github.com/denizalti/paxosmmc) are held against these rules by `pmmc validate --mapping
paxosmmc`; each of them means something for models too.
"""

from collections.abc import Callable
from dataclasses import replace

from checker.modelfiles.protocol import Variant
from pmmc import acceptor as proper
from pmmc import leader, replica
from pmmc.acceptor import Acceptor
from pmmc.leader import Leader, Scout
from pmmc.messages import P1b, P2a, P2b, Request
from pmmc.replica import Replica
from pmmc.values import Command, Context, Sends, Step
from spec.variants.acceptors import highest
from spec.variants.reconfigurations import proposing, rules_with


def on_p2b_any_other(context: Context, state: Leader, message: P2b) -> tuple[Step, ...]:
    """As `pmmc.leader.on_p2b`, but what is no first acceptance ends the commander: a second copy, too."""
    commanders = leader.commanders_for(state, message.ballot, message.slot)
    steps: tuple[Step, ...] = ()
    for commander in commanders:
        if message.current == message.ballot and message.acceptor not in commander.heard:
            steps += leader.hear(context, state, commander, message)
        else:
            ended = leader.without(state, commander)
            steps += (leader.preempted(context, ended, message.current),)
    return steps


def on_p1b_any_other(context: Context, state: Leader, message: P1b) -> tuple[Step, ...]:
    """As `pmmc.leader.on_p1b`, but what is no first promise ends the scout: a second copy, too.

    The leader is told of no higher ballot then, and does nothing about it.
    """
    scout = state.scout
    if scout is None or message.ballot != state.ballot or message.acceptor not in scout.heard:
        return leader.on_p1b(context, state, message)
    if message.current > message.ballot:
        return (leader.preempted(context, state, message.current),)
    return (Step(replace(state, scout=given_up(context))),)


def given_up(context: Context) -> Scout:
    """A scout that waits for nobody: it has ended, and its leader does not know."""
    return Scout(frozenset(context.configuration.acceptors))


def on_p1b_first(context: Context, state: Leader, message: P1b) -> tuple[Step, ...]:
    """The first promise ends the scout: well, if more than half of the acceptors have yet to answer.

    The comparison is the wrong way round. A reply with another ballot is passed over.
    """
    scout = state.scout
    if scout is None or message.ballot != state.ballot or message.current != message.ballot:
        return ()
    if message.acceptor in scout.heard:
        return ()
    heard = leader.gather(scout, message)
    acceptors = context.configuration.acceptors
    if 2 * (len(acceptors) - len(heard.heard)) > len(acceptors):
        return (leader.adopted(context, state, heard.pvalues),)
    return (Step(replace(state, scout=given_up(context))),)


def on_p2a_any(context: Context, state: Acceptor, message: P2a) -> tuple[Step, ...]:
    """Accept in any ballot, and keep the highest of each slot; answer with the highest ballot met."""
    pvalue = message.pvalue
    kept = highest({p for p in state.accepted if p != pvalue} | {pvalue})
    state = replace(state, ballot=max(state.ballot, pvalue.ballot), accepted=kept)
    return proper.answer_p2a(context, state, message)


def propose_first(context: Context, state: Replica, command: Command) -> tuple[Replica, Sends]:
    """As `pmmc.replica.propose_one`, of one copy of the request only."""
    proposed, sends = replica.propose_one(context, state, command)
    place = state.requests.index(command)
    return replace(proposed, requests=state.requests[:place] + state.requests[place + 1 :]), sends


#: Propose requests, in order of arrival, each copy of them for a slot of its own.
propose_each: Callable[[Context, Replica], Step] = proposing(propose_one=propose_first)


def on_request_kept(context: Context, state: Replica, message: Request) -> tuple[Step, ...]:
    """As `pmmc.replica.on_request`, but also a request that the replica has already is kept, once more."""
    return (propose_each(context, replace(state, requests=(*state.requests, message.command))),)


_SOURCE = "denizalti/paxosmmc, the authors' program"

AUTHORS_VARIANTS = (
    Variant(
        part="commander",
        name="any-other-reply",
        role="leader",
        about="Any reply that is not an acceptor's first in the commander's own ballot ends the commander: "
        "a lower ballot, and a second copy of a reply.",
        source=f"{_SOURCE}, commander.py",
        rules={P2b: on_p2b_any_other},
    ),
    Variant(
        part="scout",
        name="any-other-reply",
        role="leader",
        about="Any reply that is not an acceptor's first in the scout's own ballot ends the scout: a "
        "second copy of a promise, too, after which the leader is never active in this ballot; and, as in "
        "the paper, a higher ballot of an acceptor that has promised already.",
        source=f"{_SOURCE}, scout.py",
        rules={P1b: on_p1b_any_other},
    ),
    Variant(
        part="scout",
        name="first-reply",
        role="leader",
        about="A scout ends with the first promise: its leader is active if more than half of the "
        "acceptors have yet to answer. Replies with other ballots are passed over.",
        source=f"{_SOURCE}, state-reduction/scout.py: a comparison the wrong way round",
        rules={P1b: on_p1b_first},
    ),
    Variant(
        part="acceptor",
        name="any-ballot-keep-highest",
        role="acceptor",
        about="An acceptor accepts in any ballot, a lower one than it has adopted too, keeps of each slot "
        "the highest, and answers with the highest ballot that it has met. What is said of all that was "
        "ever accepted is not judged.",
        source=f"{_SOURCE}, state-reduction/acceptor.py",
        rules={P2a: on_p2a_any},
        gives_up=("A2", "A3", "A5", "C2", "decided-is-chosen", "RC-3"),
    ),
    Variant(
        part="replica",
        name="keep-held",
        role="replica",
        about="A replica keeps a request that it holds already, and proposes it once more.",
        source=f"{_SOURCE}, replica.py",
        rules={**rules_with(propose_each), Request: on_request_kept},
    ),
)
