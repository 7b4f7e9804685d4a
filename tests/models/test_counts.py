"""Every shipped model, and those beside this file, finds exactly what it says it finds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checker.modelfile import LoadedModel, load, load_text
from checker.properties import Kind
from checker.reference import explore
from spec.protocol import PMMC

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


def loaded(path: Path) -> LoadedModel:
    return load(path, protocols={"pmmc": PMMC})


def cases() -> Iterator[Any]:
    for path in FILES:
        marks = [pytest.mark.slow] if "\nslow: true" in path.read_text(encoding="utf-8") else []
        yield pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", list(cases()))
def test_finds_what_it_expects(path: Path) -> None:
    model = loaded(path)
    expect = model.model.expect
    assert expect is not None
    found = explore(model.system)

    assert found.raised is None
    assert found.stopped is None
    assert (found.states, found.depth) == (expect.states, expect.depth)
    assert tuple(action for action, times in found.fired.items() if not times) == expect.unfired
    violated = [(d.property, len(d.path)) for d in found.violations]
    goals = {p.id for p in model.system.properties if p.kind is Kind.SOMETIMES}
    if expect.verdict == "verified":
        assert violated == []
        assert {d.property for d in found.witnesses} == goals
    else:
        assert violated == [(expect.property, expect.length)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_complete(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    model = loaded(path).model
    assert text.startswith("# "), "the first line says what the model shows"
    assert model.name == path.stem
    assert model.about
    assert model.expect is not None
    assert model.expect.states is not None
    assert model.expect.depth is not None
    assert model.slow == (model.expect.states > 40_000)


def test_every_count_has_a_model() -> None:
    expected, found = {}, {}
    for sizes, pair in COUNTS.items():
        for network, count in zip(("at-most-once", "lossy-duplicating"), pair, strict=True):
            if count is not None:
                expected[*sizes, network] = count
    for path in FILES:
        model = loaded(path).model
        bounds = loaded(path).system.bounds
        usual = not (model.rules or model.initial or model.properties or bounds["clients"])
        if usual and bounds["window"] == 2 and model.network.kind != "fifo":
            keys = ("acceptors", "leaders", "replicas", "slots", "rounds", "commands")
            sizes = tuple(bounds[key] for key in keys)
            found[*sizes, model.network.kind] = (model.expect.states, model.expect.depth)
    assert found == expected


def test_template_verifies() -> None:
    model = load_text(PMMC.template, "template.yaml", protocols={"pmmc": PMMC})
    found = explore(model.system)
    assert (found.states, found.depth) == (model.model.expect.states, model.model.expect.depth)
    assert found.complete
    assert all(found.fired.values())
    assert len(found.witnesses) == 3
