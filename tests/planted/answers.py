"""Faults in how what others say is held against a model: answers of implementations, and logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from checker.conformance.comparing import Comparing, WrongShape
from checker.conformance.making import make
from checker.conformance.rules import Rules
from checker.conformance.suite import Suite
from checker.implementations.answers import Reading
from checker.implementations.pool import Fault
from checker.validation import local
from tests.unit.support.walkedlogs import events_of
from tests.unit.validation.test_walks import held, loaded_model, validated

from .planting import instead
from .systems import shipped

Demand = Callable[[str, Any, Any], None]
#: The model whose answers are changed, and the one whose walk is a log.
ANSWERS, WALK = "duel", "majorities-two-commands"


def detectors(demand: Demand) -> Iterator[tuple[str, Callable[[], None]]]:
    """What is right passes; changed in one place it does not."""
    for name, change in CHANGES.items():
        yield f"an answer, {name}", partial(_answers, demand, change)
    for name, alter in ALTERED.items():
        yield f"a log, {name}", partial(_log, demand, alter)


# Answers --------------------------------------------------------------------------------------------------


@cache
def _suite() -> tuple[Rules, Suite]:
    loaded = shipped(ANSWERS)
    return Rules(loaded), make(loaded)


def _one_send_less(answer: Any) -> None:
    answer["steps"][0]["sends"].pop()


def _a_step_twice(answer: Any) -> None:
    answer["steps"].append(answer["steps"][0])


def _an_error(answer: Any) -> None:
    answer["error"] = "there is none"


#: How an answer is changed; raises LookupError if it has not what is changed.
CHANGES: dict[str, Callable[[Any], None]] = {
    "one send less": _one_send_less,
    "a step twice": _a_step_twice,
    "an error": _an_error,
}


def _answers(demand: Demand, change: Callable[[Any], None]) -> None:
    rules, suite = _suite()
    comparing, tried = Comparing(rules.wire), 0
    for vector in suite.vectors:
        changed = deepcopy(vector.answer)
        try:
            change(changed)
        except LookupError:
            continue
        tried += 1
        for came, wanted in ((vector.answer, False), (changed, True)):
            try:
                found: Any = comparing.differences(
                    vector.request["do"], vector.answer, came, rules.like(vector.node)
                )
            except WrongShape as error:
                found = error
            demand("comparison", bool(found), wanted)
    demand("comparison", tried > 0, True)


@instead(Comparing, "_of_sends", "an implementation that says too little to others passes")
def sends_not_compared(right: Any, comparing: Comparing, *steps: Any) -> Iterator[Any]:
    """what a step sends is not compared with what it is to send"""
    del right, comparing, steps
    return iter(())


@instead(Comparing, "_of_choices", "an implementation that does what no rule does passes")
def too_many_steps_let_pass(right: Any, comparing: Comparing, *steps: Any) -> Iterator[Any]:
    """of several steps only those that are missing are told, and not those that are too many"""
    return (one for one in right(comparing, *steps) if one.came is None)


@instead(Reading, "steps", "a choice that an implementation has is never explored")
def first_step_only(right: Any, reading: Reading, *answer: Any) -> Any:
    """of an answer with several steps the first one is read"""
    found = right(reading, *answer)
    return found if isinstance(found, Fault) else found[:1]


@instead(Reading, "steps", "an implementation that fails is taken for one that ignores a message")
def errors_are_no_steps(right: Any, reading: Reading, do: str, answer: Any) -> Any:
    """an answer that says what went wrong is read as one without any steps"""
    return () if "error" in answer else right(reading, do, answer)


# Logs -----------------------------------------------------------------------------------------------------


def _another_ballot(events: list[Any]) -> None:
    said = (e for e in events if e["event"] == "state" and "accepted" in e["state"])
    next(said)["state"]["ballot"] = [7, 0]


def _one_promise_less(events: list[Any]) -> None:
    events.remove(next(e for e in events if e["event"] == "send" and e["message"]["type"] == "p1b"))


#: How the log of an acceptor is changed.
ALTERED: dict[str, Callable[[list[Any]], None]] = {
    "another ballot": _another_ballot,
    "one promise less": _one_promise_less,
}


def _log(demand: Demand, alter: Callable[[list[Any]], None]) -> None:
    loaded = loaded_model(WALK)
    logged = held(loaded)
    events = events_of(loaded.system, logged.wire, logged.nodes, 30, 1)
    node = next(name for name, told in events.items() if any(_is_promise(event) for event in told))
    for wanted in (False, True):
        if wanted:
            alter(events[node])  # type: ignore[arg-type]
            for number, event in enumerate(events[node], 1):
                event["seq"] = number
        with TemporaryDirectory() as folder:
            found = validated(events, logged, Path(folder), 1)  # type: ignore[arg-type]
        demand("comparison", any(misfit.node == node for misfit in found.misfits), wanted)


def _is_promise(event: Any) -> bool:
    return bool(event["event"] == "send" and event["message"]["type"] == "p1b")


@instead(local.Node, "_agrees", "a node that has gone another way passes")
def states_not_compared(right: Any, node: local.Node, *given: Any) -> bool:
    """what a log tells of a node's state is not compared with what the rules make of it"""
    del right, node, given
    return True


@instead(local, "without", "a node that says too little to others passes")
def sends_of_rules_not_looked_for(right: Any, sends: Any, made: Any, **how: Any) -> Any:
    """what rules send and a log does not tell is taken as sent"""
    return right(sends, made, some=True)
