"""The leader, with its scout and commanders folded in (paper, section 2.4, figures 6 and 7).

A scout or commander is a part of the leader's state, and what it tells its leader in the paper
(`adopted`, `preempted`) happens within the step that causes it. Replies reach only the scout or
commander of the ballot (and slot) they name. Commanders of earlier ballots live on until a quorum
or a higher ballot has answered, as in the paper.

One deviation from the paper, on purpose: a reply with a *lower* ballot is ignored. As printed, the
commander takes it for a preemption and gives up, the leader ignores a preemption by a lower
ballot, and the slot is never decided; the variant `commander: as-printed` shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pmmc.ballots import Ballot
from pmmc.messages import Decision, P1a, P1b, P2a, P2b, Propose
from pmmc.values import Context, Node, Proposal, PValue, Rule, Sends, Step, override, pmax, slots_of, to_all


@dataclass(frozen=True, slots=True)
class Scout:
    """Phase 1 of the leader's present ballot: who has promised, and all that they had accepted."""

    heard: frozenset[Node] = frozenset()
    pvalues: frozenset[PValue] = frozenset()


@dataclass(frozen=True, slots=True)
class Commander:
    """Phase 2 of one pvalue: who has accepted it."""

    pvalue: PValue
    heard: frozenset[Node] = frozenset()


@dataclass(frozen=True, slots=True)
class Leader:
    """What a leader knows. It is passive until a quorum has promised its ballot.

    `scout` is None while no phase 1 is under way: when the leader is active, and when it has retired
    because there was no ballot left (not active and no scout).
    """

    ballot: Ballot
    active: bool = False
    proposals: frozenset[Proposal] = frozenset()
    scout: Scout | None = Scout()
    commanders: frozenset[Commander] = frozenset()

    @property
    def watches(self) -> bool:
        """Whether it watches another leader and will run for office only then; see `pmmc.election`."""
        return False


def start(context: Context, leader: Leader) -> Sends:
    """What the leader's scout and commanders have sent when they begin."""
    scouting = probe(context, leader.ballot) if leader.scout is not None else ()
    ordered = sorted(leader.commanders, key=lambda c: (c.pvalue.ballot, c.pvalue.slot))
    return scouting + tuple(send for c in ordered for send in command(context, c.pvalue))


def recover(context: Context, saved: Leader, kept: tuple[str, ...]) -> Step:
    """Begin again after a crash, `kept` being the fields that stable storage holds.

    With `ballot` alone, which is all that the protocol needs there, passive and with a ballot never used
    before; with `active` as well in the ballot that it had. Without `ballot` it begins with its first one,
    not knowing that it was used, and that is not safe.
    """
    if "active" in kept:
        return resume(context, saved, kept)
    return recover_above(context, saved) if "ballot" in kept else recover_anew(context, saved)


def recover_above(context: Context, saved: Leader) -> Step:
    """Passive, with a ballot never used before.

    That the ballot is new is all that safety asks of a leader's stable storage (paper, section 4.6,
    exercise 7). When the supply of ballots has ended the leader stays retired.
    """
    following = context.deployment.ballots.above(saved.ballot, context.me.index)
    if following is None:
        return Step(replace(saved, active=False, scout=None))
    return recover_anew(context, replace(saved, ballot=following))


def recover_anew(context: Context, saved: Leader) -> Step:
    """Passive, with the ballot that is saved, as if it had never been used."""
    anew = replace(saved, active=False, scout=Scout(), commanders=frozenset())
    return Step(anew, start(context, anew))


def resume(context: Context, saved: Leader, kept: tuple[str, ...]) -> Step:
    """Active if it was, in the ballot that it had.

    What was under way and is not among the fields `kept` begins once more in that ballot: phase 1 if the
    leader was passive; if it was active, a commander for each proposal that it still knows.
    """
    if not saved.active:
        return Step(saved, () if "scout" in kept else probe(context, saved.ballot))
    active = replace(saved, scout=None)
    return Step(active) if "commanders" in kept else begin(context, active, active.proposals)


def probe(context: Context, ballot: Ballot) -> Sends:
    """A scout begins: p1a to all acceptors."""
    return to_all(context.configuration.acceptors, P1a(context.me, ballot))


def command(context: Context, pvalue: PValue) -> Sends:
    """A commander begins: p2a to all acceptors."""
    return to_all(context.configuration.acceptors, P2a(context.me, pvalue))


def spawn(context: Context, leader: Leader, proposals: frozenset[Proposal]) -> Step:
    """Start a commander, in the leader's ballot, for each of `proposals`."""
    ordered = sorted(proposals, key=lambda p: (p.slot, str(p.command)))
    pvalues = [PValue(leader.ballot, p.slot, p.command) for p in ordered]
    spawned = replace(leader, commanders=leader.commanders | {Commander(p) for p in pvalues})
    return Step(spawned, tuple(send for p in pvalues for send in command(context, p)))


def on_propose(context: Context, leader: Leader, message: Propose) -> tuple[Step, ...]:
    """Note the first proposal for a slot; an active leader commands it at once."""
    if message.slot in slots_of(leader.proposals):
        return ()
    proposal = Proposal(message.slot, message.command)
    noted = replace(leader, proposals=leader.proposals | {proposal})
    return (spawn(context, noted, frozenset({proposal})) if noted.active else Step(noted),)


def on_p1b(context: Context, leader: Leader, message: P1b) -> tuple[Step, ...]:
    """The scout notes a promise; a quorum makes the leader active, a higher ballot ends the scout."""
    if leader.scout is None or message.ballot != leader.ballot or message.acceptor in leader.scout.heard:
        return ()
    if message.current > message.ballot:
        return (preempted(context, leader, message.current),)
    if message.current < message.ballot:
        return ()
    scout = gather(leader.scout, message)
    if context.configuration.promised_by(scout.heard):
        return (adopted(context, leader, scout.pvalues),)
    return (Step(replace(leader, scout=scout)),)


def gather(scout: Scout, message: P1b) -> Scout:
    """The scout with one more promise, and with what that acceptor had accepted."""
    return Scout(scout.heard | {message.acceptor}, scout.pvalues | message.accepted)


def adopted(context: Context, leader: Leader, pvalues: frozenset[PValue]) -> Step:
    """The ballot is adopted: take over what may be chosen, and begin."""
    return begin(context, leader, override(leader.proposals, pmax(pvalues)))


def begin(context: Context, leader: Leader, proposals: frozenset[Proposal]) -> Step:
    """Become active with these proposals, and command every one of them."""
    return spawn(context, replace(leader, active=True, scout=None, proposals=proposals), proposals)


def on_p2b(context: Context, leader: Leader, message: P2b) -> tuple[Step, ...]:
    """The commander notes an acceptance; a quorum decides, a higher ballot ends the commander.

    The reply tells its commander by ballot and slot. Should rules that are not ours have started two for
    one ballot and slot, it is for either of them.
    """
    commanders = commanders_for(leader, message.ballot, message.slot)
    return tuple(step for c in commanders for step in hear(context, leader, c, message))


def hear(context: Context, leader: Leader, commander: Commander, message: P2b) -> tuple[Step, ...]:
    """What a commander makes of a reply."""
    if message.current < message.ballot:
        return ()
    if message.current > message.ballot:
        return (preempted(context, without(leader, commander), message.current),)
    if message.acceptor in commander.heard:
        return ()
    heard = commander.heard | {message.acceptor}
    if context.configuration.chosen_by(heard):
        return (Step(without(leader, commander), decide(context, commander.pvalue)),)
    return (Step(waiting(leader, commander, heard)),)


def without(leader: Leader, commander: Commander) -> Leader:
    """The leader after this commander has ended."""
    return replace(leader, commanders=leader.commanders - {commander})


def waiting(leader: Leader, commander: Commander, heard: frozenset[Node]) -> Leader:
    """The leader with this commander having heard from these acceptors."""
    others = leader.commanders - {commander}
    return replace(leader, commanders=others | {replace(commander, heard=heard)})


def commanders_for(leader: Leader, ballot: Ballot, slot: int) -> tuple[Commander, ...]:
    """The leader's commanders for a ballot and slot that are alive: one at most, by these rules."""
    found = [c for c in leader.commanders if c.pvalue.slot == slot and c.pvalue.ballot == ballot]
    return tuple(found if len(found) < 2 else sorted(found, key=str))


def find_commander(leader: Leader, ballot: Ballot, slot: int) -> Commander | None:
    """The leader's one commander for a ballot and slot; None if there is none, or more than one."""
    found = commanders_for(leader, ballot, slot)
    return found[0] if len(found) == 1 else None


def decide(context: Context, pvalue: PValue) -> Sends:
    """A commander ends well: the decision to all replicas."""
    return to_all(context.deployment.replicas, Decision(pvalue.slot, pvalue.command))


def preempted(context: Context, leader: Leader, ballot: Ballot) -> Step:
    """A ballot above the leader's own: passive, and a scout with a ballot above that one.

    A ballot that is not higher changes nothing. When the supply of ballots has ended the leader
    retires: passive for ever, no scout, its ballot kept.
    """
    if ballot <= leader.ballot:
        return Step(leader)
    following = context.deployment.ballots.above(ballot, context.me.index)
    if following is None:
        return Step(replace(leader, active=False, scout=None))
    passive = replace(leader, ballot=following, active=False, scout=Scout())
    return Step(passive, probe(context, following))


#: The leader's rules: message type → rule.
RULES: Mapping[type, Rule[Leader]] = MappingProxyType({Propose: on_propose, P1b: on_p1b, P2b: on_p2b})
