"""The views: what properties read of local states."""

from collections.abc import Iterable
from functools import cache
from itertools import count
from typing import Any, NamedTuple, TypeVar

from checker.model.environment.crashes import ROLE
from checker.model.vocabulary import Envelope, View
from pmmc.acceptor import Acceptor
from pmmc.ballots import BOTTOM, Ballot
from pmmc.kv import Reconfigure
from pmmc.leader import Leader
from pmmc.messages import P1b, P2a, P2b
from pmmc.replica import Replica
from pmmc.roles import SERVER
from pmmc.values import Command, Node, Proposal, PValue, highest_ballots, in_slot_order, slots_of
from spec.checkpoints import checkpoint_of, learned_by

T = TypeVar("T")

# Fields that only variants add are looked for by their names: most models do without these variants.


def votes_of(acceptor: Acceptor) -> frozenset[PValue]:
    """All pvalues an acceptor ever accepted: its history if it has one, else what it holds."""
    votes: frozenset[PValue] = getattr(acceptor, "votes", acceptor.accepted)
    return votes


def answerable(acceptor: Acceptor) -> frozenset[PValue]:
    """The pvalues an acceptor holds, and those that it held of slots which it has collected."""
    watermark = watermark_of(acceptor)
    return acceptor.accepted | {p for p in votes_of(acceptor) if p.slot < watermark}


def watermark_of(keeper: Acceptor | Leader) -> int:
    """The lowest slot that an acceptor or leader must still keep."""
    watermark: int = getattr(keeper, "watermark", 1)
    return watermark


def _journal(hosted: Any) -> Any:
    """What a server knows of slots."""
    from spec.journals import journal  # noqa: PLC0415 - few models have servers

    return journal(hosted)


def reconfigurations(decisions: Iterable[Proposal]) -> frozenset[Proposal]:
    """Those among some decisions that change the configuration."""
    return frozenset(p for p in decisions if isinstance(p.command.op, Reconfigure))


def highest(pvalues: Iterable[PValue]) -> frozenset[PValue]:
    """Of some pvalues those of the highest ballot for their slot."""
    known = frozenset(pvalues)
    ballots = highest_ballots(known)
    return frozenset(p for p in known if p.ballot == ballots[p.slot])


class Told(NamedTuple):
    """What an acceptor has said: that it has adopted a ballot or, with a slot, accepted in it there."""

    acceptor: Node
    ballot: Ballot
    slot: int | None = None


def among(waiting: Iterable[Any], kind: type[T]) -> frozenset[T]:
    """The messages of one type among those that wait for a node."""
    opened = (message.message if isinstance(message, Envelope) else message for message in waiting)
    return frozenset(message for message in opened if isinstance(message, kind))


def told(waiting: Iterable[Any]) -> frozenset[Told]:
    """The most that the replies under way to a leader say, of each acceptor and of each slot of it."""
    words = [Told(reply.acceptor, reply.current) for reply in among(waiting, P1b)]
    for reply in among(waiting, P2b):
        words.append(Told(reply.acceptor, reply.current))
        if reply.current == reply.ballot:
            words.append(Told(reply.acceptor, reply.ballot, reply.slot))
    most: dict[tuple[Node, int | None], Told] = {}
    for word in words:
        about = word.acceptor, word.slot
        if about not in most or most[about].ballot < word.ballot:
            most[about] = word
    return frozenset(most.values())


class Changes(NamedTuple):
    """What the decisions of a replica say of configurations, as far as they are known without a hole.

    `undecided` is the first slot that has no decision; `made` are the reconfigurations of the slots below,
    each in the first slot that has it: (slot, number of the configuration).
    """

    undecided: int
    made: frozenset[tuple[int, int]]


def changes(replica: Replica) -> Changes:
    """What the decisions of a replica say of configurations; of two for one slot, what the first says."""
    decided: dict[int, Command] = {}
    for p in in_slot_order(learned_by(replica)):
        decided.setdefault(p.slot, p.command)
    undecided = next(slot for slot in count(checkpoint_of(replica).slot) if slot not in decided)
    first: dict[Command, int] = {}
    for slot in sorted(slot for slot in decided if slot < undecided):
        first.setdefault(decided[slot], slot)
    made = ((slot, c.op.configuration) for c, slot in first.items() if isinstance(c.op, Reconfigure))
    return Changes(undecided, frozenset(made))


#: (ballot, all that was ever accepted) of an acceptor
VOTES = View("votes", "acceptor", lambda a: (a.ballot, votes_of(a)))
#: the pvalues an acceptor has ever accepted
ACCEPTED = View("accepted", "acceptor", votes_of)
#: the pvalues an acceptor holds and reports; with state reduction not all that it has accepted
KEPT = View("kept", "acceptor", lambda a: a.accepted)
#: (what it holds, all that it ever accepted) of an acceptor
MEMORY = View("memory", "acceptor", lambda a: (a.accepted, votes_of(a)))
#: (ballot, the highest pvalues it holds, or held and has collected, slot by slot) of an acceptor: what its
#: replies rest on
HELD = View("held", "acceptor", lambda a: (a.ballot, highest(answerable(a))))
#: the ballot an acceptor has adopted
PROMISED = View("promised", "acceptor", lambda a: a.ballot)
#: the leader's own ballot
BALLOT = View("ballot", "leader", lambda x: x.ballot)
#: whether a leader is active
ACTIVE = View("active", "leader", lambda x: x.active)
#: (ballot, active, whether it has a scout or will have one: it watches another leader) of a leader
PHASE = View("phase", "leader", lambda x: (x.ballot, x.active, x.scout is not None or x.watches))
#: the pvalues of a leader's living commanders
COMMANDED = View("commanded", "leader", lambda x: frozenset(c.pvalue for c in x.commanders))
#: the proposals a leader holds
PROPOSED = View("proposed", "leader", lambda x: x.proposals)
#: the decisions a replica has ever got
DECISIONS = View("decisions", "replica", learned_by)
#: (slot_out, decisions, the state that it began with or was given) of a replica
LOG = View("log", "replica", lambda r: (r.slot_out, learned_by(r), checkpoint_of(r)))
#: (slot_out, decisions, the state that it began with or was given, store) of a replica
APPLICATION = View(
    "application", "replica", lambda r: (r.slot_out, learned_by(r), checkpoint_of(r), r.store)
)
#: slot_out of a replica
SLOT_OUT = View("slot_out", "replica", lambda r: r.slot_out)
#: (slot_in, slot_out) of a replica
SLOTS = View("slots", "replica", lambda r: (r.slot_in, r.slot_out))
#: (slot_in, slot_out, proposals) of a replica
WINDOW = View("window", "replica", lambda r: (r.slot_in, r.slot_out, r.proposals))
#: (slot_in, slot_out, the slots with a proposal or a decision) of a replica
COVERED = View(
    "covered",
    "replica",
    lambda r: (r.slot_in, r.slot_out, frozenset(p.slot for p in r.proposals | r.decisions)),
)
#: what the decisions of a replica say of configurations
CHANGES = View("changes", "replica", changes)
#: (slot_in, configuration) of a replica
CONFIGURED = View("configured", "replica", lambda r: (r.slot_in, r.configuration))
#: (slot_in, configuration, what its decisions say of configurations) of a replica
COURSE = View("course", "replica", lambda r: (r.slot_in, r.configuration, changes(r)))
#: below which slot an acceptor has collected everything
COLLECTED = View("watermark", "acceptor", watermark_of)
#: below which slot a leader has collected everything
COLLECTED_BY_LEADER = View("watermark", "leader", watermark_of)
#: (watermark, the slots with a proposal or a living commander) of a leader
LEADER_KEEPS = View(
    "keeps",
    "leader",
    lambda x: (watermark_of(x), slots_of(x.proposals) | {c.pvalue.slot for c in x.commanders}),
)
#: the slots of which an acceptor keeps a pvalue
ACCEPTOR_KEEPS = View("keeps", "acceptor", lambda a: frozenset(p.slot for p in a.accepted))
#: below which slot a replica was given the state of another
TRANSFERRED = View("transferred", "replica", lambda r: checkpoint_of(r).slot)
#: (store, the commands performed) of a replica
HISTORY = View("history", "replica", lambda r: (r.store, r.performed))
#: (slot_in, the reconfigurations it has learned, those that it keeps) of a replica
RECONFIGURATIONS = View(
    "reconfigurations",
    "replica",
    lambda r: (r.slot_in, reconfigurations(learned_by(r)), reconfigurations(r.decisions)),
)
#: who is down
DOWN = View("down", ROLE, lambda e: e.down)
#: the commands a replica has performed, in order
PERFORMED = View("performed", "replica", lambda r: r.performed)
#: the answers a client has got: (command, result), in order
ANSWERS = View("answers", "client", lambda c: c.answers)
#: (commands still to be sent, the one that waits for an answer) of a client
WAITING = View("waiting", "client", lambda c: (c.todo, c.waiting))
#: the reads that were evaluated, in the history
EVALUATED = View("evaluated", "history", lambda history: history.evaluated)
#: (what is seen of each replica, the configurations that are shut down) of the operator
OPERATOR = View("operator", "operator", lambda operator: (operator.seen, operator.off))
#: the replicas to whom an acceptor knows that it has granted leases that still run, each as often as it has
GRANTED = View("granted", "acceptor", lambda a: tuple(sorted(grant.replica for grant in a.grants)))
#: the same of all leases that it has granted, whether or not it knows of them
GIVEN = View("given", "acceptor", lambda a: tuple(sorted(grant.replica for grant in a.given)))
#: whether a replica holds a lease, as far as it knows
HOLDS = View("holds", "replica", lambda r: r.holds)
#: the commands, by client and number, that a replica has answered without a lease
STRAYED = View("strayed", "replica", lambda r: r.strayed)
#: what the replies under way to a leader say
TOLD = View("told", "leader", told, inbox=True)
#: the answers under way to a leader by which an acceptor has adopted the ballot that it was asked to
PROMISES = View(
    "promises",
    "leader",
    lambda waiting: frozenset(m for m in among(waiting, P1b) if m.current == m.ballot),
    inbox=True,
)
#: the pvalues that are under way to an acceptor to be accepted
ORDERS = View(
    "orders", "acceptor", lambda waiting: frozenset(m.pvalue for m in among(waiting, P2a)), inbox=True
)


#: what a server knows of every slot
JOURNAL = View("journal", SERVER, _journal)


@cache
def accepted_at(slot: int) -> View:
    """The pvalues an acceptor has ever accepted for one slot."""
    return View(
        f"accepted@{slot}", "acceptor", lambda a: frozenset(p for p in votes_of(a) if p.slot == slot)
    )


@cache
def commanded_at(slot: int) -> View:
    """The pvalues of a leader's living commanders for one slot."""
    return View(
        f"commanded@{slot}",
        "leader",
        lambda x: frozenset(c.pvalue for c in x.commanders if c.pvalue.slot == slot),
    )


@cache
def decisions_at(slot: int) -> View:
    """The decisions a replica knows for one slot."""
    return View(
        f"decisions@{slot}", "replica", lambda r: frozenset(p for p in learned_by(r) if p.slot == slot)
    )


@cache
def proposed_at(slot: int) -> View:
    """The proposals a leader holds for one slot."""
    return View(f"proposed@{slot}", "leader", lambda x: frozenset(p for p in x.proposals if p.slot == slot))


@cache
def changes_at(slot: int) -> View:
    """What the decisions of a replica below one slot say of configurations."""

    def below(replica: Replica) -> Changes:
        undecided, made = changes(replica)
        return Changes(min(undecided, slot), frozenset(one for one in made if one[0] < slot))

    return View(f"changes@{slot}", "replica", below)


@cache
def told_at(slot: int | None) -> View:
    """What the replies under way to a leader say of one slot; with None, of ballots adopted."""
    return View(
        f"told@{slot or 'ballots'}",
        "leader",
        lambda waiting: frozenset(word for word in told(waiting) if word.slot == slot),
        inbox=True,
    )


@cache
def held_at(slot: int | None) -> View:
    """As HELD, for replies on one slot: (⊥, its pvalues); with None, for those on ballots: (ballot, {})."""
    if slot is None:
        return View("held@ballots", "acceptor", lambda a: (a.ballot, frozenset()))
    return View(
        f"held@{slot}",
        "acceptor",
        lambda a: (BOTTOM, frozenset(p for p in highest(answerable(a)) if p.slot == slot)),
    )


@cache
def orders_at(slot: int) -> View:
    """The pvalues for one slot that are under way to an acceptor to be accepted."""
    return View(
        f"orders@{slot}",
        "acceptor",
        lambda waiting: frozenset(m.pvalue for m in among(waiting, P2a) if m.pvalue.slot == slot),
        inbox=True,
    )


#: What a claim that speaks of one slot at a time may read instead of all slots together.
BY_SLOT = {
    ACCEPTED: accepted_at,
    CHANGES: changes_at,
    COMMANDED: commanded_at,
    DECISIONS: decisions_at,
    HELD: held_at,
    ORDERS: orders_at,
    PROPOSED: proposed_at,
    TOLD: told_at,
}
