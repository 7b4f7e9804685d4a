"""Laws of replicas that forget, and that are given the state of another one: nobody can tell."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmmc import forgetting, transfer
from pmmc import replica as proper
from pmmc.kv import Append, Put, Reconfigure
from pmmc.messages import Decision, Propose, Request
from pmmc.replica import Replica
from pmmc.transfer import Collected, Fetch, Report, Reporter, Transfer
from pmmc.values import Command, Configuration, Context, Deployment, Node, Proposal

ME, OTHER = Node("replica", 0), Node("replica", 1)
CLIENTS = (Node("client", 0), Node("client", 1))
LEADERS = tuple(Node("leader", i) for i in range(3))
ACCEPTORS = tuple(Node("acceptor", i) for i in range(3))
CONFIGURATIONS = tuple(Configuration((LEADERS[i],), (ACCEPTORS[i],)) for i in range(3))
PUT, APPEND, LAST = (
    Command(CLIENTS[0], 1, Put("k", "a")),
    Command(CLIENTS[0], 2, Append("k", "b")),
    Command(CLIENTS[1], 1, Append("k", "c")),
)
FIRST_CHANGE, SECOND_CHANGE = (Command(Node("client", 5 + i), 1, Reconfigure(i)) for i in (1, 2))
COMMAND = st.sampled_from((PUT, APPEND, LAST, FIRST_CHANGE, SECOND_CHANGE))


def context(window: int = 2, slots: int | None = None) -> Context:
    everybody = Deployment(
        ACCEPTORS, LEADERS, (ME, OTHER), CLIENTS, window, slots, configurations=CONFIGURATIONS
    )
    return Context(ME, everybody)


CONTEXTS = st.builds(context, st.integers(1, 3), st.none() | st.integers(1, 6))
LOGS = st.dictionaries(st.integers(1, 6), COMMAND)


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[int, Command], list[Decision | Request]]:
    """A log, and its decisions in any order and number among requests."""
    log = draw(LOGS)
    decisions = [Decision(slot, command) for slot, command in log.items()]
    repeated = draw(st.lists(st.sampled_from(decisions), max_size=4)) if decisions else []
    requests = draw(st.lists(COMMAND.map(Request), max_size=5))
    return log, draw(st.permutations([*decisions, *repeated, *requests]))


def run(rules, context: Context, replica: Replica, messages):
    """The replica after the messages, and what each made it send."""
    sent = []
    for message in messages:
        steps = rules[type(message)](context, replica, message)
        assert len(steps) <= 1
        sent.append([send for step in steps for send in step.sends])
        replica = steps[0].state if steps else replica
    return replica, sent


@given(CONTEXTS, histories())
def test_who_forgets_sends_what_others_send_and_performs_what_they_perform(context, history) -> None:
    _, messages = history
    kept, sent = run(proper.RULES, context, Replica(), messages)
    left, also_sent = run(forgetting.RULES, context, Replica(), messages)

    assert also_sent == sent
    caught_up = forgetting.catch_up(context, kept)
    assert left == replace(caught_up, decisions=left.decisions)
    assert left.decisions == {p for p in kept.decisions if forgetting.is_needed(kept, p)}


@given(CONTEXTS, histories())
def test_what_is_forgotten_is_performed_and_no_reconfiguration(context, history) -> None:
    log, messages = history
    left, _ = run(forgetting.RULES, context, Replica(), messages)
    for p in {Proposal(slot, command) for slot, command in log.items()} - left.decisions:
        assert p.slot < left.slot_out
        assert p.command in left.performed
    assert left.slot_in >= left.slot_out


@given(CONTEXTS, LOGS, st.data())
def test_who_is_given_the_state_goes_on_as_if_it_had_learned_the_log(context, log, data) -> None:
    """Both know the whole log in the end; one of them has passed over some of it by a transfer."""
    decisions = [Decision(slot, command) for slot, command in log.items()]
    if decisions:
        missed = set(data.draw(st.lists(st.sampled_from(decisions))))
        first = data.draw(st.permutations([d for d in decisions if d not in missed]))
        later = data.draw(st.permutations(sorted(missed, key=lambda d: d.slot)))
    else:
        first, later = [], []
    requests = [Request(c) for c in data.draw(st.lists(COMMAND, max_size=3))]
    ahead, _ = run(transfer.RULES, context, Reporter(), decisions)
    late, _ = run(transfer.RULES, context, Reporter(), [*requests, *first])

    given_, _ = run(transfer.RULES, context, late, [transfer.transfer(ahead), *later])
    learned, _ = run(transfer.RULES, context, late, later)

    assert (given_.store, given_.performed, given_.slot_out) == (
        ahead.store,
        ahead.performed,
        ahead.slot_out,
    )
    assert given_.decisions == ahead.decisions
    end = max(given_.slot_in, learned.slot_in)
    assert course(context, given_, end) == course(context, learned, end)


def course(context: Context, replica: Replica, slot: int) -> int:
    """The configuration to which a replica would propose for a slot."""
    return context.deployment.configurations.index(proper.governing(context, replica, slot))


@given(CONTEXTS, histories(), LOGS)
def test_no_request_is_lost_by_a_transfer_nor_proposed_for_what_is_passed_over(
    context, history, log
) -> None:
    _, messages = history
    asked = {m.command for m in messages if isinstance(m, Request)}
    late, _ = run(transfer.RULES, context, Reporter(), messages)
    decided = [Decision(slot, command) for slot, command in {**log, **history[0]}.items()]
    ahead, _ = run(transfer.RULES, context, Reporter(), decided)
    after, (sends,) = run(transfer.RULES, context, late, [transfer.transfer(ahead)])
    assert all(m.slot >= after.slot_out for _, m in sends if isinstance(m, Propose))
    held = {*after.performed, *after.requests, *(p.command for p in after.proposals | after.decisions)}
    assert asked <= held


def test_reports_what_is_new_to_everybody() -> None:
    assert transfer.report(context(), Reporter()) == ()
    far = Reporter(slot_out=3, reported=2)
    ((state, sends),) = transfer.report(context(), far)
    assert state.reported == 3
    assert sends == tuple((node, Report(ME, 3)) for node in (*LEADERS, *ACCEPTORS))
    assert transfer.report(context(), state) == ()


def test_who_lags_behind_asks_and_who_is_far_enough_answers() -> None:
    ((state, sends),) = transfer.on_collected(context(), Reporter(slot_out=2), Collected(3))
    assert state == Reporter(slot_out=2)
    assert sends == ((OTHER, Fetch(ME, 3)),)
    assert transfer.on_collected(context(), Reporter(slot_out=3), Collected(3)) == ()

    there = replace(context(), me=OTHER)
    assert transfer.on_fetch(there, Reporter(slot_out=2), Fetch(ME, 3)) == ()
    far = Reporter(slot_out=3, performed=(PUT,), decisions=frozenset({Proposal(1, FIRST_CHANGE)}))
    ((_, sends),) = transfer.on_fetch(there, far, Fetch(ME, 3))
    assert sends == ((ME, Transfer(3, frozenset(), (PUT,), frozenset({Proposal(1, FIRST_CHANGE)}))),)
    assert transfer.on_transfer(context(), far, sends[0][1]) == ()


@pytest.mark.parametrize("window", [1, 2])
def test_who_passes_over_a_reconfiguration_proposes_to_the_new_leaders(window: int) -> None:
    at = context(window)
    given_ = Transfer(window + 1, frozenset(), (), frozenset({Proposal(1, FIRST_CHANGE)}))
    state, _ = run(transfer.RULES, at, Reporter(), [given_])
    _, (sends,) = run(transfer.RULES, at, state, [Request(PUT)])
    assert sends == [(LEADERS[1], Propose(window + 1, PUT))]
