"""Controls: what looks wrong and is safe. A checker that only shows red is not trusted."""

from dataclasses import replace

from pmmc import acceptor as proper
from pmmc import leader as proper_leader
from pmmc import replica as proper_replica
from pmmc.acceptor import Acceptor
from pmmc.leader import Leader
from pmmc.messages import Decision, P1a, P1b, P2a, Request
from pmmc.replica import Replica
from pmmc.values import Context, PValue, Sends, Step
from spec.mutants.acceptors import acknowledge, latest, on_p1a_any_ballot, on_p2a_adopting
from spec.mutants.configurations import CROSSED, DUEL, IDLE, OVERTAKEN, by_rule, by_setting, natural, rivals
from spec.mutants.replicas import performing

Steps = tuple[Step, ...]
AGREEMENT = ["R1", "R2", "R3", "R4", "R5", "validity", "exactly-once", "prefix-agreement"]


def highest(acceptor: Acceptor, pvalue: PValue) -> Acceptor:
    """The acceptor with this pvalue, unless it has one of a higher ballot for the slot; one a slot."""
    there = {p for p in acceptor.accepted if p.slot == pvalue.slot}
    if any(p.ballot > pvalue.ballot for p in there):
        return acceptor
    return latest(acceptor, pvalue)


def on_p2a_latest(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Keep the latest pvalue of a slot."""
    if message.pvalue.ballot == acceptor.ballot:
        acceptor = latest(acceptor, message.pvalue)
    return proper.answer_p2a(context, acceptor, message)


def on_p2a_all_not_adopting(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Accept in the adopted ballot or a higher one without adopting that; keep all."""
    if message.pvalue.ballot < acceptor.ballot:
        return proper.answer_p2a(context, acceptor, message)
    return acknowledge(context, proper.accept(acceptor, message.pvalue), message)


def on_p2a_highest_not_adopting(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Accept in the adopted ballot or a higher one without adopting that; keep the highest of a slot."""
    if message.pvalue.ballot < acceptor.ballot:
        return proper.answer_p2a(context, acceptor, message)
    return acknowledge(context, highest(acceptor, message.pvalue), message)


def on_p2a_record_all_first(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Record a pvalue before looking at its ballot, and keep all."""
    return proper.answer_p2a(context, proper.accept(acceptor, message.pvalue), message)


def on_p2a_record_highest_first(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Record a pvalue before looking at its ballot, and keep the highest of a slot."""
    return proper.answer_p2a(context, highest(acceptor, message.pvalue), message)


def on_p1a_silent(context: Context, acceptor: Acceptor, message: P1a) -> Steps:
    """Answer only a scout whose ballot is adopted."""
    if message.ballot < acceptor.ballot:
        return (Step(acceptor),)
    return proper.on_p1a(context, acceptor, message)


def on_p1b_refusals_count(context: Context, leader: Leader, message: P1b) -> Steps:
    """Take a refusal for a promise."""
    return proper_leader.on_p1b(context, leader, replace(message, current=message.ballot))


def on_request_always(context: Context, replica: Replica, message: Request) -> Steps:
    """Take every request for a new one, as the paper prints it."""
    if message.command in replica.requests:
        return ()
    asked = replace(replica, requests=(*replica.requests, message.command))
    return (proper_replica.propose(context, asked),)


def on_decision_unchecked(context: Context, replica: Replica, message: Decision) -> Steps:
    """Take a decision that is known for a new one."""
    known = replace(replica, decisions=frozenset(d for d in replica.decisions if d.slot != message.slot))
    return proper_replica.on_decision(context, known, message)


def propose_anywhere(context: Context, replica: Replica) -> Step:
    """Propose for the open slots of the window, also for those whose decision is known."""
    sends: Sends = ()
    while proper_replica.may_propose(context, replica):
        replica, proposed = proper_replica.propose_one(context, replica, replica.requests[0])
        replica, sends = replace(replica, slot_in=replica.slot_in + 1), sends + proposed
    return Step(replica, sends)


def on_request_anywhere(context: Context, replica: Replica, message: Request) -> Steps:
    """Propose the request for the next slot, decided or not."""
    held = {p.command for p in replica.proposals | replica.decisions}
    if message.command in held or message.command in replica.requests:
        return ()
    asked = replace(replica, requests=(*replica.requests, message.command))
    return (propose_anywhere(context, asked),)


CONTROLS = (
    by_rule(
        "N-01",
        "adopts-when-accepting",
        "acceptor",
        {P2a: on_p2a_adopting},
        about="Accepts in a higher ballot than the adopted one, and adopts that.",
        source="the authors' report of 2011; DistAlgo's transcription",
        model=rivals(),
        unfired=IDLE,
        lesson="To be asked to accept is as good as being asked to promise.",
        heavy=True,
    ),
    by_rule(
        "N-02",
        "accepts-higher-keeps-all",
        "acceptor",
        {P2a: on_p2a_all_not_adopting},
        about="Accepts in a higher ballot without adopting it, and keeps all that it accepts.",
        source="scylladb/scylladb#6139 asks; compare A-03, which keeps the latest",
        model={**OVERTAKEN, "properties": AGREEMENT},
        unfired=IDLE,
        lesson="Nothing is lost as long as nothing is overwritten.",
        heavy=True,
    ),
    by_rule(
        "N-03",
        "accepts-higher-keeps-highest",
        "acceptor",
        {P2a: on_p2a_highest_not_adopting},
        about="Accepts in a higher ballot without adopting it, and keeps the pvalue of the highest ballot.",
        source="scylladb/scylladb#6139 asks; compare A-03, which keeps the latest",
        model={**OVERTAKEN, "properties": AGREEMENT},
        unfired=IDLE,
        lesson="A late pvalue of a lower ballot must not take the place of a higher one.",
        heavy=True,
    ),
    by_rule(
        "N-04",
        "keeps-latest",
        "acceptor",
        {P2a: on_p2a_latest},
        about="Keeps one pvalue for each slot, the latest.",
        source="paper, section 4.1, state reduction",
        model={**CROSSED, "properties": ["A1", "A2", "A4", *AGREEMENT]},
        unfired=IDLE,
        lesson="A3 is more than agreement needs; the latest is the highest when only the adopted ballot "
        "counts.",
        heavy=True,
    ),
    by_rule(
        "N-06",
        "records-all-first",
        "acceptor",
        {P2a: on_p2a_record_all_first},
        about="Records a pvalue before it compares ballots, and keeps all; what it answers is honest.",
        source="compare A-04, which keeps the latest",
        model=rivals(properties=AGREEMENT),
        unfired=IDLE,
        lesson="A2 and A5 are broken, agreement is not: nobody counts what was not acknowledged.",
        heavy=True,
    ),
    by_rule(
        "N-06a",
        "records-highest-first",
        "acceptor",
        {P2a: on_p2a_record_highest_first},
        about="Records a pvalue before it compares ballots, and keeps the one of the highest ballot.",
        source="denizalti/paxosmmc, code/state-reduction/acceptor.py",
        model=rivals(properties=AGREEMENT),
        lesson="What the authors' own code does breaks A2 and not agreement.",
        unfired=IDLE,
        heavy=True,
    ),
    by_rule(
        "N-10",
        "lowers-ballot-alone",
        "acceptor",
        {P1a: on_p1a_any_ballot},
        about="The only acceptor adopts whatever ballot comes last, a lower one too.",
        source="compare A-51",
        model={**DUEL, "properties": AGREEMENT},
        lesson="One acceptor remembers all that was ever accepted: it is the majority.",
    ),
    by_setting(
        "N-11",
        "two-leaders-active",
        {},
        about="Two leaders are active at the same time.",
        source="paper, section 2.3: ballots make it safe",
        model={**DUEL, "sometimes": ["two-leaders-active"]},
        lesson="Leadership is an optimization; ballots are the safety.",
    ),
    by_rule(
        "N-12",
        "proposes-what-is-decided",
        "replica",
        {Request: on_request_always},
        about="A request that was proposed or decided already is proposed again, as in the paper.",
        source="paper, section 2.1: requests := requests ∪ {c}",
        model=natural(replicas=2, commands=2, slots=2, network="at-most-once"),
        lesson="A command may be decided twice; it is performed once.",
    ),
    by_setting(
        "N-13",
        "old-commanders-live-on",
        {},
        about="Commanders of earlier ballots go on after their leader was preempted.",
        source="paper, section 2.4: nobody stops them",
        model={**natural(leaders=2, replicas=2, commands=2, rounds=2), "sometimes": ["leader-preempted"]},
        lesson="They end by themselves; until then they are as good as any.",
        heavy=True,
    ),
    by_rule(
        "N-14",
        "decisions-again-and-again",
        "replica",
        {Decision: on_decision_unchecked},
        about="Decisions arrive several times and in any order, and a known one is noted anew.",
        source="paper, section 2.1: decisions is a set",
        model=natural(commands=2, slots=2, network="lossy-duplicating"),
        lesson="What is idempotent needs no care.",
    ),
    by_setting(
        "N-15",
        "leader-forgets",
        {},
        about="A leader loses everything but its ballot in a crash, and restarts with a higher one.",
        source="paper, section 4.6, exercise 7",
        model=natural(replicas=2, commands=2, rounds=2, faults={"crashes": 1, "nodes": ["leaders"]}),
        lesson="Proposals come again, and what may be chosen is with the acceptors.",
    ),
    by_setting(
        "N-51",
        "ballot-not-stable-alone",
        {"stable": {"acceptor": ["accepted"]}},
        about="The only acceptor forgets its ballot in a crash.",
        source="compare A-12, which needs three acceptors",
        model=rivals(
            acceptors=1,
            faults={"crashes": 1, "nodes": ["acceptors"]},
            properties=AGREEMENT,
        ),
        unfired=IDLE,
        lesson="A model that is too small hides a mistake.",
    ),
    by_rule(
        "N-52",
        "silent-refusal",
        "acceptor",
        {P1a: on_p1a_silent},
        about="An acceptor does not answer a scout whose ballot is too low.",
        source="against the paper, section 2.3: always answer",
        model=rivals(),
        unfired=IDLE,
        lesson="A refusal saves time; safety does not need it.",
        heavy=True,
    ),
    by_rule(
        "N-53",
        "refusals-count-as-promises",
        "scout",
        {P1b: on_p1b_refusals_count},
        about="A scout takes a refusal for a promise.",
        source="against the paper, section 2.3, figure 6",
        model=rivals(properties=AGREEMENT),
        unfired=IDLE,
        lesson="Who has promised a higher ballot will accept nothing lower: the refusal holds what a "
        "promise does.",
        heavy=True,
    ),
    by_setting(
        "D-12",
        "slot-in-not-stable",
        {"stable": {"replica": ["store", "performed", "slot_out", "decisions"]}},
        about="A replica restarts with slot_in at the beginning while its proposals are under way.",
        source="compare D-57, which forgets slot_out",
        model=natural(commands=2, slots=2, faults={"crashes": 1, "nodes": ["replicas"]}),
        lesson="A slot proposed twice is decided once.",
    ),
    by_rule(
        "D-11",
        "proposes-in-decided-slot",
        "replica",
        {Request: on_request_anywhere, Decision: performing(propose=propose_anywhere)},
        about="A replica that lags behind proposes for slots whose decision it knows.",
        source="against the paper, section 2.1, propose: only if there is no decision for slot_in",
        model={**natural(replicas=2, commands=2, slots=2), "properties": [*AGREEMENT, "no-lost-command"]},
        lesson="The leader ignores it, and another replica has proposed the command where it counts.",
    ),
)
