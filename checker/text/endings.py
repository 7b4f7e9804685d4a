"""How a behaviour goes on after its last step, in words: which steps repeat for ever, and what makes that
fair; or why it may stay where it is.

Said once, for all texts, drawings and graphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checker.model.behaviour import Trace
from checker.model.fairness import FINITELY, STRONGLY, Assumption
from checker.model.properties import Asks, On
from checker.model.runs import (
    Met,
    assumptions_met,
    begins_to_ask,
    may_end,
    repeating,
    same_up_to_shift,
    taken_in_cycle,
)
from checker.model.semantics import successors
from checker.model.values import show
from checker.model.wording import action_of
from checker.text.style import lengths


def length_of(trace: Trace) -> str:
    """How long a trace is, as `lengths` says it."""
    return lengths(len(trace.steps) - len(trace.cycle), len(trace.cycle) or None)


def after(number: int) -> str:
    """The state after so many steps."""
    return f"the state after step {number}" if number else "the initial state"


def goes_on(trace: Trace) -> list[tuple[str, str]]:
    """How a behaviour goes on, by label; nothing of one that ends and claims nothing of runs."""
    told = (("waits", waits(trace)), ("loop", repeats(trace)), ("ends", rests(trace)))
    return [(label, text) for label, text in told if text]


def repeats(trace: Trace) -> str:
    """Which steps repeat for ever; empty if the behaviour ends."""
    if trace.loop is None:
        return ""
    larger = _larger(trace)
    return f"{repeating(trace.run.cycle)} for ever" + (f", {larger} each time" if larger else "")


def back(trace: Trace) -> str:
    """Where the last step leads back to; empty if the behaviour ends."""
    if trace.loop is None:
        return ""
    larger = _larger(trace)
    return f"back to {after(trace.loop)}" + (f", {larger}" if larger else "")


def _larger(trace: Trace) -> str:
    """What a turn of the cycle adds to numbers of which only the differences matter."""
    shift, more = trace.system.shift, trace.levels_more
    return f"all {shift.name} larger by {more}" if shift is not None and more else ""


class Meeting(NamedTuple):
    """An assumption of fairness and how a behaviour meets it.

    `kind` is weakly fair, strongly fair or finitely often. `met` says it of each class of steps that is to
    be fair and can be taken in the cycle; `taken` are the steps of the cycle, from 1, that are to end.
    """

    kind: str
    assumption: Assumption
    met: tuple[Met, ...] = ()
    taken: tuple[int, ...] = ()

    def words(self) -> tuple[str, ...]:
        """How it is met, in a text or several."""
        if self.kind == FINITELY:
            again = ", ".join(map(str, self.taken))
            return (f"not met: taken again and again, in step {again}" if again else "not in the cycle",)
        if not self.met:
            return ("cannot be taken in the cycle",)
        return tuple(f"{met.of} {met.how or 'not met: it can be taken, and never is'}" for met in self.met)


def meetings(trace: Trace) -> Sequence[Meeting]:
    """All that is assumed of runs, and how a behaviour that repeats meets it; none if it ends."""
    if trace.loop is None:
        return ()
    known, taken = assumptions_met(trace.run), taken_in_cycle(trace.run)
    found = []
    for kind, assumption in trace.system.fairness.assumptions():
        if kind == FINITELY:
            steps = tuple(step for those, step in taken.items() if assumption.covers(those))
            found.append(Meeting(kind, assumption, taken=steps))
        else:
            met = (m for m in known if m.strong is (kind == STRONGLY) and assumption.covers(m.of))
            found.append(Meeting(kind, assumption, tuple(met)))
    return found


def rests(trace: Trace) -> str:
    """Why a behaviour that violates a temporal property may stay in its last state; empty of any other."""
    if (
        trace.loop is not None
        or trace.claim is None
        or trace.claim.kind.on is not On.RUN
        or not trace.reason
    ):
        return ""
    may = tuple(dict.fromkeys(may_follow(trace)))
    if not may_end(trace.system, trace.final):
        return ""
    if not may:
        return "nothing more can happen"
    return f"nothing that must happen can happen, and what can happen need not: {', '.join(may)}"


def following_at(trace: Trace, number: int) -> int | None:
    """The index of the step that a trace takes after so many, None if it ends there.

    From the end of a cycle that is its first step; up to a shift it may have another index there.
    """
    if number < len(trace.steps):
        return trace.steps[number].index
    if trace.loop is None:
        return None
    first = trace.cycle[0]
    return next(
        index
        for index, step in enumerate(successors(trace.system, trace.final))
        if (step.node, step.action) == (first.transition.node, first.transition.action)
        and same_up_to_shift(trace.system, step.state, first.after)
    )


def waits(trace: Trace) -> str:
    """From where on what one thing leads to is waited for in vain; empty of any other claim."""
    if trace.claim is None or trace.claim.kind.asks is not Asks.WHEN or not trace.reason:
        return ""
    begins = begins_to_ask(trace.run, trace.claim)
    return "" if begins is None else f"from {after(begins)} on"


def may_follow(trace: Trace) -> Iterator[str]:
    """What changes something and can be done in the last state: who does what."""
    for step in successors(trace.system, trace.final):
        if step.state != trace.final:
            yield f"{show(trace.system.members[step.node].name)} {action_of(step)}"
