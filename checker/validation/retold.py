"""A run that was validated as a trace of a system: the same steps, by their indices."""

from __future__ import annotations

import time
from collections.abc import Iterable

from checker.model.behaviour import Trace, TraceStep
from checker.model.environment.crashes import RESTART
from checker.model.logs import Taken
from checker.model.semantics import Cell, State, Transition, initial_state, successors
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import Addressed, Down, Envelope, Local, Message

#: Seconds that the search for the steps of a trace may take.
LONGEST = 20.0


class NoTrace(Exception):  # noqa: N818 - an answer
    """The run is none of the system, or too long; the message says why."""


def retold(system: System, steps: Iterable[Taken]) -> Trace:
    """The trace of a system that takes these steps. Raises NoTrace, ModelError."""
    began = time.monotonic()
    state = initial_state(system)
    asked: set[tuple[int, Cell]] = set()
    told: list[TraceStep] = []
    first = state
    for number, taken in enumerate(steps, start=1):
        if taken.action == "start" or _is_nothing(taken):
            continue
        position = system.positions.get(taken.node)
        if position is None:
            raise NoTrace(f"the model has no node {show(taken.node)}")
        if taken.action == "recover":
            state = _crashed(system, state, position, told, asked)
        found = _found(system, state, position, taken, asked)
        if found is None:
            raise NoTrace(
                f"step {number}, {taken.action} of {show(taken.node)}, is none of the model there"
            )
        told.append(found)
        state = found.after
        if time.monotonic() - began > LONGEST:
            raise NoTrace(f"after {len(told):,} steps the time for it was over")
    return Trace(system, first, tuple(told))


def _is_nothing(taken: Taken) -> bool:
    return taken.message is not None and not taken.sends and taken.before == taken.after


def _found(
    system: System, state: State, position: int, taken: Taken, asked: set[tuple[int, Cell]]
) -> TraceStep | None:
    name = RESTART if taken.action == "recover" else taken.action
    for index, transition in enumerate(successors(system, state, asked)):
        if (
            transition.node != position
            or transition.lost
            or transition.state[position].local != taken.after
        ):
            continue
        if _plain(transition.message) == taken.message and (
            taken.message is not None or transition.action == name
        ):
            return TraceStep(index, transition, state)
    return None


def _crashed(
    system: System, state: State, position: int, told: list[TraceStep], asked: set[tuple[int, Cell]]
) -> State:
    """The state after the node has gone down."""
    if isinstance(state[position].local, Down):
        return state
    for index, transition in enumerate(successors(system, state, asked)):
        if transition.node != position and isinstance(_local(transition, position), Down):
            told.append(TraceStep(index, transition, state))
            return transition.state
    raise NoTrace(
        f"{show(system.members[position].name)} crashes, and in the model it cannot, or not again"
    )


def _local(transition: Transition, position: int) -> Local:
    return transition.state[position].local


def _plain(message: Message | None) -> Message | None:
    while isinstance(message, Envelope | Addressed):
        message = message.message
    return message
