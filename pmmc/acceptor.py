"""The acceptor: the memory of the Synod protocol (paper, section 2.3, figure 4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pmmc.messages import P1a, P1b, P2a, P2b
from pmmc.values import BOTTOM, Ballot, Context, PValue, Step


@dataclass(frozen=True, slots=True)
class Acceptor:
    """What an acceptor knows: the ballot it has adopted and every pvalue it has accepted."""

    ballot: Ballot = BOTTOM
    accepted: frozenset[PValue] = frozenset()


def on_p1a(context: Context, acceptor: Acceptor, message: P1a) -> tuple[Step, ...]:
    """Adopt a higher ballot; answer with the ballot and all that was accepted, in any case."""
    adopted = replace(acceptor, ballot=max(acceptor.ballot, message.ballot))
    reply = P1b(context.me, message.ballot, adopted.ballot, adopted.accepted)
    return (Step(adopted, ((message.leader, reply),)),)


def on_p2a(context: Context, acceptor: Acceptor, message: P2a) -> tuple[Step, ...]:
    """Accept if the pvalue's ballot *equals* the adopted one; answer with the ballot, in any case."""
    pvalue = message.pvalue
    if pvalue.ballot == acceptor.ballot:
        acceptor = replace(acceptor, accepted=acceptor.accepted | {pvalue})
    reply = P2b(context.me, pvalue.ballot, pvalue.slot, acceptor.ballot)
    return (Step(acceptor, ((message.leader, reply),)),)


#: The acceptor's rules: message type → rule.
RULES: Mapping[type, Callable[..., Any]] = MappingProxyType({P1a: on_p1a, P2a: on_p2a})
