"""Faults in how time goes on, and watches that show them, whatever engine looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from checker import AtMostOnce, Clocks, Crashes, Machine, Machines, System
from checker.model.environment import clocks
from checker.model.environment.crashes import Stable
from checker.model.vocabulary import Down
from tests.unit.model.test_clocks import NAMES, Tick, members, shown_by, states_of, watches, within

from .planting import instead


@instead(clocks, "_some", "a lease that is served too long passes, if clocks drift")
def clocks_never_drift(right: Any, timed: Any, drift: int) -> Any:
    """all clocks go on together, whatever the drift is"""
    return right(timed, 0)


@instead(clocks, "_some", "what only happens when one clock is left behind is not seen")
def one_clock_at_a_time(right: Any, timed: Any, drift: int) -> Any:
    """no clock goes on alone unless all of them do"""
    return (those for those in right(timed, drift) if len(those) > 1)


@instead(clocks, "_go_on", "a lease is said to outlive a crash that it does not outlive")
def clocks_stop_in_a_crash(right: Any, rule: Any, context: Any, state: Any, message: Any) -> Any:
    """the clock of a node that is down stands still"""
    return () if isinstance(state, Down) else right(rule, context, state, message)


@instead(clocks, "_tell_all", "processes of one machine see another time")
def one_process_is_told(right: Any, kind: Any, host: Any, state: Any, message: Any) -> Any:
    """of the processes of a machine one is told of its clock"""
    steps = right(kind, host, state, message)
    first = (*steps[0].state.processes[:1], *state.processes[1:])
    return (steps[0]._replace(state=type(state)(first)),)


def detectors(demand: Callable[[str, Any, Any], None]) -> Iterator[tuple[str, Callable[[], None]]]:
    """What watches show together."""
    for drift in (0, 1):
        yield f"clocks, drift {drift}", partial(_within, demand, drift)
    yield "clocks, one down", partial(_together, demand)
    yield "clocks, a machine", partial(_on_a_machine, demand)


def _within(demand: Callable[[str, Any, Any], None], drift: int) -> None:
    demand("comparison", shown_by(_system(members(drift, *NAMES, most=2))), within(drift, 2))


def _together(demand: Callable[[str, Any, Any], None]) -> None:
    """A crash costs a node no time."""
    mortal = Crashes(1, ("a",), {"watch": Stable(("shows",))}).join(watches("ab", 2))
    known = {
        tuple((part.saved if isinstance(part, Down) else part).shows for part in locals_)
        for locals_ in _locals(_system(Clocks(0, Tick()).join(mortal)), 2)
    }
    demand("comparison", known, {(at, at) for at in range(3)})


def _on_a_machine(demand: Callable[[str, Any, Any], None]) -> None:
    hosted = Machines((Machine("m", ("a", "b")),)).join(watches("ab", 2))
    known = {
        tuple(local.shows for _, local in machine.processes)
        for (machine,) in _locals(_system(Clocks(1, Tick()).join(hosted)), 1)
    }
    demand("comparison", known, {(at, at) for at in range(3)})


def _system(joined: Any) -> System:
    return System("watches", joined, AtMostOnce(), ())


def _locals(system: System, count: int) -> set[tuple[Any, ...]]:
    return {tuple(cell.local for cell in state[:count]) for state in states_of(system)}
