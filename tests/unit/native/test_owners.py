"""Owners are told by the nodes that are named, and by no others; a good choice keeps steps at home."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.engines.contract import UNREDUCED, Exploration, Limits, Watch
from checker.engines.native.search.mailbox import Queue
from checker.engines.native.search.search import Search
from checker.engines.native.states.owners import Owners, Sample, choose_owners, trouble
from checker.engines.native.states.packing import packing_for
from checker.engines.native.states.words import Packing, Words
from checker.engines.native.tables import Tables
from checker.engines.native.tuning import Tuning
from checker.modelfiles.loading import load
from spec.protocol import PMMC

NARROW, WIDE = packing_for([1 << 10] * 4), packing_for([1 << 20] * 5)
WIDE_FOUR = packing_for([1 << 20] * 4)
cells = st.lists(st.lists(st.integers(0, 999), min_size=5, max_size=5), min_size=1, max_size=30)


def packed(states: list[list[int]], packing: Packing) -> Words:
    pairs = [packing.pack(tuple(state[: len(packing.width)])) for state in states]
    w0, w1 = (np.array(words, np.uint64) for words in zip(*pairs, strict=True))
    return Words(w0, w1 if packing.wide else w0, packing)


@pytest.mark.parametrize("packing", [NARROW, WIDE], ids=["one word", "two words"])
def test_only_the_cells_of_the_named_nodes_tell_the_owner(packing: Packing) -> None:
    nodes = st.sets(st.integers(0, len(packing.width) - 1), min_size=1).map(tuple)

    @given(cells, cells, nodes, st.integers(2, 5))
    def law(states: list[list[int]], others: list[list[int]], chosen: tuple[int, ...], count: int) -> None:
        owners = Owners(count, chosen)
        mixed = [
            [a if i in chosen else b for i, (a, b) in enumerate(zip(state, other, strict=True))]
            for state, other in zip(states, others * len(states), strict=False)
        ]
        found = owners.of(packed(states, packing))
        assert found.tolist() == owners.of(packed(mixed, packing)).tolist()
        assert set(found.tolist()) <= set(range(count))

    law()


def test_the_nodes_that_seldom_change_and_yet_differ_are_chosen() -> None:
    random = np.random.default_rng(5)
    before = random.integers(0, 1000, (3000, 4))
    before[:, 0] = 7  # never changes, and tells nobody apart
    after = before.copy()
    after[:, 1] += 1  # changes in every step
    after[::2, 2] += 1
    after[::20, 3] += 1
    states, then = packed(before.tolist(), NARROW), packed(after.tolist(), NARROW)
    sample = Sample(states, states, then)
    chosen = choose_owners(2, sample)
    assert set(chosen.nodes) - {0} == {3}
    assert np.bincount(chosen.of(states)).min() > 1000
    assert all(trouble(sample, chosen) < trouble(sample, Owners(2, nodes)) for nodes in [(0,), (1,), (2,)])
    anew = choose_owners(2, sample.packed(WIDE_FOUR))
    assert set(anew.nodes) - {0} == {3}


def test_where_nothing_is_known_of_steps_all_nodes_tell() -> None:
    nothing = Words(np.zeros(0, np.uint64), np.zeros(0, np.uint64), NARROW)
    chosen = choose_owners(3, Sample(nothing, nothing, nothing))
    assert chosen == Owners(3, (0, 1, 2, 3))


@pytest.mark.parametrize(("workers", "again"), [(2, False), (3, False), (2, True), (5, True)])
def test_every_state_is_with_its_owner_and_expanded_once(
    monkeypatch: pytest.MonkeyPatch, workers: int, again: bool
) -> None:
    system = load(PMMC.models / "two-acceptors.yaml", protocols={"pmmc": PMMC}).system
    sent, send = [], Queue.send
    monkeypatch.setattr(Queue, "send", lambda *words: sent.append(1) or send(*words))
    found = Exploration(engine="native")
    kept, keep = [], Search._keep
    monkeypatch.setattr(Search, "_keep", lambda *words: kept.append(words) or keep(*words))
    early = Tuning(few=64, alone=0, piece=32, outbox=64, grown=1, gain=-9.0 if again else 9.0)
    search = Search(Tables(system, UNREDUCED), Watch(Limits()), found, workers, early)
    while search.expand_level(found.depth) is not None and search.close_level():
        found.depth += 1
    search.close()
    assert found.states == sum(store.states for store in search.stores) == 2066
    assert sum(worker.expanded for worker in search.workers) == 2066
    assert len(search.stores) == workers
    assert not any(worker.mail.waiting for worker in search.workers)
    # room comes back to where it was taken, so there is never more than is under way at one time
    assert max(len(worker.mail.spare) for worker in search.workers) < len(sent) / 4
    # these states take one word, so they are moved for the sake of owners only
    assert len(kept) > 2 if again else not kept
    assert 0 < len(search.owners.nodes) < len(system.members)
    for number, store in enumerate(search.stores):
        assert store.states > 2066 / workers / 4
        for piece in store.between(0, store.states, 1000):
            assert (search.owners.of(piece.words()) == number).all()


def test_other_owners_are_better_when_other_cells_change() -> None:
    states = np.random.default_rng(3).integers(0, 1000, (3000, 4))

    def sample(quiet: int) -> Sample:
        after = states + 1
        after[:, quiet] = states[:, quiet]
        after[::50, quiet] += 1
        before, then = packed(states.tolist(), NARROW), packed(after.tolist(), NARROW)
        return Sample(before, before, then)

    first, second = choose_owners(2, sample(0)), choose_owners(2, sample(1))
    assert (first.nodes, second.nodes) == ((0,), (1,))
    assert trouble(sample(1), second) + Tuning().gain < trouble(sample(1), first)
