"""Models that never end, or are too large for some part of the engine: limits hold, and nothing is lost."""

import tracemalloc
from dataclasses import dataclass, replace
from typing import Any

import pytest

from checker import AtMostOnce, Kind, LossyDuplicating, Member, Property, Role, System, View
from checker.engines.choose import Means, choose_engine
from checker.engines.contract import UNREDUCED, Exploration, Limits, Reductions
from checker.engines.native import engine, tuning
from checker.engines.native.engine import explore
from checker.engines.native.reductions import fusion
from checker.engines.native.search import search
from checker.engines.native.states import packing
from checker.engines.native.tuning import Tuning
from checker.modelfiles.loading import load
from spec.protocol import PMMC
from tests.differential.elections import election


@dataclass(frozen=True)
class Ask:
    """Anybody → server."""


def count_on(me: Any, asked: int, message: Ask) -> Any:
    return ((asked + 1, ()),)


def tally(kept: View) -> System:
    """A server that counts what it is asked: its local state has no bound."""
    claim = Property("never", Kind.STATE, "Never.", "ours", (kept,), lambda *_: None)
    member = Member("server", Role("server", {Ask: count_on}), None, 0, (("outside", Ask()),))
    return System("tally", (member,), LossyDuplicating(), (claim,))


UNSEEN, SEEN = View("none", "server", lambda asked: None), View("count", "server", lambda asked: asked)


@pytest.mark.parametrize("view", [UNSEEN, SEEN], ids=["unseen", "seen"])
@pytest.mark.parametrize(
    "limits", [Limits(max_states=1000), Limits(timeout=0.2), Limits(max_depth=50)], ids=str
)
def test_a_local_state_without_bound_meets_the_limits(view: View, limits: Limits) -> None:
    found = explore(tally(view), limits)
    assert found.stopped is not None
    assert not found.complete
    assert found.states >= (1 if limits.timeout else 50)
    refused = found.reductions.words()[:1]
    assert (refused == ()) == (view is SEEN) or refused == ("fusion",)
    if view is UNSEEN:
        assert refused[0].startswith("no fusion (server can take 4,096 steps that nobody sees, the last")
        assert "server.ask" in refused[0]


def test_silent_steps_up_to_the_limit_are_fused(monkeypatch: pytest.MonkeyPatch) -> None:
    def bounded(me: Any, asked: int, message: Ask) -> Any:
        return ((asked + 1, ()),) if asked < 99 else ()

    system = tally(UNSEEN)
    role = Role("server", {Ask: bounded})
    system = replace(system, members=(replace(system.members[0], role=role),))
    assert explore(system).states == 1
    monkeypatch.setattr(fusion, "MOST_PLACES", 99)
    found = explore(system)
    assert found.complete
    assert (found.states, found.reductions.words()[0][:9]) == (100, "no fusion")


def test_a_clock_is_looked_at_while_entries_are_filled_and_claims_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing but Python's own work takes time here: no piece of states is under way when time is up."""
    monkeypatch.setattr(tuning, "USUAL", Tuning(entries=1, look=0.0))
    late: list[int] = []

    def look(watch: Any, so_far: Exploration, bytes_used: int = 0) -> str | None:
        late.append(so_far.states)
        return "the time is up" if len(late) > 40 else None

    monkeypatch.setattr("checker.engines.contract.Watch.look", look)
    found = explore(election(4), reductions=Reductions(fusion=False))
    assert found.stopped == "the time is up"
    assert not found.complete
    assert not found.violations


@pytest.mark.parametrize("nodes", [11, 26, 40, 60])
def test_many_nodes_are_packed_without_listing_all_ways_to_split_them(nodes: int) -> None:
    tracemalloc.start()
    found = packing.packing_for([1 << 2] * nodes)
    wide = packing.packing_for([1 << (120 // nodes)] * nodes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20
    assert found is not None
    assert wide is not None
    assert wide.wide
    assert wide.fits([1 << (120 // nodes)] * nodes)


def test_a_search_with_many_nodes_ends() -> None:
    members = [Member(f"idle {k}", Role("idle", {}), None, 0) for k in range(45)]
    busy = Role("server", {}, {"go": lambda me, n: (((n + 1) % 5, ()),)})
    members += [Member(f"busy {k}", busy, None, 0) for k in range(4)]
    claim = Property("never", Kind.STATE, "Never.", "ours", (SEEN,), lambda *_: None)
    found = explore(System("many", tuple(members), AtMostOnce(), (claim,)))
    assert found.complete
    assert found.states == 5**4


def test_the_reference_engine_keeps_to_a_limit_of_memory() -> None:
    system = load(PMMC.models / "majorities.yaml", protocols={"pmmc": PMMC}).system
    for name in ("reference", "auto"):
        found = choose_engine(Means(name))(system, Limits(memory=20_000), None)
        assert found.stopped == "the limit of 20,000 bytes for states was reached"


def test_what_the_process_grows_by_counts_as_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    grown = iter(range(0, 1 << 40, 1 << 26))
    monkeypatch.setattr("checker.engines.contract.resident", lambda: next(grown))
    found = explore(tally(SEEN), Limits(memory=1 << 28))
    assert found.stopped == "the limit of 268,435,456 bytes for states and tables was reached"


def test_a_violation_on_a_level_that_memory_cuts_short_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory runs out after a level's states were found and before the level is through."""
    system = load(PMMC.models / "one-active-leader.yaml", protocols={"pmmc": PMMC}).system
    expand = search.Search.expand_level
    wanted = explore(system).violations

    def scarce(self: search.Search, depth: int) -> Any:
        expand(self, depth)
        if depth == explored - 1:
            raise MemoryError
        return []

    explored = explore(system).depth
    monkeypatch.setattr(search.Search, "expand_level", scarce)
    found = explore(system)
    assert found.stopped == "the machine has no more memory to give"
    assert [d.property for d in found.violations] == [d.property for d in wanted]


def test_memory_that_is_gone_for_the_account_too_is_no_internal_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freed: list[int] = []
    released = engine.Run._out_of_memory
    monkeypatch.setattr(search.Search, "expand_level", lambda *_: (_ for _ in ()).throw(MemoryError))
    monkeypatch.setattr(
        engine.Run, "_out_of_memory", lambda run: (freed.append(len(run.spare)), released(run))
    )
    found = explore(tally(SEEN))
    assert found.stopped == "the machine has no more memory to give"
    assert freed[0] == engine.SPARE


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("reductions", [UNREDUCED, Reductions()], ids=["unreduced", "reduced"])
def test_a_violation_on_a_level_that_a_limit_cuts_short_is_told(reductions: Reductions) -> None:
    system = load(PMMC.models / "one-active-leader.yaml", protocols={"pmmc": PMMC}).system
    whole = explore(system, reductions=reductions)
    found = explore(system, Limits(max_states=whole.states - 20), reductions=reductions)
    assert found.stopped is not None
    assert found.states <= whole.states
    assert [d.property for d in found.violations] == [d.property for d in whole.violations]
