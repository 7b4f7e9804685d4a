"""Backwards over an explicit graph: from which states can be reached what a `can-still` property asks for?

The plain form of what `checker.model.future` means: all states are known, each with those that a step
leads from, and one goes back from the states that show something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checker.engines.contract import Discovery, Exploration, Future
from checker.model.judging import Locals, judge_state, locals_of, whether_inboxes_are_read
from checker.model.properties import On, Property
from checker.model.semantics import State
from checker.model.system import System

#: Bytes that a step is taken to need of memory where steps are kept.
STEP_BYTES = 40
#: States from which one goes back between two looks at the clock.
STATES_PER_LOOK = 1 << 12

#: Looks at the clock, at this number of states not known yet; why one is to stop, or None.
Look = Callable[[int], str | None]
#: From the number of a state to the steps that lead there.
PathTo = Callable[[int], tuple[int, ...]]


class Stopped(Exception):  # noqa: N818 - not a fault of anybody
    """A limit was reached on the way; the message says which."""


class Backwards:
    """The steps of a search, kept to be gone back, and the states to begin with."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.claims = [p for p in system.properties if p.kind.on is On.FUTURE]
        self._before: list[list[int]] = []
        self._showing: dict[str, list[int]] = {claim.id: [] for claim in self.claims}
        self._cut: list[int] = []
        self._all_read = whether_inboxes_are_read(self.claims)
        self._judged: dict[Locals | State, tuple[str, ...]] = {}

    def enter(self, number: int, state: State, *, cut: bool) -> None:
        """Take note of a new state. Raises CodeError."""
        if not self.claims:
            return
        self._before.append([])
        what = state if self._all_read else locals_of(state)
        shown = self._judged.get(what)
        if shown is None:
            shown = tuple(p.id for p in self.claims if judge_state(self._system, p, state))
            self._judged[what] = shown
        for claim in shown:
            self._showing[claim].append(number)
        if cut:
            self._cut.append(number)

    def step(self, before: int, after: int) -> None:
        """Take note of a step."""
        if self.claims and before != after:
            self._before[after].append(before)

    def judge(self, states: int, result: Exploration, look: Look, path_to: PathTo) -> None:
        """Judge the properties of a search that has come to its end, of so many states. Raises Stopped."""
        bounded: set[int] | None = None
        for claim in self.claims:
            good = self._leading(self._showing[claim.id], look)
            bounded = self._leading(self._cut, look) if bounded is None else bounded
            lost = [n for n in range(states) if n not in good and n not in bounded]
            result.futures[claim.id] = Future(len(lost), len(bounded - good))
            if lost:
                result.violations.append(self._first(claim, lost[0], path_to))

    @staticmethod
    def _first(claim: Property, state: int, path_to: PathTo) -> Discovery:
        """States are numbered level by level: no path to a state of no return is shorter."""
        return Discovery(claim.id, "a state of no return", path_to(state))

    def _leading(self, states: Iterable[int], look: Look) -> set[int]:
        """The states from which one of some states can be reached. Raises Stopped."""
        todo = list(states)
        known = set(todo)
        for done, here in enumerate(todo):
            if done % STATES_PER_LOOK == 0 and (stop := look(len(self._before) - len(known))) is not None:
                raise Stopped(stop)
            for before in self._before[here]:
                if before not in known:
                    known.add(before)
                    todo.append(before)
        return known

    @property
    def bytes_per_step(self) -> int:
        """What a step needs of memory."""
        return STEP_BYTES if self.claims else 0
