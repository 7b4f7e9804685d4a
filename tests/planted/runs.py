"""Faults in how fair runs are looked for: where a property waits, classes of steps, components, ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from checker.engines.fairruns import FairRuns
from checker.engines.lassos import Component
from checker.engines.native.paths.unfold import Walk
from checker.engines.native.runs import components
from checker.engines.native.runs.classes import Classes
from checker.engines.native.runs.waiting import CUT, MAY_END, SHOWS, Waiting
from checker.engines.native.runs.ways import Ways
from checker.engines.native.search.marks import Marks, Shown
from checker.engines.native.steps import Steps

from .planting import instead

WRONG_PASS = "a property is verified that some fair run violates"
WRONG_RUN = "a run is made up that is none of the protocol, or is not fair"


@instead(Shown, "cut", WRONG_RUN)
def stopped_by_a_bound_and_waiting(right: Any, shown: Shown) -> Any:
    """a state in which a bound stops a node is taken for one in which a property waits"""
    return np.zeros_like(right(shown))


@instead(Waiting, "any_end", WRONG_PASS)
def no_run_ends(right: Any, waiting: Waiting) -> bool:
    """that a run may end where no fair class can be taken is forgotten"""
    for marks in waiting.marks.of:
        marks[:] &= np.uint8(0xFF ^ MAY_END)
    return False


@instead(Waiting, "_trimming", WRONG_PASS)
def trimmed_too_far(right: Any, waiting: Waiting, *expansion: Any, first: bool) -> Any:
    """a state stays only if the first of its steps leads to one that does"""
    gather = waiting.marks.gather

    def of_the_first(after: Any, places: Any, gathered: Any) -> None:
        _, chosen = np.unique(places, return_index=True)
        gather(after.of(chosen), places[chosen], gathered)

    waiting.marks.gather = of_the_first  # type: ignore[method-assign]
    return right(waiting, *expansion, first=first)


@instead(Classes, "bits", WRONG_RUN)
def strong_taken_for_weak(right: Any, classes: Classes, those: Any) -> Any:
    """a class that is strongly fair counts as weakly fair"""
    return right(classes, frozenset() if those is classes.strong else those)


@instead(Steps, "senders", WRONG_RUN)
def sender_not_told(right: Any, steps: Steps, *situation: Any) -> Iterator[Any]:
    """steps that take what different nodes sent are of one class"""
    return (None for _ in right(steps, *situation))


@instead(components, "_summed", WRONG_RUN)
def always_can_be_left(right: Any, *arguments: Any) -> Any:
    """what can be taken all the time in a component need not be taken in it"""
    taken, could, always = right(*arguments)
    return taken, could, np.zeros_like(always)


@instead(components, "_components", WRONG_PASS)
def only_large_components(right: Any, *graph: Any) -> Any:
    """a component of one state is none, whatever step leads from it to itself"""
    labels, stays = right(*graph)
    return labels, stays & (np.bincount(labels, minlength=1)[labels] > 1)


@instead(Ways, "_new", WRONG_RUN)
def through_what_is_asked_for(right: Any, ways: Ways, words: Any, mark: int) -> Any:
    """a way goes on through states that show what is asked for"""
    for marks in ways._marks._by_slot:
        marks[:] &= np.uint8(0xFF ^ SHOWS)
    return right(ways, words, mark)


@instead(Waiting, "count", "a pass says nothing of runs that a bound has cut")
def nothing_is_cut(right: Any, waiting: Waiting, mark: int) -> int:
    """whether some run is answered before a bound stops a node is not looked at"""
    return 0 if mark == CUT else right(waiting, mark)


@instead(Marks, "put_by_slot", WRONG_PASS)
def fair_components_not_marked(right: Any, marks: Marks, words: Any, bits: Any) -> None:
    """that a fair run can stay in a state is forgotten on the way there"""
    right(marks, words, bits & np.uint8(0x7F))


@instead(Walk, "follow", WRONG_RUN)
def steps_of_any_class(right: Any, walk: Walk, target: Any, those: Any = None) -> None:
    """a step leads to the right state, whatever class it is of"""
    right(walk, target)


@instead(Component, "cycle", WRONG_RUN)
def cycle_without_witnesses(right: Any, component: Component, start: int) -> Any:
    """a cycle goes back by the fewest steps, whatever it does not take"""
    return right(
        Component(component.edges, dict.fromkeys(component.edges, frozenset()), frozenset()), start
    )


@instead(FairRuns, "_lasting", WRONG_RUN)
def ending_steps_for_ever(right: Any, runs: FairRuns, state: int) -> Any:
    """in the reference engine steps that are taken finitely often are on cycles"""
    return runs._steps[state]
