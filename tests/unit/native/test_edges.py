"""All steps out of all states, with the node and the action of each: what the reference semantics says."""

import pytest

from checker.engines.contract import UNREDUCED, Exploration, Limits, Watch
from checker.engines.native.paths.unfold import Walk
from checker.engines.native.search.search import Search
from checker.engines.native.states.packing import joined
from checker.engines.native.tables import Tables
from checker.engines.native.tuning import Tuning
from checker.engines.walk import Reached
from checker.model.semantics import initial_state, successors
from checker.model.system import System
from checker.modelfiles.loading import load
from spec.protocol import PMMC


def native_edges(system: System) -> tuple[Tables, set[tuple[object, ...]]]:
    found = Exploration(engine="native")
    tables = Tables(system, UNREDUCED)
    search = Search(tables, Watch(Limits()), found, 1, Tuning())
    while search.expand_level(found.depth) is not None and search.close_level():
        found.depth += 1
    levels = [piece.words() for depth in range(found.depth + 1) for piece in search.level(depth)]
    edges = search.expansion().all_steps(joined(levels))
    search.close()
    before, after = (map(tuple, words.cells().tolist()) for words in (edges.before, edges.after))
    taken = [(move, *tables.rows.moved(move)) for move in edges.moves.tolist()]
    return tables, {
        (source, node, action, target)
        for source, (_, node, actions), target in zip(before, taken, after, strict=True)
        for action in actions
    }


def reference_edges(system: System, tables: Tables) -> set[tuple[object, ...]]:
    number = Walk(tables).stands_for
    walk = Reached(initial_state(system))
    return {
        (number(state), t.node, f"{system.members[t.node].role.name}.{t.action}", number(t.state))
        for level in walk.levels()
        for here in level
        for state in [walk.states[here]]
        for index, t in enumerate(successors(system, state))
        if walk.reach(t.state, here, index) and t.state != state and not t.lost
    }


@pytest.mark.parametrize("name", ["duel", "two-replicas", "fifo", "one-client", "commander-as-printed"])
def test_edges_are_those_of_the_reference_semantics(name: str) -> None:
    system = load(PMMC.models / f"{name}.yaml", protocols={"pmmc": PMMC}).system
    tables, edges = native_edges(system)
    assert edges == reference_edges(system, tables)
    assert len({action for _, _, action, _ in edges}) > 3
