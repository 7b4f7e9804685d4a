"""Pieces of states and parts of them, and entries that are noted as missing."""

import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.engines.native import lacking
from checker.engines.native.arrays import Array
from checker.engines.native.lacking import Noted, missing_in
from checker.engines.native.states.packing import packing_for
from checker.engines.native.states.words import Piece, Words, held

NARROW, WIDE = packing_for([1 << 10] * 2), packing_for([1 << 20] * 5)


def words(size: int, *, wide: bool) -> Words:
    """States that can be told apart, with what sleeps in them."""
    first = np.arange(size, dtype=np.uint64)
    return Words(first, first + np.uint64(1000) if wide else first, WIDE if wide else NARROW, first * 3)


@given(
    size=st.integers(1, 200),
    wide=st.booleans(),
    chosen=st.lists(st.sets(st.integers(0, 199), min_size=1), max_size=4),
)
def test_a_part_of_a_part_is_what_is_chosen_of_what_was_chosen(
    size: int,
    wide: bool,
    chosen: list[set[int]],
) -> None:
    piece, wanted = held(words(size, wide=wide)), words(size, wide=wide)
    for places in chosen:
        some = np.array(sorted({place % piece.size for place in places}))
        piece, wanted = piece.part(some), wanted.of(some)
    found = piece.words()
    assert piece.size == found.size == wanted.size
    for one, other in zip(found[:2] + found[3:], wanted[:2] + wanted[3:], strict=True):
        np.testing.assert_array_equal(one, other)
    assert found.packing == wanted.packing


def test_a_part_holds_no_states_but_reads_them_again() -> None:
    """A level of hundreds of millions may be set aside as a whole."""
    living: list[weakref.ref[Array]] = []

    def read() -> Words:
        found = words(1 << 14, wide=False)
        living.append(weakref.ref(found.first))
        return found

    piece = Piece(1 << 14, read)
    assert piece.words().size == 1 << 14
    part = piece.part(np.arange(0, 1 << 14, 2)).part(np.arange(100))
    assert [one() for one in living] == [None]
    assert part.words().first.tolist() == list(range(0, 200, 2))
    assert part.bits is not None
    assert part.bits.nbytes == (1 << 14) // 8


@given(st.lists(st.lists(st.integers(1, 30))), st.integers(0, 20))
def test_what_is_noted_is_taken_once_and_in_order(batches: list[list[int]], room: int) -> None:
    noted = Noted()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lacking, "ROOM", room)
        for batch in batches:
            noted.add(np.array(batch, np.int64))
    assert noted.take().tolist() == sorted({entry for batch in batches for entry in batch})
    assert noted.take().shape == (0,)
    assert list(missing_in(noted.take())) == []


def test_what_is_noted_again_and_again_takes_no_more_room() -> None:
    noted, batch = Noted(), np.arange(1 << 13)
    for _ in range(1 << 8):
        noted.add(batch.copy())
        assert sum(part.nbytes for part in vars(noted)["_parts"]) <= 8 * (lacking.ROOM + batch.shape[0])
    assert noted.take().tolist() == batch.tolist()
