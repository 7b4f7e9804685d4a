"""Schedulers, limits of memory, and what is shortened."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from walkedsystems import Note, counter, in_order

from checker import AtMostOnce, Fifo, Kind, LossyDuplicating, Member, Property, Role, System, View
from checker.checking.question import Question
from checker.engines.native.kernel.walking import MOVE
from checker.engines.native.walks.simulating import Simulation, walk_through
from checker.engines.simulating import Walks
from checker.model.network import Network
from checker.model.verdict import ExitCode, Verdict
from checker.simulation.replaying import Replayer, shows_of
from checker.simulation.shortening import shortened
from checker.simulation.simulate import simulate_system


def first_steps(network: Network, runs: int) -> Counter[object]:
    """The events with which so many runs begin."""
    simulation = Simulation(counter(network=network), Walks(runs, 1, 3, "uniform"), None)
    simulation._begin_tables()
    walks = simulation.part.walk(range(runs), lambda _: None)
    rows = simulation.tables.rows
    return Counter(rows.events[move] for move in walks.marks[:, MOVE].tolist())


@pytest.mark.parametrize("network", [AtMostOnce(), Fifo()], ids=lambda n: n.name)
def test_uniform_takes_every_step_as_often(network: Network) -> None:
    runs, found = 20_000, first_steps(network, 20_000)
    kinds = 10 if isinstance(network, AtMostOnce) else 4  # of a queue the oldest message only
    assert len(found) == kinds
    expected = runs / kinds
    chi_square = sum((times - expected) ** 2 / expected for times in found.values())
    assert chi_square < {10: 27.9, 4: 16.3}[kinds]  # exceeded once in a thousand seeds


def rate(scheduler: str, claim: Property, depth: int, runs: int = 3_000) -> float:
    walks = Walks(1, 16, 1, scheduler, depth)
    system = counter((claim,))
    hits = 0
    simulation = Simulation(system, replace(walks, runs=runs), None)
    simulation._begin_tables()
    found = simulation.part.walk(range(runs), lambda _: None)
    cells = simulation.tables.numbering
    for row in found.cells[:, 0].tolist():
        hits += claim.judge(None, cells.value(0, row)) is not None
    return hits / runs


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_pct_keeps_its_promise(depth: int) -> None:
    """An order of d events is met with a probability of at least 1/(n·k^(d-1)): n strands, k steps."""
    strands, steps = 10, 10
    claim = in_order(*range(6, 6 - depth, -1))
    assert rate("pct", claim, depth) >= 1 / (strands * steps ** (depth - 1))


def test_pct_falls_at_its_points_of_change() -> None:
    """Without points of change the order of priorities is that of one permutation; with them it is not."""
    simulation = Simulation(counter(), Walks(400, 16, 1, "pct", 1), None)
    simulation._begin_tables()
    walks = simulation.part.walk(range(400), lambda _: None)
    assert walks.fallen.shape[1] == 0
    deeper = Simulation(counter(), Walks(400, 16, 1, "pct", 4), None)
    deeper._begin_tables()
    fell = deeper.part.walk(range(400), lambda _: None).fallen
    assert (fell != 2**64 - 1).any(axis=1).sum() > 100


def test_swarm_leaves_something_out() -> None:
    found = walk_through(counter(), Walks(500, 16, 1, "swarm"))
    assert found.ends["left out"] > 50
    assert found.ends["terminal"] > 50
    assert walk_through(counter(), Walks(500, 16, 1, "uniform")).ends == {"terminal": 500}


@pytest.mark.parametrize("network", [AtMostOnce(), LossyDuplicating()], ids=lambda n: n.name)
def test_tables_that_outgrow_their_memory_begin_anew_and_nothing_changes(network: Network) -> None:
    asked = Walks(1_100, 5, 1, past_violations=True)
    system = counter((in_order(3, 1, 2), in_order(6, 0)), network)
    plenty = walk_through(system, asked)
    little = walk_through(system, replace(asked, memory=3 << 19))
    assert little.tables_dropped > 0
    assert plenty.tables_dropped == 0
    forgotten = {"asked": asked, "tables_dropped": 0, "seconds": 0.0}
    assert replace(little, **forgotten) == replace(plenty, **forgotten)


def test_memory_that_does_not_suffice_for_one_run_ends_it() -> None:
    found = walk_through(counter(), Walks(100, 8, 1, memory=1 << 10))
    assert "a limit of the engine was reached" in (found.stopped or "")
    assert found.runs == 0


def test_all_states_are_counted() -> None:
    """Of the reachable states none is counted twice, and after many runs hardly one is missing."""
    system = replace(counter(), members=counter().members[1:])
    assert walk_through(system, Walks(100, 16, 1, "uniform")).states == 8


@pytest.mark.parametrize("wanted", [(5,), (4, 2), (6, 3, 0)])
def test_what_is_left_of_a_run_is_locally_minimal(wanted: tuple[int, ...]) -> None:
    claim = in_order(*wanted)
    system = counter((claim,))
    walked = walk_through(system, Walks(1_000, 16, 1))
    (sighted,) = walked.sighted
    replayer = Replayer(system)
    shows = shows_of(replayer, claim)
    left = shortened(replayer, sighted.events, shows)
    assert left is not None
    assert len(left) == len(wanted)
    for k in range(len(left)):
        assert replayer.until([one.event for j, one in enumerate(left) if j != k], shows) is None


def test_walks_verify_nothing() -> None:
    """Even if all that is asked for was reached."""
    seen = View("seen", "list", lambda seen: seen)
    goal = Property("g", Kind.SOMETIMES, "Reached.", "this test", (seen,), lambda *_: "reached")
    found = simulate_system(counter((goal,)), Question(), Walks(10, 16))
    assert found.check.verdict is Verdict.INCONCLUSIVE
    assert found.exit_code is ExitCode.INCONCLUSIVE
    assert found.walked.reached == {"g": "reached"}


def test_a_rule_that_raises_is_found_and_replayed() -> None:
    def note(_: Any, seen: tuple[int, ...], message: Note) -> Any:
        if message.n == 3 and 1 in seen:
            raise ValueError("three after one")
        return (((*seen, message.n), ()),)

    role = Role("list", {Note: note})
    first = tuple(("a", Note(n)) for n in range(5))
    nothing = Property(
        "p", Kind.NODE, "Nothing.", "this test", (View("s", "list", lambda s: s),), lambda *_: None
    )
    system = System("raising", (Member("a", role, None, (), first),), AtMostOnce(), (nothing,))
    found = simulate_system(system, Question(), Walks(100, 16, workers=2))
    assert found.exit_code is ExitCode.MODEL_RAISED
    assert found.check.raised is not None
    assert "three after one" in found.check.raised.reason
    assert len(found.check.raised.path) == 1
