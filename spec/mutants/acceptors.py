"""Acceptors that are wrong on purpose: they forget, accept what they must not, or report it wrongly."""

from dataclasses import replace

from pmmc import acceptor as proper
from pmmc.acceptor import Acceptor
from pmmc.messages import P1a, P1b, P2a, P2b
from pmmc.values import Context, PValue, Step
from spec.mutants.configurations import (
    CROSSED,
    DUEL,
    DUEL_ACCOUNT,
    OVERTAKEN,
    by_rule,
    elsewhere,
    natural,
    rivals,
)

Steps = tuple[Step, ...]


def on_p2a_any_ballot(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Accept whatever the ballot, and answer that it was the adopted one."""
    return acknowledge(context, proper.accept(acceptor, message.pvalue), message)


def acknowledge(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """To the commander: accepted, whatever the acceptor's ballot."""
    reply = P2b(context.me, message.pvalue.ballot, message.pvalue.slot, message.pvalue.ballot)
    return (Step(acceptor, ((message.leader, reply),)),)


def on_p2a_false_answer(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Accept as it should be; answer that it was accepted in any case."""
    ((accepting, _),) = proper.on_p2a(context, acceptor, message)
    return acknowledge(context, accepting, message)


def on_p1a_no_promise(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Answer as if the ballot were adopted, and do not adopt it."""
    ((_, sends),) = proper.on_p1a(context, acceptor, message)
    return (Step(acceptor, sends),)


def on_p2a_adopting(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Accept in the adopted ballot or a higher one, which is adopted."""
    if message.pvalue.ballot >= acceptor.ballot:
        acceptor = proper.accept(replace(acceptor, ballot=message.pvalue.ballot), message.pvalue)
    return proper.answer_p2a(context, acceptor, message)


def latest(acceptor: Acceptor, pvalue: PValue) -> Acceptor:
    """The acceptor with this pvalue, and no other for its slot."""
    others = frozenset(p for p in acceptor.accepted if p.slot != pvalue.slot)
    return replace(acceptor, accepted=others | {pvalue})


def on_p2a_latest_not_adopting(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Accept in the adopted ballot or, not adopting it, a higher one; keep the latest pvalue of a slot."""
    if message.pvalue.ballot < acceptor.ballot:
        return proper.answer_p2a(context, acceptor, message)
    return acknowledge(context, latest(acceptor, message.pvalue), message)


def on_p2a_record_first(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Record the pvalue before looking at its ballot; keep the latest of a slot. The answer is honest."""
    return proper.answer_p2a(context, latest(acceptor, message.pvalue), message)


def on_p1a_reports_nothing(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Adopt as it should be; report that nothing was accepted."""
    ((adopting, ((leader, reply),)),) = proper.on_p1a(context, acceptor, message)
    assert isinstance(reply, P1b)
    return (Step(adopting, ((leader, replace(reply, accepted=frozenset())),)),)


def on_p1a_clears(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Forget all that was accepted when a higher ballot is adopted."""
    if message.ballot > acceptor.ballot:
        acceptor = replace(acceptor, accepted=frozenset())
    return proper.on_p1a(context, acceptor, message)


def on_p2a_one_slot(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Keep one pvalue in all."""
    if message.pvalue.ballot == acceptor.ballot:
        acceptor = replace(acceptor, accepted=frozenset({message.pvalue}))
    return proper.answer_p2a(context, acceptor, message)


def on_p1a_promised_ballot(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Report what was accepted as if it had been accepted in the ballot that is promised now."""
    ((adopting, ((leader, reply),)),) = proper.on_p1a(context, acceptor, message)
    assert isinstance(reply, P1b)
    relabelled = frozenset(replace(p, ballot=adopting.ballot) for p in reply.accepted)
    return (Step(adopting, ((leader, replace(reply, accepted=relabelled)),)),)


def on_p1a_any_ballot(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Adopt the ballot of the latest scout, also a lower one."""
    return proper.answer_p1a(context, replace(acceptor, ballot=message.ballot), message)


ACCEPTOR_MUTANTS = (
    by_rule(
        "A-01",
        "accept-any-ballot",
        "acceptor",
        {P2a: on_p2a_any_ballot},
        about="Accepts a pvalue whatever its ballot: a leader that was overtaken can still get its command "
        "decided, beside the one that its successor decides.",
        source="against the paper, section 2.3, figure 4: accept only in the adopted ballot",
        model=DUEL,
        property="R1",
        length=14,
        account=elsewhere(12, DUEL_ACCOUNT),
        lesson="A promise is a promise to refuse.",
    ),
    by_rule(
        "A-02",
        "no-promise",
        "acceptor",
        {P1a: on_p1a_no_promise, P2a: on_p2a_adopting},
        about="Answers a scout without adopting its ballot; the ballot is raised when something is "
        "accepted.",
        source="against the paper, section 2.3, figure 4: adopt b if b > ballot_num",
        model=DUEL,
        property="R1",
        length=14,
        account=elsewhere(12, DUEL_ACCOUNT),
        lesson="What an acceptor reports is worth something only because it accepts nothing lower from "
        "then on.",
    ),
    by_rule(
        "A-03",
        "latest-not-adopting",
        "acceptor",
        {P2a: on_p2a_latest_not_adopting},
        about="Accepts in a higher ballot without adopting it, and keeps the latest pvalue of a slot: a "
        "late pvalue of a lower ballot takes the place of a chosen one.",
        source="Brooker, 'A bug in Paxos Made Simple' (2021); stackoverflow.com question 29880949; "
        "apache/cassandra#1327; scylladb/scylladb#6139",
        model=OVERTAKEN,
        property="R1",
        length=15,
        account=elsewhere(
            "14", "an explorer of ballots and votes alone starts before any ballot is adopted"
        ),
        lesson="Reading 'Paxos Made Simple' too literally loses a vote, but only with three ballots.",
        heavy=True,
    ),
    by_rule(
        "A-04",
        "record-before-test",
        "acceptor",
        {P2a: on_p2a_record_first},
        about="Records a pvalue before it compares ballots, keeping the latest of a slot: a late one of a "
        "lower ballot takes the place of a chosen one. What it answers is honest.",
        source="denizalti/paxosmmc, code/state-reduction/acceptor.py records first, but keeps the highest "
        "ballot, which is safe",
        model=rivals(acceptors=1, leaders=3),
        property="R1",
        length=13,
        account=elsewhere("9", "an explorer of ballots and votes has no replies and no decisions"),
        lesson="With one acceptor two ballots hide it; the overwritten value must be read by a third.",
    ),
    by_rule(
        "A-05",
        "false-acknowledgement",
        "acceptor",
        {P2a: on_p2a_false_answer},
        about="Answers a commander that its pvalue was accepted when it was not.",
        source="against the paper, section 2.3, figure 4: p2b carries ballot_num",
        model=DUEL,
        property="R1",
        length=14,
        account=elsewhere(12, DUEL_ACCOUNT),
        lesson="A reply is evidence about the acceptor's state and must be read off it.",
    ),
    by_rule(
        "A-06",
        "reports-nothing",
        "acceptor",
        {P1a: on_p1a_reports_nothing},
        about="Promises without reporting what it has accepted.",
        source="against the paper, section 2.3, figure 4: p1b carries accepted; CorfuDB/CorfuDB#183",
        model=DUEL,
        property="R1",
        length=14,
        account=elsewhere(12, DUEL_ACCOUNT),
        lesson="Phase 1 has two halves: stop the past, and learn it.",
    ),
    by_rule(
        "A-07",
        "cleared-when-adopting",
        "acceptor",
        {P1a: on_p1a_clears},
        about="Forgets what it has accepted when it adopts a higher ballot.",
        source="against the paper, section 2.3, invariant A3",
        model=DUEL,
        property="R1",
        length=14,
        account=elsewhere(20, "with three acceptors, not one; otherwise as in A-01"),
        lesson="A promise does not undo an acceptance.",
    ),
    by_rule(
        "A-09",
        "one-pvalue-in-all",
        "acceptor",
        {P2a: on_p2a_one_slot},
        about="Keeps one pvalue in all instead of one for each slot.",
        source="single-decree Paxos used for a log; against the paper, section 2.3",
        model=natural(leaders=2, replicas=2, commands=2, slots=2),
        property="R1",
        length=16,
        account=elsewhere(14, DUEL_ACCOUNT),
        lesson="Each slot is a consensus of its own: with one slot this is right.",
    ),
    by_rule(
        "A-10",
        "promised-ballot-reported",
        "acceptor",
        {P1a: on_p1a_promised_ballot},
        about="Reports what it has accepted with the ballot that it promises, not with the one it was "
        "accepted in: reports of different ballots tie.",
        source="DistAlgo, benchmarks/vrpaxos/spec.da, has this form",
        model=CROSSED,
        property="R1",
        length=15,
        account=elsewhere(
            "14", "an explorer of ballots and votes alone starts before any ballot is adopted"
        ),
        lesson="The ballot of an acceptance is part of what is reported: pmax compares them.",
        heavy=True,
    ),
    by_rule(
        "A-51",
        "adopts-lower-ballot",
        "acceptor",
        {P1a: on_p1a_any_ballot},
        about="Adopts the ballot of whichever scout comes last, a lower one too.",
        source="against the paper, section 2.3, invariant A1",
        model=natural(leaders=2),
        property="A1",
        length=2,
        lesson="With one acceptor agreement survives even this (N-10): nobody else can vote meanwhile.",
    ),
)
