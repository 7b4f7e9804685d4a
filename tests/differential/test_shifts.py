"""States up to a shift: engine against engine, over random protocols with epochs.

Without reductions but the shift, the native engine agrees with the reference engine in every number that
it reports. With symmetry and settling it finds the same verdicts and the same views.
"""

import os
from dataclasses import replace
from typing import Any

import epochs
import pytest
from hunt.comparing import account, confirm_all
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from checker.checking.confirm import confirm_raised
from checker.engines import reference
from checker.engines.contract import UNREDUCED, Exploration, Limits, Reductions
from checker.engines.native.engine import explore
from checker.engines.native.states import packing
from checker.model.properties import Kind
from checker.model.system import System
from tests.unit.support.shares import share

#: Models of more states than this are compared only as far as the reference engine gets with as many.
MOST_STATES = 200

#: PMMC_EXAMPLES=1000 compares so many protocols over each network, other ones each time.
EXAMPLES = os.environ.get("PMMC_EXAMPLES")
family = settings(
    max_examples=int(EXAMPLES or share(15)),
    deadline=None,
    derandomize=EXAMPLES is None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
every_network = pytest.mark.parametrize("network", epochs.NETWORKS, ids=lambda network: network.name)


def explored(system: System, limits: Limits, **how: Any) -> tuple[Exploration, Exploration]:
    """What the native engine and the reference engine find, as far as both get."""
    ahead = reference.explore(system, replace(limits, max_states=MOST_STATES))
    if ahead.stopped is None:
        return explore(system, limits, **how), ahead
    limits = replace(limits, max_depth=max(2, ahead.depth - 1))
    return explore(system, limits, **how), reference.explore(system, limits)


@pytest.mark.usefixtures("shared_early")
@every_network
def test_native_and_reference_agree_in_every_number(network: Any) -> None:
    @family
    @given(epochs.systems(network), st.sampled_from((1, 2, 3)))
    def agree(system: System, workers: int) -> None:
        found, wanted = explored(system, Limits(), reductions=UNREDUCED, workers=workers)
        event("whole" if wanted.stopped is None else "up to a depth")
        event("cut" if wanted.cut.get("spread") else "not cut")
        assert account(found) == account(wanted)
        assert found.futures == wanted.futures
        assert found.levels == wanted.levels
        for one in (found, wanted):
            confirm_all(system, one)

    agree()


@pytest.mark.usefixtures("shared_early")
@every_network
def test_states_that_are_packed_anew_are_the_same(network: Any) -> None:
    """So little fits into a word that states take two, and are packed anew again and again."""

    @family
    @given(epochs.systems(network), st.sampled_from((1, 2)))
    def agree(system: System, workers: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(packing, "WORD_BITS", 14)
            found, wanted = explored(system, Limits(), reductions=UNREDUCED, workers=workers)
        if found.stopped is not None and found.stopped.startswith("a limit of the engine"):
            return
        event("two words" if found.statistics["bits_per_state"] > 14 else "one word")
        assert account(found) == account(wanted)

    agree()


@pytest.mark.usefixtures("shared_early")
@every_network
def test_with_symmetry_the_same_is_found(network: Any) -> None:
    @family
    @given(epochs.systems(network), st.sampled_from((1, 2)))
    def agree(system: System, workers: int) -> None:
        how = {"reductions": Reductions(fusion=False, settling=False), "workers": workers}
        found, wanted = explored(system, Limits(), **how)
        assert {d.property: d.length for d in found.violations} == {
            d.property: d.length for d in wanted.violations
        }
        # where several bounds stop nodes, which of them comes first is up to the renaming
        assert bool(found.cut) == bool(wanted.cut)
        assert found.states <= wanted.states <= found.states * len(system.members)
        confirm_all(system, found)

    agree()


@pytest.mark.usefixtures("shared_early")
@every_network
def test_with_all_reductions_the_same_is_found(network: Any) -> None:
    @family
    @given(epochs.systems(network, strict=True), st.sampled_from((1, 2)))
    def agree(system: System, workers: int) -> None:
        claims = tuple(p for p in system.properties if p.kind in {Kind.NODE, Kind.STATE, Kind.ACTION})
        system = replace(system, properties=claims)
        found, wanted = explored(system, Limits(), reductions=Reductions(), workers=workers)
        event("settled" if found.reductions.settling else "not settled")
        if wanted.stopped is None and not wanted.cut.get("spread"):
            event("whole")
            assert {d.property: d.length for d in found.violations} == {
                d.property: d.length for d in wanted.violations
            }
        confirm_all(system, found)
        noted: tuple[set[Any], set[Any]] = (set(), set())
        plain = replace(system, symmetries=())
        reduced = explore(epochs.watched(plain, noted[0]), Limits(max_states=MOST_STATES))
        whole = reference.explore(epochs.watched(plain, noted[1]), Limits(max_states=MOST_STATES))
        if whole.stopped is None and reduced.stopped is None:
            assert noted[0] >= noted[1]
            if not whole.cut.get("spread"):
                assert noted[0] == noted[1]

    agree()


def test_a_rule_that_raises_is_found_at_real_levels() -> None:
    """Kept states are lower than real ones, and so is what is told of them until it is replayed."""

    def on_note(context: epochs.Ring, peer: epochs.Peer, note: epochs.Note) -> Any:
        assert peer.phase < 2, "too far"
        after = replace(peer, phase=peer.phase + 1, epoch=epochs.later(note.epoch, 1))
        return ((after, ((context.name(0), replace(note, epoch=after.epoch)),)),)

    role = epochs.Role("peer", {epochs.Note: on_note})
    context = epochs.Ring(0, 1, {}, {}, None)
    first = epochs.Note(0, epochs.Name(0), epochs.Epoch(0))
    member = epochs.Member(epochs.Name(0), role, context, epochs.Peer(), ((epochs.Name(0), first),))
    shift = epochs.Shift("epochs", epochs.Epoch, epochs.level, epochs.later, 2)
    system = System("raises", (member,), epochs.Fifo(), (), shift=shift)
    for found in (reference.explore(system), explore(system)):
        assert found.raised is not None
        assert len(confirm_raised(system, found.raised).path) == 2
