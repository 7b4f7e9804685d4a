"""From which states can what violates a claim still be reached: asked of some states, answered on all.

A claim is *shown* by a state that violates it; by one that a violating step leads out of; by one in which
nothing can happen any more and that violates it, unless a bound stops a node there; or by one of no return,
by what the claim is judged on. Of a goal it is shown by a state that reaches it.

The plain form is here: the graph of all states (`checker.engines.graph`), and from the states that show
something back along its edges. The native engine has one for large models (`checker.engines.native.reach`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import cast

from checker.engines.choose import STATES_BEFORE_NATIVE, Means, Reporter, native_reaching
from checker.engines.contract import Applied, Limits
from checker.engines.graph import MOST_STATES, StateGraph, TooManyStates
from checker.engines.graph import explore as graph_of
from checker.engines.kept import Kept
from checker.model.judging import Locals, judge_state, judge_step, locals_of, whether_inboxes_are_read
from checker.model.modelcode import CodeError
from checker.model.played import tested
from checker.model.properties import On, Property
from checker.model.semantics import State, moved, successors
from checker.model.system import System


@dataclass(frozen=True, slots=True)
class Reaching:
    """What is known of a claim, by the states that were asked about, in their order.

    `known` says whether what violates the claim is shown in a state or can still be reached from it; None
    if that is not known, since the search was `stopped` (why; else None) before it had seen all states. Of
    those it kept, `states`, so many are `showing` it, and from so many it can be reached (`leading`, those
    that show it included); all three as `engine` counts them, under `reductions`. Of a search that was
    stopped they are what was found till then.
    """

    known: tuple[bool | None, ...]
    states: int
    showing: int
    leading: int
    stopped: str | None = None
    seconds: float = 0.0
    engine: str = "reference"
    reductions: Applied = field(default_factory=Applied)
    interrupted: bool = False


def reaching(
    system: System,
    claim: Property,
    asked: Sequence[State],
    means: Means = Means(),
    limits: Limits = Limits(),
    report: Reporter | None = None,
) -> Reaching:
    """Whether what violates a claim can still be reached, for states that can be reached in a system.

    The claim need not be one of the system's. Raises ValueError for a claim about runs, and for a state
    that cannot be reached; UnsoundClaim where what a reduction or shift rests on is not so.
    """
    _require_states(claim)
    begun = time.monotonic()
    most = STATES_BEFORE_NATIVE if means.engine == "auto" else MOST_STATES
    try:
        if means.engine != "native":
            return reaching_plainly(system, claim, asked, min(most, limits.max_states or most))
    except TooManyStates as error:
        if means.engine == "reference":
            return _stopped(asked, error.limit, f"the limit of {error.limit:,} states was reached", begun)
    except CodeError as error:
        return _stopped(asked, 0, f"the model raised: {error}", begun)
    natively = native_reaching()
    workers = means.workers or os.cpu_count() or 1
    found = natively(system, claim, asked, limits, report, reductions=means.reductions, workers=workers)
    try:
        tested(system)
    except CodeError as error:
        return _stopped(asked, found.states, f"the model raised: {error}", begun)
    return cast("Reaching", found)


def _stopped(asked: Sequence[State], states: int, why: str, begun: float) -> Reaching:
    unknown = tuple(None for _ in asked)
    return Reaching(unknown, states, 0, 0, why, time.monotonic() - begun)


def reaching_plainly(
    system: System, claim: Property, asked: Sequence[State], most: int = MOST_STATES
) -> Reaching:
    """The same by plain search. Raises as `reaching`, CodeError where the model does, and TooManyStates."""
    _require_states(claim)
    begun = time.monotonic()
    plain = _Plain(replace(system, properties=(claim,)), claim, graph_of(system, most))
    showing = set(plain.showing())
    leading = plain.leading(showing)
    known = tuple(plain.number(state) in leading for state in asked)
    return Reaching(
        known,
        len(plain.states),
        len(showing),
        len(leading),
        seconds=time.monotonic() - begun,
        reductions=plain.kept.applied(),
    )


def _require_states(claim: Property) -> None:
    """Raise ValueError for a claim that no state can show."""
    if claim.kind.on is On.RUN:
        raise ValueError(f"property {claim.id}: a claim about runs is violated by a run, and by no state")


class _Plain:
    """The graph of a system, and what its states show of a claim. States are told by their numbers."""

    def __init__(self, system: System, claim: Property, graph: StateGraph) -> None:
        self._system = system
        self._claim = claim
        nodes = range(len(system.members))
        self.kept = Kept(system)
        self.states: list[State] = [
            tuple(graph.cell(number, node) for node in nodes) for number in range(len(graph.states))
        ]
        self._number = {state: number for number, state in enumerate(self.states)}
        self._before: list[list[int]] = [[] for _ in self.states]
        self._ends = [True for _ in self.states]
        for source, target in zip(graph.source, graph.target, strict=True):
            self._before[target].append(source)
            self._ends[source] = False

    def number(self, state: State) -> int:
        """The number of what is kept of a state. Raises ValueError if it cannot be reached."""
        number = self._number.get(self.kept.normal(state))
        if number is None:
            raise ValueError("a state was asked about that cannot be reached within the bounds")
        return number

    def showing(self) -> Iterable[int]:
        """The states that show the claim."""
        on = self._claim.kind.on
        if on is On.STEP:
            return self._where(self._leads_out_of)
        judged = list(self._where(self._judged()))
        if on is On.END:
            return (n for n in judged if self._ends[n] and self.kept.cut_by(self.states[n]) is None)
        if on is On.FUTURE:
            cut = self._where(lambda state: self.kept.cut_by(state) is not None)
            well = self.leading({*judged, *cut})
            return (n for n in range(len(self.states)) if n not in well)
        return judged

    def leading(self, to: set[int]) -> set[int]:
        """The states from which one of some states can be reached, these included."""
        known, todo = set(to), list(to)
        while todo:
            more = [before for before in self._before[todo.pop()] if before not in known]
            known.update(more)
            todo += more
        return known

    def _where(self, shows: Callable[[State], bool]) -> Iterator[int]:
        return compress(range(len(self.states)), map(shows, self.states))

    def _judged(self) -> Callable[[State], bool]:
        """Whether the claim says something of a state, found out once for what it reads."""
        all_read = whether_inboxes_are_read((self._claim,))
        known: dict[Locals | State, bool] = {}

        def says(state: State) -> bool:
            what = state if all_read else locals_of(state)
            if what not in known:
                known[what] = bool(judge_state(self._system, self._claim, state))
            return known[what]

        return says

    def _leads_out_of(self, state: State) -> bool:
        """Whether a step that violates the claim leads out of a state."""
        if self.kept.is_left(state):
            return False
        return any(
            judge_step(self._system, self._claim, node, old, new) is not None
            for after in successors(self._system, state)
            for node, old, new in moved(state, after.state)
        )
