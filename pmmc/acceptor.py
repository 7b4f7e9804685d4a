"""The acceptor: the memory of the Synod protocol (paper, section 2.3, figure 4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pmmc.ballots import BOTTOM, Ballot
from pmmc.messages import P1a, P1b, P2a, P2b
from pmmc.values import Context, PValue, Rule, Step


@dataclass(frozen=True, slots=True)
class Acceptor:
    """What an acceptor knows: the ballot it has adopted and every pvalue it has accepted."""

    ballot: Ballot = BOTTOM
    accepted: frozenset[PValue] = frozenset()


def on_p1a(context: Context, acceptor: Acceptor, message: P1a) -> tuple[Step, ...]:
    """Adopt a higher ballot; answer with the ballot and all that was accepted, in any case."""
    adopted = replace(acceptor, ballot=max(acceptor.ballot, message.ballot))
    return answer_p1a(context, adopted, message)


def answer_p1a(context: Context, acceptor: Acceptor, message: P1a) -> tuple[Step, ...]:
    """To the scout: the acceptor's ballot and all that it has accepted."""
    reply = P1b(context.me, message.ballot, acceptor.ballot, acceptor.accepted)
    return (Step(acceptor, ((message.leader, reply),)),)


def on_p2a(context: Context, acceptor: Acceptor, message: P2a) -> tuple[Step, ...]:
    """Accept if the pvalue's ballot *equals* the adopted one; answer with the ballot, in any case."""
    if message.pvalue.ballot == acceptor.ballot:
        acceptor = accept(acceptor, message.pvalue)
    return answer_p2a(context, acceptor, message)


def accept(acceptor: Acceptor, pvalue: PValue) -> Acceptor:
    """The acceptor with one more pvalue accepted."""
    return replace(acceptor, accepted=acceptor.accepted | {pvalue})


def answer_p2a(context: Context, acceptor: Acceptor, message: P2a) -> tuple[Step, ...]:
    """To the commander: the acceptor's ballot."""
    reply = P2b(context.me, message.pvalue.ballot, message.pvalue.slot, acceptor.ballot)
    return (Step(acceptor, ((message.leader, reply),)),)


#: The acceptor's rules: message type → rule.
RULES: Mapping[type, Rule[Acceptor]] = MappingProxyType({P1a: on_p1a, P2a: on_p2a})
