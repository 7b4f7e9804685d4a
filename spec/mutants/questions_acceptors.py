"""Acceptors of public questions: what people have asked of systems like this one, as mutants and controls.

docs/questions.md has the questions themselves, with those that older mutants or models answer.
"""

from dataclasses import dataclass, replace

from checker.modelfiles.protocol import Variant
from pmmc import acceptor as proper
from pmmc import leader as proper_leader
from pmmc.acceptor import Acceptor
from pmmc.ballots import BOTTOM
from pmmc.leader import Leader
from pmmc.messages import Decision, P1b, P2a, P2b, Propose
from pmmc.values import Context, PValue, Sends, Step, override, pmax, to_all
from spec.mutants.configurations import DUEL, Model, by_rule, rivals
from spec.mutants.controls import AGREEMENT
from spec.mutants.scouts import when_adopted

Steps = tuple[Step, ...]


def on_p2a_next_slot(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """As it should be; and what was accepted in that ballot for the slot before is told as decided."""
    ((after, sends),) = proper.on_p2a(context, acceptor, message)
    asked = message.pvalue
    before = (p for p in acceptor.accepted if (p.ballot, p.slot + 1) == (asked.ballot, asked.slot))
    told = (send for p in sorted(before, key=str) for send in proper_leader.decide(context, p))
    return (Step(after, sends + tuple(told)),)


@dataclass(frozen=True, slots=True)
class Orderly(Leader):
    """A leader that commands one slot at a time; `done` is the last one decided in its present ballot."""

    done: int = 0


def done(leader: Leader) -> int:
    """The last slot that the leader has decided in its present ballot, having begun with the first."""
    return leader.done if isinstance(leader, Orderly) else 0


def go_on(context: Context, leader: Leader, last: int) -> Step:
    """Command what is proposed for the slot after the last one that is done."""
    orderly = Orderly(leader.ballot, leader.active, leader.proposals, leader.scout, leader.commanders, last)
    return proper_leader.spawn(
        context, orderly, frozenset(p for p in leader.proposals if p.slot == last + 1)
    )


def begin_orderly(context: Context, leader: Leader, pvalues: frozenset[PValue]) -> Steps:
    """Become active, and command the first slot."""
    proposals = override(leader.proposals, pmax(pvalues))
    active = replace(leader, active=True, scout=None, proposals=proposals)
    return (go_on(context, active, 0),)


def on_propose_orderly(context: Context, leader: Leader, message: Propose) -> Steps:
    """Note a proposal, and command it if its slot is the next one."""
    noted = proper_leader.on_propose(context, replace(leader, active=False), message)
    if not leader.active or not noted:
        return noted
    active = replace(noted[0].state, active=True)
    next_one = message.slot == done(leader) + 1
    return (go_on(context, active, done(leader)) if next_one else Step(active),)


def on_p2b_orderly(context: Context, leader: Leader, message: P2b) -> Steps:
    """As it should be; and a slot that is decided in the leader's ballot makes way for the next."""
    steps = proper_leader.on_p2b(context, leader, message)
    if not leader.active or not message.current == message.ballot == leader.ballot:
        return steps
    return tuple(
        Step(following.state, step.sends + following.sends)
        for step in steps
        for ended in (proper_leader.find_commander(step.state, message.ballot, message.slot) is None,)
        for following in (go_on(context, step.state, message.slot) if ended else Step(step.state),)
    )


def on_p2b_telling_acceptors(context: Context, leader: Leader, message: P2b) -> Steps:
    """Tell a decision to the acceptors too."""
    acceptors = context.configuration.acceptors
    return tuple(
        Step(state, tuple(dict.fromkeys((*sends, *(s for m in told for s in to_all(acceptors, m))))))
        for state, sends in proper_leader.on_p2b(context, leader, message)
        for told in ([m for _, m in sends if isinstance(m, Decision)],)
    )


def on_decision_pruned(context: Context, acceptor: Acceptor, message: Decision) -> Steps:
    """Forget what was accepted for a slot that is decided."""
    kept = frozenset(p for p in acceptor.accepted if p.slot != message.slot)
    return (Step(replace(acceptor, accepted=kept)),)


def on_decision_pruned_with_promise(context: Context, acceptor: Acceptor, message: Decision) -> Steps:
    """Forget what was accepted for a slot that is decided, and the promise as well."""
    ((pruned, _),) = on_decision_pruned(context, acceptor, message)
    return (Step(replace(pruned, ballot=BOTTOM)),)


@dataclass(frozen=True, slots=True)
class Batching(Acceptor):
    """An acceptor whose answers wait to leave together; or the requests, if these wait to be met."""

    batch: Sends = ()
    asked: tuple[P2a, ...] = ()


def on_p2a_acknowledged_later(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Accept at once; the answer waits for the next batch."""
    batch = acceptor.batch if isinstance(acceptor, Batching) else ()
    ((after, sends),) = proper.on_p2a(context, acceptor, message)
    return (Step(Batching(after.ballot, after.accepted, batch + sends)),)


def send_batch(context: Context, acceptor: Acceptor) -> Steps:
    """All answers that wait."""
    if not isinstance(acceptor, Batching) or not acceptor.batch:
        return ()
    return (Step(Acceptor(acceptor.ballot, acceptor.accepted), acceptor.batch),)


def on_p2a_recorded_later(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Look at the ballot at once; to accept and to answer waits for the next batch."""
    if message.pvalue.ballot != acceptor.ballot:
        return proper.on_p2a(context, acceptor, message)
    asked = acceptor.asked if isinstance(acceptor, Batching) else ()
    return (Step(Batching(acceptor.ballot, acceptor.accepted, asked=(*asked, message))),)


def record_batch(context: Context, acceptor: Acceptor) -> Steps:
    """Accept all that waits, whatever was promised meanwhile, and answer."""
    if not isinstance(acceptor, Batching) or not acceptor.asked:
        return ()
    after = Acceptor(acceptor.ballot, acceptor.accepted | {m.pvalue for m in acceptor.asked})
    answers = (
        (m.leader, P2b(context.me, m.pvalue.ballot, m.pvalue.slot, m.pvalue.ballot)) for m in acceptor.asked
    )
    return (Step(after, tuple(answers)),)


def on_p2a_promise_forgotten(context: Context, acceptor: Acceptor, message: P2a) -> Steps:
    """Refuse a lower ballot; and if it is of the same round forget the promise that forbids it."""
    steps = proper.on_p2a(context, acceptor, message)
    lower = message.pvalue.ballot < acceptor.ballot
    if lower and message.pvalue.ballot.round == acceptor.ballot.round:
        return tuple(Step(replace(s.state, ballot=BOTTOM), s.sends) for s in steps)
    return steps


SLOT_BY_SLOT = Variant(
    part="leader",
    name="slot-by-slot",
    role="leader",
    about="A leader commands a slot once it has decided those below in the same ballot.",
    source="Tencent/phxpaxos; one instance after the other",
    rules={Propose: on_propose_orderly, P1b: when_adopted(begin_orderly), P2b: on_p2b_orderly},
)
TELLS_ACCEPTORS = Variant(
    part="commander",
    name="tells-acceptors",
    role="leader",
    about="Decisions are sent to acceptors as well.",
    source="scylladb/scylladb and apache/cassandra: acceptors learn; paper, section 4.2",
    rules={P2b: on_p2b_telling_acceptors},
)


def overtaken(window: int, proposals: dict[int, str]) -> Model:
    """Two slots. Leader 0 is active in ballot 0.0, which two of three acceptors have adopted.

    Leader 0 has these proposals; leader 1 begins, with B for the first slot.
    """
    commanders = [["0.0", slot, command] for slot, command in proposals.items()]
    return rivals(
        bounds={"slots": 2, "rounds": 1, "window": window},
        initial={
            "leader 0": {"active": True, "proposals": proposals, "commanders": commanders},
            "replica 0": {"slot_in": 1 + len(proposals), "requests": ["put k A", "put k B"]},
            "acceptor 0": {"ballot": "0.0"},
            "acceptor 1": {"ballot": "0.0"},
        },
        symmetry=[],
    )


#: Leader 0 is at work on both slots.
SIDE_BY_SIDE = overtaken(2, {1: "put k A", 2: "put k B"})
#: The second slot is proposed for when the first is performed.
IN_TURN = overtaken(1, {1: "put k A"})

PHXPAXOS = "Tencent/phxpaxos#90 and #96"
SCYLLADB = "scylladb/scylladb#6154"
SWIFTPAXOS = "imdea-software/swiftpaxos#2"

NEXT_SLOT = by_rule(
    "Q-01",
    "next-slot-decides",
    "acceptor",
    {P2a: on_p2a_next_slot},
    about="A request for slot i + 1 makes an acceptor take what it accepted for i in the same ballot as "
    "decided, and tell replicas so; slots are commanded side by side.",
    source=PHXPAXOS,
    model=SIDE_BY_SIDE,
    property="R1",
    length=11,
    lesson="A leader that works on two slots at a time says nothing of one by asking for the other.",
    heavy=True,
)
PRUNED = by_rule(
    "Q-02",
    "pruned-after-decision",
    "acceptor",
    {Decision: on_decision_pruned},
    about="An acceptor that learns a decision forgets what it accepted for the slot; its promise it keeps.",
    source=SCYLLADB,
    model=rivals(acceptors=1),
    property="R1",
    length=11,
    lesson="What is forgotten was never accepted, to the next leader. It must be told at least that the "
    "slot is closed.",
)
PRUNED_WITH_PROMISE = by_rule(
    "Q-02a",
    "pruned-with-promise",
    "acceptor",
    {Decision: on_decision_pruned_with_promise},
    about="An acceptor that learns a decision forgets what it accepted for the slot, and its promise.",
    source=SCYLLADB,
    model=rivals(acceptors=1),
    property="R1",
    length=11,
    lesson="A promise is about ballots, not about the slot that is done with.",
)

ACCEPTOR_QUESTIONS = (
    NEXT_SLOT,
    replace(
        NEXT_SLOT,
        id="Q-01a",
        name="next-slot-decides-in-turn",
        about="The same where a slot is proposed for when the one before is performed. A leader that was "
        "overtaken goes on with the next slot all the same, in its own ballot.",
        model=IN_TURN,
        length=13,
        heavy=False,
        lesson="That slot i is decided says nothing of the ballot in which it is.",
    ),
    replace(
        NEXT_SLOT,
        id="Q-01b",
        name="next-slot-decides-slot-by-slot",
        about="The same where a leader commands a slot once it has itself decided the one before, in the "
        "same ballot.",
        model={**IN_TURN, "properties": AGREEMENT, "sometimes": ["all-performed"]},
        unfired=("replica.request",),
        variants=(*NEXT_SLOT.variants, SLOT_BY_SLOT),
        property=None,
        length=None,
        lesson="This is what the short cut rests on, and it has to hold of every leader.",
    ),
    replace(PRUNED, variants=(*PRUNED.variants, TELLS_ACCEPTORS)),
    replace(PRUNED_WITH_PROMISE, variants=(*PRUNED_WITH_PROMISE.variants, TELLS_ACCEPTORS)),
    by_rule(
        "Q-03",
        "batched-replies",
        "acceptor",
        {P2a: on_p2a_acknowledged_later},
        wakes={"flush": send_batch},
        about="An acceptor accepts at once, and its answers leave later and together, even after it has "
        "promised a higher ballot.",
        source=SWIFTPAXOS,
        model={**DUEL, "properties": AGREEMENT},
        lesson="An answer is about the instant of accepting; when it leaves does not matter.",
    ),
    by_rule(
        "Q-03a",
        "recorded-with-batch",
        "acceptor",
        {P2a: on_p2a_recorded_later},
        wakes={"flush": record_batch},
        about="An acceptor looks at the ballot at once, and accepts when its answers leave, whatever it "
        "has promised meanwhile.",
        source=SWIFTPAXOS,
        model=DUEL,
        property="R1",
        length=15,
        lesson="Between the test and the deed lies a promise.",
    ),
    by_rule(
        "Q-04",
        "vote-forgotten",
        "acceptor",
        {P2a: on_p2a_promise_forgotten},
        about="An acceptor that refuses a lower ballot of the same round forgets its promise.",
        source="microsoft/CCF#8094; hazelcast/hazelcast#16643: a server that steps down within a term "
        "forgets its vote",
        model=rivals(acceptors=1, network="lossy-duplicating"),
        property="R1",
        length=12,
        lesson="Only a higher ballot ends a promise.",
    ),
)
