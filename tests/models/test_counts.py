"""Every shipped model, and those beside this file, finds exactly what it says it finds, in every engine."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from checker.checking.confirm import confirm
from checker.checking.judgement import comparable
from checker.engines import reference
from checker.engines.contract import EVERY_STATE, Exploration
from checker.engines.native import engine as native
from checker.model.properties import Kind
from checker.model.system import System
from checker.model.verdict import Verdict
from checker.modelfiles.loading import load_text
from checker.modelfiles.schema import Expect, ModelFile
from spec.protocol import PMMC
from tests.unit.support.shippedmodels import loaded

FILES = sorted((*PMMC.models.glob("*.yaml"), *Path(__file__).parent.glob("*.yaml")))

#: acceptors, leaders, replicas, slots, rounds, commands → states and depth, at-most-once and
#: lossy-duplicating, as counted by TLC and by an explorer that shares no code with this one.
COUNTS = {
    (1, 2, 1, 1, 1, 1): ((142, 13), (743, 17)),
    (1, 2, 1, 1, 2, 1): ((216, 15), (47263, 28)),
    (1, 2, 1, 1, 1, 2): ((529, 14), (2915, 18)),
    (1, 2, 1, 2, 1, 2): ((5521, 21), (367107, 28)),
    (2, 2, 1, 1, 1, 1): ((2066, 21), None),
    (2, 1, 2, 1, 1, 2): ((1041, 16), (1657, 18)),
    (3, 1, 1, 1, 1, 1): ((258, 14), (726, 18)),
    (3, 1, 1, 2, 1, 2): ((14390, 22), None),
    (3, 2, 1, 1, 1, 1): ((394450, 25), None),
    (3, 2, 1, 1, 1, 2): ((1572457, 26), None),
}


#: Larger models are left to the native engine, unless slow tests are asked for.
STATES_FOR_REFERENCE = 3_000
#: More are too many for the reference engine: ten million states take half an hour and 13 GB.
MOST_FOR_REFERENCE = 2_000_000
STATES_FOR_NATIVE = 400_000


def cases(slow: Callable[[ModelFile], bool], *, reduced: bool = False) -> Iterator[Any]:
    """The models, marked if slow; without reductions only those whose states could be counted so."""
    for path in FILES:
        model = loaded(path).model
        if model.large:
            continue
        if reduced or (model.expect is not None and model.expect.states is not None):
            marks = [pytest.mark.slow] if slow(model) else []
            yield pytest.param(path, id=path.stem, marks=marks)


def cases_for_reference() -> list[Any]:
    return [
        case
        for case in cases(slow_for_reference)
        if loaded(case.values[0]).model.expect.states <= MOST_FOR_REFERENCE
    ]


def slow_for_reference(model: ModelFile) -> bool:
    return model.expect.states > STATES_FOR_REFERENCE


def slow_for_native(model: ModelFile) -> bool:
    """Whether a model takes many seconds without reductions, and is left out of a check of all models."""
    return model.slow and model.expect.states > STATES_FOR_NATIVE


def expected(path: Path) -> tuple[System, Expect]:
    model = loaded(path)
    assert model.model.expect is not None
    return model.system, model.model.expect


def compare(found: Exploration, expect: Expect, system: System) -> None:
    """The verdict, the property, the length and the coverage are what the file says."""
    assert found.raised is None
    assert found.stopped is None
    assert tuple(action for action, times in found.fired.items() if not times) == expect.unfired
    goals = {p.id for p in system.properties if p.kind is Kind.SOMETIMES}
    for discovery in (*found.violations, *(w for w in found.witnesses if w.path is not None)):
        confirm(system, discovery)
    if expect.verdict is Verdict.VERIFIED:
        assert found.violations == []
        assert {d.property for d in found.witnesses} == goals
    else:
        assert [d.property for d in found.violations] == [expect.property]
        if "length" in comparable(found):
            assert [d.length for d in found.violations] == [expect.length]


@pytest.mark.parametrize("path", cases_for_reference())
def test_reference_engine_finds_what_is_expected(path: Path) -> None:
    system, expect = expected(path)
    found = reference.explore(system)
    assert (found.states, found.depth) == (expect.states, expect.depth)
    compare(found, expect, system)


@pytest.mark.parametrize("path", list(cases(slow_for_native)))
def test_native_engine_finds_the_same_states(path: Path) -> None:
    system, expect = expected(path)
    found = native.explore(system, reductions=EVERY_STATE, workers=2)
    assert (found.states, found.depth) == (expect.states, expect.depth)
    compare(found, expect, system)


@pytest.mark.parametrize("path", list(cases(lambda model: model.slow, reduced=True)))
def test_reduced_search_counts_what_is_expected(path: Path) -> None:
    system, expect = expected(path)
    found = native.explore(system, workers=2)
    wanted = expect.reduced if expect.reduced is not None else expect
    assert (found.states, found.depth) == (wanted.states, wanted.depth)
    compare(found, expect, system)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_complete(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    model = loaded(path).model
    assert text.startswith("# "), "the first line says what the model shows"
    assert model.name == path.stem
    assert model.about
    if model.large:  # to be walked through, and not to be explored
        return
    assert model.expect is not None
    assert model.expect.states is not None or model.expect.reduced is not None
    for figures in (model.expect, model.expect.reduced):
        assert figures is None or (figures.states is None) == (figures.depth is None)


def test_every_count_has_a_model() -> None:
    expected, found = {}, {}
    for sizes, pair in COUNTS.items():
        for network, count in zip(("at-most-once", "lossy-duplicating"), pair, strict=True):
            if count is not None:
                expected[*sizes, network] = count
    for path in FILES:
        model = loaded(path).model
        bounds = loaded(path).system.bounds
        usual = not (model.rules or model.initial or model.properties or model.quorums or bounds["clients"])
        usual = usual and model.configurations is None and model.nodes.servers is None
        usual = usual and bounds["window"] == 2 and model.network.kind != "fifo"
        if usual and not model.large and model.expect.states is not None:
            keys = ("acceptors", "leaders", "replicas", "slots", "rounds", "commands")
            sizes = tuple(bounds[key] for key in keys)
            found[*sizes, model.network.kind] = (model.expect.states, model.expect.depth)
    assert found == expected


def test_template_verifies() -> None:
    model = load_text(PMMC.template, "template.yaml", protocols={"pmmc": PMMC})
    found = reference.explore(model.system)
    assert (found.states, found.depth) == (model.model.expect.states, model.model.expect.depth)
    assert found.complete
    assert all(found.fired.values())
    assert len(found.witnesses) == 3
