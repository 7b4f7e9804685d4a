"""What workers are told of tables, and how they reach each other; arrays that are laid out anew."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.engines.contract import UNREDUCED, Exploration, Limits, Reductions, Watch
from checker.engines.native.arrays import PerCell, Stretches, relaid
from checker.engines.native.kernel.layout import Graph
from checker.engines.native.search.mailbox import Round, queues
from checker.engines.native.search.search import Search
from checker.engines.native.states.packing import packing_for
from checker.engines.native.states.words import Words, held
from checker.engines.native.tables import Tables
from checker.modelfiles.loading import load
from spec.protocol import PMMC

PACKING = packing_for([1 << 10] * 2)


def words(*values: int) -> Words:
    array = np.array(values, np.uint64)
    return Words(array, array, PACKING)


@pytest.mark.parametrize("reductions", [UNREDUCED, Reductions()], ids=["unreduced", "reduced"])
def test_nobody_can_write_to_a_snapshot_and_it_stays_while_nothing_is_filled(
    reductions: Reductions,
) -> None:
    system = load(PMMC.models / "majorities.yaml", protocols={"pmmc": PMMC}).system
    search = Search(Tables(system, reductions), Watch(Limits()), Exploration(engine="native"), 1)
    snapshot = search.snapshot()
    for arrays in (snapshot.fields, snapshot.graph, snapshot.orbits, snapshot.looks):
        for array in arrays:
            if isinstance(array, np.ndarray):
                with pytest.raises(ValueError, match="read-only"):
                    array[...] = 0
    before = snapshot.graph.row_ptr.copy()
    search.tables.rows.fill(0, 0)  # it waits to be entered
    assert (snapshot.graph.row_ptr == before).all()
    assert search.snapshot().graph.row_ptr[0] >= 0 > before[0]
    assert isinstance(snapshot.graph, Graph)


def test_what_waits_in_arrays_is_entered_by_flushing_and_not_by_reading() -> None:
    per_cell = PerCell(2, room=2)
    per_cell.add("one", np.int32, -1)
    per_cell.put(("one",), 1, 5, (7,))
    for read in (lambda: per_cell["one"], lambda: per_cell.base, lambda: per_cell.at(1, 5)):
        with pytest.raises(AssertionError, match="flush"):
            read()
    per_cell.flush()
    assert per_cell["one"][per_cell.at(1, 5)] == 7
    assert (per_cell["one"] == -1).sum() == per_cell.stretches.size - 1


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 4)), min_size=1, max_size=4))
def test_an_array_that_is_laid_out_anew_keeps_every_entry(rooms: list[tuple[int, int]]) -> None:
    def stretches(room: list[int]) -> Stretches:
        return Stretches(np.cumsum([0, *room[:-1]]), room)

    old = stretches([room for room, _ in rooms])
    new = stretches([room + more for room, more in rooms])
    array = np.arange(2 * old.size).reshape(2, -1)
    laid = relaid(array, -1, old, new)
    for node, (room, more) in enumerate(rooms):
        at, to = old.base[node], new.base[node]
        assert (laid[:, to : to + room] == array[:, at : at + room]).all()
        assert (laid[:, to + room : to + room + more] == -1).all()


def test_what_is_sent_comes_to_its_owner_as_it_was_and_buffers_come_back() -> None:
    one, other = queues(2)
    buffer = words(1, 2, 3)
    one.send(1, buffer, 2)
    buffer.first[:] = 9
    one.send(1, buffer, 1)
    assert (one.waiting, other.waiting) == (0, 2)
    assert [(batch.first[:count].tolist(), count) for batch, count in other.arrived()] == [
        ([1, 2], 2),
        ([9], 1),
    ]
    assert other.waiting == 0
    assert len(one.spare) == 2
    one.send(1, words(4, 5, 6), 3)
    assert len(one.spare) == 1
    assert [batch.first.tolist() for batch, _ in other.arrived()] == [[4, 5, 6]]


def test_who_has_no_pieces_left_takes_over_the_last_of_another_until_all_is_to_stop() -> None:
    pieces = [held(words(k)) for k in range(4)]
    together = Round([pieces[:3], pieces[3:]])
    assert together.size == 4
    taken = [together.take(1), together.take(1), together.take(0)]
    assert taken == [pieces[3], pieces[2], pieces[0]]
    together.stopped = True
    assert together.take(0) is None
