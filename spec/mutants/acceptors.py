"""Acceptors that are wrong on purpose."""

from dataclasses import replace

from checker.protocol import Variant
from pmmc.acceptor import Acceptor
from pmmc.messages import P2a, P2b
from pmmc.values import Context, Step


def on_p2a_any_ballot(context: Context, acceptor: Acceptor, message: P2a) -> tuple[Step, ...]:
    """Accept whatever the ballot, and answer that it was the adopted one."""
    pvalue = message.pvalue
    accepting = replace(acceptor, accepted=acceptor.accepted | {pvalue})
    reply = P2b(context.me, pvalue.ballot, pvalue.slot, pvalue.ballot)
    return (Step(accepting, ((message.leader, reply),)),)


ACCEPTOR_MUTANTS = (
    Variant(
        part="acceptor",
        name="accept-any-ballot",
        role="acceptor",
        about="Accepts a pvalue whatever its ballot: a leader that was overtaken can still get its command "
        "decided, beside the one that its successor decides.",
        source="against the paper, section 2.3, figure 4: accept only in the adopted ballot",
        rules={P2a: on_p2a_any_ballot},
    ),
)
