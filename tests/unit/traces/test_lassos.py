"""Runs that repeat, and what is made of traces: no other order, no slice, and what later turns receive."""

import pytest
from lassos import (
    AGAIN,
    EVENTUALLY,
    THEN,
    WANDERED,
    claiming,
    ending,
    game,
    lasso,
    path_of,
    unfair,
    unrolled,
    wandered,
)

from checker.model.behaviour import Trace, replay
from checker.model.network import AtMostOnce, Fifo, Network, Reliable
from checker.model.system import System
from checker.model.vocabulary import Member, Role, Step
from checker.traces.causality import Causality
from checker.traces.lamps import Lamp, along, cut
from checker.traces.retrace import readable, retrace
from checker.traces.slicing import slice_of, sliced
from checker.traces.tracefile import Source, departure, read, write

NETWORKS = [AtMostOnce(), Reliable(), Fifo()]


@pytest.mark.parametrize("trace", [lasso(), lasso(rising=True)])
def test_a_cycle_stays_what_it_is(trace: Trace) -> None:
    assert readable(trace) is trace
    assert sliced(trace) is trace
    assert slice_of(trace) == (1, 2, 3, 4, 5)
    alone = retrace(Causality(trace), (1, 2))
    assert alone is not None
    assert (alone.path, alone.loop) == (trace.path[:2], None)


def test_a_run_that_stays_is_ordered_and_sliced() -> None:
    system = game(EVENTUALLY)
    path = path_of(system, "player 0: serve", "player 1: ball", "player 1: rest", "player 0: ball#1")
    trace = claiming(replay(system, path), EVENTUALLY)
    assert slice_of(trace) == (1, 2, 3, 4)  # without the rest it would have to come
    assert readable(trace).final == trace.final
    assert slice_of(ending()) == (1, 2)


def test_runs_are_judged_where_the_trace_ends() -> None:
    strips = {strip.claim.id: strip for strip in along(lasso())}
    for claim in (EVENTUALLY, AGAIN):
        assert strips[claim.id].lamps == (*[Lamp.SILENT] * 5, Lamp.BROKEN)
        assert strips[claim.id].first() == 5
    assert strips[THEN.id].lamps == (Lamp.SILENT,) * 6
    # cut before its end it is another run: one that may not stay where it is
    assert [strip.lamps[-1] for strip in along(cut(lasso(), 4))] == [*[Lamp.SILENT] * 3, Lamp.OPEN]
    assert [strip.lamps[-1] for strip in along(unfair())] == [Lamp.SILENT]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
@pytest.mark.parametrize("rising", [False, True])
def test_a_message_may_be_received_in_the_next_turn(network: Network, rising: bool) -> None:
    trace = lasso(rising=rising, network=network)
    parcels = Causality(trace).parcels
    assert [(p.sent, p.taken, p.later) for p in parcels] == [
        (1, (2,), None),
        (2, (3,), None),
        (3, (4,), None),
        (4, (5,), None),
        (5, (), 2),
    ]


def echoing(network: Network, notes: int, *waiting: object) -> System:
    """A node that sends itself so many notes, and then one for each that it takes."""

    def begin(_: None, sent: int) -> tuple[Step, ...]:
        return (Step(sent + 1, (("a", "note"),)),) if sent < notes else ()

    def echo(_: None, sent: int, note: str) -> tuple[Step, ...]:
        return (Step(sent, (("a", note),)),) if sent == notes else ()

    role = Role("echo", {str: echo, int: lambda *_: ()}, {"begin": begin})
    inbox = tuple(("somebody", message) for message in waiting)
    return System("echoing", (Member("a", role, None, 0, inbox),), network, ())


def test_one_of_several_in_a_queue_is_received_some_turns_later() -> None:
    trace = replay(echoing(Fifo(), 3), (0, 1, 1, 0), 3)
    assert [(p.sent, p.taken, p.later) for p in Causality(trace).parcels] == [
        (1, (4,), None),
        (2, (), 4),
        (3, (), 4),
        (4, (), 4),
    ]


def test_what_is_never_received_is_not_said_to_be() -> None:
    parcels = Causality(replay(echoing(AtMostOnce(), 1, 7), (0, 0), 1)).parcels
    assert {(str(p.message), p.sent, p.taken, p.later) for p in parcels} == {
        ("7", 0, (), None),
        ("note", 1, (2,), None),
        ("note", 2, (), 2),
    }


@pytest.mark.parametrize("rising", [False, True])
def test_a_trace_file_has_the_loop_and_what_a_turn_adds(rising: bool) -> None:
    trace = lasso(rising=rising)
    file = read(write(trace, Source("game.yaml", "", "none")))
    assert (file.loop, file.document.loop) == (1, 2)
    assert file.document.meta["pmmc"]["larger"] == (4 if rising else 0)
    assert departure(file, replay(trace.system, file.path, file.loop)) is None


@pytest.mark.parametrize("name", WANDERED)
def test_what_later_turns_receive_is_what_they_do_receive(name: str) -> None:
    later = 0
    for trace in wandered(name):
        length, cycle = len(trace.steps), len(trace.cycle)
        turns = 4
        whole = Causality(unrolled(trace, turns))
        known = Causality(trace)
        for parcel in known.parcels:
            (same,) = [
                p
                for p in whole.parcels
                if (p.message, p.sender, p.receiver, p.sent)
                == (parcel.message, parcel.sender, parcel.receiver, parcel.sent)
            ]
            after = [n for n in same.taken if n > length]
            assert parcel.taken == tuple(n for n in same.taken if n <= length)
            if not parcel.taken:
                first = after[0] - cycle * ((after[0] - length - 1) // cycle + 1) if after else None
                assert parcel.later == first
                later += parcel.later is not None
    assert later
