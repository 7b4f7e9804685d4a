"""Our pure functions under `minicheck` (PyPI), to be run as a process of its own.

The transition relation is the reference semantics, the invariants are those of our state properties; so
what differs from our reference engine is the search alone.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

from checker.model.judging import judge_state
from checker.model.properties import Kind
from checker.model.semantics import Cell, State, initial_state, successors
from checker.modelfiles.loading import load
from checker.modelfiles.protocol import protocols


def main() -> int:
    """Explore the model named on the command line; its account as JSON."""
    minicheck: Any = importlib.import_module("minicheck")
    system = load(sys.argv[1], protocols=protocols()).system
    names = [str(member.name) for member in system.members]
    asked: set[tuple[int, Cell]] = set()  # as our reference engine has it

    def steps(state: State) -> list[tuple[str, State]]:
        return [(str(step.action), step.state) for step in successors(system, state, asked)]

    def holds(claim: Any) -> Any:
        return lambda fields: not judge_state(system, claim, tuple(fields[name] for name in names))

    claims = {p.id: holds(p) for p in system.properties if p.kind is Kind.STATE}
    model = minicheck.Protocol("pmmc", False, tuple(names), initial_state(system), steps, claims)
    begun = time.perf_counter()
    found = minicheck.check_safety(model, max_states=10_000_000)
    seconds = time.perf_counter() - begun
    if not all(answer["holds"] for answer in found["properties"].values()):
        print(f"minicheck does not find that all properties hold: {found['properties']}", file=sys.stderr)
        return 1
    states = found["reachable_states"]
    print(json.dumps({"seconds": seconds, "states": states, "properties": len(claims)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
