"""Numbers and local steps: they know no reduction, can be written down, and everybody is told once."""

import ast
import pickle
from pathlib import Path

import pytest

from checker.engines.contract import UNREDUCED, Limits, Reductions, Watch
from checker.engines.native import numbering, steps
from checker.engines.native.counts import Counts
from checker.engines.native.engine import Run
from checker.engines.native.numbering import Numbering
from checker.engines.native.reductions.claims import Refused
from checker.engines.native.steps import Steps
from checker.model.system import System
from checker.modelfiles.loading import load
from spec.protocol import PMMC


def shipped(name: str) -> System:
    return load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system


def numbered(system: System) -> Numbering:
    """The numbers after a search of some levels."""
    run = Run(system, Watch(Limits(max_depth=6)), UNREDUCED, Refused(), 1)
    run.run()
    return run.tables.numbering


@pytest.mark.parametrize("module", [numbering, steps])
def test_numbering_and_steps_know_nothing_of_reductions(module: object) -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in names if "reductions" in name or "tables" in name]


@pytest.mark.parametrize("name", ["majorities", "fifo"])
def test_values_that_are_put_in_again_in_their_order_get_the_numbers_they_had(name: str) -> None:
    system = shipped(name)
    known = numbered(system)
    lists = (known.locals, known.messages, known.cells, known.bundles)
    locals_, messages, cells, bundles = pickle.loads(pickle.dumps(lists))
    assert sum(map(len, cells)) > 20
    again = Numbering(system)
    for node in range(again.nodes):
        assert [again.local(node, value) for value in locals_[node]] == list(range(len(locals_[node])))
        assert [again.cell(node, *cell) for cell in cells[node]] == list(range(len(cells[node])))
    assert [again.message(message) for message in messages] == list(range(len(messages)))
    sender = {member.name: node for node, member in enumerate(system.members)}
    told = [again.bundle(to, sender.get(name, 0), numbers) for to, name, numbers in bundles]
    assert told == list(range(len(bundles)))
    assert (again.locals, again.messages, again.cells, again.bundles) == lists


def test_whoever_watches_is_told_of_each_number_and_of_each_step_once() -> None:
    system = shipped("majorities")
    known = Numbering(system)
    told: list[tuple[str, int, int]] = []
    known.of_locals.append(lambda node, number: told.append(("local", node, number)))
    known.of_cells.append(lambda node, number: told.append(("cell", node, number)))
    member = system.members[0]
    first = known.local(0, member.local)
    assert known.cell(0, first, system.network.empty) == known.cell(0, first, system.network.empty) == 0
    assert known.local(0, member.local) == first
    assert told == [("local", 0, 0), ("cell", 0, 0)]
    counts = Counts()
    local_steps = Steps(known, counts)
    computed: list[tuple[int, int, int | None]] = []
    local_steps.watchers.append(lambda node, local, taken, _: computed.append((node, local, taken)))
    asked = [
        (node, known.local(node, member.local), known.message(message))
        for node, member in enumerate(system.members)
        for _, message in member.inbox
    ]
    for _ in range(2):
        found = [local_steps.of[node, local][message] for node, local, message in asked]
    assert computed == asked
    assert sum(map(len, found)) == counts.local_steps > 0


def test_a_search_with_a_reduction_that_does_not_apply_is_the_one_without() -> None:
    system = shipped("fifo")  # where messages are queued nothing is settled
    only = Reductions(fusion=False, settling=True, symmetry=False)
    assert numbered(system).cells == _cells(system, only)


def _cells(system: System, reductions: Reductions) -> object:
    run = Run(system, Watch(Limits(max_depth=6)), reductions, Refused(), 1)
    assert run.run().reductions.none
    return run.tables.numbering.cells
