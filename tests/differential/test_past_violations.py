"""Past violations: each property is decided as if it were checked alone, whatever the engine."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hunt import peers, tables
from hunt.comparing import REDUCTIONS, account, confirm_all
from hunt.streams import Stream

from checker.engines import reference
from checker.engines.contract import UNREDUCED, Exploration, Limits, Reductions
from checker.engines.native.engine import explore
from checker.model.claims import UnsoundClaim
from checker.model.properties import On
from checker.model.semantics import ModelError
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.modelfiles.loading import load
from spec.protocol import PMMC
from tests.unit.support.shares import share

PAST = Limits(past_violations=True)
MOST_STATES = 600
SOME_WAYS = [Reductions(), Reductions(fusion=False)]


def decided(found: Exploration) -> dict[str, int | None]:
    return {d.property: d.length for d in (*found.violations, *found.witnesses)}


def each_alone(system: System) -> dict[str, int | None]:
    """What a search of the reference engine for each property by itself finds, in so many steps."""
    alone = (reference.explore(replace(system, properties=(claim,))) for claim in system.properties)
    return {name: length for found in alone for name, length in decided(found).items()}


def agree(system: System, ways: list[Reductions]) -> set[int | None]:
    """Compare a system in some ways; the lengths of the violations that were found."""
    wanted = reference.explore(system, PAST)
    assert decided(wanted) == each_alone(system)
    assert wanted.complete
    assert wanted.states == reference.explore(replace(system, properties=())).states
    for workers in (1, 2):
        found = explore(system, PAST, reductions=UNREDUCED, workers=workers)
        assert account(found) == account(wanted)
        assert (found.complete, found.futures, found.waits) == (True, wanted.futures, wanted.waits)
    for k, reductions in enumerate(ways):
        found = explore(system, PAST, reductions=reductions, workers=1 + k % 2)
        assert found.complete
        assert decided(found).keys() == decided(wanted).keys(), reductions
        shortest = {d.property: d.length for d in (*found.violations, *found.witnesses) if d.shortest}
        assert shortest.items() <= decided(wanted).items(), reductions
        assert found.reductions.fusion or shortest.keys() == decided(wanted).keys() or found.terminal
        confirm_all(system, found)
    return {d.length for d in wanted.violations}


@pytest.mark.usefixtures("shared_early")
@pytest.mark.parametrize(
    "model",
    [
        "stable-without-accepted",
        "stale-read",
        "commander-as-printed",
        "log-without-holes",
        "one-command-one-slot",
    ],
)
def test_shipped_models(model: str) -> None:
    system = load(f"spec/models/{model}.yaml", protocols={"pmmc": PMMC}).system
    assert agree(with_more(system, "R1", "C1", "no-lost-command"), SOME_WAYS)


def with_more(system: System, *names: str) -> System:
    """The system with more properties; those of roles that it has not find nothing."""
    known = {p.id: p for p in (*system.properties, *(PMMC.properties[name] for name in names))}
    return replace(system, properties=tuple(known.values()))


@pytest.mark.slow
def test_all_properties_of_shipped_models_that_violate_some() -> None:
    names = [p.id for p in PMMC.properties.values() if p.default and p.kind.on is not On.RUN]
    for path in PMMC.model_files():
        model = load(path, protocols={"pmmc": PMMC})
        expect = model.model.expect
        if expect is not None and expect.verdict is Verdict.VIOLATED and (expect.states or 0) < 20_000:
            agree(with_more(model.system, *names), SOME_WAYS)


def random_systems(seed: int) -> Iterator[System]:
    """Random systems of one family, small ones."""
    stream = Stream(seed, "past violations")
    for attempt in range(60):
        at = stream.at(attempt)
        if seed % 2:
            yield peers.system(seed, replace(peers.Dials.drawn(at), claims=63))
        else:
            yield tables.system(
                seed, replace(tables.Dials.drawn(at), raising=0, burst=0, late=0, claims=63)
            )


def compare_random(seed: int) -> set[int | None]:
    """Compare a random system of several violations, if there is one soon; how long these are."""
    for system in random_systems(seed):
        limits = replace(PAST, max_states=MOST_STATES)
        try:
            found = reference.explore(system, limits)
        except ModelError:
            continue
        if not found.complete or len({d.length for d in found.violations}) < 2:
            continue
        try:
            return agree(system, [REDUCTIONS[seed % len(REDUCTIONS)], Reductions()])
        except UnsoundClaim:
            assert system.symmetries
    return set()


@pytest.mark.usefixtures("shared_early")
def test_random_systems() -> None:
    told = [compare_random(seed) for seed in (0, 1, 4, 8, 9)[: share(5)]]
    assert all(len(lengths) > 1 for lengths in told), told


@pytest.mark.slow
@pytest.mark.usefixtures("shared_early")
def test_many_random_systems() -> None:
    for seed in range(10, 200):
        compare_random(seed)
