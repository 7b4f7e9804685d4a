"""Laws of leaders that ping: whom they watch, when they run, and how many pings are under way."""

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from pmmc import leader as proper
from pmmc.ballots import Ballot, PairBallots
from pmmc.election import DETECTING, RULES, Watcher, run, suspect, watcher
from pmmc.kv import Put
from pmmc.leader import Leader, Scout
from pmmc.messages import P1a, P1b, P2b, Ping, Pong, Propose, Unreachable
from pmmc.values import Command, Context, Deployment, Node, Step

ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
LEADERS = tuple(Node("leader", i) for i in range(3))
REPLICAS = (Node("replica", 0),)
ME, OTHER, THIRD = LEADERS[1], LEADERS[0], LEADERS[2]
A = Command(Node("client", 0), 1, Put("k", "A"))
CONTEXT = Context(ME, Deployment(ACCEPTORS, LEADERS, REPLICAS))
TABLE = {**proper.RULES, **RULES, **DETECTING}
FRESH = watcher(Leader(Ballot(0, ME.index)))

OTHERS = st.sampled_from((OTHER, THIRD))
MINE = st.integers(0, 3).map(lambda r: Ballot(r, ME.index))
THEIRS = st.builds(Ballot, st.integers(0, 4), st.sampled_from((0, 2)))
#: (the ballot that is answered, that of the acceptor)
ANSWERS = st.builds(lambda mine, theirs: (mine, theirs or mine), MINE, st.none() | THEIRS)
WHO = st.sampled_from(ACCEPTORS)
MESSAGES = st.lists(
    st.builds(Propose, st.integers(1, 2), st.just(A))
    | st.builds(lambda who, answer: P1b(who, *answer, frozenset()), WHO, ANSWERS)
    | st.builds(
        lambda who, answer, slot: P2b(who, answer[0], slot, answer[1]), WHO, ANSWERS, st.integers(1, 2)
    )
    | st.builds(Ping, OTHERS)
    | st.builds(Pong, OTHERS)
    | st.builds(Unreachable, OTHERS)
    | st.just("suspect"),
    max_size=14,
)


def take(leader: Watcher, message, context: Context = CONTEXT) -> Step:
    """The one step that a message or a time-out causes, or a step that changes nothing."""
    steps = (
        suspect(context, leader) if message == "suspect" else TABLE[type(message)](context, leader, message)
    )
    assert len(steps) <= 1
    return steps[0] if steps else Step(leader)


def watching(met: Ballot, leader: Watcher = FRESH) -> Step:
    return take(leader, P1b(ACCEPTORS[0], leader.ballot, met, frozenset()))


def test_a_preempted_leader_takes_a_higher_ballot_and_pings_whose_ballot_it_was() -> None:
    state, sends = watching(Ballot(3, 2))
    assert state == replace(
        FRESH, ballot=Ballot(4, 1), scout=None, watching=THIRD, pinged=frozenset({THIRD})
    )
    assert sends == ((THIRD, Ping(ME)),)
    assert state.watches
    assert not FRESH.watches


def test_preempted_in_phase_2_it_does_the_same() -> None:
    active = proper.begin(CONTEXT, replace(FRESH, scout=None), frozenset({proper.Proposal(1, A)})).state
    state, sends = take(active, P2b(ACCEPTORS[0], Ballot(0, 1), 1, Ballot(0, 2)))
    assert (state.active, state.scout, state.watching, state.ballot) == (False, None, THIRD, Ballot(1, 1))
    assert state.commanders == frozenset()
    assert sends == ((THIRD, Ping(ME)),)


def test_it_pings_again_when_it_is_answered_and_waits() -> None:
    waiting = watching(Ballot(0, 2)).state
    assert take(waiting, Pong(THIRD)) == Step(waiting, ((THIRD, Ping(ME)),))


def test_one_that_is_watched_no_more_is_not_pinged_again() -> None:
    running = take(watching(Ballot(0, 2)).state, "suspect").state
    assert running.pinged == {THIRD}
    assert take(running, Pong(THIRD)) == Step(replace(running, pinged=frozenset()))


def test_an_answer_that_is_still_to_come_will_do() -> None:
    running = take(watching(Ballot(0, 2)).state, "suspect").state
    again = take(running, P1b(ACCEPTORS[0], running.ballot, Ballot(5, 2), frozenset()))
    assert again.state.watching == THIRD
    assert again.sends == ()


def test_it_runs_when_the_other_is_down_or_its_patience_has_ended() -> None:
    waiting = watching(Ballot(3, 2)).state
    probes = tuple((acceptor, P1a(ME, Ballot(4, 1))) for acceptor in ACCEPTORS)
    early, justified = take(waiting, "suspect"), take(waiting, Unreachable(THIRD))
    assert early.sends == justified.sends == probes
    assert early.state == replace(waiting, watching=None, scout=Scout())
    assert justified.state == replace(early.state, pinged=frozenset())


def test_that_some_other_leader_is_down_is_no_reason() -> None:
    waiting = watching(Ballot(3, 2)).state
    assert take(waiting, Unreachable(OTHER)) == Step(waiting)


def test_who_is_pinged_answers_whatever_it_does() -> None:
    retired = replace(FRESH, scout=None)
    for leader in (FRESH, watching(Ballot(3, 2)).state, retired, replace(retired, active=True)):
        assert take(leader, Ping(OTHER)) == Step(leader, ((OTHER, Pong(ME)),))


def test_without_a_ballot_left_it_retires_and_watches_nobody() -> None:
    last = Context(ME, Deployment(ACCEPTORS, LEADERS, REPLICAS, ballots=PairBallots(1)))
    refused = P1b(ACCEPTORS[0], FRESH.ballot, Ballot(0, 2), frozenset())
    assert take(FRESH, refused, last) == Step(replace(FRESH, scout=None))


@given(MESSAGES)
def test_it_scouts_or_watches_or_is_active_and_pings_are_answered_before_the_next(messages) -> None:
    leader, under_way = FRESH, {OTHER: 0, THIRD: 0}
    for message in messages:
        if isinstance(message, Pong | Unreachable):
            if not under_way[message.leader]:
                continue
            under_way[message.leader] -= 1
        leader, sends = take(leader, message)
        for to, sent in sends:
            if isinstance(sent, Ping):
                under_way[to] += 1
        assert [leader.active, leader.scout is not None, leader.watches].count(True) == 1
        assert leader.pinged == {node for node, count in under_way.items() if count}
        assert max(under_way.values()) <= 1


@given(MESSAGES)
def test_but_for_its_patience_it_is_the_leader_of_the_paper(messages) -> None:
    """One that runs as soon as it may does what the other does, in the same ballots."""
    impatient, plain = FRESH, Leader(FRESH.ballot)
    names = [field.name for field in fields(Leader)]
    for message in messages:
        if type(message) in proper.RULES:
            impatient = take(impatient, message).state
            impatient = run(CONTEXT, impatient).state if impatient.watches else impatient
            steps = proper.RULES[type(message)](CONTEXT, plain, message)
            plain = steps[0].state if steps else plain
        assert [getattr(impatient, name) for name in names] == [getattr(plain, name) for name in names]
