"""Stores and owners: exactly the states that were put in, level by level, however many there are."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.engines.contract import UNREDUCED, Limits, Reductions
from checker.engines.native.engine import explore
from checker.engines.native.states import halves, index, pages
from checker.engines.native.states import store as store_module
from checker.engines.native.states.packing import packing_for
from checker.engines.native.states.store import Store
from checker.engines.native.tuning import Tuning
from checker.modelfiles.loading import load
from spec.protocol import PMMC

NARROW = packing_for([1 << 10] * 4)
WIDE = packing_for([1 << 20] * 4)
keys = st.integers(0, (1 << 63) - 1)
batches = st.lists(st.lists(st.one_of(keys, st.integers(0, 30)), max_size=80), min_size=1, max_size=6)


def words(values: list[int]) -> np.ndarray:
    return np.array(values, np.uint64)


@given(batches)
def test_a_state_is_kept_once_and_told_once(found: list[list[int]]) -> None:
    store, known = Store(NARROW), set()
    for batch in found:
        fresh = store.absorb(words(batch), words(batch), len(batch))
        told = [batch[k] for k in fresh]
        assert len(told) == len(set(told))
        assert set(told) == set(batch) - known
        known |= set(batch)
        assert store.close_level() == len(told)
        assert [int(x) for piece in store.level(len(store.levels) - 2, 7) for x in piece.words()[0]] == told
    assert store.states == len(known)


@given(st.lists(st.lists(st.tuples(keys, keys), max_size=60), min_size=1, max_size=5))
def test_states_of_two_words_are_kept_by_halves(found: list[list[tuple[int, int]]]) -> None:
    store, known = Store(WIDE), set()
    for batch in found:
        w0, w1 = words([a for a, _ in batch]), words([b for _, b in batch])
        told = [batch[k] for k in store.absorb(w0, w1, len(batch))]
        assert sorted(told) == sorted(set(batch) - known)
        known |= set(batch)
        store.close_level()
    out = [
        pair
        for depth in range(len(found))
        for piece in store.level(depth, 9)
        for pair in zip(*(words.tolist() for words in piece.words()[:2]), strict=True)
    ]
    assert sorted(out) == sorted(known)


@pytest.mark.parametrize("packing", [NARROW, WIDE], ids=["one word", "two words"])
def test_a_store_grows_and_forgets_nothing(packing: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halves, "PIECE", 1000)
    monkeypatch.setattr(store_module, "PIECE", 1000)
    store, rng, expected = Store(packing, Tuning(first_slots=16)), random.Random(1), 0
    everything: set[tuple[int, int]] = set()
    for _ in range(60):
        batch = [(rng.randrange(300), rng.randrange(200)) for _ in range(700)]
        store.absorb(words([a for a, _ in batch]), words([b for _, b in batch]), len(batch))
        everything |= set(batch)
        expected = len(everything) if packing is WIDE else len({a for a, _ in everything})
        assert store.states == expected
    store.close_level()
    assert sum(piece.size for piece in store.level(0, 64)) == expected
    assert store.bytes > 8 * expected


@pytest.mark.parametrize("waiting", [1 << 16, 3, 0], ids=["room", "little room", "no room"])
@pytest.mark.parametrize("packing", [NARROW, WIDE], ids=["one word", "two words"])
def test_a_table_that_grows_in_place_loses_no_key(
    packing: object, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "WAITING", waiting)
    monkeypatch.setattr(pages, "FIRST_RESERVE", 64)
    monkeypatch.setattr(pages, "RESERVE", 8)
    monkeypatch.setattr(index, "FEW_SLOTS", 4096)
    values = np.random.default_rng(7).integers(0, 1 << 62, 60_000, np.uint64)
    values[::50] = values[0]
    store, batches = Store(packing, Tuning(first_slots=16)), np.array_split(values, 40)
    for batch in batches:
        store.absorb(batch, batch, batch.shape[0])
    store.close_level()
    kept = np.concatenate([piece.words()[0] for piece in store.level(0, 999)])
    first = sorted(np.unique(values, return_index=True)[1])
    assert kept.tolist() == values[first].tolist()
    assert sum(store.absorb(batch, batch, batch.shape[0]).shape[0] for batch in batches) == 0
    assert 0.5 < store.states / store._index.slots <= index.FULLEST


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("reductions", [UNREDUCED, Reductions()], ids=["unreduced", "reduced"])
@pytest.mark.parametrize(
    "name",
    ["accept-any-ballot", "commander-as-printed", "one-client", "fifo", "duel-two-rounds-duplicating"],
)
def test_any_number_of_workers_finds_the_same(name: str, reductions: Reductions) -> None:
    system = load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system
    outcomes = set()
    for workers in (1, 2, 3, 5):
        found = explore(system, Limits(), reductions=reductions, workers=workers)
        decided = [(d.property, d.reason, d.path) for d in (*found.violations, *found.witnesses)]
        numbers = (found.states, found.depth, found.generated, found.terminal, found.frontier)
        counts = (tuple(found.cut.items()), tuple(found.fired.items()))
        tables = {k: v for k, v in found.statistics.items() if "seconds" not in k and k != "workers"}
        outcomes.add((*numbers, *counts, tuple(decided), tuple(tables.items())))
    assert len(outcomes) == 1
