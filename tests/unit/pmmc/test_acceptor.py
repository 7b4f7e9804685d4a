"""Laws of the acceptor: duplicates change nothing, and nothing is ever forgotten."""

from dataclasses import replace
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from pmmc.acceptor import RULES, Acceptor
from pmmc.ballots import BOTTOM, Ballot
from pmmc.messages import P1a, P1b, P2a, P2b
from pmmc.values import Context, Deployment, Node, PValue, Step

ME = Node("acceptor", 0)
LEADERS = tuple(Node("leader", i) for i in range(3))
CONTEXT = Context(ME, Deployment(acceptors=(ME,), leaders=LEADERS, replicas=()))

P1AS = st.from_type(Ballot).map(lambda b: P1a(LEADERS[b.leader], b))
P2AS = st.from_type(PValue).map(lambda p: P2a(LEADERS[p.ballot.leader], p))
MESSAGES = st.lists(P1AS | P2AS, max_size=12)


def step(acceptor: Acceptor, message: P1a | P2a) -> Step:
    (only,) = RULES[type(message)](CONTEXT, acceptor, message)
    return only


def after(messages, acceptor: Acceptor = Acceptor()) -> Acceptor:
    return reduce(lambda state, message: step(state, message).state, messages, acceptor)


@given(MESSAGES, P1AS | P2AS)
def test_a_message_twice_is_the_message_once(messages, message) -> None:
    once = step(after(messages), message)
    twice = step(once.state, message)
    assert twice == once, "the state and even the answer"


@given(MESSAGES, P1AS | P2AS, MESSAGES)
def test_an_old_request_for_a_promise_comes_too_late(messages, message, more) -> None:
    if isinstance(message, P1a):
        late = after([*messages, message, *more])
        assert step(late, message).state == late


@given(MESSAGES, P1AS | P2AS)
def test_is_monotone(messages, message) -> None:
    before = after(messages)
    then = step(before, message).state

    assert then.ballot >= before.ballot
    assert then.accepted >= before.accepted


@given(MESSAGES)
def test_its_ballot_is_the_highest_that_was_asked_for(messages) -> None:
    asked = [m.ballot for m in messages if isinstance(m, P1a)]
    assert after(messages).ballot == max(asked, default=BOTTOM)


@given(MESSAGES)
def test_holds_nothing_above_its_ballot(messages) -> None:
    acceptor = after(messages)
    assert all(p.ballot <= acceptor.ballot for p in acceptor.accepted)


@given(MESSAGES, P2AS)
def test_accepts_in_its_own_ballot_only(messages, message) -> None:
    before = after(messages)
    then = step(before, message).state

    accepts = message.pvalue.ballot == before.ballot
    assert then == (replace(before, accepted=before.accepted | {message.pvalue}) if accepts else before)


@given(MESSAGES, P1AS | P2AS)
def test_answers_the_asker_with_what_it_then_knows(messages, message) -> None:
    then, sends = step(after(messages), message)

    if isinstance(message, P1a):
        reply = P1b(ME, message.ballot, then.ballot, then.accepted)
    else:
        reply = P2b(ME, message.pvalue.ballot, message.pvalue.slot, then.ballot)
    assert sends == ((message.leader, reply),)


@given(st.lists(P1AS, max_size=6), st.randoms(use_true_random=False))
def test_promises_do_not_depend_on_the_order(messages, random) -> None:
    shuffled = list(messages)
    random.shuffle(shuffled)
    assert after(shuffled) == after(messages)
