"""Packing: cell numbers in one or two words and back, and searches that need two, or ever wider ones."""

from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.checking.confirm import confirm
from checker.engines import reference
from checker.engines.contract import UNREDUCED, Exploration, Limits, Reductions
from checker.engines.native import viewing
from checker.engines.native.engine import explore
from checker.engines.native.kernel import layout
from checker.engines.native.states import packing
from checker.engines.native.states.owners import Owners
from checker.engines.native.states.packing import packing_for
from checker.engines.native.states.store import Store, moved
from checker.engines.native.states.words import Packing
from checker.model.system import System
from checker.modelfiles.loading import load, load_text
from spec.protocol import PMMC

cell_counts = st.lists(st.integers(1, 1 << 22), min_size=1, max_size=12)


def shipped(name: str) -> System:
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system


@given(cell_counts, st.data())
def test_what_is_packed_comes_out_again(counts: list[int], data: st.DataObject) -> None:
    chosen = packing_for(counts)
    if chosen is None:
        assert sum((count - 1).bit_length() for count in counts) > packing.WORD_BITS
        return
    assert chosen.fits(counts)
    state = tuple(data.draw(st.integers(0, count - 1)) for count in counts)
    first, second = chosen.pack(state)
    assert chosen.unpack(first, second) == state
    assert first != layout.EMPTY
    assert max(first, second) < 1 << packing.WORD_BITS
    assert chosen.wide or second == 0


@given(cell_counts)
def test_places_do_not_overlap(counts: list[int]) -> None:
    chosen = packing_for(counts)
    if chosen is None:
        return
    for word in (0, 1):
        here = [
            (s, w) for s, w, k in zip(chosen.shift, chosen.width, chosen.word, strict=True) if k == word
        ]
        assert all(s + w <= later for (s, w), (later, _) in pairwise(here))


def words_of(states: list[tuple[int, ...]], chosen: Packing) -> tuple[np.ndarray, np.ndarray]:
    pairs = [chosen.pack(state) for state in states]
    w0 = np.array([first for first, _ in pairs], np.uint64)
    return w0, np.array([second for _, second in pairs], np.uint64) if chosen.wide else w0


@given(
    st.lists(st.tuples(*[st.integers(0, 999)] * 5), unique=True, max_size=60),
    st.integers(1, 4),
    st.lists(st.builds(Owners, st.integers(2, 4), st.sets(st.integers(0, 4)).map(tuple)), max_size=2),
)
def test_moved_states_stay_on_their_levels(
    states: list[tuple[int, ...]], count: int, later: list[Owners]
) -> None:
    narrow, wide = packing_for([1000] * 5), packing_for([1000, 1 << 22, 1 << 22, 1 << 22, 1000])
    assert narrow is not None
    assert wide is not None
    assert wide.wide > narrow.wide
    levels = [states[:1], states[1:20], states[20:]]
    stores = [Store(narrow) for _ in range(count)]
    for level in levels:
        for k, store in enumerate(stores):
            mine = level[k::count]
            store.absorb(*words_of(mine, narrow), len(mine))
            store.close_level()
    for chosen, owners in product((wide, narrow), [Owners(1), *later]):
        stores = moved(stores, chosen, owners)
        assert len(stores) == owners.count
        for k, store in enumerate(stores):
            assert all((owners.of(p.words()) == k).all() for p in store.between(0, store.states, 9))
        for depth, level in enumerate(levels):
            found = [
                chosen.unpack(int(first), int(second) if chosen.wide else 0)
                for store in stores
                for piece in store.level(depth, 7)
                for first, second in zip(*piece.words()[:2], strict=True)
            ]
            assert sorted(found) == sorted(level)


def outcome(found: Exploration) -> object:
    decided = [(d.property, d.path) for d in (*found.violations, *found.witnesses)]
    return found.states, found.depth, found.generated, found.terminal, found.cut, found.fired, decided


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    "name", ["two-acceptors", "accept-any-ballot", "three-acceptors-two-slots", "majorities-any-length"]
)
@pytest.mark.parametrize("reductions", [UNREDUCED, Reductions()], ids=["unreduced", "reduced"])
def test_states_of_two_words_are_the_same_states(
    monkeypatch: pytest.MonkeyPatch, name: str, workers: int, reductions: Reductions
) -> None:
    system, limits = shipped(name), Limits(max_depth=14)
    usual = explore(system, limits, reductions=reductions, workers=workers)
    monkeypatch.setattr(packing, "WORD_BITS", 40)
    found = explore(system, limits, reductions=reductions, workers=workers)
    assert found.statistics["bits_per_state"] > 40
    assert outcome(found) == outcome(usual)


@pytest.mark.usefixtures("shared_early")
def test_many_nodes_take_two_words() -> None:
    text = (
        "name: many\nnodes: {acceptors: 9, leaders: 3, replicas: 3}\n"
        "commands: [put k v, put l w]\nbounds: {slots: 2, rounds: 2}\nsymmetry: []\n"
    )
    system = load_text(text, "many.yaml", protocols={"pmmc": PMMC}).system
    found = explore(system, Limits(max_depth=4), reductions=UNREDUCED, workers=2)
    wanted = reference.explore(system, Limits(max_depth=4))
    assert (found.states, found.generated, found.fired) == (wanted.states, wanted.generated, wanted.fired)
    assert found.stopped == wanted.stopped
    assert found.statistics["bits_per_state"] > 63


def test_states_that_do_not_fit_are_a_limit_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "WORD_BITS", 12)
    found = explore(shipped("two-acceptors"), reductions=UNREDUCED)
    assert found.stopped is not None
    assert found.stopped.startswith("a limit of the engine was reached: a state of this model needs more")
    assert not found.complete
    assert found.states > 1


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    "name", ["two-slots", "accept-any-ballot", "one-command-one-slot", "duel-any-length-two-commands"]
)
@pytest.mark.parametrize("reductions", [UNREDUCED, Reductions()], ids=["unreduced", "reduced"])
def test_views_are_laid_out_anew_when_they_outgrow_their_places(
    monkeypatch: pytest.MonkeyPatch, name: str, workers: int, reductions: Reductions
) -> None:
    system = shipped(name)
    usual = explore(system, reductions=reductions, workers=workers)
    widened = []
    widen = viewing.Group.widen
    make = viewing.Group.__init__

    def make_narrow(group: viewing.Group, *arguments: object) -> None:
        make(group, *arguments)
        group.width = [min(width, 1) for width in group.width]
        group.layout()

    monkeypatch.setattr(viewing.Group, "__init__", make_narrow)
    monkeypatch.setattr(viewing.Group, "widen", lambda group: widened.append(group) or widen(group))
    monkeypatch.setattr(viewing, "COMBINATION_BITS", 26)
    found = explore(system, reductions=reductions, workers=workers)
    assert outcome(found) == outcome(usual)
    assert widened


def test_views_that_do_not_fit_are_a_limit_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "COMBINATION_BITS", 6)
    found = explore(shipped("two-slots"), reductions=UNREDUCED)
    assert found.stopped is not None
    assert found.stopped.startswith("a limit of the engine was reached: the views that a property reads")
    assert not found.complete


@pytest.mark.usefixtures("shared_early")
def test_the_path_is_real_when_states_are_repacked_on_the_way() -> None:
    path = Path(__file__).parents[2] / "golden" / "models" / "broken-promise.yaml"
    system = load(path, protocols={"pmmc": PMMC}).system
    found = explore(system, reductions=UNREDUCED, workers=2)
    assert {d.property: d.length for d in found.violations}["R1"] == 14
    for violation in found.violations:
        confirm(system, violation)
