"""What can still be reached from a state: the meaning of `can-still`, by plain search.

A state is *of no return* for such a property if none of the states that can be reached from it, itself
included, shows what the property asks for, and in none of them a bound stops a node: behind a bound the
protocol goes on, and the model does not say how. Where the system has a shift, states are told up to it.
"""

from __future__ import annotations

from checker.model.judging import Locals, cut_by, judge_state, locals_of, whether_inboxes_are_read
from checker.model.properties import Property
from checker.model.semantics import State, successors
from checker.model.shift import Shifting
from checker.model.system import System

#: States that are looked at to confirm that one is of no return: a second or so.
MOST_AHEAD = 10_000


class TooFarAhead(Exception):  # noqa: N818 - what is too much is the model
    """More states can be reached than are looked at: what was to be found out is not known."""

    def __init__(self, seen: int) -> None:
        super().__init__(f"more than {seen:,} states can be reached")
        self.seen = seen


def no_return(system: System, claim: Property, state: State, most: int = MOST_AHEAD) -> str | None:
    """Why a state is of no return for a property, in a sentence; None if it is not.

    Raises TooFarAhead after so many states without an answer, ModelError, and CodeError.
    """
    shifting = None if system.shift is None else Shifting(system.shift)
    normal = shifting.normal if shifting is not None else lambda state: state
    state = normal(state)
    seen = {state}
    all_read = whether_inboxes_are_read((claim,))
    judged: set[Locals | State] = set()
    todo = [state]
    while todo:
        here = todo.pop()
        if shifting is not None and shifting.is_cut(here):
            return None
        locals_ = locals_of(here)
        if (what := here if all_read else locals_) not in judged:
            judged.add(what)
            if cut_by(system, locals_) is not None or judge_state(system, claim, here):
                return None
        for step in successors(system, here):
            after = normal(step.state)
            if after not in seen:
                if len(seen) == most:
                    raise TooFarAhead(most)
                seen.add(after)
                todo.append(after)
    if len(seen) == 1:
        return "out of reach for good: nothing more can happen, and this state does not show it"
    return f"out of reach for good: none of the {len(seen):,} states that can be reached from here shows it"
