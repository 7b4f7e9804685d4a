"""Random walks against the reference semantics: every step of a walk is one of it.

The models are those that the hunt chose, of all networks, with messages handled at once, rules that raise,
bounds, and claims of all kinds.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from hunt.recipes import parsed

from checker.engines import reference
from checker.engines.contract import Exploration, Limits
from checker.engines.native.kernel.walking import MOVE
from checker.engines.native.walks.parts import Part
from checker.engines.native.walks.simulating import Simulation, walk_through
from checker.engines.native.walks.tables import WalkTables
from checker.engines.simulating import Event, Walked, Walks
from checker.model.network import Fifo, Lossy, Reliable
from checker.model.semantics import State
from checker.model.system import System
from checker.simulation.replaying import Replayer

TEXT = Path(__file__).with_name("family.txt").read_text(encoding="utf-8")
FAMILY = [line for block in TEXT.split("\n\n")[1:] for line in block.split()]
#: Every so many-th of them; all with --slow.
OFTEN = 36
SOME = [pytest.param(line, marks=[pytest.mark.slow] * (k % OFTEN > 0)) for k, line in enumerate(FAMILY)]
ASKED = Walks(runs=90, steps=40, seed=5, past_violations=True)


def told(walked: Walked) -> object:
    """All that is told of a simulation but for how long it took."""
    return replace(walked, seconds=0.0, tables_dropped=0, asked=ASKED)


def real(tables: WalkTables, cells: list[int], held: list[list[int]]) -> State:
    """The state that the numbers of a walk are of."""
    from checker.model.semantics import Cell  # noqa: PLC0415 - said where it is made

    numbering, state = tables.numbering, []
    for node, cell in enumerate(cells):
        local, inbox = numbering.cells[node][cell]
        inbox = frozenset(held[node]) if tables.apart else inbox
        mapped = numbering.network.mapped(inbox, numbering.messages.__getitem__, lambda sender: sender)
        state.append(Cell(numbering.locals[node][local], mapped))
    return tuple(state)


def follow(simulation: Simulation, run: int, steps: int) -> None:
    """Take every step of a run in the reference semantics, and compare the states."""
    replayer, part = Replayer(simulation.system), simulation._alone()
    assert isinstance(part, Part)
    state = replayer.initial
    for walks in part.steps_of(run, steps):
        tables = simulation.tables
        node, what, which, lost, sender = tables.rows.events[int(walks.marks[0, MOVE])]
        message = None if what < 0 else tables.numbering.messages[what]
        event = Event(node, message, which if what >= 0 else -1 - what, lost, sender)
        taken = replayer.take(state, event)
        assert taken is not None, event
        state = taken.after
        count = walks.waiting[0].tolist()
        held = [walks.held[0, k, :n].tolist() for k, n in enumerate(count)]
        assert real(tables, walks.cells[0].tolist(), held) == state


@pytest.mark.parametrize("line", SOME)
def test_every_step_is_one_of_the_reference_semantics(line: str) -> None:
    system = parsed(line).system()
    for network in (system.network, Lossy(), Fifo(loss=1), Reliable()):
        simulation = Simulation(replace(system, network=network, shift=None), ASKED, None)
        simulation._begin_tables()
        for run in range(3):
            follow(simulation, run, 25)


@pytest.mark.parametrize("line", SOME)
def test_neither_threads_nor_how_many_go_side_by_side_change_anything(line: str) -> None:
    system = parsed(line).system()
    found = walk_through(system, ASKED)
    for workers, width in ((2, 1000), (1, 7), (3, 1)):
        other = walk_through(system, replace(ASKED, workers=workers), width=width)
        assert told(other) == told(found)


def known(system: System) -> Exploration:
    """What there is, as far as to where a rule or property raises."""
    found = reference.explore(system, Limits(max_states=20_000, past_violations=True))
    assert found.stopped is None
    return found


@pytest.mark.parametrize("line", SOME)
def test_nothing_is_found_that_is_not_there(line: str) -> None:
    system = replace(parsed(line).system(), shift=None)
    found, all_ = walk_through(system, ASKED), known(system)
    assert found.states > 0
    if all_.raised is not None or all_.failed is not None:
        return  # the search ends there, and other walks go on
    there = {d.property for d in (*all_.violations, *all_.witnesses)}
    assert {sighting.property for sighting in found.sighted} <= there  # and so no rule has raised
    assert found.reached.keys() <= there
    assert found.states <= all_.states
