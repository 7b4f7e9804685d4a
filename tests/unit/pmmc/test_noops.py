"""No-ops of replicas: for the slots of the old configuration that nobody else fills, and for no others."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pmmc import kv
from pmmc.kv import NoOp, Put, Reconfigure
from pmmc.messages import Decision, Propose, Request
from pmmc.noops import fill, takes_effect
from pmmc.replica import RULES, Replica, governing
from pmmc.values import Command, Configuration, Context, Deployment, Node, Proposal, filler, slots_of

ME = Node("replica", 0)
OLD, NEW = (Configuration((Node("leader", i),), (Node("acceptor", i),)) for i in (0, 1))
CLIENT = Node("client", 0)
CHANGE = Command(CLIENT, 1, Reconfigure(1))
COMMANDS = (CHANGE, Command(CLIENT, 2, Put("k", "a")), Command(CLIENT, 3, NoOp()))


def context(window: int = 3, slots: int | None = None) -> Context:
    leaders, acceptors = OLD.leaders + NEW.leaders, OLD.acceptors + NEW.acceptors
    return Context(ME, Deployment(acceptors, leaders, (ME,), (), window, slots, configurations=(OLD, NEW)))


CONTEXTS = st.builds(context, st.integers(1, 4), st.none() | st.integers(2, 6))
#: A log: one command for each slot, with holes; sometimes a no-op of a replica.
LOGS = st.dictionaries(st.integers(1, 6), st.sampled_from((*COMMANDS, None)))
REQUESTS = st.lists(st.sampled_from(COMMANDS), max_size=2)


def run(here: Context, replica: Replica, *messages: object) -> Replica:
    for message in messages:
        for step in RULES[type(message)](here, replica, message):
            replica = step.state
    return replica


@st.composite
def replicas(draw: st.DrawFn, here: Context) -> Replica:
    """A replica after requests and decisions in any order."""
    log = {slot: filler(slot) if c is None else c for slot, c in draw(LOGS).items()}
    decisions = [Decision(slot, command) for slot, command in log.items()]
    requests = [Request(command) for command in draw(REQUESTS)]
    return run(here, Replica(), *draw(st.permutations([*decisions, *requests])))


@given(st.data())
def test_they_fill_what_the_old_configuration_decides_yet(data: st.DataObject) -> None:
    here = data.draw(CONTEXTS)
    before = data.draw(replicas(here))
    begins = takes_effect(here, before)
    steps = fill(here, before)
    last = here.deployment.slots or 100
    waiting = [slot for slot in range(before.slot_in, begins) if slot not in slots_of(before.decisions)]
    assert bool(steps) == bool(waiting and not before.requests)
    for after, sends in steps:
        inside = [slot for slot in waiting if slot <= last]
        assert [message for _, message in sends] == [Propose(slot, filler(slot)) for slot in inside]
        assert [to for to, _ in sends] == [
            leader for slot in inside for leader in governing(here, after, slot).leaders
        ]
        assert after.proposals - before.proposals == {Proposal(slot, filler(slot)) for slot in inside}
        # what the log has no room for stays, and the model is cut there
        assert after.requests == tuple(filler(slot) for slot in waiting if slot > last)
        passed = {*slots_of(after.decisions), *range(1, after.slot_in)}
        assert passed >= {slot for slot in range(1, begins) if slot <= last}
        assert fill(here, after) == ()


@given(st.data())
def test_there_are_none_before_a_reconfiguration_is_performed(data: st.DataObject) -> None:
    here = data.draw(CONTEXTS)
    before = data.draw(replicas(here))
    performed = [p for p in before.decisions if p.command == CHANGE and p.slot < before.slot_out]
    assert takes_effect(here, before) == (
        min(p.slot for p in performed) + here.deployment.window if performed else 0
    )
    if not performed:
        assert fill(here, before) == ()


def test_with_window_one_there_is_nothing_to_fill() -> None:
    assert fill(context(1), run(context(1), Replica(), Decision(1, CHANGE))) == ()


def test_one_command_whoever_proposes_it() -> None:
    here = context()
    told = run(here, Replica(), Decision(1, CHANGE))
    ((one, _),) = fill(here, replace(told, slot_in=2))
    ((other, _),) = fill(replace(here, me=Node("replica", 1)), replace(told, slot_in=3))
    assert one.proposals & other.proposals == {Proposal(3, filler(3))}
    assert len({filler(1), filler(2), Command(CLIENT, 1, NoOp())}) == 3
    assert [str(filler(2)), str(NoOp())] == ["noop 2", "noop"]


def test_one_that_another_command_displaces_is_not_proposed_again() -> None:
    here = context()
    change, put, _ = COMMANDS
    told = run(here, Replica(), Request(change), Decision(1, change))
    ((filled, _),) = fill(here, told)
    assert filled.proposals == {Proposal(2, filler(2)), Proposal(3, filler(3))}
    displaced = run(here, filled, Decision(2, put))
    assert displaced.proposals == {Proposal(3, filler(3))}
    assert (displaced.requests, displaced.slot_in) == ((), 4)
    # a command of a client is
    asking = run(here, told, Request(put), Decision(2, filler(2)))
    assert asking.proposals == {Proposal(3, put)}


def test_it_is_performed_once_and_nobody_is_answered() -> None:
    here = context()
    here = replace(here, deployment=replace(here.deployment, clients=(CLIENT,)))
    (step,) = RULES[Decision](here, Replica(), Decision(1, filler(1)))
    assert step.state.performed == (filler(1),)
    assert step.state.store == kv.EMPTY
    assert step.sends == ()
