"""Laws of reconfigurations: decisions alone say which configuration decides a slot, and who is asked."""

from itertools import count, takewhile

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from pmmc import leader, retransmission
from pmmc.ballots import Ballot
from pmmc.kv import Put, Reconfigure
from pmmc.leader import Leader
from pmmc.messages import Decision, P1a, P1b, P2a, P2b, Propose, Request
from pmmc.replica import RULES, Replica
from pmmc.values import Command, Configuration, Context, Deployment, Node, PValue
from spec.properties.configurations import governs
from spec.variants.reconfigurations import RECONFIGURATION_VARIANTS
from spec.views import changes

ME = Node("replica", 0)
CLIENTS = tuple(Node("client", i) for i in range(4))
FIRST, SECOND, THIRD = CONFIGURATIONS = (
    Configuration((Node("leader", 0), Node("leader", 1)), (Node("acceptor", 0),)),
    Configuration((Node("leader", 2),), (Node("acceptor", 1), Node("acceptor", 2), Node("acceptor", 3))),
    Configuration((Node("leader", 3),), (Node("acceptor", 4),)),
)
A, B = Command(CLIENTS[0], 1, Put("k", "a")), Command(CLIENTS[1], 1, Put("k", "b"))
NEW, NEWEST = Command(CLIENTS[2], 1, Reconfigure(1)), Command(CLIENTS[3], 1, Reconfigure(2))
COMMAND = st.sampled_from((A, B, NEW, NEWEST))


def deployment(window: int, slots: int | None = None) -> Deployment:
    return Deployment(
        acceptors=tuple(node for one in CONFIGURATIONS for node in one.acceptors),
        leaders=tuple(node for one in CONFIGURATIONS for node in one.leaders),
        replicas=(ME,),
        clients=CLIENTS,
        window=window,
        slots=slots,
        configurations=CONFIGURATIONS,
    )


def expected(log: dict[int, Command], slot: int, window: int) -> int:
    """The law itself: of the reconfigurations up to slot - WINDOW, each where it comes first, the last."""
    number, seen = 0, set()
    for s in range(1, slot - window + 1):
        if isinstance(log[s].op, Reconfigure) and log[s] not in seen:
            number = log[s].op.configuration
        seen.add(log[s])
    return number


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[int, Command], list[Decision | Request]]:
    """A log with holes, and its decisions in any order among requests."""
    log = draw(st.dictionaries(st.integers(1, 7), COMMAND))
    decisions = [Decision(slot, command) for slot, command in log.items()]
    requests = draw(st.lists(COMMAND.map(Request), max_size=6))
    return log, draw(st.permutations([*decisions, *requests]))


@given(st.integers(1, 3), histories())
def test_who_is_asked_for_a_slot_follows_from_the_log(window: int, history) -> None:
    log, messages = history
    context = Context(ME, deployment(window))
    replica = Replica()
    for message in messages:
        for step in RULES[type(message)](context, replica, message):
            replica = step.state
            asked: dict[int, list[Node]] = {}
            for to, sent in step.sends:
                if isinstance(sent, Propose):
                    asked.setdefault(sent.slot, []).append(to)
            for slot, leaders in asked.items():
                assert tuple(leaders) == CONFIGURATIONS[expected(log, slot, window)].leaders
        known = {p.slot: p.command for p in replica.decisions}
        assert replica.configuration == expected(known, replica.slot_in - 1, window)
    event(f"configuration {replica.configuration}")


@given(st.integers(1, 3), histories())
def test_what_the_properties_make_of_decisions_is_what_replicas_do(window: int, history) -> None:
    """The function of the claims knows nothing of the rules; up to slot_in both say the same."""
    _, messages = history
    context = Context(ME, deployment(window))
    replica = Replica()
    for message in messages:
        for step in RULES[type(message)](context, replica, message):
            replica = step.state
        known = changes(replica)
        undecided = next(slot for slot in count(1) if slot not in {p.slot for p in replica.decisions})
        assert known.undecided == undecided
        assert governs(context.deployment, known, replica.slot_in - 1) == replica.configuration
        whole = {p.slot: p.command for p in replica.decisions if p.slot < undecided}
        for slot in range(1, undecided + window):
            assert governs(context.deployment, known, slot) == expected(whole, slot, window)
        assert governs(context.deployment, known, undecided + window) is None


@given(st.integers(1, 3), histories())
def test_what_is_proposed_again_goes_where_it_went(window: int, history) -> None:
    _, messages = history
    context = Context(ME, deployment(window))
    replica, sent = Replica(), set()
    for message in messages:
        for step in RULES[type(message)](context, replica, message):
            replica = step.state
            sent |= set(step.sends)
        for step in retransmission.resend_propose(context, replica):
            assert set(step.sends) <= sent


@given(st.integers(1, 3), histories())
def test_a_reconfiguration_is_passed_and_not_performed(window: int, history) -> None:
    log, messages = history
    context = Context(ME, deployment(window))
    replica = Replica()
    for message in messages:
        for step in RULES[type(message)](context, replica, message):
            replica = step.state
            answered = [to for to, _ in step.sends if to.role == "client"]
            assert not {NEW.client, NEWEST.client} & set(answered)
    assert replica.slot_out == len(list(takewhile(log.__contains__, count(1)))) + 1
    assert not {NEW, NEWEST} & set(replica.performed)


def run(context: Context, rules, *messages: Decision | Request) -> Replica:
    replica = Replica()
    for message in messages:
        (step,) = rules[type(message)](context, replica, message)
        replica = step.state
    return replica


LOG = (Decision(1, NEW), Decision(2, NEWEST), Decision(3, NEW))


def test_decided_twice_it_is_applied_once() -> None:
    context = Context(ME, deployment(window=1))
    assert run(context, RULES, *LOG, Request(A)).configuration == 2


def test_as_printed_it_is_applied_again() -> None:
    (variant,) = RECONFIGURATION_VARIANTS
    context = Context(ME, deployment(window=1))
    assert run(context, variant.rules, *LOG, Request(A)).configuration == 1
    assert run(context, variant.rules, *LOG[:2], Request(A)).configuration == 2


@pytest.mark.parametrize(("window", "slot"), [(1, 2), (2, 3), (3, 4)])
def test_the_new_leaders_are_asked_from_slot_s_plus_window_on(window: int, slot: int) -> None:
    context = Context(ME, deployment(window))
    replica, asked = Replica(), {}
    filling = [Command(CLIENTS[0], 10 + i, Put("k", str(i))) for i in range(6)]
    for message in (Request(NEW), *map(Request, filling), Decision(1, NEW)):
        (step,) = RULES[type(message)](context, replica, message)
        replica = step.state
        for to, sent in step.sends:
            asked.setdefault(sent.slot, set()).add(to)
    assert asked[slot - 1] == set(FIRST.leaders)
    assert asked[slot] == set(SECOND.leaders)


class TestLeaders:
    """A leader asks the acceptors of its configuration, and a majority of those is one."""

    LEADER = Node("leader", 2)

    def test_it_asks_its_own_acceptors(self) -> None:
        context = Context(self.LEADER, deployment(window=1))
        ballot = Ballot(0, 2)
        assert leader.start(context, Leader(ballot)) == tuple(
            (acceptor, P1a(self.LEADER, ballot)) for acceptor in SECOND.acceptors
        )
        active = Leader(ballot, active=True, scout=None)
        ((_, sends),) = leader.on_propose(context, active, Propose(2, A))
        assert sends == tuple(
            (acceptor, P2a(self.LEADER, PValue(ballot, 2, A))) for acceptor in SECOND.acceptors
        )

    def test_two_of_its_three_are_a_quorum(self) -> None:
        context = Context(self.LEADER, deployment(window=1))
        ballot = Ballot(0, 2)
        state = Leader(ballot)
        became = []
        for acceptor in SECOND.acceptors[:2]:
            ((state, _),) = leader.on_p1b(context, state, P1b(acceptor, ballot, ballot, frozenset()))
            became.append(state.active)
        assert became == [False, True]
        ((state, _),) = leader.on_propose(context, state, Propose(2, A))
        decided = []
        for acceptor in SECOND.acceptors[:2]:
            ((state, sends),) = leader.on_p2b(context, state, P2b(acceptor, ballot, 2, ballot))
            decided.append(sends)
        assert decided == [(), ((ME, Decision(2, A)),)]
