"""Engine against engine, over a family of small models that Hypothesis chooses from.

Without reductions the native engine agrees with the reference engine in every number it reports. With
any of them it finds the same verdict on every property, and exactly the same views of states.
"""

import os
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hunt.comparing import REDUCTIONS, Everything, account, confirm_all
from hunt.paxos import NETWORKS, SMALL, Dials, system, text
from hypothesis import HealthCheck, assume, event, given, note, settings
from hypothesis import strategies as st

from checker.checking.confirm import confirm_raised
from checker.engines import reference
from checker.engines.contract import EVERY_STATE, UNREDUCED, Limits, Reductions, Watch
from checker.engines.groups import generated
from checker.engines.native.engine import Run, explore
from checker.engines.native.reductions.claims import Refused, against_fusion
from checker.engines.native.reductions.fusion import FusionRefused
from checker.model.network import Lossy, Reliable
from checker.model.properties import Kind, Property
from checker.model.semantics import ModelError
from checker.model.system import System
from checker.model.values import rename
from tests.unit.support.shares import share

#: Models of more states than this are compared only as far as the reference engine gets with as many.
MOST_STATES = 1_500

#: PMMC_EXAMPLES=1000 compares so many models of each network, other ones each time.
EXAMPLES = os.environ.get("PMMC_EXAMPLES")

family = settings(
    max_examples=int(EXAMPLES or share(24)),
    deadline=None,
    derandomize=EXAMPLES is None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)

#: Beside those that the family has of its own.
BESIDE = (Reliable(), Lossy())
every_network = pytest.mark.parametrize(
    "network",
    range(len(NETWORKS) + len(BESIDE)),
    ids=[*map(str, NETWORKS), *(network.name for network in BESIDE)],
)


@st.composite
def models(draw: Any, network: int) -> System:
    """A small system, read from a model file as users write them."""

    class Drawing:
        @staticmethod
        def pick(options: Any) -> Any:
            return draw(st.sampled_from(options))

    dials = Dials.drawn(Drawing(), {**SMALL, "network": (network % len(NETWORKS),)})
    note(text(dials))
    made = system(0, dials)
    beside = network - len(NETWORKS)
    return made if beside < 0 else replace(made, network=BESIDE[beside])


# Without reductions ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("shared_early")
@every_network
def test_native_and_reference_agree_in_every_number(network: int) -> None:
    @family
    @given(models(network), st.sampled_from((1, 2, 3)))
    def agree(system: System, workers: int) -> None:
        ahead = explore(system, Limits(max_states=MOST_STATES), reductions=UNREDUCED, workers=workers)
        depth = None if ahead.stopped is None else max(2, ahead.depth - 1)
        event("whole" if depth is None else "up to a depth")
        limits = Limits(max_depth=depth)
        found = explore(system, limits, reductions=UNREDUCED, workers=workers) if depth else ahead
        once = explore(system, limits, reductions=EVERY_STATE, workers=workers)
        wanted = reference.explore(system, limits)
        if wanted.raised is not None:  # where on that level each engine stops is its own business
            for one in (found, once):
                assert one.raised is not None
                assert len(confirm_raised(system, one.raised).path) == len(wanted.raised.path)
            return
        assert account(found) == account(once) == account(wanted)
        confirm_all(system, found)
        confirm_all(system, once)

    agree()


# With reductions ------------------------------------------------------------------------------------------

Views = frozenset[tuple[Any, ...]]


def views_of(everything: Everything, groups: list[Any]) -> list[Views]:
    """For each group of properties all that it can see."""
    held = everything.system.network.held
    return [
        frozenset(
            tuple(
                group.view(node, cell.local, held(cell.inbox)) if group.reads[node] else None
                for node, cell in enumerate(state)
            )
            for state in everything.walk.states
        )
        for group in groups
    ]


def silenced(claim: Property) -> Property:
    return replace(claim, judge=lambda *_: None)


def shown(system: System, reductions: Reductions) -> tuple[list[Any], list[Views]]:
    """The groups of properties, and all that each was shown by a reduced search that nothing ends."""
    blind = replace(system, properties=tuple(map(silenced, system.properties)))
    allowed = reductions.fusion and against_fusion(blind) is None
    run = Run(blind, Watch(Limits()), replace(reductions, fusion=allowed), Refused(), 1)
    try:
        run.run()
    except FusionRefused:
        run = Run(blind, Watch(Limits()), replace(reductions, fusion=False), Refused(), 1)
        run.run()
    groups = run.tables.viewing.groups
    return groups, [orbits(system, group.judged(), reductions) for group in groups]


def orbits(system: System, views: set[tuple[Any, ...]], reductions: Reductions) -> Views:
    """The views, and all their images under the symmetries."""
    generators = [g for s in system.symmetries for g in s.generators] if reductions.symmetry else []
    found = set(views)
    for renaming in generated(generators)[1:]:
        to = [system.positions[renaming.get(m.name, m.name)] for m in system.members]
        for seen in views:
            image = [None] * len(seen)
            for node, value in enumerate(seen):
                image[to[node]] = None if value is None else rename(value, renaming)
            found.add(tuple(image))
    return frozenset(found)


@every_network
def test_reductions_lose_no_verdict_and_no_view(network: int) -> None:
    @family
    @given(models(network), st.sampled_from(list(combinations(REDUCTIONS, 2))))
    def agree(system: System, chosen: tuple[Reductions, ...]) -> None:
        everything = Everything(system, Limits(max_states=MOST_STATES), None)
        try:
            everything.run()
        except ModelError:
            event("raised")
            for reductions in chosen:
                found = explore(system, reductions=reductions)
                assert found.violations or found.raised is not None
                confirm_all(system, found)
            return
        assume(everything.result.stopped is None)
        goals = {p.id for p in system.properties if p.kind is Kind.SOMETIMES}
        violated = everything.truth.keys() - goals
        event("violated" if violated else "verified")
        for reductions in {*chosen, Reductions()}:
            note(str(reductions))
            found = explore(system, reductions=reductions)
            confirm_all(system, found)
            assert found.raised is None
            assert found.stopped is None
            assert {d.property for d in found.violations} <= violated
            assert {d.property for d in found.witnesses} <= everything.truth.keys()
            if not violated:
                assert {d.property for d in found.witnesses} == everything.truth.keys()
            for claim in [p for p in system.properties if p.id in violated]:
                alone = explore(replace(system, properties=(claim,)), reductions=reductions)
                assert [d.property for d in alone.violations] == [claim.id]
                confirm_all(system, alone)
            groups, seen = shown(system, reductions)
            assert seen == views_of(everything, groups)

    agree()
