"""The index against a set of Python's: whole keys and remainders, at all sizes, and whatever keys are."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.engines.contract import resident
from checker.engines.native.kernel import machine, remainders
from checker.engines.native.states import index as index_module
from checker.engines.native.states.disk import Disk
from checker.engines.native.states.index import ENTRIES, LINE, LOW_BITS, REACH, Index, Remainders, Whole
from checker.engines.native.states.log import Log
from checker.engines.native.states.packing import packing_for
from checker.engines.native.states.pairing import Mismatch
from checker.engines.native.states.store import Store
from checker.engines.native.tuning import Tuning

U = np.uint64
TINY = Tuning(first_slots=16, most_slots=64, chunk=100)


def words(values: object) -> np.ndarray:
    return np.array(values, np.uint64)


class Compared:
    """An index, and the set that it is to be."""

    def __init__(self, bits: int, tuning: Tuning = TINY) -> None:
        self.log, self.index, self.known = Log(tuning.chunk), Index(tuning, bits), set()

    def add(self, keys: np.ndarray) -> None:
        fresh = np.empty(keys.shape[0], np.int64)
        told = keys[fresh[: self.index.add(keys, self.log, fresh)]].tolist()
        assert len(told) == len(set(told))
        assert set(told) == set(keys.tolist()) - self.known
        self.known |= set(told)
        assert self.log.read(self.log.size - len(told), self.log.size).tolist() == told

    def slots(self) -> np.ndarray:
        """Each key has a slot of its own, and what is not known has none."""
        known = words(sorted(self.known))
        slots = np.empty(known.shape[0], np.int64)
        assert self.index.table.find(known, slots) == 0
        assert np.unique(slots).shape[0] == known.shape[0]
        assert slots.min() >= 0
        assert slots.max() < self.index.slots
        return slots


def inverse(h: int, bits: int) -> int:
    """The key with a hash: `stir` backwards."""
    mask, half = (1 << bits) - 1, (bits + 1) >> 1
    for factor in (0xC4CEB9FE1A85EC53, 0xFF51AFD7ED558CCD):
        h ^= h >> half
        h = h * pow(factor, -1, 1 << bits) & mask
    return h ^ (h >> half)


def stirred(key: int, bits: int) -> int:
    with np.errstate(over="ignore"):
        return int(remainders.stir(U(key), U(bits)))


@given(st.integers(43, 63).flatmap(lambda b: st.tuples(st.just(b), st.integers(0, (1 << b) - 1))))
def test_keys_are_stirred_one_to_one(sized: tuple[int, int]) -> None:
    bits, key = sized
    assert inverse(stirred(key, bits), bits) == key
    assert stirred(inverse(key, bits), bits) == key


@given(st.integers(43, 63), st.integers(0, (1 << 63) - 1), st.integers(0, 10**6), st.integers(1, 8))
def test_a_line_and_what_it_keeps_tell_the_hash(bits: int, h: int, more: int, reach: int) -> None:
    """For each line that a key may be in, with as few lines as a table may have, and with more."""
    h >>= 63 - bits
    lines = (reach << (bits - LOW_BITS)) + more
    home = int(remainders.home_line(U(h), U(bits), U(lines)))
    assert home == (h >> (bits - 32)) * lines >> 32
    for further in range(reach):
        begin = remainders.first_hash(U(home + further), U(bits), U(lines), U(reach))
        assert int(remainders.hash_in(U(h & ((1 << LOW_BITS) - 1)), U(begin))) == h


KEYS = st.one_of(st.integers(0, (1 << 44) - 1), st.integers(0, 40))


@settings(max_examples=60)
@given(st.lists(st.lists(KEYS, min_size=1, max_size=120), min_size=1, max_size=6))
def test_an_index_knows_what_was_put_in(batches: list[list[int]]) -> None:
    compared = Compared(44)
    for batch in batches:
        compared.add(words(batch))
        compared.slots()


@pytest.mark.parametrize("bits", [43, 44, 48, 52])
def test_an_index_that_grows_at_every_size_loses_and_invents_nothing(bits: int) -> None:
    rng, compared = np.random.default_rng(bits), Compared(bits)
    for size in [1, 7, 30, 60, *[500] * 40]:
        batch = rng.integers(0, 1 << bits, size, np.uint64)
        known = words(sorted(compared.known))
        batch[: size // 3] = known[rng.integers(0, known.size, size // 3)] if known.size else 0
        compared.add(batch)
        compared.slots()
    assert isinstance(compared.index.table, Remainders)
    absent = words(sorted(set(rng.integers(0, 1 << bits, 5000).tolist()) - compared.known))
    slots = np.empty(absent.shape[0], np.int64)
    assert compared.index.table.find(absent, slots) == absent.shape[0]
    assert (slots == -1).all()


@pytest.mark.parametrize("waiting", [1 << 16, 0])
def test_keys_with_neighbouring_homes_and_alike_remainders_are_kept_apart(
    waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far more keys than lines have room for: what is left over goes to the rest, and comes back."""
    monkeypatch.setattr(index_module, "WAITING", waiting)
    bits, compared = 46, Compared(46)
    compared.add(np.arange(4000, dtype=np.uint64))
    low = [(top << LOW_BITS) | rest for top in range(16) for rest in range(300)]
    crowded = [((1 << bits) - 1) - k for k in range(3000)]
    for hashes in (low, crowded):
        keys = words([inverse(h, bits) for h in hashes])
        for part in np.array_split(keys, 30):
            compared.add(part)
        compared.slots()
    table = compared.index.table
    assert isinstance(table, Remainders)
    assert table._resting > 1000
    for _ in range(20):
        compared.add(np.random.default_rng(len(compared.known)).integers(0, 1 << bits, 900, np.uint64))
    compared.slots()


def test_an_entry_of_zeros_is_a_key_as_any() -> None:
    compared = Compared(44)
    compared.add(np.arange(1000, dtype=np.uint64))
    compared.add(words([inverse(0, 44), inverse(1 << LOW_BITS, 44), inverse((1 << 44) - 1, 44)]))
    compared.slots()


def test_what_is_in_a_log_twice_is_not_entered_in_silence() -> None:
    log = Log(100)
    log.append(words([1, 2, 3, 2]))
    for tuning in (TINY, Tuning(first_slots=1, most_slots=0)):
        with pytest.raises(Mismatch, match="of 4 keys"):
            Index.of(log, tuning, 44)


def test_sizes_are_those_of_the_kernel() -> None:
    assert (LINE, ENTRIES, LOW_BITS) == (remainders.LINE, remainders.ENTRIES, remainders.LOW_BITS)


def test_a_table_grows_without_a_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither kind asks for room for its new size once it has begun; each is spread where it is."""
    asked: list[int] = []
    reserve = index_module.reserve
    monkeypatch.setattr(index_module, "reserve", lambda *size: asked.append(size[0]) or reserve(*size))
    compared = Compared(44, Tuning(first_slots=16, most_slots=1 << 12, chunk=100))
    for first in range(0, 40_000, 500):
        compared.add(np.arange(first, first + 500, dtype=np.uint64))
    assert len(asked) == 2, "one for whole keys, one for remainders"
    assert isinstance(Index(TINY, 44).table, Whole)


@pytest.mark.slow
@pytest.mark.parametrize("on_disk", [True, False])
def test_bytes_of_a_state_beyond_fifty_million(tmp_path: Path, *, on_disk: bool) -> None:
    """From 50 million on at most 8 of memory with the log on disk, growth included."""
    machine.kernels()
    begun, rng = resident(), np.random.default_rng(1)
    store = Store(packing_for([1 << 20] * 3), Tuning(), 0, Disk(tmp_path) if on_disk else None)
    assert (store.packing.wide, store.packing.key_bits) == (False, 63)
    most = 0.0
    while store.states < 62_000_000:
        batch = rng.integers(0, 1 << 63, 1 << 15, np.uint64)
        store.absorb(batch, batch, batch.shape[0])
        if store.states > 50_000_000:
            most = max(most, (resident() - begun) / store.states)
            assert store.bytes / store.states <= (8 if on_disk else 16)
    assert most <= (8.2 if on_disk else 16.2)
    store.close()


def test_reach_is_at_least_what_a_table_begins_with() -> None:
    assert index_module._reach(REACH << (63 - LOW_BITS), 63) == REACH
