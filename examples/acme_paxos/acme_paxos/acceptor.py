"""Acme's acceptor: it needs no p1a to learn of a ballot."""

from dataclasses import replace

from pmmc.acceptor import Acceptor
from pmmc.messages import P2a, P2b
from pmmc.values import Context, Step


def on_p2a(context: Context, acceptor: Acceptor, message: P2a) -> tuple[Step, ...]:
    """Accept in the adopted ballot or a higher one, which is adopted with it; answer in any case."""
    pvalue = message.pvalue
    if pvalue.ballot >= acceptor.ballot:
        accepted = acceptor.accepted | {pvalue}
        acceptor = replace(acceptor, ballot=pvalue.ballot, accepted=accepted)
    reply = P2b(context.me, pvalue.ballot, pvalue.slot, acceptor.ballot)
    return (Step(acceptor, ((message.leader, reply),)),)
