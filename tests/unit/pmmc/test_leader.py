"""Laws of the leader, its scout and its commanders; and the election example that every lecture has."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pmmc.acceptor import RULES as ACCEPTOR_RULES
from pmmc.acceptor import Acceptor
from pmmc.ballots import Ballot, PairBallots
from pmmc.kv import Put
from pmmc.leader import RULES, Commander, Leader, Scout, find_commander, preempted, start
from pmmc.messages import Decision, P1a, P1b, P2a, P2b, Propose
from pmmc.quorums import Count, Quorums
from pmmc.values import Command, Context, Deployment, Node, Proposal, PValue, Step, override, pmax, slots_of

ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
LEADERS = tuple(Node("leader", i) for i in range(3))
REPLICAS = tuple(Node("replica", i) for i in range(2))
ME = LEADERS[1]
A, B = (Command(Node("client", i), 1, Put("k", name)) for i, name in enumerate("AB"))

CONTEXTS = st.builds(
    lambda rounds: Context(ME, Deployment(ACCEPTORS, LEADERS, REPLICAS, ballots=PairBallots(rounds))),
    st.none() | st.integers(1, 4),
)
UNBOUNDED = Context(ME, Deployment(ACCEPTORS, LEADERS, REPLICAS))
BALLOTS = st.from_type(Ballot)
SLOTS = st.integers(1, 3)
COMMANDS = st.sampled_from((A, B))
#: Accepted pvalues of which A4 holds.
ACCEPTED = st.dictionaries(st.tuples(BALLOTS, SLOTS), COMMANDS, max_size=3).map(
    lambda d: frozenset(PValue(b, s, c) for (b, s), c in d.items())
)
MINE = st.integers(0, 3).map(lambda r: Ballot(r, ME.index))
MESSAGES = st.lists(
    st.builds(Propose, SLOTS, COMMANDS)
    | st.builds(P1b, st.sampled_from(ACCEPTORS), MINE, MINE | BALLOTS, ACCEPTED)
    | st.builds(P2b, st.sampled_from(ACCEPTORS), MINE, SLOTS, MINE | BALLOTS),
    max_size=14,
)
FRESH = Leader(Ballot(0, ME.index))


def take(context: Context, leader: Leader, message) -> Step:
    """The one step that a message causes, or a step that changes nothing."""
    steps = RULES[type(message)](context, leader, message)
    assert len(steps) <= 1, "the leader never chooses"
    return steps[0] if steps else Step(leader)


def after(context: Context, messages, leader: Leader = FRESH) -> Leader:
    for message in messages:
        leader = take(context, leader, message).state
    return leader


def promise(acceptor: Node, ballot: Ballot, *accepted: PValue) -> P1b:
    return P1b(acceptor, ballot, ballot, frozenset(accepted))


def test_the_election_example() -> None:
    """Leader 3.0 has {⟨1, B⟩}; the acceptor is at 2.1 with [⟨2.1, 1, A⟩]; the leader goes on with A."""
    me, acceptor = Node("leader", 0), Node("acceptor", 0)
    deployment = Deployment((acceptor,), (me, Node("leader", 1)), ())
    ballot, earlier = Ballot(3, 0), PValue(Ballot(2, 1), 1, A)
    leader = Leader(ballot, proposals=frozenset({Proposal(1, B)}))

    ((to, p1a),) = start(Context(me, deployment), leader)
    assert (to, p1a) == (acceptor, P1a(me, ballot))
    ((memory, ((back, p1b),)),) = ACCEPTOR_RULES[P1a](
        Context(acceptor, deployment), Acceptor(Ballot(2, 1), frozenset({earlier})), p1a
    )
    assert memory == Acceptor(ballot, frozenset({earlier}))
    assert (back, p1b) == (me, promise(acceptor, ballot, earlier))
    ((elected, sends),) = RULES[P1b](Context(me, deployment), leader, p1b)

    assert elected.active
    assert elected.proposals == {Proposal(1, A)}
    assert sends == ((acceptor, P2a(me, PValue(ballot, 1, A))),)


class TestAlways:
    """Whatever arrives, in whatever order."""

    @given(CONTEXTS, MESSAGES)
    def test_every_step(self, context: Context, messages) -> None:
        leader = FRESH
        for message in messages:
            then = take(context, leader, message).state
            assert then.ballot >= leader.ballot
            assert then.ballot.leader == ME.index
            assert not (then.active and then.scout)
            assert slots_of(then.proposals) >= slots_of(leader.proposals), "proposals never lose a slot"
            assert len(slots_of(then.proposals)) == len(then.proposals)
            pvalues = [c.pvalue for c in then.commanders]
            assert all(p.ballot <= then.ballot and p.ballot.leader == ME.index for p in pvalues)
            assert len({(p.ballot, p.slot) for p in pvalues}) == len(pvalues)
            leader = then

    @given(CONTEXTS, MESSAGES, SLOTS, COMMANDS)
    def test_the_first_proposal_for_a_slot_stays(self, context, messages, slot, command) -> None:
        leader = after(context, messages)
        once = take(context, leader, Propose(slot, command))
        assert take(context, once.state, Propose(slot, command)) == Step(once.state)
        if slot in slots_of(leader.proposals):
            assert once == Step(leader)

    @given(CONTEXTS, MESSAGES, SLOTS, COMMANDS)
    def test_only_an_active_leader_commands(self, context, messages, slot, command) -> None:
        leader = after(context, messages)
        assume(slot not in slots_of(leader.proposals))
        sends = take(context, leader, Propose(slot, command)).sends
        p2a = P2a(ME, PValue(leader.ballot, slot, command))
        assert sends == (tuple((a, p2a) for a in ACCEPTORS) if leader.active else ())

    @given(CONTEXTS, MESSAGES, st.sampled_from(ACCEPTORS), MINE, BALLOTS, ACCEPTED, SLOTS)
    def test_lower_ballots_are_ignored(
        self, context, messages, who, ballot, current, accepted, slot
    ) -> None:
        assume(current < ballot)
        leader = after(context, messages)
        assert take(context, leader, P1b(who, ballot, current, accepted)) == Step(leader)
        assert take(context, leader, P2b(who, ballot, slot, current)) == Step(leader)


class TestScout:
    @given(st.dictionaries(SLOTS, COMMANDS), ACCEPTED, ACCEPTED, st.permutations(ACCEPTORS))
    def test_adoption_takes_the_highest_accepted(self, proposed, first, second, order) -> None:
        ballot = Ballot(9, ME.index)
        proposals = frozenset(Proposal(s, c) for s, c in proposed.items())
        a4 = {(p.ballot, p.slot): p for p in (*first, *second)}
        assume(set(a4.values()) == first | second)
        leader = Leader(ballot, proposals=proposals)
        waiting = take(UNBOUNDED, leader, promise(order[0], ballot, *first))
        assert waiting == Step(Leader(ballot, False, proposals, Scout(frozenset({order[0]}), first)))
        elected, sends = take(UNBOUNDED, waiting.state, promise(order[1], ballot, *second))

        expected = override(proposals, pmax(first | second))
        assert (elected.active, elected.scout, elected.proposals) == (True, None, expected)
        pvalues = {PValue(ballot, p.slot, p.command) for p in expected}
        assert elected.commanders == {Commander(p) for p in pvalues}
        assert len(sends) == len(set(sends)) == len(pvalues) * len(ACCEPTORS)
        assert set(sends) == {(a, P2a(ME, p)) for a in ACCEPTORS for p in pvalues}

    @given(ACCEPTED, st.sampled_from(ACCEPTORS))
    def test_one_acceptor_is_counted_once(self, accepted, who) -> None:
        once = after(UNBOUNDED, [promise(who, FRESH.ballot, *accepted)])
        assert after(UNBOUNDED, [promise(who, FRESH.ballot, *accepted)] * 3) == once
        assert not once.active

    @given(CONTEXTS, MINE, BALLOTS, ACCEPTED)
    def test_a_higher_ballot_ends_it(self, context, mine, current, accepted) -> None:
        assume(current > mine)
        then, sends = take(context, Leader(mine), P1b(ACCEPTORS[0], mine, current, accepted))
        following = context.deployment.ballots.above(current, ME.index)
        if following is None:
            assert then == Leader(mine, scout=None), "retired"
            assert sends == ()
        else:
            assert then == Leader(following)
            assert sends == tuple((a, P1a(ME, following)) for a in ACCEPTORS)

    @given(MINE, MINE, ACCEPTED)
    def test_hears_replies_to_its_own_ballot_only(self, mine, other, accepted) -> None:
        assume(mine != other)
        message = P1b(ACCEPTORS[0], other, other, accepted)
        assert take(UNBOUNDED, Leader(mine), message) == Step(Leader(mine))


BALLOT = Ballot(1, ME.index)
PVALUE = PValue(BALLOT, 2, A)
COMMANDING = Leader(BALLOT, True, frozenset({Proposal(2, A)}), None, frozenset({Commander(PVALUE)}))


def accept(who: Node, current: Ballot = BALLOT) -> P2b:
    return P2b(who, BALLOT, 2, current)


class TestCommander:
    @pytest.mark.parametrize("majority", [*combinations(ACCEPTORS, 2)], ids=str)
    def test_any_majority_decides_once(self, majority) -> None:
        one, other = majority
        waiting, nothing = take(UNBOUNDED, COMMANDING, accept(one))
        assert nothing == ()
        assert take(UNBOUNDED, waiting, accept(one)) == Step(waiting)
        decided, sends = take(UNBOUNDED, waiting, accept(other))

        assert sends == tuple((r, Decision(2, A)) for r in REPLICAS)
        assert decided.commanders == frozenset()
        assert all(take(UNBOUNDED, decided, accept(who)) == Step(decided) for who in ACCEPTORS)

    def test_a_quorum_of_phase_2_decides_and_one_of_phase_1_makes_active(self) -> None:
        only = replace(UNBOUNDED.configuration, quorums=Quorums(Count(3), Count(1)))
        deployment = replace(UNBOUNDED.deployment, configurations=(only,))
        flexible = replace(UNBOUNDED, deployment=deployment)
        assert take(flexible, COMMANDING, accept(ACCEPTORS[2])).sends == tuple(
            (r, Decision(2, A)) for r in REPLICAS
        )
        promises = [promise(a, FRESH.ballot) for a in ACCEPTORS]
        assert [after(flexible, promises[:n]).active for n in range(4)] == [False, False, False, True]

    @given(BALLOTS)
    def test_a_higher_ballot_ends_it_and_makes_its_leader_passive(self, current: Ballot) -> None:
        assume(current > BALLOT)
        then, sends = take(UNBOUNDED, COMMANDING, accept(ACCEPTORS[0], current))
        following = Ballot(current.round + 1, ME.index)
        assert then == Leader(following, False, COMMANDING.proposals, Scout(), frozenset())
        assert sends == tuple((a, P1a(ME, following)) for a in ACCEPTORS)

    def test_outlives_its_ballot_and_may_still_decide(self) -> None:
        later = preempted(UNBOUNDED, COMMANDING, Ballot(4, 0)).state
        assert find_commander(later, BALLOT, 2) == Commander(PVALUE)
        then = after(UNBOUNDED, [accept(ACCEPTORS[0])], later)
        assert take(UNBOUNDED, then, accept(ACCEPTORS[2])).sends == tuple(
            (r, Decision(2, A)) for r in REPLICAS
        )

    @given(BALLOTS)
    def test_a_ballot_that_is_not_higher_preempts_nobody(self, current: Ballot) -> None:
        assume(current <= BALLOT)
        assert preempted(UNBOUNDED, COMMANDING, current) == Step(COMMANDING)
