"""Engine against engine, over a family of small models that Hypothesis chooses from.

Without reductions the native engine agrees with the reference engine in every number it reports. With
any of them it finds the same verdict on every property, and exactly the same views of states.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, event, given, note, settings
from hypothesis import strategies as st

from checker import reference
from checker.exploration import UNREDUCED, Exploration, Limits, Reductions, Watch
from checker.modelfile import Faults, load_text
from checker.native.engine import _Run, explore
from checker.native.fusion import FusionRefused
from checker.native.reductions import Refused, against_fusion
from checker.native.symmetry import generated
from checker.properties import Kind, Property
from checker.semantics import ModelError
from checker.trace import confirm, confirm_raised
from checker.values import rename
from checker.vocabulary import System
from spec.mutants import MUTANTS
from spec.properties import PROPERTIES
from spec.protocol import PMMC
from spec.variants import VARIANTS

#: Models of more states than this are compared only as far as the reference engine gets with as many.
MOST_STATES = 1_500
NETWORKS = ("lossy-duplicating", "at-most-once", "fifo", {"kind": "fifo", "loss": 1})
REDUCTIONS = [
    Reductions(*on) for on in ((a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)) if any(on)
]

#: PMMC_EXAMPLES=1000 compares so many models of each network, other ones each time.
EXAMPLES = os.environ.get("PMMC_EXAMPLES")

family = settings(
    max_examples=int(EXAMPLES or 30),
    deadline=None,
    derandomize=EXAMPLES is None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)

# The family of models -------------------------------------------------------------------------------------

COMMANDS = (
    [],
    ["put k v"],
    ["put k v", "put l w"],
    ["append k v", "append k w"],
    ["get k", "put k v"],
)
INITIAL: tuple[dict[str, Any], ...] = (
    {},
    {"leader 0": {"proposals": {1: "put k v"}}},
    {"leader 0": {"active": True, "proposals": {1: "put k v"}, "commanders": [["0.0", 1, "put k v"]]}},
    {"acceptor 0": {"ballot": "0.0", "accepted": [["0.0", 1, "put k v"]]}, "leader 0": {"scout": False}},
)


def variants() -> dict[str, list[str]]:
    """Part of a node → the names of its variants and mutants."""
    found: dict[str, list[str]] = {}
    for variant in (*VARIANTS, *MUTANTS):
        found.setdefault(variant.part, []).append(variant.name)
    return found


@st.composite
def models(draw: Any, network: Any) -> System:
    """A small system, read from a model file as users write them."""
    replicas = draw(st.sampled_from((1, 1, 0, 2)))
    clients = draw(st.integers(0, 2)) if replicas == 1 else 0
    nodes = {
        "acceptors": draw(st.sampled_from((1, 2, 3))),
        "leaders": draw(st.sampled_from((1, 2))),
        "replicas": replicas,
        "clients": clients,
    }
    rounds = st.integers(1, 2)
    bounds = {"slots": draw(st.integers(1, 2)), "rounds": draw(rounds), "window": draw(st.integers(1, 2))}
    text = {
        "name": "small",
        "nodes": nodes,
        "commands": draw(st.sampled_from(COMMANDS)),
        "bounds": bounds,
        "network": network,
        "rules": dict(chosen_rules(draw)),
        "initial": draw(st.sampled_from(INITIAL)),
    }
    crash = draw(st.sampled_from((None, None, None, "acceptors", "leaders")))
    if crash is not None:
        text["faults"] = {"crashes": 1, "nodes": [crash]}
    assume("put k v" in text["commands"] or not text["initial"])
    present = {name[:-1] for name, count in nodes.items() if count}
    fitting = [p for p in PROPERTIES.values() if {v.role for v in p.views} <= present]
    text["sometimes"] = [p.id for p in fitting if p.kind is Kind.SOMETIMES]
    claims = [p.id for p in fitting if p.kind is not Kind.SOMETIMES]
    if draw(st.booleans()):
        text["properties"] = draw(st.lists(st.sampled_from(claims), min_size=1, max_size=4, unique=True))
    note(yaml.safe_dump(text, allow_unicode=True, sort_keys=False))
    try:
        return load_text(yaml.safe_dump(text, allow_unicode=True), "m", protocols={"pmmc": PMMC}).system
    except Faults:
        assume(not text["initial"])  # another ballot system writes its ballots otherwise
        raise


def chosen_rules(draw: Any) -> Iterator[tuple[str, str]]:
    """Nothing replaced, or one part of a node."""
    known = [(part, name) for part, names in variants().items() for name in names]
    choice = draw(st.sampled_from([None, *known]))
    if choice is not None:
        yield choice


# Without reductions ---------------------------------------------------------------------------------------


def account(found: Exploration) -> dict[str, Any]:
    """All that two engines must agree on."""
    return {
        "states": found.states,
        "depth": found.depth,
        "generated": found.generated,
        "frontier": found.frontier,
        "terminal": found.terminal,
        "cut": found.cut,
        "fired": found.fired,
        "stopped": found.stopped,
        "violations": {d.property: d.length for d in found.violations},
        "witnesses": {d.property: d.length for d in found.witnesses},
        "raised": found.raised is not None,
    }


def confirm_all(system: System, found: Exploration) -> None:
    for discovery in (*found.violations, *found.witnesses):
        confirm(system, discovery)
    if found.raised is not None:
        confirm_raised(system, found.raised)


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_native_and_reference_agree_in_every_number(network: Any) -> None:
    @family
    @given(models(network), st.sampled_from((1, 2, 3)))
    def agree(system: System, workers: int) -> None:
        ahead = explore(system, Limits(max_states=MOST_STATES), reductions=UNREDUCED, workers=workers)
        depth = None if ahead.stopped is None else max(2, ahead.depth - 1)
        event("whole" if depth is None else "up to a depth")
        limits = Limits(max_depth=depth)
        found = explore(system, limits, reductions=UNREDUCED, workers=workers) if depth else ahead
        wanted = reference.explore(system, limits)
        if wanted.raised is not None:  # where on that level each engine stops is its own business
            assert found.raised is not None
            assert len(confirm_raised(system, found.raised).path) == len(wanted.raised.path)
            return
        assert account(found) == account(wanted)
        confirm_all(system, found)

    agree()


# With reductions ------------------------------------------------------------------------------------------

Views = frozenset[tuple[Any, ...]]


class Everything(reference._Search):
    """A search that a violation does not end: it collects every finding, and every view."""

    def run(self) -> None:
        self.truth: dict[str, int] = {}
        super().run()

    def note(self, findings: list[Any], state: int, *last: int) -> None:
        for claim, _ in findings:
            self.judge.retire(claim)
            self.truth[claim.id] = len(self.path_to(state)) + len(last)

    def views(self, groups: list[Any]) -> list[Views]:
        """For each group of properties all that it can see."""
        locals_ = {tuple(cell.local for cell in state) for state in self.number}
        return [
            frozenset(tuple(group.view(node, x) for node, x in enumerate(each)) for each in locals_)
            for group in groups
        ]


def silenced(claim: Property) -> Property:
    return replace(claim, judge=lambda *_: None)


def shown(system: System, reductions: Reductions) -> tuple[list[Any], list[Views]]:
    """The groups of properties, and all that each was shown by a reduced search that nothing ends."""
    blind = replace(system, properties=tuple(map(silenced, system.properties)))
    allowed = reductions.fusion and against_fusion(blind) is None
    run = _Run(blind, Watch(Limits()), replace(reductions, fusion=allowed), Refused(), 1)
    try:
        run.run()
    except FusionRefused:
        run = _Run(blind, Watch(Limits()), replace(reductions, fusion=False), Refused(), 1)
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


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_reductions_lose_no_verdict_and_no_view(network: Any) -> None:
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
            assert seen == everything.views(groups)

    agree()
