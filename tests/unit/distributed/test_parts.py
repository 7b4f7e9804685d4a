"""Parts of a search on many machines that need no other machine: patches, batches, copies, addresses."""

import threading
from argparse import ArgumentTypeError
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from checker.cli.grammar.addresses import cluster_address
from checker.engines.native.distributed.courier import AHEAD, ROOM, Batch, Courier, batch
from checker.engines.native.distributed.patches import SMALL, Entries, Parts, Patch, patch, patched
from checker.engines.native.distributed.replicas import Replicas
from checker.engines.native.states.pairing import Mismatch
from checker.engines.native.states.words import Packing, Words

NARROW = Packing((20, 20), (0, 0), (0, 20))
WIDE = Packing((40, 40), (0, 1), (0, 0))


def states(numbers: list[int] | range, packing: Packing = NARROW) -> Words:
    first = np.array(numbers, np.uint64)
    return Words(first, first + np.uint64(1) if packing.wide else first, packing)


# Patches ------------------------------------------------------------------------------------------------


class Inner(NamedTuple):
    large: Any
    small: Any


class Tables(NamedTuple):
    inner: Inner
    number: int
    names: list[str]


def tables(large: Any, small: Any, number: int = 0) -> Tables:
    return Tables(Inner(large, small), number, [str(number)])


LARGE = arrays.arrays(np.int32, 3 * SMALL, elements=st.integers(-3, 3), fill=st.just(0))
TABLES = st.builds(
    tables, LARGE | arrays.arrays(np.uint64, 7), arrays.arrays(np.int64, (2, 3)), st.integers(0, 2)
)


@given(st.lists(TABLES, min_size=1, max_size=4))
def test_who_is_sent_what_has_changed_has_what_there_is(course: list[Tables]) -> None:
    sent = received = None
    for now in course:
        found = patch(sent, now)
        sent, received = patched(sent, found), patched(received, found)
        for has in (sent, received):
            assert has[1:] == now[1:]
            assert all(map(np.array_equal, has.inner, now.inner))


def test_little_is_sent_of_a_large_array_in_which_little_has_changed() -> None:
    large = np.zeros(100 * SMALL, np.int32)
    sent = patched(None, patch(None, tables(large, large[:3])))
    assert patch(sent, tables(large, large[:3])).change is None
    large[[5, 700]] = 1  # the arrays of a snapshot are those of the tables, which go on to change
    found = patch(sent, tables(large, large[:3]))
    assert found.bytes == 2 * (4 + 4)
    assert patched(sent, found).inner.large[700] == 1


def test_tables_that_are_not_what_was_sent_are_noticed() -> None:
    large = np.arange(2 * SMALL)
    sent = patched(None, patch(None, tables(large, large[:3])))
    found = patch(sent, tables(large + (large == 9), large[:3]))
    parts = found.change
    assert isinstance(parts, Parts)
    inner = parts.parts[0]
    assert isinstance(inner.parts[0], Entries)
    wrong = inner._replace(
        parts=(inner.parts[0]._replace(places=np.array([8], np.uint32)), *inner.parts[1:])
    )
    with pytest.raises(Mismatch):
        patched(sent, Patch(parts._replace(parts=(wrong, *parts.parts[1:])), found.total))


# Batches ------------------------------------------------------------------------------------------------


class Done:
    """An answer that has come when what it waits for is so."""

    def __init__(self, is_so: Any = lambda: True) -> None:
        self._is_so = is_so

    def done(self, seconds: float) -> bool:
        return bool(self._is_so())

    def result(self) -> None:
        return None


class Box:
    """An owner that is nothing but its courier, and answers when there is room."""

    def __init__(self) -> None:
        self.courier: Courier | None = None
        self.came: list[Batch] = []

    def call(self, method: str, message: Batch) -> Done:
        assert method == "deliver"
        self.came.append(message)
        if self.courier is None:
            return Done()
        self.courier.put(message)
        return Done(lambda: not self.courier.is_full)


@given(st.lists(st.tuples(st.integers(1, 2), st.lists(st.integers(0, 99), max_size=9))), st.booleans())
def test_all_that_is_sent_arrives_in_batches(sent: list[tuple[int, list[int]]], wide: bool) -> None:
    packing = WIDE if wide else NARROW
    boxes = [Box(), Box(), Box()]
    courier = Courier(0, boxes, message=64)
    courier.begin(4)
    for owner, numbers in sent:
        courier.send(owner, states([*numbers, 7, 7], packing), len(numbers))
    courier.flush()
    for owner in (1, 2):
        wanted = [number for to, numbers in sent if to == owner for number in numbers]
        found = [message.words() for message in boxes[owner].came]
        assert [int(word) for words in found for word in words.first] == wanted
        assert courier.sent[owner] == len(wanted)
        assert all(message.bytes >= 64 for message in boxes[owner].came[:-1])
        assert all(
            words.packing == packing and message.era == 4
            for words, message in zip(found, boxes[owner].came, strict=True)
        )
    assert courier.traffic.states == sum(courier.sent)
    assert courier.traffic.bytes == sum(courier.sent) * (16 if wide else 8)


def test_what_is_of_another_era_is_thrown_away_or_waits() -> None:
    courier = Courier(0, [Box()])
    for era in (3, 5, 5, 6):
        courier.put(batch(era, states([era])))
    courier.begin(5)
    courier.put(batch(4, states([4])))
    assert [int(words.first[0]) for words, _ in courier.arrived()] == [5, 5]
    assert (courier.received, courier.waiting) == (2, 1)
    courier.begin(6)
    assert [int(words.first[0]) for words, _ in courier.arrived()] == [6]


def test_states_that_are_not_what_was_sent_are_noticed() -> None:
    message = batch(0, states([1, 2, 3], WIDE))
    assert message.words().size == 3
    with pytest.raises(Mismatch):
        message._replace(second=message.second + np.uint64(1)).words()


def test_two_who_send_much_to_each_other_do_not_wait_for_ever() -> None:
    boxes = [Box(), Box()]
    couriers = [Courier(number, boxes, message=8) for number in (0, 1)]
    taken: list[deque[int]] = [deque(), deque()]
    most = [0, 0]

    def take(number: int) -> None:
        most[number] = max(most[number], couriers[number].waiting)
        for words, _ in couriers[number].arrived():
            taken[number].extend(words.first.tolist())

    def work(number: int) -> None:
        for k in range(200):
            couriers[number].send(1 - number, states([k]), 1)
        couriers[number].flush()
        done[number] = True
        while not all(done):
            take(number)

    done = [False, False]
    for number, (box, courier) in enumerate(zip(boxes, couriers, strict=True)):
        box.courier = courier
        courier.begin(0)
        courier.meanwhile = lambda number=number: take(number)
    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for number in (0, 1):
        take(number)
    assert [list(found) for found in taken] == [[*range(200)]] * 2
    assert max(most) <= ROOM + AHEAD + 1, "so many wait at most"


# Copies, addresses --------------------------------------------------------------------------------------


def test_a_copy_is_what_was_copied_level_by_level(tmp_path: Path) -> None:
    replicas = Replicas()
    replicas.add(3, 1, 0, states([5]), tmp_path)
    replicas.add(3, 1, 1, states(range(9), WIDE), tmp_path)
    replicas.add(3, 1, 0, states([6, 7]), tmp_path)
    replicas.add(4, 1, 0, states([8]), tmp_path)
    assert [words.first.tolist() for words in replicas.level(3, 1, 0)] == [[5], [6, 7]]
    (wide,) = replicas.level(3, 1, 1)
    assert (wide.second.tolist(), wide.packing) == ([*range(1, 10)], WIDE)
    assert not list(replicas.level(3, 1, 2))
    replicas.forget(4)
    assert (replicas.has(3, 1), replicas.has(4, 1)) == (False, True)
    replicas.close()
    assert not replicas.has(4, 1)


@pytest.mark.parametrize("address", ["", "auto", "10.0.0.1:6379", "head.example.org:1", "[::1]:6379"])
def test_an_address_is_read(address: str) -> None:
    assert cluster_address(address) == address


@pytest.mark.parametrize(
    "address", ["duel", "duel.yaml", "host:", "host:0", "host:65536", "ray://host:10001"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"comes before --cluster|on a machine of it"):
        cluster_address(address)
