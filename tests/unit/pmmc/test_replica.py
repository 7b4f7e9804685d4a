"""Laws of the replica: what it has performed follows from what it knows as decided, in whatever order."""

from collections import Counter
from itertools import count, takewhile

from hypothesis import given
from hypothesis import strategies as st

from pmmc.kv import Append, Put
from pmmc.messages import Decision, Propose, Request, Response
from pmmc.replica import RULES, Replica
from pmmc.values import Command, Context, Deployment, Node, Proposal, slots_of

ME = Node("replica", 0)
LEADERS = (Node("leader", 0), Node("leader", 1))
CLIENTS = (Node("client", 0), Node("client", 1))
COMMANDS = (
    Command(CLIENTS[0], 1, Put("k", "a")),
    Command(CLIENTS[0], 2, Append("k", "b")),
    Command(CLIENTS[1], 1, Append("k", "c")),
    Command(CLIENTS[1], 2, Put("j", "d")),
)

CONTEXTS = st.builds(
    lambda window, slots: Context(ME, Deployment((), LEADERS, (ME,), CLIENTS, window, slots)),
    st.integers(1, 3),
    st.none() | st.integers(1, 6),
)
COMMAND = st.sampled_from(COMMANDS)
#: A log: one command for each slot, with holes, and perhaps one command in several slots.
LOGS = st.dictionaries(st.integers(1, 6), COMMAND)
REQUESTS = st.lists(COMMAND.map(Request), max_size=5)


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[int, Command], list[Decision | Request]]:
    """A log, and its decisions in any order and number among requests."""
    log = draw(LOGS)
    decisions = [Decision(slot, command) for slot, command in log.items()]
    repeated = draw(st.lists(st.sampled_from(decisions), max_size=4)) if decisions else []
    return log, draw(st.permutations([*decisions, *repeated, *draw(REQUESTS)]))


def run(context: Context, messages, replica: Replica = Replica()):
    """The replica after the messages, and all that it has sent; every step is looked at."""
    sent: list[tuple[Node, object]] = []
    for message in messages:
        for step in RULES[type(message)](context, replica, message):
            assert step.state.slot_in >= replica.slot_in
            assert step.state.slot_out >= replica.slot_out
            assert step.state.performed[: len(replica.performed)] == replica.performed
            sent += step.sends
            replica = step.state
    return replica, sent


def fold(log: dict[int, Command]) -> tuple[dict[str, tuple[str, ...]], list[Command], int]:
    """What must have come of a log: store, commands performed, next slot."""
    store: dict[str, tuple[str, ...]] = {}
    performed: list[Command] = []
    slots = list(takewhile(log.__contains__, count(1)))
    for command in (log[slot] for slot in slots):
        if command not in performed:
            performed.append(command)
            old = store.get(command.op.key, ()) if isinstance(command.op, Append) else ()
            store[command.op.key] = (*old, command.op.value)
    return store, performed, len(slots) + 1


@given(CONTEXTS, histories())
def test_is_the_fold_of_its_decisions(context, history) -> None:
    log, messages = history
    replica, _ = run(context, messages)
    store, performed, slot_out = fold(log)

    assert dict(replica.store) == store
    assert list(replica.performed) == performed
    assert replica.slot_out == slot_out
    assert replica.decisions == {Proposal(slot, command) for slot, command in log.items()}


def test_a_command_in_two_slots_is_performed_once() -> None:
    context = Context(ME, Deployment((), LEADERS, (ME,), CLIENTS))
    first, second = COMMANDS[:2]
    replica, sent = run(context, [Decision(3, second), Decision(2, first), Decision(1, first)])

    assert replica.slot_out == 4
    assert replica.performed == (first, second)
    assert dict(replica.store) == {"k": ("a", "b")}
    assert sent == [(CLIENTS[0], Response(1, ("a",))), (CLIENTS[0], Response(2, ("a", "b")))]


@given(CONTEXTS, histories())
def test_a_message_twice_is_the_message_once(context, history) -> None:
    _, messages = history
    replica, _ = run(context, messages)
    for message in messages:
        assert RULES[type(message)](context, replica, message) == ()


@given(CONTEXTS, histories())
def test_answers_every_performed_command_once(context, history) -> None:
    _, messages = history
    replica, sent = run(context, messages)
    answers = Counter((to, m.cid) for to, m in sent if isinstance(m, Response))
    assert answers == Counter((command.client, command.cid) for command in replica.performed)


def test_nobody_is_answered_who_does_not_take_part() -> None:
    context = Context(ME, Deployment((), LEADERS, (ME,), clients=()))
    replica, sent = run(context, [Decision(1, COMMANDS[0])])
    assert replica.performed == COMMANDS[:1]
    assert sent == []


@given(CONTEXTS, histories())
def test_loses_no_request(context, history) -> None:
    _, messages = history
    replica, _ = run(context, messages)
    asked = {m.command for m in messages if isinstance(m, Request)}
    held = {p.command for p in replica.proposals | replica.decisions} | set(replica.requests)
    assert asked <= held


@given(CONTEXTS, histories())
def test_proposes_inside_the_window_and_the_log_and_each_slot_once(context, history) -> None:
    _, messages = history
    replica = Replica()
    proposed: list[int] = []
    window, slots = context.deployment.window, context.deployment.slots
    for message in messages:
        for step in RULES[type(message)](context, replica, message):
            proposals = {m for _, m in step.sends if isinstance(m, Propose)}
            assert all(m.slot < step.state.slot_out + window for m in proposals)
            assert all(slots is None or m.slot <= slots for m in proposals)
            assert not {m.slot for m in proposals} & slots_of(step.state.decisions)
            assert Counter(to for to, m in step.sends if m in proposals) == dict.fromkeys(
                LEADERS if proposals else (), len(proposals)
            )
            proposed += [m.slot for m in proposals]
            replica = step.state
    assert len(proposed) == len(set(proposed))
    assert replica.slot_in <= replica.slot_out + window or not proposed


@given(CONTEXTS, histories())
def test_waits_only_for_a_reason(context, history) -> None:
    _, messages = history
    replica, _ = run(context, messages)
    deployment = context.deployment
    if replica.requests:
        full = replica.slot_in >= replica.slot_out + deployment.window
        ended = deployment.slots is not None and replica.slot_in > deployment.slots
        assert full or ended


def test_proposes_in_the_order_of_arrival() -> None:
    context = Context(ME, Deployment((), LEADERS, (ME,), CLIENTS, window=2))
    replica, sent = run(context, [Request(c) for c in COMMANDS])
    proposed = [m for to, m in sent if to == LEADERS[0]]
    assert proposed == [Propose(1, COMMANDS[0]), Propose(2, COMMANDS[1])]
    assert replica.requests == COMMANDS[2:]


def test_a_proposal_that_lost_its_slot_is_proposed_again() -> None:
    context = Context(ME, Deployment((), LEADERS, (ME,), CLIENTS, window=2))
    replica, sent = run(context, [Request(COMMANDS[0]), Decision(1, COMMANDS[2])])
    assert replica.proposals == {Proposal(2, COMMANDS[0])}
    assert sent[-1] == (LEADERS[1], Propose(2, COMMANDS[0]))
