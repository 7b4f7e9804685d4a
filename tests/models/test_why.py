"""What would have excluded each shipped violation, held against a plain search of the explicit graph.

The oracle here shares nothing with what answers but the graph of all states: it judges every state, and
goes from those that violate back along all steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checker.checking.check import check
from checker.engines.choose import Means
from checker.engines.contract import UNREDUCED
from checker.engines.graph import explore
from checker.explanation.fates import Fates, fates
from checker.model.behaviour import Trace, judged
from checker.model.future import no_return
from checker.model.judging import judge_state
from checker.model.properties import On
from checker.model.semantics import State
from checker.model.verdict import Verdict
from checker.modelfiles.loading import load
from checker.traces.retrace import readable
from spec.protocol import PMMC

MODELS = Path(__file__).parents[2] / "spec" / "models"
#: Shipped models of which something is violated that states show, of up to 20,000 states and of more.
FEW = (
    *("accept-any-ballot", "commander-as-printed", "leases-drift-more", "log-without-holes"),
    *("messages-not-stable", "one-command-one-slot", "reconfigurations-applied-again"),
    *("same-ballot-again", "session-out-of-order", "slot-in-within-window", "stable-leader-active"),
    *("stable-leader-nothing", "stable-nothing", "stable-without-accepted"),
    *("stable-without-ballot", "stale-read"),
)
MANY = (
    *("apart-by-count", "apart-by-sets", "apart-by-weight", "keep-highest-forgets"),
    *("leased-reads-as-printed", "leased-reads-slots-with-grants", "one-active-leader"),
    "reads-reconfiguration-asked-once",
)
#: Of more than the 500,000 states of which there is an explicit graph.
TOO_MANY = ("reads-collected-as-printed",)
#: Model → the last moment at which another step excludes the violation; None: none ever does.
LAST_CHANCE = {
    "accept-any-ballot": 9,
    "log-without-holes": None,
    "one-command-one-slot": 1,
    "stable-without-accepted": 5,
    "stale-read": 10,
}


def violations(name: str) -> Iterator[Trace]:
    result = check(load(MODELS / f"{name}.yaml", protocols={"pmmc": PMMC}))
    for found in result.violated():
        yield readable(result.traces[found.id])


class Plainly:
    """All states, each judged by itself, and from which of them one that violates can be reached."""

    def __init__(self, trace: Trace) -> None:
        assert trace.system.shift is None
        graph = explore(replace(trace.system, properties=()))
        nodes = range(len(trace.system.members))
        states = [tuple(graph.cell(n, node) for node in nodes) for n in range(len(graph.states))]
        self.number = {state: n for n, state in enumerate(states)}
        self.after: list[dict[int, int]] = [{} for _ in states]
        before: list[list[int]] = [[] for _ in states]
        for source, index, target in zip(graph.source, graph.index, graph.target, strict=True):
            self.after[source][index] = target
            before[target].append(source)
        self.showing = [n for n, state in enumerate(states) if self.shows(trace, state, n)]
        self.leading = {*self.showing}
        todo = [*self.showing]
        while todo:
            more = {*before[todo.pop()]} - self.leading
            self.leading |= more
            todo += more

    def shows(self, trace: Trace, state: State, number: int) -> bool:
        """Whether a state violates the claim of a trace."""
        claim, system = trace.claim, trace.system
        assert claim is not None
        assert claim.kind.on is not On.STEP, "no shipped violation is one of a step"
        if claim.kind.on is On.FUTURE:
            return no_return(system, claim, state) is not None
        if claim.kind.on is On.END:
            return not self.after[number] and judged(Trace(system, state, ()), claim) is not None
        return bool(judge_state(system, claim, state))

    def excluding(self, trace: Trace) -> list[set[int]]:
        """At each moment but the last the steps after which nothing violates the claim."""
        found = []
        for state, step in zip(trace.states[:-1], trace.steps, strict=True):
            others = self.after[self.number[state]].items()
            found.append({i for i, there in others if i != step.index and there not in self.leading})
        return found


def agrees(name: str) -> list[Fates]:
    """What is answered of each violation of a model, natively; it is what a plain search finds."""
    answers = []
    for trace in violations(name):
        plain, found = Plainly(trace), fates(trace, Means("native"))
        assert found.known
        assert [{o.index for o in moment.excluding} for moment in found.moments] == plain.excluding(trace)
        unreduced = fates(trace, Means("native", UNREDUCED)).reaching
        counts = len(plain.number), len(plain.showing), len(plain.leading)
        assert (unreduced.states, unreduced.showing, unreduced.leading) == counts
        answers.append(found)
    return answers


@pytest.mark.parametrize("name", FEW)
def test_what_excludes_a_shipped_violation_is_what_a_plain_search_finds(name: str) -> None:
    answers = agrees(name)
    assert answers
    if name in LAST_CHANCE:
        assert [found.last_chance for found in answers] == [LAST_CHANCE[name]]


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_so_it_is_in_large_models(name: str) -> None:
    assert agrees(name)


def test_every_shipped_violation_is_held_against_it() -> None:
    violated = {
        loaded.model.name
        for loaded in (load(path, protocols={"pmmc": PMMC}) for path in MODELS.glob("*.yaml"))
        if loaded.model.expect is not None and loaded.model.expect.verdict is Verdict.VIOLATED
        for claim in loaded.system.properties
        if claim.id == loaded.model.expect.property and claim.kind.on is not On.RUN
    }
    assert violated == {*FEW, *MANY, *TOO_MANY}
