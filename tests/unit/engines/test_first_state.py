"""A violation that the initial state shows: nothing is explored, and both engines count the same."""

from dataclasses import replace

import pytest

from checker.engines import reference
from checker.engines.native import engine as native
from checker.model.properties import Kind, Property
from checker.model.vocabulary import View
from checker.modelfiles.loading import load
from spec.protocol import PMMC


@pytest.mark.parametrize("engine", [reference, native], ids=["reference", "native"])
def test_nothing_is_explored_where_the_initial_state_is_a_violation(engine) -> None:
    system = load(PMMC.models / "duel.yaml", protocols={"pmmc": PMMC}).system
    view = View("ballot", "leader", lambda leader: leader.ballot)
    bad = Property("none", Kind.NODE, "No leader has a ballot.", "ours", (view,), lambda *_: "it has one")
    found = engine.explore(replace(system, properties=(bad,)))
    assert [d.path for d in found.violations] == [()]
    assert (found.states, found.depth, found.generated, found.frontier) == (1, 0, 0, 1)
    assert found.levels == [1]
